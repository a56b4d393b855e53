"""The paths by which effects come into a total: product, its supplier, the supplier's supplier ...

A path carries what its last product adds by itself, and what stands behind it at most: amount times footprint,
which is exact where no effect is negative, and the footprint of absolute effects where one is. Where that is
below the cutoff nothing behind can reach it, so the path ends there and its sum is kept. Structural path
analysis: Defourny and Thorbecke (1984); the prune by footprint is exact because no amount is negative.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from exchange.engine.attribution import demand_vector
from exchange.engine.carrying import carried
from exchange.engine.cone import entries
from exchange.engine.errors import ShapeError
from exchange.engine.network import Flags, Floats, Ids
from exchange.engine.solve import Solution

LONGEST = 100
LINKS_AT_MOST = 5_000_000


class Path(NamedTuple):
    """Products from the demanded one upstream, the `amount` of the last and what its own effect adds.

    `share` is of the total, NaN where that is zero.
    """

    products: tuple[int, ...]
    amount: float
    value: float
    share: float


@dataclass(frozen=True)
class Paths:
    """The largest paths first. The values of `paths`, `smaller` and `pruned` sum to `total`.

    `smaller`: paths that were met and not kept, by size or number. `pruned`: everything behind the products at
    which paths were ended. `complete`: no path above the cutoff and larger than those kept is missing; False
    where paths of more than `LONGEST` links, or more than `LINKS_AT_MOST` links to follow, were left in
    `pruned`.
    """

    paths: tuple[Path, ...]
    total: float
    smaller: float
    pruned: float
    complete: bool


def paths(
    solution: Solution, demand: ArrayLike, column: int, cutoff: float = 1e-4, at_most: int = 1_000
) -> Paths:
    """The paths of a demand `(n,)` that each carry at least `cutoff` of its total, at most so many.

    In a column with negative effects the cutoff is of the total of absolute effects. Raises `ShapeError`.
    """
    if not 0 <= column < solution.network.columns:
        raise ShapeError(f"column must lie between 0 and {solution.network.columns - 1}.")
    if not (0 < cutoff < 1 and at_most > 0):
        raise ShapeError("cutoff must lie between 0 and 1, and at least one path must be asked for.")
    walk = _Walk(solution, demand_vector(solution, demand), column, cutoff, at_most)
    while walk.front.product.size:
        walk.meet()
        walk.go_on()
    return walk.found()


class _Tier(NamedTuple):
    """Paths of one length: the last product, its amount, and which path of the tier before they go on from."""

    product: Ids
    amount: Floats
    parent: Ids


class _Kept(NamedTuple):
    """Paths worth keeping: what each adds, its tier and its place there."""

    value: Floats
    tier: Ids
    place: Ids

    def joined(self, value: Floats, tier: Ids, place: Ids) -> _Kept:
        """These and more."""
        return _Kept(
            np.concatenate([self.value, value]),
            np.concatenate([self.tier, tier]),
            np.concatenate([self.place, place]),
        )

    def at(self, order: Ids) -> _Kept:
        """Some of them, in this order."""
        return _Kept(self.value[order], self.tier[order], self.place[order])


class _Walk:
    """A walk upstream, all paths of one length at a time, that keeps the largest it meets."""

    def __init__(self, solution: Solution, demand: Floats, column: int, cutoff: float, at_most: int) -> None:
        network = solution.network
        self.amounts, self.at_most = network.amounts, at_most
        self.stops = ~np.isnan(network.fixed[:, column])
        self.effect = np.where(self.stops, network.fixed[:, column], network.direct[:, column])
        self.footprint = solution.footprints[:, column]
        self.gross = self.footprint
        if (self.effect < 0).any():  # no path carries more than its amount times these
            self.gross = carried(network.amounts, np.abs(self.effect)[:, None], self.stops[:, None])[:, 0]
        self.total = float(demand @ self.footprint)
        self.bar = cutoff * float(np.abs(demand) @ self.gross)
        self.smaller = self.pruned = 0.0
        self.links, self.complete = LINKS_AT_MOST, True
        self.tiers: list[_Tier] = []
        none = np.zeros(0, dtype=np.int64)
        self.kept = _Kept(np.zeros(0), none, none)
        products = np.flatnonzero(demand) if self.bar > 0 else none
        self.front = _Tier(products, demand[products], np.full(products.size, -1, dtype=np.int64))

    def meet(self) -> None:
        """Keep of the front what reaches the bar; beyond `at_most` paths the bar rises to the smallest kept."""
        value = self.front.amount * self.effect[self.front.product]
        place = np.flatnonzero(np.abs(value) >= self.bar)
        self.smaller += float(value.sum() - value[place].sum())
        kept = self.kept.joined(value[place], np.full(place.size, len(self.tiers), dtype=np.int64), place)
        if kept.value.size > self.at_most:
            order = np.argsort(-np.abs(kept.value), kind="stable")
            self.smaller += float(kept.value[order[self.at_most :]].sum())
            kept = kept.at(order[: self.at_most])
            self.bar = max(self.bar, float(np.abs(kept.value[-1])))
        self.kept = kept
        self.tiers.append(self.front)

    def go_on(self) -> None:
        """Move the front one link upstream, leaving behind what cannot reach the bar any more."""
        product, amount, _ = self.front
        upstream = amount * (self.footprint[product] - self.effect[product])
        reach = np.abs(amount) * (self.gross[product] - np.abs(self.effect[product]))
        degree = self.amounts.indptr[product + 1] - self.amounts.indptr[product]
        chosen = self._within_limits((reach >= self.bar) & ~self.stops[product] & (degree > 0), reach, degree)
        self.pruned += float(upstream.sum() - upstream[chosen].sum())
        link = entries(self.amounts.indptr, product[chosen])
        parent = np.repeat(chosen, degree[chosen])
        supplier = self.amounts.indices[link].astype(np.int64)
        needed = amount[parent] * self.amounts.data[link]
        ahead = np.abs(needed) * self.gross[supplier] >= self.bar
        self.pruned += float(needed[~ahead] @ self.footprint[supplier[~ahead]])
        self.front = _Tier(supplier[ahead], needed[ahead], parent[ahead])

    def _within_limits(self, wanted: Flags, reach: Floats, degree: Ids) -> Ids:
        """Of the places `wanted` those that may still be followed, the farthest-reaching first."""
        chosen = np.flatnonzero(wanted)
        if len(self.tiers) > LONGEST:
            chosen, self.complete = chosen[:0], self.complete and not chosen.size
        elif degree[chosen].sum() > self.links:
            chosen = chosen[np.argsort(-reach[chosen], kind="stable")]
            chosen = chosen[np.cumsum(degree[chosen]) <= self.links]
            self.complete = False
        self.links -= int(degree[chosen].sum())
        return chosen

    def found(self) -> Paths:
        """What was kept, the largest first; of two alike the shorter."""
        value, tier, place = self.kept.at(
            np.lexsort((self.kept.place, self.kept.tier, -np.abs(self.kept.value)))
        )
        listed: dict[int, Path] = {}
        for length in np.unique(tier).tolist():
            chosen = np.flatnonzero(tier == length)
            listed |= zip(chosen.tolist(), self._listed(value[chosen], length, place[chosen]), strict=True)
        ordered = tuple(listed[rank] for rank in range(value.size))
        return Paths(ordered, self.total, self.smaller, self.pruned, self.complete)

    def _listed(self, value: Floats, length: int, place: Ids) -> Iterator[Path]:
        amount, steps = self.tiers[length].amount[place], []
        for tier in reversed(self.tiers[: length + 1]):
            steps.append(tier.product[place].tolist())
            place = tier.parent[place]
        share = value / self.total if self.total else np.full(value.size, np.nan)
        return map(Path, zip(*steps[::-1], strict=True), amount.tolist(), value.tolist(), share.tolist())
