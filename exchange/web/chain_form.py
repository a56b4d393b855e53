"""Setting up a chain and adding a period to it: products with amounts, or the members of a group or place."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.errors import InvalidError, NotFoundError
from exchange.domain.linking import Prefer
from exchange.domain.periods import Period
from exchange.services import chains
from exchange.services.chain_views import ChainView
from exchange.services.chains import NewChain
from exchange.services.context import Context
from exchange.services.rollup.wanted import ChainKind
from exchange.web.chain_fields import (
    AT,
    Asked,
    asked_of,
    naming_section,
    offered_suppliers,
    read_scope,
    scope_sections,
)
from exchange.web.chain_periods import find_period, period_key, periods_of
from exchange.web.chain_view import say_period
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.typed import Typed, labels_of, marked, refused

KINDS: dict[str, str] = {
    "product": _("Product chain"),
    "group": _("Group"),
    "place": _("Place"),
}
MEANINGS: dict[str, str] = {
    "product": _("Products and everything upstream of them. The total is what stands behind the amounts you name."),
    "group": _("Organisations, such as a branch cluster. The total is their own effects; upstream stands beside it."),
    "place": _("Organisations of one place, such as an eco-park. The total is their own effects; upstream stands "
               "beside it."),
}  # fmt: skip
PERIOD_LEADS: dict[str, str] = {
    "product": _(
        "Products you name are added to those the period has; an amount given again replaces the old one."
    ),
    "group": _("The period gets exactly the members you choose here. Other periods keep theirs."),
    "place": _("The period gets exactly the members you choose here. Other periods keep theirs."),
}
CHANGES: dict[str, str] = {
    "product": _("Change the products and amounts of %(chain)s for %(period)s"),
    "group": _("Change the members of %(chain)s for %(period)s"),
    "place": _("Change the members of %(chain)s for %(period)s"),
}
DONE = {"product": "chain_targets", "group": "chain_members", "place": "chain_members"}


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/chains/new", view_func=new_chain, methods=["GET", "POST"])
    pages.add_url_rule("/chains/<chain_id>/period", view_func=add_period, methods=["GET", "POST"])


def new_chain() -> Response:
    """Set up a chain of the kind asked for."""
    ctx, reader = signed_in(), current_reader()
    code = request.args.get("kind", "")
    kind = ChainKind(code) if code in KINDS else ChainKind.PRODUCT
    asked = asked_of(ctx, reader, kind)
    sections = (naming_section(reader, kind), *scope_sections(reader, asked))
    typed = Typed(reader, request.form, labels_of(sections))
    if request.method == "POST":
        made = _create(ctx, typed, asked)
        if made is not None:
            return redirect(url_for("web.show_chain", chain_id=made.id, done="chain"), 303)
    return render(
        "chain_form.html",
        section="web.chains",
        status=422 if typed.errors else 200,
        errors=typed.errors,
        title=reader.say("Set up a chain"),
        lead=reader.say(MEANINGS[kind]),
        back=url_for("web.chains"),
        back_text=reader.say("Chains"),
        kinds=[
            (reader.say(text), url_for("web.new_chain", kind=code), code == kind)
            for code, text in KINDS.items()
        ],
        sections=marked(sections, typed.errors),
        suppliers=offered_suppliers(asked),
        submit=reader.say("Set up the chain"),
    )


def add_period(chain_id: str) -> Response:
    """Name the targets or members of one's own chain in a further period, or anew in the one asked for."""
    ctx, reader = signed_in(), current_reader()
    chain = next((one for one in chains.list_chains(ctx) if one.id == chain_id and one.is_own), None)
    if chain is None:
        raise NotFoundError
    changed = find_period(periods_of(chain), request.args.get("period", ""))
    asked = asked_of(ctx, reader, ChainKind(chain.kind), chain, changed)
    sections = scope_sections(reader, asked)
    typed = Typed(reader, request.form, labels_of(sections))
    if request.method == "POST":
        period = _add(ctx, typed, asked, chain)
        if period is not None:
            done = DONE[chain.kind] if changed else "chain_period"
            shown = period_key(period)
            return redirect(url_for("web.show_chain", chain_id=chain_id, period=shown, done=done), 303)
    return render(
        "chain_form.html",
        section="web.chains",
        status=422 if typed.errors else 200,
        errors=typed.errors,
        title=_title(reader, chain, changed),
        lead=reader.say(PERIOD_LEADS[chain.kind]),
        back=url_for("web.show_chain", chain_id=chain_id),
        back_text=chain.name,
        kinds=[],
        sections=marked(sections, typed.errors),
        suppliers=offered_suppliers(asked),
        submit=reader.say("Save") if changed else reader.say("Add the period"),
    )


def _title(reader: Reader, chain: ChainView, changed: Period | None) -> str:
    if changed is None:
        return reader.say("Add a period to %(chain)s", chain=chain.name)
    return reader.say(CHANGES[chain.kind], chain=chain.name, period=say_period(reader, changed))


def _create(ctx: Context, typed: Typed, asked: Asked) -> ChainView | None:
    """The new chain; None where something was refused, which is noted."""
    name, period = typed.needed("name"), typed.period()
    prefer = typed.code("prefer", Prefer) if asked.kind is ChainKind.PRODUCT else Prefer.LINKED.value
    scope = read_scope(ctx, typed, asked, period)
    if typed.errors or scope is None:
        return None
    targets, members = scope
    try:
        return chains.create_chain(ctx, NewChain(name, targets, Prefer(prefer), asked.kind, members))
    except InvalidError as error:
        typed.errors += refused(typed.reader, error, AT)
        return None


def _add(ctx: Context, typed: Typed, asked: Asked, chain: ChainView) -> Period | None:
    """The period that was added; None where something was refused, which is noted."""
    period = asked.period or typed.period()
    scope = read_scope(ctx, typed, asked, period)
    if typed.errors or scope is None:
        return None
    targets, members = scope
    try:
        if targets:
            chains.add_targets(ctx, chain.id, targets)
        for one in members:
            chains.set_members(ctx, chain.id, one)
    except InvalidError as error:
        typed.errors += refused(typed.reader, error, AT)
        return None
    return period
