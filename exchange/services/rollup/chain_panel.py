"""What two periods of a chain must have in common to be compared (method section 6)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from exchange.domain.development import Panel
from exchange.domain.indicators import Indicator
from exchange.domain.linking import COLUMNS, Node, NodeKind
from exchange.services.rollup.chain_reach import Reach
from exchange.services.rollup.network_build import METHOD_VERSION


def chain_panel(reach: Reach, column: int, factors: str) -> Panel:
    """The products and links of an indicator's active nodes, how they are counted, and by which factors.

    Of a group: its members and what they produced, and whatever is linked into that, for it is netted.
    """
    indicator, active = COLUMNS[column], reach.counted[column]
    nodes = [reach.nodes[one] for one in active]
    links = {
        f"{lasting(reach.nodes[link.supplier])}>{lasting(reach.nodes[one])}"
        for one in active
        for link in reach.links_into.get(one, ())
        if reach.is_group or link.supplier in active
    }
    members = {f"member {one}" for one in reach.wanted.members}
    return Panel(
        products=digest({lasting(node) for node in nodes} | members),
        links=digest(links),
        method=digest(_method(reach, nodes, indicator)),
        factors=digest(_factors(reach, nodes, indicator) | {factors}),
    )


def lasting(node: Node) -> str:
    """What a node is from one period to the next: a measured delivery is its product."""
    return node.product or node.key


def digest(parts: Iterable[str]) -> str:
    """A short hash of a set of texts, the same whatever their order."""
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()[:32]


def _method(reach: Reach, nodes: Iterable[Node], indicator: str) -> set[str]:
    """The rules in use, which products declare the indicator, and how givers divide with by-products."""
    several = list(nodes)
    declared = {f"declared {lasting(node)}" for node in several if indicator in node.fixed}
    divided = {
        part for node in several for dataset in node.datasets for part in reach.contributors[dataset].divided
    }
    return {METHOD_VERSION} | declared | divided


def _factors(reach: Reach, nodes: Iterable[Node], indicator: str) -> set[str]:
    """What is known of the basis: the defaults in use by their source, and of CO2e each dataset's GWP set.

    Where all datasets use one set it counts once, so that another product alone is not another factor.
    """
    several = list(nodes)
    found = {node.name for node in several if node.kind is NodeKind.DEFAULT}
    if indicator != Indicator.CO2E:
        return found
    stated = {
        (lasting(node), reach.contributors[dataset].gwp_set or "")
        for node in several
        for dataset in node.datasets
    }
    sets = {gwp_set for _product, gwp_set in stated}
    if len(sets) == 1:
        return found | sets
    return found | {f"{product} {gwp_set}" for product, gwp_set in stated}
