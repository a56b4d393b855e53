"""What leaves a set of targets: a target inside another target is not counted twice (method section 4)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from exchange.engine.activity import activity_of
from exchange.engine.errors import ShapeError
from exchange.engine.network import Floats
from exchange.engine.solve import Solution

ALIKE = 1e-12  # relative: two amounts nearer to each other than that are one


def final_demand(solution: Solution, amounts: Mapping[int, float], column: int) -> Floats:
    """The final demand `w (n,)` under which each target's output is at least its stated amount.

    `w` is zero outside the targets and, where the other targets need more of a target than its amount, zero
    for that target too. `column` names the pattern of declared values whose recipes are followed. Raises
    `ShapeError`.

    The least outputs `y >= a` with `w = y - need(y) >= 0`: a target of which outputs of `a` need more has no demand of
    its own and is from then on a product like any other, which only makes needs rise; so every round settles
    at least one target, and most sets of targets need one round (Chandrasekaran 1970).
    """
    network = solution.network
    targets, wanted = _targets(amounts, network.size)
    output, open_ = np.zeros(network.size), np.zeros(network.size, dtype=bool)
    output[targets], open_[targets] = wanted, True
    declared = network.declared[:, column]
    while True:
        asked = network.amounts.T @ np.where(declared, 0.0, output)
        need = activity_of(network.amounts, declared | open_, asked, solution.certificate)
        over = open_ & (need > output * (1 + ALIKE))
        if not over.any():
            return np.where(open_, np.maximum(output - need, 0.0), 0.0)
        open_ &= ~over
        output[over] = 0.0


def _targets(amounts: Mapping[int, float], size: int) -> tuple[list[int], list[float]]:
    targets = sorted(amounts)
    wanted = [float(amounts[target]) for target in targets]
    if targets and not (targets[0] >= 0 and targets[-1] < size and all(0 <= one < np.inf for one in wanted)):
        raise ShapeError("Targets must be products of the network with finite amounts, none negative.")
    return targets, wanted
