"""One delivery's own figures, out of the readings that name it (method sections 3 and 5).

A reading that names a delivery says all that the delivery used of that flow. Of a flow that no reading names it for,
the delivery takes the product's own amount per unit with the quality it has there, as linking does with an indicator
that a delivery does not state. Readings of deliveries are part of the product's metered amount already, so nothing is
added to the product: its total less its measured deliveries is what the rest of its production used, never below zero.

Worked: 1 000 pieces used 10 000 kWh and 500 kWh of heat, 10 and 0.5 kWh each. Readings give 800 kWh to the 100 pieces
of order 7 and none of the heat: 8 and 0.5 kWh each. The other 900 pieces used (10 000 - 100 x 8) / 900 = 10.222… kWh
and (500 - 100 x 0.5) / 900 = 0.5 kWh each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from exchange.domain.calculation.completeness import Gap, GapKind
from exchange.domain.calculation.content import Figure, known_own, quality_group
from exchange.domain.calculation.effects import HEADLINE
from exchange.domain.calculation.explain import shown
from exchange.domain.calculation.figures import DIGITS, Calculation, Line, rounded
from exchange.domain.calculation.recipe import recipe_lines
from exchange.domain.calculation.spreading import Counted
from exchange.domain.calculation.upstream import Upstream
from exchange.domain.errors import InvalidError
from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from exchange.domain.quantities import FRACTION_DIGITS, Quantity

Document: TypeAlias = dict[str, Any]
# What a product's recipe line may say and a delivery's, in its schema, may not.
_ONLY_OF_PRODUCTS = frozenset({"origin", "explains_scope2_market"})
_DOWN = Context(prec=DIGITS, rounding=ROUND_DOWN)
_WHOLE = 1
_NOTHING = Fraction(0)


@dataclass(frozen=True)
class DeliveryLine(Line):
    """What one flow comes to for one delivery, per declared unit.

    `borne` is its amount in the flow's unit, `sure` the share of that which was metered. `is_read`: readings of the
    flow name the delivery, `counted` are those in the line's stretch of time; otherwise it stands at the average.
    """

    borne: Fraction
    sure: Fraction
    is_read: bool = False
    counted: tuple[Counted, ...] = ()

    @property
    def amount(self) -> Fraction:
        """What the delivery bears of the flow, in the flow's unit."""
        return self.borne

    @property
    def measured(self) -> Fraction:
        """Which share of the amount was metered or counted."""
        return self.sure


@dataclass(frozen=True)
class MeasuredDelivery:
    """A delivery of `quantity` declared units of a product, with its lines in the order of the product's."""

    product: str
    name: str
    quantity: Fraction
    lines: tuple[DeliveryLine, ...]

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """Those that a flow read for the delivery adds to; of the others the product's own figures hold."""
        read = [line for line in self.lines if line.is_read]
        return tuple(one for one in Indicator if any(line.adds_to(HEADLINE[one]) for line in read))


def measured_delivery(
    calculation: Calculation, product: str, name: str, quantity: Fraction
) -> MeasuredDelivery:
    """Work out a delivery of a product of which something was made.

    Raises InvalidError `delivery.unknown` where no reading of the product names it, `delivery.quantity` for nothing,
    `delivery.above_produced` for more than was made, and `delivery.others` where the readings of other deliveries
    leave less of a flow than the average would take.
    """
    flows = {
        one.flow for one in calculation.account.readings if (one.product, one.delivery) == (product, name)
    }
    if not name or not flows:
        raise InvalidError(
            f"No reading of this product names a delivery {name!r}.",
            code="delivery.unknown",
            path="/delivery",
            advice="Name the delivery in its readings, in the same words, and calculate again.",
        )
    _refuse_quantity(quantity, calculation.shares[product].produced)
    lines = (
        _read(line, name, quantity) if line.flow.id in flows else _at_average(line, quantity)
        for line in calculation.lines(product)
    )
    return MeasuredDelivery(product, name, quantity, tuple(lines))


def delivery_groups(delivery: MeasuredDelivery, gaps: Iterable[Gap]) -> Document:
    """The groups `indicators`, `quality` and `process` of its dataset, per declared unit.

    The recipe is stated where an input was read: linking must take out of the delivery's figures what the delivery
    itself used. Where none was, the product's recipe holds. Raises InvalidError `delivery.gaps` where a figure lacks
    something: the schema of deliveries has no "at least".
    """
    _refuse_gaps(delivery, gaps)
    figures = [
        Figure(one, known_own(delivery.lines, HEADLINE[one]), (), Upstream(one, ()))
        for one in delivery.indicators
    ]
    process: Document = {"activities": _activities(delivery.lines)}
    if any(line.is_read and (line.flow.category or line.flow.product) for line in delivery.lines):
        process["inputs"] = [
            {name: value for name, value in line.items() if name not in _ONLY_OF_PRODUCTS}
            for line in recipe_lines(delivery.lines)
        ]
    return {
        "indicators": {
            one.indicator.value: {"own": Quantity(one.own, one.indicator.unit).to_wire()} for one in figures
        },
        "quality": quality_group(delivery.lines, figures),
        "process": process,
    }


def _refuse_quantity(quantity: Fraction, produced: Fraction) -> None:
    if quantity <= 0:
        raise InvalidError(
            "Nothing was delivered.",
            code="delivery.quantity",
            path="/quantity",
            advice="Give how much was delivered, in the product's unit.",
        )
    if quantity > produced:
        raise InvalidError(
            f"{shown(quantity)} units were delivered, and {shown(produced)} were made in the period.",
            code="delivery.above_produced",
            path="/quantity",
            advice="Correct the quantity or what was produced, or calculate a period that holds all of it.",
        )


def _refuse_gaps(delivery: MeasuredDelivery, gaps: Iterable[Gap]) -> None:
    """What is missing from its figures; a missing bill of a flow that was read is none, for the readings say it all."""
    read = {line.flow.id for line in delivery.lines if line.is_read}
    lacking = dict.fromkeys(
        gap.name
        for gap in gaps
        if gap.indicator in delivery.indicators
        and not (gap.flow in read and gap.kind is GapKind.DAYS_MISSING)
    )
    if lacking:
        raise InvalidError(
            f"The delivery's figures lack something: {', '.join(lacking)}. The dataset of a delivery cannot say so.",
            code="delivery.gaps",
            path="/delivery",
            advice="Enter the missing bills or factors and calculate again, or read these flows for the delivery too.",
        )


def _read(line: Line, name: str, quantity: Fraction) -> DeliveryLine:
    """A flow that readings name the delivery for: what they say, as far as the bills themselves are certain."""
    counted = tuple(one for one in _named(line) if one.reading.delivery == name)
    spreading, bears = line.entry.spreading, line.share.bears
    amount = _sum(counted)
    whole = _sum(one for one in counted if one.inside == _WHOLE)
    certain = (1 - spreading.estimated - spreading.cut) if line.share.keeps_measured else _NOTHING
    sure = whole / amount * certain if amount else _NOTHING
    most = min(_stated(line), line.amount) - _others(line, name)
    per_unit = _per_unit(amount * bears / quantity, most / quantity)
    return DeliveryLine(line.entry, line.share, per_unit, amount * bears, sure, True, counted)


def _at_average(line: Line, quantity: Fraction) -> DeliveryLine:
    """A flow nobody read for the delivery: what the product used per unit, metered as far as for no other delivery."""
    if Fraction(line.per_unit) * quantity > _stated(line) - _others(line):
        raise InvalidError(
            f"{line.flow.name}: the readings of other deliveries leave less than the average would take for this one.",
            code="delivery.others",
            path="/delivery",
            advice="Read it for this delivery too, or correct the readings of the others.",
        )
    spreading, process = line.entry.spreading, line.share.process
    whole, sure = spreading.amount_of(process), line.measured
    if whole and sure:
        metered = _sum(one for one in _named(line) if one.inside == _WHOLE)
        sure -= metered / whole * (1 - spreading.estimated - spreading.cut)
    return DeliveryLine(
        line.entry, line.share, line.per_unit, line.amount * quantity / line.share.produced, sure
    )


def _named(line: Line) -> list[Counted]:
    """The readings of the product that name a delivery; they are of the process where by-products come out of it."""
    own = line.share.process
    return [
        one for one in line.entry.spreading.counted if one.reading.product == own and one.reading.delivery
    ]


def _stated(line: Line) -> Fraction:
    """What the product has of the flow in all by its rounded amount per unit, which is what linking reads."""
    return Fraction(line.per_unit) * line.share.produced


def _others(line: Line, name: str = "") -> Fraction:
    """What readings give to the product's other deliveries."""
    return _sum(one for one in _named(line) if one.reading.delivery != name) * line.share.bears


def _per_unit(exact: Fraction, most: Fraction) -> Decimal:
    """Six digits, half to even; down where rounding up would take more than the product's own rounded figure holds.

    Linking refuses a product whose deliveries take more than its total, be it by the last digit.
    """
    per_unit = rounded(exact.numerator, exact.denominator)
    if Fraction(per_unit) <= most:
        return per_unit
    cut = Decimal(int(max(most, _NOTHING) * 10**FRACTION_DIGITS)).scaleb(-FRACTION_DIGITS)
    return _DOWN.plus(cut)


def _activities(lines: Iterable[DeliveryLine]) -> list[Document]:
    """What was read, flow by flow; a by-product's part of the process is not the delivery's."""
    read: dict[str, list[DeliveryLine]] = {}
    for line in lines:
        if line.counted:
            read.setdefault(line.flow.id, []).append(line)
    return [_activity(several) for several in read.values()]


def _activity(lines: Sequence[DeliveryLine]) -> Document:
    first, counted = lines[0], [one for line in lines for one in line.counted]
    starts, ends = zip(*((one.reading.period.start, one.reading.period.end) for one in counted), strict=True)
    return {
        "activity": first.flow.name,
        "window": Period(min(starts), max(ends)).to_wire(),
        "amount": {"amount": shown(_sum(counted)), "unit": first.flow.unit.value},
        "share_to_delivery": shown(first.share.bears),
    }


def _sum(counted: Iterable[Counted]) -> Fraction:
    return sum((one.amount for one in counted), _NOTHING)
