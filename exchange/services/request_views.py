"""Documentation requests as their two parties see them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from sqlmodel import Session

from exchange.domain.groups import Answer, FieldGroup, Purpose, SubjectType
from exchange.domain.periods import Period, period_of
from exchange.domain.requests import DeclineReason, LineState, request_state
from exchange.services.context import Context
from exchange.services.revoked_answers import RevokedAnswers, find_revoked_answers
from exchange.store import datasets, parties, products
from exchange.store import requests as query
from exchange.store.tables.accounts import OrganisationRow
from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.requests import RequestFieldRow, RequestLineRow, RequestRow


@dataclass(frozen=True)
class Party:
    """One side of a request; `assurance` says how sure the exchange is of who it is, `cvr` only once approved."""

    id: str
    name: str
    cvr: str | None
    assurance: str


@dataclass(frozen=True)
class RequestedField:
    """One field asked for, for which purpose and on what basis, and its answer (None: not yet)."""

    field: str
    group: FieldGroup
    purpose: Purpose
    basis_reference: str
    mandatory: bool
    answer: Answer | None
    available_from: date | None


@dataclass(frozen=True)
class Line:
    """Subject x fields x period. `matches`: ids of published datasets that may answer it (supplier's view only).

    `revoked_at`: when what had been provided was revoked, None where nothing was or a version is in force again. Of a
    version published after the requester's grant had ended it says nothing. The state stays what the answers made it.
    """

    id: str
    subject_type: SubjectType
    subject_id: str
    subject_name: str
    period: Period
    due: date | None
    note: str
    state: LineState
    seen_at: datetime | None
    answered_at: datetime | None
    revoked_at: datetime | None
    decline_reason: DeclineReason | None
    decline_text: str
    fields: tuple[RequestedField, ...]
    matches: tuple[str, ...]

    @property
    def is_provided(self) -> bool:
        """Whether a field of it was provided."""
        return any(field.answer is Answer.PROVIDE for field in self.fields)


@dataclass(frozen=True)
class Request:
    """A request with its lines; `state` and `due` are derived from them."""

    id: str
    requester: Party
    supplier: Party
    state: LineState
    due: date | None
    digest: str
    created_at: datetime
    lines: tuple[Line, ...]

    @property
    def revoked(self) -> Literal["none", "some", "all"]:
        """How many of the lines that were provided something have had it revoked since."""
        provided = [line.revoked_at for line in self.lines if line.is_provided]
        if not any(provided):
            return "none"
        return "all" if all(provided) else "some"


def present_requests(ctx: Context, session: Session, rows: list[RequestRow]) -> list[Request]:
    """The outward form of requests, everything they need looked up in a fixed number of queries."""
    lines = query.lines_of(session, [row.id for row in rows])
    fields: dict[str, list[RequestFieldRow]] = defaultdict(list)
    for field in query.fields_of(session, [line.id for line in lines]):
        fields[field.line_id].append(field)
    subject_ids = [line.subject_id for line in lines]
    names = products.names_of(session, subject_ids)
    mine = datasets.active_of_subjects(session, ctx.who.organisation_id, subject_ids)
    parents = {row.id: row for row in rows}
    revoked = find_revoked_answers(session, {row.requester_id for row in rows}, subject_ids, ctx.now())
    by_request: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        view = _present_line(
            line, fields[line.id], names.get(line.subject_id, ""), _matches(line, list(mine))
        )
        by_request[line.request_id].append(_since_revoked(view, parents[line.request_id], revoked))
    named = parties.organisations_by_id(
        session, {row.requester_id for row in rows} | {row.supplier_id for row in rows}
    )
    return [_present(row, by_request[row.id], named) for row in rows]


def _present(row: RequestRow, lines: list[Line], named: dict[str, OrganisationRow]) -> Request:
    return Request(
        row.id,
        _party(named[row.requester_id]),
        _party(named[row.supplier_id]),
        request_state([line.state for line in lines]),
        min((line.due for line in lines if line.due is not None), default=None),
        row.digest,
        row.created_at,
        tuple(lines),
    )


def _present_line(
    line: RequestLineRow, fields: list[RequestFieldRow], name: str, matches: tuple[str, ...]
) -> Line:
    return Line(
        line.id,
        SubjectType(line.subject_type),
        line.subject_id,
        name,
        Period(line.period_start, line.period_end),
        line.due,
        line.note,
        LineState(line.state),
        line.seen_at,
        line.answered_at,
        None,
        DeclineReason(line.decline_reason) if line.decline_reason else None,
        line.decline_text,
        tuple(_present_field(field) for field in fields),
        matches,
    )


def _since_revoked(line: Line, parent: RequestRow, revoked: RevokedAnswers) -> Line:
    """Nothing was taken back from a customer to whom nothing was provided, or to whom it was not open."""
    purposes = {one.purpose for one in line.fields if one.answer is Answer.PROVIDE}
    at = revoked.since(parent.requester_id, parent.supplier_id, line.subject_id, line.period, purposes)
    return replace(line, revoked_at=at)


def _present_field(field: RequestFieldRow) -> RequestedField:
    return RequestedField(
        field.field,
        FieldGroup(field.field_group),
        Purpose(field.purpose),
        field.basis_reference,
        field.mandatory,
        Answer(field.answer) if field.answer else None,
        field.available_from,
    )


def _matches(line: RequestLineRow, own: list[DatasetRow]) -> tuple[str, ...]:
    period = Period(line.period_start, line.period_end)
    return tuple(
        row.id
        for row in own
        if row.subject_id == line.subject_id
        and (about := period_of(row.period_start, row.period_end))
        and period.contains(about)
    )


def _party(row: OrganisationRow) -> Party:
    return Party(row.id, row.name, row.cvr if row.cvr_status == "approved" else None, row.assurance)
