"""A site's account of a period, read in one go for the calculation."""

from __future__ import annotations

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.calculation.account import SiteAccount
from exchange.domain.periods import Period
from exchange.services.bills import domain_bill
from exchange.services.context import Context
from exchange.services.flows import domain_flow
from exchange.services.outputs import domain_output
from exchange.services.readings import domain_reading
from exchange.services.site_products import domain_product, domain_relations
from exchange.services.sites import own_site
from exchange.services.spreading_keys import domain_key
from exchange.store import bills, sites
from exchange.store.tables.sites import BillRow, OutputRow, ReadingRow


def load_account(ctx: Context, site_id: str, period: Period) -> SiteAccount:
    """What a site's bills, readings and records say of a period; NotFoundError for another organisation's site.

    Rows that run over the edge are there whole, withdrawn ones are not. Products are named by their ids.
    """
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        site = own_site(ctx, session, site_id)
        return account_of(session, site.id, period)


def account_of(session: Session, site_id: str, period: Period) -> SiteAccount:
    """The account as this transaction sees it: one question per table, however many rows there are."""
    made = sites.products_at(session, site_id)
    span = (period.start, period.end)
    return SiteAccount(
        period=period,
        flows=tuple(map(domain_flow, sites.flows_of(session, site_id))),
        bills=tuple(map(domain_bill, bills.overlapping(session, BillRow, site_id, *span))),
        products=tuple(domain_product(product, row) for row, product in made),
        outputs=tuple(map(domain_output, bills.overlapping(session, OutputRow, site_id, *span))),
        keys=tuple(map(domain_key, sites.keys_of(session, site_id))),
        readings=tuple(map(domain_reading, bills.overlapping(session, ReadingRow, site_id, *span))),
        co_products=domain_relations(row for row, _ in made),
    )
