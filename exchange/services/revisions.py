"""What a new version of a stored calculation would say: factors that changed since, and each figure old and new.

A published figure never changes by itself. When factors, bills or keys have changed, this shows what would come out;
calculating and publishing again is the supplier's to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from exchange.domain.actors import Role
from exchange.domain.calculation.completeness import gaps_of
from exchange.domain.calculation.content import Figure, figures_of
from exchange.domain.calculation.figures import calculate
from exchange.domain.factors import FactorBasis, FactorChange, UsedFactor, changed_factors
from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode
from exchange.services.calculation_rows import before_gate
from exchange.services.calculation_views import CalculationView, get_calculation
from exchange.services.calculations import read_inputs
from exchange.services.context import Context
from exchange.services.supplied import read_supplied


@dataclass(frozen=True)
class FigureChange:
    """One product's figure per declared unit: as it stands, and as it would come out now (None: no more).

    `old` and `new` are inside the gate alone; the totals hold what came before it too.
    """

    product_id: str
    name: str
    indicator: Indicator
    old: Decimal
    new: Decimal | None
    old_total: Decimal
    new_total: Decimal | None
    is_published: bool


@dataclass(frozen=True)
class Revision:
    """What would change. `is_current`: nothing that goes in has changed since, so there is nothing to offer."""

    calculation_id: str
    site_id: str
    period: Period
    is_current: bool
    factors: tuple[FactorChange, ...]
    figures: tuple[FigureChange, ...]


def preview_revision(ctx: Context, calculation_id: str) -> Revision:
    """Work the same site and period out with today's bills, keys and factors, and compare.

    Nothing is stored but the access records of the suppliers' figures that are read for the new totals.
    Raises NotFoundError, and the codes of `calculate` where the account cannot be worked out any more.
    """
    ctx.who.require(Role.VIEWER)
    old = get_calculation(ctx, calculation_id)
    site_id, period = old.header.site_id, old.header.period
    inputs = read_inputs(ctx, site_id, period)
    account, book = inputs.account, inputs.book
    if inputs.are_those_of(old.header):
        return Revision(calculation_id, site_id, period, True, (), ())
    factors = changed_factors(map(_used, old.factors), book)
    calculation = calculate(account, book)
    gaps = gaps_of(account, book)
    new = {
        (product, figure.indicator): figure
        for product, upstream in before_gate(calculation, read_supplied(ctx, inputs.supplied), book).items()
        for figure in figures_of(calculation, product, gaps, upstream)
    }
    return Revision(calculation_id, site_id, period, False, factors, tuple(_changes(old, new)))


def _changes(old: CalculationView, new: Mapping[tuple[str, Indicator], Figure]) -> Iterable[FigureChange]:
    """The figures that would come out otherwise."""
    for product in old.products:
        for figure in product.figures:
            now = new.get((product.id, figure.indicator))
            own, total = (now.own, now.total) if now else (None, None)
            if (own, total) != (figure.own, figure.total):
                yield FigureChange(
                    product_id=product.id,
                    name=product.name,
                    indicator=figure.indicator,
                    old=figure.own,
                    new=own,
                    old_total=figure.total,
                    new_total=total,
                    is_published=product.is_standing,
                )


def _used(stored: Mapping[str, Any]) -> UsedFactor:
    period = stored["period"]
    return UsedFactor(
        stored["reference"],
        stored["key"],
        FactorBasis(stored["basis"]),
        Decimal(stored["value"]),
        UnitCode(stored["result"]),
        UnitCode(stored["activity"]),
        Period(date.fromisoformat(period["start"]), date.fromisoformat(period["end"])),
    )
