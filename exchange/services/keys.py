"""Keys an organisation signs with: bound with proof of possession, listed, retired; never a private half."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import rfc8785
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError
from exchange.services.context import Context, audit
from exchange.services.key_proofs import check_proof
from exchange.store import accounts as query
from exchange.store.tables.accounts import SigningKeyRow
from exchange.store.tables.datasets import LogPendingRow
from exchange.trust import ResolvedKey, TrustError, did_key, did_key_kid
from exchange.trust.keys import PublicKey, public_jwk, public_key_from_jwk


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


def register_key(ctx: Context, jwk: Mapping[str, object], proof_jws: str) -> SigningKey:
    """Bind one's own key to the actor's organisation; binding it again changes nothing.

    Raises InvalidError (`key.*`) and ConflictError (`key.bound_elsewhere`, `key.retired`).
    """
    ctx.who.require(Role.SIGNER)
    key = _public_key(jwk)
    organisation_id = ctx.who.organisation_id
    check_proof(
        proof_jws, key, audience=ctx.settings.public_url, organisation_id=organisation_id, now=ctx.now()
    )
    try:
        with ctx.store.write() as session:
            return bind_key(ctx, session, organisation_id, key, custody=False)
    except IntegrityError as error:  # bound by somebody else at the same instant
        raise _bound_elsewhere() from error


def bind_key(
    ctx: Context, session: Session, organisation_id: str, key: PublicKey, *, custody: bool
) -> SigningKey:
    """Bind a key in the caller's transaction, with its entry for the transparency log."""
    kid = did_key_kid(key)
    present = session.get(SigningKeyRow, kid)
    if present is not None:
        return _same_binding(present, organisation_id)
    row = SigningKeyRow(
        kid=kid,
        organisation_id=organisation_id,
        did=did_key(key),
        public_jwk=public_jwk(key),
        custody=custody,
        bound_at=ctx.now(),
    )
    session.add(row)
    session.add(LogPendingRow(event="key-binding", digest=_binding_digest(row), received_at=row.bound_at))
    audit(ctx, session, "key.bind", "signing_key", kid, custody=str(custody).lower())
    session.flush()
    return _present(row)


def list_keys(ctx: Context) -> tuple[SigningKey, ...]:
    """The keys of the actor's organisation, retired ones too, first bound first."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        return tuple(map(_present, query.keys_of(session, ctx.who.organisation_id)))


def retire_key(ctx: Context, kid: str) -> SigningKey:
    """Sign nothing new with this key from now on; what it signed before stays valid."""
    ctx.who.require(Role.SIGNER)
    with ctx.store.write() as session:
        row = _own_key(ctx, session, kid)
        if row.retired_at is None:
            row.retired_at = ctx.now()
            session.add(row)
            audit(ctx, session, "key.retire", "signing_key", kid)
        return _present(row)


def report_compromise(ctx: Context, kid: str, since: datetime) -> SigningKey:
    """Declare that others may have held the key since an instant: what came later is no longer accepted.

    The instant only ever moves back. Raises InvalidError `key.compromise_future`.
    """
    ctx.who.require(Role.SIGNER)
    now = ctx.now()
    if since > now:
        raise InvalidError("The instant lies in the future.", code="key.compromise_future", path="/since")
    with ctx.store.write() as session:
        row = _own_key(ctx, session, kid)
        row.compromised_since = min(since, row.compromised_since or since)
        row.retired_at = row.retired_at or now
        session.add(row)
        session.add(LogPendingRow(event="key-compromise", digest=_binding_digest(row), received_at=now))
        audit(ctx, session, "key.compromise", "signing_key", kid)
        return _present(row)


def resolve(session: Session, kid: str) -> ResolvedKey | None:
    """The key of a key id with its times, as `exchange.trust.verify` asks for it; None when not bound here."""
    row = session.get(SigningKeyRow, kid)
    if row is None:
        return None
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


def _same_binding(row: SigningKeyRow, organisation_id: str) -> SigningKey:
    if row.organisation_id != organisation_id:
        raise _bound_elsewhere()
    if row.retired_at is not None:
        raise ConflictError("This key has been retired.", code="key.retired", advice="Make a new key.")
    return _present(row)


def _bound_elsewhere() -> ConflictError:
    return ConflictError(
        "This key belongs to another organisation here.",
        code="key.bound_elsewhere",
        advice="Make a key of your own.",
    )


def _binding_digest(row: SigningKeyRow) -> str:
    entry: dict[str, str | dict[str, str] | None] = {
        "kid": row.kid,
        "jwk": dict(row.public_jwk),
        "bound_at": row.bound_at.isoformat(),
        "compromised_since": row.compromised_since.isoformat() if row.compromised_since else None,
    }
    return f"sha256:{hashlib.sha256(rfc8785.dumps(entry)).hexdigest()}"


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
