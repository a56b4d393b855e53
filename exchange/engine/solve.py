"""The solve: every product's footprint in every column at once, with a certified error.

`F = D + Aᵀ F`, and `F = declared` where a footprint is declared (method section 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from exchange.engine.certificate import Certificate, certify, refusal, relative_bound
from exchange.engine.errors import ColumnNeededError, ShapeError
from exchange.engine.network import Floats, Network
from exchange.engine.sweeps import Pinned, factorise, settle, sweep_limit

FINEST = 1e-15


@dataclass(frozen=True, eq=False)
class Solution:
    """What a solved network says.

    `footprints (n, k)`: own plus upstream, per unit of each product. `error_bound (k,)`: certified, relative
    to each product's own footprint (in a column with negative values: to the column's largest). `sweeps`: how
    often the network was passed before it settled.
    """

    network: Network
    footprints: Floats
    error_bound: Floats
    sweeps: int
    certificate: Certificate

    def total(self, demand: ArrayLike) -> Floats:
        """`w · F`: the effect of a final demand. `(n,)` gives `(k,)`; `(m, n)` gives `(m, k)`."""
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
        return _activity(self.network.cut(column), wanted, self.certificate)

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


def solve(network: Network, tol: float = 1e-10) -> Solution:
    """Solve a network to a certified relative error of `tol` where double precision allows it.

    Sweeps first; a loop too slow for them (gain near 1) is solved directly. `error_bound` says what was
    reached. Raises `LoopError` when a loop gains 1 or more, `NotConvergedError` when a very large network
    does not settle.
    """
    if not 0 < tol < 1:
        raise ShapeError("tol must lie between 0 and 1.")
    pinned = Pinned(network.declared, np.nan_to_num(network.fixed))
    swept, sweeps = settle(network.amounts, network.direct, pinned, tol)
    footprints = swept if swept is not None else _directly(network, pinned)
    certificate = certify(network, footprints)
    if swept is not None:
        footprints, more = _tighten(network, pinned, footprints, certificate, tol)
        sweeps += more
    return Solution(
        network, footprints, relative_bound(network, footprints, certificate), sweeps, certificate
    )


def _directly(network: Network, pinned: Pinned) -> Floats:
    footprints = factorise(network.amounts, network.direct, pinned)
    if not np.isfinite(footprints).all():
        raise refusal(network.followed())
    return footprints


def _tighten(
    network: Network, pinned: Pinned, footprints: Floats, certificate: Certificate, tol: float
) -> tuple[Floats, int]:
    """Go on until the certified bound, which is wider than the last change, is down to `tol` as well.

    Where sweeping on takes too long the network is solved directly after all; below `FINEST` nothing more
    is to be had from double precision.
    """
    sweeps, finer = 0, tol
    while finer > FINEST:
        bound = float(relative_bound(network, footprints, certificate).max(initial=0.0))
        if bound <= tol:
            break
        finer = max(finer * min(tol / bound / 4, 0.1), FINEST)
        following, more = settle(network.amounts, network.direct, pinned, finer, footprints)
        sweeps += more
        if following is None:
            return _directly(network, pinned), sweeps
        footprints = following
    return footprints, sweeps


def _activity(amounts: sparse.csr_array, demand: Floats, certificate: Certificate) -> Floats:
    """Solve `y = w + A y`, stopping when the certificate says that nothing visible is missing."""
    forward = sparse.csr_array(amounts.T)
    size, scale = certificate.upper, float(certificate.upper @ np.abs(demand))
    activity = demand
    for _ in range(sweep_limit(demand.size)):
        following = demand + forward @ activity
        if size @ np.abs(following - activity) <= 1e-14 * scale:
            return following
        activity = following
    free = Pinned(np.zeros((demand.size, 1), dtype=bool), np.zeros((demand.size, 1)))
    return factorise(forward, demand[:, None], free)[:, 0]


def _demand(demand: ArrayLike, size: int) -> Floats:
    wanted = np.asarray(demand, dtype=np.float64)
    if wanted.ndim not in (1, 2) or wanted.shape[-1] != size or not np.isfinite(wanted).all():
        raise ShapeError(f"demand must hold {size} finite amounts, one per product.")
    return wanted
