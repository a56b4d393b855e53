"""The first bill of a flow: the flow and its bill are entered together, or neither is."""

from __future__ import annotations

from exchange.domain.actors import Role
from exchange.domain.calculation.bill_rules import bad_period
from exchange.domain.errors import refuse
from exchange.services.bills import BillView, NewBill, book_bill, present_bill
from exchange.services.context import Context
from exchange.services.flows import NewFlow, flow_of_site
from exchange.services.sites import own_site


def enter_first_bill(ctx: Context, site_id: str, flow: NewFlow, new: NewBill) -> BillView:
    """Enter a bill of a flow that may be new; a refused bill leaves no flow behind. `new.flow_id` is not looked at.

    Raises what `flows.add_flow` and `bills.enter_bill` do.
    """
    ctx.who.require(Role.EDITOR)
    refuse(bad_period(new.period))
    with ctx.store.write() as session:
        site = own_site(ctx, session, site_id, lock=True)
        return present_bill(book_bill(ctx, session, site, flow_of_site(ctx, session, site, flow), new))
