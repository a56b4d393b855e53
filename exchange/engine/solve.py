"""The solve: every product's footprint in every column at once, with a certified error.

`F = D + Aᵀ F`, and `F = declared` where a footprint is declared (method section 4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from exchange.engine.acceleration import accelerate
from exchange.engine.activity import activity_of
from exchange.engine.certificate import (
    Certificate,
    Reaching,
    certify,
    column_bound,
    reach,
    refusal,
    relative_bound,
)
from exchange.engine.errors import ColumnNeededError, LoopError, NotConvergedError, RangeError, ShapeError
from exchange.engine.kernels import compiled_kernels
from exchange.engine.network import Floats, Ids, Network
from exchange.engine.signed import Parted
from exchange.engine.sweeps import Equations, Settled, Sweep, settle, sweep

FINEST = 1e-15
FINER = (
    1 / 32
)  # the bound is wider than the last change: sweeping so much further is cheaper than asking twice
NEAR_ROUNDING = 30  # what rounding alone leaves, times this, is not worth sweeping on for
LARGEST_BOUND = 1e-3
SMALLEST_FOOTPRINT, LARGEST_FOOTPRINT = (
    1e-200,
    1e200,
)  # beyond them what follows would round to nothing or overflow


@dataclass(frozen=True, eq=False)
class Solution:
    """What a solved network says.

    `footprints (n, k)`: own plus upstream, per unit of each product. `gross (n, k)`: what adds to a footprint and what
    takes away from it, both counted as they are; the footprint itself where nothing takes away. `error_bound (k,)`:
    certified, relative to each product's own `gross`. `sweeps`: how often the network was passed before it settled.
    """

    network: Network
    footprints: Floats
    gross: Floats
    error_bound: Floats
    sweeps: int
    certificate: Certificate

    def total(self, demand: ArrayLike | sparse.csr_array) -> Floats:
        """`w · F`: the effect of a final demand. `(n,)` gives `(k,)`; `(m, n)`, sparse or not, gives `(m, k)`."""
        if isinstance(demand, sparse.sparray | sparse.spmatrix):
            return np.asarray(_sparse_demand(demand, self.network.size) @ self.footprints)
        return np.asarray(_demand(demand, self.network.size) @ self.footprints)

    def activity(self, demand: ArrayLike, column: int | None = None) -> Floats:
        """`y (n,)`: how many units of each product a final demand `(n,)` sets in motion.

        Where declared values differ between columns so do activities: then `column` must name one, else
        `ColumnNeededError`.
        """
        if column is None:
            if len(self.network.patterns()) > 1:
                raise ColumnNeededError(
                    "Declared values differ between columns.",
                    advice="Name the column whose activity is meant.",
                )
            column = 0
        elif not 0 <= column < self.network.columns:
            raise ShapeError(f"column must lie between 0 and {self.network.columns - 1}.")
        wanted = _demand(demand, self.network.size)
        if wanted.ndim != 1:
            raise ShapeError("demand must be one amount per product.")
        held = self.network.declared[:, column]
        return activity_of(self.network.amounts, held, wanted, self.certificate)

    def contributions(self, demand: ArrayLike) -> Floats:
        """`(n, k)`: what each product's own (or declared) effect adds to the total of a demand `(n,)`.

        The columns sum to `total(demand)`.
        """
        result = np.empty_like(self.network.direct)
        for pattern in self.network.patterns():
            columns = list(pattern)
            activity = self.activity(demand, column=columns[0])
            result[:, columns] = activity[:, None] * self.network.effects[:, columns]
        return result


def solve(network: Network, tol: float = 1e-10, *, compiled: bool | None = None) -> Solution:
    """Solve a network to a certified relative error of `tol` where double precision allows it.

    Sweeps first; a loop too slow for them (gain near 1) is solved by other means. `error_bound` says what was
    reached. `compiled` decides whether the compiled sweep is used; None: where numba is installed and the
    network is large. Raises `LoopError` when a loop gains 1 or more, `NotConvergedError` when one does so nearly,
    `RangeError` for amounts and effects that arithmetic would lose.
    """
    if not 0 < tol < 1:
        raise ShapeError("tol must lie between 0 and 1.")
    network.check_range()
    parted = Parted.of(network)
    if parted is None:
        return _solve_adding(network, tol, compiled)
    found = _solve_adding(parted.network, tol, compiled)
    net, gross = parted.joined(found.footprints)
    bound = parted.bound(found.error_bound)
    return Solution(network, net, gross, bound, found.sweeps, found.certificate)


def _solve_adding(network: Network, tol: float, compiled: bool | None) -> Solution:
    """Solve a network without negative effects."""
    kernels = compiled_kernels(network.size, compiled)
    if kernels is None:
        return _solved(network, network, (sweep, reach), tol, ())
    order = kernels.suppliers_first(network.amounts)
    fixed = np.take(network.fixed, order, axis=0) if network.declared.any() else network.fixed
    ordered = Network(
        kernels.rearranged(network.amounts, order), np.take(network.direct, order, axis=0), fixed
    )
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    runs = kernels.stretches(ordered.amounts)
    found = _solved(network, ordered, (kernels.sweep, kernels.reach), tol, runs)
    certificate = Certificate(found.certificate.upper[place], found.certificate.margin[place])
    footprints = np.take(found.footprints, place, axis=0)
    return Solution(network, footprints, footprints, found.error_bound, found.sweeps, certificate)


def _solved(
    network: Network, ordered: Network, loops: tuple[Sweep, Reaching], tol: float, runs: tuple[Ids, ...]
) -> Solution:
    """Solve `ordered`, the network with its products in another order; refusals name those of `network`."""
    equations = Equations(ordered.amounts, ordered.effects, ordered.declared, runs)
    with np.errstate(all="ignore"):
        settled = settle(equations, loops[0], max(tol * FINER, FINEST))
        if not settled.done:
            _check_loops(network)
        certificate = certify(ordered, settled.values, loops[0])
        if certificate is None:
            raise refusal(network.followed())
        solution = _tightened(ordered, equations, certificate, settled, loops=loops, tol=tol)
        solution = _column_by_column(solution, loops, tol)
    _check(solution, max(tol, LARGEST_BOUND))
    return solution


def _check_loops(network: Network) -> None:
    """Refuse what sweeping did not settle because it never will, before other means are tried."""
    error = refusal(network.followed())
    if isinstance(error, LoopError):
        raise error


def _tightened(
    network: Network,
    equations: Equations,
    certificate: Certificate,
    settled: Settled,
    *,
    loops: tuple[Sweep, Reaching],
    tol: float,
) -> Solution:
    """Go on until the certified bound, which is wider than the last change, is down to `tol` as well.

    Where rounding alone makes the bound nothing more is to be had; where sweeping on takes too long, other means
    are tried once.
    """
    finer, sweeps, tried = tol * FINER, settled.sweeps, False
    while True:
        bound = relative_bound(network, settled.values, certificate, loops[1])
        widest = float(bound.reached.max(initial=0.0))
        enough = (bound.reached <= np.maximum(tol, NEAR_ROUNDING * bound.least)).all()
        if enough or tried or (settled.done and finer <= FINEST):
            found = settled.values
            return Solution(network, found, found, bound.reached, sweeps, certificate)
        if settled.done:
            finer = max(finer * min(tol / widest / 4, 0.1), FINEST)
            settled = settle(equations, loops[0], finer, settled.values)
            sweeps += settled.sweeps
        else:
            settled, tried = Settled(accelerate(equations, settled.values), 0, done=True), True


def _column_by_column(solution: Solution, loops: tuple[Sweep, Reaching], tol: float) -> Solution:
    """Where the one certificate leaves a column's bound above `tol`, ask one made for that column."""
    bound = solution.error_bound.copy()
    for column in np.flatnonzero(bound > tol).tolist():
        own = column_bound(solution.network, solution.footprints, column, *loops)
        bound[column] = min(bound[column], own)
    return replace(solution, error_bound=bound)


def _check(solution: Solution, largest_bound: float) -> None:
    """Nothing is handed out that double precision may have lost, or of which hardly a digit is certain."""
    size = solution.footprints
    if not (size.max(initial=0.0) <= LARGEST_FOOTPRINT):
        raise RangeError("A footprint is too large to compute with.", advice="Check the amounts per unit.")
    if (
        size.min(initial=np.inf) < SMALLEST_FOOTPRINT
        and size.min(initial=np.inf, where=size > 0) < SMALLEST_FOOTPRINT
    ):
        raise RangeError("A footprint is too small to compute with.", advice="Check the amounts per unit.")
    if not (solution.error_bound <= largest_bound).all():
        raise NotConvergedError(
            f"The network is solved to no better than {float(solution.error_bound.max()):.3g}.",
            advice="Look for a loop that needs nearly as much of itself as it gives.",
        )


def _sparse_demand(demand: Any, size: int) -> sparse.csr_array:
    wanted: sparse.csr_array = sparse.csr_array(demand)
    if wanted.ndim not in (1, 2) or wanted.shape[-1] != size or not np.isfinite(wanted.data).all():
        raise ShapeError(f"demand must hold {size} finite amounts, one per product.")
    return wanted


def _demand(demand: ArrayLike, size: int) -> Floats:
    wanted = np.asarray(demand, dtype=np.float64)
    if wanted.ndim not in (1, 2) or wanted.shape[-1] != size or not np.isfinite(wanted).all():
        raise ShapeError(f"demand must hold {size} finite amounts, one per product.")
    return wanted
