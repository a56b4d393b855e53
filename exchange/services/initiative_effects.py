"""What an initiative is expected to change, and what can be seen of it after the next period (method section 8).

Both are worked out anew from the site's account, exactly, for periods that have been calculated: what somebody called
complete. Only the owner of the changed figure sees them; others learn of it by a planned release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from exchange.domain.actors import Role
from exchange.domain.calculation.completeness import gaps_of
from exchange.domain.calculation.figures import calculate
from exchange.domain.errors import InvalidError, Problem
from exchange.domain.factors import FactorBook
from exchange.domain.indicators import Indicator
from exchange.domain.initiatives import (
    ExpectedEffect,
    Initiative,
    Observation,
    Unobservable,
    expected_effect,
    observe,
)
from exchange.domain.initiatives.accounted import common_volumes, flow_effects, period_model
from exchange.domain.initiatives.periods import periods_around, year_before
from exchange.domain.periods import Period
from exchange.services.context import Context
from exchange.services.initiatives import InitiativeView, get_initiative
from exchange.services.own_factors import factor_book
from exchange.services.site_accounts import load_account
from exchange.store import plans as query

NO_YEAR = Problem(
    "initiative.no_year",
    "No twelve months that end before the initiative have been calculated.",
    advice="Calculate the year before it came into force.",
)
NO_PAIR = Problem(
    "initiative.no_periods",
    "No two periods of equal length, one before the initiative and one after, have been calculated.",
    advice="Calculate the year before and, once its bills are in, the year after.",
)
NO_VOLUME = Problem(
    "initiative.no_volume",
    "The site's products have no unit in common, so volume and mix cannot be told from use per unit.",
    advice="Give each product its mass per unit.",
)


@dataclass(frozen=True)
class Expected:
    """The change a year by indicator, worked out on the twelve months of `period`; `problem` says why there is none."""

    period: Period | None = None
    effects: Mapping[Indicator, ExpectedEffect] = field(default_factory=dict)
    problem: Problem | None = None


@dataclass(frozen=True)
class Observed:
    """What changed from `before` to `after` by indicator; `problem` says why nothing can be said at all."""

    before: Period | None = None
    after: Period | None = None
    effects: Mapping[Indicator, Observation | Unobservable] = field(default_factory=dict)
    problem: Problem | None = None


@dataclass(frozen=True)
class InitiativeEffects:
    """An initiative with what it is expected to do and what was seen; payback is `initiative.payback_years`."""

    view: InitiativeView
    expected: Expected
    observed: Observed


def initiative_effects(ctx: Context, initiative_id: str) -> InitiativeEffects:
    """Weigh an initiative by the site's account as it is now; nothing is stored. NotFoundError otherwise."""
    ctx.who.require(Role.VIEWER)
    view = get_initiative(ctx, initiative_id)
    initiative, book = view.initiative, factor_book(ctx)
    with ctx.store.read() as session:
        periods = query.calculated_periods(session, initiative.place.site)
    year = year_before(periods, initiative.in_force)
    around = periods_around(periods, initiative.in_force)
    return InitiativeEffects(
        view,
        Expected(problem=NO_YEAR) if year is None else _expected(ctx, initiative, book, year),
        Observed(problem=NO_PAIR) if around is None else _observed(ctx, initiative, book, *around),
    )


def _expected(ctx: Context, initiative: Initiative, book: FactorBook, year: Period) -> Expected:
    account = load_account(ctx, initiative.place.site, year)
    try:
        return Expected(year, expected_effect(initiative, flow_effects(calculate(account, book))))
    except InvalidError as error:
        return Expected(year, problem=_problem(error))


def _observed(
    ctx: Context, initiative: Initiative, book: FactorBook, before: Period, after: Period
) -> Observed:
    accounts = [load_account(ctx, initiative.place.site, period) for period in (before, after)]
    volumes = common_volumes(accounts)
    if volumes is None:
        return Observed(before, after, problem=NO_VOLUME)
    gaps = [gaps_of(account, book) for account in accounts]
    try:
        worked_out = [calculate(account, book) for account in accounts]
        effects = {
            indicator: observe(
                period_model(worked_out[0], indicator, gaps[0], volumes[0]),
                period_model(worked_out[1], indicator, gaps[1], volumes[1]),
                initiative.reach,
            )
            for indicator in Indicator
        }
    except InvalidError as error:
        return Observed(before, after, problem=_problem(error))
    return Observed(before, after, effects)


def _problem(error: InvalidError) -> Problem:
    """Why the account cannot be worked out, or the change is none of this account."""
    return Problem(error.error_code, error.detail, error.path, error.advice)
