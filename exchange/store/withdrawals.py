"""Rows that are withdrawn and never changed: those of an account, and those of an organisation's plans."""

from __future__ import annotations

from typing import TypeVar

from sqlmodel import Session, select

from exchange.store.tables.plans import InitiativeRow, TargetRow
from exchange.store.tables.sites import BillRow, OutputRow, ReadingRow

Withdrawable = TypeVar("Withdrawable", BillRow, ReadingRow, OutputRow, TargetRow, InitiativeRow)


def find_own(
    session: Session, table: type[Withdrawable], organisation_id: str, row_id: str, *, lock: bool = False
) -> Withdrawable | None:
    """The row, withdrawn or not, if it is the organisation's; on request locked until the transaction ends."""
    statement = select(table).where(table.id == row_id, table.organisation_id == organisation_id)
    return session.exec(statement.with_for_update() if lock else statement).first()
