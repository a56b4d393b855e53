"""Who saw what of one's own data, allowed or denied, and what one has read oneself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from exchange.services import access
from exchange.services.access import AccessRecord
from exchange.services.context import Context
from exchange.web import formats
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.session import signed_in
from exchange.web.words import ACCESS_REASONS, ACTIONS, PURPOSES, group_names, word


@dataclass(frozen=True)
class ReadItem:
    """One recorded read in words."""

    at: str
    who: str
    action: str
    target: str
    target_id: str
    purpose: str
    groups: str
    is_allowed: bool
    reason: str
    count: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/access", view_func=show_access, endpoint="access")


def show_access() -> Response:
    """Reads of one's own data by others (`side` owner), or one's own reads (`side` actor), newest first."""
    ctx, reader = signed_in(), current_reader()
    is_own = request.args.get("side") == "actor"
    side = "actor" if is_own else "owner"
    page = access.page_access_records(ctx, request.args.get("after"), 100, "actor" if is_own else "owner")
    older = url_for("web.access", side=side, after=page.next_cursor) if page.next_cursor else ""
    found = page.items if is_own else by_others(ctx, page.items)
    return render("access.html", items=present_reads(reader, found), side=side, older=older)


def present_reads(reader: Reader, found: Iterable[AccessRecord]) -> list[ReadItem]:
    """Records in the reader's words; those of one read that differ in their dataset only are told once."""
    told: dict[tuple[object, ...], list[AccessRecord]] = {}
    for record in found:
        same = (record.request_id, record.action, record.target_id, record.purpose, record.field_groups,
                record.decision, record.reason)  # fmt: skip
        told.setdefault(same, []).append(record)
    return [_item(reader, records[0], len(records)) for records in told.values()]


def by_others(ctx: Context, found: Iterable[AccessRecord]) -> list[AccessRecord]:
    """The reads that were not by one's own organisation."""
    return [record for record in found if record.actor_organisation_id != ctx.who.organisation_id]


def _item(reader: Reader, record: AccessRecord, count: int) -> ReadItem:
    return ReadItem(
        at=formats.moment(record.at, reader.language),
        who=record.actor_name,
        action=word(reader, ACTIONS, record.action),
        target=record.target_name,
        target_id=record.target_id,
        purpose=word(reader, PURPOSES, record.purpose) if record.purpose else "",
        groups=group_names(reader, record.field_groups),
        is_allowed=record.decision == "allowed",
        reason=word(reader, ACCESS_REASONS, record.reason),
        count=reader.say("%(count)s of our datasets", count=count) if count > 1 else "",
    )
