"""Companies that say they deliver to one's own, and the answer that makes their deliveries count or not."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.services import suppliers
from exchange.services.context import Context
from exchange.services.suppliers import Supplier, SupplierState
from exchange.web import formats
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.words import ASSURANCES, word

STATES: dict[str, str] = {
    "waiting": _("Waits for your answer"),
    "confirmed": _("Confirmed"),
    "refused": _("Refused"),
}
BADGES = {SupplierState.WAITING: "warning", SupplierState.CONFIRMED: "success", SupplierState.REFUSED: ""}
PAGE = 25


@dataclass(frozen=True)
class SupplierItem:
    """A company of the list; a link is empty where the answer is given already."""

    name: str
    cvr: str
    assurance: str
    delivered: str
    state: str
    badge: str
    confirm_link: str
    refuse_link: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/suppliers", view_func=show_suppliers, endpoint="suppliers")
    base = "/suppliers/<supplier_id>"
    pages.add_url_rule(f"{base}/confirm", view_func=confirm_supplier, methods=["POST"])
    pages.add_url_rule(f"{base}/refuse", view_func=refuse_supplier, methods=["POST"])


def show_suppliers() -> Response:
    """Companies that published deliveries to us, the newest acquaintance first."""
    ctx, reader = signed_in(), current_reader()
    page = suppliers.page_suppliers(ctx, cursor=request.args.get("after"), limit=PAGE)
    older = url_for("web.suppliers", after=page.next_cursor) if page.next_cursor else ""
    return render(
        "suppliers.html",
        items=[_item(reader, one) for one in page.items],
        older=older,
        may_decide=ctx.who.may(Role.EDITOR),
        section="web.inbox",
    )


def confirm_supplier(supplier_id: str) -> Response:
    """We do buy from them."""
    suppliers.confirm_supplier(signed_in(), supplier_id)
    return redirect(url_for("web.suppliers", done="supplier_confirmed"), 303)


def refuse_supplier(supplier_id: str) -> Response:
    """We do not know of any delivery from them."""
    suppliers.refuse_supplier(signed_in(), supplier_id)
    return redirect(url_for("web.suppliers", done="supplier_refused"), 303)


def is_waiting(ctx: Context) -> bool:
    """Whether a company waits for an answer."""
    return bool(suppliers.page_suppliers(ctx, SupplierState.WAITING, limit=1).items)


def _item(reader: Reader, one: Supplier) -> SupplierItem:
    def link(endpoint: str, state: SupplierState) -> str:
        return "" if one.state is state else url_for(endpoint, supplier_id=one.id)

    return SupplierItem(
        name=one.name,
        cvr=one.cvr or "",
        assurance=word(reader, ASSURANCES, one.assurance),
        delivered=formats.period(one.delivered.start, one.delivered.end, reader.language),
        state=word(reader, STATES, one.state),
        badge=BADGES[one.state],
        confirm_link=link("web.confirm_supplier", SupplierState.CONFIRMED),
        refuse_link=link("web.refuse_supplier", SupplierState.REFUSED),
    )
