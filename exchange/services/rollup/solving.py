"""A network solved: footprints of all columns, quality of the five, and the checks they passed.

It is solved from its arrays alone; what it says does not depend on where these came from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from exchange.domain.errors import InvalidError
from exchange.domain.linking import COLUMNS, LinkedNetwork, LinkingError, LinkingInput, link
from exchange.engine import Network, Solution, solve
from exchange.engine.errors import EngineError, LoopError
from exchange.engine.identities import Identity, activity_identity, conservation, four_parts
from exchange.engine.network_arrays import NetworkArrays
from exchange.engine.node_rows import NodeBytes
from exchange.engine.quality import Quality, quality
from exchange.services.rollup.network_view import LinkedView, NetworkView
from exchange.services.rollup.node_facts import LAYOUT, all_facts, engine_bytes

SOLVER = "sparse-sweeps/1"
LARGEST_ERROR = 1e-4


class SolvingError(InvalidError):
    """A network whose figures may not be shown: a loop that gains, or a check that failed."""

    code = "rollup.refused"
    title = "The network of the period cannot be solved"
    nodes: tuple[int, ...] = ()  # node numbers it is about, where it is about some
    products: tuple[str, ...] = ()  # ids of their products, once a view was asked (`name_products`)


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
    """Link and solve; the members of a loop that needs as much as it gives are refused and the rest goes on.

    `solving` is `solve_linked`, or another way to the same that raises its errors with products named (one that
    stores the network first). Each attempt refuses at least one more product, so it ends. Raises SolvingError
    for what no product is to blame for.
    """
    while True:
        linked = link(given)
        try:
            return linked, (solving or solve_linked)(linked)
        except SolvingError as error:
            known = {one.product for one in given.refused}
            fresh = [product for product in error.products if product not in known]
            if not fresh:
                raise
            refused = (LinkingError("loop_gain", one, error.detail, error.advice) for one in fresh)
            given = replace(given, refused=(*given.refused, *refused))


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
        raise name_products(error, view) from error


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


def name_products(error: SolvingError, view: NetworkView) -> SolvingError:
    """The same refusal in the words of the people it is for: product names, and their ids in `products`."""
    nodes = view.nodes(error.nodes)
    if not nodes:
        return error
    names = ", ".join(nodes[node].name for node in list(nodes)[:12])
    named = SolvingError(
        f"These products need as much of themselves as they give: {names}.",
        code=error.error_code,
        advice=error.advice,
    )
    named.nodes = error.nodes
    named.products = tuple(sorted({node.product or "" for node in nodes.values()} - {""}))
    return named


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
