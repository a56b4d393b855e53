"""Constant prices: amount x 100 / index, by a dated deflator with a source or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from importlib import resources

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.domain.deflators import (
    BRANCHES,
    Deflator,
    DeflatorBook,
    deflator_set,
    deflators,
    own_deflator,
    to_constant,
)
from exchange.domain.errors import InvalidError
from exchange.domain.factors import FactorOrigin

DATA = resources.files("exchange.domain").joinpath("data")
METAL_2025 = Deflator(
    branch="CH",
    year=2025,
    index=Decimal("110"),
    base_year=2020,
    source="Danmarks Statistik, NABP36, read 2 October 2026",
    licence="CC BY 4.0",
    edition="2026-06",
)


def _json(name: str) -> dict[str, object]:
    document: dict[str, object] = json.loads(DATA.joinpath(name).read_text("utf-8"))
    return document


def codes(row: Deflator) -> list[str]:
    """The codes of what is wrong with a row."""
    with pytest.raises(InvalidError) as refused:
        own_deflator(row)
    assert refused.value.error_code == refused.value.problems[0].code
    return [problem.code for problem in refused.value.problems]


def test_deflator_file_satisfies_its_schema_and_holds_nothing_nobody_has_read() -> None:
    schema, document = _json("deflators.schema.json"), _json("deflators.json")
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(document)) == []
    assert deflators() == ()
    assert "No rows yet" in str(document["note"])
    assert deflator_set() == f"deflators/{document['edition']}"


def test_the_schema_takes_a_row_and_can_refuse_one() -> None:
    schema, document = _json("deflators.schema.json"), _json("deflators.json")
    validator = jsonschema.Draft202012Validator(schema)
    row = {
        "branch": "CH", "year": 2025, "index": "110.4", "base_year": 2020, "edition": "2026-06",
        "source": "Danmarks Statistik, NABP36", "licence": "CC BY 4.0",
    }  # fmt: skip
    assert list(validator.iter_errors({**document, "deflators": [row]})) == []
    for wrong in ({"index": "0"}, {"index": "0.0"}, {"index": "-1"}, {"branch": "CN"}, {"year": "2025"}):
        assert list(validator.iter_errors({**document, "deflators": [{**row, **wrong}]})), wrong
    assert list(validator.iter_errors({**document, "deflators": [{**row, "index": "0.5"}]})) == []


def test_110_000_kroner_at_index_110_are_100_000_of_the_base_year() -> None:
    assert to_constant(Decimal(110_000), METAL_2025) == 100_000
    # 1 000 000 x 100 / 108.4 = 922 509.2250..., kept as a fraction
    assert to_constant(Decimal(1_000_000), replace(METAL_2025, index=Decimal("108.4"))) == Fraction(
        1_000_000_000, 1084
    )


def test_without_a_deflator_there_is_none() -> None:
    assert DeflatorBook().find("CH", 2025, 2020) is None
    book = DeflatorBook((own_deflator(METAL_2025),))
    assert book.find("CK", 2025, 2020) is None
    assert book.find("CH", 2024, 2020) is None
    assert book.find("CH", 2025, 2015) is None


def test_the_base_year_of_a_series_is_100_without_a_row() -> None:
    mine = own_deflator(METAL_2025)
    book = DeflatorBook((mine,))
    base = book.find("CH", 2020, 2020)
    assert base is not None
    assert (base.index, base.source, to_constant(Decimal(7), base)) == (100, mine.source, 7)
    assert DeflatorBook().find("CH", 2020, 2020) is None


def test_an_own_row_is_marked_and_cited_as_such() -> None:
    mine = own_deflator(replace(METAL_2025, source=f"  {METAL_2025.source} "))
    assert (mine.origin, mine.source) == (FactorOrigin.OWN, METAL_2025.source)
    assert mine.reference == "own#CH/2025/2020/2026-06"
    assert METAL_2025.reference == f"{deflator_set()}#CH/2025/2020/2026-06"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (replace(METAL_2025, branch="CN"), "deflator.branch"),
        (replace(METAL_2025, branch="25"), "deflator.branch"),
        (replace(METAL_2025, year=25), "deflator.year"),
        (replace(METAL_2025, base_year=1900), "deflator.year"),
        (replace(METAL_2025, index=Decimal(0)), "deflator.index"),
        (replace(METAL_2025, index=Decimal(-110)), "deflator.index"),
        (replace(METAL_2025, index=Decimal("NaN")), "deflator.index"),
        (replace(METAL_2025, year=2020), "deflator.index"),  # 110 in its own base year
        (replace(METAL_2025, source="DST"), "deflator.source"),
        (replace(METAL_2025, licence=""), "deflator.licence"),
        (replace(METAL_2025, edition="June 2026"), "deflator.edition"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused(row: Deflator, code: str) -> None:
    assert codes(row) == [code]


def test_two_own_rows_of_one_year_are_refused() -> None:
    with pytest.raises(InvalidError) as refused:
        DeflatorBook((METAL_2025, replace(METAL_2025, index=Decimal(111), edition="2026-11")))
    assert refused.value.error_code == "deflator.twice"
    DeflatorBook((METAL_2025, replace(METAL_2025, base_year=2015)))


def test_branches_are_the_thirteen_of_manufacturing() -> None:
    assert (BRANCHES[0], BRANCHES[-1], len(BRANCHES)) == ("CA", "CM", 13)


@settings(max_examples=60)
@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=2),
    st.decimals(min_value=Decimal("0.1"), max_value=1000, places=1),
    st.sampled_from(BRANCHES),
)
def test_deflating_is_exact_and_proportional(amount: Decimal, index: Decimal, branch: str) -> None:
    row = replace(METAL_2025, branch=branch, index=index)
    constant = to_constant(amount, row)
    assert constant * Fraction(index) == Fraction(amount) * 100
    assert to_constant(amount * 3, row) == 3 * constant
    assert to_constant(amount, replace(row, index=Decimal(100))) == Fraction(amount)
