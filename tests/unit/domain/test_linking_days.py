"""Sets of days against sets of day numbers, and datasets that overlap a period in part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from exchange.domain.linking.days import common, count, together, without
from exchange.domain.periods import Period
from tests.unit.domain.linking_cases import amounts, delivery, everything, f, line, network, node, product

START = date(2025, 1, 1)


def numbers(days: Sequence[Period]) -> set[int]:
    return {day for part in days for day in range(part.start.toordinal(), part.end.toordinal())}


periods = st.builds(
    lambda first, length: Period(START + timedelta(first), START + timedelta(first + length)),
    st.integers(0, 40),
    st.integers(1, 9),
)
some_days = st.lists(periods, max_size=6).map(together)


@given(some_days, some_days)
def test_sets_of_days_are_sets(one: list[Period], other: list[Period]) -> None:
    assert numbers(common(one, other)) == numbers(one) & numbers(other)
    assert numbers(without(one, other)) == numbers(one) - numbers(other)
    assert numbers(together([*one, *other])) == numbers(one) | numbers(other)
    assert count(one) == len(numbers(one))
    assert together(one) == one


def test_a_month_a_quarter_and_a_year_each_count_for_their_own_days() -> None:
    # year 365 kg at 4, quarter 90 kg at 3, January 31 kg at 2:
    # 1460 in all, 270 in the quarter, 62 in January; the other 59 days at 208 / 59, the other 275 at 1190 / 275
    end = date(2026, 1, 1)
    parts = [(START, end, 365, 4), (START, date(2025, 4, 1), 90, 3), (START, date(2025, 2, 1), 31, 2)]
    made = [
        product("oak", "n", period=Period(first, last), produced=f(size), own=everything(co2e=co2e))
        for first, last, size, co2e in parts
    ]
    whole = node(network(*made), "oak")
    assert (whole.produced, whole.own["co2e"].amount) == (365, 4)
    for first, last, size, co2e in (
        (date(2025, 2, 1), date(2025, 4, 1), 59, f("208/59")),
        (date(2025, 4, 1), end, 275, f("1190/275")),
    ):
        part = node(network(*made, period=Period(first, last)), "oak")
        assert (part.produced, part.own["co2e"].amount) == (size, co2e)


def test_a_dataset_with_a_hole_in_it_has_its_deliveries_counted_on_its_days_alone() -> None:
    # the maker publishes January and March; of 90 kg delivered over the quarter 62 kg fall on these days
    months = [Period(START, date(2025, 2, 1)), Period(date(2025, 3, 1), date(2025, 4, 1))]
    sent = delivery("oak", "c", 90, window=Period(START, date(2025, 4, 1)))
    chair = product("chair", "c", recipe=(line("oak", 1),))
    for produced, refused in ((31, set()), (30, {"oak"})):
        made = [product("oak", "n", period=month, produced=f(produced)) for month in months]
        linked = network(*made, chair, deliveries=(sent,))
        assert set(linked.refusals) == refused
        assert amounts(linked) == ({} if refused else {("oak", "chair"): 1})
