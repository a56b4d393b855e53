"""Deliveries that readings name: their own figures out of a calculation, and the way from there to a dataset."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.v1.publications import PublicationOut, present_publication
from exchange.api.wire import DecimalText, Id, In, Out, PeriodIn, QuantityIn, Reply
from exchange.domain.actors import Role
from exchange.domain.groups import DatasetKind
from exchange.domain.quantities import UnitCode
from exchange.services import measured_deliveries
from exchange.services.context import Context

resource = Resource(
    "measured-deliveries", "Deliveries that were metered themselves, with figures of their own."
)


class ReadFlowOut(Out):
    """What readings give of a flow to a delivery; `is_spread_too`: a key gives the product more of it beside them."""

    name: str
    amount: DecimalText
    unit: UnitCode
    is_spread_too: bool


class NamedDeliveryOut(Out):
    """A delivery that readings of a product name."""

    delivery: str
    product_id: Id
    product_name: str
    flows: list[ReadFlowOut]


class NamedDeliveriesOut(Out):
    """Deliveries by product and name."""

    items: list[NamedDeliveryOut]


class MeasuredDeliveryIn(In):
    """Which delivery, in the words of its readings, to whom, how much in all, and when it was handed over."""

    delivery: Annotated[str, Field(min_length=1, max_length=100)]
    recipient_id: Id
    quantity: QuantityIn
    window: PeriodIn

    def to_delivery(self) -> measured_deliveries.NewMeasuredDelivery:
        """What the service takes; raises InvalidError (`period.order`, the codes of an amount)."""
        return measured_deliveries.NewMeasuredDelivery(
            self.delivery.strip(),
            self.recipient_id,
            self.quantity.to_quantity("/quantity"),
            self.window.to_period(),
        )


class DeliveryDraftOut(Out):
    """What `POST /datasets` takes: the content of a delivery's dataset."""

    kind: Literal[DatasetKind.DELIVERY]
    subject: dict[str, Any]


@resource.operation("GET", "/calculations/{calculation_id}/deliveries")
def list_of(ctx: Context, calculation_id: Id) -> NamedDeliveriesOut:
    """List the deliveries that readings of a calculation name, with the flows they were taken of."""
    found = measured_deliveries.list_deliveries(ctx, calculation_id)
    return NamedDeliveriesOut(items=[NamedDeliveryOut.of(one) for one in found])


@resource.operation(
    "POST", "/calculations/{calculation_id}/products/{product_id}/deliveries/draft", role=Role.EDITOR
)
def draft(ctx: Context, calculation_id: Id, product_id: Id, body: MeasuredDeliveryIn) -> DeliveryDraftOut:
    """Work out the content of a measured delivery's dataset as it would be published; stores nothing."""
    content = measured_deliveries.draft_delivery(ctx, calculation_id, product_id, body.to_delivery())
    return DeliveryDraftOut(kind=DatasetKind.DELIVERY, subject=content)


@resource.operation(
    "POST",
    "/calculations/{calculation_id}/products/{product_id}/deliveries/publications",
    role=Role.SIGNER,
    status=202,
)
def publish(
    ctx: Context, calculation_id: Id, product_id: Id, body: MeasuredDeliveryIn
) -> Reply[PublicationOut]:
    """Publish a measured delivery's dataset: the worker signs it under the custody key."""
    waiting = measured_deliveries.publish_delivery(ctx, calculation_id, product_id, body.to_delivery())
    return Reply(present_publication(waiting), headers={"Location": f"/api/v1/publications/{waiting.id}"})
