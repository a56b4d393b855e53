"""The delivery datasets that a measured delivery's own stands beside: what it continues, and what is in its way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from sqlmodel import Session

from exchange.domain.calculation.deliveries import MeasuredDelivery
from exchange.domain.calculation.explain import shown
from exchange.domain.calculation.figures import Calculation
from exchange.domain.errors import InvalidError
from exchange.domain.groups import FieldGroup
from exchange.domain.periods import Period, parse_period
from exchange.domain.quantities import UnitCode, in_unit, parse_quantity
from exchange.services.publish import MAX_SUBJECT_BYTES
from exchange.store import datasets, imports, measured_deliveries
from exchange.trust import strict_json
from exchange.trust.disclosure import read_disclosure

Document: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class StatedDelivery:
    """A delivery dataset of the organisation: in force, or waiting for its signature."""

    content: Document
    is_waiting: bool

    @property
    def subject_id(self) -> str:
        """Id of what it is about."""
        return str(self.content["id"]).removeprefix("urn:uuid:")

    @property
    def product(self) -> str:
        """Id of the product."""
        return self._named("product")

    @property
    def recipient(self) -> str:
        """Id of the organisation it went to."""
        return self._named("recipient")

    @property
    def period(self) -> Period:
        """The year it is about."""
        return parse_period(self.content[FieldGroup.IDENTITY.value]["period"])

    @property
    def is_measured(self) -> bool:
        """Whether it carries figures of its own."""
        return FieldGroup.INDICATORS.value in self.content

    @property
    def deliveries(self) -> list[Document]:
        """What was handed over, and when."""
        return list(self.content.get(FieldGroup.COMMERCIAL.value, {}).get("deliveries", ()))

    def total(self, unit: UnitCode) -> Fraction:
        """How much was handed over in all, less what came back."""
        return self._sum(self.deliveries, unit)

    def within(self, period: Period, unit: UnitCode) -> Fraction:
        """How much of it inside a period."""
        inside = [one for one in self.deliveries if period.contains(parse_period(one["window"]))]
        return self._sum(inside, unit)

    def _named(self, member: str) -> str:
        return str(self.content[FieldGroup.IDENTITY.value][member]["id"]).removeprefix("urn:uuid:")

    @staticmethod
    def _sum(deliveries: Sequence[Document], unit: UnitCode) -> Fraction:
        signed = (
            in_unit(parse_quantity(one["quantity"]), unit) * (-1 if one.get("returned") else 1)
            for one in deliveries
        )
        return sum(signed, Fraction(0))

    def is_of(self, reference: str) -> bool:
        """Whether it is the same delivery, by the digest of its name."""
        return self.is_measured and [one.get("reference_sha256") for one in self.deliveries] == [reference]


def stated_deliveries(
    session: Session, own: str, product_id: str, period: Period
) -> Iterator[StatedDelivery]:
    """The organisation's delivery datasets of a product and exactly this period, in force or waiting."""
    in_force = imports.deliveries_in_force(session, own, period.start, period.end)
    for dataset_id, subject_id, disclosed in in_force:
        identity: Any = read_disclosure(disclosed).value
        if identity["product"]["id"] == f"urn:uuid:{product_id}":
            opened = datasets.disclosures_of(session, dataset_id)
            groups = {group: read_disclosure(text).value for group, text in opened.items()}
            yield StatedDelivery({"id": f"urn:uuid:{subject_id}", **groups}, is_waiting=False)
    for text in measured_deliveries.waiting_deliveries(session, own):
        content: Any = strict_json.loads(text.encode(), max_bytes=MAX_SUBJECT_BYTES)
        waiting = StatedDelivery(content, is_waiting=True)
        if (waiting.product, waiting.period) == (product_id, period):
            yield waiting


def continued_subject(
    stated: Sequence[StatedDelivery],
    measured: MeasuredDelivery,
    unit: UnitCode,
    recipient_id: str,
    reference: str,
) -> str | None:
    """The subject of the dataset that a new one continues; None where there is none.

    It continues the same delivery's own, and deliveries without figures if they are as much: then they are the same
    goods, told with figures now. Raises InvalidError `delivery.unmeasured`, `delivery.other_measured` or
    `delivery.waiting` where other deliveries to the same recipient would be lost.
    """
    same = [one for one in stated if one.recipient == recipient_id]
    for one in same:
        is_as_much = not one.is_measured and not one.is_waiting and one.total(unit) == measured.quantity
        if not one.is_of(reference) and not is_as_much:
            raise _in_the_way(one, unit)
    return same[0].subject_id if same else None


def _in_the_way(one: StatedDelivery, unit: UnitCode) -> InvalidError:
    if one.is_waiting:
        code, what = "delivery.waiting", "A dataset that waits for its signature"
        advice = "Wait until it is published, or cancel its job."
    elif one.is_measured:
        code, what = "delivery.other_measured", "Another measured delivery"
        advice = "Give both its name in their readings, and publish them as one with their quantity in all."
    else:
        code, what = "delivery.unmeasured", "A dataset without figures"
        advice = "Figures can take its place when all of it was measured: name it alike, and give all of the quantity."
    return InvalidError(
        f"{what} of {shown(one.total(unit))} {unit.value} to this recipient would be lost: one dataset holds all of "
        "a product to a recipient in a year.",
        code=code,
        path="/recipient_id",
        advice=advice,
    )


def refuse_more_than_made(
    stated: Sequence[StatedDelivery],
    worked: Calculation,
    measured: MeasuredDelivery,
    unit: UnitCode,
    subject_id: str,
) -> None:
    """Linking parts measured deliveries from what was made (method section 3), so together they may not be more.

    Raises InvalidError `delivery.above_produced`.
    """
    others = (
        dataset.within(worked.account.period, unit)
        for dataset in stated
        if dataset.is_measured and dataset.subject_id != subject_id
    )
    total, produced = sum(others, measured.quantity), worked.shares[measured.product].produced
    if total > produced:
        raise InvalidError(
            f"{shown(total)} units were delivered with figures of their own, and {shown(produced)} were made.",
            code="delivery.above_produced",
            path="/quantity",
            advice="Correct the quantities or what was produced.",
        )
