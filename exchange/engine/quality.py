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

from exchange.engine.carrying import carried
from exchange.engine.errors import ShapeError
from exchange.engine.network import Floats, Network

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
    """Split every footprint of a solved network by kind, in two goes: one per matrix of amounts.

    `measured_amounts` has the shape of `network.amounts` and holds the measured part of each; `own` and
    `declared (n, k, 4)` are the shares of own and of declared effects by `KINDS`, summing to 1.
    Raises `ShapeError`.
    """
    _check_amounts(network, measured_amounts)
    effects = _by_kind(network, _shares(own, network), _shares(declared, network))
    measured = carried(measured_amounts, effects[:, 0], network.declared)
    spread = (network.amounts - measured_amounts) @ measured
    spread[network.declared] = 0.0
    effects[:, 1] += spread
    rest = carried(network.amounts, effects[:, 1:].reshape(network.size, -1), np.tile(network.declared, 3))
    parts = effects.transpose(0, 2, 1)
    parts[:, :, 0] = measured
    parts[:, :, 1:] = rest.reshape(network.size, len(KINDS) - 1, network.columns).transpose(0, 2, 1)
    return Quality(np.maximum(parts, 0.0, out=parts))


def _by_kind(network: Network, own: Floats, declared: Floats) -> Floats:
    """`(n, 4, k)`: the absolute effect that counts, by kind; the shares are made to sum to 1."""
    effects = np.abs(network.effects)
    own_total, declared_total = own.sum(axis=-1), declared.sum(axis=-1)
    parts = np.empty((network.size, len(KINDS), network.columns))
    for kind in range(len(KINDS)):
        own_share, declared_share = own[:, :, kind] / own_total, declared[:, :, kind] / declared_total
        parts[:, kind] = effects * np.where(network.declared, declared_share, own_share)
    return parts


def _shares(shares: ArrayLike, network: Network) -> Floats:
    table = np.asarray(shares, dtype=np.float64)
    if table.shape != (network.size, network.columns, len(KINDS)):
        raise ShapeError("Shares must be given per product, column and kind.")
    total = table.sum(axis=-1)
    if not np.isfinite(table).all() or (table < 0).any() or (np.abs(total - 1.0) > SUM_SLACK).any():
        raise ShapeError("The four shares must lie between 0 and 1 and sum to 1.")
    return table


def _check_amounts(network: Network, measured: sparse.csr_array) -> None:
    if measured.shape != network.amounts.shape:
        raise ShapeError("measured_amounts must have the shape of the network.")
    excess = sparse.csr_array(measured - network.amounts * (1 + SUM_SLACK))
    if (measured.data < 0).any() or (excess.data > 0).any():
        raise ShapeError("The measured part of an amount must lie between nothing and the amount.")


def _normalised(parts: Floats) -> Floats:
    total = parts.sum(axis=-1, keepdims=True)
    return np.asarray(parts / np.where(total > 0, total, np.nan))
