"""Why a total changed: its difference between two states of a network, shared out by Shapley (method section 8).

Each switch names parameters that take their later value together: whose demand, which recipes or links, which
own effects, factors or declared footprints. A switch's part is the mean, over every order in which the
switches may be turned, of what turning it adds; so the parts sum to the difference, none of them depends on
an order, and a switch that changes nothing gets exactly nothing. Source: Shapley (1953); for total differences
of linked accounts Albrecht, François and Schoors (2002).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np

from exchange.engine.errors import LoopError, ShapeError
from exchange.engine.network import Floats
from exchange.engine.parameters import Parameters, parameters
from exchange.engine.solve import Solution, solve
from exchange.engine.switches import State, Switch

SWITCHES_AT_MOST = 8


@dataclass(frozen=True, eq=False)
class Decomposition:
    """`parts (switches, k)` in the order of `names`, summing to `after - before`, both `(k,)`.

    `error_bound (k,)`: the widest certified bound of the networks that were solved, relative to the footprints
    that the larger effect of both states gives each product.
    """

    names: tuple[str, ...]
    parts: Floats
    before: Floats
    after: Floats
    error_bound: Floats


def decompose(before: State, after: State, switches: Sequence[Switch]) -> Decomposition:
    """Share the change of the demand's total out over at most eight switches, all columns at once.

    Both states number the products alike (`cone.placed`, `State.completed`). Only what is upstream of the
    demands counts. Raises `ShapeError` naming a parameter that two switches claim, or that changes and no
    switch claims, and `LoopError` where turning only some of the switches makes a loop that gains 1 or more.
    """
    if len(switches) > SWITCHES_AT_MOST or len({switch.name for switch in switches}) != len(switches):
        raise ShapeError(f"There must be at most {SWITCHES_AT_MOST} switches, each with a name of its own.")
    found = parameters(before, after, switches)
    totals, error_bound = _totals(found)
    turning = found.turning
    parts = np.zeros((len(switches), totals.shape[1]))
    for position, switch in enumerate(turning):
        parts[switch] = _shapley(totals, position, len(turning))
    names = tuple(switch.name for switch in switches)
    return Decomposition(names, parts, totals[0], totals[-1], error_bound)


def _shapley(totals: Floats, player: int, players: int) -> Floats:
    """The mean of what `player` adds to `totals[subset]`, over all orders of the players."""
    subsets = np.arange(len(totals))
    without = subsets[(subsets >> player) & 1 == 0]
    sizes = np.array([int(subset).bit_count() for subset in without])
    weight = np.array([factorial(size) * factorial(players - size - 1) for size in range(players)])
    return np.asarray(
        (weight[sizes] / factorial(players)) @ (totals[without | (1 << player)] - totals[without])
    )


def _totals(found: Parameters) -> tuple[Floats, Floats]:
    """The total `(2**m, k)` for every subset of the m switches that change anything, and the widest bound.

    A total is activity times effect. Subsets alike in structure share one network, and those alike in demand
    too share its activities; what is left to each is a product of two tables.
    """
    everything = range(1 << len(found.turning))
    totals, bounds = np.empty((len(everything), found.columns)), np.zeros(found.columns)
    for structure, alike in _grouped(everything, found.structural):
        solution = _solved(found, structure)
        bounds = np.maximum(bounds, solution.error_bound)
        for asked, subsets in _grouped(alike, found.demanding):
            demand = found.demand(asked)
            for pattern in solution.network.patterns():
                columns, activity = list(pattern), solution.activity(demand, column=pattern[0])
                for subset in subsets:
                    totals[subset, columns] = activity @ found.effects(subset)[:, columns]
    return totals, bounds


def _grouped(subsets: Iterable[int], bits: int) -> Iterable[tuple[int, list[int]]]:
    """Subsets by what they have of these bits."""
    groups: dict[int, list[int]] = {}
    for subset in subsets:
        groups.setdefault(subset & bits, []).append(subset)
    return groups.items()


def _solved(found: Parameters, structure: int) -> Solution:
    """A network with the largest effects of all subsets, so that its certificate serves each of them."""
    try:
        return solve(found.largest(structure))
    except LoopError as error:
        named = LoopError(tuple(found.products[list(error.nodes)].tolist()), error.gain)
        named.advice = "Let the recipes of this loop change in one switch."
        raise named from error
