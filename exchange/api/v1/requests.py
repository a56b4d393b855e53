"""Documentation requests: send, read, answer or decline line by line."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import Document, Id, In, Instant, Out, PageOut, PageQuery, PeriodField, Reply, page_of
from exchange.domain.actors import Assurance, Role
from exchange.domain.groups import Answer, FieldGroup, Purpose, SubjectType
from exchange.domain.requests import DeclineReason, LineState
from exchange.services import requests
from exchange.services.context import Context

resource = Resource("requests", "What customers ask suppliers for, line by line, and the answers.")


class PartyOut(Out):
    """One side of a request; `cvr` only once approved."""

    id: Id
    name: str
    cvr: str | None
    assurance: Assurance


class RequestedFieldOut(Out):
    """One field asked for, why, and its answer (null: not yet)."""

    field: str
    group: FieldGroup
    purpose: Purpose
    basis_reference: str
    mandatory: bool
    answer: Answer | None
    available_from: date | None


class LineOut(Out):
    """Subject x fields x period; `matches` are the supplier's datasets that may answer it.

    `revoked_at`: when what had been provided was revoked, null where a version is in force.
    """

    id: Id
    subject_type: SubjectType
    subject_id: Id
    subject_name: str
    period: PeriodField
    due: date | None
    note: str
    state: LineState
    seen_at: datetime | None
    answered_at: datetime | None
    revoked_at: datetime | None
    decline_reason: DeclineReason | None
    decline_text: str
    fields: list[RequestedFieldOut]
    matches: list[Id]


class RequestOut(Out):
    """A request with its lines; `state` and `due` follow from them."""

    id: Id
    requester: PartyOut
    supplier: PartyOut
    state: LineState
    due: date | None
    digest: str
    created_at: datetime
    lines: list[LineOut]


class BoxQuery(PageQuery):
    """Received (`inbox`) or sent (`outbox`)."""

    box: Literal["inbox", "outbox"] = "inbox"


class LineAnswerIn(In):
    """One answer per field; what is provided is granted until `valid_until`."""

    answers: Annotated[dict[str, Answer], Field(min_length=1, max_length=500)]
    valid_until: Instant
    available_from: Annotated[dict[str, date], Field(max_length=500)] = {}


class DeclineIn(In):
    """Why nothing on the line is answered; `other` needs words."""

    reason: DeclineReason
    text: Annotated[str, Field(max_length=2000)] = ""


@resource.operation("POST", "/requests", role=Role.EDITOR, status=201)
def send(ctx: Context, body: Document) -> Reply[RequestOut]:
    """Send a request; the body follows the newest schema of the kind `request`."""
    sent = requests.send_request(ctx, body.value)
    return Reply(RequestOut.of(sent), headers={"Location": f"/api/v1/requests/{sent.id}"})


@resource.operation("GET", "/requests")
def list_box(ctx: Context, query: BoxQuery) -> PageOut[RequestOut]:
    """List requests received or sent, newest first."""
    return page_of(requests.page_requests(ctx, query.box, query.cursor, query.limit), RequestOut.of)


@resource.operation("GET", "/requests/{request_id}")
def get(ctx: Context, request_id: Id) -> RequestOut:
    """Read a request the caller's organisation sent or received."""
    return RequestOut.of(requests.get_request(ctx, request_id))


@resource.operation("POST", "/requests/{request_id}/seen")
def mark_seen(ctx: Context, request_id: Id) -> RequestOut:
    """Note that the supplier has opened the request."""
    requests.mark_seen(ctx, request_id)
    return RequestOut.of(requests.get_request(ctx, request_id))


@resource.operation("POST", "/request-lines/{line_id}/answer", role=Role.SIGNER)
def answer(ctx: Context, line_id: Id, body: LineAnswerIn) -> LineOut:
    """Answer a line; provided field groups are granted for the purposes asked."""
    given = requests.LineAnswer(body.answers, body.valid_until, body.available_from)
    return LineOut.of(requests.answer_line(ctx, line_id, given))


@resource.operation("POST", "/request-lines/{line_id}/decline", role=Role.EDITOR)
def decline(ctx: Context, line_id: Id, body: DeclineIn) -> LineOut:
    """Decline a line with a reason."""
    return LineOut.of(requests.decline_line(ctx, line_id, body.reason, body.text))
