"""A network solved: footprints of all columns, quality of the five, and the checks they passed.

It is solved from its arrays alone; what it says does not depend on where these came from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from exchange.domain.errors import InvalidError
from exchange.domain.linking import COLUMNS, LinkedNetwork, LinkingError, LinkingInput, Node, link
from exchange.engine import Network, Solution, solve
from exchange.engine.blame import Blame
from exchange.engine.errors import EngineError, LoopError, RangeError
from exchange.engine.identities import Identity, activity_identity, conservation, four_parts
from exchange.engine.network_arrays import NetworkArrays
from exchange.engine.node_rows import NodeBytes
from exchange.engine.quality import Quality, quality
from exchange.services.rollup.blaming import blamed_for_loops, blamed_for_rest
from exchange.services.rollup.network_view import LinkedView, NetworkView
from exchange.services.rollup.node_facts import LAYOUT, all_facts, engine_bytes

SOLVER = "sparse-sweeps/1"
LARGEST_ERROR = 1e-4
PATIENCE = 3  # attempts that refuse only who is to blame; after them everybody concerned


class SolvingError(InvalidError):
    """A network whose figures may not be shown: a loop that gains, or a check that failed."""

    code = "rollup.refused"
    title = "The network of the period cannot be solved"
    nodes: tuple[int, ...] = ()  # node numbers it is about, where it is about some
    # by product, once a view was asked (`name_products`): whose data to go on without, and all members of such loops
    blamed: Mapping[str, LinkingError] = MappingProxyType({})
    concerned: Mapping[str, LinkingError] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Solved:
    """The arrays of a network with their solution. Columns are in the order of `COLUMNS`."""

    arrays: NetworkArrays
    solution: Solution
    quality: Quality
    identities: tuple[Identity, ...]


def solve_given(
    given: LinkingInput, solving: Callable[[LinkedNetwork], Solved] | None = None
) -> tuple[LinkedNetwork, Solved]:
    """Link and solve; products that keep the network from being solved are refused and the rest goes on.

    `solving` is `solve_linked`, or another way to the same that raises its errors with products named (one that
    stores the network first). Of a loop that needs as much as it gives those are refused whose lines make it so; after
    `PATIENCE` attempts all members of all such loops. Each attempt refuses at least one more product, so it ends.
    Raises SolvingError for what no product is to blame for.
    """
    attempts = 0
    while True:
        linked = link(given)
        try:
            return linked, (solving or solve_linked)(linked)
        except SolvingError as error:
            attempts += 1
            known = {one.product for one in given.refused}
            fresh = _without(error.blamed, known) if attempts <= PATIENCE else ()
            fresh = fresh or _without(error.concerned, known)
            if not fresh:
                raise
            given = replace(given, refused=(*given.refused, *fresh))


def _without(refusals: Mapping[str, LinkingError], known: Collection[str]) -> tuple[LinkingError, ...]:
    return tuple(refusal for product, refusal in sorted(refusals.items()) if product not in known)


def arrays_of(linked: LinkedNetwork) -> NetworkArrays:
    """The arrays of a linked network; node numbers are positions in `linked.nodes`."""
    numbers = range(len(linked.nodes))
    several = (engine_bytes(facts, number, numbers) for number, facts in enumerate(all_facts(linked)))
    return NetworkArrays.from_rows(LAYOUT, [NodeBytes.together(several)], len(linked.nodes))


def solve_linked(linked: LinkedNetwork) -> Solved:
    """Solve a network in memory; raises SolvingError naming products or the failed check."""
    return solve_named(arrays_of(linked), LinkedView(linked))


def solve_named(arrays: NetworkArrays, view: NetworkView) -> Solved:
    """Solve arrays; raises SolvingError naming products, read from the view of the same network."""
    try:
        return solve_arrays(arrays)
    except SolvingError as error:
        raise name_products(error, arrays, view) from error


def solve_arrays(arrays: NetworkArrays) -> Solved:
    """Solve all columns and check the identities; raises SolvingError naming nodes or the failed check."""
    network = arrays.network
    try:
        solution = solve(network)
        split = quality(_headline(arrays), arrays.measured, arrays.own_shares, arrays.declared_shares)
    except EngineError as error:
        refused = SolvingError(error.detail, code=error.code, advice=error.advice)
        refused.nodes = (*error.nodes, *(error.others if isinstance(error, LoopError) else ()))
        raise refused from error
    identities = (
        *activity_identity(solution, arrays.produced),
        *conservation(solution, arrays.produced),
        *four_parts(solution, split.parts),
    )
    _check(identities, solution)
    return Solved(arrays, solution, split, identities)


def name_products(error: SolvingError, arrays: NetworkArrays, view: NetworkView) -> SolvingError:
    """The same refusal with whose data it is about, for the operator by name and for each maker of its own product."""
    if error.error_code == RangeError.code and error.nodes:
        found = Blame(error.nodes, error.nodes)
    elif error.error_code == LoopError.code:
        found = blamed_for_loops(arrays.network, view)
    else:
        found = blamed_for_rest(arrays.network, view)
    nodes = view.nodes(found.concerned or error.nodes)
    if not nodes:
        return error
    names = ", ".join(node.name for node in list(nodes.values())[:12])
    named = SolvingError(f"{error.detail} It is about: {names}.", code=error.error_code, advice=error.advice)
    named.nodes = found.concerned or error.nodes
    named.concerned = {node.product: _refusal(node, found) for node in nodes.values() if node.product}
    named.blamed = {
        node.product: _refusal(node, found) for node in view.nodes(found.nodes).values() if node.product
    }
    return named


def _refusal(node: Node, found: Blame) -> LinkingError:
    """What the maker of a product is told; of others in the loop nothing, for who takes what is not for all to know."""
    if found.in_loops:
        detail = (
            f"{node.name} takes part in a loop that needs as much of a product as it gives, or nearly so."
        )
        advice = "Correct the amounts per unit in its recipe; the loop is to give more than it takes."
        return LinkingError("loop_gain", node.product or "", detail, advice)
    detail = f"A figure of {node.name}, or what it needs of its inputs, is beyond what can be counted with."
    return LinkingError("range", node.product or "", detail, "Correct the amounts per unit, or their units.")


def _headline(arrays: NetworkArrays) -> Network:
    network, columns = arrays.network, arrays.headline
    return Network(network.amounts, network.direct[:, :columns], network.fixed[:, :columns])


def _check(identities: Sequence[Identity], solution: Solution) -> None:
    for identity in identities:
        if not identity.passed:
            raise SolvingError(
                f"The check {identity.name} of {COLUMNS[identity.column]} failed: {identity.left:.12g} against "
                f"{identity.right:.12g}.",
                code="rollup.check_failed",
                advice="Nothing of this run is published; the figures before it stay.",
            )
    worst = float(solution.error_bound.max(initial=0.0))
    if not worst <= LARGEST_ERROR:
        raise SolvingError(
            f"The network is solved to no better than {worst:.3g}.",
            code="rollup.imprecise",
            advice="Look for a loop that needs nearly as much of itself as it gives.",
        )
