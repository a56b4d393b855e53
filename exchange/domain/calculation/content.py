"""A product's calculation as the content of a `product` dataset: own figures, breakdown, quality, recipe.

Everything here is per declared unit. What is not in a figure is named beside it; an indicator of which nothing is
booked is left out, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from exchange.domain.calculation.account import Energy, Material, Waste, Water
from exchange.domain.calculation.completeness import Gap, GapKind, unallocated
from exchange.domain.calculation.effects import HEADLINE, Column
from exchange.domain.calculation.figures import Calculation, Line
from exchange.domain.calculation.quality import allocation_of, shares_of
from exchange.domain.calculation.upstream import Upstream
from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, UnitCode, decimal_to_wire
from exchange.domain.waste import is_hazardous

Document: TypeAlias = dict[str, Any]
CO2E_COLUMNS = (Column.SCOPE1, Column.SCOPE2_LOCATION, Column.SCOPE2_MARKET, Column.BIOGENIC_CO2)
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Figure:
    """One indicator of one product: `own` per declared unit, what is missing from it, and the part before the gate.

    `are_inputs_known`: no material or energy is missing from the account, whose upstream part nobody could count.
    """

    indicator: Indicator
    own: Decimal
    gaps: tuple[Gap, ...]
    upstream: Upstream
    are_inputs_known: bool = True

    @property
    def total(self) -> Decimal:
        """Own plus upstream, "at least" where anything of either is missing."""
        return self.own + self.upstream.amount

    @property
    def is_total_at_least(self) -> bool:
        """Whether the total lacks something."""
        return bool(self.gaps) or self.upstream.is_at_least or not self.are_inputs_known

    @property
    def may_be_declared(self) -> bool:
        """Whether the total may leave the house: it is whole, and holds no supplier's figure (method section 10)."""
        return not self.is_total_at_least and not self.upstream.holds_others


def figures_of(
    calculation: Calculation, product: str, gaps: Sequence[Gap], upstream: Mapping[Indicator, Upstream]
) -> tuple[Figure, ...]:
    """A product's figures in the fixed order; an indicator of which nothing is booked has none."""
    silent = {gap.indicator for gap in gaps if gap.kind is GapKind.NOTHING_BOOKED}
    gaps = (*gaps, *_rests(calculation, product))
    lacking = {gap.indicator for gap in gaps if gap.kind is not GapKind.FACTOR_MISSING}
    return tuple(
        Figure(
            indicator,
            known_own(calculation.lines(product), HEADLINE[indicator]),
            tuple(gap for gap in gaps if gap.indicator is indicator),
            upstream[indicator],
            lacking.isdisjoint({Indicator.RESOURCES, Indicator.ENERGY}),
        )
        for indicator in Indicator
        if indicator not in silent
    )


def _rests(calculation: Calculation, product: str) -> Iterator[Gap]:
    """The flows of which a rest stays unallocated that might be the product's: their key is for it, or for nobody."""
    process = calculation.shares[product].process
    named = dict.fromkeys(entry.spreading.flow.id for entry in calculation.entries)
    for flow_id in named:
        several = [one.spreading for one in calculation.entries if one.spreading.flow.id == flow_id]
        key = several[0].weights.key
        if key.products and process not in key.products:
            continue
        rest = sum((one.rest for one in several), Fraction(0))
        total = sum((one.site_amount for one in several), Fraction(0))
        yield from unallocated(several[0].flow, rest, total)


def known_own(lines: Iterable[Line], columns: Iterable[Column]) -> Decimal:
    """What is known of a product's own effect; a flow without a factor adds nothing, and is a gap."""
    wanted = tuple(columns)
    return sum((line.effect(column) or _NOTHING for line in lines for column in wanted), _NOTHING)


def indicators_group(figures: Iterable[Figure]) -> Document:
    """The `indicators` group: own figures, and totals where they may be declared."""
    group: Document = {}
    for figure in figures:
        unit = figure.indicator.unit
        slices: Document = {"own": _quantity(figure.own, unit)}
        added = figure.upstream.amount
        if figure.may_be_declared and (added >= 0 or figure.indicator is Indicator.CO2E):
            slices |= {"upstream": _quantity(added, unit), "total": _quantity(figure.total, unit)}
            if figure.total == 0:
                slices["zero_reason"] = "Nothing of it is used or bought for this product."
        group[figure.indicator.value] = slices
    return group


def quality_group(lines: Sequence[Line], figures: Iterable[Figure]) -> Document:
    """The `quality` group: shares, key, and what is missing, by indicator."""
    group: Document = {}
    for figure in figures:
        columns = HEADLINE[figure.indicator]
        shares = shares_of(lines, columns)
        entry: Document = {
            "measured": decimal_to_wire(shares.measured),
            "allocated": decimal_to_wire(shares.allocated),
            "secondary": decimal_to_wire(shares.secondary),
            "unknown": decimal_to_wire(shares.unknown),
            "measurement_basis": shares.measurement_basis,
        }
        if shares.allocated:
            entry["allocation"] = allocation_of(lines, columns)
        if figure.gaps:
            entry |= {"is_at_least": True, "missing": [_missing(gap) for gap in figure.gaps]}
        group[figure.indicator.value] = entry
    return group


def breakdown_parts(lines: Sequence[Line], figures: Iterable[Figure]) -> Document:
    """The `breakdown` group but for the calculation itself: the figures' parts by source, kind, scope and code."""
    parts: Document = {
        "resources": _resources(lines),
        "water": {"withdrawal": _water(lines)},
        "co2e": _co2e(lines),
        "energy": _energy(lines),
        "waste": _waste(lines),
    }
    stated = {figure.indicator.value for figure in figures}
    return {name: part for name, part in parts.items() if name in stated and _filled(part)}


def calculation_part(
    steps: Sequence[Document], produced: Quantity, period: Period, factor_set: str
) -> Document:
    """`breakdown.calculation`: every line of a product's figures, as `explain_line` gives them."""
    return {
        "factor_set": factor_set,
        "period": period.to_wire(),
        "produced": produced.to_wire(),
        "lines": list(steps),
    }


def _filled(part: Document | list[Document]) -> bool:
    return bool(part) and part != {"withdrawal": []}


def _resources(lines: Iterable[Line]) -> Document:
    """Material input by kind; shares of a flow's mass that nothing claims are virgin."""
    kinds: dict[str, Decimal] = {}
    for line in lines:
        detail, mass = line.flow.detail, line.effect(Column.RESOURCES)
        if not isinstance(detail, Material) or not mass:
            continue
        if detail.is_by_product:
            kinds["by_product"] = kinds.get("by_product", _NOTHING) + mass
            continue
        claimed = {
            "secondary_pre_consumer": mass * detail.pre_consumer,
            "secondary_post_consumer": mass * detail.post_consumer,
            "bio_based": mass * detail.bio_based,
        }
        claimed = {"virgin": mass - sum(claimed.values()), **claimed}
        for kind, part in claimed.items():
            if part:
                kinds[kind] = kinds.get(kind, _NOTHING) + part
    return {kind: _quantity(round(mass, 12), UnitCode.KILOGRAM) for kind, mass in kinds.items()}


def _water(lines: Iterable[Line]) -> list[Document]:
    sources: dict[str, Decimal] = {}
    for line in lines:
        if isinstance(line.flow.detail, Water):
            amount = line.effect(Column.WATER) or _NOTHING
            sources[line.flow.detail.source] = sources.get(line.flow.detail.source, _NOTHING) + amount
    return [
        {"source": source, "amount": _quantity(amount, UnitCode.CUBIC_METRE)}
        for source, amount in sources.items()
    ]


def _co2e(lines: Sequence[Line]) -> Document:
    """Scope 1, both readings of Scope 2, biogenic CO2; outside the headline only what is known of every flow."""
    found: Document = {}
    for column in CO2E_COLUMNS:
        touching = [line.effect(column) for line in lines if line.adds_to((column,))]
        is_whole = column in HEADLINE[Indicator.CO2E] or None not in touching
        if touching and is_whole:
            amount = sum((one or _NOTHING for one in touching), _NOTHING)
            found[column.value] = _quantity(amount, UnitCode.KILOGRAM)
    if not found:
        return {}
    headline = HEADLINE[Indicator.CO2E]
    for column in headline:
        found.setdefault(column.value, _quantity(_NOTHING, UnitCode.KILOGRAM))
    bases = {
        effect.factor.basis.value
        for line in lines
        for effect in line.entry.effects
        if effect.factor is not None and effect.column in headline
    }
    return {**found, "basis": sorted(bases)} if bases else found


def _energy(lines: Iterable[Line]) -> list[Document]:
    carriers: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        detail = line.flow.detail
        if isinstance(detail, Energy):
            place = (detail.carrier, detail.origin)
            carriers[place] = carriers.get(place, _NOTHING) + (line.effect(Column.ENERGY) or _NOTHING)
    return [
        {"carrier": carrier, "origin": origin, "amount": _quantity(amount, UnitCode.MEGAJOULE)}
        for (carrier, origin), amount in carriers.items()
    ]


def _waste(lines: Iterable[Line]) -> list[Document]:
    codes: dict[tuple[str, str, str], Decimal] = {}
    for line in lines:
        detail = line.flow.detail
        if isinstance(detail, Waste):
            place = (detail.code, detail.treatment, detail.operation)
            codes[place] = codes.get(place, _NOTHING) + (line.effect(Column.WASTE) or _NOTHING)
    return [
        {
            "code": code,
            "hazardous": is_hazardous(code),
            "treatment": treatment,
            **({"operation": operation} if operation else {}),
            "amount": _quantity(amount, UnitCode.KILOGRAM),
        }
        for (code, treatment, operation), amount in codes.items()
    ]


def _missing(gap: Gap) -> Document:
    name = f"{gap.name}, part given to no product" if gap.kind is GapKind.UNALLOCATED else gap.name
    named = {"name": name or gap.indicator.value}
    return {**named, "period": gap.period.to_wire()} if gap.period else named


def _quantity(amount: Decimal, unit: UnitCode) -> Document:
    return Quantity(amount, unit).to_wire()
