"""Who saw what of one's own data, allowed or denied, and what one has read oneself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from exchange.services import access
from exchange.services.access import AccessRecord
from exchange.web import formats
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.session import signed_in
from exchange.web.words import ACCESS_REASONS, ACTIONS, ATTEMPTS, PURPOSES, group_names, word


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
    page = access.page_access_records(
        ctx, request.args.get("after"), 100, "actor" if is_own else "owner", others_only=not is_own
    )
    older = url_for("web.access", side=side, after=page.next_cursor) if page.next_cursor else ""
    return render("access.html", items=present_reads(reader, page.items), side=side, older=older)


def present_reads(reader: Reader, found: Iterable[AccessRecord]) -> list[ReadItem]:
    """Records in the reader's words; those of one read that differ in their dataset only are told once."""
    told: dict[tuple[object, ...], list[AccessRecord]] = {}
    for record in found:
        same = (record.request_id, record.action, record.target_id, record.purpose, record.field_groups,
                record.decision, record.reason)  # fmt: skip
        told.setdefault(same, []).append(record)
    return [_item(reader, records[0], len(records)) for records in told.values()]


def _item(reader: Reader, record: AccessRecord, count: int) -> ReadItem:
    return ReadItem(
        at=formats.moment(record.at, reader.language),
        who=record.actor_name,
        action=_action(reader, record),
        target=_target(reader, record),
        target_id=record.target_id,
        purpose=word(reader, PURPOSES, record.purpose) if record.purpose else "",
        groups=group_names(reader, record.field_groups),
        is_allowed=record.decision == "allowed",
        reason=word(reader, ACCESS_REASONS, record.reason),
        count=reader.say("%(count)s of our datasets", count=count) if count > 1 else "",
    )


def _action(reader: Reader, record: AccessRecord) -> str:
    """What was read, or what a denied reader tried at: nothing was read then."""
    if record.decision == "allowed":
        return word(reader, ACTIONS, record.action)
    return reader.say(ATTEMPTS[record.action]) if record.action in ATTEMPTS else reader.say("Look-up")


def _target(reader: Reader, record: AccessRecord) -> str:
    """The product or chain; of a dataset also its period and version."""
    parts = [record.target_name]
    if record.period:
        parts.append(formats.period(record.period.start, record.period.end, reader.language))
    if record.version is not None:
        parts.append(reader.say("version %(version)s", version=record.version))
    return ", ".join(part for part in parts if part)
