"""Signing in and out of a browser session: revocable, listed, known to the store by a hash only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from exchange.domain.actors import Actor, Role
from exchange.domain.errors import InvalidError, NotAuthenticatedError, NotFoundError, NotPermittedError
from exchange.services import passwords
from exchange.services.context import Context, audit
from exchange.services.demo_accounts import require_loopback
from exchange.services.rate_limits import forget_tries, limit
from exchange.services.secrets import hash_secret, new_secret
from exchange.store import accounts as query
from exchange.store.tables.accounts import SessionRow, UserRow

SESSION_COOKIE = "vcx_session"  # the one name pages and API read the secret from


@dataclass(frozen=True)
class SignedIn:
    """A new session; `secret` goes into the cookie and is nowhere else."""

    secret: str
    session_id: str
    actor: Actor
    expires_at: datetime
    locale: str


@dataclass(frozen=True)
class OpenSession:
    """One of a person's sessions that are still good."""

    id: str
    organisation_id: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Seat:
    """An organisation a person may act for, with the roles there."""

    organisation_id: str
    name: str
    roles: frozenset[Role]


def sign_in(ctx: Context, email: str, password: str, address: str) -> SignedIn:
    """Open a session for the first organisation the person belongs to.

    `address` is the caller's network address; tries are limited per address and per account. Raises
    NotAuthenticatedError `sign_in.failed`, the same words and the same work whatever was wrong, and
    NotPermittedError `demo.loopback_only` for a demo account from another machine.
    """
    folded = email.strip().casefold()
    limit(ctx, "sign_in", f"address {address}")
    limit(ctx, "sign_in", f"account {folded}")
    with ctx.store.read() as session:
        known = query.find_user(session, folded) if folded.isprintable() else None
    # Hashing takes its time on purpose and must not hold the writer's lock.
    fits = passwords.verify_password(known.password_hash if known else None, password)
    if known is None or not fits or known.disabled_at is not None:
        raise _failed()
    if known.is_demo:
        require_loopback(address)
    rehashed = passwords.hash_password(password) if passwords.is_outdated(known.password_hash) else None
    with ctx.store.write() as session:
        return _open(ctx, session, known, rehashed)


def resume_session(ctx: Context, secret: str) -> Actor | None:
    """The actor behind a cookie, with today's roles; None when the session is no longer good."""
    with ctx.store.read() as session:
        found = _find_good(ctx, session, secret)
        return found and _actor(session, *found)


def sign_out(ctx: Context, secret: str) -> None:
    """End the session behind the cookie; ending it twice is no error."""
    with ctx.store.write() as session:
        found = _find_good(ctx, session, secret)
        if found is not None:
            _revoke(ctx, session, found[0])


def list_sessions(ctx: Context) -> tuple[OpenSession, ...]:
    """The signed-in person's own sessions, newest first."""
    user_id = _person(ctx)
    with ctx.store.read() as session:
        return tuple(
            OpenSession(row.id, row.organisation_id, row.created_at, row.expires_at)
            for row in query.open_sessions(session, user_id, ctx.now())
        )


def revoke_session(ctx: Context, session_id: str) -> None:
    """End one of one's own sessions, wherever it was opened. Raises NotFoundError for anybody else's."""
    user_id = _person(ctx)
    with ctx.store.write() as session:
        row = session.get(SessionRow, session_id)
        if row is None or row.user_id != user_id:
            raise NotFoundError
        if row.revoked_at is None:
            _revoke(ctx, session, row)


def change_password(ctx: Context, old: str, new: str, secret: str) -> None:
    """Change the signed-in person's password; all their sessions end but the one behind the cookie's `secret`.

    Raises InvalidError (`password.wrong` for the old one, `password.*` for the new one).
    """
    user = _confirmed(ctx, old, "/old_password")
    user_id = user.id
    beside = (user.email, user.email.partition("@")[0], user.name)
    passwords.check_password(new, beside=beside, path="/new_password")
    hashed = passwords.hash_password(new)
    with ctx.store.write() as session:
        row = session.get_one(UserRow, user_id)
        row.password_hash = hashed
        session.add(row)
        audit(ctx, session, "password.change", "user", user_id)
        for one in query.open_sessions(session, user_id, ctx.now()):
            if one.secret_hash != hash_secret(secret):
                _revoke(ctx, session, one)


def confirm_person(ctx: Context, password: str) -> None:
    """Make sure that who acts is the person that signed in, before an act a stolen session must not do.

    Raises NotPermittedError (`person.only`), RateLimitedError or InvalidError (`password.wrong`).
    """
    _confirmed(ctx, password, "/password")


def list_seats(ctx: Context) -> tuple[Seat, ...]:
    """The organisations the signed-in person may act for."""
    user_id = _person(ctx)
    with ctx.store.read() as session:
        roles: dict[str, set[Role]] = {}
        for row in query.memberships_of_user(session, user_id):
            roles.setdefault(row.organisation_id, set()).add(Role(row.role))
        return tuple(
            Seat(organisation_id, query.get_organisation(session, organisation_id).name, frozenset(own))
            for organisation_id, own in roles.items()
        )


def switch_organisation(ctx: Context, secret: str, organisation_id: str) -> Actor:
    """Act for another of one's organisations from now on. Raises NotFoundError when not a member there."""
    with ctx.store.write() as session:
        found = _find_good(ctx, session, secret)
        if found is None:
            raise NotAuthenticatedError(
                "This session has ended.", code="session.ended", advice="Sign in again."
            )
        row, user = found
        row.organisation_id = organisation_id
        actor = _actor(session, row, user)
        if actor is None:
            raise NotFoundError
        session.add(row)
        audit(ctx.acting_as(actor), session, "session.switch", "session", row.id)
        return actor


def _open(ctx: Context, session: Session, known: UserRow, rehashed: str | None) -> SignedIn:
    user = session.get_one(UserRow, known.id)
    if user.password_hash != known.password_hash:  # changed while the old one was being checked
        raise _failed()
    if rehashed is not None:
        user.password_hash = rehashed
        session.add(user)
    seats = query.memberships_of_user(session, user.id)
    if not seats:
        raise NotPermittedError(
            "You belong to no organisation here.",
            code="membership.none",
            advice="Ask an administrator of your organisation to invite you.",
        )
    now, secret = ctx.now(), new_secret(ctx.entropy)
    row = SessionRow(
        id=ctx.new_id(),
        secret_hash=hash_secret(secret),
        user_id=user.id,
        organisation_id=seats[0].organisation_id,
        created_at=now,
        expires_at=now + timedelta(hours=ctx.settings.session_hours),
    )
    session.add(row)
    session.flush()
    roles = frozenset(Role(seat.role) for seat in seats if seat.organisation_id == row.organisation_id)
    actor = Actor(
        row.organisation_id, roles, user_id=user.id, is_operator=user.is_operator, session_id=row.id
    )
    audit(ctx.acting_as(actor), session, "session.open", "session", row.id)
    return SignedIn(secret, row.id, actor, row.expires_at, user.locale)


def _find_good(ctx: Context, session: Session, secret: str) -> tuple[SessionRow, UserRow] | None:
    found = query.find_session(session, hash_secret(secret))
    if found is None:
        return None
    row, user = found
    is_good = row.revoked_at is None and user.disabled_at is None and ctx.now() < row.expires_at
    return found if is_good else None


def _actor(session: Session, row: SessionRow, user: UserRow) -> Actor | None:
    roles = query.roles_of(session, user.id, row.organisation_id)
    if not roles:
        return None
    return Actor(
        row.organisation_id,
        frozenset(map(Role, roles)),
        user_id=user.id,
        is_operator=user.is_operator,
        session_id=row.id,
    )


def _revoke(ctx: Context, session: Session, row: SessionRow) -> None:
    row.revoked_at = ctx.now()
    session.add(row)
    audit(ctx, session, "session.revoke", "session", row.id)


def _confirmed(ctx: Context, password: str, path: str) -> UserRow:
    """The signed-in person, if that is their password; wrong ones are limited, per session.

    Not per account: neither a stranger who tries to sign in nor another session of theirs uses these tries up.
    Counted before the hashing, so that many at once are no way around it.
    """
    user_id = _person(ctx)
    counted = f"session {ctx.who.session_id or user_id}"
    limit(ctx, "confirm", counted)
    with ctx.store.read() as session:
        user = session.get_one(UserRow, user_id)
    if not passwords.verify_password(user.password_hash, password):
        raise InvalidError("The present password is another one.", code="password.wrong", path=path)
    forget_tries(ctx, "confirm", counted)
    return user


def _person(ctx: Context) -> str:
    if ctx.who.user_id is None:
        raise NotPermittedError("Only a person has sessions.", code="person.only")
    return ctx.who.user_id


def _failed() -> NotAuthenticatedError:
    return NotAuthenticatedError(
        "E-mail address and password do not fit together.",
        code="sign_in.failed",
        advice="Check both; after several tries wait a minute.",
    )
