"""Keys an organisation signs with: bound with proof of possession, listed, ended; never a private half."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError
from exchange.services.context import Context, audit
from exchange.services.identities.organisation_credentials import ask_for_credentials
from exchange.services.key_proofs import check_proof
from exchange.services.rate_limits import limit
from exchange.services.sessions import confirm_person
from exchange.services.transparency.deeds import stamp
from exchange.services.transparency.outbox import note_document
from exchange.store import accounts as query
from exchange.store import parties
from exchange.store.tables.accounts import SigningKeyRow
from exchange.trust import ResolvedKey, TrustError, did_key_kid
from exchange.trust.did import split_kid
from exchange.trust.keys import PublicKey, public_jwk, public_key_from_jwk
from exchange.trust.log import key_events
from exchange.trust.log.seconds import floor_second

MOST_IN_FORCE = (
    50  # keys of one organisation: each is a leaf of the log's tree of keys and a credential to sign
)


@dataclass(frozen=True)
class SigningKey:
    """A public key bound to an organisation; `custody` marks one whose private half the worker keeps."""

    kid: str
    did: str
    public_jwk: Mapping[str, str]
    custody: bool
    bound_at: datetime
    retired_at: datetime | None
    compromised_since: datetime | None


def register_key(
    ctx: Context, jwk: Mapping[str, object], proof_jws: str, password: str | None = None
) -> SigningKey:
    """Bind one's own key to the actor's organisation; binding it again changes nothing.

    One beside an own key in force takes the `password` of the person who acts. Raises RateLimitedError, InvalidError
    (`key.*`, `password.wrong`), NotPermittedError (`person.only`) and ConflictError (`key.further` without a
    password, `key.bound_elsewhere`, `key.retired`, `key.too_many`).
    """
    ctx.who.require(Role.SIGNER)
    organisation_id = ctx.who.organisation_id
    limit(ctx, "import", organisation_id)
    key = proven_key(ctx, jwk, proof_jws)
    if password is not None:
        confirm_person(ctx, password)
    try:
        with ctx.store.write() as session:
            if password is None:
                refuse_further(session, organisation_id, did_key_kid(key))
            return bind_key(ctx, session, organisation_id, key, custody=False)
    except IntegrityError as error:  # bound by somebody else at the same instant
        raise bound_elsewhere() from error


def refuse_further(session: Session, organisation_id: str, kid: str) -> None:
    """Raise ConflictError `key.further` where `kid` would be bound beside an own key in force.

    Else whoever holds a machine's token, or an open session, could make a key that is not theirs to lose.
    """
    parties.lock_organisation(session, organisation_id)
    if parties.has_own_key(session, organisation_id, beside=kid):
        raise ConflictError(
            "The organisation has a key of its own in force.",
            code="key.further",
            path="/password",
            advice="A person who may sign binds a further one by their password; or end the key in force first.",
        )


def proven_key(ctx: Context, jwk: Mapping[str, object], proof_jws: str) -> PublicKey:
    """The public key of a JWK, proven to be held by whoever acts. Raises InvalidError (`key.*`)."""
    key = _public_key(jwk)
    audience, organisation_id = ctx.settings.public_url, ctx.who.organisation_id
    check_proof(proof_jws, key, audience=audience, organisation_id=organisation_id, now=ctx.now())
    return key


def bind_key(
    ctx: Context,
    session: Session,
    organisation_id: str,
    key: PublicKey,
    *,
    custody: bool,
    kid: str | None = None,
    instead_of: str | None = None,
) -> SigningKey:
    """Bind a key in the caller's transaction, with its event for the log; its DID's credential is asked for.

    `kid` names a key of another method than did:key; what it is bound to then stays. `instead_of` names the key
    that the same transaction ends. Raises ConflictError (`key.bound_elsewhere`, `key.retired`, `key.too_many`,
    `did_web.pinned`).
    """
    kid = kid or did_key_kid(key)
    present = session.get(SigningKeyRow, kid)
    if present is not None:
        return _same_binding(present, organisation_id, key)
    _check_room(session, organisation_id, instead_of)
    row = SigningKeyRow(
        kid=kid,
        organisation_id=organisation_id,
        did=split_kid(kid)[0],
        public_jwk=public_jwk(key),
        custody=custody,
        bound_at=stamp(ctx, session),
    )
    session.add(row)
    event = key_events.key_binding(kid=kid, public_jwk=row.public_jwk, custody=custody, at=row.bound_at)
    note_document(ctx, session, key_events.BINDING, event, row.bound_at)
    audit(ctx, session, "key.bind", "signing_key", kid, custody=str(custody).lower())
    session.flush()
    ask_for_credentials(ctx, session, organisation_id)
    return _present(row)


def list_keys(ctx: Context) -> tuple[SigningKey, ...]:
    """The keys of the actor's organisation, retired ones too, first bound first."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        return tuple(map(_present, query.keys_of(session, ctx.who.organisation_id)))


def retire_within(ctx: Context, session: Session, kid: str) -> SigningKey:
    """Sign nothing new with this key from now on, in the caller's transaction; what it signed before stays valid."""
    row = _own_key(ctx, session, kid)
    if row.retired_at is None:
        row.retired_at = stamp(ctx, session)
        session.add(row)
        event = key_events.key_retirement(kid=kid, at=row.retired_at)
        note_document(ctx, session, key_events.RETIREMENT, event, row.retired_at)
        audit(ctx, session, "key.retire", "signing_key", kid)
    return _present(row)


def report_within(ctx: Context, session: Session, kid: str, since: datetime) -> SigningKey:
    """Declare in the caller's transaction that others may have held the key since an instant.

    What came later is no longer accepted. The instant only ever moves back: to its whole second first, since the log
    tells whole seconds. Raises InvalidError `key.compromise_future`.
    """
    now = stamp(ctx, session)
    if since > now:
        raise InvalidError("The instant lies in the future.", code="key.compromise_future", path="/since")
    row, since = _own_key(ctx, session, kid), floor_second(since)
    if row.compromised_since is not None and row.compromised_since <= since:
        return _present(row)
    row.compromised_since = since
    row.retired_at = row.retired_at or now
    session.add(row)
    event = key_events.key_compromise(kid=kid, at=now, since=since)
    note_document(ctx, session, key_events.COMPROMISE, event, now)
    audit(ctx, session, "key.compromise", "signing_key", kid)
    return _present(row)


def resolve(session: Session, kid: str) -> ResolvedKey | None:
    """The key of a key id with its times, as `exchange.trust.verify` asks for it; None when not bound here."""
    row = session.get(SigningKeyRow, kid)
    return None if row is None else resolved(row)


def resolve_each(session: Session, kids: Collection[str]) -> dict[str, ResolvedKey]:
    """The same of several key ids at once; those not bound here are left out."""
    return {row.kid: resolved(row) for row in query.keys_by_id(session, kids)}


def resolved(row: SigningKeyRow) -> ResolvedKey:
    """A registered key as verification reads it."""
    key = public_key_from_jwk(row.public_jwk)
    return ResolvedKey(key, row.bound_at, row.retired_at, row.compromised_since)


def owner_of(session: Session, kid: str) -> str | None:
    """The id of the organisation a key is bound to, or None."""
    row = session.get(SigningKeyRow, kid)
    return None if row is None else row.organisation_id


def _public_key(jwk: Mapping[str, object]) -> PublicKey:
    try:
        return public_key_from_jwk(jwk)
    except TrustError as error:
        path = f"/public_jwk{error.path}"
        raise InvalidError(error.detail, code=error.code, path=path, advice=error.advice) from error


def _own_key(ctx: Context, session: Session, kid: str) -> SigningKeyRow:
    """The key to be changed; waits for a publication under way with it, so that the instants keep their order."""
    row = session.get(SigningKeyRow, kid, with_for_update=True)
    if row is None or row.organisation_id != ctx.who.organisation_id:
        raise NotFoundError
    return row


def _check_room(session: Session, organisation_id: str, instead_of: str | None) -> None:
    parties.lock_organisation(
        session, organisation_id
    )  # two who bind at once are counted one after the other
    in_force = [
        row
        for row in query.keys_of(session, organisation_id)
        if row.retired_at is None and row.kid != instead_of
    ]
    if len(in_force) >= MOST_IN_FORCE:
        raise ConflictError(
            f"The organisation has {MOST_IN_FORCE} keys in force, which is the most there can be.",
            code="key.too_many",
            advice="Retire a key that is no longer used; what it signed stays valid.",
        )


def _same_binding(row: SigningKeyRow, organisation_id: str, key: PublicKey) -> SigningKey:
    if row.organisation_id != organisation_id:
        raise bound_elsewhere()
    if row.retired_at is not None:
        raise ConflictError("This key has been retired.", code="key.retired", advice="Make a new key.")
    if row.public_jwk != public_jwk(key):
        raise pinned()
    return _present(row)


def pinned() -> ConflictError:
    """The refusal of another key under a key id that is bound."""
    return ConflictError(
        "This key id is bound already and stays bound to its key.",
        code="did_web.pinned",
        path="/kid",
        advice="Give a new key an id of its own, list it in the document, and bind that.",
    )


def bound_elsewhere() -> ConflictError:
    """The refusal of a key that another organisation bound."""
    return ConflictError(
        "This key belongs to another organisation here.",
        code="key.bound_elsewhere",
        advice="Make a key of your own.",
    )


def _present(row: SigningKeyRow) -> SigningKey:
    return SigningKey(
        row.kid,
        row.did,
        dict(row.public_jwk),
        row.custody,
        row.bound_at,
        row.retired_at,
        row.compromised_since,
    )
