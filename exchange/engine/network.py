"""The network of a period: who needs how much of whom per unit, own effects, declared values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from exchange.engine.errors import BalanceError, RangeError, ShapeError, ZeroOutputError
from exchange.engine.kernels import compiled_kernels

Floats = NDArray[np.float64]
Ids = NDArray[np.signedinteger]
Flags = NDArray[np.bool_]

BALANCE_SLACK = 1e-9
LONGEST = np.iinfo(np.int32).max  # links that can be numbered in 32 bits
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

    @cached_property
    def signed(self) -> Flags:
        """`(k,)`: columns with negative effects, where a footprint may be the small difference of large ones."""
        return signed(self.effects)

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
        if not self.declared.any():
            return self.amounts
        return without_rows(self.amounts, np.asarray(self.declared.all(axis=1)))

    def check_range(self) -> None:
        """Raises `RangeError` naming products with an amount or effect too large or too small to compute with."""
        amounts, effects = self.amounts.data, self.effects
        if effects.min(initial=0.0) < 0:
            effects = np.abs(effects)
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
        declared = _nowhere(own.shape) if fixed is None else _declared(fixed, own.shape)
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
        declared = _nowhere(totals.shape) if fixed is None else _declared(fixed, totals.shape)
        with np.errstate(over="ignore", invalid="ignore"):
            scale = 1.0 / np.where(output > 0, output, 1.0)
            data = flows.data * np.repeat(scale, np.diff(flows.indptr))
            network = cls(_like(flows, data), totals * scale[:, None], declared)
        network.check_range()
        return network


def link_matrix(supplier: ArrayLike, customer: ArrayLike, amount: ArrayLike, size: int) -> sparse.csr_array:
    """Links as a `(size, size)` matrix, rows = customers; parallel links add up, zero is no link."""
    matrix = _counted(supplier, customer, amount, size)
    if matrix is not None:
        return matrix
    sup, cus, value = _ids(supplier, size), _ids(customer, size), _vector(amount, "per_unit")
    if not sup.shape == cus.shape == value.shape:
        raise ShapeError("supplier, customer and amount must be equally long.")
    matrix = sparse.csr_array((value, (cus, sup)), shape=(size, size))
    matrix.sum_duplicates()
    if not matrix.data.all():
        matrix.eliminate_zeros()
    return matrix


def _counted(
    supplier: ArrayLike, customer: ArrayLike, amount: ArrayLike, size: int
) -> sparse.csr_array | None:
    """The same by compiled loops; None where there are none, and for what is of another kind or to be refused."""
    kernels = compiled_kernels(size)
    given, taken, value = np.asarray(supplier), np.asarray(customer), np.asarray(amount)
    is_plain = given.shape == taken.shape == value.shape and value.ndim == 1 and value.size < LONGEST
    is_whole = given.dtype == taken.dtype and taken.dtype in (np.int32, np.int64)
    if kernels is None or not (is_plain and is_whole and value.dtype == np.float64):
        return None
    counted: sparse.csr_array | None = kernels.link_matrix(given, taken, value, size)
    return counted


def without_rows(matrix: sparse.csr_array, cut: Flags) -> sparse.csr_array:
    """The matrix with the rows in `cut` emptied; the same object when nothing is cut."""
    if not cut.any():
        return matrix
    kept = np.repeat(~cut, np.diff(matrix.indptr))
    starts = np.concatenate([[0], np.cumsum(np.where(cut, 0, np.diff(matrix.indptr)))])
    return sparse.csr_array(
        (matrix.data[kept], matrix.indices[kept], starts.astype(matrix.indptr.dtype)), shape=matrix.shape
    )


def signed(values: Floats) -> Flags:
    """`(k,)`: the columns of `(n, k)` with a negative value."""
    if values.min(initial=0.0) >= 0:  # a minimum of all takes a tenth of the time of one by column
        return np.zeros(values.shape[1], dtype=bool)
    return np.asarray((values < 0).any(axis=0))


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


def _nowhere(shape: tuple[int, ...]) -> Floats:
    """NaN throughout, kept once."""
    return np.broadcast_to(np.float64(np.nan), shape)


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
