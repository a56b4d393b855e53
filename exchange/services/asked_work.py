"""What somebody asked a worker to do: on whose behalf it works, and how it ended for those who wait."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from sqlmodel import Session

from exchange.domain.actors import Actor, Role
from exchange.domain.errors import Problem
from exchange.store.tables.jobs import JobRow


class Asked(Protocol):
    """A row that says who asked."""

    organisation_id: str
    created_by_user: str | None
    created_by_client: str | None


class Awaited(Protocol):
    """A row that waits for a job and says why nothing came of it, when nothing did."""

    job_id: str
    state: str
    problems: list[dict[str, str]]


def signer_of(row: Asked) -> Actor:
    """Whoever asked, acting for their organisation as a signer: that was required when they asked."""
    return Actor(
        organisation_id=row.organisation_id,
        roles=frozenset({Role.SIGNER}),
        user_id=row.created_by_user,
        client_id=row.created_by_client,
    )


def outcome_of(session: Session, row: Awaited, advice: str) -> tuple[str, tuple[Problem, ...]]:
    """The row's state and problems; a job that was cancelled or given up refuses what still waits."""
    job = session.get(JobRow, row.job_id)
    if row.state == "waiting" and job is not None and job.state in {"dead", "cancelled"}:
        detail = job.error_detail or "The job was cancelled."
        return "refused", (Problem(job.error_code or "job.cancelled", detail, advice=advice),)
    return row.state, tuple(Problem(**problem) for problem in row.problems)


def refuse(row: Awaited, found: Iterable[Problem]) -> None:
    """Say on the row why nothing comes of it."""
    row.state = "refused"
    row.problems = [{"code": p.code, "detail": p.detail, "path": p.path, "advice": p.advice} for p in found]
