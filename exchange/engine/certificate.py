"""How wrong a solved network can be at most: a certified bound, not a residual.

Sources: Collatz (1942) and the theory of M-matrices. If `u > 0` and `v = u - Aᵀu > 0`, the network has
exactly one solution and `|F_true - F|[j] <= u[j] * max_i |r[i]| / v[i]` with `r = D + AᵀF - F`. Rows that
are cut (declared) only make `Aᵀ` smaller, so the same `u` serves every pattern of declared values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from exchange.engine.errors import EngineError, LoopError, NotConvergedError
from exchange.engine.loops import worst_loop
from exchange.engine.network import Floats, Network
from exchange.engine.sweeps import Pinned, factorise, sweep_limit

SMALLEST_MARGIN = 1e-9
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Certificate:
    """`upper > 0` and `0 < margin <= upper - Aᵀ upper`: proof that every loop gains less than 1."""

    upper: Floats
    margin: Floats


def certify(network: Network, footprints: Floats) -> Certificate:
    """Find the certificate of a network, weighted by the size of `footprints` so that units do not matter.

    Products declared in every column take no part. Raises `LoopError` naming the loop that gains most.
    """
    amounts = network.followed()
    weight = _weights(footprints)
    for _ in range(2):
        upper = _upper(amounts, weight)
        if not (np.isfinite(upper).all() and (upper > 0).all()):
            break
        margin = _margin(amounts, upper)
        if (margin > 0).all():
            return Certificate(upper, margin)
        # a declared product may be far smaller than its recipe would make it: its margin drowns in rounding
        weight = np.maximum(weight, SMALLEST_MARGIN * upper)
    raise refusal(amounts)


def refusal(amounts: sparse.csr_array) -> EngineError:
    """Why a network has no certificate: the loop that gains most, or amounts beyond arithmetic."""
    members, gain = worst_loop(amounts)
    if members:
        return LoopError(members, max(gain, 1.0))
    return NotConvergedError("The amounts per unit are too large to compute with.")


def rounding(amounts: sparse.csr_array) -> Floats:
    """`(n,)`: relative rounding error at most made in one row of `B + amounts @ X` (Higham's gamma)."""
    steps = (np.diff(amounts.indptr) + 3) * EPSILON
    return np.asarray(steps / (1 - steps))


def relative_bound(network: Network, footprints: Floats, certificate: Certificate) -> Floats:
    """`(k,)`: certified error of a footprint relative to itself, at most, rounding included.

    In a column with negative values, where a footprint may be the small difference of large ones, the
    bound is relative to the column's largest footprint.
    """
    supplied, gross = network.amounts @ footprints, network.amounts @ np.abs(footprints)
    residual = np.abs(network.direct + supplied - footprints)
    size = np.abs(network.direct) + gross + np.abs(footprints)
    residual += rounding(network.amounts)[:, None] * size
    residual[network.declared] = 0.0
    reach = np.max(residual / certificate.margin[:, None], axis=0, initial=0.0)
    absolute = certificate.upper[:, None] * reach
    absolute[network.declared] = 0.0
    return np.asarray(np.max(absolute / _reference(network, footprints), axis=0, initial=0.0))


def _reference(network: Network, footprints: Floats) -> Floats:
    size = np.abs(footprints)
    signed = (network.effects < 0).any(axis=0)
    size[:, signed] = size[:, signed].max(axis=0, initial=0.0)
    return np.where(size > 0, size, np.inf)


def _weights(footprints: Floats) -> Floats:
    size = np.abs(footprints)
    largest = size.max(axis=0, initial=0.0)
    weight = (size / np.where(largest > 0, largest, 1.0)).max(axis=1, initial=0.0)
    positive = weight[weight > 0]
    return np.where(weight > 0, weight, positive.min() if positive.size else 1.0)


def _upper(amounts: sparse.csr_array, weight: Floats) -> Floats:
    swept = _sweep_upper(amounts, weight)
    if swept is not None:
        return swept
    free = Pinned(np.zeros((weight.size, 1), dtype=bool), np.zeros((weight.size, 1)))
    return np.asarray(factorise(amounts, weight[:, None], free)[:, 0])


def _margin(amounts: sparse.csr_array, upper: Floats) -> Floats:
    needed = amounts @ upper
    return np.asarray(upper - needed - rounding(amounts) * (upper + needed))


def _sweep_upper(amounts: sparse.csr_array, weight: Floats) -> Floats | None:
    upper = weight
    for _ in range(sweep_limit(weight.size)):
        with np.errstate(over="ignore", invalid="ignore"):
            following = weight + amounts @ upper
        if not np.isfinite(following).all():
            return None
        if (following - upper <= 0.5 * weight).all():
            return upper
        upper = following
    return None
