"""Reduction targets per indicator, and how far a company has come (survey question 1.3; method section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from exchange.domain.development import PriceBasis
from exchange.domain.errors import InvalidError
from exchange.domain.indicators import Indicator
from exchange.domain.own_development import Subject, YearFigure

FIRST_YEAR, LAST_YEAR = 1900, 2199


class Measure(StrEnum):
    """What the target is about: the effect itself, or value added per effect."""

    ABSOLUTE = "absolute"
    PRODUCTIVITY = "productivity"


class Obstacle(StrEnum):
    """Why there is no progress to tell."""

    NO_BASE_FIGURE = "no_base_figure"
    NO_LATER_FIGURE = "no_later_figure"
    AT_LEAST = "at_least"
    NO_EFFECT = "no_effect"
    NO_VALUE_ADDED = "no_value_added"
    NOT_POSITIVE = "not_positive"
    CURRENT_PRICES = "current_prices"
    OTHER_PRICES = "other_prices"
    PANEL_CHANGED = "panel_changed"


@dataclass(frozen=True)
class Target:
    """A promise about one indicator of an organisation, site or product.

    `reduction` is a share above 0 and at most 1 of the base year's figure. Absolute: the effect falls by it.
    Productivity: value added per effect rises by it. `InvalidError` `target.years` unless both years have
    four digits and the target comes after the base, `target.reduction` for a share out of range.
    """

    indicator: Indicator
    measure: Measure
    base_year: int
    target_year: int
    reduction: Decimal
    subject: Subject

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.base_year < self.target_year <= LAST_YEAR:
            raise InvalidError(
                "The target year does not come after the base year.",
                code="target.years",
                path="/target_year",
                advice="Give two years of four digits, the target year later than the base year.",
            )
        if not self.reduction.is_finite() or not 0 < self.reduction <= 1:
            raise InvalidError(
                "The change is not a share above 0 and at most 1.",
                code="target.reduction",
                path="/reduction",
                advice="Write 30 per cent as 0.30.",
            )

    def needed(self, base: Fraction) -> Fraction:
        """The figure of the target year: base x (1 - reduction), for a productivity base x (1 + reduction)."""
        sign = -1 if self.measure is Measure.ABSOLUTE else 1
        return base * (1 + sign * Fraction(self.reduction))

    def expected(self, base: Fraction, year: int) -> Fraction:
        """The straight line from the base year's figure to the target year's, which then stays."""
        part = Fraction(min(year, self.target_year) - self.base_year, self.target_year - self.base_year)
        return base + (self.needed(base) - base) * part


@dataclass(frozen=True)
class Progress:
    """Where a target stands; figures in the indicator's unit, or DKK per that unit for a productivity.

    `latest` is of `latest_year`, the last year that has a figure; `passed_over` are later years that have
    none fit to compare, such as the one not yet complete. `achieved` = (base - latest) / (base - needed): 1
    is the target reached, below 0 the wrong way. `expected` is the straight line's figure in that year.
    `changes` names what of the panel changed; another set of products is told and does not hinder, for the
    promise is about the whole subject. Whatever an obstacle hinders is None, and `obstacle_year` says where.
    """

    base: Fraction | None = None
    needed: Fraction | None = None
    latest_year: int | None = None
    latest: Fraction | None = None
    achieved: Fraction | None = None
    expected: Fraction | None = None
    on_track: bool | None = None
    obstacle: Obstacle | None = None
    obstacle_year: int | None = None
    changes: tuple[str, ...] = ()
    passed_over: tuple[int, ...] = ()


def progress(target: Target, figures: Iterable[YearFigure]) -> Progress:
    """How far the target's subject has come in its indicator; figures about anything else are left aside."""
    by_year = {
        one.year: one
        for one in figures
        if one.subject == target.subject and one.indicator is target.indicator
    }
    year = target.base_year
    if year not in by_year:
        return Progress(obstacle=Obstacle.NO_BASE_FIGURE, obstacle_year=year)
    base = _measured(by_year[year], target.measure)
    if isinstance(base, Obstacle):
        return Progress(obstacle=base, obstacle_year=year)
    if base <= 0:
        none = Obstacle.NO_EFFECT if target.measure is Measure.ABSOLUTE else Obstacle.NOT_POSITIVE
        return Progress(base=base, obstacle=none, obstacle_year=year)
    return _since(target, base, by_year)


def _since(target: Target, base: Fraction, by_year: Mapping[int, YearFigure]) -> Progress:
    """Progress from a usable base figure to the last year that has a usable one."""
    start = Progress(base, target.needed(base))
    later = sorted((year for year in by_year if year > target.base_year), reverse=True)
    if not later:
        return replace(start, obstacle=Obstacle.NO_LATER_FIGURE)
    why: Obstacle | None = None
    for place, year in enumerate(later):
        latest = _measured(by_year[year], target.measure)
        if isinstance(latest, Obstacle):
            why = why or latest
            continue
        known = replace(start, latest_year=year, latest=latest, passed_over=tuple(sorted(later[:place])))
        changes = by_year[year].panel.changes(by_year[target.base_year].panel)
        why = _incomparable(target.measure, by_year[target.base_year], by_year[year], changes)
        if why:
            return replace(known, obstacle=why, obstacle_year=year, changes=changes)
        return replace(_compared(target, known, base, latest, year), changes=changes)
    return replace(start, obstacle=why, obstacle_year=later[0], passed_over=tuple(sorted(later)))


def _compared(target: Target, known: Progress, base: Fraction, latest: Fraction, year: int) -> Progress:
    """The way come as a share of the whole way, and whether that is as much as the straight line asks."""
    expected = target.expected(base, year)
    is_fall = target.measure is Measure.ABSOLUTE
    return replace(
        known,
        achieved=(base - latest) / (base - target.needed(base)),
        expected=expected,
        on_track=latest <= expected if is_fall else latest >= expected,
    )


def _incomparable(
    measure: Measure, then: YearFigure, now: YearFigure, changes: tuple[str, ...]
) -> Obstacle | None:
    """Why a later figure says nothing of the base year's: what changed is the reckoning, not the effect."""
    if set(changes) - {"membership"}:
        return Obstacle.PANEL_CHANGED
    if measure is Measure.PRODUCTIVITY and then.value_added and now.value_added:
        return None if then.value_added.series == now.value_added.series else Obstacle.OTHER_PRICES
    return None


def _measured(figure: YearFigure, measure: Measure) -> Fraction | Obstacle:
    """What the target is about in one year, exactly; or why there is no such figure."""
    effect, value = Fraction(figure.effect), figure.value_added
    if figure.is_at_least:
        return Obstacle.AT_LEAST
    if measure is Measure.ABSOLUTE:
        return effect
    if value is None:
        return Obstacle.NO_VALUE_ADDED
    if value.basis is not PriceBasis.CONSTANT:
        return Obstacle.CURRENT_PRICES
    return Obstacle.NO_EFFECT if effect <= 0 else Fraction(value.amount) / effect
