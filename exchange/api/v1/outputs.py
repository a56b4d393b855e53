"""Production records: what was made of a product at a site."""

from __future__ import annotations

from datetime import datetime

from exchange.api.operation import Resource
from exchange.api.wire import (
    AmountText,
    Id,
    In,
    OptionalDecimalText,
    Out,
    PeriodField,
    PeriodIn,
    PeriodQuery,
    QuantityIn,
    QuantityOut,
    decimal_of,
)
from exchange.domain.actors import Role
from exchange.services import outputs
from exchange.services.context import Context

resource = Resource("outputs", "What was made of a product, with the hours and revenue a key may need.")


class OutputOut(Out):
    """A production record as stored; `revenue` is in DKK."""

    id: Id
    site_id: Id
    product_id: Id
    period: PeriodField
    amount: QuantityOut
    machine_hours: OptionalDecimalText
    revenue: OptionalDecimalText
    place: str
    import_id: Id | None
    created_at: datetime
    withdrawn_at: datetime | None


class OutputsOut(Out):
    """Production records, oldest first."""

    items: list[OutputOut]


class OutputIn(In):
    """What was made of a product over a period; zero is a record too. `revenue` is in DKK."""

    product_id: Id
    period: PeriodIn
    amount: QuantityIn
    machine_hours: AmountText | None = None
    revenue: AmountText | None = None

    def to_output(self) -> outputs.NewOutput:
        """What the service takes; raises InvalidError (`period.order`, the codes of an amount)."""
        return outputs.NewOutput(
            self.product_id,
            self.period.to_period(),
            self.amount.to_quantity("/amount"),
            decimal_of(self.machine_hours, "/machine_hours"),
            decimal_of(self.revenue, "/revenue"),
        )


@resource.operation("GET", "/sites/{site_id}/outputs")
def list_of(ctx: Context, site_id: Id, query: PeriodQuery) -> OutputsOut:
    """List a site's production records of a period, without those withdrawn."""
    found = outputs.list_outputs(ctx, site_id, query.to_period())
    return OutputsOut(items=[OutputOut.of(output) for output in found])


@resource.operation("POST", "/sites/{site_id}/outputs", role=Role.EDITOR, status=201)
def enter(ctx: Context, site_id: Id, body: OutputIn) -> OutputOut:
    """Enter a production record; its product is made at the site from now on."""
    return OutputOut.of(outputs.enter_output(ctx, site_id, body.to_output()))


@resource.operation("DELETE", "/outputs/{output_id}", role=Role.EDITOR)
def withdraw(ctx: Context, output_id: Id) -> OutputOut:
    """Take a production record out of the account; stored calculations keep it."""
    return OutputOut.of(outputs.withdraw_output(ctx, output_id))
