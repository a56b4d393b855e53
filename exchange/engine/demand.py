"""What leaves a set of targets: a target inside another target is not counted twice (method section 4)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from exchange.engine.network import Floats
from exchange.engine.solve import Solution

STEPS = 10_000


def final_demand(solution: Solution, amounts: Mapping[int, float], column: int) -> Floats:
    """The final demand `w (n,)` under which each target's output is at least its stated amount.

    `w` is zero outside the targets and, where the other targets need more of a target than its amount, zero
    for that target too. `column` names the pattern of declared values whose recipes are followed.
    The least outputs `y >= a` with `w = M y >= 0`, where M is the inverse of the targets' part of
    `(I - A)^-1` and so an M-matrix: sweeping `y_i = max(a_i, need_i)` rises to the one solution.
    """
    targets = sorted(amounts)
    wanted = np.array([amounts[target] for target in targets])
    demand = np.zeros(solution.network.size)
    if not targets:
        return demand
    needs = np.linalg.inv(_responses(solution, targets, column))
    output = wanted.copy()
    for _ in range(STEPS):
        before = output.copy()
        for row in range(len(targets)):
            others = needs[row] @ output - needs[row, row] * output[row]
            output[row] = max(wanted[row], -others / needs[row, row])
        if np.abs(output - before).max() <= 1e-15 * np.abs(output).max():
            break
    needed_more = output > wanted * (1 + 1e-12)
    demand[targets] = np.where(needed_more, 0.0, np.maximum(needs @ output, 0.0))
    return demand


def _responses(solution: Solution, targets: list[int], column: int) -> Floats:
    """`G[i, j]`: output of target i that one unit of target j asked for sets in motion."""
    result = np.empty((len(targets), len(targets)))
    for position, target in enumerate(targets):
        unit = np.zeros(solution.network.size)
        unit[target] = 1.0
        result[:, position] = solution.activity(unit, column=column)[targets]
    return result
