"""How wrong a solved network can be at most: a certified bound, not a residual.

Sources: Collatz (1942) and the theory of M-matrices. If `u > 0` and `v = u - Aᵀu > 0`, the network has
exactly one solution and `|F_true - F|[j] <= u[j] * max_i |r[i]| / v[i]` with `r = D + AᵀF - F`. Rows that
are cut (declared) only make `Aᵀ` smaller, so the same `u` serves every pattern of declared values. A column of
footprints that are nowhere negative may be its own `u`: then `v` is what each product adds of its own, and `max |r|/v`
is the error of each footprint relative to itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse

from exchange.engine.acceleration import accelerate
from exchange.engine.errors import EngineError, LoopError, NotConvergedError
from exchange.engine.loops import NEARLY_ONE, other_loops, worst_loop
from exchange.engine.network import SMALLEST, Flags, Floats, Network
from exchange.engine.sweeps import Equations, Sweep, sweep

SMALLEST_MARGIN = 1e-9
SHARE_OF_WEIGHT = 0.5
SWEEPS_AT_MOST = 60
OWN_SHARE = 1e-3  # of each product's footprint: with less, what rounding leaves is too much of it
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Certificate:
    """`upper > 0` and `0 < margin <= upper - Aᵀ upper`: proof that every loop gains less than 1."""

    upper: Floats
    margin: Floats


def certify(
    network: Network, footprints: Floats, sweeping: Sweep = sweep, *, idle: float = 1.0
) -> Certificate | None:
    """Find the certificate of a network, weighted by the size of `footprints` so that units do not matter.

    The footprints are one where every product adds something of its own; else one column is computed for it, whatever
    the number of columns. Products declared in every column take no part; one without a footprint weighs `idle` of the
    lightest other. None where there is none: a loop gains 1 (see `refusal`).
    """
    amounts = network.followed()
    own = _own_certificate(amounts, footprints)
    if own is not None:
        return own
    weight = _weights(footprints, 1.0 if network.signed.any() else idle)
    for _ in range(2):
        upper = _upper(amounts, weight, sweeping)
        if not (np.isfinite(upper).all() and (upper > 0).all()):
            return None
        margin = _margin(amounts, upper)
        if (margin > 0).all():
            return Certificate(upper, margin)
        # a declared product may be far smaller than its recipe would make it: its margin drowns in rounding
        weight = np.maximum(weight, SMALLEST_MARGIN * upper)
    return None


def _own_certificate(amounts: sparse.csr_array, footprints: Floats) -> Certificate | None:
    """The footprints themselves, each column in shares of its sum; None where somebody adds next to nothing."""
    if footprints.min(initial=0.0) < 0:
        return None
    total = np.einsum("ik->k", footprints)
    upper = np.einsum("ik,k->i", footprints, 1 / np.where(total > 0, total, np.inf))
    if not (upper > 0).all():
        return None
    margin = _margin(amounts, upper)
    return Certificate(upper, margin) if (margin >= OWN_SHARE * upper).all() else None


def refusal(amounts: sparse.csr_array) -> EngineError:
    """Why a network has no certificate: the loop that gains most, or amounts beyond arithmetic."""
    members, gain = worst_loop(amounts)
    if gain >= NEARLY_ONE:
        return LoopError(members, max(gain, 1.0), other_loops(amounts, members))
    if members:
        return NotConvergedError(
            f"A loop gains {gain:.12g}, so nearly 1 that no certified figure was found.",
            nodes=members,
            advice="Look for a loop that needs nearly as much of itself as it gives.",
        )
    return NotConvergedError("The amounts per unit are too large to compute with.")


def rounding(amounts: sparse.csr_array) -> Floats:
    """`(n,)`: relative rounding error at most made in one row of `B + amounts @ X` (Higham's gamma)."""
    steps = (np.diff(amounts.indptr) + 3) * EPSILON
    return np.asarray(steps / (1 - steps))


class Rows(NamedTuple):
    """What of each product its bound is made of: effects, declared or not, footprints `(n, k)`, certificate `(n,)`."""

    direct: Floats
    declared: Flags
    footprints: Floats
    upper: Floats
    margin: Floats


Reaching = Callable[[sparse.csr_array, Rows, Floats], Floats]


@dataclass(frozen=True, eq=False)
class Bound:
    """Certified relative errors `(k,)`: `reached` by the footprints there are, and `least`, what rounding leaves."""

    reached: Floats
    least: Floats


def relative_bound(
    network: Network, footprints: Floats, certificate: Certificate, reaching: Reaching | None = None
) -> Bound:
    """The certified error of a footprint relative to itself, at most, in each column; rounding included.

    In a column with negative values, where a footprint may be the small difference of large ones, the
    bound is relative to the column's largest footprint.
    """
    scale = np.zeros(network.columns)
    signed = network.signed
    if signed.any():
        scale[signed] = np.abs(footprints[:, signed]).max(axis=0, initial=0.0)
    rows = Rows(network.direct, network.declared, footprints, certificate.upper, certificate.margin)
    left, rounded, widest, own_left, own_rounded = (reaching or reach)(network.amounts, rows, scale)
    return Bound(np.fmin(widest * left, own_left), np.fmin(widest * rounded, own_rounded))


def column_bound(
    network: Network,
    footprints: Floats,
    column: int,
    sweeping: Sweep = sweep,
    reaching: Reaching | None = None,
) -> float:
    """The certified error of one column by a certificate of its own; infinite where there is none.

    One certificate serves all columns where they are of one shape. A footprint that is large in one column and tiny
    in another gets a loose bound from it, and is not less certain for that.
    """
    alone = Network(network.amounts, network.direct[:, [column]], network.fixed[:, [column]])
    values = np.ascontiguousarray(footprints[:, [column]])
    # without effect there is no rounding either: a product without one need not widen what takes from it
    certificate = certify(alone, values, sweeping, idle=SMALLEST_MARGIN)
    if certificate is None:
        return float("inf")
    return float(relative_bound(alone, values, certificate, reaching).reached[0])


def reach(amounts: sparse.csr_array, rows: Rows, scale: Floats) -> Floats:
    """`(5, k)`: the largest of residual over margin, of its rounding alone, and of the certificate over a footprint.

    Over the `scale (k,)` of the column instead where that is not zero. The last two: residual and rounding over the
    margin the footprints have themselves, which is what a product adds of its own: the footprints of a column
    without negative ones are its certificate where every product adds something. Declared products take no part.
    """
    direct, declared, footprints, upper, margin = rows
    supplied, sizes = amounts @ footprints, np.abs(footprints)
    gross = supplied if (footprints >= 0).all() else amounts @ sizes
    rounded = rounding(amounts)[:, None] * (np.abs(direct) + gross + sizes)
    left = np.abs(direct + supplied - footprints) + rounded
    size = np.where(scale > 0, scale, sizes)
    relative = upper[:, None] / np.where(size > 0, size, np.inf)
    kept = np.where(footprints > 0, np.maximum(footprints - supplied - rounded, 0.0), 0.0)
    shares = [_share(part, kept) for part in (left, rounded)]
    tables = (left / margin[:, None], rounded / margin[:, None], relative, *shares)
    most = np.array([np.where(declared, 0.0, table).max(axis=0, initial=0.0) for table in tables])
    most[3:, (declared & (footprints < 0)).any(axis=0)] = np.inf
    return most


def _share(part: Floats, whole: Floats) -> Floats:
    """`part / whole`; nothing of nothing is nothing."""
    return np.divide(part, whole, out=np.where(part > 0, np.inf, 0.0), where=whole > 0)


def _weights(footprints: Floats, idle: float) -> Floats:
    weight = np.zeros(footprints.shape[0])
    for column in range(footprints.shape[1]):
        size = np.abs(footprints[:, column])
        np.maximum(weight, size / (size.max(initial=0.0) or 1.0), out=weight)
    least = weight.min(initial=np.inf, where=weight > 0)
    if not np.isfinite(least):
        return np.ones_like(weight)
    return np.where(weight > 0, weight, max(least * idle, SMALLEST))


def _upper(amounts: sparse.csr_array, weight: Floats, sweeping: Sweep) -> Floats:
    """`u` with `u - Aᵀ u` at least half the weight: the sum of all that a weight of effect at each product brings."""
    equations, floor = Equations.of_column(amounts, weight), np.zeros(1)
    whole = np.array([0, weight.size])
    upper = equations.base.copy()
    for _ in range(SWEEPS_AT_MOST):
        if not np.isfinite(sweeping(amounts, equations.base, equations.held, floor, upper, whole)):
            return np.full_like(weight, np.inf)
        if (upper[:, 0] - amounts @ upper[:, 0] >= SHARE_OF_WEIGHT * weight).all():
            return upper[:, 0]
    return accelerate(equations, upper)[:, 0]


def _margin(amounts: sparse.csr_array, upper: Floats) -> Floats:
    needed = amounts @ upper
    return np.asarray(upper - needed - rounding(amounts) * (upper + needed))
