"""A linked network solved: footprints of all columns, quality of the five, and the checks they passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from exchange.domain.errors import InvalidError
from exchange.domain.linking import (
    COLUMNS,
    HEADLINE,
    Effect,
    LinkedNetwork,
    LinkingError,
    LinkingInput,
    Node,
    Shares,
    link,
)
from exchange.domain.linking.records import UNSTATED
from exchange.engine import Network, Solution, solve
from exchange.engine.errors import EngineError
from exchange.engine.identities import Identity, activity_identity, conservation, four_parts
from exchange.engine.network import link_matrix
from exchange.engine.quality import Quality, quality

SOLVER = "sparse-sweeps/1"
LARGEST_ERROR = 1e-4


class SolvingError(InvalidError):
    """A network whose figures may not be shown: a loop that gains, or a check that failed."""

    code = "rollup.refused"
    title = "The network of the period cannot be solved"
    products: tuple[str, ...] = ()  # ids of those it is about, where it is about some


@dataclass(frozen=True, eq=False)
class Solved:
    """A linked network with its solution. Columns are in the order of `COLUMNS`."""

    linked: LinkedNetwork
    solution: Solution
    quality: Quality
    identities: tuple[Identity, ...]


def solve_given(given: LinkingInput) -> Solved:
    """Link and solve; the members of a loop that needs as much as it gives are refused and the rest goes on.

    Each attempt refuses at least one more product, so it ends. Raises SolvingError for what no product is
    to blame for.
    """
    while True:
        try:
            return solve_network(link(given))
        except SolvingError as error:
            known = {one.product for one in given.refused}
            fresh = [product for product in error.products if product not in known]
            if not fresh:
                raise
            refused = (LinkingError("loop_gain", one, error.detail, error.advice) for one in fresh)
            given = replace(given, refused=(*given.refused, *refused))


def solve_network(linked: LinkedNetwork) -> Solved:
    """Solve all columns and check the identities; raises SolvingError naming products or the failed check."""
    try:
        network = _network(linked)
        solution = solve(network)
        split = _quality(linked, network)
    except EngineError as error:
        raise _named(error, linked.nodes) from error
    produced = [float(node.produced or 1) for node in linked.nodes]
    identities = (
        *activity_identity(solution, produced),
        *conservation(solution, produced),
        *four_parts(solution, split.parts),
    )
    _check(identities, solution)
    return Solved(linked, solution, split, identities)


def _network(linked: LinkedNetwork) -> Network:
    return Network.from_edges(
        [one.supplier for one in linked.links],
        [one.customer for one in linked.links],
        [float(one.per_unit) for one in linked.links],
        [[_float(node.own.get(column)) for column in COLUMNS] for node in linked.nodes],
        [
            [_float(node.declared[column]) if column in node.fixed else float("nan") for column in COLUMNS]
            for node in linked.nodes
        ],
    )


def _quality(linked: LinkedNetwork, network: Network) -> Quality:
    columns = len(HEADLINE)
    headline = Network(network.amounts, network.direct[:, :columns], network.fixed[:, :columns])
    measured = link_matrix(
        [one.supplier for one in linked.links],
        [one.customer for one in linked.links],
        [float(one.per_unit * one.measured) for one in linked.links],
        network.size,
    )
    own = [[_shares(node.own.get(column)) for column in HEADLINE] for node in linked.nodes]
    declared = [[_shares(node.declared.get(column)) for column in HEADLINE] for node in linked.nodes]
    return quality(headline, measured, own, declared)


def _shares(effect: Effect | None) -> list[float]:
    """The four shares, made to sum to 1 (a dataset may round them)."""
    shares = effect.shares if effect is not None else UNSTATED
    parts = _parts(shares)
    total = sum(parts)
    return [float(part / total) for part in (parts if total else _parts(UNSTATED))]


def _parts(shares: Shares) -> list[Fraction]:
    return [shares.measured, shares.allocated, shares.secondary, shares.unknown]


def _float(effect: Effect | None) -> float:
    return 0.0 if effect is None else float(effect.amount)


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


def _named(error: EngineError, nodes: Sequence[Node]) -> SolvingError:
    names = ", ".join(nodes[node].name for node in error.nodes[:12])
    detail = f"These products need as much of themselves as they give: {names}." if names else error.detail
    named = SolvingError(detail, code=error.code, advice=error.advice)
    named.products = tuple(sorted({nodes[node].product or "" for node in error.nodes} - {""}))
    return named
