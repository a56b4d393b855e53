"""What was received in the period: deliveries by days of their window, returns netted (method section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from exchange.domain.linking.amounts import amount_in
from exchange.domain.linking.errors import LinkingError, Refusals
from exchange.domain.linking.records import Delivery, KnownProduct, ProductDataset
from exchange.domain.linking.sizes import LONGEST_BITS
from exchange.domain.periods import Period


@dataclass(frozen=True)
class Receipt:
    """What an organisation received of a product in the period, in the product's declared unit, returns netted.

    `within`: the part of it on the days the product's own datasets are about; `outside`: what the same
    deliveries handed over on days of these datasets outside the period. A delivery measured itself keeps its
    `measured` record and stands alone. The amount is zero only where it was refused.
    """

    product: str
    recipient: str
    amount: Fraction
    within: Fraction
    outside: Fraction = Fraction(0)
    measured: Delivery | None = None


@dataclass
class _Sum:
    """What is added up for one receipt; `source` is the newest delivery dataset in it."""

    amount: Fraction = Fraction(0)
    within: Fraction = Fraction(0)
    outside: Fraction = Fraction(0)
    measured: Delivery | None = None
    source: str = ""

    def receipt(self, product: str, recipient: str) -> Receipt:
        """What came together; more back than forth is refused and counts as nothing."""
        amount, within = max(self.amount, Fraction(0)), max(self.within, Fraction(0))
        return Receipt(product, recipient, amount, within, self.outside, self.measured)

    def count(self, delivery: Delivery, days: int, dataset: ProductDataset | None, amount: Fraction) -> None:
        """Add an amount by the days of its window in the period, on the product's days and on those outside."""
        within = _days_about(delivery, dataset.covered, days) if dataset else days
        if days == within == delivery.window.days:
            self.amount, self.within = self.amount + amount, self.within + amount
            return
        self.amount += amount * Fraction(days, delivery.window.days)
        self.within += amount * Fraction(within, delivery.window.days)
        if dataset and dataset.uncut:
            outside = _days_about(delivery, dataset.uncut.days, days) - within
            self.outside += amount * Fraction(outside, delivery.window.days)

    def is_too_long(self) -> bool:
        """Whether adding ever more of other denominators has made a part too long to work with."""
        parts = self.amount, self.within, self.outside
        return max(part.denominator.bit_length() for part in parts) > LONGEST_BITS


def receipts_of(
    deliveries: Iterable[Delivery],
    made: Mapping[str, ProductDataset],
    known: Mapping[str, KnownProduct],
    period: Period,
    refusals: Refusals,
) -> tuple[Receipt, ...]:
    """Deliveries by product, recipient and measurement, prorated by days of their window, returns netted.

    What cannot be counted is kept as a refusal of its product and received with an amount of zero.
    """
    sums: dict[tuple[str, str, str], _Sum] = defaultdict(_Sum)
    for delivery in sorted(deliveries, key=_in_order):
        days = delivery.window.overlap_days(period)
        if not days:
            continue
        one = sums[delivery.product, delivery.recipient, delivery.source if delivery.is_measured else ""]
        with refusals.kept():
            _add(one, delivery, days, made, known)
        if delivery.is_measured:
            one.measured = one.measured or delivery
    received = {(product, recipient) for (product, recipient, _), one in sums.items() if one.amount > 0}
    for (product, recipient, _), one in sums.items():
        if one.amount < 0:
            is_elsewhere = (product, recipient) in received
            refusals.add(_return_exceeds(one, product, _name(product, made, known), is_elsewhere))
    return tuple(
        one.receipt(*key[:2])
        for key, one in sorted(sums.items(), key=lambda item: item[0])
        if one.amount > 0 or key[0] in refusals
    )


def _in_order(one: Delivery) -> tuple[object, ...]:
    return (one.product, one.recipient, one.source, one.window)


def _add(
    one: _Sum,
    delivery: Delivery,
    days: int,
    made: Mapping[str, ProductDataset],
    known: Mapping[str, KnownProduct],
) -> None:
    """Count a delivery or return by the days of its window in the period, and on its product's days."""
    amount = _in_product_unit(delivery, made, known) * (-1 if delivery.returned else 1)
    one.source = delivery.source
    one.count(delivery, days, made.get(delivery.product), amount)
    if one.is_too_long():
        one.amount = one.within = one.outside = Fraction(0)
        raise LinkingError(
            "too_fine",
            delivery.product,
            f"The deliveries of {_name(delivery.product, made, known)} reach over the edge of the period in "
            "windows of too many different lengths.",
            "State the deliveries in windows of equal length, such as months.",
            delivery.source,
        )


def _days_about(delivery: Delivery, about: Sequence[Period], days: int) -> int:
    """Days of a delivery's window among those that datasets are about; all in the period where that is not known."""
    return sum(map(delivery.window.overlap_days, about)) if about else days


def _return_exceeds(one: _Sum, product: str, name: str, is_measured_elsewhere: bool) -> LinkingError:
    """Goods that went back net are no negative input; what flows back as a product is somebody's own product."""
    advice = "Correct the returned quantity, or state it in the period of the delivery it belongs to."
    if is_measured_elsewhere:
        advice = "State the return in the dataset of the measured delivery it belongs to."
    return LinkingError(
        "return_exceeds",
        product,
        f"More of {name} came back from one customer than was delivered to it.",
        f"{advice} What comes back as goods of another kind is a product of whoever sends it.",
        one.source,
    )


def _in_product_unit(
    delivery: Delivery, made: Mapping[str, ProductDataset], known: Mapping[str, KnownProduct]
) -> Fraction:
    dataset = made.get(delivery.product)
    unit = dataset.unit if dataset else known[delivery.product].unit
    amount = amount_in(delivery.amount, delivery.unit, unit, dataset.mass if dataset else None)
    if amount is None:
        raise LinkingError(
            "unit",
            delivery.product,
            f"A delivery of {_name(delivery.product, made, known)} is stated in {delivery.unit.value}, the product "
            f"in {unit.value}, and no way leads from one to the other.",
            "State the delivery in the product's declared unit, or the product's mass per unit.",
            delivery.source,
        )
    return amount


def _name(product: str, made: Mapping[str, ProductDataset], known: Mapping[str, KnownProduct]) -> str:
    return made[product].name if product in made else known[product].name
