"""What is taken out of a maker's own effects because it arrives through links (method section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from exchange.domain.indicators import Indicator
from exchange.domain.linking.beside_co2e import BESIDE, BOUNDS, with_bounds
from exchange.domain.linking.errors import LinkingError
from exchange.domain.linking.inputs import Input, states
from exchange.domain.linking.intake import RESOURCES, Intake
from exchange.domain.linking.ladder import Missing, Part
from exchange.domain.linking.makings import Making
from exchange.domain.linking.pool import Pooled
from exchange.domain.linking.quality import less
from exchange.domain.linking.records import (
    CO2E,
    CO2E_HIGH,
    CO2E_LOW,
    COLUMNS,
    SCOPE2_MARKET,
    SIGNED_COLUMNS,
    Effect,
)
from exchange.domain.linking.result import Link
from exchange.domain.quantities import Dimension

ENERGY = Indicator.ENERGY.value
WEIGHED = frozenset({Dimension.MASS, Dimension.VOLUME, Dimension.COUNT, Dimension.LENGTH, Dimension.AREA})
NOTHING = (Fraction(0), Fraction(0))

Carried = Mapping[str, frozenset[str]]


def carried(makings: Sequence[Making], links: Iterable[Link]) -> Carried:
    """For each column the nodes with a figure in it, of their own or from upstream: what can arrive from them."""
    customers: dict[int, list[int]] = defaultdict(list)
    for link in links:
        customers[link.supplier].append(link.customer)
    found = {}
    for column in COLUMNS:
        if column in BESIDE:
            continue
        reached = {node for node, making in enumerate(makings) if states(making.dataset, column)}
        waiting = list(reached) if len(reached) < len(makings) else []
        while waiting:
            fresh = [one for one in customers[waiting.pop()] if one not in reached]
            reached.update(fresh)
            waiting += fresh
        found[column] = frozenset(makings[node].key for node in reached)
    return found | dict.fromkeys(BESIDE, found[CO2E])


def own_after_netting(intake: Intake, arriving: Carried) -> dict[str, Effect]:
    """Own effects less what linked inputs explain and what pooled deliveries physically are.

    Taken out only where something arrives. The metered share of a line comes out of what was measured; pooled
    material (kg) comes out of resources and pooled energy (MJ) out of energy, never below zero. What is taken out
    of CO2e is taken out of its bounds. Raises `LinkingError` when the lines explain more than there is.
    """
    own = intake.making.dataset.own
    explained, physical = _explained(intake.inputs, arriving), _physical(intake.pooled, arriving)
    result = dict(own)
    for column in explained.keys() | physical.keys():
        if column not in own or column in BESIDE:
            continue
        effect, (metered, spread) = own[column], explained.get(column, NOTHING)
        if metered + spread > effect.amount and metered + spread > 0 and column not in SIGNED_COLUMNS:
            raise _explains_more(intake, column)
        left = less(effect, metered, spread)
        certain = physical.get(column, Fraction(0))
        result[column] = less(left, Fraction(0), min(certain, max(left.amount, Fraction(0))))
    return _with_moved_bounds(own, result)


def not_netted(intake: Intake, arriving: Carried) -> frozenset[str]:
    """Columns in which a pooled delivery may be in the maker's own figures too, by how much nobody says.

    The Scope 2 of pooled energy, the mass of goods without a stated weight, the water in what is counted by
    volume. What made pooled material is upstream and in no figure of the receiver.
    """
    found = set()
    for one in intake.pooled:
        if one.energy:
            found |= {CO2E, SCOPE2_MARKET, *BOUNDS}
        if one.mass is None and one.unit.dimension in WEIGHED:
            found.add(RESOURCES)
        if one.unit.dimension is Dimension.VOLUME:
            found.add(Indicator.WATER.value)
    own = intake.making.dataset.own
    return frozenset(
        column
        for column in found
        if column in own and own[column].amount > 0 and any(_from(intake.pooled, arriving[column]))
    )


def _with_moved_bounds(before: Mapping[str, Effect], after: dict[str, Effect]) -> dict[str, Effect]:
    if CO2E not in after or after[CO2E] is before[CO2E]:
        return after
    if before[CO2E_LOW] is before[CO2E] is before[CO2E_HIGH]:
        return after | dict.fromkeys(BOUNDS, after[CO2E])
    moved = after[CO2E].amount - before[CO2E].amount
    bounds = {column: replace(after[column], amount=after[column].amount + moved) for column in BOUNDS}
    return with_bounds(after | bounds)


def _explained(inputs: Iterable[Input], arriving: Carried) -> dict[str, tuple[Fraction, Fraction]]:
    """What linked lines explain of each column: the metered part, and the part spread by a key."""
    found: dict[str, tuple[Fraction, Fraction]] = {}
    for entry in inputs:
        sources, measured = entry.sources, entry.line.measured_share
        for column, part in entry.line.explains.items():
            shares = [one.share for one in sources if one.key in arriving[column]]
            if not part or not shares:
                continue
            linked = part * (shares[0] if len(shares) == 1 else sum(shares, Fraction(0)))
            metered, spread = found.get(column, NOTHING)
            found[column] = metered + linked * measured, spread + linked * (1 - measured)
    return found


def _physical(pooled: Sequence[Pooled], arriving: Carried) -> dict[str, Fraction]:
    """What pooled deliveries are of the receiver's own figures: kg of its resources, MJ of its energy."""
    if not pooled:
        return {}
    material = sum((one.mass or Fraction(0) for one in _from(pooled, arriving[RESOURCES])), Fraction(0))
    energy = sum((one.energy for one in _from(pooled, arriving[ENERGY])), Fraction(0))
    return {RESOURCES: material, ENERGY: energy}


def _from(pooled: Iterable[Pooled], arriving: frozenset[str]) -> list[Pooled]:
    """Pooled deliveries from nodes of which something arrives."""
    return [one for one in pooled if _key(one.part) in arriving]


def _key(part: Part) -> str:
    return "" if isinstance(part, Missing) else part.key


def _explains_more(intake: Intake, column: str) -> LinkingError:
    dataset = intake.making.dataset
    largest = max(intake.inputs, key=lambda entry: entry.line.explains.get(column, Fraction(0)))
    return LinkingError(
        "explains_more",
        dataset.product,
        f"The linked inputs of {dataset.name} explain more {column} than it states as its own; line "
        f"{largest.line.line} ({largest.line.name}) explains most.",
        "Correct what the recipe lines explain, or the product's own effect before netting.",
        largest.line.line,
    )
