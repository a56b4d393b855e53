"""Entering a documentation request: what its lines may ask, of whom, and the rows they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

import schemas
from exchange.domain.checks import run_checks
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError
from exchange.domain.groups import SubjectType
from exchange.domain.periods import Period, local_date, parse_period
from exchange.services.context import Context
from exchange.services.dataset_gate import refuse_problems
from exchange.store import datasets, parties, products
from exchange.store.tables.requests import RequestFieldRow, RequestLineRow


@dataclass(frozen=True)
class NewLine:
    """A line to be stored; `path` points to it in the document, `fields` are as sent."""

    path: str
    subject_type: SubjectType
    subject_id: str
    period: Period
    due: date | None
    note: str
    fields: Sequence[Mapping[str, Any]]


def read_lines(document: Mapping[str, Any], now: datetime) -> list[NewLine]:
    """The lines of a request document; raises InvalidError with everything its schema and checks find."""
    schema = schemas.latest("request")
    found = schemas.problems(dict(document), schema)
    found = found or [*run_checks("request", document, publishing=True), *schemas.unknown_fields(document)]
    refuse_problems(found, "The request")
    return [_read_line(line, f"/lines/{i}", now) for i, line in enumerate(document["lines"])]


def check_parties(ctx: Context, session: Session, supplier_id: str, requester: str | None) -> None:
    """The requester is the actor, the supplier is somebody else whose claimed CVR number is confirmed."""
    own = ctx.who.organisation_id
    if requester is not None and requester != f"urn:uuid:{own}":
        raise InvalidError(
            "The request names another requester.",
            code="request.requester",
            path="/requester",
            advice="Leave it out: the requester is who sends it.",
        )
    if supplier_id == own:
        raise ConflictError(
            "You cannot ask yourself.",
            code="request.to_oneself",
            path="/supplier",
            advice="Your own datasets are under your products.",
        )
    supplier = parties.organisations_by_id(session, {supplier_id}).get(supplier_id)
    if supplier is None:
        raise NotFoundError
    if supplier.cvr_status in {"claimed", "rejected"}:
        raise ConflictError(
            "The supplier's CVR number has not been confirmed yet, so requests do not reach it.",
            code="supplier.not_approved",
            path="/supplier",
            advice="Try again when the operator has confirmed it.",
        )


def check_subject(session: Session, supplier_id: str, line: NewLine) -> None:
    """The supplier has the subject; unknown, foreign and unlisted ones are refused in the same words."""
    if not _is_known(session, supplier_id, line):
        raise InvalidError(
            "The supplier has no such subject to ask about.",
            code="request.subject",
            path=f"{line.path}/subject",
            advice="Choose a product from the supplier's list.",
        )


def add_line(ctx: Context, session: Session, request_id: str, position: int, line: NewLine) -> None:
    """Store a line with its fields in the caller's transaction."""
    row = RequestLineRow(
        id=ctx.new_id(),
        request_id=request_id,
        position=position,
        subject_type=line.subject_type.value,
        subject_id=line.subject_id,
        period_start=line.period.start,
        period_end=line.period.end,
        due=line.due,
        note=line.note,
    )
    session.add(row)
    session.flush()
    session.add_all(
        RequestFieldRow(
            line_id=row.id,
            field=field["field"],
            purpose=field["purpose"],
            field_group=field["group"],
            basis_reference=field.get("basis_reference", ""),
            mandatory=field["mandatory"],
        )
        for field in line.fields
    )


def _read_line(line: Mapping[str, Any], path: str, now: datetime) -> NewLine:
    due = date.fromisoformat(line["due"]) if "due" in line else None
    if due is not None and due <= local_date(now):
        raise InvalidError(
            "The due date does not lie ahead.",
            code="request.due",
            path=f"{path}/due",
            advice="Give the supplier time: ten working days are customary.",
        )
    asked = [(field["field"], field["purpose"]) for field in line["fields"]]
    if doubled := sorted(pair for pair in set(asked) if asked.count(pair) > 1):
        raise InvalidError(
            f"{doubled[0][0]} is asked for twice for {doubled[0][1]}.",
            code="request.doubled_field",
            path=f"{path}/fields",
            advice="Name each field once per purpose.",
        )
    return NewLine(
        path,
        SubjectType(line["subject"]["type"]),
        line["subject"]["id"].removeprefix("urn:uuid:"),
        parse_period(line["period"], f"{path}/period"),
        due,
        line.get("note", ""),
        line["fields"],
    )


def _is_known(session: Session, supplier_id: str, line: NewLine) -> bool:
    match line.subject_type:
        case SubjectType.PRODUCT:
            product = products.find_own_product(session, supplier_id, line.subject_id)
            return product is not None and product.listed
        case SubjectType.ORGANISATION:
            return line.subject_id == supplier_id
        case _:
            published = datasets.active_of_subjects(session, supplier_id, [line.subject_id])
            return any(row.subject_type == line.subject_type.value for row in published)
