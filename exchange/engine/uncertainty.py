"""How sure a figure is: low and high footprints from bounds, variance of a total to first order.

Footprints rise with every effect, because no amount is negative: so the footprints of the low effects and of
the high effects are bounds themselves, at the price of one more solve. To first order
`Var T = sum (y_j F_i)^2 Var A_ij + sum y_j^2 Var D_j`, for `y_j F_i` and `y_j` are the derivatives of the total
by an amount and by an effect; the parameters are taken as independent of each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from exchange.engine.attribution import demand_vector
from exchange.engine.errors import ShapeError
from exchange.engine.network import Floats, Network
from exchange.engine.solve import Solution, solve


@dataclass(frozen=True, eq=False)
class Interval:
    """`low` and `high (n, k)`: bounds of each footprint; equal to it where no bound upstream has a source.

    `error_bound (k,)`: certified, of both, relative as that of a `Solution`.
    """

    low: Floats
    high: Floats
    error_bound: Floats


@dataclass(frozen=True, eq=False)
class Variance:
    """Variance of a total by where it comes from, `(n, k)` each: every product's recipe, every product's effect."""

    recipes: Floats
    effects: Floats

    @property
    def deviation(self) -> Floats:
        """`(k,)`: the standard deviation of the total."""
        return np.asarray(np.sqrt(self.recipes.sum(axis=0) + self.effects.sum(axis=0)))


def interval(solution: Solution, low: ArrayLike, high: ArrayLike, tol: float = 1e-10) -> Interval:
    """Footprints from the lowest and from the highest effects.

    `low` and `high (n, k)` bound what counts per unit of each product, its declared footprint or else its own
    effect; NaN where no bound has a source. Columns without any are not solved again. Raises `ShapeError`.
    """
    network = solution.network
    bounds = [_bound(network, table) for table in (low, high)]
    wrong = np.flatnonzero(((bounds[0] > network.effects) | (bounds[1] < network.effects)).any(axis=1))
    if wrong.size:
        raise ShapeError(
            f"The effect of product {int(wrong[0])} lies outside its bounds.",
            nodes=tuple(wrong.tolist()),
            advice="A low bound must not be above the effect, nor a high one below it.",
        )
    bounded = np.flatnonzero((bounds[0] != bounds[1]).any(axis=0))
    result = Interval(solution.footprints.copy(), solution.footprints.copy(), solution.error_bound.copy())
    if not bounded.size:
        return result
    effects = np.concatenate([bound[:, bounded] for bound in bounds], axis=1)
    declared = np.tile(network.declared[:, bounded], 2)
    solved = solve(Network(network.amounts, effects, np.where(declared, effects, np.nan)), tol)
    lowest, highest = np.split(solved.footprints, 2, axis=1)
    result.low[:, bounded] = np.minimum(lowest, result.low[:, bounded])
    result.high[:, bounded] = np.maximum(highest, result.high[:, bounded])
    widest = np.maximum(*np.split(solved.error_bound, 2))
    result.error_bound[bounded] = np.maximum(widest, result.error_bound[bounded])
    return result


def variance(
    solution: Solution, demand: ArrayLike, amount_variance: sparse.csr_array, effect_variance: ArrayLike
) -> Variance:
    """The variance of the total of a demand `(n,)`, to first order.

    `amount_variance` has the shape of `network.amounts`; `effect_variance (n, k)` is of the effect that counts,
    declared or own. The amounts of a recipe that is not followed add nothing. Raises `ShapeError`.
    """
    network, wanted = solution.network, demand_vector(solution, demand)
    of_effects = np.asarray(effect_variance, dtype=np.float64)
    if amount_variance.shape != network.amounts.shape or of_effects.shape != network.direct.shape:
        raise ShapeError("Variances must have the shapes of the amounts and of the effects.")
    if not all(
        np.isfinite(table).all() and (table >= 0).all() for table in (of_effects, amount_variance.data)
    ):
        raise ShapeError("Variances must be finite and not negative.")
    weight = np.empty_like(of_effects)
    for pattern in network.patterns():
        weight[:, list(pattern)] = solution.activity(wanted, column=pattern[0])[:, None] ** 2
    recipes = weight * (amount_variance @ solution.footprints**2)
    recipes[network.declared] = 0.0
    return Variance(recipes, weight * of_effects)


def _bound(network: Network, table: ArrayLike) -> Floats:
    bound = np.asarray(table, dtype=np.float64)
    if bound.shape != network.direct.shape or np.isinf(bound).any():
        raise ShapeError("Bounds must have the shape of direct and hold finite numbers or NaN.")
    return np.where(np.isnan(bound), network.effects, bound)
