"""Sweeps of `X = B + M X` for a matrix M without negative entries: again and again until nothing moves.

The sweep here is scipy's and is what every other is held against: `compiled` has one of the same signature that
needs a quarter of the sweeps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from exchange.engine.network import Flags, Floats, Ids, signed

Sweep = Callable[[sparse.csr_array, Floats, Flags, Floats, Floats, Ids], float]

BLOCK = 5  # columns swept at once: one or two lines of a processor's cache per product
SWEEPS_AT_MOST = 400
SWEEPS_BEFORE_JUDGING = 40
JUDGED_OVER = 20


@dataclass(frozen=True, eq=False)
class Equations:
    """`X = base + matrix X`, and `X = base` where `held`; `base` and `held` are `(n, k)`.

    `stretches`: which rows to settle one after the other, each with the boundaries of its parts; `()`: all at once.
    """

    matrix: sparse.csr_array
    base: Floats
    held: Flags
    stretches: tuple[Ids, ...] = ()

    @classmethod
    def of_column(cls, matrix: sparse.csr_array, base: Floats) -> Equations:
        """One column `(n,)` in which nothing is held."""
        return cls(matrix, base[:, None], np.zeros((base.size, 1), dtype=bool))

    @cached_property
    def signed(self) -> Flags:
        """`(k,)`: columns with negative entries, where an entry may be the small difference of large ones."""
        return signed(self.base)

    def block(self, first: int) -> Equations:
        """`BLOCK` columns beginning with `first`."""
        columns = slice(first, first + BLOCK)
        base, held = self.base[:, columns], self.held[:, columns]
        return Equations(self.matrix, np.ascontiguousarray(base), np.ascontiguousarray(held), self.stretches)


@dataclass(frozen=True, eq=False)
class Settled:
    """Where sweeping led: `values (n, k)`, how often all was passed, and whether nothing moves any more."""

    values: Floats
    sweeps: int
    done: bool


def sweep(
    matrix: sparse.csr_array, base: Floats, held: Flags, floor: Floats, current: Floats, parts: Ids
) -> float:
    """Replace `current (n, k)` by `base + matrix current`, by `base` where `held`; returns how far it moved.

    That is the largest change of an entry relative to itself, or to `floor (k,)` where that is more; infinite
    when an entry is beyond arithmetic. `parts` (see `compiled_links`) say which products are computed at all and may
    help; here it is always all.
    """
    following = base + matrix @ current
    np.copyto(following, base, where=held)
    change = np.abs(following - current)
    if not np.isfinite(change).all():
        return np.inf
    current[:] = following
    size = np.maximum(np.abs(following), floor)
    return float(np.divide(change, size, out=change, where=change > 0).max(initial=0.0))


def settle(equations: Equations, sweeping: Sweep, tol: float, start: Floats | None = None) -> Settled:
    """Sweep until every entry moves by at most `tol` of itself, or until it is plain that it takes too long.

    In a column with negative entries the measure is 1e-4 of the column's largest entry instead.
    """
    values = (equations.base if start is None else start).copy()
    sweeps, done = 0, True
    for first in range(0, values.shape[1], BLOCK):
        part = equations.block(first)
        columns = values[:, first : first + BLOCK]
        current = np.ascontiguousarray(columns)
        passed, settled = _settle(part, sweeping, tol, current)
        if not np.shares_memory(current, columns):
            columns[:] = current
        sweeps, done = max(sweeps, passed), done and settled
    return Settled(values, sweeps, done)


def _settle(equations: Equations, sweeping: Sweep, tol: float, current: Floats) -> tuple[int, bool]:
    """Sweep one stretch after the other; how often the one that took longest was passed, and whether all settled."""
    whole = np.array([0, current.shape[0]])
    passed = [
        _settle_stretch(equations, parts, sweeping, tol, current) for parts in equations.stretches or (whole,)
    ]
    return max(count for count, _ in passed), all(done for _, done in passed)


def _settle_stretch(
    equations: Equations, parts: Ids, sweeping: Sweep, tol: float, current: Floats
) -> tuple[int, bool]:
    matrix, base, held, signed = equations.matrix, equations.base, equations.held, equations.signed
    floor, moved = np.zeros(signed.size), []
    for _ in range(SWEEPS_AT_MOST):
        if signed.any():
            floor[signed] = 1e-4 * np.abs(current[:, signed]).max(axis=0, initial=0.0)
        moved.append(sweeping(matrix, base, held, floor, current, parts))
        if moved[-1] <= tol:
            return len(moved), True
        if _hopeless(moved, tol):
            break
    return len(moved), False


def _hopeless(moved: list[float], tol: float) -> bool:
    """Whether the last sweeps, going on as they did, would not get there."""
    if not np.isfinite(moved[-1]):
        return True
    if len(moved) < SWEEPS_BEFORE_JUDGING:
        return False
    rate = (moved[-1] / moved[-JUDGED_OVER]) ** (1 / (JUDGED_OVER - 1))
    return bool(len(moved) + np.log(tol / moved[-1]) / np.log(min(rate, 1 - 1e-9)) > SWEEPS_AT_MOST)
