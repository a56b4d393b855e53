"""Publishing: a token signed with one's own key, or content the worker signs with the custody key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError, Problem
from exchange.domain.groups import DatasetKind
from exchange.services.asked_work import outcome_of, refuse, signer_of
from exchange.services.context import Context, audit
from exchange.services.credentials import draft_credential, groups_of
from exchange.services.dataset_entry import Published, enter_dataset
from exchange.services.dataset_gate import check_subject, open_token, refuse_problems
from exchange.services.identities.custody import check_custody, custody_of, ensure_custody_key
from exchange.services.jobs import Queue, enqueue
from exchange.services.ownership import check_ownership, read_subject
from exchange.services.rate_limits import limit
from exchange.services.replaced_content import find_losses, refuse_losses
from exchange.services.revocation.status_entries import reserve_for
from exchange.services.signed_drafts import find_named_draft, note_signed_draft, refuse_older_draft
from exchange.store import publications as query
from exchange.store.tables.accounts import SigningKeyRow
from exchange.store.tables.datasets import PublicationRow
from exchange.trust import Token, TrustError, VerifiedDataset, sign, strict_json
from exchange.trust.disclosure import SALT_BYTES
from exchange.trust.keys import PrivateKey

JOB_KIND = "sign_publication"
MAX_SUBJECT_BYTES = 4 * 1024 * 1024
SHORTEST_VALIDITY = timedelta(hours=1)


@dataclass(frozen=True)
class Publication:
    """Content for the worker's signature.

    `state` is waiting, published or refused; `problems` say why no dataset will come of it, which may also be
    that its job was cancelled or given up. `job_id` is "" where the owner signed it and no worker had to.
    """

    id: str
    kind: str
    state: str
    job_id: str
    dataset_id: str | None
    problems: tuple[Problem, ...]
    created_at: datetime


@dataclass(frozen=True)
class Preview:
    """What is wrong with content that is to be published, and what it would take out of force (`dataset.loses`)."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def publish_token(ctx: Context, token: bytes | str) -> Published:
    """Publish a `vc+sd-jwt` signed with a key the actor's organisation registered.

    Raises InvalidError with the code of whatever is wrong (`signature.invalid`, `key.foreign`,
    `schema.unknown`, `dataset.invalid` with all problems …) and ConflictError (`dataset.exists`, and
    `calculation.replaced` for the draft of a calculation that is not the newest); then nothing is stored.
    """
    ctx.who.require(Role.SIGNER)
    limit(ctx, "import", ctx.who.organisation_id)
    with ctx.store.read() as session:
        verified = open_token(session, token, ctx.now())
    return publish_opened(ctx, verified)


def publish_opened(ctx: Context, verified: VerifiedDataset) -> Published:
    """Publish what `open_token` let pass, in a transaction of its own. Raises as `publish_token` does after that."""
    document = verified.subject()
    draft = find_named_draft(ctx, document)
    with ctx.store.write() as session:
        if draft is not None:
            refuse_older_draft(ctx, session, draft, verified.digest)
        published = enter_dataset(ctx, session, verified)
        if draft is not None:
            note_signed_draft(ctx, session, published, draft, document)
        return published


def preview(ctx: Context, kind: DatasetKind, subject: Mapping[str, Any]) -> Preview:
    """What publishing the content would refuse, and what it would replace by nothing. Stores nothing."""
    ctx.who.require(Role.EDITOR)
    limit(ctx, "import", ctx.who.organisation_id)
    problems = check_subject(kind, subject)
    return Preview(tuple(problems), () if problems else find_losses(ctx, kind, subject))


def submit_for_custody(
    ctx: Context,
    kind: DatasetKind,
    subject: Mapping[str, Any],
    *,
    valid_until: datetime | None = None,
    may_lose: bool = True,
) -> Publication:
    """Check content and hand it to the worker, which signs it with the organisation's custody key.

    Raises InvalidError (`dataset.invalid`, `subject.foreign` …; `dataset.loses` unless it `may_lose` what the version
    in force says) and ConflictError (`custody.*`) before anything is stored.
    """
    check_submission(ctx, kind, subject, valid_until=valid_until, may_lose=may_lose)
    with ctx.store.write() as session:
        return submit_within(ctx, session, kind, subject, valid_until=valid_until)


def check_submission(
    ctx: Context,
    kind: DatasetKind,
    subject: Mapping[str, Any],
    *,
    valid_until: datetime | None = None,
    may_lose: bool = True,
) -> None:
    """What is asked before content is handed in: the role, the rate, every check. Stores nothing."""
    ctx.who.require(Role.SIGNER)
    limit(ctx, "import", ctx.who.organisation_id)
    refuse_problems(check_subject(kind, subject))
    if not may_lose:
        refuse_losses(ctx, kind, subject)
    if valid_until is not None and valid_until <= ctx.now() + SHORTEST_VALIDITY:
        raise InvalidError(
            "The dataset would have expired by the time it is signed.",
            code="validity.until",
            path="/valid_until",
            advice="Choose a later date, or leave it out.",
        )


def submit_within(
    ctx: Context,
    session: Session,
    kind: DatasetKind,
    subject: Mapping[str, Any],
    *,
    valid_until: datetime | None = None,
) -> Publication:
    """Hand in content that `check_submission` let pass, in a transaction the caller holds."""
    check_custody(session, ctx.who.organisation_id)
    check_ownership(session, ctx.who.organisation_id, read_subject(kind, subject), subject)
    publication_id = ctx.new_id()
    job_id = enqueue(
        ctx,
        session,
        JOB_KIND,
        Queue.PUBLISH,
        {"publication_id": publication_id},
        organisation_id=ctx.who.organisation_id,
    )
    row = PublicationRow(
        id=publication_id,
        organisation_id=ctx.who.organisation_id,
        created_by_user=ctx.who.user_id,
        created_by_client=ctx.who.client_id,
        kind=kind.value,
        subject=strict_json.dumps(dict(subject)).decode(),
        valid_until=valid_until,
        job_id=job_id,
        created_at=ctx.now(),
    )
    session.add(row)
    audit(ctx, session, "publication.submit", "publication", row.id)
    return _present(session, row)


def get_publication(ctx: Context, publication_id: str) -> Publication:
    """One of the actor's organisation's publications; NotFoundError otherwise."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        return publication_within(ctx, session, publication_id)


def publication_within(ctx: Context, session: Session, publication_id: str) -> Publication:
    """The same in a transaction the caller holds."""
    row = query.find_publication(session, publication_id)
    if row is None or row.organisation_id != ctx.who.organisation_id:
        raise NotFoundError
    return _present(session, row)


def sign_publication(ctx: Context, publication_id: str) -> None:
    """The worker's part: sign with the custody key and enter the dataset, once, however often it is called.

    What is refused now (say, its validity has run out meanwhile) ends as `refused` with its problems. Raises
    UnavailableError in a process without custody keys, and CustodyError when the key cannot be opened.
    """
    custody = custody_of(ctx)
    with ctx.store.read() as session:
        row = query.find_publication(session, publication_id)
    if row is None:
        raise NotFoundError
    if row.state != "waiting":
        return
    ctx = ctx.acting_as(signer_of(row))
    try:
        key = ensure_custody_key(ctx, row.organisation_id)
        private = custody.load(key.kid, row.organisation_id)
        _enter(ctx, row.id, _sign(ctx, row, key, private))
    except TrustError as error:
        _refuse(ctx, row.id, (Problem(error.code, error.detail, error.path, error.advice),))
    except (InvalidError, ConflictError) as error:
        own = Problem(error.error_code, error.detail, error.path, error.advice)
        _refuse(ctx, row.id, error.problems or (own,))


def _enter(ctx: Context, publication_id: str, token: Token) -> None:
    with ctx.store.write() as session:
        row = query.lock_publication(session, publication_id)
        if row is None or row.state != "waiting":
            return
        published = enter_dataset(ctx, session, open_token(session, token.serialise(), ctx.now()))
        row.state, row.dataset_id = "published", published.dataset_id
        session.add(row)


def _refuse(ctx: Context, publication_id: str, found: tuple[Problem, ...]) -> None:
    with ctx.store.write() as session:
        row = query.lock_publication(session, publication_id)
        if row is not None and row.state == "waiting":
            refuse(row, found)
            session.add(row)


def _sign(ctx: Context, row: PublicationRow, key: SigningKeyRow, private: PrivateKey) -> Token:
    subject: dict[str, Any] = strict_json.loads(row.subject.encode(), max_bytes=MAX_SUBJECT_BYTES)  # type: ignore[assignment]
    with ctx.store.write() as session:  # an entry whose credential never comes stays unused, and does no harm
        status = reserve_for(ctx, session, row.organisation_id)
    credential = draft_credential(
        DatasetKind(row.kind),
        subject,
        credential_id=row.id,
        issuer=key.did,
        valid_from=ctx.now(),
        valid_until=row.valid_until,
        status=status,
    )
    salt = partial(ctx.entropy.take, SALT_BYTES)
    return sign(credential, groups=groups_of(subject), key=private, kid=key.kid, salt=salt)


def _present(session: Session, row: PublicationRow) -> Publication:
    state, problems = outcome_of(session, row, "Submit it again.")
    return Publication(row.id, row.kind, state, row.job_id, row.dataset_id, problems, row.created_at)
