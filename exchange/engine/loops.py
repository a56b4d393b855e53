"""Which loop of a network gains too much: strongly connected parts and their spectral radius."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from exchange.engine.network import Floats

POWER_STEPS = 2_000


def worst_loop(amounts: sparse.csr_array) -> tuple[tuple[int, ...], float]:
    """Members and gain of the loop with the largest gain (units needed of itself per unit given).

    A network without loops gives `((), 0.0)`. The gain is the spectral radius of the strongly
    connected part, by power iteration on `A + I` (the shift makes loops of any length settle).
    """
    worst: tuple[tuple[int, ...], float] = ((), 0.0)
    for members in _loops(amounts):
        gain = _gain(sparse.csr_array(amounts[members][:, members]))
        if gain > worst[1]:
            worst = (tuple(int(member) for member in members), gain)
    return worst


def _loops(amounts: sparse.csr_array) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    count, label = connected_components(amounts, directed=True, connection="strong")
    sizes = np.bincount(label, minlength=count)
    own = np.asarray(amounts.diagonal()) > 0
    looping = np.flatnonzero((sizes[label] > 1) | own)
    order = looping[np.argsort(label[looping], kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if order.size else []


def _gain(block: sparse.csr_array) -> float:
    vector: Floats = np.ones(block.shape[0])
    gain = 0.0
    for _ in range(POWER_STEPS):
        image = block @ vector + vector
        ratio = image / vector
        gain = float(ratio.max()) - 1.0
        if ratio.max() - ratio.min() < 1e-12 * ratio.max():
            break
        vector = image / image.max()
    return gain
