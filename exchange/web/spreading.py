"""How a site's flows are spread over its products: the key of each flow, and keys of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.calculation.account import KeyMethod
from exchange.domain.errors import ConflictError, InvalidError
from exchange.services import flows, site_products, sites, spreading_keys
from exchange.services.context import Context
from exchange.services.site_products import SiteProduct
from exchange.services.spreading_keys import KeyView, NewKey
from exchange.web.account_steps import chosen_period, query_of, way
from exchange.web.account_words import BASES, METHOD_MEANINGS, METHODS
from exchange.web.forms import Choice, Field
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.production import choices_of
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.typed import Blank, Input, Section, Typed, labels_of, marked, refused, show_number
from exchange.web.words import word

AT = {
    "name.invalid": "name", "key.exists": "name", "key.above_whole": "method", "key.below_zero": "method",
    "key.shares": "method", "key.products": "products", "key.basis": "basis", "quantity.range": "method",
}  # fmt: skip


@dataclass(frozen=True)
class OwnKey:
    """A key of one's own, in words."""

    name: str
    about: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    base = "/sites/<site_id>/keys"
    pages.add_url_rule(base, view_func=show_keys, methods=["GET", "POST"])
    pages.add_url_rule(f"{base}/flows", view_func=set_keys, methods=["POST"])


def show_keys(site_id: str) -> Response:
    """The keys of a site's flows, what each method means, and the form of a key of one's own."""
    ctx, reader = signed_in(), current_reader()
    sites.get_site(ctx, site_id)
    made = site_products.list_site_products(ctx, site_id)
    sections = _sections(reader, made) if made else ()
    typed = Typed(reader, request.form, labels_of(sections))
    if request.method == "POST":
        new = _read(typed, made)
        if new is not None and not typed.errors:
            try:
                spreading_keys.add_key(ctx, site_id, new)
            except (InvalidError, ConflictError) as error:
                typed.errors += refused(reader, error, AT)
            else:
                return _done(ctx, site_id, "key")
    return _page(ctx, site_id, made, sections, typed)


def set_keys(site_id: str) -> Response:
    """Spread each flow by the key chosen for it; those left as they are stay untouched."""
    ctx = signed_in()
    for flow in flows.list_flows(ctx, site_id):
        chosen = request.form.get(f"key-{flow.id}", flow.key_id)
        if chosen != flow.key_id:
            flows.set_flow_key(ctx, flow.id, chosen)
    return _done(ctx, site_id, "keys")


def _done(ctx: Context, site_id: str, done: str) -> Response:
    return redirect(url_for("web.show_keys", site_id=site_id, done=done, **query_of(chosen_period(ctx))), 303)


def _page(
    ctx: Context, site_id: str, made: Sequence[SiteProduct], sections: Sequence[Section], typed: Typed
) -> Response:
    reader, period = current_reader(), chosen_period(ctx)
    keys = spreading_keys.list_keys(ctx, site_id)
    names = {one.product_id: one.name for one in made}
    return render(
        "keys.html",
        section="web.sites",
        status=422 if typed.errors else 200,
        errors=typed.errors,
        site=sites.get_site(ctx, site_id),
        way=way(ctx, site_id, period, 3),
        flows=[
            _choice(reader, f"key-{one.id}", one.name, one.key_id, keys)
            for one in flows.list_flows(ctx, site_id)
        ],
        flows_link=url_for("web.set_keys", site_id=site_id, **query_of(period)),
        meanings=[(reader.say(METHODS[one]), reader.say(METHOD_MEANINGS[one])) for one in METHODS],
        own=[_own(reader, one, names) for one in keys if one.name != one.method.value],
        sections=marked(sections, typed.errors),
        may_edit=ctx.who.may(Role.EDITOR),
    )


def name_of(reader: Reader, key: KeyView) -> str:
    """What a key is called: those every site starts with are called by their method."""
    return word(reader, METHODS, key.name) if key.name == key.method.value else key.name


def _choice(reader: Reader, name: str, label: str, chosen: str, keys: Sequence[KeyView]) -> Input:
    choices = tuple(Choice(one.id, name_of(reader, one), one.id == chosen) for one in keys)
    return Input(Field(name, label, choices=choices), "select")


def _own(reader: Reader, key: KeyView, names: Mapping[str, str]) -> OwnKey:
    method = word(reader, METHODS, key.method.value)
    if key.shares:
        shares = ", ".join(
            f"{names.get(product, product)} {show_number(share * 100, reader)} %"
            for product, share in key.shares.items()
        )
        return OwnKey(key.name, f"{method}: {shares}")
    products = reader.list_of([names.get(one, one) for one in key.products]) or reader.say("all products")
    return OwnKey(key.name, f"{method}: {products}")


def _sections(reader: Reader, made: Sequence[SiteProduct]) -> tuple[Section, ...]:
    blank = Blank(reader, request.form)
    picked = set(request.form.getlist("products"))
    products = tuple(Choice(code, text, code in picked) for code, text in choices_of(made).items())
    which = Input(Field("products", reader.say("Only for these products"),
                        hint=reader.say("None chosen: for all of them."), choices=products), "ticks")  # fmt: skip
    shares = tuple(
        Input(Field(f"share-{one.product_id}", reader.say("Share of %(product)s (%%)", product=one.name),
                    request.form.get(f"share-{one.product_id}", ""), optional=True), "number")
        for one in made
    )  # fmt: skip
    basis = blank.choose("basis", _("What the shares stand on"), BASES)
    return (
        Section(
            "",
            (
                blank.ask("name", _("Name of the key"), _("Such as paint shop.")),
                blank.choose("method", _("Spread by"), METHODS),
                which,
            ),
        ),
        Section(
            reader.say("Shares"),
            (*shares, basis),
            reader.say("Only for stated shares. Together at most 100 %."),
        ),
    )


def _read(typed: Typed, made: Sequence[SiteProduct]) -> NewKey | None:
    name, method = typed.needed("name"), typed.code("method", METHODS)
    shares: dict[str, Decimal] = {}
    for one in made:
        share = typed.share(f"share-{one.product_id}")
        if share is not None:
            shares[one.product_id] = share
    if typed.errors:
        return None
    products = tuple(request.form.getlist("products"))
    return NewKey(name, KeyMethod(method), products, shares, typed.text("basis") or "subdivision")
