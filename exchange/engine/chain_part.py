"""What stands behind the products of a chain, cut out of a solved network: a chain costs what it holds.

Nothing is solved again. The part is closed upstream, so footprints, parts by kind and the certificate of the
whole hold in it as they are. Its error bound is its own: what strangers' loops lose is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from exchange.engine.certificate import Certificate, column_bound, relative_bound
from exchange.engine.cone import part, upstream
from exchange.engine.gap_reach import at_least
from exchange.engine.network import Floats, Network, without_rows
from exchange.engine.network_arrays import Flags, NetworkArrays
from exchange.engine.quality import Quality
from exchange.engine.solve import Solution

TIGHT = 1e-10  # relative; what a network is solved to where double precision allows it


@dataclass(frozen=True, eq=False)
class ChainPart:
    """Position p is node `numbers[p]` of the network. `arrays`, `solution` and `quality` are those of the part.

    `largest (k,)`: the column's largest footprint in the part, to which the error of a column with negative effects
    is relative.
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

    def outside(self, outputs: Mapping[int, float], insiders: Iterable[int], column: int) -> dict[int, float]:
        """Units of outsiders' products that stand behind these outputs, by position.

        `insiders`: all products of the producers, with an output or not. Recipes of the outputs are followed once:
        what insiders deliver to each other is their own, and what comes back to them by way of others too.
        """
        network, members = self.solution.network, np.zeros(self.solution.network.size, dtype=bool)
        members[[*outputs, *insiders]] = True
        output = np.zeros(network.size)
        output[list(outputs)] = list(outputs.values())
        needed = np.where(members, 0.0, output @ network.amounts)
        apart = Network(without_rows(network.amounts, members), network.direct, network.fixed)
        solution = Solution(
            apart,
            self.solution.footprints,
            self.solution.gross,
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
        Solution(
            network,
            footprints,
            solution.gross[numbers],
            _bound(network, footprints, certificate),
            solution.sweeps,
            certificate,
        ),
        Quality(quality.parts[numbers]),
        np.abs(footprints).max(axis=0, initial=0.0),
    )


def _bound(network: Network, footprints: Floats, certificate: Certificate) -> Floats:
    """The certified errors `(k,)` of a part; a column in which the one certificate is loose gets its own."""
    with np.errstate(all="ignore"):
        bound = relative_bound(network, footprints, certificate).reached
        for column in np.flatnonzero(~(bound <= TIGHT)).tolist():
            bound[column] = np.fmin(bound[column], column_bound(network, footprints, column))
    return bound


def _positive(activity: Floats) -> dict[int, float]:
    positions = np.flatnonzero(activity > 0)
    return dict(zip(positions.tolist(), activity[positions].tolist(), strict=True))
