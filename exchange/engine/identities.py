"""What must hold in every solved network, whatever the figures (method section 4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from exchange.engine.network import Floats
from exchange.engine.solve import Solution

TOLERANCE = 1e-8


@dataclass(frozen=True)
class Identity:
    """One identity in one column: two ways to the same number, and how far they lie apart.

    `difference` is relative to the larger of the two sums of absolute terms.
    """

    name: str
    column: int
    left: float
    right: float
    difference: float
    passed: bool


def activity_identity(solution: Solution, demand: ArrayLike) -> tuple[Identity, ...]:
    """`w · F = y · D`: the demand's footprints equal the effects of all activity it sets in motion.

    One activity `y` per pattern of declared values, one result per column.
    """
    wanted = np.asarray(demand, dtype=np.float64)
    contributions = solution.contributions(wanted)
    return tuple(
        _compare(
            "activity", column, wanted * solution.footprints[:, column], contributions[:, column], solution
        )
        for column in range(solution.network.columns)
    )


def conservation(solution: Solution, produced: ArrayLike) -> tuple[Identity, ...]:
    """Closed books: footprints of what leaves the network equal all effects of what was `produced (n,)`.

    What leaves is output minus what other products took in; inputs of a declared product leave too,
    for its declared value stands in their place. One result per column.
    """
    output = np.asarray(produced, dtype=np.float64)
    results = []
    for pattern in solution.network.patterns():
        leaving = output - solution.network.cut(pattern[0]).T @ output
        for column in pattern:
            embodied = leaving * solution.footprints[:, column]
            effects = output * solution.network.effects[:, column]
            results.append(_compare("conservation", column, embodied, effects, solution))
    return tuple(sorted(results, key=lambda result: result.column))


def four_parts(solution: Solution, parts: Floats) -> tuple[Identity, ...]:
    """The parts by kind `(n, m, 4)` of the first m columns sum to the footprint, where nothing is negative."""
    columns = np.flatnonzero((solution.network.effects[:, : parts.shape[1]] >= 0).all(axis=0))
    return tuple(
        _compare("parts", int(column), parts[:, column].ravel(), solution.footprints[:, column], solution)
        for column in columns
    )


def _compare(name: str, column: int, one: Floats, other: Floats, solution: Solution) -> Identity:
    left, right = float(one.sum()), float(other.sum())
    gross = max(float(np.abs(one).sum()), float(np.abs(other).sum()))
    difference = abs(left - right) / gross if gross > 0 else 0.0
    allowed = TOLERANCE + 10 * float(solution.error_bound[column])
    return Identity(name, column, left, right, difference, bool(difference <= allowed))
