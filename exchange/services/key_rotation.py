"""A key that ends, with or without another in its place: who ends it is asked again, for nothing brings it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError
from exchange.services.context import Context, audit
from exchange.services.keys import (
    SigningKey,
    bind_key,
    bound_elsewhere,
    proven_key,
    report_within,
    retire_within,
)
from exchange.services.sessions import confirm_person


def end_key(ctx: Context, kid: str, password: str, *, exposed_since: datetime | None = None) -> SigningKey:
    """End the key `kid`: retired, or reported compromised since an instant at which others may have had it.

    A stolen session must not be enough, so the person's `password` is asked for again. Nothing else limits the pace:
    whoever wants a stolen key to stay in force must not be able to use up what ending it takes. Raises
    NotPermittedError (`person.only`), RateLimitedError, InvalidError (`password.wrong`, `key.compromise_future`) and
    NotFoundError for a key that is not the organisation's.
    """
    ctx.who.require(Role.SIGNER)
    confirm_person(ctx, password)
    with ctx.store.write() as session:
        return _end_within(ctx, session, kid, exposed_since)


def replace_key(
    ctx: Context,
    kid: str,
    password: str,
    jwk: Mapping[str, object],
    proof_jws: str,
    *,
    exposed_since: datetime | None = None,
) -> SigningKey:
    """End the key `kid` and bind the key of `jwk` instead, both or neither; the new key is returned.

    The password is asked for, and the lost key ended, as in `end_key`. Raises the codes of that, InvalidError
    (`key.*`) and ConflictError (`key.same`, `key.bound_elsewhere`, `key.retired`, `key.too_many`).
    """
    ctx.who.require(Role.SIGNER)
    confirm_person(ctx, password)
    key = proven_key(ctx, jwk, proof_jws)
    try:
        with ctx.store.write() as session:
            made = bind_key(ctx, session, ctx.who.organisation_id, key, custody=False, instead_of=kid)
            if made.kid == kid:
                raise ConflictError(
                    "The new key is the one that is said to be lost.",
                    code="key.same",
                    advice="Make a new key.",
                )
            _end_within(ctx, session, kid, exposed_since)
            audit(ctx, session, "key.replace", "signing_key", kid, by=made.kid)
            return made
    except IntegrityError as error:  # bound by somebody else at the same instant
        raise bound_elsewhere() from error


def _end_within(ctx: Context, session: Session, kid: str, exposed_since: datetime | None) -> SigningKey:
    if exposed_since is None:
        return retire_within(ctx, session, kid)
    return report_within(ctx, session, kid, exposed_since)
