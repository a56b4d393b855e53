"""What products declare beside what their recipes add up to (method section 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from exchange.engine.errors import ShapeError
from exchange.engine.network import Flags, Floats, Ids
from exchange.engine.solve import Solution


@dataclass(frozen=True, eq=False)
class Reconciliation:
    """One row for each product and column in which a declared footprint is known, ascending.

    `declared` and `rolled_up` are per unit; `rolled_up` is NaN where there is no recipe to add up: no input and
    no own effect in any column. `counts`: whether the declared value is the one that counts in the network;
    where not, the recipe is.
    """

    products: Ids
    columns: Ids
    declared: Floats
    rolled_up: Floats
    counts: Flags

    @property
    def difference(self) -> Floats:
        """Declared minus rolled up."""
        return self.declared - self.rolled_up


def reconcile(solution: Solution, stated: ArrayLike | None = None) -> Reconciliation:
    """Read every declared footprint again by its product's recipe: own effect plus `A[i,j] F[i]`.

    The suppliers' footprints are those of the solution. `stated (n, k)` holds the declared footprints that are
    known, NaN elsewhere, whether they count or not; without it, those that count. Raises `ShapeError`.
    """
    network = solution.network
    known = network.fixed if stated is None else np.asarray(stated, dtype=np.float64)
    if known.shape != network.direct.shape or np.isinf(known).any():
        raise ShapeError("stated must have the shape of direct and hold finite numbers or NaN.")
    products, columns = np.nonzero(~np.isnan(known) | network.declared)
    rows, row = np.unique(products, return_inverse=True)
    recipes, own = network.amounts[rows], network.direct[rows]
    rolled_up = own + recipes @ solution.footprints
    rolled_up[(np.diff(recipes.indptr) == 0) & (own == 0).all(axis=1)] = np.nan
    counts = network.declared[products, columns]
    declared = np.where(counts, network.fixed[products, columns], known[products, columns])
    return Reconciliation(products, columns, declared, rolled_up[row, columns], counts)
