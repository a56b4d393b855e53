"""Effects that take away: what adds and what takes away are solved apart, so that each is exact relative to itself.

`F = F⁺ - F⁻` with `F⁺ = max(D, 0) + Aᵀ F⁺` and `F⁻ = max(-D, 0) + Aᵀ F⁻`, declared values alike: both without negative
entries. A footprint that nothing upstream takes away from has `F⁻ = 0` and is exact relative to itself, whatever
negative effects other products of the network declare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from exchange.engine.network import Floats, Ids, Network


@dataclass(frozen=True, eq=False)
class Parted:
    """`network` has the columns of the signed one, of what adds; behind them what takes away in `signed` columns."""

    network: Network
    signed: Ids

    @classmethod
    def of(cls, network: Network) -> Self | None:
        """The network without negative effects; None where it has none."""
        signed = np.flatnonzero((network.effects < 0).any(axis=0))
        if not signed.size:
            return None
        direct, fixed = (_parted(table, signed) for table in (network.direct, network.fixed))
        return cls(Network(network.amounts, direct, fixed), signed)

    def joined(self, footprints: Floats) -> tuple[Floats, Floats]:
        """`F⁺ - F⁻` and `F⁺ + F⁻`, both `(n, k)`, of solved footprints of `network`."""
        columns = footprints.shape[1] - self.signed.size
        added, taken = footprints[:, :columns], footprints[:, columns:]
        net, gross = added.copy(), added.copy()
        net[:, self.signed] -= taken
        gross[:, self.signed] += taken
        return net, gross

    def bound(self, error_bound: Floats) -> Floats:
        """`(k,)`: the error of a footprint relative to `F⁺ + F⁻`, the rounding of the difference included."""
        columns = error_bound.size - self.signed.size
        result = error_bound[:columns].copy()
        worse = np.maximum(result[self.signed], error_bound[columns:])
        result[self.signed] = worse + np.finfo(np.float64).eps
        return result


def _parted(table: Floats, signed: Ids) -> Floats:
    """What adds of every column, then what takes away of the signed ones; NaN stays where nothing is declared."""
    return np.hstack([np.maximum(table, 0.0), np.maximum(-table[:, signed], 0.0)])
