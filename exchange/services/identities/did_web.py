"""Keys bound through did:web: the organisation's own domain names them, the worker looks once, and they are pinned.

A document that changes later binds nothing and unbinds nothing: a new key takes a new request, and an old one is
retired here. So whoever gets hold of the domain later gets hold of no identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import (
    ConflictError,
    ExchangeError,
    InvalidError,
    NotFoundError,
    Problem,
    RateLimitedError,
    UnavailableError,
)
from exchange.services.asked_work import outcome_of, refuse, signer_of
from exchange.services.context import Context, audit
from exchange.services.jobs import Queue, enqueue
from exchange.services.key_proofs import check_claims, check_holder
from exchange.services.keys import bind_key, bound_elsewhere, pinned, refuse_further
from exchange.services.rate_limits import limit
from exchange.services.sessions import confirm_person
from exchange.services.transparency.outbox import note
from exchange.store import accounts, parties
from exchange.store import identities as query
from exchange.store.tables.accounts import SigningKeyRow
from exchange.store.tables.identities import DidDocumentRow, KeyBindingRow
from exchange.trust import TrustError
from exchange.trust.did import split_kid
from exchange.trust.did_web import MAX_DOCUMENT_BYTES, MEDIA_TYPES, assertion_key, host_of, url_of
from exchange.trust.keys import PublicKey

JOB_KIND = "bind_did_web_key"
EVENT = "did-document"
MOST_PER_HOUR = 10  # fetches one organisation can cause: the domain it declares may be somebody else's
MOST_LISTED = 50
MAX_DID_LENGTH, MAX_KID_LENGTH = 400, 500


@dataclass(frozen=True)
class KeyBinding:
    """A request to bind a did:web key; `url` is where its document is looked for.

    `state` is waiting, bound or refused; `problems` say why nothing was bound.
    """

    id: str
    kid: str
    url: str
    state: str
    job_id: str
    problems: tuple[Problem, ...]
    created_at: datetime


def request_binding(ctx: Context, kid: str, proof: str, password: str | None = None) -> KeyBinding:
    """Have the worker bind the key that the DID document of the organisation's own domain lists under `kid`.

    `proof` is a JWS by that key (see key_proofs); `password` as for any further key (see keys.register_key). Raises
    InvalidError (`kid.malformed`, `did_web.*`, `key.proof`, `password.wrong`), NotPermittedError (`person.only`),
    ConflictError (`did_web.pinned`, `did_web.waiting`, `key.further`, `key.bound_elsewhere`) and RateLimitedError.
    """
    ctx.who.require(Role.SIGNER)
    did, own, now = _did_of(kid), ctx.who.organisation_id, ctx.now()
    limit(ctx, "import", own)
    if password is not None:
        confirm_person(ctx, password)
    with ctx.store.write() as session:
        parties.lock_organisation(session, own)
        _check_domain(session, own, did)
        check_claims(proof, kid, audience=ctx.settings.public_url, organisation_id=own, now=now)
        _check_unbound(session, own, did, kid)
        if password is None:
            refuse_further(session, own, kid)
        _check_pace(session, own, now)
        row = KeyBindingRow(
            id=ctx.new_id(),
            organisation_id=own,
            created_by_user=ctx.who.user_id,
            created_by_client=ctx.who.client_id,
            kid=kid,
            proof=proof,
            proved_at=now,
            job_id="",
            created_at=now,
        )
        payload = {"binding_id": row.id}
        row.job_id = enqueue(ctx, session, JOB_KIND, Queue.PUBLISH, payload, organisation_id=own)
        session.add(row)
        audit(ctx, session, "key.request", "signing_key", kid)
        session.flush()
        return _present(session, row)


def list_bindings(ctx: Context) -> tuple[KeyBinding, ...]:
    """The organisation's fifty newest requests, newest first."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        rows = query.bindings_of(session, ctx.who.organisation_id, MOST_LISTED)
        return tuple(_present(session, row) for row in rows)


def get_binding(ctx: Context, binding_id: str) -> KeyBinding:
    """One of the organisation's requests; NotFoundError otherwise."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        row = query.find_binding(session, binding_id)
        if row is None or row.organisation_id != ctx.who.organisation_id:
            raise NotFoundError
        return _present(session, row)


def bind_did_web_key(ctx: Context, binding_id: str) -> None:
    """The worker's part: fetch the document, keep its bytes, and bind the key; once, however often it is called.

    A document that does not bind the key ends the request as refused. Raises UnavailableError (`fetch.*`) where
    the other side may answer later.
    """
    fetcher = ctx.fetcher
    if fetcher is None:
        raise UnavailableError("This process reaches nothing outside.", code="fetch.closed")
    with ctx.store.read() as session:
        row = query.find_binding(session, binding_id)
    if row is None:
        raise NotFoundError
    if row.state != "waiting":
        return
    ctx = ctx.acting_as(signer_of(row))
    try:
        url = url_of(_did_of(row.kid))
        document = fetcher.get(url, media_types=MEDIA_TYPES, max_bytes=MAX_DOCUMENT_BYTES)
        key = assertion_key(document, row.kid, ctx.now())
        check_holder(row.proof, key)
        _bind(ctx, binding_id, key, document)
    except TrustError as error:
        _refuse(ctx, binding_id, Problem(error.code, error.detail, error.path, error.advice))
    except (InvalidError, ConflictError) as error:
        _refuse(ctx, binding_id, _problem(error))


def _did_of(kid: str) -> str:
    try:
        did, _ = split_kid(kid)
        url_of(did)
    except TrustError as error:
        raise InvalidError(error.detail, code=error.code, path="/kid", advice=error.advice) from error
    if len(did) > MAX_DID_LENGTH or len(kid) > MAX_KID_LENGTH:
        raise InvalidError("The key id is too long to be used here.", code="kid.malformed", path="/kid")
    return did


def _check_domain(session: Session, organisation_id: str, did: str) -> None:
    domain = accounts.get_organisation(session, organisation_id).domain
    if domain is None:
        raise InvalidError(
            "The organisation has declared no domain.",
            code="did_web.no_domain",
            path="/kid",
            advice="An administrator declares it first.",
        )
    if host_of(did) != domain:
        raise InvalidError(
            f"The identifier does not stand on the organisation's own domain, {domain}.",
            code="did_web.foreign_domain",
            path="/kid",
            advice=f"Use did:web:{domain}.",
        )


def _check_unbound(session: Session, organisation_id: str, did: str, kid: str) -> None:
    """A DID is one organisation's, and a key id one key's."""
    if query.holder_of(session, did) not in {None, organisation_id}:
        raise bound_elsewhere()
    if session.get(SigningKeyRow, kid) is not None:
        raise pinned()


def _check_pace(session: Session, organisation_id: str, now: datetime) -> None:
    newest = query.bindings_of(session, organisation_id, 1)
    if newest and _present(session, newest[0]).state == "waiting":
        raise ConflictError(
            "A key of the organisation waits to be bound.",
            code="did_web.waiting",
            advice="Wait until that has ended.",
        )
    if query.count_bindings_since(session, organisation_id, now - timedelta(hours=1)) >= MOST_PER_HOUR:
        raise RateLimitedError("The document was fetched too often in the last hour.", retry_after=3600)


def _bind(ctx: Context, binding_id: str, key: PublicKey, document: bytes) -> None:
    """Bind the key and log the document it was found in, if nothing has changed meanwhile."""
    with ctx.store.write() as session:
        query.lock_did(session)
        row = query.lock_binding(session, binding_id)
        if row is None or row.state != "waiting":
            return
        did, own = _did_of(row.kid), row.organisation_id
        _check_domain(session, own, did)
        _check_unbound(session, own, did, row.kid)
        if row.created_by_user is None:  # nobody gave a password, and a key may have been bound meanwhile
            refuse_further(session, own, row.kid)
        digest, now = f"sha256:{sha256(document).hexdigest()}", ctx.now()
        session.add(
            DidDocumentRow(
                id=ctx.new_id(),
                organisation_id=own,
                did=did,
                document=document,
                digest=digest,
                fetched_at=now,
            )
        )
        note(ctx, session, EVENT, digest, now)
        bind_key(ctx, session, own, key, custody=False, kid=row.kid)
        row.state = "bound"
        session.add(row)


def _refuse(ctx: Context, binding_id: str, problem: Problem) -> None:
    with ctx.store.write() as session:
        row = query.lock_binding(session, binding_id)
        if row is not None and row.state == "waiting":
            refuse(row, [problem])
            session.add(row)


def _problem(error: ExchangeError) -> Problem:
    return Problem(error.error_code, error.detail, error.path, error.advice)


def _present(session: Session, row: KeyBindingRow) -> KeyBinding:
    state, problems = outcome_of(session, row, "Ask again.")
    url = url_of(split_kid(row.kid)[0])
    return KeyBinding(row.id, row.kid, url, state, row.job_id, problems, row.created_at)
