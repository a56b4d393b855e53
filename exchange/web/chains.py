"""Chains: the list, and one chain with its five tiles and one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.periods import Period
from exchange.services import chain_cells, chains
from exchange.services.chain_cells import CONFIDENTIAL, ChainCell, ChainCells
from exchange.services.chain_viewing import NO_DATA, RELEASED
from exchange.services.chain_views import ChainView
from exchange.web import formats
from exchange.web.chain_amounts import scales_of
from exchange.web.chain_asking import ask_links
from exchange.web.chain_origin import cause_table, origin_tables, readings_view
from exchange.web.chain_periods import find_period, period_key, periods_of
from exchange.web.chain_view import by_indicator, cell_views, gap_views, price_basis, say_period
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.release_statements import statement_links
from exchange.web.renewals import renewal_views
from exchange.web.session import signed_in
from exchange.web.words import QUALITIES, QUALITY_MEANINGS

CHANGE: dict[str, str] = {
    "product": _("Change the products and amounts for %(period)s"),
    "group": _("Change the members for %(period)s"),
    "place": _("Change the members for %(period)s"),
}
NOTHING: dict[str, str] = {
    "product": _("None of the products has published figures for the period that can be counted."),
    "group": _("None of the members has published figures for the period that can be counted."),
    "place": _("None of the members has published figures for the period that can be counted."),
}


@dataclass(frozen=True)
class ChainItem:
    """One chain of the list; `consists_of` is said to its owner only."""

    link: str
    name: str
    owner: str
    consists_of: str


@dataclass(frozen=True)
class PeriodLink:
    """A period to look at."""

    text: str
    link: str
    is_shown: bool


@dataclass(frozen=True)
class TargetItem:
    """What the chain's owner asks of a target in a period."""

    product: str
    amount: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/chains", view_func=list_chains, endpoint="chains")
    pages.add_url_rule("/chains/<chain_id>", view_func=show_chain)


def list_chains() -> Response:
    """Chains the organisation owns or takes part in."""
    ctx, reader = signed_in(), current_reader()
    return render(
        "chains.html",
        items=[_item(reader, one) for one in chains.list_chains(ctx)],
        may_edit=ctx.who.may(Role.EDITOR),
    )


def show_chain(chain_id: str) -> Response:
    """One chain; the tiles show the period asked for, else the newest one with a figure."""
    ctx, reader = signed_in(), current_reader()
    found = chain_cells.chain_cells(ctx, chain_id)
    periods = sorted({cell.period for cell in found.cells})
    shown = _shown(periods, found.cells, request.args.get("period", ""))
    asked = {**found.renewals, **found.pending}
    awaited = {period for period, renewal in asked.items() if renewal.state != "refused"}
    views = cell_views(reader, found.cells, found.chain.kind, awaited)
    scales = scales_of(found.cells)
    may_edit = found.chain.is_own and ctx.who.may(Role.EDITOR)
    name = say_period(reader, shown) if shown else ""
    here = [cell for cell in found.cells if cell.period == shown]
    return render(
        "chain.html",
        chain=found.chain,
        period=name,
        periods=[_period_link(reader, chain_id, one, shown) for one in periods],
        tiles=[view for view in views if view.period == name],
        indicators=by_indicator(views),
        price_basis=price_basis(reader, found.cells),
        has_figures=any(cell.status == RELEASED for cell in here),
        is_open=any(cell.status == RELEASED for cell in found.cells),
        gaps=gap_views(reader, here),
        targets=_targets(reader, found.chain, shown),
        members=sorted((one.name for one in found.chain.members if one.period == shown), key=formats.by_name),
        kind=found.chain.kind,
        may_edit=may_edit,
        change=_change_link(reader, found.chain, shown) if may_edit else None,
        nothing=_nothing(reader, found, here) if shown and shown not in awaited else "",
        asks=ask_links(ctx, reader, found.chain, shown) if may_edit and shown and _is_closed(here) else [],
        origins=origin_tables(reader, here, scales),
        causes=cause_table(reader, here, scales, found.chain.kind),
        readings=readings_view(reader, here),
        statements=statement_links(ctx, reader, chain_id, shown),
        renewals=renewal_views(reader, found.renewals, found.pending),
        has_confidential=any(cell.status == CONFIDENTIAL for cell in found.cells),
        qualities=[
            (code, reader.say(text), reader.say(QUALITY_MEANINGS[code])) for code, text in QUALITIES.items()
        ],
    )


def _item(reader: Reader, one: ChainView) -> ChainItem:
    products, members = len({target.product_id for target in one.targets}), len(_members(one))
    said = reader.say_many("one target product", "%(count)s target products", products) if products else ""
    if members:
        said = reader.say_many("one member", "%(count)s members", members)
    return ChainItem(url_for("web.show_chain", chain_id=one.id), one.name, one.owner_name, said)


def _members(one: ChainView) -> set[str]:
    return {member.organisation_id for member in one.members}


def _shown(periods: Sequence[Period], cells: Sequence[ChainCell], wanted: str) -> Period | None:
    with_figures = [p for p in periods if any(c.period == p and c.status == RELEASED for c in cells)]
    return find_period(periods, wanted) or next(reversed(with_figures or list(periods)), None)


def _period_link(reader: Reader, chain_id: str, period: Period, shown: Period | None) -> PeriodLink:
    link = url_for("web.show_chain", chain_id=chain_id, period=period_key(period))
    return PeriodLink(say_period(reader, period), link, period == shown)


def _is_closed(here: Sequence[ChainCell]) -> bool:
    return any(cell.status == CONFIDENTIAL for cell in here)


def _change_link(reader: Reader, chain: ChainView, shown: Period | None) -> PeriodLink | None:
    """To the form that changes what the chain has in the period; None where it has nothing of its own there."""
    if shown is None or shown not in periods_of(chain):
        return None
    link = url_for("web.add_period", chain_id=chain.id, period=period_key(shown))
    return PeriodLink(reader.say(CHANGE[chain.kind], period=say_period(reader, shown)), link, is_shown=False)


def _nothing(reader: Reader, found: ChainCells, here: Sequence[ChainCell]) -> str:
    """Why a period is empty, to the chain's owner; "" where it is not, or nothing of it was released yet."""
    is_empty = all(cell.status == NO_DATA and cell.period not in found.pending for cell in here)
    return reader.say(NOTHING[found.chain.kind]) if found.chain.is_own and is_empty else ""


def _targets(reader: Reader, chain: ChainView, shown: Period | None) -> list[TargetItem]:
    return [
        TargetItem(one.product_name, formats.quantity(one.amount, one.unit, reader.language))
        for one in chain.targets
        if one.period == shown
    ]
