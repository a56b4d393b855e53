"""People of the caller's organisation and their roles."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.v1.organisations import NewUserIn
from exchange.api.wire import Id, In, Out, Reply
from exchange.domain.actors import Role
from exchange.services import accounts
from exchange.services.context import Context

resource = Resource("users", "People who act for the caller's organisation.")


class UserOut(Out):
    """A person, with the roles in the caller's organisation."""

    id: Id
    email: str
    name: str
    locale: str
    roles: list[Role]

    @classmethod
    def of(cls, result: object) -> UserOut:
        """Roles in a fixed order."""
        if not isinstance(result, accounts.User):
            raise TypeError(type(result).__name__)
        roles = [role for role in Role if role in result.roles]
        return cls(id=result.id, email=result.email, name=result.name, locale=result.locale, roles=roles)


class UsersOut(Out):
    """Everybody of one organisation."""

    items: list[UserOut]


class RegisterUserIn(In):
    """A new colleague with the first roles."""

    user: NewUserIn
    roles: list[Role]


class MemberIn(In):
    """A person with an account already, and the roles in the caller's organisation."""

    email: Annotated[str, Field(max_length=400)]
    roles: list[Role]


class RolesIn(In):
    """The roles from now on; none ends the membership."""

    roles: list[Role]


@resource.operation("GET", "/users")
def list_all(ctx: Context) -> UsersOut:
    """List the organisation's people."""
    return UsersOut(items=[UserOut.of(user) for user in accounts.list_users(ctx)])


@resource.operation("POST", "/users", role=Role.ADMIN, status=201)
def register(ctx: Context, body: RegisterUserIn) -> Reply[UserOut]:
    """Register a colleague."""
    new = accounts.NewUser(**body.user.model_dump())
    return Reply(UserOut.of(accounts.register_user(ctx, ctx.who.organisation_id, new, body.roles)))


@resource.operation("POST", "/members", role=Role.ADMIN)
def add_member(ctx: Context, body: MemberIn) -> UserOut:
    """Give a person who has an account already roles in the caller's organisation."""
    return UserOut.of(accounts.add_member(ctx, body.email, body.roles))


@resource.operation("PUT", "/users/{user_id}/roles", role=Role.ADMIN)
def set_roles(ctx: Context, user_id: Id, body: RolesIn) -> UserOut:
    """Replace a colleague's roles."""
    return UserOut.of(accounts.set_roles(ctx, user_id, body.roles))
