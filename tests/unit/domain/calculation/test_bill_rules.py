"""What a bill may say beside others; looking clashes up finds exactly what comparing every pair would."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.domain.calculation.account import Bill, Energy, Flow, Material, Waste, Water
from exchange.domain.calculation.bill_rules import (
    KnownBills,
    as_booked,
    bad_period,
    bill_problems,
    label,
)
from exchange.domain.calculation.flow_rules import is_metered, supply_of
from exchange.domain.calculation.stretches import Stretches
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode

KWH, KG = UnitCode.KILOWATT_HOUR, UnitCode.KILOGRAM
POWER = Flow("power", "Electricity", Energy("electricity_grid"), KWH, "key")
STEEL = Flow("steel", "Steel", Material(), KG, "key")
FIRST = date(2025, 1, 1)


def days(start: int, length: int) -> Period:
    """A period by its first day's number in 2025."""
    return Period(FIRST + timedelta(start), FIRST + timedelta(start + length))


def bill(of: Flow, period: Period, amount: str = "100", **more: object) -> Bill:
    """A bill of a flow."""
    return Bill("b", of.id, period, Quantity(Decimal(amount), of.unit), **more)  # type: ignore[arg-type]


def codes(new: Bill, of: Flow, *others: Bill, is_confirmed: bool = False) -> list[str]:
    """The codes of what is wrong."""
    return [one.code for one in bill_problems(new, of, others, is_confirmed=is_confirmed)]


@pytest.mark.parametrize(
    ("detail", "metered"),
    [
        (Energy("electricity_grid"), True),
        (Energy("electricity_self"), True),
        (Energy("district_heat"), True),
        (Energy("natural_gas"), True),
        (Energy("gas_diesel_oil"), False),
        (Energy("wood"), False),
        (Water("public_supply"), True),
        (Water("groundwater"), False),
        (Material(), False),
        (Waste("120101", "recycling"), False),
    ],
)
def test_supplies_with_a_meter_are_known(detail: Energy, metered: bool) -> None:
    assert is_metered(detail) is metered
    flow = Flow("f", "Thing", detail, KWH, "key")
    assert (supply_of(flow) == "f") is not metered


def test_periods_that_only_touch_do_not_overlap() -> None:
    assert codes(bill(POWER, days(31, 28)), POWER, bill(POWER, days(0, 31)), bill(POWER, days(59, 31))) == []
    assert codes(bill(POWER, days(30, 28)), POWER, bill(POWER, days(0, 31))) == ["bill.overlap"]


def test_purchases_may_overlap() -> None:
    assert codes(bill(STEEL, days(10, 20), "101"), STEEL, bill(STEEL, days(0, 31))) == []


def test_both_rows_are_named() -> None:
    there = bill(POWER, days(0, 31), place="Energy, row 7")
    (problem,) = bill_problems(bill(POWER, days(5, 3), place="Energy, row 9"), POWER, [there])
    assert problem.detail == "Energy, row 9 covers days that Energy, row 7 covers already."
    assert label(bill(POWER, days(0, 31))) == "the bill of 2025-01-01 to 2025-01-31"
    assert label(bill(POWER, days(0, 31), number="E-1")) == "the bill E-1"


def test_credit_note_takes_away_once() -> None:
    assert as_booked(Quantity(Decimal(-5), KWH), is_credit=True).amount == 5
    assert as_booked(Quantity(Decimal(5), KWH), is_credit=True).amount == 5
    assert as_booked(Quantity(Decimal(-5), KWH), is_credit=False).amount == -5


@pytest.mark.parametrize(
    ("period", "is_bad"),
    [
        (year(1990), False),
        (year(2100), False),
        (year(1989), True),
        (year(2101), True),
        (Period(date(2025, 1, 1), date(2205, 1, 1)), True),
    ],
)
def test_slip_of_the_century_is_seen(period: Period, is_bad: bool) -> None:
    assert bool(list(bad_period(period))) is is_bad


STARTS = st.tuples(st.integers(0, 60), st.integers(1, 20))


@settings(max_examples=100)
@given(st.lists(STARTS, max_size=25))
def test_stretches_taken_one_by_one_never_share_a_day_and_none_is_left_out_without_reason(
    spans: list[tuple[int, int]],
) -> None:
    known, taken = Stretches(), list[Period]()
    for start, length in spans:
        period = days(start, length)
        clash = known.clash("meter", period)
        assert (clash is not None) is any(one.overlap_days(period) for one in taken)
        if clash is None:
            known.take("meter", period, f"{start}")
            taken.append(period)


@settings(max_examples=100)
@given(st.lists(st.tuples(STARTS, st.sampled_from(["", "1", "2"]), st.booleans()), max_size=15))
def test_looking_up_says_what_comparing_every_pair_says(
    rows: list[tuple[tuple[int, int], str, bool]],
) -> None:
    known, taken = KnownBills(), list[Bill]()
    for number, ((start, length), meter, is_credit) in enumerate(rows):
        new = bill(POWER, days(start, length), str(number), meter=meter, is_credit=is_credit)
        expected = not is_credit and any(
            one.meter == meter and not one.is_credit and one.period.overlap_days(new.period) for one in taken
        )
        assert (known.clash(new, POWER) is not None) is expected
        if not expected:
            known.add(new, POWER)
            taken.append(new)
