"""Keys kept for organisations: the first is made when it is needed, a further one only when somebody asks for it.

An organisation that retired its custody key has chosen to sign with keys of its own; that choice is not undone by
the next publication that happens to be left to the exchange.
"""

from __future__ import annotations

from sqlmodel import Session

from exchange.adapters.custody import CustodyKeys
from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, UnavailableError
from exchange.services.context import Context, audit
from exchange.services.jobs import Queue, enqueue
from exchange.services.keys import bind_key
from exchange.services.sessions import confirm_person
from exchange.store import parties
from exchange.store.tables.accounts import SigningKeyRow
from exchange.trust.keys import public_key_from_jwk

JOB_KIND = "make_custody_key"


def check_custody(session: Session, organisation_id: str) -> None:
    """Raise ConflictError where the exchange is not to sign for the organisation.

    `custody.retired` where every custody key of it has ended, `custody.own_key` where it has a key of its own in
    force and none in custody: nobody who keeps the key to themselves gets a second one unasked.
    """
    if parties.find_custody_key(session, organisation_id) is not None:
        return
    if parties.has_custody_history(session, organisation_id):
        raise _retired()
    if parties.has_own_key(session, organisation_id):
        raise _own_key()


def reopen_custody(ctx: Context, password: str) -> str:
    """Have a custody key made for the actor's organisation that chose to have none; returns the job's id.

    Its last one has ended, or it signs with keys of its own. Only a person may, who says who they are again. Raises
    NotPermittedError (`person.only`), RateLimitedError, InvalidError (`password.wrong`), and ConflictError
    `custody.open` while one is in force, or where the first is yet to be made by itself.
    """
    ctx.who.require(Role.ADMIN)
    own = ctx.who.organisation_id
    confirm_person(ctx, password)
    with ctx.store.write() as session:
        parties.lock_organisation(session, own)
        if not _is_closed(session, own):
            raise ConflictError(
                "The exchange keeps a key for the organisation, or makes the first one by itself.",
                code="custody.open",
            )
        audit(ctx, session, "custody.reopen", "organisation", own)
        payload, key = {"organisation_id": own}, f"custody-key:{own}"
        return enqueue(ctx, session, JOB_KIND, Queue.PUBLISH, payload, organisation_id=own, dedupe_key=key)


def make_custody_key(ctx: Context, organisation_id: str) -> SigningKeyRow:
    """The worker's part of `reopen_custody`: the custody key in force, made when there is none.

    Raises UnavailableError (`custody.closed`) in a process without the key store.
    """
    return _key_in_force(ctx, organisation_id, only_the_first=False)


def ensure_custody_key(ctx: Context, organisation_id: str) -> SigningKeyRow:
    """The custody key to publish with: the one in force, or the organisation's first.

    Raises the codes of `check_custody`, and errors as `make_custody_key`.
    """
    return _key_in_force(ctx, organisation_id, only_the_first=True)


def _key_in_force(ctx: Context, organisation_id: str, *, only_the_first: bool) -> SigningKeyRow:
    custody = custody_of(ctx)
    with ctx.store.read() as session:
        row = parties.find_custody_key(session, organisation_id)
        if row is not None:
            return row
        if only_the_first:
            check_custody(session, organisation_id)
    made = custody.create(organisation_id)  # outside any transaction; a key nobody points at does no harm
    with ctx.store.write() as session:
        parties.lock_organisation(session, organisation_id)
        if only_the_first:
            check_custody(session, organisation_id)
        if parties.find_custody_key(session, organisation_id) is None:
            bind_key(ctx, session, organisation_id, public_key_from_jwk(made.public_jwk), custody=True)
    return _key_in_force(ctx, organisation_id, only_the_first=only_the_first)


def custody_of(ctx: Context) -> CustodyKeys:
    """The key store; raises UnavailableError (`custody.closed`) in a process without it."""
    if ctx.custody is None:
        raise UnavailableError("This process holds no custody keys.", code="custody.closed")
    return ctx.custody


def _is_closed(session: Session, organisation_id: str) -> bool:
    try:
        check_custody(session, organisation_id)
    except ConflictError:
        return True
    return False


def _own_key() -> ConflictError:
    return ConflictError(
        "The organisation signs with a key of its own, and the exchange keeps none for it.",
        code="custody.own_key",
        advice="Sign with your own key, or have an administrator ask for a custody key by their password.",
    )


def _retired() -> ConflictError:
    return ConflictError(
        "The key that the exchange kept for the organisation has been retired.",
        code="custody.retired",
        advice="Sign with a key of your own, or have an administrator ask for a new custody key.",
    )
