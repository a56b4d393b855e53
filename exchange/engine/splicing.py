"""Nodes that changed, put in their places in the arrays of a network: what did not change is not made again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from exchange.engine.array_bytes import AnyArray, from_bytes, to_bytes
from exchange.engine.errors import DamagedError
from exchange.engine.network import Ids, Network
from exchange.engine.network_arrays import NetworkArrays, declarations
from exchange.engine.node_links import LinkParts, linked
from exchange.engine.node_rows import UNKNOWN, Layout, NodeBytes, NodeTable, read_nodes


@dataclass(frozen=True, eq=False)
class ChangedNodes:
    """Nodes as they are now, ascending by number; `size`: how many numbers are given.

    A node that is gone is as the layout's `absent` says.
    """

    nodes: NodeBytes
    size: int

    def pack(self) -> bytes:
        """As bytes to keep."""
        parts = {name: np.frombuffer(part, dtype=np.uint8) for name, part in self.nodes._asdict().items()}
        return to_bytes(parts | {"size": np.array([self.size], dtype="<i8")})

    @classmethod
    def unpack(cls, content: bytes | bytearray) -> ChangedNodes:
        """What was packed; raises `DamagedError` for any other bytes."""
        named = from_bytes(content)
        if named.keys() != {*NodeBytes._fields, "size"} or named["size"].shape != (1,):
            raise DamagedError("These are not changed nodes.")
        parts = [named[name] for name in NodeBytes._fields]
        if any(part.dtype != np.uint8 for part in parts):
            raise DamagedError("These are not changed nodes.")
        return cls(NodeBytes(*(part.tobytes() for part in parts)), int(named["size"][0]))


def splice(arrays: NetworkArrays, changed: ChangedNodes, layout: Layout) -> NetworkArrays:
    """The network after the change: the same as made anew from all nodes.

    The arrays given are used up: where nothing has to move they are changed in place. Raises `DamagedError` where
    what changed does not fit the network, which is then as it was.
    """
    nodes, size = read_nodes(layout, changed.nodes), changed.size
    table = nodes.effects
    at = table["number"].astype(np.int64)
    _check(arrays, at, size, layout)
    own = table["own"]
    stated, fixed, shares = declarations(layout, nodes)
    amounts, measured = _links(arrays, nodes, at, size)
    return NetworkArrays(
        Network(
            amounts,
            _placed(arrays.network.direct, at, np.nan_to_num(own), size, 0.0),
            _placed(arrays.network.fixed, at, fixed, size, np.nan),
        ),
        measured,
        _placed(arrays.own_shares, at, table["own_shares"], size, UNKNOWN),
        _placed(arrays.declared_shares, at, shares, size, UNKNOWN),
        _placed(arrays.produced, at, table["produced"], size, 0.0),
        _placed(arrays.stated, at, stated, size, np.nan),
        _placed(arrays.has_own, at, ~np.isnan(own), size, False),
        _placed(arrays.gaps, at, table["gaps"] != 0, size, False),
        _placed(arrays.output_share, at, table["output_share"], size, 0.0),
    )


def _check(arrays: NetworkArrays, at: Ids, size: int, layout: Layout) -> None:
    fits = (layout.columns, layout.headline) == (arrays.network.columns, arrays.headline)
    added = np.arange(arrays.size, max(size, arrays.size))
    if not fits or size < arrays.size or not np.array_equal(at[at >= arrays.size], added):
        raise DamagedError("Changed nodes do not fit the network.")
    if (np.diff(at) <= 0).any():
        raise DamagedError("Changed nodes are out of order.")


def _placed(array: AnyArray, at: Ids, rows: AnyArray, size: int, absent: object) -> AnyArray:
    if size == array.shape[0] and array.flags.writeable:
        array[at] = rows
        return array
    result = np.empty((size, *array.shape[1:]), dtype=array.dtype)
    result[: array.shape[0]] = array
    result[array.shape[0] :] = absent
    result[at] = rows
    return result


def _links(
    arrays: NetworkArrays, nodes: NodeTable, at: Ids, size: int
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """The two matrices with the changed nodes' rows between runs of rows that stay."""
    before = arrays.network.amounts
    links = LinkParts()
    links.add(nodes)
    new, new_measured = links.matrices(size)
    kept = _kept(before.indptr, at)
    counts = np.zeros(size, dtype=np.int64)
    counts[: arrays.size] = np.diff(before.indptr)
    counts[at] = np.diff(new.indptr)
    starts = np.concatenate([[0], np.cumsum(counts)])
    amounts = linked(
        _woven(before.data, new.data, kept, new.indptr),
        _woven(before.indices, new.indices, kept, new.indptr),
        starts,
        size,
    )
    measured = _woven(arrays.measured.data, new_measured.data, kept, new.indptr)
    return amounts, linked(measured, amounts.indices, amounts.indptr, size)


def _kept(starts: NDArray[np.signedinteger], changed: Ids) -> list[tuple[int, int]]:
    """Runs of entries that stay: before each changed row, and after the last; new rows come at the end."""
    rows = np.minimum(changed, starts.size - 1)
    ends = starts[rows].tolist()
    begins = [0, *starts[np.minimum(rows + 1, starts.size - 1)].tolist()]
    return list(zip(begins, [*ends, int(starts[-1])], strict=True))


def _woven(
    before: AnyArray, new: AnyArray, kept: list[tuple[int, int]], starts: NDArray[np.signedinteger]
) -> AnyArray:
    bounds = starts.tolist()
    parts = [before[slice(*kept[0])]]
    for row, run in enumerate(kept[1:]):
        parts += [new[bounds[row] : bounds[row + 1]], before[slice(*run)]]
    return np.concatenate(parts)
