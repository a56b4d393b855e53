"""Two periods of a chain as states on the same numbers, so that their change can be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from exchange.engine.cone import placed
from exchange.engine.network import Network
from exchange.engine.switches import State


@dataclass(frozen=True, eq=False)
class PeriodPart:
    """One period's network, closed upstream: product p stands at `places[p]`; `demand` by product.

    `is_own_only`: nothing but everybody's own effect counts, without links and declared footprints.
    """

    network: Network
    places: Sequence[int]
    demand: Mapping[int, float]
    is_own_only: bool = False


def two_states(before: PeriodPart, after: PeriodPart, columns: int) -> tuple[State, State]:
    """Both periods as states on common numbers, their first `columns` columns.

    A product that only one period has stands in the other as it is: it changes nothing by itself, only by who
    takes it. Raises `ShapeError` where a network is not closed upstream.
    """
    size = max((place for one in (before, after) for place in one.places), default=-1) + 1
    first, second = (_state(one, size, columns) for one in (before, after))
    only_after = sorted(set(after.places) - set(before.places))
    only_before = sorted(set(before.places) - set(after.places))
    return first.completed(second, only_after), second.completed(first, only_before)


def _state(one: PeriodPart, size: int, columns: int) -> State:
    whole = one.network
    network = Network(whole.amounts, whole.direct[:, :columns], whole.fixed[:, :columns])
    network = placed(network, dict(enumerate(one.places)), size)
    demand = np.zeros(size)
    for product, amount in one.demand.items():
        demand[one.places[product]] = amount
    return State(_own_only(network) if one.is_own_only else network, demand)


def _own_only(network: Network) -> Network:
    links = sparse.csr_array(network.amounts.shape, dtype=np.float64)
    return Network(links, network.direct, np.full_like(network.fixed, np.nan))
