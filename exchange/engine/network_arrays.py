"""A network with all that is solved, checked and read of it, in arrays: index = node number.

A node that is gone keeps its number: no links, no effects, no output, no gaps, and shares that say "unknown".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from exchange.engine.errors import DamagedError, ShapeError
from exchange.engine.network import Floats, Network
from exchange.engine.node_links import LinkParts
from exchange.engine.node_rows import KINDS, Layout, NodeBytes, NodeTable, read_nodes, sorted_nodes, unknown

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class NetworkArrays:
    """`n` nodes, `k` columns of effect of which the first `q` are headline columns.

    `network`: links, own effects and the declared footprints that count. `measured`: the measured part of each
    amount, with the rows and columns of `network.amounts`, zeros among them. `own_shares` and
    `declared_shares (n, q, 4)`: measured, allocated, secondary and unknown part of own effects and of declared
    footprints. `produced (n,)`: output in declared units. `stated (n, k)`: declared footprints whether they count
    or not, NaN where none is. `has_own (n, k)`: where an own effect is stated, be it zero. `gaps (n, k)`: where
    something is not known at the node itself. `output_share (n,)`: what a node makes up of its product's output.
    """

    network: Network
    measured: sparse.csr_array
    own_shares: Floats
    declared_shares: Floats
    produced: Floats
    stated: Floats
    has_own: Flags
    gaps: Flags
    output_share: Floats

    def __post_init__(self) -> None:
        n, k, shares = self.network.size, self.network.columns, self.own_shares.shape
        fits = (
            self.measured.shape == self.network.amounts.shape == (n, n)
            and len(shares) == 3
            and (shares[0], shares[2]) == (n, KINDS)
            and shares[1] <= k
            and self.declared_shares.shape == shares
            and self.produced.shape == self.output_share.shape == (n,)
            and self.stated.shape == self.has_own.shape == self.gaps.shape == (n, k)
        )
        if not fits:
            raise ShapeError("The arrays of a network do not fit each other.")

    @classmethod
    def from_rows(cls, layout: Layout, chunks: Iterable[NodeBytes], size: int) -> Self:
        """Build from chunks of nodes, each of the next numbers in any order, until `size` numbers are there.

        A chunk is read into its place and let go: large networks are not held twice. Raises `DamagedError` where the
        nodes are not whole, do not belong together or leave a number out.
        """
        k, q = layout.columns, layout.headline
        own, stated, fixed = (np.empty((size, k)) for _ in range(3))
        own_shares, declared_shares = (np.empty((size, q, KINDS)) for _ in range(2))
        produced, output_share = (np.empty(size) for _ in range(2))
        gaps, links, first = np.empty((size, k), dtype=np.bool_), LinkParts(), 0
        for chunk in chunks:
            nodes = sorted_nodes(read_nodes(layout, chunk), first)
            table, at = nodes.effects, slice(first, first + nodes.effects.size)
            first = at.stop
            if first > size:
                break
            own[at], own_shares[at], gaps[at] = table["own"], table["own_shares"], table["gaps"] != 0
            produced[at], output_share[at] = table["produced"], table["output_share"]
            stated[at], fixed[at], declared_shares[at] = declarations(layout, nodes)
            links.add(nodes)
        if first != size:
            raise DamagedError("A node is missing, or there twice.")
        amounts, measured = links.matrices(size)
        has_own = ~np.isnan(own)
        own[~has_own] = 0.0
        return cls(
            Network(amounts, own, fixed),
            measured,
            own_shares,
            declared_shares,
            produced,
            stated,
            has_own,
            gaps,
            output_share,
        )

    @property
    def size(self) -> int:
        """Number of node numbers given, n."""
        return self.network.size

    @property
    def headline(self) -> int:
        """Number of headline columns, q."""
        return int(self.own_shares.shape[1])


def declarations(layout: Layout, nodes: NodeTable) -> tuple[Floats, Floats, Floats]:
    """`stated` and, of it, what counts `(m, k)`, and shares `(m, q, 4)` for m nodes."""
    rows, at, many = nodes.declared, np.flatnonzero(nodes.effects["declares"]), nodes.effects.size
    stated, fixed = (np.full((many, layout.columns), np.nan) for _ in range(2))
    shares = unknown(many, layout.headline)
    stated[at] = rows["stated"]
    fixed[at] = np.where(rows["fixed"] != 0, rows["stated"], np.nan)
    shares[at] = rows["shares"]
    return stated, fixed, shares
