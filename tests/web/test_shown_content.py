"""What a stranger signed is shown as far as it has the form of a dataset, and never breaks the page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from exchange.domain.groups import DatasetKind
from exchange.services.credentials import draft_credential
from exchange.trust import Policy, VerifiedDataset, did_key, did_key_kid, resolve_did_key, sign, verify
from exchange.trust.keys import new_private_key
from exchange.trust.report import Document
from exchange.web.figures import declared_unit, figure_rows
from exchange.web.reader import reader_of
from exchange.web.shown_content import period_of, product_of, released_subject, safe_subject, visible

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def signed(subject: dict[str, Any]) -> VerifiedDataset:
    """A credential over whatever subject, by a key anybody could make."""
    key = new_private_key()
    issuer = did_key(key.public_key())
    credential_id = "00000000-0000-4000-8000-000000000001"
    named = {"identity": {"organisation": {"name": "Firm"}}}
    draft = draft_credential(
        DatasetKind.PRODUCT, named, credential_id=credential_id, issuer=issuer, valid_from=NOW
    )
    draft["credentialSubject"] = subject
    token = sign(draft, groups=(), key=key, kid=did_key_kid(key.public_key()))
    found = verify(token, resolve=resolve_did_key, now=NOW, policy=Policy(required=frozenset())).dataset
    assert found is not None
    return found


def quantity(amount: object, unit: object = "KGM") -> dict[str, object]:
    return {"amount": amount, "unit": unit}


def test_figures_units_and_shares_are_those_of_the_signed_bytes() -> None:
    shares = {"measured": "0.6", "allocated": "0.4"}
    subject = safe_subject(
        signed(
            {
                "id": "urn:uuid:1",
                "identity": {
                    "product": {"name": "Beslag"},
                    "declared_unit": quantity("1", "H87"),
                    "period": {"start": "2025-01-01", "end": "2026-01-01"},
                },
                "indicators": {"co2e": {"own": quantity("0.35")}},
                "quality": {"co2e": {**shares, "is_at_least": True}},
            }
        )
    )
    (row,) = figure_rows(reader_of("en"), subject)
    assert row.own is not None and row.own.shown.replace("\xa0", " ") == "0.35 kg CO₂e"
    assert (row.quality, row.is_at_least) == ("60% measured, 40% allocated", True)
    assert declared_unit(reader_of("en"), subject).replace("\xa0", " ") == "1 pcs"
    period = period_of(subject)
    assert product_of(subject) == "Beslag" and period is not None and period.start.year == 2025


@pytest.mark.parametrize(
    "groups",
    [
        {"indicators": {"co2e": {"own": quantity("1e999999999")}}},
        {"indicators": {"co2e": {"own": quantity("NaN")}}},
        {"indicators": {"co2e": {"own": quantity("9" * 21)}}},
        {"indicators": {"co2e": {"own": quantity("1", "<b>")}}},
        {"indicators": {"co2e": {"own": quantity(["1"])}}},
        {"indicators": {"co2e": "1"}},
        {"indicators": {"<script>": {"own": quantity("1")}}},
        {"indicators": []},
    ],
)
def test_a_figure_of_another_form_is_left_out(groups: dict[str, Any]) -> None:
    assert figure_rows(reader_of("da"), safe_subject(signed({"id": "urn:uuid:1", **groups}))) == ()


@pytest.mark.parametrize(
    "shares",
    [
        {"measured": "2"},
        {"measured": "-0.5", "allocated": "0.5"},
        {"measured": "0.6", "secondary": "0.6"},
        {"measured": "1e-999999999"},
        {"measured": {}},
        "measured",
    ],
)
def test_shares_that_are_none_are_left_out(shares: object) -> None:
    content = {"indicators": {"water": {"own": quantity("1", "LTR")}}, "quality": {"water": shares}}
    (row,) = figure_rows(reader_of("da"), safe_subject(signed({"id": "urn:uuid:1", **content})))
    assert (row.quality, str(row.bar)) == ("", "")


@pytest.mark.parametrize(
    "identity",
    [
        {"product": "x", "period": "2025", "declared_unit": "1"},
        {"product": {"name": 1}, "period": {"start": "2025-01-01", "end": "2024-01-01"}},
        {
            "product": {},
            "period": {"start": "2025-13-01", "end": "2026-01-01"},
            "declared_unit": quantity("x"),
        },
        [],
    ],
)
def test_an_identity_of_another_form_says_nothing(identity: object) -> None:
    subject = safe_subject(signed({"id": "urn:uuid:1", "identity": identity}))
    assert (product_of(subject), period_of(subject), declared_unit(reader_of("da"), subject)) == (
        "",
        None,
        "",
    )


def test_no_letter_moves_another_and_no_name_fills_the_page() -> None:
    assert visible("a\u202eb\nc\x00") == "a\ufffdb\ufffdc\ufffd"
    assert len(visible("x" * 10_000)) == 200


def test_what_a_statement_released_is_shown_like_a_dataset() -> None:
    cell: Document = {
        "indicator": "waste",
        "value": "90",
        "own": "10",
        "upstream": None,
        "unit": "KGM",
        "is_at_least": True,
    }
    other: Document = {"indicator": "<b>", "value": "1e9", "unit": "KGM"}
    cells: list[Document] = [cell, other, 1]
    subject = released_subject({"period": {}, "cells": cells})
    (row,) = figure_rows(reader_of("da"), subject)
    assert (row.own and row.own.shown, row.upstream, row.total and row.total.shown, row.is_at_least) == (
        "10\xa0kg", None, "90\xa0kg", True,
    )  # fmt: skip
    assert figure_rows(reader_of("da"), released_subject({"period": None, "cells": None})) == ()
