"""Readings of a site's sub-meters and counts: what of a flow went to one product or delivery."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import Id, In, Out, PeriodField, PeriodIn, PeriodQuery, QuantityIn, QuantityOut
from exchange.domain.actors import Role
from exchange.domain.calculation.account import HeatingValue
from exchange.services import readings
from exchange.services.context import Context

resource = Resource("readings", "What a sub-meter or a count gave of a flow to one product over a period.")


class ReadingOut(Out):
    """A reading as stored; `place` is where in a table it was entered, "" otherwise."""

    id: Id
    site_id: Id
    flow_id: Id
    product_id: Id
    period: PeriodField
    amount: QuantityOut
    heating_value: HeatingValue | None
    delivery: str
    place: str
    import_id: Id | None
    created_at: datetime
    withdrawn_at: datetime | None


class ReadingsOut(Out):
    """Readings, oldest first."""

    items: list[ReadingOut]


class ReadingIn(In):
    """The difference of two readings, not the dial; `delivery` names the delivery it was measured for, if one."""

    flow_id: Id
    product_id: Id
    period: PeriodIn
    amount: QuantityIn
    heating_value: HeatingValue | None = None
    delivery: Annotated[str, Field(max_length=100)] = ""

    def to_reading(self) -> readings.NewReading:
        """What the service takes; raises InvalidError (`period.order`, the codes of an amount)."""
        return readings.NewReading(
            self.flow_id,
            self.product_id,
            self.period.to_period(),
            self.amount.to_quantity("/amount"),
            self.heating_value,
            self.delivery,
        )


@resource.operation("GET", "/sites/{site_id}/readings")
def list_of(ctx: Context, site_id: Id, query: PeriodQuery) -> ReadingsOut:
    """List a site's readings of a period, without those withdrawn."""
    found = readings.list_readings(ctx, site_id, query.to_period())
    return ReadingsOut(items=[ReadingOut.of(reading) for reading in found])


@resource.operation("POST", "/sites/{site_id}/readings", role=Role.EDITOR, status=201)
def enter(ctx: Context, site_id: Id, body: ReadingIn) -> ReadingOut:
    """Enter a reading into a site's account; its product is made there from now on."""
    return ReadingOut.of(readings.enter_reading(ctx, site_id, body.to_reading()))


@resource.operation("DELETE", "/readings/{reading_id}", role=Role.EDITOR)
def withdraw(ctx: Context, reading_id: Id) -> ReadingOut:
    """Take a reading out of the account; stored calculations keep it."""
    return ReadingOut.of(readings.withdraw_reading(ctx, reading_id))
