"""What stands behind the products of a chain, cut out of a solved network: a chain costs what it holds.

Nothing is solved again. The part is closed upstream, so footprints, parts by kind and the certificate of the
whole hold in it as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from exchange.engine.certificate import Certificate
from exchange.engine.cone import part, upstream
from exchange.engine.gap_reach import at_least
from exchange.engine.network import Floats, Network, without_rows
from exchange.engine.network_arrays import Flags, NetworkArrays
from exchange.engine.quality import Quality
from exchange.engine.solve import Solution


@dataclass(frozen=True, eq=False)
class ChainPart:
    """Position p is node `numbers[p]` of the network. `arrays`, `solution` and `quality` are those of the part.

    `largest (k,)`: the column's largest footprint in the whole network, to which the error of a column with negative
    effects is relative.
    """

    numbers: tuple[int, ...]
    arrays: NetworkArrays
    solution: Solution
    quality: Quality
    largest: Floats

    @cached_property
    def places(self) -> dict[int, int]:
        """The position of each node number."""
        return {number: position for position, number in enumerate(self.numbers)}

    @cached_property
    def at_least(self) -> Flags:
        """`(m, k)`: products whose footprint has a gap in it or upstream of it."""
        return at_least(self.arrays)

    @cached_property
    def has_negatives(self) -> tuple[bool, ...]:
        """By column, whether some effect takes away."""
        lowest = self.solution.network.effects.min(axis=0, initial=0.0)
        return tuple(one < 0 for one in np.asarray(lowest).tolist())

    def active(self, demand: Floats, column: int) -> dict[int, float]:
        """Units of each product that a demand `(m,)` sets in motion in a column, by position; none of zero."""
        return _positive(self.solution.activity(demand, column=column))

    def outside(self, outputs: Mapping[int, float], column: int) -> dict[int, float]:
        """Units of other products that stand behind these outputs, by position.

        The producers' own recipes are followed once: what they deliver to each other is in the outputs, and what
        comes back to them by way of others is not counted again.
        """
        network, members = self.solution.network, np.zeros(self.solution.network.size, dtype=bool)
        members[list(outputs)] = True
        output = np.zeros(network.size)
        output[list(outputs)] = list(outputs.values())
        needed = np.where(members, 0.0, output @ network.amounts)
        apart = Network(without_rows(network.amounts, members), network.direct, network.fixed)
        solution = Solution(
            apart,
            self.solution.footprints,
            self.solution.error_bound,
            self.solution.sweeps,
            self.solution.certificate,
        )
        activity = solution.activity(needed, column=column)
        return _positive(np.where(members, 0.0, activity))

    def behind(self, position: int, column: int) -> tuple[int, ...]:
        """Positions of a product and of all that its recipe leads to, also where it declares the column."""
        network = self.solution.network
        direct = network.amounts.indices[slice(*network.amounts.indptr[position : position + 2])]
        return tuple(sorted({position, *upstream(network, direct, column).tolist()}))


def chain_part(
    arrays: NetworkArrays, solution: Solution, quality: Quality, products: Iterable[int]
) -> ChainPart:
    """Cut out what stands behind these node numbers, in any column."""
    numbers = upstream(arrays.network, list(products))
    network = part(arrays.network, numbers)
    cut = NetworkArrays(
        network,
        sparse.csr_array(arrays.measured[numbers][:, numbers]),
        arrays.own_shares[numbers],
        arrays.declared_shares[numbers],
        arrays.produced[numbers],
        arrays.stated[numbers],
        arrays.has_own[numbers],
        arrays.gaps[numbers],
        arrays.output_share[numbers],
    )
    whole = solution.certificate
    certificate = Certificate(whole.upper[numbers], whole.margin[numbers])
    footprints = solution.footprints[numbers]
    return ChainPart(
        tuple(numbers.tolist()),
        cut,
        Solution(network, footprints, solution.error_bound, solution.sweeps, certificate),
        Quality(quality.parts[numbers]),
        np.abs(solution.footprints).max(axis=0, initial=0.0),
    )


def _positive(activity: Floats) -> dict[int, float]:
    positions = np.flatnonzero(activity > 0)
    return dict(zip(positions.tolist(), activity[positions].tolist(), strict=True))
