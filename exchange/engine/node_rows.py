"""What arrays hold of one node, in bytes: its effects, what it declares if it does, and an entry for each supplier.

A network is kept in them node by node; side by side they are the arrays again, without a loop. Effects and
declarations are rows of fixed width.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exchange.engine.cone import entries
from exchange.engine.errors import DamagedError

KINDS = 4
NONE = float("nan")
UNKNOWN = (0.0, 0.0, 0.0, 1.0)
ENTRY = np.dtype([("supplier", "<i4"), ("amount", "<f8"), ("measured", "<f8")])

_entry = struct.Struct("<idd")


@dataclass(frozen=True)
class NodeRow:
    """Node `number`: per column the own effect and the declared footprint (None where none is stated).

    `fixed`: columns in which the declared footprint counts; `gaps`: columns in which something is not known at the
    node; both as positions. Shares are four per headline column, measured to unknown; `declared_shares` only where
    a footprint is declared. `entries`: (supplier, amount per unit, measured part of that amount), each supplier
    once, ascending.
    """

    number: int
    own: Sequence[float | None]
    stated: Sequence[float | None]
    fixed: Iterable[int]
    gaps: Iterable[int]
    own_shares: Sequence[Sequence[float]]
    declared_shares: Sequence[Sequence[float]]
    produced: float
    output_share: float
    entries: Sequence[tuple[int, float, float]] = ()


class NodeBytes(NamedTuple):
    """One node, or several one after another: `declared` has nothing of nodes that declare nothing."""

    effects: bytes | bytearray
    declared: bytes | bytearray
    suppliers: bytes | bytearray

    @classmethod
    def together(cls, several: Iterable[NodeBytes]) -> NodeBytes:
        """Nodes one after another."""
        parts = list(several)
        return cls(*(b"".join(part[place] for part in parts) for place in range(3)))


@dataclass(frozen=True)
class Layout:
    """How wide rows are: `columns` of effect, of which the first `headline` have shares."""

    columns: int
    headline: int

    @cached_property
    def effects(self) -> np.dtype[np.void]:
        """A node's row: little-endian doubles, two whole numbers, a byte per flag."""
        k, q = self.columns, self.headline
        return np.dtype(
            [
                ("own", "<f8", (k,)),
                ("own_shares", "<f8", (q, KINDS)),
                ("produced", "<f8"),
                ("output_share", "<f8"),
                ("number", "<u4"),
                ("suppliers", "<u4"),
                ("declares", "u1"),
                ("gaps", "u1", (k,)),
            ]
        )

    @cached_property
    def declared(self) -> np.dtype[np.void]:
        """What a node declares: little-endian doubles, a byte per flag."""
        k, q = self.columns, self.headline
        return np.dtype([("stated", "<f8", (k,)), ("shares", "<f8", (q, KINDS)), ("fixed", "u1", (k,))])

    @cached_property
    def _forms(self) -> tuple[struct.Struct, struct.Struct]:
        k, q = self.columns, self.headline
        return struct.Struct(f"<{k + q * KINDS + 2}d2I{1 + k}B"), struct.Struct(f"<{k + q * KINDS}d{k}B")

    def pack(self, row: NodeRow) -> NodeBytes:
        """One node."""
        effects, declared = self._forms
        declares = any(amount is not None for amount in row.stated)
        return NodeBytes(
            effects.pack(
                *_numbers(row.own, row.own_shares),
                row.produced,
                row.output_share,
                row.number,
                len(row.entries),
                declares,
                *self._flags(row.gaps),
            ),
            declared.pack(*_numbers(row.stated, row.declared_shares), *self._flags(row.fixed))
            if declares
            else b"",
            b"".join(_entry.pack(*entry) for entry in row.entries),
        )

    def absent(self, number: int) -> NodeBytes:
        """A node that is gone."""
        nothing, unknown = [None] * self.columns, [UNKNOWN] * self.headline
        return self.pack(NodeRow(number, nothing, nothing, (), (), unknown, unknown, 0.0, 0.0))

    def _flags(self, columns: Iterable[int]) -> bytearray:
        flags = bytearray(self.columns)
        for column in columns:
            flags[column] = 1
        return flags


class NodeTable(NamedTuple):
    """Nodes side by side: a row of `effects` for each, of `declared` for those that declare, entries of suppliers."""

    effects: NDArray[np.void]
    declared: NDArray[np.void]
    suppliers: NDArray[np.void]


def read_nodes(layout: Layout, nodes: NodeBytes) -> NodeTable:
    """Several nodes as structured arrays; raises `DamagedError` when they are not whole."""
    table = NodeTable(
        _read(nodes.effects, layout.effects),
        _read(nodes.declared, layout.declared),
        _read(nodes.suppliers, ENTRY),
    )
    if table.declared.size != np.count_nonzero(table.effects["declares"]):
        raise DamagedError("There are other declarations than the nodes name.")
    if table.suppliers.size != table.effects["suppliers"].sum(dtype=np.int64):
        raise DamagedError("There are other links than the nodes name.")
    return table


def sorted_nodes(table: NodeTable, first: int) -> NodeTable:
    """m nodes in the order of their numbers; raises `DamagedError` unless each of first..first+m-1 is there once."""
    numbers = table.effects["number"]
    wanted = np.arange(first, first + numbers.size)
    if np.array_equal(numbers, wanted):
        return table
    order = np.argsort(numbers)
    if not np.array_equal(numbers[order], wanted):
        raise DamagedError("A node is missing, or there twice.")
    declared, suppliers = (
        rows[entries(np.concatenate([[0], np.cumsum(table.effects[name], dtype=np.int64)]), order)]
        for name, rows in (("declares", table.declared), ("suppliers", table.suppliers))
    )
    return NodeTable(table.effects[order], declared, suppliers)


def unknown(*shape: int) -> NDArray[np.float64]:
    """Shares `(*shape, 4)` that say that nothing is known."""
    shares = np.zeros((*shape, KINDS))
    shares[..., -1] = 1.0
    return shares


def _read(rows: bytes | bytearray, dtype: np.dtype[np.void]) -> NDArray[np.void]:
    if len(rows) % dtype.itemsize:
        raise DamagedError("Rows of nodes are cut off.")
    return np.frombuffer(rows, dtype=dtype)


def _numbers(amounts: Sequence[float | None], shares: Sequence[Sequence[float]]) -> list[float]:
    return [
        *(NONE if amount is None else amount for amount in amounts),
        *(part for several in shares for part in several),
    ]
