"""Queries on what waits for the transparency log."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, select

from exchange.store.tables.datasets import LogPendingRow


def backlog(session: Session) -> tuple[int, datetime | None]:
    """How many entries wait, and since when the oldest does."""
    return session.exec(
        select(sa.func.count(), sa.func.min(LogPendingRow.received_at)).select_from(LogPendingRow)
    ).one()
