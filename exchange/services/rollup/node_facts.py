"""What linking says of a node as the numbers the engine works with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from exchange.domain.linking import COLUMNS, HEADLINE, Effect, Gap, Link, LinkedNetwork, Node, Shares
from exchange.domain.linking.records import UNSTATED
from exchange.engine.node_rows import Layout, NodeBytes, NodeRow

LAYOUT = Layout(len(COLUMNS), len(HEADLINE))
POSITION = {column: position for position, column in enumerate(COLUMNS)}


@dataclass(frozen=True)
class NodeFacts:
    """A node with the links into it, its gaps, and what it makes up of its product's output (None of no product's)."""

    node: Node
    links: Sequence[Link]
    gaps: Sequence[Gap]
    output_share: Fraction | None


def all_facts(linked: LinkedNetwork) -> list[NodeFacts]:
    """Every node of a network in their order; links and gaps name nodes by position."""
    links: dict[int, list[Link]] = defaultdict(list)
    for link in linked.links:
        links[link.customer].append(link)
    gaps: dict[int, list[Gap]] = defaultdict(list)
    for gap in linked.gaps:
        gaps[gap.node].append(gap)
    share = {node: part for parts in linked.outputs.values() for node, part in parts}
    return [
        NodeFacts(node, links.get(place, ()), gaps.get(place, ()), share.get(place))
        for place, node in enumerate(linked.nodes)
    ]


def engine_bytes(facts: NodeFacts, number: int, numbers: Sequence[int]) -> NodeBytes:
    """A node of this number as the engine keeps it; `numbers` are node numbers by position."""
    node = facts.node
    return LAYOUT.pack(
        NodeRow(
            number=number,
            own=[_float(node.own.get(column)) for column in COLUMNS],
            stated=[_float(node.declared.get(column)) for column in COLUMNS],
            fixed=[POSITION[column] for column in node.fixed],
            gaps=[POSITION[column] for gap in facts.gaps for column in gap.columns],
            own_shares=[_shares(node.own.get(column)) for column in HEADLINE],
            declared_shares=[_shares(node.declared.get(column)) for column in HEADLINE],
            produced=float(node.produced or 1),
            output_share=float(facts.output_share or 0),
            entries=_entries(facts.links, numbers),
        )
    )


def _entries(links: Iterable[Link], numbers: Sequence[int]) -> list[tuple[int, float, float]]:
    """Supplier number, amount and measured part; parallel links add up exactly, an amount of zero is no link."""
    sums: dict[int, tuple[Fraction, Fraction]] = {}
    for link in links:
        amount, measured = link.per_unit, link.per_unit * link.measured
        if link.supplier in sums:
            before = sums[link.supplier]
            amount, measured = amount + before[0], measured + before[1]
        sums[link.supplier] = amount, measured
    found = [(numbers[supplier], float(amount), float(part)) for supplier, (amount, part) in sums.items()]
    return sorted(entry for entry in found if entry[1] > 0)


def _float(effect: Effect | None) -> float | None:
    return None if effect is None else float(effect.amount)


def _shares(effect: Effect | None) -> tuple[float, ...]:
    """The four shares, made to sum to 1 (a dataset may round them)."""
    parts = _parts(effect.shares if effect is not None else UNSTATED)
    total = sum(parts)
    if total == 1:
        return tuple(map(float, parts))
    return tuple(float(part / total) for part in parts) if total else tuple(map(float, _parts(UNSTATED)))


def _parts(shares: Shares) -> tuple[Fraction, ...]:
    return shares.measured, shares.allocated, shares.secondary, shares.unknown
