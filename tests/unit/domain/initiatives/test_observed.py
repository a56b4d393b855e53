"""What can be seen of an initiative, what it is called, and when nothing can be seen."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from exchange.domain.initiatives import (
    REST,
    Cause,
    Naming,
    Observation,
    PeriodModel,
    Place,
    Unobservable,
    Unseen,
    Use,
    observe,
)

F = Fraction
POWER = Place("site", ("power",))
A_POWER = Place("site", ("power",), "a")


def period(
    of_a: int, of_b: int, *, a_is_measured: bool = False, b_is_measured: bool = False, is_metered: bool = True
) -> PeriodModel:
    """Ten a and ten b, their power in kWh, each 0.1 kg; `is_metered`: by the site's own meter."""
    return PeriodModel(
        {"a": F(10), "b": F(10)},
        (
            Use("a", "power", F(of_a), is_measured=a_is_measured),
            Use("b", "power", F(of_b), is_measured=b_is_measured),
        ),
        {"power": F(1, 10)},
        site_metered=frozenset({"power"}) if is_metered else frozenset(),
    )


def test_a_sites_own_meter_shows_what_applies_to_the_whole_site() -> None:
    # 300 kWh become 240 kWh with as many of each: -60 x 0.1 = -6 kg
    seen = observe(period(200, 100), period(160, 80), POWER)
    assert isinstance(seen, Observation)
    assert (seen.change, seen.total_change) == (F(-6), F(-6))
    assert sum(seen.by_cause.values()) == seen.total_change
    assert seen.naming is Naming.CHANGE_WHERE_IT_APPLIES
    assert seen.is_mix_by_key


def test_only_what_was_metered_apart_is_called_the_effect() -> None:
    seen = observe(period(200, 100), period(160, 80), POWER, is_metered_separately=True)
    assert isinstance(seen, Observation)
    assert seen.naming is Naming.EFFECT


def test_an_estimated_site_figure_shows_nothing() -> None:
    for periods in ((True, False), (False, True)):
        before, after = (period(200, 100, is_metered=is_metered) for is_metered in periods)
        assert observe(before, after, POWER) == Unobservable(Unseen.NOT_MEASURED, F(0), ("power",))


def test_a_products_change_is_seen_only_where_the_product_is_metered_in_both_periods() -> None:
    before, after = period(200, 100, a_is_measured=True), period(150, 130, a_is_measured=True)
    seen = observe(before, after, A_POWER)
    assert isinstance(seen, Observation)
    # a: -50 kWh = -5 kg where it applies; b: +30 kWh = +3 kg elsewhere
    assert seen.by_cause[Cause.INTENSITY_WHERE] == -5
    assert seen.by_cause[Cause.INTENSITY_ELSEWHERE] == 3
    assert not seen.is_mix_by_key
    hidden = Unobservable(Unseen.NOT_MEASURED, F(-2), ("power",))
    assert observe(before, period(150, 130), A_POWER) == hidden
    assert observe(period(200, 100), after, A_POWER) == hidden


def test_an_amount_metered_in_part_is_not_metered() -> None:
    whole = period(200, 100, a_is_measured=True)
    part = replace(whole, uses=(*whole.uses, Use("a", "power", F(1), "12")))
    assert observe(whole, part, A_POWER) == Unobservable(Unseen.NOT_MEASURED, F(1, 10), ("power",))


def test_nothing_used_is_seen_only_where_all_else_is_measured() -> None:
    before = period(200, 100, a_is_measured=True)
    by_key, by_meter = period(0, 100), period(0, 100, b_is_measured=True)
    assert observe(before, by_key, A_POWER) == Unobservable(Unseen.NOT_MEASURED, F(-20), ("power",))
    seen = observe(before, by_meter, A_POWER)
    assert isinstance(seen, Observation)
    assert seen.change == -20


def test_what_is_not_covered_in_one_period_is_not_seen() -> None:
    gap = replace(period(0, 0), uses=(), not_covered=frozenset({("power", "")}))
    assert observe(period(200, 100), gap, POWER) == Unobservable(Unseen.NOT_COVERED, F(-30), ("power",))


def test_what_was_not_made_in_one_period_has_no_use_per_unit_to_compare() -> None:
    before = period(200, 100, a_is_measured=True, b_is_measured=True)
    without = replace(before, volumes={"b": F(10)}, uses=before.uses[1:])
    assert observe(before, without, A_POWER) == Unobservable(Unseen.NOT_PRODUCED, F(-20))
    assert isinstance(observe(before, without, POWER), Observation)


def test_a_site_that_makes_nothing_countable_still_shows_its_use() -> None:
    before = PeriodModel({}, (Use(REST, "heat", F(50)),), {"heat": F(1)}, site_metered=frozenset({"heat"}))
    seen = observe(before, replace(before, uses=(Use(REST, "heat", F(40)),)), Place("site"))
    assert isinstance(seen, Observation)
    assert seen.change == -10
    assert not seen.is_mix_by_key


def test_where_nothing_is_used_nothing_is_seen() -> None:
    seen = observe(period(200, 100), period(160, 80), Place("site", ("oil",)))
    assert seen == Unobservable(Unseen.NOT_USED, F(-6), ("oil",))
