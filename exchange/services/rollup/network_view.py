"""What is said of a network's nodes, links and gaps by number, wherever the network is: in memory or stored.

Numbers are those of the arrays the network is solved from. What is asked for and not there is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Protocol

from sqlmodel import Session

from exchange.domain.linking import Gap, Link, LinkedNetwork, Node
from exchange.services.rollup.node_text import read_gaps, read_links, read_node
from exchange.store import networks as query

REMEMBERED = 50_000

Outputs = tuple[tuple[int, Fraction], ...]


class NetworkView(Protocol):
    """What figures of chains read of a network; `Link` and `Gap` name nodes by number."""

    def nodes(self, numbers: Iterable[int]) -> Mapping[int, Node]:
        """The nodes of these numbers."""
        ...

    def gaps(self, numbers: Iterable[int]) -> Sequence[Gap]:
        """The gaps at these nodes, by node."""
        ...

    def links_into(self, numbers: Iterable[int]) -> Sequence[Link]:
        """The links whose customer is one of these nodes, by customer."""
        ...

    def outputs(self, products: Iterable[str]) -> Mapping[str, Outputs]:
        """For each of these products its nodes and the share of its output each makes up."""
        ...

    def of_organisations(self, organisations: Iterable[str]) -> Sequence[int]:
        """The nodes that these organisations make, by number."""
        ...


class LinkedView:
    """A linked network as it came out of linking; numbers are positions in `linked.nodes`."""

    def __init__(self, linked: LinkedNetwork) -> None:
        self._linked = linked
        self._gaps: dict[int, list[Gap]] = defaultdict(list)
        for gap in linked.gaps:
            self._gaps[gap.node].append(gap)
        self._links: dict[int, list[Link]] = defaultdict(list)
        for link in linked.links:
            self._links[link.customer].append(link)

    def nodes(self, numbers: Iterable[int]) -> Mapping[int, Node]:
        """The nodes of these numbers."""
        there = range(len(self._linked.nodes))
        return {number: self._linked.nodes[number] for number in numbers if number in there}

    def gaps(self, numbers: Iterable[int]) -> Sequence[Gap]:
        """The gaps at these nodes, by node."""
        return [gap for number in sorted(set(numbers)) for gap in self._gaps.get(number, ())]

    def links_into(self, numbers: Iterable[int]) -> Sequence[Link]:
        """The links whose customer is one of these nodes, by customer."""
        return [link for number in sorted(set(numbers)) for link in self._links.get(number, ())]

    def outputs(self, products: Iterable[str]) -> Mapping[str, Outputs]:
        """For each of these products its nodes and the share of its output each makes up."""
        every = self._linked.outputs
        return {product: every[product] for product in products if product in every}

    def of_organisations(self, organisations: Iterable[str]) -> Sequence[int]:
        """The nodes that these organisations make, by number."""
        wanted = set(organisations)
        return [number for number, node in enumerate(self._linked.nodes) if node.organisation in wanted]


class StoredView:
    """A network as it is stored, by node number; only what is asked for is read.

    Read within one snapshot. What was read is remembered, up to a stated number of nodes.
    """

    def __init__(self, session: Session, network: int) -> None:
        self._session, self._network = session, network
        self._nodes: dict[int, tuple[Node, Fraction | None] | None] = {}

    def nodes(self, numbers: Iterable[int]) -> Mapping[int, Node]:
        """The nodes of these numbers."""
        wanted = sorted(set(numbers))
        known = self._known(wanted)
        return {number: one[0] for number in wanted if (one := known[number]) is not None}

    def gaps(self, numbers: Iterable[int]) -> Sequence[Gap]:
        """The gaps at these nodes, by node."""
        rows = query.gaps_of(self._session, self._network, numbers)
        return [gap for number, text in rows for gap in read_gaps(text, number)]

    def links_into(self, numbers: Iterable[int]) -> Sequence[Link]:
        """The links whose customer is one of these nodes, by customer."""
        rows = query.links_of(self._session, self._network, numbers)
        return [link for number, text in rows for link in read_links(text, number)]

    def outputs(self, products: Iterable[str]) -> Mapping[str, Outputs]:
        """For each of these products its nodes and the share of its output each makes up."""
        rows = query.numbers_of_products(self._session, self._network, list(products))
        known = self._known([number for _, number in rows])
        found: dict[str, list[tuple[int, Fraction]]] = defaultdict(list)
        for product, number in rows:
            one = known[number]
            if one is not None and one[1] is not None:
                found[product].append((number, one[1]))
        return {product: tuple(parts) for product, parts in found.items()}

    def of_organisations(self, organisations: Iterable[str]) -> Sequence[int]:
        """The nodes that these organisations make, by number."""
        return query.numbers_of_organisations(self._session, self._network, list(organisations))

    def _known(self, numbers: Iterable[int]) -> Mapping[int, tuple[Node, Fraction | None] | None]:
        """The nodes by number with their share of output; None where there is none."""
        wanted = list(numbers)
        if len(self._nodes) + len(wanted) > REMEMBERED:
            self._nodes = {number: self._nodes[number] for number in wanted if number in self._nodes}
        missing = [number for number in wanted if number not in self._nodes]
        self._nodes |= dict.fromkeys(missing)
        for number, key, product, organisation, text in query.facts_of(self._session, self._network, missing):
            self._nodes[number] = read_node(text, key, product, organisation)
        return self._nodes
