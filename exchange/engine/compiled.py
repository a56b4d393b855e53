"""What is compiled where numba is installed (extra `fast`); the same figures come out without it.

Gauss-Seidel: every product uses what was just computed of its suppliers, so with suppliers first a sweep carries an
effect through the whole network where scipy's carries it one tier. Loops written out as a compiler wants them.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from exchange.engine.certificate import EPSILON, Rows
from exchange.engine.compiled_links import (
    SMALL,
    Links,
    compile_loop,
    cone,
    link_matrix,
    links_of,
    rearranged,
    stretches,
    suppliers_first,
)
from exchange.engine.network import Flags, Floats, Ids

__all__ = ["cone", "link_matrix", "reach", "rearranged", "spread", "stretches", "suppliers_first", "sweep"]

LARGEST = float(np.finfo(np.float64).max)
FIVE = 5
REPEATS, STILL = 20, 1e-15


def sweep(
    matrix: sparse.csr_array, base: Floats, held: Flags, floor: Floats, current: Floats, parts: Ids
) -> float:
    """As `sweeps.sweep`, each product after those before it."""
    return float(_sweep(links_of(matrix), base, held, floor, current, parts))


def reach(amounts: sparse.csr_array, rows: Rows, scale: Floats) -> Floats:
    """As `certificate.reach`, product by product."""
    return np.asarray(_reach(links_of(amounts), tuple(rows), scale))


def spread(matrix: sparse.csr_array, held: Flags, order: Ids, waiting: Floats, activity: Floats) -> None:
    """As `activity.spread`: what waits at a product goes to its suppliers, one product after the other."""
    _spread(links_of(matrix), held, order, waiting, activity)


@compile_loop
def _moved(value: float, before: float, floor: float, moved: float) -> float:
    """The larger of `moved` and how far a value moved from `before`; infinite where it is beyond arithmetic."""
    change, size = abs(value - before), max(abs(value), floor)
    if not change <= LARGEST:
        return np.inf
    return change / size if change > moved * size else moved


@compile_loop
def _five(links: Links, values: Floats, row: int) -> tuple[float, float, float, float, float]:
    """A row of `matrix values` in five registers: a loop over columns takes half as long again."""
    starts, suppliers, amounts = links
    a = b = c = d = e = 0.0
    for link in range(starts[row], starts[row + 1]):
        amount, supplier = amounts[link], suppliers[link]
        a += amount * values[supplier, 0]
        b += amount * values[supplier, 1]
        c += amount * values[supplier, 2]
        d += amount * values[supplier, 3]
        e += amount * values[supplier, 4]
    return a, b, c, d, e


@compile_loop
def _pass_five(
    links: Links, base: Floats, held: Flags, floor: Floats, current: Floats, rows: tuple[int, int]
) -> float:
    moved = 0.0
    for row in range(rows[0], rows[1]):
        a, b, c, d, e = _five(links, current, row)
        for column, brought in enumerate((a, b, c, d, e)):
            if not held[row, column]:
                value = base[row, column] + brought
                moved = _moved(value, current[row, column], floor[column], moved)
                if moved == np.inf:
                    return np.inf
                current[row, column] = value
    return moved


@compile_loop
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
                moved = _moved(sums[column], current[row, column], floor[column], moved)
                if moved == np.inf:
                    return np.inf
                current[row, column] = sums[column]
    return moved


@compile_loop
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


@compile_loop
def _own(links: Links, row: int) -> bool:
    """Whether a product needs of itself."""
    own = False
    for link in range(links[0][row], links[0][row + 1]):
        own = own or links[1][link] == row
    return own


@compile_loop
def _supplied(links: Links, footprints: Floats, row: int, supplied: Floats, gross: Floats) -> None:
    """What suppliers bring to a row `(k,)`, and what they would if nothing were negative."""
    starts, suppliers, amounts = links
    supplied[:], gross[:] = 0.0, 0.0
    for link in range(starts[row], starts[row + 1]):
        for column in range(supplied.size):
            brought = amounts[link] * footprints[suppliers[link], column]
            supplied[column] += brought
            gross[column] += abs(brought)


@compile_loop
def _reach(links: Links, rows: tuple[Floats, Flags, Floats, Floats, Floats], scale: Floats) -> Floats:
    direct, declared, footprints, upper, margin = rows
    size, columns = footprints.shape
    most = np.zeros((5, columns))
    supplied, gross = np.empty(columns), np.empty(columns)
    plain = columns == FIVE and footprints.min() >= 0
    for row in range(size):
        if plain:
            for column, brought in enumerate(_five(links, footprints, row)):
                supplied[column] = gross[column] = brought
        else:
            _supplied(links, footprints, row, supplied, gross)
        steps = (links[0][row + 1] - links[0][row] + 3) * EPSILON
        gamma = steps / (1 - steps)
        for column in range(columns):
            own, found = direct[row, column], footprints[row, column]
            if declared[row, column]:
                if found < 0:
                    most[3:, column] = np.inf
                continue
            rounded = gamma * (abs(own) + gross[column] + abs(found))
            left = abs(own + supplied[column] - found) + rounded
            if not left <= LARGEST:
                return np.full((5, columns), np.inf)
            kept = max(found - supplied[column] - rounded, 0.0) if found > 0 else 0.0
            most[0, column] = _largest(left, margin[row], most[0, column])
            most[1, column] = _largest(rounded, margin[row], most[1, column])
            size_of_it = scale[column] if scale[column] > 0 else abs(found)
            if size_of_it > 0:
                most[2, column] = _largest(upper[row], size_of_it, most[2, column])
            most[3, column] = _largest(left, kept, most[3, column])
            most[4, column] = _largest(rounded, kept, most[4, column])
    return most


@compile_loop
def _largest(value: float, over: float, most: float) -> float:
    """The larger of `most` and `value / over`, with a division only where it is that; 0 / 0 is nothing."""
    return value / over if value > most * over else most


@compile_loop
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
