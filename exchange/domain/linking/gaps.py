"""What is not known, and which totals are therefore "at least" (method section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from exchange.domain.linking.amounts import mass_of
from exchange.domain.linking.inputs import Input
from exchange.domain.linking.ladder import Missing
from exchange.domain.linking.makings import Making
from exchange.domain.linking.records import COLUMNS
from exchange.domain.linking.result import Gap, Link, Node


def gaps_of(
    node: int, making: Making, inputs: Sequence[Input], fixed: frozenset[str], pooled: Sequence[Missing]
) -> list[Gap]:
    """The gaps of one node. A column with a declared footprint has none: the declaration covers its upstream."""
    dataset = making.dataset
    party = dataset.organisation or None
    open_columns = frozenset(COLUMNS) - fixed
    gaps = []
    unstated = open_columns - set(dataset.own)
    if unstated:
        gaps.append(Gap(node, unstated, "own_missing", dataset.name, party))
    if dataset.recipe is None and open_columns:
        mass = mass_of(Fraction(1), dataset.unit, dataset.mass)
        gaps.append(Gap(node, open_columns, "recipe_missing", dataset.name, party, mass=mass))
    if not open_columns:
        return gaps
    for entry in inputs:
        for part in entry.missing:
            mass = entry.mass_share(part.share)
            gaps.append(Gap(node, open_columns, part.reason, part.name, part.party, entry.line.line, mass))
    gaps += [Gap(node, open_columns, part.reason, part.name, part.party) for part in pooled]
    return gaps


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
