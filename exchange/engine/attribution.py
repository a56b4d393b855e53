"""Where a total comes from: by tier, by organisation, by direct input (method section 8).

By product it is `Solution.contributions`. Every split sums to the total it splits. A declared footprint is
one contribution of the product that declares it, whatever its recipe says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from exchange.engine.errors import ShapeError
from exchange.engine.network import Floats, Ids
from exchange.engine.solve import Solution


@dataclass(frozen=True, eq=False)
class Tiers:
    """`parts (tiers, k)`: what the demanded products, their suppliers, theirs ... add; `rest (k,)`: all
    tiers behind. `parts.sum(axis=0) + rest` is the total of the demand.
    """

    parts: Floats
    rest: Floats


@dataclass(frozen=True, eq=False)
class Inputs:
    """What one unit of a product is made of: `suppliers (m,)`, `parts (m, k)` of each, `own (k,)`.

    `parts.sum(axis=0) + own` is the product's footprint. Where the product declares it, `own` is the
    declared value and the parts are zero.
    """

    suppliers: Ids
    parts: Floats
    own: Floats


def by_tier(solution: Solution, demand: ArrayLike, tiers: int = 4) -> Tiers:
    """The total of a demand `(n,)` by the number of links it is away: `w (Aᵀ)ᵗ D` for t below `tiers`.

    In a loop a product is met again in later tiers. Raises `ShapeError`.
    """
    if tiers < 1:
        raise ShapeError("At least one tier must be asked for.")
    network, wanted = solution.network, demand_vector(solution, demand)
    parts, rest = np.zeros((tiers, network.columns)), np.zeros(network.columns)
    for pattern in network.patterns():
        columns, forward = list(pattern), network.cut(pattern[0]).T
        activity = wanted
        for tier in range(tiers):
            parts[tier, columns] = activity @ network.effects[:, columns]
            activity = forward @ activity
        rest[columns] = activity @ solution.footprints[:, columns]
    return Tiers(parts, rest)


def by_label(contributions: ArrayLike, labels: ArrayLike) -> Floats:
    """Contributions `(m, k)` summed by label `(m,)`, whole numbers from 0: `(largest label + 1, k)`.

    For sums by organisation: the label is the organisation's number. Raises `ShapeError`.
    """
    table, label = np.asarray(contributions, dtype=np.float64), np.asarray(labels)
    if table.ndim != 2 or label.shape != table.shape[:1]:
        raise ShapeError("There must be one label per row of the contributions.")
    if label.size == 0:
        return np.zeros((0, table.shape[1]))
    if not np.issubdtype(label.dtype, np.integer) or label.min() < 0:
        raise ShapeError("Labels must be whole numbers from 0.")
    return np.stack([np.bincount(label, weights=column) for column in table.T], axis=1)


def by_input(solution: Solution, product: int) -> Inputs:
    """The footprint of one unit of `product` by its own effect and its direct inputs, `A[i,j] F[i]`."""
    network = solution.network
    if not 0 <= product < network.size:
        raise ShapeError(f"product must lie between 0 and {network.size - 1}.")
    row = slice(*network.amounts.indptr[product : product + 2])
    suppliers = network.amounts.indices[row].astype(np.int64)
    parts = network.amounts.data[row][:, None] * solution.footprints[suppliers]
    parts[:, network.declared[product]] = 0.0
    return Inputs(suppliers, parts, network.effects[product])


def demand_vector(solution: Solution, demand: ArrayLike) -> Floats:
    """A demand as one finite amount per product, `(n,)`. Raises `ShapeError`."""
    wanted = np.asarray(demand, dtype=np.float64)
    if wanted.shape != (solution.network.size,) or not np.isfinite(wanted).all():
        raise ShapeError(f"demand must hold {solution.network.size} finite amounts, one per product.")
    return wanted
