"""One flow spread over products: what bills say in all, what meters give to single products, what the key gives.

Sums are exact: what products get plus the unallocated rest is what the bills say, for every flow, key and window.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from operator import mul

from exchange.domain.calculation.account import Bill, Flow, Reading
from exchange.domain.calculation.conversion import Conversion
from exchange.domain.calculation.weights import Weights
from exchange.domain.errors import InvalidError, Problem
from exchange.domain.periods import Period


@dataclass(frozen=True)
class Booked:
    """A bill in its flow's unit: `amount` is the part inside `period`, `inside` of the whole bill's days.

    A bill that runs over the edge of the account is cut by days, and what is cut counts as allocated.
    """

    bill: Bill
    period: Period
    amount: Fraction
    conversions: tuple[Conversion, ...]
    inside: Fraction


@dataclass(frozen=True)
class Counted:
    """A sub-meter's reading in its flow's unit: the part of it inside `period`, `inside` of its days, as of a bill."""

    reading: Reading
    period: Period
    amount: Fraction
    conversions: tuple[Conversion, ...]
    inside: Fraction


@dataclass(frozen=True)
class Spreading:
    """A flow's amounts by window, as integers: `total`, `to_spread` (what no reading gives away) and `metered[p]`.

    They count 1 / `scale` of the flow's unit; what the key gives counts 1 / (`scale` x `weights.denominator`).
    `estimated` is the share of the flow without a bill behind it, `cut` the share cut by days.
    """

    flow: Flow
    windows: tuple[Period, ...]
    weights: Weights
    booked: tuple[Booked, ...]
    counted: tuple[Counted, ...]
    scale: int
    total: Sequence[int]
    to_spread: Sequence[int]
    metered: Mapping[str, Sequence[int]]
    estimated: Fraction
    cut: Fraction

    @property
    def denominator(self) -> int:
        """What `units_of` counts in: so many are one unit of the flow."""
        return self.scale * self.weights.denominator

    @property
    def site_amount(self) -> Fraction:
        """What the bills say in all, in the flow's unit."""
        return Fraction(sum(self.total), self.scale)

    @property
    def rest(self) -> Fraction:
        """What neither a reading nor the key gives to a product."""
        return Fraction(sum(map(mul, self.to_spread, self.weights.unspread)), self.denominator)

    def units_of(self, product: str) -> int:
        """What a product gets, counted in 1 / `denominator` of the flow's unit."""
        weights = self.weights.of_product.get(product)
        units = sum(map(mul, self._stretched, weights)) if weights else 0
        if product in self.metered:
            units += sum(self.metered[product]) * self.weights.denominator
        return units

    def units_in(self, product: str, window: int) -> int:
        """The same in one window."""
        weights = self.weights.of_product.get(product)
        units = self._stretched[window] * weights[window] if weights else 0
        if product in self.metered:
            units += self.metered[product][window] * self.weights.denominator
        return units

    def amount_of(self, product: str) -> Fraction:
        """What a product gets, in the flow's unit."""
        return Fraction(self.units_of(product), self.denominator)

    @cached_property
    def _stretched(self) -> list[int]:
        """By window: what is to be spread for one unit of weight, over `denominator`."""
        return list(map(mul, self.to_spread, self.weights.stretch))

    def measured_of(self, product: str) -> Fraction:
        """What of it was metered or counted for the product, as far as the bills themselves are certain."""
        is_sole = self.weights.is_sole and product in self.weights.of_product
        whole = (one for one in self.counted if one.reading.product == product and one.inside == 1)
        own = self.amount_of(product) if is_sole else sum((one.amount for one in whole), Fraction(0))
        return own * (1 - self.estimated - self.cut)


def spread(
    flow: Flow,
    windows: tuple[Period, ...],
    weights: Weights,
    booked: Sequence[Booked],
    counted: Sequence[Counted],
) -> Spreading:
    """Spread a flow. Windows cut no bill, reading or output of it.

    Raises InvalidError `readings.above_bills`, naming the rows, where meters of products say more than the bills, and
    `bill.negative` where credit notes take away more than was billed.
    """
    parts = {one.amount.denominator for one in booked} | {one.amount.denominator for one in counted}
    scale = lcm(*parts, 1)
    total = _by_window(windows, [(one.period, one.amount) for one in booked], scale)
    metered = _metered(windows, counted, scale) if counted else {}
    to_spread = total
    for row in metered.values():
        to_spread = [left - one for left, one in zip(to_spread, row, strict=True)]
    if min(total, default=0) < 0 or min(to_spread, default=0) < 0:
        raise _more_than_billed(flow, windows, booked, counted, total)
    uncertain = _uncertain(booked, Fraction(sum(total), scale))
    return Spreading(
        flow, windows, weights, tuple(booked), tuple(counted), scale, total, to_spread, metered, *uncertain
    )


def _metered(windows: tuple[Period, ...], counted: Iterable[Counted], scale: int) -> dict[str, Sequence[int]]:
    by_product: dict[str, list[tuple[Period, Fraction]]] = {}
    for one in counted:
        by_product.setdefault(one.reading.product, []).append((one.period, one.amount))
    return {product: _by_window(windows, rows, scale) for product, rows in by_product.items()}


def _by_window(
    windows: tuple[Period, ...], rows: Iterable[tuple[Period, Fraction]], scale: int
) -> Sequence[int]:
    sums = [0] * len(windows)
    starts = {window.start: place for place, window in enumerate(windows)}
    for period, amount in rows:
        place = starts.get(period.start)
        if place is None:
            place = next(index for index, window in enumerate(windows) if window.contains(period))
        sums[place] += amount.numerator * (scale // amount.denominator)
    return sums


def _uncertain(booked: Iterable[Booked], total: Fraction) -> tuple[Fraction, Fraction]:
    """Which shares of the flow are estimated, and cut by days: together at most 1, whatever credit notes take away."""
    estimated = [one.amount for one in booked if one.bill.is_estimate]
    cut = [one.amount for one in booked if one.inside != 1 and not one.bill.is_estimate]
    if not total or not (estimated or cut):
        return Fraction(0), Fraction(0)
    share = _within(sum(estimated, Fraction(0)) / total, Fraction(1))
    return share, _within(sum(cut, Fraction(0)) / total, 1 - share)


def _within(share: Fraction, most: Fraction) -> Fraction:
    return min(max(share, Fraction(0)), most)


def _more_than_billed(
    flow: Flow,
    windows: tuple[Period, ...],
    booked: Iterable[Booked],
    counted: Iterable[Counted],
    total: Sequence[int],
) -> InvalidError:
    """Which rows take away, or give to products, more than there is."""
    for place, window in enumerate(windows):
        if total[place] < 0:
            rows = [one.bill.place or one.bill.id for one in booked if window.contains(one.period)]
            return _refusal(
                "bill.negative", flow, window, "credit notes take away more than was billed", rows,
                "Give the bill that a credit note belongs to, in the same period.",
            )  # fmt: skip
        inside = [one for one in counted if window.contains(one.period)]
        if sum((one.amount for one in inside), Fraction(0)) > _sum(booked, window):
            rows = [one.reading.place or one.reading.id for one in inside]
            return _refusal(
                "readings.above_bills", flow, window, "readings for products are more than the bills say", rows,
                "Correct a reading, or add the bill that is missing.",
            )  # fmt: skip
    raise AssertionError("called though nothing is below zero")


def _sum(booked: Iterable[Booked], window: Period) -> Fraction:
    return sum((one.amount for one in booked if window.contains(one.period)), Fraction(0))


def _refusal(
    code: str, flow: Flow, window: Period, what: str, rows: Sequence[str], advice: str
) -> InvalidError:
    detail = f"{flow.name}, {window.start} to {window.end}: {what} ({'; '.join(rows)})."
    path = f"/flows/{flow.id}"
    problem = Problem(code, detail, path, advice)
    return InvalidError(detail, code=code, path=path, advice=advice, problems=(problem,))
