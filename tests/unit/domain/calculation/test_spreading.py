"""One flow spread: readings first, the key for what is left, the rest in sight, and what is certain of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

import pytest

from exchange.domain.calculation.account import Bill, Key, KeyMethod, Output, Reading
from exchange.domain.calculation.spreading import Spreading
from exchange.domain.errors import InvalidError
from exchange.domain.periods import Period
from tests.unit.domain.calculation.cases import account, bill, key, months, output, reading, worked

MONTHLY = (
    output("a", "300", months(1)), output("b", "100", months(1)),
    output("a", "100", months(2)), output("b", "100", months(2)),
)  # fmt: skip


def spread(
    bills: Iterable[Bill],
    outputs: Iterable[Output] = (),
    readings: Iterable[Reading] = (),
    keys: Key | None = None,
) -> Spreading:
    """The one flow of an account, spread."""
    (entry,) = worked(account(bills, outputs, readings=readings, keys=(keys or key(),))).entries
    return entry.spreading


def refused(bills: Iterable[Bill], readings: Iterable[Reading] = ()) -> InvalidError:
    """What an account is refused with."""
    with pytest.raises(InvalidError) as found:
        spread(bills, MONTHLY, readings)
    return found.value


def test_monthly_bills_are_spread_by_the_months_own_production() -> None:
    """January 400 x 3/4 = 300, February 100 x 1/2 = 50; over the year it would be 500 x 4/6 = 333.3."""
    bills = (bill("400", months(1), id="1"), bill("100", months(2), id="2"))
    found = spread(bills, MONTHLY)
    assert (found.amount_of("a"), found.amount_of("b"), found.rest) == (350, 150, 0)
    whole = spread((bill("500"),), MONTHLY)
    assert whole.amount_of("a") == Fraction(1000, 3)


def test_readings_come_first_and_the_key_spreads_what_is_left() -> None:
    """400 - 100 = 300, of which a 3/4: 100 + 225 = 325 and 75."""
    found = spread((bill("400"),), readings=(reading("a", "100"),))
    assert (found.amount_of("a"), found.amount_of("b")) == (325, 75)
    assert (found.measured_of("a"), found.measured_of("b")) == (100, 0)


def test_what_is_metered_alone_leaves_a_rest() -> None:
    found = spread((bill("400"),), readings=(reading("a", "100"),), keys=key(KeyMethod.METERED))
    assert (found.amount_of("a"), found.amount_of("b"), found.rest) == (100, 0, 300)


def test_stated_shares_leave_a_rest_of_what_no_reading_took() -> None:
    """400 - 100 = 300; a 100 + 0.5 x 300 = 250, b 0.3 x 300 = 90, rest 0.2 x 300 = 60."""
    found = spread(
        (bill("400"),), readings=(reading("a", "100"),), keys=key(KeyMethod.SHARES, a="0.5", b="0.3")
    )
    assert (found.amount_of("a"), found.amount_of("b"), found.rest) == (250, 90, 60)


def test_a_month_without_production_is_rest() -> None:
    found = spread((bill("400", months(1), id="1"), bill("70", months(3), id="2")), MONTHLY)
    assert (found.amount_of("a"), found.amount_of("b"), found.rest) == (300, 100, 70)


def test_a_key_of_one_product_makes_the_bill_its_meter() -> None:
    found = spread((bill("400"),), keys=key(KeyMethod.MASS, ("a",)))
    assert (found.amount_of("a"), found.measured_of("a")) == (400, 400)
    stated = spread((bill("400"),), keys=key(KeyMethod.SHARES, a="1"))
    assert (stated.amount_of("a"), stated.measured_of("a")) == (
        400,
        0,
    )  # somebody stated it, nobody metered it


def test_a_credit_note_takes_away() -> None:
    found = spread((bill("400", id="1"), bill("100", id="2", is_credit=True)))
    assert (found.site_amount, found.amount_of("a")) == (300, 225)


def test_credit_notes_above_the_bills_are_refused_with_their_rows() -> None:
    error = refused((bill("100", id="7"), bill("101", id="8", is_credit=True)))
    assert error.error_code == "bill.negative"
    assert "row 7; row 8" in error.detail and error.path == "/flows/f"


def test_a_credit_note_of_another_window_does_not_hide_behind_a_bill() -> None:
    bills = (bill("100", months(1), id="7"), bill("50", months(2), id="8", is_credit=True))
    assert refused(bills).error_code == "bill.negative"


def test_readings_above_the_bills_are_refused_with_their_rows() -> None:
    readings = (reading("a", "60", months(1), id="3"), reading("b", "41", months(1), id="4"))
    error = refused((bill("100", months(1)), bill("900", months(2), id="2")), readings)
    assert error.error_code == "readings.above_bills"
    assert "row 3; row 4" in error.detail and "2025-01-01" in error.detail


def test_a_reading_of_a_flow_without_any_bill_is_refused_and_not_forgotten() -> None:
    assert refused((), (reading("a", "60", id="3"),)).error_code == "readings.above_bills"


def test_a_reading_in_days_that_have_no_bill_is_refused_across_the_turn_of_the_year_too() -> None:
    """Electricity's factor changes on 1 January, so that each year of a financial year is worked out by itself."""
    financial = Period(date(2024, 7, 1), date(2025, 7, 1))
    site = account(
        (bill("100", months(7, of=2024)),),
        (output("a", "1", months(7, of=2024)), output("a", "1", months(3))),
        period=financial,
        readings=(reading("a", "60", months(3), id="3"),),
    )
    with pytest.raises(InvalidError) as found:
        worked(site)
    assert found.value.error_code == "readings.above_bills" and "row 3" in found.value.detail


def test_nothing_measured_is_left_of_what_was_estimated() -> None:
    """40 of 100 estimated: of a's reading of 50, 50 x 0.6 = 30 are certain."""
    bills = (bill("60", id="1"), bill("40", id="2", is_estimate=True))
    found = spread(bills, readings=(reading("a", "50"),))
    assert (found.estimated, found.measured_of("a")) == (Fraction(2, 5), 30)


def test_an_estimate_corrected_by_a_credit_note_is_no_more_than_the_whole() -> None:
    """100 estimated less 50 credited: the 50 that are left are estimated, not 100 / 50 = 200 % of them."""
    found = spread((bill("100", id="1", is_estimate=True), bill("50", id="2", is_credit=True)))
    assert (found.estimated, found.cut) == (1, 0)


def test_a_credit_note_that_is_estimated_makes_no_share_below_zero() -> None:
    credit = bill("50", id="2", is_credit=True, is_estimate=True)
    assert spread((bill("100", id="1"), credit)).estimated == 0


def test_a_bill_over_the_edge_is_cut_by_days_and_counts_as_allocated() -> None:
    """18 December to 14 January are 28 days, 14 of them in 2025: 280 x 14 / 28 = 140 of 1 140."""
    edge = Period(date(2024, 12, 18), date(2025, 1, 15))
    found = spread(
        (bill("280", edge, id="1"), bill("1000", Period(date(2025, 1, 15), date(2026, 1, 1)), id="2")),
        keys=key(KeyMethod.MASS, ("a",)),
    )
    assert (edge.days, found.site_amount) == (28, 1140)
    assert found.cut == Fraction(140, 1140)
    assert found.measured_of("a") == 1000


def test_a_reading_cut_by_days_is_not_measured_either() -> None:
    """July to June, 365 kWh read for a: 184 days fall in 2024, where it was read by nobody at New Year."""
    financial = Period(date(2024, 7, 1), date(2025, 7, 1))
    halves = (
        bill("1000", Period(date(2024, 7, 1), date(2025, 1, 1)), id="1"),
        bill("1000", Period(date(2025, 1, 1), date(2025, 7, 1)), id="2"),
    )
    site = account(halves, period=financial, readings=(reading("a", "365", financial),))
    first, second = (entry.spreading for entry in worked(site).entries)
    assert first.metered["a"] != second.metered["a"]
    assert first.amount_of("a") == 184 + (1000 - 184) * Fraction(3, 4)
    assert (first.cut, first.measured_of("a"), second.measured_of("a")) == (0, 0, 0)
