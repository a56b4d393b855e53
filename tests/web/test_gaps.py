"""What is missing, in words that say whom to ask."""

from __future__ import annotations

import pytest

from exchange.domain.calculation.completeness import GapKind
from exchange.domain.indicators import Indicator
from exchange.web.gaps import GAP_SENTENCES, NOTHING_BOOKED, say_gap
from exchange.web.reader import reader_of

FEBRUARY = {"start": "2025-02-01", "end": "2025-03-01"}
HALF = {"start": "2025-02-01", "end": "2025-02-15"}


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (
            {"kind": "days_missing", "name": "Electricity", "period": FEBRUARY},
            "Electricity: February 2025 has no bill. Look for it, or ask the supplier.",
        ),
        (
            {"kind": "days_missing", "name": "Electricity", "period": HALF},
            "Electricity: 1 February 2025 – 14 February 2025 has no bill. Look for it, or ask the supplier.",
        ),
        (
            {
                "kind": "factor_missing",
                "name": "Hydrogen",
                "period": {"start": "2025-01-01", "end": "2026-01-01"},
            },
            "No factor for Hydrogen in 2025: add one with its source.",
        ),
        (
            {"kind": "mass_missing", "name": "Screws"},
            "Screws: what one unit weighs is not known. Ask the supplier, or weigh it.",
        ),
        (
            {"kind": "nothing_booked", "name": ""},
            "Waste is missing: ask your waste carrier for a statement by EAK code.",
        ),
    ],
)
def test_each_gap_says_what_to_do(gap: dict[str, object], said: str) -> None:
    assert say_gap(reader_of("en"), Indicator.WASTE, gap).replace("\xa0", " ") == said


def test_every_kind_of_gap_has_words() -> None:
    assert {*GAP_SENTENCES, GapKind.NOTHING_BOOKED} == set(GapKind)
    assert list(NOTHING_BOOKED) == list(Indicator)
