"""What two periods of a chain must have in common to be compared (method section 6)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from exchange.domain.development import Panel
from exchange.domain.indicators import Indicator
from exchange.domain.linking import Node, NodeKind, ProductDataset
from exchange.services.rollup.network_build import METHOD_VERSION, DatasetReference, Inputs
from exchange.services.rollup.solving import Solved


def chain_panel(solved: Solved, inputs: Inputs, indicator: str, active: Sequence[int]) -> Panel:
    """The products and links of an indicator's active nodes, how they are counted, and by which factors."""
    nodes, members = solved.linked.nodes, set(active)
    taking_part = [nodes[node] for node in active]
    links = {
        f"{lasting(nodes[one.supplier])}>{lasting(nodes[one.customer])}"
        for one in solved.linked.links
        if one.customer in members and one.supplier in members
    }
    return Panel(
        products=digest({lasting(node) for node in taking_part}),
        links=digest(links),
        method=digest(_method(taking_part, inputs.given.products, indicator)),
        factors=digest(_factors(taking_part, inputs.references, indicator) | {inputs.factors}),
    )


def lasting(node: Node) -> str:
    """What a node is from one period to the next: a measured delivery is its product."""
    return node.product or node.key


def digest(parts: Iterable[str]) -> str:
    """A short hash of a set of texts, the same whatever their order."""
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()[:32]


def _method(nodes: Iterable[Node], given: Iterable[ProductDataset], indicator: str) -> set[str]:
    """The rules in use, which products declare the indicator, and how givers divide with by-products."""
    several = list(nodes)
    used = {dataset for node in several for dataset in node.datasets}
    declared = {f"declared {lasting(node)}" for node in several if indicator in node.fixed}
    divided = {
        f"by-product {giver.product} {part.product} {part.rule} {part.share}"
        for giver in given
        if used & set(giver.datasets)
        for part in giver.co_products
    }
    return {METHOD_VERSION} | declared | divided


def _factors(nodes: Iterable[Node], references: Mapping[str, DatasetReference], indicator: str) -> set[str]:
    """What is known of the basis: the defaults in use by their source, and of CO2e each dataset's GWP set.

    Where all datasets use one set it counts once, so that another product alone is not another factor.
    """
    several = list(nodes)
    found = {node.name for node in several if node.kind is NodeKind.DEFAULT}
    if indicator != Indicator.CO2E:
        return found
    stated = {
        (lasting(node), references[dataset].gwp_set or "") for node in several for dataset in node.datasets
    }
    sets = {gwp_set for _product, gwp_set in stated}
    if len(sets) == 1:
        return found | sets
    return found | {f"{product} {gwp_set}" for product, gwp_set in stated}
