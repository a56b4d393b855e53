"""A write repeated under the same Idempotency-Key gets the answer of the first, and is done once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from exchange.domain.errors import ConflictError, InvalidError
from exchange.services.context import Context
from exchange.store import idempotency as query
from exchange.store.tables.jobs import IdempotencyRow

KEEP = timedelta(hours=24)
GIVE_UP = timedelta(seconds=60)  # a first attempt older than this died with its process
_KEY = re.compile(r"[\x21-\x7e]{1,100}")


@dataclass(frozen=True)
class StoredAnswer:
    """An answer as it was given the first time."""

    status: int
    headers: Mapping[str, str]
    body: str


def begin(ctx: Context, key: str, digest: str) -> StoredAnswer | None:
    """The stored answer to a repeat, or None when the caller is the first and shall do the work.

    `digest` stands for who asks for what. Raises InvalidError (`idempotency.key`, `idempotency.mismatch`
    when the key was used for something else) and ConflictError `idempotency.running`.
    """
    if _KEY.fullmatch(key) is None:
        raise InvalidError(
            "An Idempotency-Key has 1 to 100 visible ASCII characters.", code="idempotency.key"
        )
    now = ctx.now()
    organisation_id = ctx.who.organisation_id
    try:
        with ctx.store.write() as session:
            query.delete_older_than(session, organisation_id, now - KEEP)
            row = query.find(session, organisation_id, key)
            if row is not None and (row.status is not None or row.created_at > now - GIVE_UP):
                return _answer(row, digest)
            if row is not None:
                session.delete(row)
                session.flush()
            session.add(
                IdempotencyRow(
                    organisation_id=organisation_id, key=key, request_digest=digest, created_at=now
                )
            )
            return None
    except IntegrityError as error:  # two first attempts at the same instant
        raise _running() from error


def finish(ctx: Context, key: str, answer: StoredAnswer) -> None:
    """Keep the answer for repeats."""
    with ctx.store.write() as session:
        row = query.find(session, ctx.who.organisation_id, key)
        if row is not None:
            row.status, row.headers, row.body = answer.status, dict(answer.headers), answer.body
            session.add(row)


def abandon(ctx: Context, key: str) -> None:
    """Forget an attempt that was refused or failed: it stored nothing, so the key may be used again."""
    with ctx.store.write() as session:
        row = query.find(session, ctx.who.organisation_id, key)
        if row is not None and row.status is None:
            session.delete(row)


def _answer(row: IdempotencyRow, digest: str) -> StoredAnswer:
    if row.request_digest != digest:
        raise InvalidError(
            "This Idempotency-Key was used for another request.",
            code="idempotency.mismatch",
            advice="Make a fresh key for each write; repeat a key only with the same body.",
        )
    if row.status is None:
        raise _running()
    return StoredAnswer(row.status, dict(row.headers), row.body)


def _running() -> ConflictError:
    return ConflictError(
        "The first request with this Idempotency-Key is still running.",
        code="idempotency.running",
        advice="Wait a moment and repeat it.",
    )
