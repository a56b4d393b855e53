"""People and their roles: sign-up, members of an organisation, operators."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from exchange.domain.actors import Actor, Role
from exchange.domain.errors import ConflictError, NotFoundError
from exchange.services.account_rules import check_email, check_locale, check_name
from exchange.services.context import Context, audit
from exchange.services.organisations import NewOrganisation, Organisation, add_organisation, own_view
from exchange.services.passwords import check_password, hash_password
from exchange.store import accounts as query
from exchange.store.tables.accounts import MembershipRow, UserRow


@dataclass(frozen=True)
class NewUser:
    """A person to be registered; `password` is plain and never stored."""

    email: str
    name: str
    password: str
    locale: str = "da"


@dataclass(frozen=True)
class User:
    """A person as colleagues see them, with the roles in the organisation at hand."""

    id: str
    email: str
    name: str
    locale: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class Founded:
    """The outcome of sign-up: the organisation, its first administrator, and the actor to go on as."""

    organisation: Organisation
    user: User
    actor: Actor


def found_organisation(
    ctx: Context, organisation: NewOrganisation, user: NewUser, *, is_demo: bool = False
) -> Founded:
    """Sign up: an organisation and its first administrator, both or neither.

    Raises InvalidError (`name.*`, `cvr.*`, `email.*`, `password.*` …) and ConflictError (`user.email_taken`).
    """
    clean = check_user(user, organisation.name)
    hashed = hash_password(clean.password)
    try:
        with ctx.store.write() as session:
            return _found(ctx, session, organisation, clean, hashed, is_demo=is_demo)
    except IntegrityError as error:  # two sign-ups with one address at the same instant
        raise email_taken() from error


def appoint_operator(
    ctx: Context, organisation: NewOrganisation, user: NewUser, *, is_demo: bool = False
) -> Founded:
    """A fresh account of an operator of the exchange. For the command line, or by another operator.

    Nobody has shown that an account under this address is the person's own, so one that is there already never
    becomes an operator: ConflictError `operator.exists_as_person`. Otherwise refused as a sign-up is.
    """
    if ctx.actor is not None:
        ctx.actor.require_operator()
    clean = check_user(user, organisation.name)
    hashed = hash_password(clean.password)
    try:
        with ctx.store.write() as session:
            if query.find_user(session, clean.email) is not None:
                raise _exists_as_person()
            founded = _found(ctx, session, organisation, clean, hashed, is_demo=is_demo)
            row = session.get_one(UserRow, founded.user.id)
            row.is_operator = True
            session.add(row)
            audit(ctx, session, "operator.appoint", "user", row.id)
            return replace(founded, actor=replace(founded.actor, is_operator=True))
    except IntegrityError as error:
        raise _exists_as_person() from error


def set_roles(ctx: Context, user_id: str, roles: Iterable[Role]) -> User:
    """Replace a colleague's roles; none at all ends the membership, at once and in every open session.

    Raises ConflictError `role.last_admin` when nobody could administer the organisation afterwards.
    """
    ctx.who.require(Role.ADMIN)
    wanted, organisation_id = frozenset(roles), ctx.who.organisation_id
    with ctx.store.write() as session:
        row = session.get(UserRow, user_id)
        if row is None or not query.roles_of(session, user_id, organisation_id):
            raise NotFoundError
        _replace_roles(ctx, session, user_id, organisation_id, wanted)
        return present_user(row, wanted)


def list_users(ctx: Context) -> tuple[User, ...]:
    """The people of the actor's own organisation, by e-mail address."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        found: dict[str, tuple[UserRow, set[Role]]] = {}
        for row, role in query.members(session, ctx.who.organisation_id):
            found.setdefault(row.id, (row, set()))[1].add(Role(role))
        return tuple(present_user(row, roles) for row, roles in found.values())


def check_user(user: NewUser, *beside: str) -> NewUser:
    """The person's particulars in their stored form; raises InvalidError.

    `beside` holds further words that a guesser of the password would try.
    """
    email, name = check_email(user.email), check_name(user.name, "/user/name")
    check_password(user.password, beside=(email, email.partition("@")[0], name, *beside))
    return NewUser(email, name, user.password, check_locale(user.locale))


def register_user(ctx: Context, session: Session, user: NewUser, hashed: str, *, is_demo: bool) -> UserRow:
    """The row of a new, checked person in the caller's transaction; raises ConflictError `user.email_taken`.

    Only who founds an organisation or accepts an invitation is registered: people choose their own passwords.
    """
    if query.find_user(session, user.email) is not None:
        raise email_taken()
    row = UserRow(
        id=ctx.new_id(),
        email=user.email,
        name=user.name,
        password_hash=hashed,
        locale=user.locale,
        is_demo=is_demo,
        created_at=ctx.now(),
    )
    session.add(row)
    session.flush()
    return row


def add_roles(
    ctx: Context, session: Session, user_id: str, organisation_id: str, roles: Iterable[Role]
) -> frozenset[Role]:
    """Give a person roles beside those held in the organisation already; returns all of them."""
    held = frozenset(map(Role, query.roles_of(session, user_id, organisation_id)))
    now, wanted = ctx.now(), frozenset(roles)
    for role in sorted(wanted - held):
        session.add(
            MembershipRow(user_id=user_id, organisation_id=organisation_id, role=role.value, created_at=now)
        )
    session.flush()
    return held | wanted


def present_user(row: UserRow, roles: Iterable[Role]) -> User:
    """The outward form of a person."""
    return User(row.id, row.email, row.name, row.locale, frozenset(roles))


def email_taken() -> ConflictError:
    """The refusal of a second account under one address."""
    return ConflictError(
        "This e-mail address already has an account.",
        code="user.email_taken",
        path="/user/email",
        advice="Sign in with it, or have an administrator invite it to the organisation.",
    )


def _found(
    ctx: Context,
    session: Session,
    organisation: NewOrganisation,
    user: NewUser,
    hashed: str,
    *,
    is_demo: bool,
) -> Founded:
    founded = add_organisation(ctx, session, organisation, is_demo=is_demo)
    row = register_user(ctx, session, user, hashed, is_demo=is_demo)
    roles = add_roles(ctx, session, row.id, founded.id, {Role.ADMIN})
    actor = Actor(founded.id, roles, user_id=row.id)
    audit(ctx.acting_as(actor), session, "organisation.found", "organisation", founded.id)
    return Founded(own_view(founded), present_user(row, roles), actor)


def _exists_as_person() -> ConflictError:
    return ConflictError(
        "This e-mail address already has an account, which nobody has shown to be the operator's own.",
        code="operator.exists_as_person",
        path="/user/email",
        advice="Appoint an address that has no account here.",
    )


def _replace_roles(
    ctx: Context, session: Session, user_id: str, organisation_id: str, wanted: frozenset[Role]
) -> None:
    query.delete_memberships(session, user_id, organisation_id)
    add_roles(ctx, session, user_id, organisation_id, wanted)
    if query.count_admins(session, organisation_id) == 0:
        raise ConflictError(
            "The organisation would have no administrator left.",
            code="role.last_admin",
            advice="Make somebody else administrator first.",
        )
    audit(ctx, session, "user.roles", "user", user_id, roles=_codes(wanted))


def _codes(roles: Iterable[Role]) -> str:
    return " ".join(sorted(role.value for role in roles))
