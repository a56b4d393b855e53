"""The network of a period: who needs how much of whom per unit, own effects, declared values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from exchange.engine.errors import BalanceError, RangeError, ShapeError, ZeroOutputError

Floats = NDArray[np.float64]
Ids = NDArray[np.signedinteger]
Flags = NDArray[np.bool_]

BALANCE_SLACK = 1e-9
SMALLEST, LARGEST = 1e-100, 1e100  # products of several such numbers are still within double precision


@dataclass(frozen=True, eq=False)
class Network:
    """Products `0..n-1` and `k` columns of effect (method section 3).

    `amounts[j, i]` is the amount of supplier product i in one unit of customer product j (the
    transpose of A, compressed by rows), `direct (n, k)` the own effect per unit, `fixed (n, k)` the
    declared footprint per unit or NaN where the product's recipe is to be followed.
    """

    amounts: sparse.csr_array
    direct: Floats
    fixed: Floats

    @property
    def size(self) -> int:
        """Number of products, n."""
        return int(self.direct.shape[0])

    @property
    def columns(self) -> int:
        """Number of columns of effect, k."""
        return int(self.direct.shape[1])

    @cached_property
    def declared(self) -> Flags:
        """`(n, k)`: where a declared footprint stands in place of the recipe."""
        return ~np.isnan(self.fixed)

    @cached_property
    def effects(self) -> Floats:
        """`(n, k)`: what one unit of activity brings into the total: declared where declared, else own."""
        return np.where(self.declared, self.fixed, self.direct) if self.declared.any() else self.direct

    def patterns(self) -> tuple[tuple[int, ...], ...]:
        """Columns grouped by equal pattern of declared values, in order of first appearance."""
        return self._patterns

    @cached_property
    def _patterns(self) -> tuple[tuple[int, ...], ...]:
        groups: dict[bytes, list[int]] = {}
        for column in range(self.columns):
            groups.setdefault(self.declared[:, column].tobytes(), []).append(column)
        return tuple(tuple(group) for group in groups.values())

    def cut(self, column: int) -> sparse.csr_array:
        """`amounts` for one column: the rows of products declared there are empty."""
        return without_rows(self.amounts, self.declared[:, column])

    def followed(self) -> sparse.csr_array:
        """`amounts` without the rows of products declared in every column: what any column follows."""
        return without_rows(self.amounts, np.asarray(self.declared.all(axis=1)))

    def check_range(self) -> None:
        """Raises `RangeError` naming products with an amount or effect too large or too small to compute with."""
        amounts, effects = self.amounts.data, np.abs(self.effects)
        if _in_range(amounts) and _in_range(effects):
            return
        rows = np.repeat(np.arange(self.size), np.diff(self.amounts.indptr))
        bad = np.asarray(_out_of_range(effects).any(axis=1))
        bad[rows[_out_of_range(amounts)]] = True
        nodes = tuple(int(node) for node in np.flatnonzero(bad))
        raise RangeError(
            f"An amount or effect of product {nodes[0]} is not between {SMALLEST:g} and {LARGEST:g}.",
            nodes=nodes,
            advice="Check the amount and its unit.",
        )

    @classmethod
    def from_edges(
        cls,
        supplier: ArrayLike,
        customer: ArrayLike,
        per_unit: ArrayLike,
        direct: ArrayLike,
        fixed: ArrayLike | None = None,
    ) -> Self:
        """Build from recipe coefficients: `per_unit[e]` units of `supplier[e]` in one of `customer[e]`.

        Parallel links add up; a link of amount zero is no link. Raises `ShapeError`.
        """
        own = _matrix(direct, "direct")
        declared = np.full(own.shape, np.nan) if fixed is None else _declared(fixed, own.shape)
        return cls(link_matrix(supplier, customer, per_unit, own.shape[0]), own, declared)

    @classmethod
    def from_flows(
        cls,
        supplier: ArrayLike,
        customer: ArrayLike,
        quantity: ArrayLike,
        produced: ArrayLike,
        effects: ArrayLike,
        *,
        stock_drawn: ArrayLike | None = None,
        fixed: ArrayLike | None = None,
    ) -> Self:
        """Build from the flows of a period: `quantity[e]`, `produced (n,)` and `effects (n, k)` in total.

        Deliveries of a product must not exceed what was produced plus `stock_drawn`.
        Raises `ShapeError`, `BalanceError`, `ZeroOutputError`, `RangeError`.
        """
        totals, output = _matrix(effects, "effects"), _vector(produced, "produced")
        if output.shape[0] != totals.shape[0]:
            raise ShapeError(f"{output.shape[0]} outputs for {totals.shape[0]} products.")
        flows = link_matrix(supplier, customer, quantity, output.shape[0])
        drawn = np.zeros_like(output) if stock_drawn is None else _vector(stock_drawn, "stock_drawn")
        _check_balance(flows, output + drawn)
        _check_output(flows, output, totals)
        declared = np.full(totals.shape, np.nan) if fixed is None else _declared(fixed, totals.shape)
        with np.errstate(over="ignore", invalid="ignore"):
            scale = 1.0 / np.where(output > 0, output, 1.0)
            data = flows.data * np.repeat(scale, np.diff(flows.indptr))
            network = cls(_like(flows, data), totals * scale[:, None], declared)
        network.check_range()
        return network


def link_matrix(supplier: ArrayLike, customer: ArrayLike, amount: ArrayLike, size: int) -> sparse.csr_array:
    """Links as a `(size, size)` matrix, rows = customers; parallel links add up, zero is no link."""
    sup, cus, value = _ids(supplier, size), _ids(customer, size), _vector(amount, "per_unit")
    if not sup.shape == cus.shape == value.shape:
        raise ShapeError("supplier, customer and amount must be equally long.")
    matrix = sparse.csr_array((value, (cus, sup)), shape=(size, size))
    matrix.sum_duplicates()
    if not matrix.data.all():
        matrix.eliminate_zeros()
    return matrix


def without_rows(matrix: sparse.csr_array, cut: Flags) -> sparse.csr_array:
    """The matrix with the rows in `cut` emptied; the same object when nothing is cut."""
    if not cut.any():
        return matrix
    kept = np.repeat(~cut, np.diff(matrix.indptr))
    starts = np.concatenate([[0], np.cumsum(np.where(cut, 0, np.diff(matrix.indptr)))])
    return sparse.csr_array(
        (matrix.data[kept], matrix.indices[kept], starts.astype(matrix.indptr.dtype)), shape=matrix.shape
    )


def _like(matrix: sparse.csr_array, data: Floats) -> sparse.csr_array:
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def _in_range(sizes: Floats) -> bool:
    """Whether all are zero or between `SMALLEST` and `LARGEST`."""
    if not sizes.max(initial=0.0) <= LARGEST:
        return False
    return bool(sizes.min(initial=np.inf) >= SMALLEST or not _out_of_range(sizes).any())


def _out_of_range(sizes: Floats) -> Flags:
    return np.asarray(~((sizes <= LARGEST) & ((sizes >= SMALLEST) | (sizes == 0))))


def _ids(values: ArrayLike, size: int) -> Ids:
    ids = np.atleast_1d(np.asarray(values))
    kind = np.int32 if size <= np.iinfo(np.int32).max else np.int64
    if ids.size == 0:
        return ids.astype(kind)
    if ids.ndim != 1 or not np.issubdtype(ids.dtype, np.integer):
        raise ShapeError("Product ids must be whole numbers in one dimension.")
    if ids.min() < 0 or ids.max() >= size:
        raise ShapeError(f"Product ids must lie between 0 and {size - 1}.")
    return ids.astype(kind)


def _vector(values: ArrayLike, name: str) -> Floats:
    vector = np.atleast_1d(np.asarray(values, dtype=np.float64))
    if vector.ndim != 1 or not np.isfinite(vector).all() or (vector < 0).any():
        raise ShapeError(f"{name} must be one dimension of finite numbers, none negative.")
    return vector


def _matrix(values: ArrayLike, name: str) -> Floats:
    matrix = np.array(values, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[1] == 0 or not np.isfinite(matrix).all():
        raise ShapeError(f"{name} must be a table (products, columns) of finite numbers.")
    return matrix


def _declared(values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    fixed = np.array(values, dtype=np.float64)
    if fixed.shape != shape or np.isinf(fixed).any():
        raise ShapeError("fixed must have the shape of direct and hold finite numbers or NaN.")
    return fixed


def _check_balance(flows: sparse.csr_array, available: Floats) -> None:
    delivered = np.asarray(flows.sum(axis=0)).ravel()
    over = np.flatnonzero(delivered > available * (1 + BALANCE_SLACK))
    if over.size:
        worst = int(over[0])
        raise BalanceError(
            f"Product {worst}: {delivered[worst]:.12g} delivered, {available[worst]:.12g} there to deliver.",
            nodes=tuple(int(node) for node in over),
            advice="State the stock drawn, or correct the deliveries or what was produced.",
        )


def _check_output(flows: sparse.csr_array, output: Floats, effects: Floats) -> None:
    burdened = (np.diff(flows.indptr) > 0) | (effects != 0).any(axis=1)
    bad = np.flatnonzero((output == 0) & burdened)
    if bad.size:
        raise ZeroOutputError(
            f"Product {int(bad[0])} has inputs or effects in a period in which nothing was produced.",
            nodes=tuple(int(node) for node in bad),
            advice="Carry its effects to stock or to the period in which it was produced.",
        )
