"""Invitations: how people come into an organisation. Whoever is invited joins themselves or not at all.

An e-mail address proves nothing by itself here, since the exchange sends no mail: an invitation counts for who
holds its secret link, which the administrator passes on by hand, and controls the account under its address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from exchange.domain.actors import Actor, Role
from exchange.domain.errors import ConflictError, InvalidError, NotAuthenticatedError, NotFoundError
from exchange.services.account_rules import check_email
from exchange.services.accounts import (
    NewUser,
    User,
    add_roles,
    check_user,
    email_taken,
    present_user,
    register_user,
)
from exchange.services.context import Context, audit
from exchange.services.passwords import hash_password, verify_password
from exchange.services.rate_limits import limit
from exchange.services.secrets import hash_secret, new_secret
from exchange.store import accounts as query
from exchange.store.tables.accounts import InvitationRow, UserRow

VALID_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Invitation:
    """An invitation as the organisation's administrators see it; `state`: open, accepted, revoked, expired."""

    id: str
    email: str
    roles: frozenset[Role]
    created_at: datetime
    expires_at: datetime
    state: str


@dataclass(frozen=True)
class Invited:
    """A new invitation; `link` holds the secret and is nowhere else."""

    invitation: Invitation
    secret: str
    link: str


@dataclass(frozen=True)
class Offer:
    """What the holder of a link is shown: who invites, under which address; `is_own`: the signed-in person's."""

    organisation_id: str
    organisation_name: str
    email: str
    is_own: bool


def invite(ctx: Context, email: str, roles: Iterable[Role]) -> Invited:
    """Invite a person to the administrator's organisation; the answer does not tell whether they are known here.

    Raises InvalidError (`email.invalid`, `role.none`) and RateLimitedError.
    """
    ctx.who.require(Role.ADMIN)
    limit(ctx, "sign_in", f"invitations {ctx.who.organisation_id}")
    wanted = frozenset(roles)
    if not wanted:
        raise InvalidError("At least one role is needed.", code="role.none", path="/roles")
    now, secret = ctx.now(), new_secret(ctx.entropy)
    with ctx.store.write() as session:
        row = InvitationRow(
            id=ctx.new_id(),
            organisation_id=ctx.who.organisation_id,
            email=check_email(email, "/email"),
            roles=sorted(role.value for role in wanted),
            secret_hash=hash_secret(secret),
            created_by=ctx.who.user_id or ctx.who.client_id,
            created_at=now,
            expires_at=now + VALID_FOR,
        )
        session.add(row)
        audit(ctx, session, "invitation.create", "invitation", row.id, roles=" ".join(row.roles))
        link = f"{ctx.settings.public_url.rstrip('/')}/invitations/{secret}"
        return Invited(_present(row, now), secret, link)


def list_invitations(ctx: Context) -> tuple[Invitation, ...]:
    """The organisation's invitations, newest first."""
    ctx.who.require(Role.ADMIN)
    with ctx.store.read() as session:
        rows = query.invitations_of(session, ctx.who.organisation_id)
        return tuple(_present(row, ctx.now()) for row in rows)


def revoke_invitation(ctx: Context, invitation_id: str) -> Invitation:
    """Take an invitation back; raises ConflictError `invitation.closed` once it was accepted or revoked."""
    ctx.who.require(Role.ADMIN)
    with ctx.store.write() as session:
        row = session.get(InvitationRow, invitation_id, with_for_update=True)
        if row is None or row.organisation_id != ctx.who.organisation_id:
            raise NotFoundError
        if row.accepted_at is not None or row.revoked_at is not None:
            raise ConflictError("This invitation was accepted or revoked before.", code="invitation.closed")
        row.revoked_at = ctx.now()
        session.add(row)
        audit(ctx, session, "invitation.revoke", "invitation", row.id)
        return _present(row, ctx.now())


def read_invitation(ctx: Context, secret: str) -> Offer:
    """What a link offers; raises InvalidError `invitation.invalid` for one that is no good (any more)."""
    with ctx.store.read() as session:
        row = _find_open(ctx, session, secret)
        inviting = query.get_organisation(session, row.organisation_id)
        known = query.find_user(session, row.email)
        is_own = known is not None and _is_signed_in_as(ctx, known)
        return Offer(inviting.id, inviting.name, row.email, is_own)


def accept_invitation(ctx: Context, secret: str, password: str | None, name: str, locale: str = "da") -> User:
    """Join the organisation that invites, once: as a new person, whose own password this is, or as a known one.

    A known person is signed in as the invited account or gives its password; `name` and `locale` then stay as
    they are. Raises InvalidError (`invitation.invalid` for an unknown, used, revoked or expired link, `name.*`,
    `password.*`) and NotAuthenticatedError `sign_in.failed`. Callers limit tries per network address.
    """
    with ctx.store.read() as session:
        email = _find_open(ctx, session, secret).email
        known = query.find_user(session, email)
    if known is not None:
        _check_own(ctx, known, password)
        with ctx.store.write() as session:
            return _join(ctx, session, _find_open(ctx, session, secret, lock=True), known)
    new = check_user(NewUser(email, name, password or "", locale))
    hashed = hash_password(new.password)
    try:
        with ctx.store.write() as session:
            row = _find_open(ctx, session, secret, lock=True)
            return _join(ctx, session, row, register_user(ctx, session, new, hashed, is_demo=False))
    except IntegrityError as error:  # the address was registered at the same instant
        raise email_taken() from error


def _join(ctx: Context, session: Session, row: InvitationRow, person: UserRow) -> User:
    row.accepted_at = ctx.now()
    session.add(row)
    roles = add_roles(ctx, session, person.id, row.organisation_id, map(Role, row.roles))
    joined = ctx.acting_as(Actor(row.organisation_id, roles, user_id=person.id))
    audit(joined, session, "invitation.accept", "invitation", row.id, roles=" ".join(row.roles))
    return present_user(person, roles)


def _check_own(ctx: Context, known: UserRow, password: str | None) -> None:
    if known.disabled_at is None and _is_signed_in_as(ctx, known):
        return
    limit(ctx, "sign_in", f"account {known.email}")
    fits = verify_password(known.password_hash, password or "")
    if not fits or known.disabled_at is not None:
        raise NotAuthenticatedError(
            "This address has an account here, and this is not its password.",
            code="sign_in.failed",
            advice="Sign in with the account, or give its password.",
        )


def _is_signed_in_as(ctx: Context, known: UserRow) -> bool:
    return ctx.actor is not None and ctx.actor.user_id == known.id


def _find_open(ctx: Context, session: Session, secret: str, *, lock: bool = False) -> InvitationRow:
    row = query.find_invitation(session, hash_secret(secret), lock=lock)
    if row is None or _state(row, ctx.now()) != "open":
        raise InvalidError(
            "This invitation is not valid (any more).",
            code="invitation.invalid",
            path="/secret",
            advice="Ask an administrator of the organisation for a new one.",
        )
    return row


def _present(row: InvitationRow, now: datetime) -> Invitation:
    roles = frozenset(map(Role, row.roles))
    return Invitation(row.id, row.email, roles, row.created_at, row.expires_at, _state(row, now))


def _state(row: InvitationRow, now: datetime) -> str:
    if row.accepted_at is not None:
        return "accepted"
    if row.revoked_at is not None:
        return "revoked"
    return "open" if now < row.expires_at else "expired"
