"""Documentation requests: sent by a customer, answered field by field by the supplier, who grants as it answers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlmodel import Session

import schemas
from exchange.domain.actors import Role
from exchange.domain.errors import InvalidError, NotFoundError
from exchange.domain.groups import Answer, DatasetKind, FieldGroup, Purpose
from exchange.domain.periods import Period, period_of
from exchange.domain.requests import DeclineReason, LineState, answered_state, check_move, torn_group
from exchange.services.context import Context, audit
from exchange.services.grants import NewGrant, add_grant
from exchange.services.paging import Keyset, Page, check_limit, make_page, read_cursor
from exchange.services.rate_limits import limit
from exchange.services.request_entry import add_line, check_parties, check_subject, read_lines
from exchange.services.request_views import Line, Request, present_requests
from exchange.store import datasets
from exchange.store import requests as query
from exchange.store.tables.requests import RequestFieldRow, RequestLineRow, RequestRow
from exchange.trust import strict_json


@dataclass(frozen=True)
class LineAnswer:
    """A supplier's answer to a line.

    One Answer per requested field, how long what it grants may be read, and from when a field that is
    `not_available` will be there.
    """

    answers: Mapping[str, Answer]
    valid_until: datetime
    available_from: Mapping[str, date] | None = None


def send_request(ctx: Context, document: Mapping[str, Any]) -> Request:
    """Send a request (schema `request`, read strictly) to a supplier.

    Raises InvalidError (`request.*`, schema problems), ConflictError (`request.to_oneself`,
    `supplier.not_approved`) and NotFoundError for an unknown supplier.
    """
    ctx.who.require(Role.EDITOR)
    limit(ctx, "import", ctx.who.organisation_id)
    lines = read_lines(document, ctx.now())
    raw = strict_json.dumps(dict(document))
    supplier_id = document["supplier"].removeprefix("urn:uuid:")
    with ctx.store.write() as session:
        check_parties(ctx, session, supplier_id, document.get("requester"))
        for line in lines:
            check_subject(session, supplier_id, line)
        row = RequestRow(
            id=ctx.new_id(),
            requester_id=ctx.who.organisation_id,
            supplier_id=supplier_id,
            document=raw.decode(),
            schema_id=schemas.latest("request").url,
            digest=f"sha256:{hashlib.sha256(raw).hexdigest()}",
            created_by=ctx.who.user_id or ctx.who.client_id,
            created_at=ctx.now(),
        )
        session.add(row)
        session.flush()
        for position, line in enumerate(lines):
            add_line(ctx, session, row.id, position, line)
        audit(ctx, session, "request.send", "request", row.id, supplier=supplier_id)
        session.flush()
        return present_requests(ctx, session, [row])[0]


def page_requests(
    ctx: Context, box: Literal["inbox", "outbox"], cursor: str | None = None, limit: int = 50
) -> Page[Request]:
    """Requests received (`inbox`) or sent (`outbox`), newest first."""
    ctx.who.require(Role.VIEWER)
    check_limit(limit)
    after = read_cursor(cursor)
    with ctx.store.read() as session:
        rows = query.page_requests(session, ctx.who.organisation_id, box, after, limit)
        views = {view.id: view for view in present_requests(ctx, session, list(rows))}
        return make_page(rows, limit, lambda row: Keyset(row.created_at, row.id), lambda row: views[row.id])


def get_request(ctx: Context, request_id: str) -> Request:
    """A request the actor's organisation sent or received; NotFoundError otherwise."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        row = query.find_request(session, ctx.who.organisation_id, request_id)
        if row is None:
            raise NotFoundError
        return present_requests(ctx, session, [row])[0]


def mark_seen(ctx: Context, request_id: str) -> None:
    """Note that the supplier has opened the request; does nothing for lines further on, or for the requester."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.write() as session:
        row = query.find_request(session, ctx.who.organisation_id, request_id)
        if row is None:
            raise NotFoundError
        if row.supplier_id == ctx.who.organisation_id:
            query.mark_lines_seen(session, row.id, ctx.now())


def answer_line(ctx: Context, line_id: str, answer: LineAnswer) -> Line:
    """Answer fields of a line; what is provided is granted per purpose until `valid_until`.

    Fields not named keep their answer. Raises ConflictError (`line.state`) and InvalidError
    (`answer.unknown_field`, `answer.given`, `answer.incomplete`, `answer.torn_group`, `answer.nothing_there`,
    `grant.until`).
    """
    ctx.who.require(Role.SIGNER)
    with ctx.store.write() as session:
        request, line = _lock_own_line(ctx, session, line_id)
        fields = query.fields_of(session, [line.id])
        provided = _apply(fields, answer)
        _check_answers(fields)
        state = answered_state([Answer(field.answer) if field.answer else None for field in fields])
        check_move(LineState(line.state), state)
        _grant(ctx, session, request, line, provided, answer.valid_until)
        line.state, line.answered_at = state.value, ctx.now()
        session.add_all([line, *fields])
        audit(ctx, session, "line.answer", "request_line", line.id, state=state.value)
        session.flush()
        return _present_line(ctx, session, request, line.id)


def decline_line(ctx: Context, line_id: str, reason: DeclineReason, text: str = "") -> Line:
    """Answer nothing on a line, with a reason the customer sees; `other` needs words."""
    ctx.who.require(Role.EDITOR)
    if reason is DeclineReason.OTHER and not text.strip():
        raise InvalidError(
            "The reason needs words.", code="decline.text", path="/text", advice="Say in a few words why."
        )
    with ctx.store.write() as session:
        request, line = _lock_own_line(ctx, session, line_id)
        check_move(LineState(line.state), LineState.DECLINED)
        line.state, line.answered_at = LineState.DECLINED.value, ctx.now()
        line.decline_reason, line.decline_text = reason.value, text.strip()[:2000]
        session.add(line)
        audit(ctx, session, "line.decline", "request_line", line.id, reason=reason.value)
        session.flush()
        return _present_line(ctx, session, request, line.id)


def _lock_own_line(ctx: Context, session: Session, line_id: str) -> tuple[RequestRow, RequestLineRow]:
    found = query.lock_line(session, ctx.who.organisation_id, line_id)
    if found is None:
        raise NotFoundError
    return found


def _apply(fields: Sequence[RequestFieldRow], answer: LineAnswer) -> list[RequestFieldRow]:
    """Write the answers into the rows; returns those provided only now."""
    unknown = sorted({*answer.answers, *(answer.available_from or {})} - {field.field for field in fields})
    if unknown:
        raise InvalidError(
            f"Nobody asked for {unknown[0]}.",
            code="answer.unknown_field",
            path="/answers",
            advice="Answer the fields of the line.",
        )
    before = {id(field): field.answer for field in fields}
    for field in fields:
        given = answer.answers.get(field.field)
        if given is not None:
            field.answer = given.value
            is_awaited = given is Answer.NOT_AVAILABLE
            field.available_from = (answer.available_from or {}).get(field.field) if is_awaited else None
    if any(before[id(f)] == Answer.PROVIDE and f.answer != Answer.PROVIDE for f in fields):
        raise InvalidError(
            "A field that was provided cannot be refused afterwards.",
            code="answer.given",
            path="/answers",
            advice="Revoke the grant: the next read is denied.",
        )
    return [f for f in fields if f.answer == Answer.PROVIDE and before[id(f)] != Answer.PROVIDE]


def _check_answers(fields: Sequence[RequestFieldRow]) -> None:
    """Every field is answered, and no group is provided in part: a reader gets a group whole."""
    unanswered = [field.field for field in fields if field.answer is None]
    if unanswered:
        raise InvalidError(
            f"{len(unanswered)} fields have no answer yet, the first is {unanswered[0]}.",
            code="answer.incomplete",
            path="/answers",
            advice="Answer every field; 'not available' is an answer.",
        )
    torn = torn_group((FieldGroup(field.field_group), Answer(str(field.answer))) for field in fields)
    if torn is not None:
        raise InvalidError(
            f"Of the field group {torn.value} some fields are provided and others refused, "
            "but a reader gets a group whole.",
            code="answer.torn_group",
            path="/answers",
            advice="Provide all its fields or refuse them all.",
        )


def _grant(
    ctx: Context,
    session: Session,
    request: RequestRow,
    line: RequestLineRow,
    provided: Sequence[RequestFieldRow],
    valid_until: datetime,
) -> None:
    if not provided:
        return
    period = Period(line.period_start, line.period_end)
    kind = _kind_there(session, request.supplier_id, line, period, {field.field_group for field in provided})
    for purpose in sorted({field.purpose for field in provided}):
        groups = frozenset(FieldGroup(field.field_group) for field in provided if field.purpose == purpose)
        new = NewGrant(
            request.requester_id, kind, line.subject_id, groups, Purpose(purpose), valid_until, period
        )
        add_grant(ctx, session, new, line_id=line.id)


def _kind_there(
    session: Session, supplier_id: str, line: RequestLineRow, period: Period, groups: set[str]
) -> DatasetKind:
    """The kind of published dataset that holds what is promised; a promise of nothing is refused."""
    rows = [
        row
        for row in datasets.active_of_subjects(session, supplier_id, [line.subject_id])
        if (about := period_of(row.period_start, row.period_end)) and period.contains(about)
    ]
    held = datasets.groups_of(session, [row.id for row in rows])
    for row in rows:
        if groups <= held[row.id]:
            return DatasetKind(row.kind)
    missing = sorted(groups - set().union(*held.values()))
    raise InvalidError(
        "You have published nothing yet that answers this: " + ", ".join(missing or sorted(groups)) + ".",
        code="answer.nothing_there",
        path="/answers",
        advice="Publish a dataset for the period first, or answer 'not available'.",
    )


def _present_line(ctx: Context, session: Session, request: RequestRow, line_id: str) -> Line:
    view = present_requests(ctx, session, [request])[0]
    return next(line for line in view.lines if line.id == line_id)
