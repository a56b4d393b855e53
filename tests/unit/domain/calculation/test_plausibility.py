"""Amounts that look like another unit are asked about: against the flow's other bills, else against wide bounds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.domain.calculation.account import Bill, Energy, Flow, FlowDetail, Material, Water
from exchange.domain.calculation.plausibility import Usual, compared, question
from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, UnitCode

JANUARY = Period(date(2025, 1, 1), date(2025, 2, 1))
KWH, MWH, KG, M3 = UnitCode.KILOWATT_HOUR, UnitCode.MEGAWATT_HOUR, UnitCode.KILOGRAM, UnitCode.CUBIC_METRE


def asked(
    detail: FlowDetail, text: str, unit: UnitCode, accounted: Fraction | int, usual: Fraction | int | None
) -> str | None:
    """The question about a bill for January; `accounted` in the flow's unit, `usual` as compared."""
    account = {Energy: KWH, Water: M3}.get(type(detail), KG)
    flow = Flow("f", "Thing", detail, account, "key")
    bill = Bill("b", "f", JANUARY, Quantity(Decimal(text), unit), place="Energy, row 7")
    amount = compared(flow, Fraction(accounted), JANUARY)
    return question(bill, flow, amount, None if usual is None else Fraction(usual))


GRID = Energy("electricity_grid")


def test_question_says_what_was_typed_what_is_usual_and_which_unit_may_be_meant() -> None:
    """12 kWh in 31 days; others use 400 kWh a day, so 12 400 kWh for 31 days."""
    assert asked(GRID, "12", KWH, 12, 400) == (
        "Energy, row 7 says 12 kWh; going by this flow's other bills it would be about 12400 kWh for 31 days: "
        "was it MWh?"
    )
    assert (asked(GRID, "12400", MWH, 12_400_000, 400) or "").endswith(
        "about 12.4 MWh for 31 days: was it kWh?"
    )


@pytest.mark.parametrize(
    ("accounted", "is_odd"), [(124, True), (125, False), (1_239_999, False), (1_240_000, True)]
)
def test_hundredfold_is_where_it_becomes_odd(accounted: int, is_odd: bool) -> None:
    """400 kWh a day is 12 400 for January: a hundredth is 124, a hundredfold 1 240 000."""
    assert bool(asked(GRID, str(accounted), KWH, accounted, 400)) is is_odd


@pytest.mark.parametrize(
    ("detail", "unit", "accounted", "is_odd"),
    [
        (GRID, KWH, 154, True),  # under 5 kWh a day
        (GRID, KWH, 155, False),
        (GRID, KWH, 31_000_000, False),
        (GRID, KWH, 31_000_001, True),  # above 1 GWh a day
        (Energy("electricity_self"), KWH, 40, False),
        (Energy("district_heat"), KWH, 30, True),
        (Energy("natural_gas"), KWH, 31, False),
        (Energy("gas_diesel_oil"), KWH, 1, False),
        (Water(), M3, 1_550_001, True),
        (Water(), M3, 1, False),
        (Water("rainwater"), M3, 10_000_000, False),
        (Material(), KG, 10_000_000, False),
    ],
)
def test_first_bill_of_a_metered_supply_stays_within_what_a_works_uses(
    detail: FlowDetail, unit: UnitCode, accounted: int, is_odd: bool
) -> None:
    assert bool(asked(detail, str(accounted), unit, accounted, None)) is is_odd


def test_nothing_used_is_not_odd() -> None:
    assert asked(GRID, "0", KWH, 0, 400) is None
    assert asked(GRID, "0", KWH, 0, None) is None


def test_purchases_are_compared_by_bill_whatever_their_days() -> None:
    """2 000 kg on one day beside 24 000 kg a year is twelve times less, not thirty times more."""
    steel = Flow("f", "Steel", Material(), KG, "key")
    assert compared(steel, Fraction(2000), JANUARY) == 2000
    assert compared(Flow("p", "Power", GRID, KWH, "key"), Fraction(3100), JANUARY) == 100


@settings(max_examples=100)
@given(st.lists(st.integers(0, 50), max_size=12), st.integers(0, 50))
def test_usual_is_the_median_of_the_others(amounts: list[int], asked_about: int) -> None:
    usual = Usual()
    usual.add_all(map(Fraction, amounts))
    others = [one for one in amounts if one > 0]
    if asked_about in others:
        others.remove(asked_about)
    assert usual.without(Fraction(asked_about)) == (median(map(Fraction, others)) if others else None)
