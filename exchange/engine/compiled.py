"""What is compiled where numba is installed (extra `fast`); the same figures come out without it.

Gauss-Seidel: every product uses what was just computed of its suppliers, so with suppliers first a sweep carries an
effect through the whole network where scipy's carries it one tier. Loops written out as a compiler wants them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from scipy import sparse

from exchange.engine.certificate import EPSILON, Rows
from exchange.engine.errors import ShapeError
from exchange.engine.network import Flags, Floats, Ids

LARGEST = float(np.finfo(np.float64).max)
FIVE = 5
SMALL, REPEATS, STILL = 1_000, 20, 1e-15

Links = tuple[Ids, Ids, Floats]  # starts of the rows, suppliers and amounts: a matrix compressed by rows


def _compile(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiled on first use and kept beside this file, or in the user's cache where that cannot be written."""
    try:
        return numba.njit(nogil=True, error_model="numpy", cache=True)(function)
    except RuntimeError:  # nowhere to keep it: compiled again by every process
        return numba.njit(nogil=True, error_model="numpy")(function)


def sweep(
    matrix: sparse.csr_array, base: Floats, held: Flags, floor: Floats, current: Floats, parts: Ids
) -> float:
    """As `sweeps.sweep`, each product after those before it."""
    return float(_sweep(_links(matrix), base, held, floor, current, parts))


def reach(amounts: sparse.csr_array, rows: Rows, scale: Floats) -> Floats:
    """As `certificate.reach`, product by product."""
    return np.asarray(_reach(_links(amounts), tuple(rows), scale))


def suppliers_first(matrix: sparse.csr_array) -> Ids:
    """`(n,)`: the products in an order in which suppliers come first, loops aside (see `ordering`)."""
    left, part = _walked(_links(matrix), np.arange(matrix.shape[0]))
    return np.asarray(left[np.argsort(part[left], kind="stable")])


def cone(matrix: sparse.csr_array, demand: Floats) -> Ids:
    """The products a demand reaches, customers before their suppliers, loops aside."""
    return np.asarray(_walked(_links(matrix), np.flatnonzero(demand))[0][::-1])


def rearranged(matrix: sparse.csr_array, order: Ids) -> sparse.csr_array:
    """The matrix with its rows and columns in another order; raises `ShapeError` for one that is none."""
    if (np.bincount(order, minlength=matrix.shape[0]) != 1).any():
        raise ShapeError("An order names every product once.")
    parts = _rearranged(_links(matrix), order)
    return sparse.csr_array(parts, shape=matrix.shape)


def spread(matrix: sparse.csr_array, held: Flags, order: Ids, waiting: Floats, activity: Floats) -> None:
    """As `activity.spread`: what waits at a product goes to its suppliers, one product after the other."""
    _spread(_links(matrix), held, order, waiting, activity)


def _links(matrix: sparse.csr_array) -> Links:
    """The parts of a matrix, its whole numbers as the kernels were compiled for."""
    starts, suppliers = (part.astype(np.int32, copy=False) for part in (matrix.indptr, matrix.indices))
    return starts, suppliers, matrix.data


@_compile
def _pass_five(
    links: Links, base: Floats, held: Flags, floor: Floats, current: Floats, rows: tuple[int, int]
) -> float:
    """Five columns in five registers: a loop over columns takes half as long again."""
    starts, suppliers, amounts = links
    moved = 0.0
    sums = np.empty(FIVE)
    for row in range(rows[0], rows[1]):
        a, b, c, d, e = base[row, 0], base[row, 1], base[row, 2], base[row, 3], base[row, 4]
        for link in range(starts[row], starts[row + 1]):
            amount, supplier = amounts[link], suppliers[link]
            a += amount * current[supplier, 0]
            b += amount * current[supplier, 1]
            c += amount * current[supplier, 2]
            d += amount * current[supplier, 3]
            e += amount * current[supplier, 4]
        sums[0], sums[1], sums[2], sums[3], sums[4] = a, b, c, d, e
        for column in range(FIVE):
            if not held[row, column]:
                change = abs(sums[column] - current[row, column])
                if not change <= LARGEST:
                    return np.inf
                size = max(abs(sums[column]), floor[column])
                if change > moved * size:
                    moved = change / size
                current[row, column] = sums[column]
    return moved


@_compile
def _pass(
    links: Links, base: Floats, held: Flags, floor: Floats, current: Floats, rows: tuple[int, int]
) -> float:
    starts, suppliers, amounts = links
    moved = 0.0
    columns = current.shape[1]
    sums = np.empty(columns)
    for row in range(rows[0], rows[1]):
        for column in range(columns):
            sums[column] = base[row, column]
        for link in range(starts[row], starts[row + 1]):
            for column in range(columns):
                sums[column] += amounts[link] * current[suppliers[link], column]
        for column in range(columns):
            if not held[row, column]:
                change = abs(sums[column] - current[row, column])
                if not change <= LARGEST:
                    return np.inf
                size = max(abs(sums[column]), floor[column])
                if change > moved * size:
                    moved = change / size
                current[row, column] = sums[column]
    return moved


@_compile
def _sweep(links: Links, base: Floats, held: Flags, floor: Floats, current: Floats, parts: Ids) -> float:
    """Part by part; a small one again and again as long as it moves, while all of it is at hand."""
    moved = 0.0
    wide = current.shape[1] == FIVE
    for part in range(parts.size - 1):
        rows = (parts[part], parts[part + 1])
        again = REPEATS if rows[1] - rows[0] <= SMALL else 1
        change = np.inf
        while again > 0 and change > STILL:
            if wide:
                change = _pass_five(links, base, held, floor, current, rows)
            else:
                change = _pass(links, base, held, floor, current, rows)
            if change == np.inf:
                return np.inf
            if rows[1] - rows[0] == 1 and not _own(links, rows[0]):
                change = 0.0  # nothing it takes will move any more
            again -= 1
        moved = max(moved, change)
    return moved


@_compile
def _own(links: Links, row: int) -> bool:
    """Whether a product needs of itself."""
    own = False
    for link in range(links[0][row], links[0][row + 1]):
        own = own or links[1][link] == row
    return own


@_compile
def _reach(links: Links, rows: tuple[Floats, Flags, Floats, Floats, Floats], scale: Floats) -> Floats:
    starts, suppliers, amounts = links
    direct, declared, footprints, upper, margin = rows
    size, columns = footprints.shape
    most = np.zeros((3, columns))
    supplied, gross = np.empty(columns), np.empty(columns)
    for row in range(size):
        supplied[:], gross[:] = 0.0, 0.0
        for link in range(starts[row], starts[row + 1]):
            for column in range(columns):
                brought = amounts[link] * footprints[suppliers[link], column]
                supplied[column] += brought
                gross[column] += abs(brought)
        steps = (starts[row + 1] - starts[row] + 3) * EPSILON
        for column in range(columns):
            if not declared[row, column]:
                own, found = direct[row, column], footprints[row, column]
                rounded = steps / (1 - steps) * (abs(own) + gross[column] + abs(found))
                left = abs(own + supplied[column] - found) + rounded
                most[0, column] = max(most[0, column], left / margin[row])
                most[1, column] = max(most[1, column], rounded / margin[row])
                reference = scale[column] if scale[column] > 0 else abs(found)
                if reference > 0:
                    most[2, column] = max(most[2, column], upper[row] / reference)
    return most


@_compile
def _walked(links: Links, roots: Ids) -> tuple[Ids, Ids]:
    """Depth first along the suppliers: products in the order in which they are left, and the part of each.

    Tarjan (1972): parts are numbered as they are completed, each after those it takes from.
    """
    starts, suppliers, _ = links
    size = starts.size - 1
    left, path, waiting = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int32)
    link, part = starts[:-1].copy(), np.full(size, -1, np.int32)
    met, lowest = np.full(size, -1, np.int32), np.empty(size, np.int32)
    found = parts = count = stacked = 0
    for root in roots:
        depth = 0 if met[root] < 0 else -1
        path[0] = root
        while depth >= 0:
            product = path[depth]
            if met[product] < 0:
                met[product] = lowest[product] = count
                waiting[stacked] = product
                count, stacked = count + 1, stacked + 1
            deeper = False
            while link[product] < starts[product + 1] and not deeper:
                supplier = suppliers[link[product]]
                if met[supplier] < 0:
                    deeper = True
                else:
                    link[product] += 1
                    if part[supplier] < 0:
                        lowest[product] = min(lowest[product], lowest[supplier])
            if deeper:
                depth += 1
                path[depth] = suppliers[link[product]]
                continue
            left[found] = product
            found, depth = found + 1, depth - 1
            if lowest[product] == met[product]:
                while part[product] < 0:
                    stacked -= 1
                    part[waiting[stacked]] = parts
                parts += 1
    return left[:found].copy(), part


@_compile
def _rearranged(links: Links, order: Ids) -> tuple[Floats, Ids, Ids]:
    starts, suppliers, amounts = links
    position = np.empty(order.size, np.int32)
    for row in range(order.size):
        position[order[row]] = row
    values, columns = np.empty(amounts.size), np.empty(amounts.size, np.int32)
    ends = np.empty(order.size + 1, np.int32)
    ends[0] = filled = 0
    for row in range(order.size):
        for link in range(starts[order[row]], starts[order[row] + 1]):
            values[filled], columns[filled] = amounts[link], position[suppliers[link]]
            filled += 1
        ends[row + 1] = filled
    return values, columns, ends


@_compile
def _spread(links: Links, held: Flags, order: Ids, waiting: Floats, activity: Floats) -> None:
    starts, suppliers, amounts = links
    for product in order:
        asked = waiting[product]
        if asked != 0:
            waiting[product] = 0.0
            activity[product] += asked
            if not held[product]:
                for link in range(starts[product], starts[product + 1]):
                    waiting[suppliers[link]] += amounts[link] * asked
