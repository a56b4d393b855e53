"""Other people's signed documents: kept as they came, verified by the worker, shown with what was found.

They are evidence and nothing else: no figure is read out of them, and none becomes a dataset. Their signature could
not be kept in another form without their issuer's key.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import InvalidError, NotFoundError
from exchange.services.context import Context, audit
from exchange.services.issuer_keys import IssuerKeys
from exchange.services.jobs import Queue, enqueue
from exchange.services.paging import Keyset, Page, check_limit, make_page, read_cursor
from exchange.services.rate_limits import limit as limit_rate
from exchange.store import foreign_credentials as query
from exchange.store.tables.foreign import ForeignCredentialRow
from exchange.store.tables.jobs import JobRow
from exchange.trust import Step, TrustError
from exchange.trust.foreign.document import ForeignDocument, read_foreign, verify_foreign

JOB_KIND = "verify_foreign_credential"
WAITING, VERIFIED, REFUSED = "waiting", "verified", "refused"
_SUFFIXES = {"vc+jwt": "jwt", "vc+sd-jwt": "sd-jwt"}


@dataclass(frozen=True)
class VerifiedStep:
    """One step of a verification: see exchange.trust.verdict.Step."""

    name: str
    outcome: str
    code: str
    detail: str
    path: str


@dataclass(frozen=True)
class ForeignCredential:
    """A document somebody else signed. `form` is a cryptosuite or a media subtype, `issuer` what it claims.

    `state` is waiting, verified or refused, as of `verified_at`; `steps` say why. `digest` is over its exact bytes.
    """

    id: str
    form: str
    issuer: str
    digest: str
    state: str
    job_id: str
    steps: tuple[VerifiedStep, ...]
    created_at: datetime
    verified_at: datetime | None


@dataclass(frozen=True)
class ForeignContent:
    """The exact bytes with a name for their file."""

    content: bytes
    filename: str


def submit_foreign_credential(ctx: Context, content: bytes) -> ForeignCredential:
    """Keep a signed document and ask the worker to verify it; the same bytes again are the same document.

    A document that was refused is verified anew when it is handed in again: its issuer may have put right what was
    wrong. Raises InvalidError with the code of `exchange.trust.foreign.read_foreign` for what is no such document.
    """
    ctx.who.require(Role.EDITOR)
    limit_rate(ctx, "foreign", ctx.who.organisation_id)
    try:
        document = read_foreign(content)
    except TrustError as error:
        raise InvalidError(error.detail, code=error.code, path=error.path, advice=error.advice) from error
    try:
        return _take_in(ctx, document)
    except IntegrityError:  # somebody handed in the same bytes at the same instant
        return _take_in(ctx, document)


def list_foreign_credentials(
    ctx: Context, cursor: str | None = None, limit: int = 50
) -> Page[ForeignCredential]:
    """The documents the actor's organisation handed in, newest first."""
    ctx.who.require(Role.VIEWER)
    check_limit(limit)
    after = read_cursor(cursor)
    with ctx.store.read() as session:
        rows = query.page_of(session, ctx.who.organisation_id, after, limit)
        shown = {row.id: _present(session, row) for row in rows}
        return make_page(rows, limit, lambda row: Keyset(row.created_at, row.id), lambda row: shown[row.id])


def get_foreign_credential(ctx: Context, credential_id: str) -> ForeignCredential:
    """One of the organisation's documents; NotFoundError otherwise."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        return _present(session, _own(ctx, session, credential_id))


def foreign_content(ctx: Context, credential_id: str) -> ForeignContent:
    """The bytes of one of the organisation's documents, as they were handed in; NotFoundError otherwise."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        row = _own(ctx, session, credential_id)
        return ForeignContent(row.content, f"{row.id}.{_SUFFIXES.get(row.form, 'json')}")


def verify_foreign_credential(ctx: Context, credential_id: str) -> None:
    """The worker's part: verify a waiting document and keep the steps, once, however often it is called.

    Only the claimed issuer's own did:web document is fetched, outside any transaction, and kept beside the verdict.
    Raises NotFoundError, and UnavailableError (`fetch.*`) when it may be there later or this process has no way out.
    """
    with ctx.store.read() as session:
        row = query.find_foreign_credential(session, credential_id)
    if row is None:
        raise NotFoundError
    if row.state != WAITING:
        return
    now = ctx.now()
    document = read_foreign(row.content)
    keys = IssuerKeys(document.issuer, ctx.fetcher, now)
    verdict = verify_foreign(document, resolve=keys.find, now=now)
    with ctx.store.write() as session:
        row = query.find_foreign_credential(session, credential_id, lock=True)
        if row is None or row.state != WAITING:
            return
        row.state, row.verified_at = VERIFIED if verdict.ok else REFUSED, now
        row.steps = [_stored(step) for step in verdict.steps]
        row.key_document = keys.document
        session.add(row)


def _take_in(ctx: Context, document: ForeignDocument) -> ForeignCredential:
    digest = f"sha256:{hashlib.sha256(document.content).hexdigest()}"
    with ctx.store.write() as session:
        row = query.find_by_digest(session, ctx.who.organisation_id, digest)
        if row is not None and _present(session, row).state != REFUSED:
            return _present(session, row)
        row = row or _new_row(ctx, document, digest)
        row.state, row.steps, row.verified_at, row.key_document = WAITING, [], None, None
        row.job_id = enqueue(
            ctx,
            session,
            JOB_KIND,
            Queue.IMPORT,
            {"credential_id": row.id},
            organisation_id=ctx.who.organisation_id,
        )
        session.add(row)
        session.flush()
        audit(ctx, session, "foreign_credential.submit", "foreign_credential", row.id, digest=digest)
        return _present(session, row)


def _new_row(ctx: Context, document: ForeignDocument, digest: str) -> ForeignCredentialRow:
    return ForeignCredentialRow(
        id=ctx.new_id(),
        organisation_id=ctx.who.organisation_id,
        created_by_user=ctx.who.user_id,
        created_by_client=ctx.who.client_id,
        content=document.content,
        digest=digest,
        form=document.form,
        issuer=document.issuer,
        job_id="",
        created_at=ctx.now(),
    )


def _own(ctx: Context, session: Session, credential_id: str) -> ForeignCredentialRow:
    row = query.find_own(session, ctx.who.organisation_id, credential_id)
    if row is None:
        raise NotFoundError
    return row


def _stored(step: Step) -> dict[str, str]:
    return {
        "name": step.name,
        "outcome": step.outcome.value,
        "code": step.code,
        "detail": step.detail,
        "path": step.path,
    }


def _present(session: Session, row: ForeignCredentialRow) -> ForeignCredential:
    state, steps = row.state, tuple(VerifiedStep(**step) for step in row.steps)
    job = session.get(JobRow, row.job_id) if state == WAITING else None
    if job is not None and job.state in {"dead", "cancelled"}:
        state = REFUSED
        detail = job.error_detail or "The job was cancelled."
        steps = (VerifiedStep("key", "failed", job.error_code or "job.cancelled", detail, ""),)
    return ForeignCredential(
        id=row.id,
        form=row.form,
        issuer=row.issuer,
        digest=row.digest,
        state=state,
        job_id=row.job_id,
        steps=steps,
        created_at=row.created_at,
        verified_at=row.verified_at,
    )
