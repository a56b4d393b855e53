"""What is not known, and which totals are therefore "at least" (method section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from exchange.domain.linking.amounts import mass_of
from exchange.domain.linking.inputs import Input
from exchange.domain.linking.ladder import Missing
from exchange.domain.linking.makings import Making
from exchange.domain.linking.netting import RESOURCES, own_mass, unstated_mass
from exchange.domain.linking.pool import Pooled, pooled_mass
from exchange.domain.linking.records import COLUMNS
from exchange.domain.linking.result import Gap, Link, Node


def gaps_of(
    node: int,
    making: Making,
    inputs: Sequence[Input],
    pooled: Sequence[Pooled],
    fixed: frozenset[str],
    doubled: frozenset[str],
) -> list[Gap]:
    """The gaps of one node. A column with a declared footprint has none: the declaration covers its upstream.

    `doubled`: columns in which pooled deliveries could not be netted.
    """
    dataset = making.dataset
    party = dataset.organisation or None
    open_columns = frozenset(COLUMNS) - fixed
    if making.refused:
        mass = unit_mass(making)
        return [Gap(node, open_columns, "data_refused", dataset.name, party, mass=mass)]
    gaps = []
    unstated = open_columns - set(dataset.own)
    if unstated:
        gaps.append(Gap(node, unstated, "own_missing", dataset.name, party))
    if incomplete := open_columns & dataset.incomplete:
        gaps.append(Gap(node, incomplete, "own_incomplete", dataset.name, party))
    if not open_columns:
        return gaps
    gaps += _unstated_inputs(node, making, inputs, pooled, open_columns)
    for entry in inputs:
        for part in entry.missing:
            mass = entry.mass_share(part.share)
            gaps.append(Gap(node, open_columns, part.reason, part.name, part.party, entry.line.line, mass))
    for one in pooled:
        if isinstance(one.part, Missing):
            gaps.append(
                Gap(node, open_columns, one.part.reason, one.part.name, one.part.party, mass=one.mass)
            )
    if doubled - fixed:
        gaps.append(Gap(node, doubled - fixed, "pool_not_netted", dataset.name, party))
    return gaps


def unit_mass(making: Making) -> Fraction | None:
    """Kilograms of one unit of the product itself."""
    return mass_of(Fraction(1), making.dataset.unit, making.dataset.mass)


def _unstated_inputs(
    node: int,
    making: Making,
    inputs: Sequence[Input],
    pooled: Sequence[Pooled],
    open_columns: frozenset[str],
) -> list[Gap]:
    """Inputs the maker says nothing of: the whole recipe, or the part of its own resources outside it."""
    dataset = making.dataset
    party = dataset.organisation or None
    if dataset.recipe is None:
        mass = max(own_mass(making), unit_mass(making) or Fraction(0)) - pooled_mass(pooled)
        mass = max(mass, Fraction(0))
        return [Gap(node, open_columns, "recipe_missing", dataset.name, party, mass=mass or None)]
    outside, columns = unstated_mass(making, inputs, pooled), open_columns - {RESOURCES}
    if not outside or not columns:
        return []
    return [Gap(node, columns, "inputs_unstated", dataset.name, party, mass=outside)]


def at_least(
    nodes: Sequence[Node], links: Iterable[Link], gaps: Iterable[Gap]
) -> Mapping[str, frozenset[int]]:
    """For each column the nodes with a gap in it or upstream; a declared footprint stops a gap on its way."""
    customers: dict[int, list[int]] = defaultdict(list)
    for link in links:
        customers[link.supplier].append(link.customer)
    found = {}
    for column in COLUMNS:
        reached = {gap.node for gap in gaps if column in gap.columns}
        waiting = list(reached)
        while waiting:
            for customer in customers[waiting.pop()]:
                if customer not in reached and column not in nodes[customer].fixed:
                    reached.add(customer)
                    waiting.append(customer)
        found[column] = frozenset(reached)
    return found
