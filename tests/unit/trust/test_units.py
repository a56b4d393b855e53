"""Figures told in units people write: the symbol of every code the exchange takes, and per what they are."""

from __future__ import annotations

from typing import Any

import pytest

from exchange.domain.quantities import UnitCode
from exchange.trust import sign
from exchange.trust.judgement import judge_file
from exchange.trust.report import document, sentences
from exchange.trust.units import symbol, symbol_of_one
from exchange.web import formats
from tests.unit.trust.credentials import GROUPS, KEY, KID, NOW, counting_salt, credential


def judged(declared: Any) -> tuple[list[str], dict[str, Any]]:
    """What is told, in sentences and as data, of a token's figures in cubic metres and megajoules."""
    changed = credential()
    subject = changed["credentialSubject"]
    subject["identity"]["declared_unit"] = declared
    subject["indicators"] = {
        "water": {"own": {"amount": "2.5", "unit": "MTQ"}, "total": {"amount": "3", "unit": "MTQ"}},
        "energy": {"own": {"amount": "28.105074", "unit": "3B"}},
    }
    token = sign(changed, groups=GROUPS, key=KEY, kid=KID, salt=counting_salt())
    judgement = judge_file(token.serialise().encode(), trust=None, now=NOW)
    told = [line for line in sentences(judgement) if line.startswith("Figure")]
    return told, document(judgement)


def test_figures_have_symbols_and_programs_keep_the_codes() -> None:
    told, data = judged({"amount": "1", "unit": "H87"})
    assert told == [
        "Figure water per 1 piece: own 2.5 m³, total 3 m³.",
        "Figure energy per 1 piece: own 28.105074 MJ.",
    ]
    assert [figure["unit"] for figure in data["figures"]] == ["MTQ", "MTQ", "3B"]
    assert data["declared_unit"] == {"amount": "1", "unit": "H87"}


def test_more_than_one_of_a_unit_is_told_so() -> None:
    assert judged({"amount": "1000", "unit": "H87"})[0][1].startswith("Figure energy per 1000 pcs: ")


@pytest.mark.parametrize(
    "declared", ["1 H87", {"amount": 1, "unit": "H87"}, {"amount": "1"}, {"amount": "1", "unit": "K" * 65}]
)
def test_a_declared_unit_of_another_form_is_left_out(declared: Any) -> None:
    told, data = judged(declared)
    assert told[1] == "Figure energy: own 28.105074 MJ."
    assert data["declared_unit"] is None


@pytest.mark.parametrize("code", UnitCode)
def test_every_unit_is_written_as_the_pages_write_it(code: UnitCode) -> None:
    assert symbol(code) == formats.unit(code, "en") != code
    assert symbol_of_one(code) == formats.unit_of_one(code, "en")


def test_an_unknown_code_stays_a_code() -> None:
    assert (symbol("XYZ"), symbol_of_one("XYZ")) == ("XYZ", "XYZ")
