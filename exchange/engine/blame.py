"""Which products are to blame where a network cannot be solved to figures that may be shown."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from exchange.engine.loops import NEARLY_ONE, gaining_loops
from exchange.engine.network import Flags, Floats, Network, without_rows

ROUNDS = 200  # of looking for loops; after them every member of what is left is to blame
SWEEPS, SETTLED = 400, 1e-3
BEYOND = 1e250  # where sizes are cut, so that arithmetic stays within double precision
GRADES = (
    (1 - 1e-6, 1e100),
    (1 - 1e-3, 1e50),
)  # a gain, and a footprint or its inverse, that nothing real has

Choose = Callable[[tuple[int, ...]], Collection[int]]


@dataclass(frozen=True)
class Blame:
    """`nodes` whose recipes are to be set aside. `concerned`: all members of the loops, `nodes` where it is none."""

    nodes: tuple[int, ...] = ()
    concerned: tuple[int, ...] = ()
    in_loops: bool = False


def blame_loops(amounts: sparse.csr_array, choose: Choose, enough: float = NEARLY_ONE) -> Blame:
    """Set recipes aside until no loop gains `enough`; `choose` says of a loop whose, at least one of its members."""
    cut, concerned = np.zeros(amounts.shape[0], dtype=bool), np.zeros(amounts.shape[0], dtype=bool)
    for step in range(ROUNDS + 1):
        for loop in (found := gaining_loops(without_rows(amounts, cut), enough)):
            concerned[list(loop)] = True
            cut[list(choose(loop) or loop) if step < ROUNDS else list(loop)] = True
        if not found:
            break
    return Blame(_ids(cut), _ids(concerned), in_loops=True)


def blame(network: Network, choose: Choose) -> Blame:
    """Who keeps a network without a loop that gains 1 from being solved: loops that gain nearly 1, absurd sizes.

    The finest grade of `GRADES` at which anybody is. Nobody where there is none.
    """
    followed = network.followed()
    for enough, size in GRADES:
        loops = blame_loops(followed, choose, enough)
        if loops.nodes:
            return loops
        if absurd := _absurd(followed, network, size):
            return Blame(absurd, absurd)
    return Blame()


def _absurd(followed: sparse.csr_array, network: Network, size: float) -> tuple[int, ...]:
    """The first products along their chains whose footprint, or need of inputs, is above `size` or below its inverse.

    Those further down take from them and are no reason themselves.
    """
    needs = np.ones((network.size, 1))
    table = np.hstack([np.abs(network.effects), needs])
    held = np.hstack([network.declared, np.zeros_like(needs, dtype=bool)])
    values = _spread(followed, table, held)
    beyond = (values > size) | ((values > 0) & (values < 1 / size))
    is_absurd: Flags = np.asarray(beyond.any(axis=1))
    taken: Floats = followed @ is_absurd.astype(np.float64)
    first: Flags = is_absurd & (taken == 0)
    return _ids(first if first.any() else is_absurd)


def _spread(amounts: sparse.csr_array, own: Floats, held: Flags) -> Floats:
    """Sizes of footprints `(n, k)`, roughly: enough to tell orders of magnitude."""
    values = own
    with np.errstate(all="ignore"):
        for _ in range(SWEEPS):
            before, values = values, np.where(held, own, np.minimum(own + amounts @ values, BEYOND))
            if (np.abs(values - before) <= SETTLED * values).all():
                break
    return values


def _ids(chosen: Flags) -> tuple[int, ...]:
    return tuple(int(node) for node in np.flatnonzero(chosen))
