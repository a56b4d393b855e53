"""Which loop of a network gains too much: strongly connected parts, their spectral radius, and who makes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from exchange.engine.network import Flags, Floats, Ids, without_rows

PATIENT_UP_TO = 2_000  # members of loops
STEPS, STEPS_IN_LARGE = 2_000, 200
SETTLED = 1e-12
NEARLY_ONE = 1 - SETTLED
NAMED_WHOLE = 2  # a loop of so few products has no smaller one inside


@dataclass(frozen=True, eq=False)
class _Gains:
    """Collatz-Wielandt bounds of the gain of each part `(p,)`, and the vector `(m,)` they were read from."""

    least: Floats
    most: Floats
    vector: Floats


def worst_loop(amounts: sparse.csr_array) -> tuple[tuple[int, ...], float]:
    """Members and gain of the loop with the largest gain (units needed of itself per unit given).

    A network without loops gives `((), 0.0)`. The gain is one that is proved, in slow cases less than the true
    one. Loops that hang together are one; of those only the members are
    named that make a gain of 1 or more between themselves, where there are such. Looking stops when one is
    found to gain 1.
    """
    nodes, part = _looping(amounts)
    if nodes.size == 0:
        return (), 0.0
    block = _within(sparse.csr_array(amounts[nodes][:, nodes]), part)
    gains = _gains(block, part)
    worst = int(np.argmax(gains.least))
    chosen = np.flatnonzero(part == worst)
    members, gain = _narrowed(sparse.csr_array(block[chosen][:, chosen]), gains.vector[chosen])
    return tuple(sorted(int(node) for node in nodes[chosen[members]])), gain


def other_loops(amounts: sparse.csr_array, members: tuple[int, ...]) -> tuple[int, ...]:
    """Members of loops that gain 1 or more too, once those of `members` are taken out of the network.

    Every loop that hangs together with no other is among them, as far as patience lasts.
    """
    known = np.zeros(amounts.shape[0], dtype=bool)
    known[list(members)] = True
    return tuple(sorted(one for loop in gaining_loops(without_rows(amounts, known)) for one in loop))


def gaining_loops(amounts: sparse.csr_array, enough: float = NEARLY_ONE) -> tuple[tuple[int, ...], ...]:
    """The members of loops that gain `enough`, one loop of all those that hang together, as far as patience lasts."""
    nodes, part = _looping(amounts)
    if nodes.size == 0:
        return ()
    block = _within(sparse.csr_array(amounts[nodes][:, nodes]), part)
    gains = _gains(block, part, enough, every=True)
    found: list[tuple[int, ...]] = []
    for chosen in np.flatnonzero(gains.most >= enough):
        where = np.flatnonzero(part == chosen)
        named, gain = _narrowed(sparse.csr_array(block[where][:, where]), gains.vector[where], enough)
        if gain >= enough:
            found.append(tuple(sorted(nodes[where[named]].tolist())))
    return tuple(found)


def _looping(amounts: sparse.csr_array) -> tuple[Ids, Ids]:
    """The products that stand in a loop, part by part, and the part `0..p-1` of each."""
    count, label = connected_components(amounts, directed=True, connection="strong")
    sizes = np.bincount(label, minlength=count)
    own = np.asarray(amounts.diagonal()) > 0
    looping = np.flatnonzero((sizes[label] > 1) | own)
    nodes = looping[np.argsort(label[looping], kind="stable")]
    return nodes, np.unique(label[nodes], return_inverse=True)[1]


def _within(block: sparse.csr_array, part: Ids) -> sparse.csr_array:
    """The links that stay within a part: only they are in a loop."""
    links = block.tocoo()
    kept = part[links.row] == part[links.col]
    return sparse.csr_array((links.data[kept], (links.row[kept], links.col[kept])), shape=block.shape)


def _gains(block: sparse.csr_array, part: Ids, enough: float = NEARLY_ONE, *, every: bool = False) -> _Gains:
    """Power iteration on all parts at once, on `A + I` (the shift makes loops of any length settle).

    Until one part is known to gain `enough`, or the part that gains most is known with its gain; with `every`, until
    it is known of each part whether it gains `enough`. Or as long as patience lasts: the bounds hold whenever it stops.
    """
    starts = np.flatnonzero(np.diff(part, prepend=-1))
    vector = np.ones(part.size)
    for _ in range(STEPS if part.size <= PATIENT_UP_TO else STEPS_IN_LARGE):
        image = block @ vector + vector
        ratio = image / vector
        least, most = np.minimum.reduceat(ratio, starts), np.maximum.reduceat(ratio, starts)
        vector = np.maximum(image / np.maximum.reduceat(image, starts)[part], np.finfo(np.float64).tiny)
        if every:
            known = (most - least <= SETTLED * most) | (most - 1 < enough) | (least - 1 >= enough)
        else:
            known = (most - least <= SETTLED * most) | (most < least.max()) | (least.max() - 1 >= enough)
        if known.all():
            break
    return _Gains(least - 1, most - 1, vector)


def _narrowed(block: sparse.csr_array, right: Floats, enough: float = NEARLY_ONE) -> tuple[Ids, float]:
    """The fewest members, taken in the order of their weight in the gain, that gain `enough` between themselves.

    The weight of a member is the derivative of the gain by its own: right times left eigenvector.
    """
    nodes = np.arange(right.size)
    alone = np.zeros(right.size, dtype=np.int64)
    left = _gains(sparse.csr_array(block.T), alone).vector
    heaviest = np.argsort(-right * left, kind="stable")
    taken = NAMED_WHOLE
    while taken < right.size:
        some = heaviest[:taken]
        members = _gaining(sparse.csr_array(block[some][:, some]), enough)
        if members.any():
            nodes = some[members]
            break
        taken *= 2
    gains = _gains(sparse.csr_array(block[nodes][:, nodes]), alone[: nodes.size], enough=np.inf)
    return nodes, float(gains.least[0])


def _gaining(block: sparse.csr_array, enough: float) -> Flags:
    """The members of a part that gains `enough`, if there is one."""
    nodes, part = _looping(block)
    chosen: Flags = np.zeros(block.shape[0], dtype=bool)
    if nodes.size:
        gains = _gains(_within(sparse.csr_array(block[nodes][:, nodes]), part), part, enough)
        worst = int(np.argmax(gains.least))
        chosen[nodes[part == worst]] = gains.least[worst] >= enough
    return chosen
