"""One's own products: what is published about each, who may read it, and who has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.services import access, grants, products, reading
from exchange.services.context import Context
from exchange.services.grants import GrantView
from exchange.services.products import Product
from exchange.services.reading import DatasetView
from exchange.services.receipts import LogPlace, places_of
from exchange.services.rollup.own_refusals import refusals_of_product
from exchange.web import formats
from exchange.web.access import ReadItem, present_reads
from exchange.web.figures import FigureRow, figure_rows
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.proofs import ProofView, present_proof
from exchange.web.reader import Reader
from exchange.web.revoking import say_revoked
from exchange.web.session import signed_in
from exchange.web.words import ASSURANCES, DATASET_STATES, GRANT_STATES, PURPOSES, group_names, word


@dataclass(frozen=True)
class ProductItem:
    """One product of the list."""

    link: str
    name: str
    number: str
    unit: str
    category: str


@dataclass(frozen=True)
class Version:
    """One published dataset of a product; figures are read for versions in force only.

    `revoked`: when and why, and which version is in force, "" for one that was not. `is_newest`: of its period.
    """

    link: str
    period: str
    version: int
    state: str
    is_active: bool
    is_newest: bool
    revoked: str
    published: str
    signed: str
    proof: ProofView
    figures: tuple[FigureRow, ...]


@dataclass(frozen=True)
class GrantItem:
    """One grant on a product."""

    grantee: str
    assurance: str
    groups: str
    purpose: str
    period: str
    until: str
    state: str
    is_open: bool
    revoke_link: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/products", view_func=own_products, endpoint="products")
    pages.add_url_rule("/products/<product_id>", view_func=show_product)
    pages.add_url_rule(
        "/products/<product_id>/grants/<grant_id>/revoke", view_func=revoke_grant, methods=["POST"]
    )


def own_products() -> Response:
    """The organisation's products, newest first."""
    ctx, reader = signed_in(), current_reader()
    page = products.list_products(ctx, request.args.get("after"), 50)
    older = url_for("web.products", after=page.next_cursor) if page.next_cursor else ""
    return render("products.html", items=[_item(reader, one) for one in page.items], older=older)


def show_product(product_id: str) -> Response:
    """One product with its published versions, grants and reads."""
    ctx, reader = signed_in(), current_reader()
    product = products.get_product(ctx, product_id)
    datasets = newest_period_first(reading.list_datasets(ctx, limit=100, subject_id=product.id).items)
    given = grants.page_grants(ctx, "given", limit=100, subject_id=product.id).items
    return render(
        "product.html",
        product=_item(reader, product),
        gtin=product.gtin or "",
        publish_link=url_for("web.publish", product_id=product.id),
        versions=_versions(ctx, reader, datasets),
        grants=[_grant(reader, product.id, one) for one in given],
        reads=_reads(ctx, reader, product_id),
        refusals=[
            (
                formats.period(one.period.start, one.period.end, reader.language),
                one.line,
                one.detail,
                one.advice,
            )
            for one in refusals_of_product(ctx, product.id)
        ],
    )


def revoke_grant(product_id: str, grant_id: str) -> Response:
    """Take a grant back; the next read is denied."""
    ctx = signed_in()
    products.get_product(ctx, product_id)
    grants.revoke_grant(ctx, grant_id, "")
    return redirect(url_for("web.show_product", product_id=product_id, done="revoked"), 303)


def _item(reader: Reader, product: Product) -> ProductItem:
    return ProductItem(
        url_for("web.show_product", product_id=product.id), product.name, product.supplier_product_id,
        formats.unit(product.unit, reader.language), product.category,
    )  # fmt: skip


def _versions(ctx: Context, reader: Reader, datasets: Sequence[DatasetView]) -> list[Version]:
    """Every version, also a revoked one: what was once published does not vanish from its maker's page."""
    places = places_of(ctx, [one.digest for one in datasets])
    in_force = {one.period: one.version for one in datasets if one.status == "active"}
    newest = {one.period: one.id for one in reversed(datasets)}  # the newest of a period stands first
    return [
        _version(ctx, reader, one, places, in_force.get(one.period), is_newest=newest[one.period] == one.id)
        for one in datasets
    ]


def _version(
    ctx: Context,
    reader: Reader,
    dataset: DatasetView,
    places: Mapping[str, LogPlace],
    in_force: int | None,
    *,
    is_newest: bool,
) -> Version:
    is_active = dataset.status == "active"
    subject = reading.read_dataset(ctx, dataset.id).subject if is_active else {}
    period = dataset.period
    return Version(
        link=url_for("web.show_answer", dataset_id=dataset.id),
        period=formats.period(period.start, period.end, reader.language) if period else "",
        version=dataset.version,
        state=word(reader, DATASET_STATES, dataset.status),
        is_active=is_active,
        is_newest=is_newest,
        revoked=_revoked(reader, dataset, in_force),
        published=formats.moment(dataset.received_at, reader.language),
        signed=reader.say("by the exchange for you") if dataset.custody else reader.say("with your own key"),
        proof=present_proof(reader, places, dataset.id, dataset.digest),
        figures=figure_rows(reader, subject),
    )


def _revoked(reader: Reader, dataset: DatasetView, in_force: int | None) -> str:
    revoked = say_revoked(reader, dataset)
    if not revoked:
        return ""
    none = reader.say("No version is in force for this period.")
    now = none if in_force is None else reader.say("Version %(number)s is in force.", number=in_force)
    return f"{revoked} {now}"


def _grant(reader: Reader, product_id: str, grant: GrantView) -> GrantItem:
    language = reader.language
    period = (
        formats.period(grant.period.start, grant.period.end, language) if grant.period else reader.say("any")
    )
    return GrantItem(
        grantee=grant.grantee_name,
        assurance=word(reader, ASSURANCES, grant.grantee_assurance),
        groups=group_names(reader, grant.field_groups),
        purpose=word(reader, PURPOSES, grant.purpose),
        period=period,
        until=_until(reader, grant.valid_until),
        state=word(reader, GRANT_STATES, grant.state),
        is_open=grant.state in {"active", "waiting"},
        revoke_link=url_for("web.revoke_grant", product_id=product_id, grant_id=grant.id),
    )


def _until(reader: Reader, end: datetime) -> str:
    """Access that ends with a day is said by that day, as it was chosen."""
    day = formats.last_day(end)
    if day is None:
        return reader.say("until %(until)s", until=formats.moment(end, reader.language))
    return reader.say("until and including %(day)s", day=formats.day(day, reader.language))


def newest_period_first(datasets: Sequence[DatasetView]) -> list[DatasetView]:
    """By period, the latest first; among versions of one period the newest first."""
    return sorted(datasets, key=lambda one: (_period_key(one), one.version), reverse=True)


def _period_key(dataset: DatasetView) -> tuple[date, date]:
    period = dataset.period
    return (period.end, period.start) if period else (date.min, date.min)


def _reads(ctx: Context, reader: Reader, product_id: str) -> list[ReadItem]:
    found = access.page_access_records(ctx, limit=100, others_only=True, subject_id=product_id).items
    return present_reads(reader, found)[:20]
