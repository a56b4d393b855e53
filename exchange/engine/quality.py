"""How much of a footprint is measured, allocated, secondary or unknown (method section 5).

A part of an own or declared effect keeps its kind on the way downstream, with one exception: a measured
effect that arrives with an amount that was not measured becomes allocated, for the amount was spread by a
key. With `mu` the measured part of an amount,

    measured  = m∘D + (mu∘A)ᵀ measured
    allocated = a∘D + Aᵀ allocated + ((1-mu)∘A)ᵀ measured
    secondary = s∘D + Aᵀ secondary          unknown = u∘D + Aᵀ unknown

so the four always sum to the footprint. Effects weigh by their absolute value, so that an uptake does not
turn a share negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from exchange.engine.errors import ShapeError
from exchange.engine.network import Floats, Network
from exchange.engine.solve import solve

KINDS = ("measured", "allocated", "secondary", "unknown")
SUM_SLACK = 1e-6


@dataclass(frozen=True, eq=False)
class Quality:
    """`parts (n, k, 4)`: the absolute footprint per unit of each product, by `KINDS`."""

    parts: Floats

    def shares(self) -> Floats:
        """`(n, k, 4)` summing to 1 over the last axis; NaN where the footprint is zero."""
        return _normalised(self.parts)

    def of_total(self, demand: ArrayLike) -> Floats:
        """`(k, 4)`: shares of the total of a demand `(n,)`; NaN where that total is zero."""
        return _normalised(np.einsum("j,jkq->kq", np.asarray(demand, dtype=np.float64), self.parts))


def quality(
    network: Network, measured_amounts: sparse.csr_array, own: ArrayLike, declared: ArrayLike
) -> Quality:
    """Split every footprint of a network by kind.

    `measured_amounts` has the shape of `network.amounts` and holds the measured part of each; `own` and
    `declared (n, k, 4)` are the shares of own and of declared effects by `KINDS`, summing to 1.
    Raises `ShapeError`.
    """
    _check_amounts(network, measured_amounts)
    share = np.where(network.declared[:, :, None], _shares(declared, network), _shares(own, network))
    weighed = np.abs(network.effects)[:, :, None] * share
    measured = _carried(network, measured_amounts, [weighed[:, :, 0]])[0]
    spread = (network.amounts - measured_amounts) @ measured
    spread[network.declared] = 0.0
    kept = [weighed[:, :, 1] + spread, weighed[:, :, 2], weighed[:, :, 3]]
    parts = np.stack([measured, *_carried(network, network.amounts, kept)], axis=-1)
    return Quality(np.maximum(parts, 0.0))


def _carried(network: Network, amounts: sparse.csr_array, effects: list[Floats]) -> list[Floats]:
    table = np.concatenate(effects, axis=1)
    declared = np.concatenate([network.declared] * len(effects), axis=1)
    fixed = np.where(declared, table, np.nan)
    footprints = solve(Network(amounts, np.where(declared, 0.0, table), fixed)).footprints
    return np.split(footprints, len(effects), axis=1)


def _shares(shares: ArrayLike, network: Network) -> Floats:
    table = np.asarray(shares, dtype=np.float64)
    if table.shape != (network.size, network.columns, len(KINDS)):
        raise ShapeError("Shares must be given per product, column and kind.")
    total = table.sum(axis=-1)
    if not np.isfinite(table).all() or (table < 0).any() or (np.abs(total - 1.0) > SUM_SLACK).any():
        raise ShapeError("The four shares must lie between 0 and 1 and sum to 1.")
    return np.asarray(table / total[:, :, None])


def _check_amounts(network: Network, measured: sparse.csr_array) -> None:
    if measured.shape != network.amounts.shape:
        raise ShapeError("measured_amounts must have the shape of the network.")
    excess = sparse.csr_array(measured - network.amounts * (1 + SUM_SLACK))
    if (measured.data < 0).any() or (excess.data > 0).any():
        raise ShapeError("The measured part of an amount must lie between nothing and the amount.")


def _normalised(parts: Floats) -> Floats:
    total = parts.sum(axis=-1, keepdims=True)
    return np.asarray(parts / np.where(total > 0, total, np.nan))
