"""Who may see what: the facilitator's grants for the chain view, and the customer's requests with their answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from exchange.demo.cast import Cast
from exchange.demo.publishing import Sent
from exchange.demo.registry import Document, Registry
from exchange.demo.story.organisations import CUSTOMER, FACILITATOR
from exchange.demo.story.requests import REQUESTS, Field, Line, StoryRequest
from exchange.domain.groups import Answer, FieldGroup, Purpose
from exchange.domain.periods import year as year_period
from exchange.domain.requests import DeclineReason
from exchange.services.context import Context
from exchange.services.grants import NewGrant, give_grant
from exchange.services.requests import LineAnswer, answer_line, decline_line, mark_seen, send_request

GRANT_DAYS = 700
DUE_DAYS = 42
CHAIN_GROUPS = frozenset(
    {
        FieldGroup.INDICATORS,
        FieldGroup.QUALITY,
        FieldGroup.PROCESS,
        FieldGroup.COMMERCIAL,
    }
)


def grant_to_facilitator(cast: Cast, sent: Iterable[Sent]) -> None:
    """Every supplier opens to the facilitator, for chain roll-ups, what stands behind the chains' figures."""
    grantee = cast.members[FACILITATOR].id
    for one in dict.fromkeys(sent):
        ctx = cast.members[one.owner].ctx
        until = _until(ctx)
        new = NewGrant(grantee, one.kind, one.subject_id, CHAIN_GROUPS, Purpose.CHAIN_ROLLUP, until)
        give_grant(ctx, new)


def exchange_requests(cast: Cast) -> None:
    """The customer asks; suppliers grant, decline, or have not come to it."""
    for story in REQUESTS:
        asking, answering = cast.members[CUSTOMER].ctx, cast.members[story.supplier].ctx
        request = send_request(asking, _document(cast.registry, story, asking))
        if story.outcome == "open":
            continue
        mark_seen(answering, request.id)
        for line in request.lines:
            if story.outcome == "granted":
                provided = {field.field: Answer.PROVIDE for field in line.fields}
                answer_line(answering, line.id, LineAnswer(provided, _until(answering)))
            else:
                decline_line(answering, line.id, DeclineReason(story.decline_reason), story.decline_text)


def _until(ctx: Context) -> datetime:
    return ctx.now() + timedelta(days=GRANT_DAYS)


def _document(registry: Registry, story: StoryRequest, ctx: Context) -> Document:
    return {
        "requester": f"urn:uuid:{registry.organisations[CUSTOMER]}",
        "supplier": f"urn:uuid:{registry.organisations[story.supplier]}",
        "lines": [_line(registry, line, ctx) for line in story.lines],
    }


def _line(registry: Registry, line: Line, ctx: Context) -> Document:
    document: Document = {
        "subject": {"type": "product", "id": f"urn:uuid:{registry.products[line.product]}"},
        "period": year_period(line.year).to_wire(),
        "due": (ctx.now() + timedelta(days=DUE_DAYS)).date().isoformat(),
        "fields": [_field(field) for field in line.fields],
    }
    if line.note:
        document["note"] = line.note
    return document


def _field(field: Field) -> Document:
    document: Document = {
        "field": field.path,
        "group": field.path.split("/")[0],
        "purpose": field.purpose,
        "mandatory": field.mandatory,
    }
    if field.basis:
        document["basis_reference"] = field.basis
    return document
