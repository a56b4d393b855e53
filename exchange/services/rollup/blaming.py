"""Whose data a network is to go on without, where with them it cannot be solved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from exchange.domain.linking import Link, Node, Origin
from exchange.domain.linking.amounts import mass_of
from exchange.engine.blame import Blame, Choose, blame, blame_loops
from exchange.engine.network import Network
from exchange.services.rollup.network_view import NetworkView

HANDED_OVER = frozenset({Origin.DELIVERY, Origin.POOL})


def blamed_for_loops(network: Network, view: NetworkView) -> Blame:
    """Whose recipes make loops that gain 1 or more."""
    return blame_loops(network.followed(), _chooser(view))


def blamed_for_rest(network: Network, view: NetworkView) -> Blame:
    """Whose recipes or figures make a network without such loops impossible to solve well."""
    return blame(network, _chooser(view))


def _chooser(view: NetworkView) -> Choose:
    """Of a loop the members whose lines into it are to blame; a supplier must not take its customer out with it.

    First those who take from the loop what nobody says was handed over, where that tells members apart. Else whoever
    takes most: kg of the loop's products per kg of its own, since the gain of a loop is the product of these; where a
    mass is missing, of the supplier's output, which has the same product.
    """

    def choose(loop: tuple[int, ...]) -> Collection[int]:
        members = set(loop)
        links = [link for link in view.links_into(loop) if link.supplier in members]
        loose = {link.customer for link in links if link.origin not in HANDED_OVER}
        if loose and loose != members:
            return loose
        taken = _taken(links, view.nodes(loop))
        most = max(taken.values(), default=Fraction(0))
        return [node for node, amount in taken.items() if amount == most]

    return choose


def _taken(links: Sequence[Link], nodes: Mapping[int, Node]) -> dict[int, Fraction]:
    """What each member takes from its loop, in one measure for all of them."""
    are_weighed = all(_mass(node) for node in nodes.values())
    taken: dict[int, Fraction] = defaultdict(Fraction)
    for link in links:
        supplier, customer = nodes[link.supplier], nodes[link.customer]
        if are_weighed:
            taken[link.customer] += link.per_unit * (_mass(supplier) or 1) / (_mass(customer) or 1)
        else:
            made = supplier.produced or Fraction(1)
            taken[link.customer] += link.per_unit * (customer.produced or Fraction(1)) / made
    return taken


def _mass(node: Node) -> Fraction | None:
    """Kilograms of one unit, where they are known."""
    return mass_of(Fraction(1), node.unit, node.mass)
