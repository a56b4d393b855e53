"""A product's figures as calculated: own, upstream and total, what is missing, what goes in, the ways to publish."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, ExchangeError, InvalidError, NotFoundError
from exchange.domain.groups import DatasetKind, FieldGroup
from exchange.services import calculation_views, product_drafts, sites
from exchange.services.calculation_views import CalculationView, FigureView, ProductView
from exchange.services.context import Context
from exchange.web import formats
from exchange.web.account_steps import way
from exchange.web.browser_signing import signing_page
from exchange.web.calculations import PUBLISH_STEP, publication_link, wire_figures
from exchange.web.content import Content, take_apart
from exchange.web.figures import FigureRow, figure_rows
from exchange.web.forms import Message, errors_of
from exchange.web.frame import render
from exchange.web.gaps import say_gaps, say_upstream_gaps
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.revision_offer import say_offer
from exchange.web.session import signed_in
from exchange.web.signing_ways import is_loss_ticked, signing_errors, signing_ways
from exchange.web.words import FIELD_GROUPS, INDICATORS, in_sentence, word


@dataclass(frozen=True)
class OpenableFigure:
    """One indicator with the page that opens it; what of it is "at least", and whether suppliers' figures are in it."""

    row: FigureRow
    link: str
    is_own_at_least: bool
    is_total_at_least: bool
    holds_others: bool


@dataclass(frozen=True)
class Material:
    """A material of the composition."""

    name: str
    share: str
    recycled: str
    bio_based: str
    origin: str


@dataclass(frozen=True)
class RecipeLine:
    """One input for one declared unit, and what of the own figures it explains."""

    name: str
    amount: str
    measured: str
    explains: str


@dataclass(frozen=True)
class GroupPreview:
    """A field group of the dataset that the button would publish."""

    name: str
    content: Content


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    base = "/calculations/<calculation_id>/products/<product_id>"
    pages.add_url_rule(base, view_func=show_product_figures)
    pages.add_url_rule(f"{base}/publish", view_func=publish_figures, methods=["POST"])
    pages.add_url_rule(f"{base}/publish/sign", view_func=sign_figures, methods=["POST"])
    pages.add_url_rule(f"{base}/dataset.json", view_func=show_draft)


def show_product_figures(calculation_id: str, product_id: str) -> Response:
    """One product of one calculation."""
    return _page(signed_in(), calculation_id, product_id)


def publish_figures(calculation_id: str, product_id: str) -> Response:
    """The one button: the dataset goes to the worker for its signature."""
    ctx, may_lose = signed_in(), is_loss_ticked()
    try:
        submitted = product_drafts.publish_product(ctx, calculation_id, product_id, may_lose=may_lose)
    except (ConflictError, InvalidError) as error:
        return _page(ctx, calculation_id, product_id, error)
    return redirect(url_for("web.show_publication", publication_id=submitted.id), 303)


def sign_figures(calculation_id: str, product_id: str) -> Response:
    """The page whose script signs the dataset as it is drafted."""
    ctx, kid, may_lose = signed_in(), request.form.get("kid", ""), is_loss_ticked()
    try:
        unsigned = product_drafts.prepare_product(ctx, calculation_id, product_id, kid, may_lose=may_lose)
    except (ConflictError, InvalidError) as error:
        return _page(ctx, calculation_id, product_id, error)
    about: dict[str, Any] = {"calculation_id": calculation_id, "product_id": product_id}
    back, file = url_for("web.show_product_figures", **about), url_for("web.show_draft", **about)
    return signing_page(ctx, unsigned, kid, DatasetKind.PRODUCT, back=back, section="web.sites", file=file)


def show_draft(calculation_id: str, product_id: str) -> Response:
    """What the dataset would hold, as the JSON that is signed."""
    content = product_drafts.draft_product(signed_in(), calculation_id, product_id)
    text = json.dumps(content, ensure_ascii=False, indent=2)
    response = Response(text, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def product_of(calculation: CalculationView, product_id: str) -> ProductView:
    """The product of a calculation; NotFoundError for one it has no figures of."""
    for product in calculation.products:
        if product.id == product_id:
            return product
    raise NotFoundError


def _page(
    ctx: Context, calculation_id: str, product_id: str, refused_now: ExchangeError | None = None
) -> Response:
    reader = current_reader()
    errors = signing_errors(reader, refused_now) if refused_now else []
    found = calculation_views.get_calculation(ctx, calculation_id)
    product = product_of(found, product_id)
    header = found.header
    groups, refused = _groups(ctx, reader, calculation_id, product_id)
    figures = _figures(reader, header.id, product)
    about: dict[str, Any] = {"calculation_id": header.id, "product_id": product.id}
    json_link = url_for("web.show_draft", **about)
    return render(
        "product_figures.html",
        section="web.sites",
        status=422 if errors else 200,
        errors=errors,
        product=product,
        period=formats.period(header.period.start, header.period.end, reader.language),
        site=sites.get_site(ctx, header.site_id),
        back=url_for("web.show_calculation", calculation_id=header.id),
        way=way(ctx, header.site_id, header.period, PUBLISH_STEP),
        unit=formats.unit_of_one(product.unit, reader.language),
        produced=formats.quantity(product.produced.normalize(), product.unit, reader.language),
        offer=say_offer(ctx, reader, found),
        figures=figures,
        holds_others=any(one.holds_others for one in figures),
        gaps=say_gaps(reader, product.figures),
        upstream_gaps=say_upstream_gaps(reader, product.figures),
        materials=[_material(reader, one) for one in _part(product, "composition", "materials")],
        recipe=[_recipe_line(reader, one) for one in _part(product, "process", "inputs")],
        groups=groups,
        refused=refused,
        json_link=json_link,
        workbook_link=url_for("web.download_product", **about),
        publish_link=url_for("web.publish_figures", **about),
        ways=signing_ways(
            ctx,
            reader,
            DatasetKind.PRODUCT,
            url_for("web.sign_figures", **about),
            file=json_link,
            errors=errors,
            refused=refused_now,
        ),
        may_publish=ctx.who.may(Role.SIGNER),
        publication_link=publication_link(product),
    )


def _figures(reader: Reader, calculation_id: str, product: ProductView) -> list[OpenableFigure]:
    rows = figure_rows(reader, wire_figures(product.figures, with_upstream=True))
    return [
        OpenableFigure(
            row,
            url_for(
                "web.show_figure",
                calculation_id=calculation_id,
                product_id=product.id,
                indicator=figure.indicator.value,
            ),
            bool(figure.gaps),
            figure.is_total_at_least,
            holds_others(figure),
        )
        for figure, row in zip(product.figures, rows, strict=True)
    ]


def holds_others(figure: FigureView) -> bool:
    """Whether a supplier's own figure is part of the total, so that it stays in the house (method section 10)."""
    return any(part.is_linked for part in figure.upstream)


def _part(product: ProductView, group: str, member: str) -> Sequence[Mapping[str, Any]]:
    part: Sequence[Mapping[str, Any]] = product.content.get(group, {}).get(member, ())
    return part


def _material(reader: Reader, stored: Mapping[str, str]) -> Material:
    def share(name: str) -> str:
        return formats.share(Decimal(stored[name]), reader.language, 1)

    return Material(
        stored["material"],
        share("mass_fraction"),
        share("recycled_fraction"),
        share("bio_based_fraction"),
        stored.get("origin", "–"),
    )


def _recipe_line(reader: Reader, stored: Mapping[str, Any]) -> RecipeLine:
    explained = [
        f"{in_sentence(word(reader, INDICATORS, name))}: {_quantity(reader, amount)}"
        for name, amount in stored.get("explains", {}).items()
    ]
    return RecipeLine(
        name=stored["name"],
        amount=_quantity(reader, stored["amount"]),
        measured=formats.share(Decimal(stored["measured_share"]), reader.language),
        explains="; ".join(explained) or "–",
    )


def _quantity(reader: Reader, stored: Mapping[str, str]) -> str:
    return formats.quantity(Decimal(stored["amount"]), stored["unit"], reader.language)


def _groups(
    ctx: Context, reader: Reader, calculation_id: str, product_id: str
) -> tuple[list[GroupPreview], list[Message]]:
    """The field groups the dataset would hold, or why there can be none."""
    if not ctx.who.may(Role.EDITOR):
        return [], []
    try:
        draft = product_drafts.draft_product(ctx, calculation_id, product_id)
    except ExchangeError as error:
        return [], [one.message for one in errors_of(reader, error, {})]
    return [
        GroupPreview(word(reader, FIELD_GROUPS, group), take_apart(reader, draft[group]))
        for group in FieldGroup
        if group in draft
    ], []
