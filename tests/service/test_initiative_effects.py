"""What initiatives are expected to change and what is seen of them, by hand (figures in `tests.service.plant`)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from exchange.domain.calculation.account import Energy, HeatingValue
from exchange.domain.errors import NotFoundError
from exchange.domain.indicators import Indicator
from exchange.domain.initiatives import (
    Cause,
    ChangeKind,
    EffortIndicator,
    ExpectedChange,
    Initiative,
    Motive,
    Naming,
    Observation,
    Place,
    Unobservable,
    Unseen,
)
from exchange.domain.periods import year
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services.context import Context
from exchange.services.flows import list_flows
from exchange.services.initiative_effects import InitiativeEffects, initiative_effects
from exchange.services.initiatives import add_initiative
from exchange.services.readings import NewReading, enter_reading
from tests.factories import party
from tests.service.plant import Plant, plant, two_years

D, F = Decimal, Fraction
HEAT = Energy("district_heat")
CO2E, ENERGY, WATER = Indicator.CO2E, Indicator.ENERGY, Indicator.WATER


@pytest.fixture
def firm(ctx: Context) -> Plant:
    return two_years(ctx)


def weighed(
    firm: Plant,
    *changes: ExpectedChange,
    day: date = date(2025, 1, 1),
    product: str | None = None,
    flows: tuple[str, ...] = (),
) -> InitiativeEffects:
    """The effects of a new initiative at the plant."""
    new = Initiative(
        title="Less gas",
        effort=EffortIndicator.INVESTMENT,
        in_force=day,
        place=Place(firm.site_id, flows, product),
        motive=Motive.COST_SAVINGS,
        changes=changes,
    )
    return initiative_effects(firm.ctx, add_initiative(firm.ctx, new).id)


def flow(firm: Plant, name: str) -> str:
    """The id of one of the plant's flows."""
    return next(one.id for one in list_flows(firm.ctx, firm.site_id) if one.name == name)


def test_expected_by_the_last_calculated_year_before(firm: Plant) -> None:
    # a quarter of 20 000 kWh gas in 2024: -5 000 x 3.6 = -18 000 MJ of 108 000; -5 000 x 0.0036 x 56.1 = -1 009.8 kg
    found = weighed(firm, ExpectedChange(flow(firm, "Gas"), ChangeKind.RELATIVE, D("-0.25"))).expected
    assert (found.period, found.problem) == (year(2024), None)
    assert found.effects[ENERGY].change == -18_000
    assert found.effects[ENERGY].share == F(-1, 6)
    assert found.effects[CO2E].change == F("-1009.8")
    assert found.effects[WATER].change == 0


def test_expected_where_it_applies_to_one_product(firm: Plant) -> None:
    # half of the gas is spread to arms: a quarter of 10 000 kWh
    change = ExpectedChange(flow(firm, "Gas"), ChangeKind.RELATIVE, D("-0.25"))
    assert weighed(firm, change, product=firm.arm).expected.effects[ENERGY].change == -9_000


def test_what_cannot_be_expected_says_why(firm: Plant) -> None:
    gas = flow(firm, "Gas")
    early = weighed(firm, day=date(2024, 6, 1)).expected
    assert early.problem is not None
    assert (early.period, early.problem.code) == (None, "initiative.no_year")
    too_much = weighed(firm, ExpectedChange(gas, ChangeKind.AMOUNT, D(-30_000))).expected
    assert too_much.problem is not None
    assert (too_much.period, too_much.problem.code) == (year(2024), "initiative.change_over")


def test_observed_causes_sum_exactly_to_the_change(firm: Plant) -> None:
    seen = weighed(firm, flows=(flow(firm, "Gas"),)).observed
    assert (seen.before, seen.after, seen.problem) == (year(2024), year(2025), None)
    # the same output: all of gas's change is intensity there, -5 000 x 3.6; electricity's elsewhere, -1 000 x 3.6
    energy = seen.effects[ENERGY]
    assert isinstance(energy, Observation)
    assert (energy.total_change, energy.change) == (-21_600, -18_000)
    assert energy.by_cause[Cause.INTENSITY_ELSEWHERE] == -3_600
    assert sum(energy.by_cause.values()) == energy.total_change
    assert energy.naming is Naming.CHANGE_WHERE_IT_APPLIES
    # CO2e: 4 244.4 - 5 649.2 = -1 404.8. Gas -5 000 x 0.0036 x 56.1 = -1 009.8, electricity's factor and use -395:
    # factor (0.135 - 0.161) x (10 000 + 9 000) / 2 = -247, use -1 000 x (0.161 + 0.135) / 2 = -148
    co2e = seen.effects[CO2E]
    assert isinstance(co2e, Observation)
    assert (co2e.total_change, co2e.change) == (F("-1404.8"), F("-1009.8"))
    assert (co2e.by_cause[Cause.FACTORS], co2e.by_cause[Cause.INTENSITY_ELSEWHERE]) == (-247, -148)
    water = seen.effects[WATER]
    assert isinstance(water, Unobservable)
    assert water.reason is Unseen.NOT_USED


def test_on_an_allocated_figure_nothing_can_be_seen_until_it_is_measured(firm: Plant) -> None:
    gas = flow(firm, "Gas")
    seen = weighed(firm, flows=(gas,), product=firm.arm).observed.effects[ENERGY]
    assert seen == Unobservable(Unseen.NOT_MEASURED, F(-21_600), (gas,))


def test_metered_for_the_product_it_is_seen(firm: Plant) -> None:
    gas = flow(firm, "Gas")
    for number, arms, frames in ((2024, "9000", "11000"), (2025, "6000", "9000")):
        for product, amount in ((firm.arm, arms), (firm.frame, frames)):
            metered = Quantity(D(amount), UnitCode.KILOWATT_HOUR)
            enter_reading(
                firm.ctx, firm.site_id, NewReading(gas, product, year(number), metered, HeatingValue.LOWER)
            )
    seen = weighed(firm, flows=(gas,), product=firm.arm).observed.effects[ENERGY]
    assert isinstance(seen, Observation)
    assert seen.change == -10_800  # arms: 9 000 to 6 000 kWh, x 3.6
    assert not seen.is_mix_by_key
    # frames -2 000 kWh and electricity -1 000 kWh
    assert seen.by_cause[Cause.INTENSITY_ELSEWHERE] == -10_800


def test_an_estimated_bill_shows_nothing(ctx: Context) -> None:
    firm = plant(ctx)
    gas = ""
    for number, is_estimate in ((2024, False), (2025, True)):
        firm.make(firm.arm, "100", year(number))
        gas = firm.bill("Heat", HEAT, "1000", "KWH", year(number), is_estimate=is_estimate)
        firm.calculate(number)
    seen = weighed(firm, flows=(gas,)).observed.effects[ENERGY]
    assert isinstance(seen, Unobservable)
    assert seen.reason is Unseen.NOT_MEASURED


def test_before_the_next_period_is_calculated_nothing_is_observed(firm: Plant) -> None:
    seen = weighed(firm, day=date(2025, 6, 1)).observed
    assert seen.problem is not None
    assert (seen.before, seen.after, seen.problem.code) == (None, None, "initiative.no_periods")


def test_another_organisation_weighs_nothing(ctx: Context, firm: Plant) -> None:
    view = weighed(firm).view
    with pytest.raises(NotFoundError):
        initiative_effects(party(ctx).ctx, view.id)
