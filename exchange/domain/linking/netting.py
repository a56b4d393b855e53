"""What is taken out of a maker's own effects because it arrives through links (method section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from exchange.domain.indicators import Indicator
from exchange.domain.linking.errors import LinkingError
from exchange.domain.linking.inputs import Input, states
from exchange.domain.linking.ladder import Missing, Part
from exchange.domain.linking.makings import Making
from exchange.domain.linking.pool import Pooled, pooled_mass
from exchange.domain.linking.quality import less
from exchange.domain.linking.records import COLUMNS, SCOPE2_MARKET, SIGNED_COLUMNS, Effect
from exchange.domain.linking.result import Link, NodeKind
from exchange.domain.quantities import Dimension

RESOURCES, ENERGY = Indicator.RESOURCES.value, Indicator.ENERGY.value
CUT_OFF = Fraction(1, 100)  # of the mass input of a unit process (EN 15804 6.3.6)
WEIGHED = frozenset({Dimension.MASS, Dimension.VOLUME, Dimension.COUNT, Dimension.LENGTH, Dimension.AREA})

Carried = Mapping[str, frozenset[str]]


def carried(makings: Sequence[Making], links: Iterable[Link]) -> Carried:
    """For each column the nodes with a figure in it, of their own or from upstream: what can arrive from them."""
    customers: dict[int, list[int]] = defaultdict(list)
    for link in links:
        customers[link.supplier].append(link.customer)
    found = {}
    for column in COLUMNS:
        reached = {node for node, making in enumerate(makings) if states(making.dataset, column)}
        waiting = list(reached)
        while waiting:
            fresh = [one for one in customers[waiting.pop()] if one not in reached]
            reached.update(fresh)
            waiting += fresh
        found[column] = frozenset(makings[node].key for node in reached)
    return found


def own_after_netting(
    making: Making, inputs: Sequence[Input], pooled: Sequence[Pooled], arriving: Carried
) -> dict[str, Effect]:
    """Own effects less what linked inputs explain and what pooled deliveries physically are.

    Taken out only where something arrives. The metered share of a line comes out of what was measured; pooled
    material (kg) comes out of resources and pooled energy (MJ) out of energy, never below zero. Raises
    `LinkingError` when the lines explain more than there is.
    """
    result = {}
    for column, effect in making.dataset.own.items():
        metered, spread = _explained(inputs, arriving[column], column)
        if metered + spread > effect.amount and metered + spread > 0 and column not in SIGNED_COLUMNS:
            raise _explains_more(making, column)
        left = less(effect, metered, spread)
        certain = sum((_physical(one, column) for one in _from(pooled, arriving[column])), Fraction(0))
        result[column] = less(left, Fraction(0), min(certain, max(left.amount, Fraction(0))))
    return result


def not_netted(making: Making, pooled: Sequence[Pooled], arriving: Carried) -> frozenset[str]:
    """Columns in which a pooled delivery may be in the maker's own figures too, by how much nobody says.

    The Scope 2 of pooled energy, the mass of goods without a stated weight, the water in what is counted by
    volume. What made pooled material is upstream and in no figure of the receiver.
    """
    found = set()
    for one in pooled:
        if one.energy:
            found |= {Indicator.CO2E.value, SCOPE2_MARKET}
        if one.mass is None and one.unit.dimension in WEIGHED:
            found.add(RESOURCES)
        if one.unit.dimension is Dimension.VOLUME:
            found.add(Indicator.WATER.value)
    own = making.dataset.own
    return frozenset(
        column
        for column in found
        if column in own and own[column].amount > 0 and any(_from(pooled, arriving[column]))
    )


def unstated_mass(making: Making, inputs: Sequence[Input], pooled: Sequence[Pooled]) -> Fraction:
    """Kilograms of own resources per unit that no line explains, no pool brought and no cut-off rule excuses.

    0 where it is no more than 1 % of the input mass: the cut-off criterion of EN 15804 6.3.6 per unit process.
    Of a category default, a refused product and a missing recipe nothing is said here.
    """
    dataset = making.dataset
    if making.kind is NodeKind.DEFAULT or making.refused or dataset.recipe is None:
        return Fraction(0)
    explained = sum((entry.line.explains.get(RESOURCES, Fraction(0)) for entry in inputs), Fraction(0))
    left = own_mass(making) - explained - dataset.burden_free - pooled_mass(pooled)
    return left if left > CUT_OFF * (input_mass(making, inputs, pooled) or 0) else Fraction(0)


def input_mass(making: Making, inputs: Sequence[Input], pooled: Sequence[Pooled]) -> Fraction | None:
    """Kilograms of inputs per unit: of lines and pool together, or the maker's own resources where they are more.

    None where nothing states a mass.
    """
    masses = [entry.mass for entry in inputs if entry.mass is not None]
    if making.kind is NodeKind.DEFAULT:
        return None
    return max(sum(masses, Fraction(0)) + pooled_mass(pooled), own_mass(making)) or None


def own_mass(making: Making) -> Fraction:
    """The maker's own resources in kg per unit, before netting; 0 where it states none."""
    effect = making.dataset.own.get(RESOURCES)
    return effect.amount if effect else Fraction(0)


def _explained(inputs: Iterable[Input], arriving: frozenset[str], column: str) -> tuple[Fraction, Fraction]:
    """What linked lines explain of a column: the metered part, and the part spread by a key."""
    metered = spread = Fraction(0)
    for entry in inputs:
        part = entry.line.explains.get(column)
        if not part:
            continue
        linked = part * sum((one.share for one in entry.sources if one.key in arriving), Fraction(0))
        metered += linked * entry.line.measured_share
        spread += linked * (1 - entry.line.measured_share)
    return metered, spread


def _physical(pooled: Pooled, column: str) -> Fraction:
    if column == RESOURCES:
        return pooled.mass or Fraction(0)
    return pooled.energy if column == ENERGY else Fraction(0)


def _from(pooled: Iterable[Pooled], arriving: frozenset[str]) -> list[Pooled]:
    """Pooled deliveries from nodes of which something arrives."""
    return [one for one in pooled if _key(one.part) in arriving]


def _key(part: Part) -> str:
    return "" if isinstance(part, Missing) else part.key


def _explains_more(making: Making, column: str) -> LinkingError:
    return LinkingError(
        "explains_more",
        making.dataset.product,
        f"The linked inputs of {making.dataset.name} explain more {column} than it states as its own.",
        "Correct what the recipe lines explain, or the product's own effect before netting.",
    )
