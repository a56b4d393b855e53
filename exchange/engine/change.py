"""What another recipe or effect of one product changes everywhere, exactly and without solving all again.

With `g = (I - Aᵀ)⁻¹ e_j` (how much of product j is in one unit of each product), `da` the change of j's
recipe and `dd` of its own effect, `F' - F = g (dd + da·F) / (1 - da·g)`. Source: Sherman and Morrison (1950).
The loops made by the new recipe gain less than 1 exactly where `1 - da·g > 0`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from exchange.engine.attribution import demand_vector
from exchange.engine.carrying import carried
from exchange.engine.certificate import refusal
from exchange.engine.errors import ShapeError
from exchange.engine.network import Floats, Network
from exchange.engine.solve import Solution

UNSURE = 1e-10  # of a gain: nearer to 1 than that nobody can say on which side it lies


@dataclass(frozen=True, eq=False)
class Change:
    """`footprints (n, k)` after the change, and `difference (n, k)` from those before."""

    solution: Solution
    difference: Floats

    @property
    def footprints(self) -> Floats:
        """The footprints after the change."""
        return self.solution.footprints + self.difference

    def of_total(self, demand: ArrayLike) -> Floats:
        """`(k,)`: what the change adds to the total of a demand `(n,)`."""
        return np.asarray(demand_vector(self.solution, demand) @ self.difference)


def change(
    solution: Solution,
    product: int,
    *,
    recipe: Mapping[int, float] | None = None,
    direct: ArrayLike | None = None,
) -> Change:
    """What changes when `product` gets this whole recipe (supplier: amount) and own effect `(k,)`.

    What is None stays as it is. In a column in which the product declares its footprint nothing changes.
    Raises `ShapeError`, and `LoopError` where the new recipe closes a loop that gains 1 or more.
    """
    network = solution.network
    if not 0 <= product < network.size:
        raise ShapeError(f"product must lie between 0 and {network.size - 1}.")
    own = network.direct[product] if direct is None else _own(direct, network.columns)
    amounts = _row(network, product) if recipe is None else _recipe(recipe, network.size)
    added = amounts - _row(network, product)
    difference = np.zeros_like(solution.footprints)
    for columns, per_unit in _content(network, product):
        gain = float(added @ per_unit)
        if 1.0 - gain <= UNSURE * float(np.abs(added) @ per_unit):
            raise refusal(_changed(network, product, amounts, columns[0]))
        first = own[columns] - network.direct[product, columns] + added @ solution.footprints[:, columns]
        difference[:, columns] = np.outer(per_unit, first / (1.0 - gain))
    return Change(solution, difference)


def _content(network: Network, product: int) -> list[tuple[list[int], Floats]]:
    """Per pattern of declared values in which the product has a recipe: the columns, and `g (n,)`."""
    patterns = [list(columns) for columns in network.patterns() if not network.declared[product, columns[0]]]
    unit = np.zeros((network.size, len(patterns)))
    unit[product] = 1.0
    held = network.declared[:, [columns[0] for columns in patterns]]
    return list(zip(patterns, carried(network.amounts, unit, held).T, strict=True)) if patterns else []


def _row(network: Network, product: int) -> Floats:
    return np.asarray(network.amounts[[product]].toarray()[0])


def _own(direct: ArrayLike, columns: int) -> Floats:
    own = np.asarray(direct, dtype=np.float64)
    if own.shape != (columns,) or not np.isfinite(own).all():
        raise ShapeError(f"direct must hold {columns} finite effects, one per column.")
    return own


def _recipe(recipe: Mapping[int, float], size: int) -> Floats:
    amounts = np.zeros(size)
    for supplier, amount in recipe.items():
        if not 0 <= supplier < size or not 0 <= amount < np.inf:
            raise ShapeError("A recipe must name products of the network with finite amounts, none negative.")
        amounts[supplier] = amount
    return amounts


def _changed(network: Network, product: int, amounts: Floats, column: int) -> sparse.csr_array:
    """The recipes followed in one column, with the new one in place."""
    rows = sparse.lil_array(network.cut(column))
    rows[[product]] = amounts
    return sparse.csr_array(rows)
