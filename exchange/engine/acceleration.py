"""Networks with a loop whose gain is near 1, for which sweeping takes too long: solved by other means.

Small networks are factorised. In others a loop that is strong (each link brings much of what its customer has)
is solved exactly together with all that a sweep does, and what remains slow after that, be it a circle through the
whole network, is left to GMRES (Saad and Schultz 1986), whose iterations grow with the number of slow loops and
not with their gain. How exact it became is for the certificate to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import LinearOperator, gmres, splu

from exchange.engine.network import Flags, Floats, Ids, without_rows
from exchange.engine.ordering import met, suppliers_first
from exchange.engine.sweeps import Equations

FACTORISE_UP_TO = 2_000
STRONG, LARGEST_GROUP = 0.2, 200
BASIS, RESTARTS = 40, 25
ROUNDS, EASY_ROUNDS = 16, 6
EXACT = 4 * float(np.finfo(np.float64).eps)

Inverse = Callable[[Floats], Floats]


def accelerate(equations: Equations, start: Floats) -> Floats:
    """`X (n, k)` with `X = base + matrix X` where not held, from a start that sweeping reached.

    Where no solution exists (a loop that gains 1) anything may come, infinities among it.
    """
    result = np.zeros_like(equations.base)
    with np.errstate(all="ignore"):
        for columns in _equal_columns(equations.held):
            matrix = without_rows(equations.matrix, equations.held[:, columns[0]])
            solve = _nearly_inverse(matrix, np.abs(start[:, columns]).max(axis=1))
            customers = sparse.csr_array(matrix.T)
            for column in columns:
                base = equations.base[:, column]
                found = _solved(matrix, solve, base)
                arriving = met(customers, np.flatnonzero(base))
                result[arriving, column] = found[arriving]
    return result


def _equal_columns(held: Flags) -> list[list[int]]:
    groups: dict[bytes, list[int]] = {}
    for column in range(held.shape[1]):
        groups.setdefault(held[:, column].tobytes(), []).append(column)
    return list(groups.values())


def _nearly_inverse(matrix: sparse.csr_array, size: Floats) -> Inverse:
    """An inverse of `I - matrix`, or of what of it can be factorised without filling up."""
    identity = sparse.eye_array(matrix.shape[0], format="csr")
    if matrix.shape[0] <= FACTORISE_UP_TO:
        return _factorised(identity - matrix, "COLAMD")
    group = _strong_loops(matrix, size)
    order = _order(matrix, group)
    links = matrix[order][:, order].tocoo()
    kept = (links.col < links.row) | (group[order][links.row] == group[order][links.col])
    lower = sparse.csr_array((links.data[kept], (links.row[kept], links.col[kept])), shape=matrix.shape)
    inverse = _factorised(identity - lower, "NATURAL")

    def solve(right: Floats) -> Floats:
        result = np.empty_like(right)
        result[order] = inverse(right[order])
        return result

    return solve


def _factorised(system: sparse.csr_array, ordering: Literal["COLAMD", "NATURAL"]) -> Inverse:
    """Pivots from the diagonal: that is stable for an M-matrix, and indifferent to units."""
    try:
        factors = splu(sparse.csc_array(system), permc_spec=ordering, diag_pivot_thresh=0.0)
    except RuntimeError:  # exactly singular
        return lambda right: np.full_like(right, np.inf)
    return lambda right: np.asarray(factors.solve(right))


def _strong_loops(matrix: sparse.csr_array, size: Floats) -> Ids:
    """`(n,)`: a number for each loop of strong links, products of no such loop by themselves."""
    links = matrix.tocoo()
    strong = links.data * size[links.col] >= STRONG * size[links.row]
    graph = sparse.csr_array(
        (np.ones(strong.sum()), (links.row[strong], links.col[strong])), shape=matrix.shape
    )
    count, group = connected_components(graph, directed=True, connection="strong")
    alone = np.bincount(group, minlength=count)[group] > LARGEST_GROUP
    group[alone] = count + np.flatnonzero(alone)
    return np.asarray(np.unique(group, return_inverse=True)[1])


def _order(matrix: sparse.csr_array, group: Ids) -> Ids:
    """Suppliers first among the groups, the members of a group side by side."""
    links, count = matrix.tocoo(), int(group.max(initial=-1)) + 1
    between = sparse.csr_array((links.data, (group[links.row], group[links.col])), shape=(count, count))
    place = np.empty(count, dtype=np.int64)
    place[suppliers_first(between)] = np.arange(count)
    return np.argsort(place[group], kind="stable")


def _solved(matrix: sparse.csr_array, inverse: Inverse, base: Floats) -> Floats:
    """Steps with the near inverse, then GMRES on what they leave, corrected by its residual until that is rounding.

    GMRES works on shares of the footprint reached so far, so that no unit weighs more than another.
    """
    found, before = inverse(base), np.inf
    for attempt in range(ROUNDS):
        left = base + matrix @ found - found
        scale = np.where(found != 0, np.abs(found), 1.0)
        wrong = float(np.max(np.abs(left) / (scale + matrix @ np.abs(found)), initial=0.0))
        if not wrong > EXACT or (attempt > EASY_ROUNDS and wrong > before / 2):
            break
        easy, before = attempt < EASY_ROUNDS, wrong
        found = found + (inverse(left) if easy else _step(matrix, inverse, left, scale))
        found = base + matrix @ found
    return found


def _step(matrix: sparse.csr_array, inverse: Inverse, left: Floats, scale: Floats) -> Floats:
    def moved(shares: Floats) -> Floats:
        change = shares.reshape(-1) * scale
        return inverse(change - matrix @ change) / scale

    operator = LinearOperator(matrix.shape, matvec=moved, dtype=np.float64)
    right = inverse(left) / scale
    shares, _ = gmres(operator, right, rtol=1e-6, atol=0.0, restart=BASIS, maxiter=RESTARTS)
    return np.asarray(shares * scale)
