"""What was made at a site: the products with their mass, production records, and by-products with their rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.services import outputs, site_products, sites
from exchange.services.outputs import OutputView
from exchange.services.site_products import SiteProduct
from exchange.web import formats
from exchange.web.account_steps import chosen_period, query_of, say_days, way
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.session import signed_in
from exchange.web.site_account import skipped_rows

SHOWN = 100


@dataclass(frozen=True)
class MadeItem:
    """A product made at the site."""

    name: str
    number: str
    unit: str
    mass: str
    process: str
    link: str


@dataclass(frozen=True)
class OutputItem:
    """A production record."""

    name: str
    days: str
    amount: str
    hours: str
    revenue: str
    withdraw_link: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    base = "/sites/<site_id>/production"
    pages.add_url_rule(base, view_func=show_production)
    pages.add_url_rule(f"{base}/<output_id>/withdraw", view_func=withdraw_output, methods=["POST"])


def show_production(site_id: str) -> Response:
    """The products of a site and what was made of them in the chosen period."""
    ctx, reader = signed_in(), current_reader()
    period, site = chosen_period(ctx), sites.get_site(ctx, site_id)
    made, found = site_products.list_site_products(ctx, site_id), outputs.list_outputs(ctx, site_id, period)
    names = {one.product_id: one.name for one in made}
    query, told = query_of(period) | {"site_id": site_id}, {one.product_id for one in found}
    skipped = skipped_rows(len(found))
    left = len(found) - skipped - SHOWN
    return render(
        "production.html",
        section="web.sites",
        site=site,
        way=way(ctx, site_id, period, 2),
        products=[_made(reader, one, names, query) for one in made],
        outputs=[_output(reader, one, names, query) for one in found[skipped : skipped + SHOWN]],
        more_link=url_for("web.show_production", skip=skipped + SHOWN, **query) if left > 0 else "",
        silent=[one.name for one in made if one.product_id not in told],
        may_edit=ctx.who.may(Role.EDITOR),
        output_link=url_for("web.enter_output", **query),
        by_product_link=url_for("web.enter_by_product", **query),
        next_link=url_for("web.show_keys", **query),
    )


def withdraw_output(site_id: str, output_id: str) -> Response:
    """Take a production record out of the account."""
    ctx = signed_in()
    sites.get_site(ctx, site_id)
    outputs.withdraw_output(ctx, output_id)
    query = query_of(chosen_period(ctx))
    return redirect(url_for("web.show_production", site_id=site_id, done="withdrawn", **query), 303)


def choices_of(made: Sequence[SiteProduct]) -> dict[str, str]:
    """Products to choose from: number and name by id."""
    return {one.product_id: f"{one.number} {one.name}" for one in made}


def _made(reader: Reader, one: SiteProduct, names: dict[str, str], query: dict[str, Any]) -> MadeItem:
    process = names.get(one.by_product.process_id, "") if one.by_product else ""
    return MadeItem(
        one.name,
        one.number,
        formats.unit(one.unit.value, reader.language),
        formats.number(one.mass, reader.language) if one.mass is not None else "–",
        process,
        url_for("web.site_product", product_id=one.product_id, site_id=query["site_id"]),
    )


def _output(reader: Reader, one: OutputView, names: dict[str, str], query: dict[str, Any]) -> OutputItem:
    language = reader.language
    return OutputItem(
        names[one.product_id],
        say_days(one.period, language),
        formats.quantity(one.amount.amount, one.amount.unit.value, language),
        formats.number(one.machine_hours, language) if one.machine_hours is not None else "–",
        formats.number(one.revenue, language) if one.revenue is not None else "–",
        url_for("web.withdraw_output", output_id=one.id, **query),
    )
