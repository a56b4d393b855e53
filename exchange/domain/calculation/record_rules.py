"""What readings, production records and by-products may say beside the others: one rule for every way in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from exchange.domain.calculation.account import CoProduct, Output, Product, Reading, SharingRule
from exchange.domain.calculation.bill_rules import bad_period, bad_text, out_of_range
from exchange.domain.calculation.stretches import Stretches
from exchange.domain.errors import Problem
from exchange.domain.quantities import Quantity, UnitCode
from exchange.domain.waste import is_known_code

TERMS = ("gives", "sells")


@dataclass
class KnownReadings:
    """Readings taken so far: one amount per flow, product, delivery and time."""

    _taken: Stretches = field(default_factory=Stretches)

    def take(self, reading: Reading) -> None:
        """From now on the reading is there."""
        self._taken.take(_measured(reading), reading.period, record_label(reading))

    def problems(self, reading: Reading) -> Iterator[Problem]:
        """What keeps a reading out: `period.range`, `quantity.range`, `meter.backwards`, `reading.text`,
        `reading.overlap`.
        """
        yield from bad_period(reading.period)
        yield from out_of_range(reading.amount)
        if reading.amount.amount.is_finite() and reading.amount.amount < 0:
            yield Problem(
                "meter.backwards",
                "The meter runs backwards: its later reading is below the earlier one.",
                "/amount",
                "Look whether the readings were exchanged, or the meter was replaced or went past its last digit.",
            )
        yield from bad_text("reading.text", "/delivery", reading.delivery)
        other = self._taken.clash(_measured(reading), reading.period)
        if other is not None:
            yield Problem(
                "reading.overlap",
                f"{other} covers some of these days for the same product already.",
                "/period",
                "Add several meters of one product together; withdraw a reading before it is corrected.",
            )


@dataclass
class KnownOutputs:
    """Production records taken so far: one amount per product and time."""

    _taken: Stretches = field(default_factory=Stretches)

    def take(self, output: Output) -> None:
        """From now on the record is there."""
        self._taken.take(output.product, output.period, record_label(output))

    def problems(self, output: Output, product: Product) -> Iterator[Problem]:
        """What keeps a record out.

        Codes: `period.range`, `quantity.range`, `output.negative`, `unit.dimension`, `output.machine_hours`,
        `output.revenue`, `output.overlap`. Zero is allowed: nothing was made.
        """
        yield from bad_period(output.period)
        yield from out_of_range(output.amount)
        if output.amount.amount.is_finite() and output.amount.amount < 0:
            yield Problem(
                "output.negative",
                "The amount produced is below zero.",
                "/amount",
                "Give what was made; returns and scrap do not lower it.",
            )
        if output.amount.dimension is not product.unit.dimension:
            yield Problem(
                "unit.dimension",
                f"{product.name} is counted in {product.unit.value}, and {output.amount.unit.value} measures "
                f"{output.amount.dimension.value}.",
                "/amount/unit",
                f"Give it in a unit of {product.unit.dimension.value}.",
            )
        for name, amount in (("machine_hours", output.machine_hours), ("revenue", output.revenue)):
            if amount is not None and (any(out_of_range(Quantity(amount, UnitCode.ONE))) or amount < 0):
                detail = "This is below zero, or has too many digits."
                yield Problem(f"output.{name}", detail, f"/{name}", "Give zero or more, or leave it empty.")
        other = self._taken.clash(output.product, output.period)
        if other is not None:
            yield Problem(
                "output.overlap",
                f"{other} covers some of these days for {product.name} already.",
                "/period",
                "Add batches of the same days together; withdraw a record before it is corrected.",
            )


def co_product_problems(relation: CoProduct, others: Iterable[CoProduct]) -> Iterator[Problem]:
    """What is wrong with a by-product's relation beside the site's others.

    Codes: `coproduct.process` (of itself, or of another by-product), `coproduct.share`, `coproduct.terms`,
    `waste.code`.
    """
    siblings = [one for one in others if one.product != relation.product]
    if relation.process == relation.product or any(one.product == relation.process for one in siblings):
        detail = "A by-product comes out of the making of a product that is none itself."
        yield Problem("coproduct.process", detail, "/process", "Name the main product.")
    if any(one.process == relation.product for one in siblings):
        detail = "Other by-products come out of this one's making, so it is a main product."
        yield Problem("coproduct.process", detail, "/process", "Let them come out of the main product.")
    yield from _share_problems(relation, siblings)
    if relation.terms not in TERMS:
        yield Problem("coproduct.terms", "A by-product is given or sold.", "/terms", "Known: gives, sells.")
    if relation.waste_code and not is_known_code(relation.waste_code):
        detail = f"{relation.waste_code!r} is not a code of the European List of Waste."
        yield Problem(
            "waste.code", detail, "/waste_code", "Give six digits, such as 020304, or leave it empty."
        )


def _share_problems(relation: CoProduct, siblings: Iterable[CoProduct]) -> Iterator[Problem]:
    if relation.rule is not SharingRule.SUBDIVISION:
        if relation.share is not None:
            detail = "A share is stated for a subdivision; other rules work it out from masses or revenues."
            yield Problem(
                "coproduct.share", detail, "/share", "Leave it empty, or choose the rule subdivision."
            )
        return
    share = relation.share
    if share is None or not share.is_finite() or not 0 <= share <= 1:
        detail = "A subdivision needs the by-product's share, from 0 to 100 %."
        yield Problem("coproduct.share", detail, "/share", "Write 8 % as 0.08.")
        return
    stated = {relation.product: share} | {
        one.product: one.share
        for one in siblings
        if one.process == relation.process and one.share is not None
    }
    if sum(stated.values()) > 1:
        detail = f"The by-products of this process bear {sum(stated.values()) * 100:f} % of it together."
        yield Problem("coproduct.share", detail, "/share", "Together they bear at most 100 %.")


def record_label(record: Reading | Output) -> str:
    """How a message names a reading or record: where it was entered, else its time."""
    last = record.period.end - timedelta(days=1)
    return record.place or f"The entry of {record.period.start} to {last}"


def _measured(reading: Reading) -> tuple[str, str, str]:
    return (reading.flow, reading.product, reading.delivery)
