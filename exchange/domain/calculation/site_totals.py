"""A site's own figures over the whole period: what the bills say in all, whatever any key gives to products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from exchange.domain.calculation.completeness import Gap, GapKind
from exchange.domain.calculation.effects import HEADLINE
from exchange.domain.calculation.figures import Calculation
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import FRACTION_DIGITS

_EXACT = Context(prec=100)


@dataclass(frozen=True)
class SiteFigure:
    """One indicator of the site in the period, in the indicator's unit; "at least" where something is missing."""

    indicator: Indicator
    amount: Decimal
    gaps: tuple[Gap, ...]


def site_figures(calculation: Calculation, gaps: Sequence[Gap]) -> tuple[SiteFigure, ...]:
    """The site's figures in the fixed order; an indicator of which nothing is booked has none."""
    silent = {gap.indicator for gap in gaps if gap.kind is GapKind.NOTHING_BOOKED}
    return tuple(
        SiteFigure(
            indicator,
            to_places(_known(calculation, indicator)),
            tuple(gap for gap in gaps if gap.indicator is indicator),
        )
        for indicator in Indicator
        if indicator not in silent
    )


def to_places(amount: Fraction) -> Decimal:
    """Rounded once, half to even, to the twelve places an amount on the wire has."""
    return Decimal(round(amount * 10**FRACTION_DIGITS)).scaleb(-FRACTION_DIGITS, context=_EXACT)


def _known(calculation: Calculation, indicator: Indicator) -> Fraction:
    """The sum over the flows that have a factor; one without is a gap."""
    columns = HEADLINE[indicator]
    return sum(
        (
            entry.spreading.site_amount * Fraction(effect.value)
            for entry in calculation.entries
            for effect in entry.effects
            if effect.column in columns and effect.value is not None
        ),
        Fraction(0),
    )
