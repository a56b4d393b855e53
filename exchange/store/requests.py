"""Queries on documentation requests, their lines and fields."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.store.keyset import older_than
from exchange.store.tables.requests import RequestFieldRow, RequestLineRow, RequestRow


def find_request(session: Session, party_id: str, request_id: str) -> RequestRow | None:
    """The request if the organisation is one of its two parties."""
    return session.exec(
        select(RequestRow).where(
            RequestRow.id == request_id,
            sa.or_(col(RequestRow.supplier_id) == party_id, col(RequestRow.requester_id) == party_id),
        )
    ).first()


def lock_line(session: Session, supplier_id: str, line_id: str) -> tuple[RequestRow, RequestLineRow] | None:
    """A line the organisation has to answer, locked until the transaction ends, with its request."""
    return session.exec(
        select(RequestRow, RequestLineRow)
        .join(RequestLineRow, col(RequestLineRow.request_id) == col(RequestRow.id))
        .where(RequestLineRow.id == line_id, RequestRow.supplier_id == supplier_id)
        .with_for_update(of=RequestLineRow)
    ).first()


def mark_lines_seen(session: Session, request_id: str, now: datetime) -> None:
    """Note the moment on the lines nobody had opened; one UPDATE, so that no answer given meanwhile is lost."""
    session.execute(
        sa.update(RequestLineRow)
        .where(col(RequestLineRow.request_id) == request_id, col(RequestLineRow.state) == "requested")
        .values(state="seen", seen_at=now)
    )


def page_requests(
    session: Session, party_id: str, box: str, after: tuple[datetime, str] | None, limit: int
) -> Sequence[RequestRow]:
    """Up to `limit + 1` requests received (`inbox`) or sent (`outbox`), newest first."""
    party = RequestRow.supplier_id if box == "inbox" else RequestRow.requester_id
    statement = select(RequestRow).where(party == party_id)
    return session.exec(
        older_than(statement, RequestRow.created_at, RequestRow.id, after).limit(limit + 1)
    ).all()


def lines_of(session: Session, request_ids: Sequence[str]) -> Sequence[RequestLineRow]:
    """All lines of the requests, in their order."""
    return session.exec(
        select(RequestLineRow)
        .where(col(RequestLineRow.request_id).in_(request_ids))
        .order_by(col(RequestLineRow.request_id), col(RequestLineRow.position))
    ).all()


def fields_of(session: Session, line_ids: Sequence[str]) -> Sequence[RequestFieldRow]:
    """All fields of the lines."""
    return session.exec(
        select(RequestFieldRow)
        .where(col(RequestFieldRow.line_id).in_(line_ids))
        .order_by(col(RequestFieldRow.line_id), col(RequestFieldRow.field), col(RequestFieldRow.purpose))
    ).all()
