"""What was taken back of what a request provided: told to whom it had been open, and to nobody else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from exchange.domain.groups import Purpose
from exchange.domain.periods import Period, period_of
from exchange.domain.policy import Grant, Read, decide_read, was_open
from exchange.store import grants, revocation
from exchange.store.tables.datasets import DatasetRow


@dataclass(frozen=True)
class RevokedAnswers:
    """Revoked versions that nothing in force follows, with the grants that opened them."""

    found: Sequence[tuple[DatasetRow, datetime]]
    granted: Sequence[Grant]
    now: datetime

    def since(
        self,
        requester_id: str,
        supplier_id: str,
        subject_id: str,
        period: Period,
        purposes: Iterable[Purpose],
    ) -> datetime | None:
        """When a supplier's last version about a subject and period was revoked; None where none was.

        None too where that version was not the requester's to know of: no grant for one of the purposes opens it
        today (`reading.find_revoked_for`), and none did while it was in force.
        """
        asked = tuple(purposes)
        for row, at in self.found:
            about = (row.organisation_id, row.subject_id, period_of(row.period_start, row.period_end))
            if about == (supplier_id, subject_id, period) and self._was_told(row, at, requester_id, asked):
                return at
        return None

    def _was_told(
        self, row: DatasetRow, at: datetime, requester_id: str, purposes: tuple[Purpose, ...]
    ) -> bool:
        period = period_of(row.period_start, row.period_end)
        reads = [
            Read(requester_id, row.organisation_id, row.kind, row.subject_id, period, one) for one in purposes
        ]
        return any(
            decide_read(read, self.granted, self.now).allowed
            or was_open(read, self.granted, row.received_at, at)
            for read in reads
        )


def find_revoked_answers(
    session: Session, requester_ids: Collection[str], subject_ids: Collection[str], now: datetime
) -> RevokedAnswers:
    """Of what the requesters asked for about the subjects, in two queries at most."""
    found = revocation.revoked_unreplaced(session, subject_ids)
    about = {row.subject_id for row, _ in found}
    return RevokedAnswers(found, grants.grants_to_any(session, requester_ids, about) if about else (), now)
