"""Links brought into rows and orders by compiled loops: what is counted and moved, not computed (see `compiled`)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numba
import numpy as np
from scipy import sparse

from exchange.engine.errors import ShapeError
from exchange.engine.network import Floats, Ids

SMALL = 1_000  # rows: as many fit into a processor's nearest caches
SHORT = 24  # links of a row
DONE = np.iinfo(np.int32).max

Links = tuple[Ids, Ids, Floats]  # starts of the rows, suppliers and amounts: a matrix compressed by rows


def compile_loop(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiled on first use and kept beside its file, or in the user's cache where that cannot be written."""
    try:
        return numba.njit(nogil=True, error_model="numpy", cache=True)(function)
    except RuntimeError:  # nowhere to keep it: compiled again by every process
        return numba.njit(nogil=True, error_model="numpy")(function)


def link_matrix(supplier: Ids, customer: Ids, amount: Floats, size: int) -> sparse.csr_array | None:
    """As `network.link_matrix`, by counting instead of sorting; None for what it would refuse."""
    parts = _link_matrix(supplier, customer, amount, size)
    return sparse.csr_array(parts, shape=(size, size)) if parts[2].size else None


def suppliers_first(matrix: sparse.csr_array) -> Ids:
    """`(n,)`: the products in an order in which suppliers come first, loops aside (see `ordering`)."""
    return np.asarray(_by_part(*_walked(links_of(matrix), np.arange(matrix.shape[0], dtype=np.int32))))


def cone(matrix: sparse.csr_array, demand: Floats) -> Ids:
    """The products a demand reaches, customers before their suppliers, loops aside."""
    return np.asarray(_walked(links_of(matrix), np.flatnonzero(demand).astype(np.int32))[0][::-1])


def rearranged(matrix: sparse.csr_array, order: Ids) -> sparse.csr_array:
    """The matrix with its rows and columns in another order; raises `ShapeError` for one that is none."""
    if (np.bincount(order, minlength=matrix.shape[0]) != 1).any():
        raise ShapeError("An order names every product once.")
    # made by numpy, which asks for pages large enough that few are touched for the first time
    values, columns = np.empty(matrix.nnz), np.empty(matrix.nnz, np.int32)
    ends = _rearranged(links_of(matrix), order, values, columns)
    return sparse.csr_array((values, columns, ends), shape=matrix.shape)


def stretches(matrix: sparse.csr_array) -> tuple[Ids, ...]:
    """Where rows may be settled before the rows after them: nothing up to there takes from what comes later.

    Read from the matrix, so that no order is trusted. Small parts that follow each other make up one stretch; a
    large one is a stretch of its own.
    """
    bounds = _bounds(links_of(matrix))
    large = np.flatnonzero(np.diff(bounds) > SMALL)
    cuts = np.unique(np.concatenate([[0], large, large + 1, [bounds.size - 1]]))
    return tuple(bounds[first : last + 1] for first, last in pairwise(cuts))


def links_of(matrix: sparse.csr_array) -> Links:
    """The parts of a matrix, its whole numbers as the loops were compiled for."""
    starts, suppliers = (part.astype(np.int32, copy=False) for part in (matrix.indptr, matrix.indices))
    return starts, suppliers, matrix.data


@compile_loop
def _link_matrix(supplier: Ids, customer: Ids, amount: Floats, size: int) -> tuple[Floats, Ids, Ids]:
    """Counted into the rows of the customers, each row sorted; nothing at all for a link out of range."""
    ends, nothing = np.zeros(size + 1, np.int32), np.empty(0, np.int32)
    for link in range(supplier.size):
        given, taken = supplier[link], customer[link]
        if given < 0 or given >= size or taken < 0 or taken >= size or not 0 <= amount[link] < np.inf:
            return amount, nothing, nothing
        ends[taken + 1] += 1
    for product in range(size):
        ends[product + 1] += ends[product]
    free = ends[:-1].copy()
    values, columns = np.empty(supplier.size), np.empty(supplier.size, np.int32)
    for link in range(supplier.size):
        place = free[customer[link]]
        values[place], columns[place] = amount[link], supplier[link]
        free[customer[link]] = place + 1
    starts = _sorted(values, columns, ends)
    return values[: starts[size]], columns[: starts[size]], starts


@compile_loop
def _sorted(values: Floats, columns: Ids, ends: Ids) -> Ids:
    """Sort each row by column, parallel links made one and links of nothing left out; where the rows begin then."""
    starts = np.zeros(ends.size, np.int32)
    longest = np.diff(ends).max() if ends.size > 1 else 0
    old_values, old_columns = np.empty(longest), np.empty(longest, np.int32)
    order = np.empty(longest, np.int32)
    filled = 0
    for row in range(ends.size - 1):
        begin, size = ends[row], ends[row + 1] - ends[row]
        for one in range(size):
            old_values[one], old_columns[one] = values[begin + one], columns[begin + one]
        _rank(old_columns, size, order)
        for place in range(size):
            column, value = old_columns[order[place]], old_values[order[place]]
            if filled > starts[row] and columns[filled - 1] == column:
                values[filled - 1] += value
            elif value > 0:
                values[filled], columns[filled] = value, column
                filled += 1
        starts[row + 1] = filled
    return starts


@compile_loop
def _rank(columns: Ids, size: int, order: Ids) -> None:
    """Which of the first `size` columns comes where; equal ones stay in their order.

    Of few, each counts those that come before it: a processor foresees that, and no sort.
    """
    if size > SHORT:
        order[:size] = np.argsort(columns[:size], kind="mergesort")
        return
    for one in range(size):
        column, before = columns[one], 0
        for other in range(one):
            before += columns[other] <= column
        for other in range(one + 1, size):
            before += columns[other] < column
        order[before] = one


@compile_loop
def _walked(links: Links, roots: Ids) -> tuple[Ids, Ids]:
    """Depth first along the suppliers: products in the order in which they are left, and the part of each.

    Tarjan (1972): parts are numbered as they are completed, each after those it takes from. `lowest`: the first
    met of the products that one leads to and whose part is not complete.
    """
    starts, suppliers, _ = links
    size = starts.size - 1
    left, path, waiting = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int32)
    following, lowest = starts[:-1].copy(), np.empty(size, np.int32)
    met, part = np.full(size, -1, np.int32), np.full(size, -1, np.int32)
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
            link, end, low = following[product], starts[product + 1], lowest[product]
            while link < end and met[suppliers[link]] >= 0:
                low = min(low, met[suppliers[link]])
                link += 1
            lowest[product] = low
            if link < end:
                following[product], depth = link + 1, depth + 1
                path[depth] = suppliers[link]
                continue
            left[found] = product
            found, depth = found + 1, depth - 1
            if depth >= 0:
                lowest[path[depth]] = min(lowest[path[depth]], low)
            if low == met[product]:
                while part[product] < 0:
                    stacked -= 1
                    part[waiting[stacked]], met[waiting[stacked]] = parts, DONE
                parts += 1
    return left[:found].copy(), part


@compile_loop
def _by_part(products: Ids, part: Ids) -> Ids:
    """The products by their part, within a part as they came."""
    free, result = np.zeros(products.size + 1, np.int32), np.empty(products.size, np.int32)
    for product in products:
        free[part[product] + 1] += 1
    for number in range(products.size):
        free[number + 1] += free[number]
    for product in products:
        result[free[part[product]]] = product
        free[part[product]] += 1
    return result


@compile_loop
def _rearranged(links: Links, order: Ids, values: Floats, columns: Ids) -> Ids:
    """Fill `values` and `columns` row after row; where each row begins."""
    starts, suppliers, amounts = links
    position = np.empty(order.size, np.int32)
    for row in range(order.size):
        position[order[row]] = row
    ends = np.empty(order.size + 1, np.int32)
    ends[0] = filled = 0
    for row in range(order.size):
        for link in range(starts[order[row]], starts[order[row] + 1]):
            values[filled], columns[filled] = amounts[link], position[suppliers[link]]
            filled += 1
        ends[row + 1] = filled
    return ends


@compile_loop
def _bounds(links: Links) -> Ids:
    """0 and every row up to which nothing takes from a later one."""
    starts, suppliers, _ = links
    bounds = np.zeros(starts.size, np.int64)
    farthest = found = 0
    for row in range(starts.size - 1):
        for link in range(starts[row], starts[row + 1]):
            farthest = max(farthest, suppliers[link])
        if farthest <= row:
            found += 1
            bounds[found] = row + 1
    return bounds[: found + 1].copy()
