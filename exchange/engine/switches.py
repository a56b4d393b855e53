"""Two states of a network side by side, and the switches that turn parameters from the one to the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product as pairs_of

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from exchange.engine.errors import ShapeError
from exchange.engine.network import Floats, Network


@dataclass(frozen=True, eq=False)
class State:
    """A network, the demand `(n,)` made of it and, where own effects are amounts times factors, the factors.

    With `factors (n, k)` the own effect is `network.direct * factors`, so that a change of the one and of
    the other can be told apart; without, it is `network.direct`.
    """

    network: Network
    demand: ArrayLike
    factors: ArrayLike | None = None

    def completed(self, other: State, products: Sequence[int]) -> State:
        """The state with recipes, effects, declared footprints and factors of `products` from the other one.

        For products that only the other state knows: what they change by coming or going is then the part of
        the links and the demand that turn to them or away from them, and not of their figures.
        """
        chosen = np.zeros(self.network.size, dtype=bool)
        chosen[np.asarray(products, dtype=np.int64)] = True
        mine, theirs = self.network, other.network
        keep, take = (sparse.diags_array(mask.astype(np.float64)) for mask in (~chosen, chosen))
        amounts = sparse.csr_array(keep @ mine.amounts + take @ theirs.amounts)
        amounts.eliminate_zeros()
        network = Network(
            amounts,
            np.where(chosen[:, None], theirs.direct, mine.direct),
            np.where(chosen[:, None], theirs.fixed, mine.fixed),
        )
        if self.factors is None and other.factors is None:
            return replace(self, network=network)
        return replace(
            self, network=network, factors=np.where(chosen[:, None], factors(other), factors(self))
        )


@dataclass(frozen=True)
class Switch:
    """Parameters that change together, by the numbers of the products they belong to.

    `demand`: products demanded. `recipes`: products with every link into them; `links`: single ones as
    (customer, supplier). `direct`, `factors`, `fixed`: cells as (product, column), see `cells`. A parameter
    may be named that does not change.
    """

    name: str
    demand: Sequence[int] = ()
    recipes: Sequence[int] = ()
    links: Sequence[tuple[int, int]] = ()
    direct: Sequence[tuple[int, int]] = ()
    factors: Sequence[tuple[int, int]] = ()
    fixed: Sequence[tuple[int, int]] = ()


def cells(products: Iterable[int], columns: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Every (product, column) of these products and columns."""
    return tuple(pairs_of(products, columns))


def factors(state: State) -> Floats:
    """The factors of a state `(n, k)`: ones where it states none. Raises `ShapeError`."""
    shape = state.network.direct.shape
    table = np.ones(shape) if state.factors is None else np.asarray(state.factors, dtype=np.float64)
    if table.shape != shape or not np.isfinite(table).all():
        raise ShapeError("factors must have the shape of direct and hold finite numbers.")
    return table
