"""What comes with a product's inputs before they reach the gate: from linked suppliers or from factors.

Method sections 3 and 10. An input that is linked to a supplier's product brings that product's whole figure, and the
part of the maker's own effect it explains is taken out (netting). Without a link a factor with a source stands in; with
neither there is a gap, and the total is "at least". Water supply and the treatment of waste lie outside the boundary:
whoever receives waste bears its processing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from exchange.domain.calculation.account import Energy, Flow, Material
from exchange.domain.calculation.effects import Column, mass_per_unit
from exchange.domain.calculation.figures import Line
from exchange.domain.calculation.site_totals import to_places
from exchange.domain.factors import Factor, FactorBasis, FactorBook
from exchange.domain.indicators import Indicator
from exchange.domain.own_factors import BOUGHT, FUELS, is_writable
from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, UnitCode, in_unit

_EXACT = Context(prec=100)


@dataclass(frozen=True)
class Supplied:
    """What a supplier's dataset says of one product: its cradle-to-gate totals per `declared` unit, where it has any.

    `digest` names the dataset, `gwp_set` the warming potentials it says its CO2e counts with.
    Only what the reader owns or was granted exactly is put in here (method section 10).
    """

    digest: str
    name: str
    declared: Quantity
    totals: Mapping[Indicator, Decimal]
    gwp_set: str | None = None


@dataclass(frozen=True)
class UpstreamLine:
    """What one flow brings to one indicator per declared unit: `brought` with it, `netted` out of the own effect.

    `period` are the days it was reckoned for.

    Exactly one of `supplied` and `factor` is its source; neither means a gap, and `brought` is 0.
    """

    flow: Flow
    period: Period
    indicator: Indicator
    per_unit: Decimal
    brought: Decimal
    netted: Decimal
    supplied: Supplied | None = None
    factor: Factor | None = None

    @property
    def is_gap(self) -> bool:
        """Whether nobody knows what came with the flow."""
        return self.supplied is None and self.factor is None


@dataclass(frozen=True)
class Upstream:
    """An indicator's part before the gate. `is_at_least`: some input's part is not known.

    `holds_others`: a supplier's own figure is in it, so that whoever knows the own effect and the total knows that.
    """

    indicator: Indicator
    lines: tuple[UpstreamLine, ...]

    @property
    def amount(self) -> Decimal:
        """What linking and factors add to the own effect: brought less netted."""
        return sum((one.brought - one.netted for one in self.lines), Decimal(0))

    @property
    def is_at_least(self) -> bool:
        """Whether something is missing from it."""
        return any(one.is_gap for one in self.lines)

    @property
    def holds_others(self) -> bool:
        """Whether a supplier's figure is part of it."""
        return any(one.supplied is not None for one in self.lines)


def upstream_of(
    lines: Iterable[Line], supplied: Mapping[str, Supplied], book: FactorBook
) -> dict[Indicator, Upstream]:
    """A product's upstream part by indicator; `supplied` are datasets by the product id that flows name."""
    several = tuple(lines)
    return {
        indicator: Upstream(
            indicator,
            tuple(
                _line(line, indicator, found, book)
                for line in several
                if _comes_from_outside(line, indicator, found := supplied.get(line.flow.product))
            ),
        )
        for indicator in Indicator
    }


def _comes_from_outside(line: Line, indicator: Indicator, found: Supplied | None) -> bool:
    """Whether a flow has a part before the gate that the own effect does not hold.

    A life-cycle factor holds that of bought energy's CO2e already, unless its supplier's own figure takes its place.
    """
    detail = line.flow.detail
    if isinstance(detail, Material):
        return True
    if not isinstance(detail, Energy) or detail.carrier not in BOUGHT | FUELS:
        return False
    is_supplied = found is not None and indicator in found.totals
    return is_supplied or indicator is not Indicator.CO2E or not _is_life_cycle(line)


def _is_life_cycle(line: Line) -> bool:
    bases = (
        one.factor.basis if one.factor else None
        for one in line.entry.effects
        if one.column in {Column.SCOPE1, Column.SCOPE2_LOCATION}
    )
    return all(basis is FactorBasis.LIFE_CYCLE for basis in bases)


def _line(line: Line, indicator: Indicator, found: Supplied | None, book: FactorBook) -> UpstreamLine:
    flow, per_unit, period = line.flow, line.per_unit, line.entry.period
    nobody_knows = UpstreamLine(flow, period, indicator, per_unit, Decimal(0), Decimal(0))
    bought = (
        _counted_in(found.declared.unit, line) if found is not None and indicator in found.totals else None
    )
    if found is not None and bought is not None:
        brought = to_places(bought / Fraction(found.declared.amount) * Fraction(found.totals[indicator]))
        netted = line.explained(indicator)
        if not (is_writable(brought) and is_writable(netted)):
            return nobody_knows  # no figure on the wire is this large: a supplier's mistake stops nobody else
        return UpstreamLine(flow, period, indicator, per_unit, brought, netted, found)
    factor = _factor(flow, indicator, book, line)
    if factor is None:
        return nobody_knows
    base = _counted_in(factor.activity, line)
    if base is None:
        return nobody_knows
    result = in_unit(Quantity(factor.value, factor.result), indicator.unit)
    # A factor of material is cradle to gate and holds the material's own mass; one of energy only what came before.
    netted = line.explained(indicator) if isinstance(flow.detail, Material) else Decimal(0)
    return UpstreamLine(flow, period, indicator, per_unit, to_places(base * result), netted, None, factor)


def _factor(flow: Flow, indicator: Indicator, book: FactorBook, line: Line) -> Factor | None:
    period = line.entry.period
    if isinstance(flow.detail, Energy):
        key = f"{indicator.value}.{flow.detail.carrier}"
        return book.get_or_none(key, FactorBasis.SUPPLY_CHAIN, period)
    key = f"{indicator.value}.material.{flow.category.replace('-', '_')}"
    found = (
        book.get_or_none(key, basis, period) for basis in (FactorBasis.SUPPLY_CHAIN, FactorBasis.LIFE_CYCLE)
    )
    return next((factor for factor in found if factor is not None), None)


def _counted_in(wanted: UnitCode, line: Line) -> Fraction | None:
    """The line's amount per declared unit in what a supplier or factor counts by: a material's mass where that is mass.

    None where the one cannot become the other: what a supplier counts otherwise is a gap, and stops nobody.
    """
    unit, amount = line.flow.unit, line.per_unit
    if unit.dimension is wanted.dimension:
        return in_unit(Quantity(amount, unit), wanted)
    mass = mass_per_unit(line.flow)
    if mass is None or wanted.dimension is not UnitCode.KILOGRAM.dimension:
        return None
    return in_unit(Quantity(_EXACT.multiply(amount, mass), UnitCode.KILOGRAM), wanted)
