"""Fixed points of `X = B + M X` for a matrix M without negative entries: sweeps, else factorise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from exchange.engine.errors import NotConvergedError
from exchange.engine.network import Floats, without_rows

SWEEPS_BEFORE_FACTORISING = 400
FACTORISE_UP_TO = 20_000
SWEEPS_AT_MOST = 20_000
POLISHING_SWEEPS = 20


@dataclass(frozen=True, eq=False)
class Pinned:
    """Entries that keep a given value in every sweep: `mask` and `value`, both `(n, k)`."""

    mask: NDArray[np.bool_]
    value: Floats


def sweep_limit(size: int) -> int:
    """How long to sweep: shortly where factorising is possible, patiently where it is not."""
    return SWEEPS_BEFORE_FACTORISING if size <= FACTORISE_UP_TO else SWEEPS_AT_MOST


def settle(
    matrix: sparse.csr_array, base: Floats, pinned: Pinned, tol: float, start: Floats | None = None
) -> tuple[Floats | None, int]:
    """Sweep `X <- base + matrix X` until every entry moves by at most `tol` of itself.

    In a column with negative entries, where an entry may be the small difference of large ones, the
    measure is 1e-4 of the column's largest entry instead. Returns `(None, sweeps)` when it does not settle.
    """
    held, limit = pinned.mask.any(), sweep_limit(base.shape[0])
    signed = np.asarray(((base < 0) | (pinned.mask & (pinned.value < 0))).any(axis=0))
    current = np.where(pinned.mask, pinned.value, base) if start is None else start
    for sweep in range(1, limit + 1):
        with np.errstate(over="ignore", invalid="ignore"):
            following = base + matrix @ current
            if held:
                following[pinned.mask] = pinned.value[pinned.mask]
            change = np.abs(following - current)
        if not np.isfinite(following).all():
            return None, sweep
        current = following
        if (change <= tol * _measure(following, signed)).all():
            return current, sweep
    return None, limit


def _measure(values: Floats, signed: NDArray[np.bool_]) -> Floats:
    size = np.abs(values)
    if signed.any():
        size[:, signed] = 1e-4 * size[:, signed].max(axis=0, initial=0.0)
    return size


def factorise(matrix: sparse.csr_array, base: Floats, pinned: Pinned) -> Floats:
    """Solve `(I - M) X = base` by sparse LU, once per pattern of pinned entries.

    Corrections by the residual and a few sweeps follow. An exactly singular matrix gives infinities (the caller's
    certificate then fails). Raises `NotConvergedError` above `FACTORISE_UP_TO` products.
    """
    if matrix.shape[0] > FACTORISE_UP_TO:
        raise NotConvergedError(
            f"{matrix.shape[0]} products did not settle within {SWEEPS_AT_MOST} sweeps.",
            advice="Look for a loop that needs nearly as much of itself as it gives.",
        )
    result = np.empty_like(base)
    for columns in _equal_columns(pinned.mask):
        mask = pinned.mask[:, columns[0]]
        right = np.where(mask[:, None], pinned.value[:, columns], base[:, columns])
        kept = without_rows(matrix, mask)
        solved = _direct(kept, right)
        solved[~_reached(kept, right != 0)] = 0.0
        result[:, columns] = _polished(kept, right, solved)
    return result


def _reached(matrix: sparse.csr_array, sources: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where anything can arrive at all: elsewhere the answer is zero, whatever elimination rounds it to."""
    links = sparse.csr_array((np.ones_like(matrix.data), matrix.indices, matrix.indptr), shape=matrix.shape)
    reached = sources
    while True:
        following = reached | ((links @ reached.astype(np.float64)) > 0)
        if (following == reached).all():
            return reached
        reached = following


def _polished(matrix: sparse.csr_array, right: Floats, solved: Floats) -> Floats:
    """A few sweeps, which round each entry relative to itself where elimination rounds to the largest."""
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(POLISHING_SWEEPS):
            solved = right + matrix @ solved
    return solved


def _equal_columns(mask: NDArray[np.bool_]) -> list[list[int]]:
    groups: dict[bytes, list[int]] = {}
    for column in range(mask.shape[1]):
        groups.setdefault(mask[:, column].tobytes(), []).append(column)
    return list(groups.values())


def _direct(matrix: sparse.csr_array, right: Floats) -> Floats:
    system = sparse.csc_array(sparse.eye_array(matrix.shape[0]) - matrix)
    try:
        factors = splu(system)
    except RuntimeError:
        return np.full_like(right, np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        result = factors.solve(right)
        for _ in range(2):
            result = result + factors.solve(right - system @ result)
    return np.asarray(result)
