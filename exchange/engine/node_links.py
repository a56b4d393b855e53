"""The links of nodes as matrices: rows = customers, each supplier once and ascending."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from exchange.engine.errors import DamagedError
from exchange.engine.network import Floats
from exchange.engine.node_rows import NodeTable

Whole = NDArray[np.signedinteger]
ROUNDING = 1e-9


class LinkParts:
    """Links of nodes, added in the order of the nodes."""

    def __init__(self) -> None:
        self._amounts: list[Floats] = []
        self._measured: list[Floats] = []
        self._suppliers: list[Whole] = []
        self._counts: list[Whole] = [np.zeros(1, dtype=np.int64)]

    def add(self, nodes: NodeTable) -> None:
        """The links of the next nodes."""
        self._amounts.append(np.ascontiguousarray(nodes.suppliers["amount"]))
        self._measured.append(np.ascontiguousarray(nodes.suppliers["measured"]))
        self._suppliers.append(np.ascontiguousarray(nodes.suppliers["supplier"]))
        self._counts.append(nodes.effects["suppliers"].astype(np.int64))

    def matrices(self, width: int) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Amounts and their measured parts, `(m, width)`, of the m nodes added; raises `DamagedError`."""
        return compressed(
            np.concatenate([np.empty(0), *self._amounts]),
            np.concatenate([np.empty(0), *self._measured]),
            np.concatenate([np.empty(0, dtype=np.int32), *self._suppliers]),
            np.cumsum(np.concatenate(self._counts)),
            width,
        )


def compressed(
    amount: Floats, measured: Floats, supplier: Whole, starts: Whole, width: int
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """The two matrices of the same links.

    Raises `DamagedError` for a supplier outside `0..width-1`, out of order or named twice, and for amounts that
    are not positive or measured parts outside them.
    """
    _check(amount, measured, supplier, starts, width)
    amounts = linked(amount, supplier, starts, width)
    if not amounts.has_canonical_format:
        raise DamagedError("Suppliers of a node are out of order or named twice.")
    return amounts, linked(measured, amounts.indices, amounts.indptr, width)


def linked(values: Floats, supplier: Whole, starts: Whole, width: int) -> sparse.csr_array:
    """A matrix of links that were checked before."""
    index = np.dtype(np.int32 if max(width, supplier.size) < 2**31 else np.int64)
    places, rows = supplier.astype(index, copy=False), starts.astype(index, copy=False)
    return sparse.csr_array((values, places, rows), shape=(starts.size - 1, width))


def _check(amount: Floats, measured: Floats, supplier: Whole, starts: Whole, width: int) -> None:
    whole = supplier.dtype.kind == starts.dtype.kind == "i"
    if not whole or starts.size == 0 or not amount.size == measured.size == supplier.size:
        raise DamagedError("Links are cut off.")
    if starts[0] != 0 or starts[-1] != supplier.size or (np.diff(starts) < 0).any():
        raise DamagedError("There are other links than the nodes name.")
    if supplier.size and not (supplier.min() >= 0 and supplier.max() < width):
        raise DamagedError("A link leads outside the network.")
    positive = (amount > 0) & (amount < np.inf) & (measured >= 0)
    if not (positive & (measured <= amount * (1 + ROUNDING))).all():
        raise DamagedError("A link has no amount, or more of it measured than there is.")
