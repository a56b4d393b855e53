"""What each product counts for when a flow is spread by a key, window by window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import cached_property
from math import lcm

from exchange.domain.calculation.account import Key, KeyMethod, Output, Product
from exchange.domain.errors import InvalidError, Problem
from exchange.domain.periods import Period
from exchange.domain.quantities import Dimension, UnitCode, in_unit

_EXACT = Context(prec=100)


@dataclass(frozen=True)
class Weights:
    """The weights of a key in some windows: `by_window[w][p]` of `products[p]`, as integers over `scale`.

    A share is weight / whole, where `whole[w]` is on the same scale. Shares of a window are together 1 or, for stated
    shares, at most 1; all weights of a window are 0 where nothing tells how to spread it.
    """

    key: Key
    products: tuple[str, ...]
    by_window: tuple[Sequence[int], ...]
    whole: tuple[int, ...]
    scale: int

    def part(self, first: int, last: int) -> Weights:
        """The same key in a stretch of the windows."""
        known = self._known_parts.get((first, last))
        if known is None:
            rows, whole = self.by_window[first:last], self.whole[first:last]
            known = self._known_parts[first, last] = Weights(self.key, self.products, rows, whole, self.scale)
        return known

    @cached_property
    def _known_parts(self) -> dict[tuple[int, int], Weights]:
        return {}

    @cached_property
    def is_sole(self) -> bool:
        """Whether the key gives everything to one product: then the site's bill is that product's meter."""
        return len(self.products) == 1 and self.key.method is not KeyMethod.SHARES

    @cached_property
    def denominator(self) -> int:
        """One denominator for the shares of every window and product."""
        return lcm(*(whole for whole in self.whole if whole), 1)

    @cached_property
    def of_product(self) -> dict[str, tuple[int, ...]]:
        """By product: its weight in each window."""
        columns = zip(*self.by_window, strict=True)
        return dict(zip(self.products, columns, strict=True)) if self.by_window else {}

    @cached_property
    def stretch(self) -> tuple[int, ...]:
        """By window: what a weight is multiplied with to be a share over `denominator`."""
        return tuple(self.denominator // whole if whole else 0 for whole in self.whole)

    @cached_property
    def unspread(self) -> tuple[int, ...]:
        """By window: what the key leaves, over `denominator`."""
        pairs = zip(self.by_window, self.stretch, strict=True)
        return tuple(self.denominator - sum(row) * by for row, by in pairs)


def check_shares(key: Key) -> list[Problem]:
    """Stated shares above 1 in all, or below 0, with the rows that make it so."""
    if key.method is not KeyMethod.SHARES:
        return []
    rows = ", ".join(f"{product} {share * 100:f} %" for product, share in key.shares.items())
    total = sum(key.shares.values())
    if total > 1:
        detail = f"The key {key.name!r} gives away {total * 100:f} % of what there is: {rows}."
        return [
            Problem(
                "key.above_whole", detail, f"/keys/{key.id}", "Correct the shares: together at most 100 %."
            )
        ]
    if any(share < 0 for share in key.shares.values()):
        detail = f"The key {key.name!r} has a share below zero: {rows}."
        return [Problem("key.below_zero", detail, f"/keys/{key.id}", "Give each product zero or more.")]
    return []


def weights_of(
    key: Key, products: Mapping[str, Product], outputs: Iterable[Output], in_windows: tuple[Period, ...]
) -> Weights:
    """The key's weights in each window; windows cut no output, so each output counts where it lies.

    Raises InvalidError `key.above_whole`, `key.below_zero`, `key.unit` (pieces of what is not counted in pieces,
    mass of what has none) and `key.data` (machine hours or revenue missing).
    """
    if problems := check_shares(key):
        raise InvalidError(
            problems[0].detail, code=problems[0].code, advice=problems[0].advice, path=problems[0].path
        )
    none = tuple(0 for _ in in_windows)
    if key.method is KeyMethod.METERED:
        return Weights(key, (), tuple(() for _ in in_windows), none, 1)
    if key.method is KeyMethod.SHARES:
        shares, scale = _integers(list(key.shares.values()))
        return Weights(key, tuple(key.shares), (shares,) * len(in_windows), (scale,) * len(in_windows), scale)
    return _measured(key, products, outputs, in_windows)


def _measured(
    key: Key, products: Mapping[str, Product], outputs: Iterable[Output], in_windows: tuple[Period, ...]
) -> Weights:
    place = {product: index for index, product in enumerate(products)}
    starts = {window.start: index for index, window in enumerate(in_windows)}
    measure = (
        _MEASURES[key.method] if len(products) > 1 else _amount
    )  # whose all is the whole needs no measure
    found = []
    for output in outputs:
        index = place.get(output.product)
        window = starts.get(output.period.start)
        if window is None or not in_windows[window].contains(output.period):
            window = _window_of(output.period, in_windows)
        if index is not None and window is not None:
            found.append((window, index, measure(key, products[output.product], output)))
    weights, scale = _integers([weight for _, _, weight in found])
    rows = [[0] * len(place) for _ in in_windows]
    for (window, index, _), weight in zip(found, weights, strict=True):
        rows[window][index] += weight
    return Weights(key, tuple(place), tuple(rows), tuple(map(sum, rows)), scale)


def _integers(values: Sequence[Decimal | Fraction]) -> tuple[list[int], int]:
    """The values as integers over one scale, exactly."""
    ratios = [value.as_integer_ratio() for value in values]
    scale = lcm(*{denominator for _, denominator in ratios}, 1)
    return [numerator * (scale // denominator) for numerator, denominator in ratios], scale


def _window_of(period: Period, in_windows: tuple[Period, ...]) -> int | None:
    low, high = 0, len(in_windows)
    while low < high:
        middle = (low + high) // 2
        if in_windows[middle].end <= period.start:
            low = middle + 1
        else:
            high = middle
    return low if low < len(in_windows) and in_windows[low].contains(period) else None


def _amount(key: Key, product: Product, output: Output) -> Decimal | Fraction:
    return in_unit(output.amount, product.unit)


def _mass(key: Key, product: Product, output: Output) -> Decimal | Fraction:
    if product.unit.dimension is Dimension.MASS:
        return in_unit(output.amount, UnitCode.KILOGRAM)
    if product.mass is None:
        raise _lacking(key, product, "its mass per unit", "key.unit")
    if output.amount.unit is product.unit:
        return _EXACT.multiply(output.amount.amount, product.mass)
    return in_unit(output.amount, product.unit) * Fraction(product.mass)


def _pieces(key: Key, product: Product, output: Output) -> Decimal | Fraction:
    if product.unit.dimension is not Dimension.COUNT:
        raise _lacking(key, product, "a count of pieces", "key.unit")
    if output.amount.unit is UnitCode.PIECE:
        return output.amount.amount
    return in_unit(output.amount, UnitCode.PIECE)


def _machine_hours(key: Key, product: Product, output: Output) -> Decimal:
    if output.machine_hours is None:
        raise _lacking(key, product, "its machine hours", "key.data")
    return output.machine_hours


def _economic(key: Key, product: Product, output: Output) -> Decimal:
    if output.revenue is None:
        raise _lacking(key, product, "its revenue", "key.data")
    return output.revenue


def _lacking(key: Key, product: Product, what: str, code: str) -> InvalidError:
    return InvalidError(
        f"The key {key.name!r} needs {what} of {product.name!r}, and it is not given.",
        code=code,
        path=f"/keys/{key.id}",
        advice="Add it to the production list, choose another key, or leave the product out of this key.",
    )


_MEASURES: Mapping[KeyMethod, Callable[[Key, Product, Output], Decimal | Fraction]] = {
    KeyMethod.MASS: _mass,
    KeyMethod.PIECES: _pieces,
    KeyMethod.MACHINE_HOURS: _machine_hours,
    KeyMethod.ECONOMIC: _economic,
}
