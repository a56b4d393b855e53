"""People and their roles: sign-up, members of an organisation, operators."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from exchange.domain.actors import Actor, Role
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError, NotPermittedError
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
    clean = _checked(user, organisation.name)
    hashed = hash_password(clean.password)
    try:
        with ctx.store.write() as session:
            founded = add_organisation(ctx, session, organisation, is_demo=is_demo)
            row = _add_user(ctx, session, clean, hashed, is_demo=is_demo)
            _add_roles(ctx, session, row.id, founded.id, {Role.ADMIN})
            actor = Actor(founded.id, frozenset({Role.ADMIN}), user_id=row.id)
            audit(ctx.acting_as(actor), session, "organisation.found", "organisation", founded.id)
            return Founded(own_view(founded), _user(row, {Role.ADMIN}), actor)
    except IntegrityError as error:  # two sign-ups with one address at the same instant
        raise _email_taken() from error


def register_user(ctx: Context, organisation_id: str, user: NewUser, roles: Iterable[Role]) -> User:
    """A new colleague, registered by an administrator of the organisation.

    Raises ConflictError `user.email_taken` for a person already known here: `add_member` takes those in.
    """
    _require_admin_of(ctx, organisation_id)
    wanted = _some(roles)
    clean = _checked(user)
    hashed = hash_password(clean.password)
    try:
        with ctx.store.write() as session:
            row = _add_user(ctx, session, clean, hashed, is_demo=False)
            _add_roles(ctx, session, row.id, organisation_id, wanted)
            audit(ctx, session, "user.register", "user", row.id, roles=_codes(wanted))
            return _user(row, wanted)
    except IntegrityError as error:
        raise _email_taken() from error


def add_member(ctx: Context, email: str, roles: Iterable[Role]) -> User:
    """Give a person who already has an account roles in the administrator's organisation too."""
    ctx.who.require(Role.ADMIN)
    wanted = _some(roles)
    with ctx.store.write() as session:
        row = query.find_user(session, check_email(email))
        if row is None or row.disabled_at is not None:
            raise NotFoundError("Nobody is registered under this address.")
        _replace_roles(ctx, session, row.id, ctx.who.organisation_id, wanted)
        return _user(row, wanted)


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
        return _user(row, wanted)


def list_users(ctx: Context) -> tuple[User, ...]:
    """The people of the actor's own organisation, by e-mail address."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        found: dict[str, tuple[UserRow, set[Role]]] = {}
        for row, role in query.members(session, ctx.who.organisation_id):
            found.setdefault(row.id, (row, set()))[1].add(Role(role))
        return tuple(_user(row, roles) for row, roles in found.values())


def appoint_operator(ctx: Context, email: str) -> None:
    """Make a person an operator of the exchange. For the command line (no actor), or by another operator."""
    if ctx.actor is not None:
        ctx.actor.require_operator()
    with ctx.store.write() as session:
        row = query.find_user(session, check_email(email))
        if row is None:
            raise NotFoundError("Nobody is registered under this address.")
        row.is_operator = True
        session.add(row)
        audit(ctx, session, "operator.appoint", "user", row.id)


def _require_admin_of(ctx: Context, organisation_id: str) -> None:
    ctx.who.require(Role.ADMIN)
    if ctx.who.organisation_id != organisation_id:
        raise NotPermittedError("You administer another organisation.", code="organisation.other")


def _some(roles: Iterable[Role]) -> frozenset[Role]:
    wanted = frozenset(roles)
    if not wanted:
        raise InvalidError("At least one role is needed.", code="role.none", path="/roles")
    return wanted


def _checked(user: NewUser, *beside: str) -> NewUser:
    email, name = check_email(user.email), check_name(user.name, "/user/name")
    check_password(user.password, beside=(email, email.partition("@")[0], name, *beside))
    return NewUser(email, name, user.password, check_locale(user.locale))


def _add_user(ctx: Context, session: Session, user: NewUser, hashed: str, *, is_demo: bool) -> UserRow:
    if query.find_user(session, user.email) is not None:
        raise _email_taken()
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


def _email_taken() -> ConflictError:
    return ConflictError(
        "This e-mail address already has an account.",
        code="user.email_taken",
        path="/user/email",
        advice="Sign in with it, or have an administrator add the person to the organisation.",
    )


def _replace_roles(
    ctx: Context, session: Session, user_id: str, organisation_id: str, wanted: frozenset[Role]
) -> None:
    query.delete_memberships(session, user_id, organisation_id)
    _add_roles(ctx, session, user_id, organisation_id, wanted)
    if query.count_admins(session, organisation_id) == 0:
        raise ConflictError(
            "The organisation would have no administrator left.",
            code="role.last_admin",
            advice="Make somebody else administrator first.",
        )
    audit(ctx, session, "user.roles", "user", user_id, roles=_codes(wanted))


def _add_roles(
    ctx: Context, session: Session, user_id: str, organisation_id: str, roles: Iterable[Role]
) -> None:
    now = ctx.now()
    for role in sorted(roles):
        session.add(
            MembershipRow(user_id=user_id, organisation_id=organisation_id, role=role.value, created_at=now)
        )
    session.flush()


def _codes(roles: Iterable[Role]) -> str:
    return " ".join(sorted(role.value for role in roles))


def _user(row: UserRow, roles: Iterable[Role]) -> User:
    return User(row.id, row.email, row.name, row.locale, frozenset(roles))
