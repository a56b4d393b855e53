"""People of the caller's organisation and their roles."""

from __future__ import annotations

from exchange.api.operation import Resource
from exchange.api.wire import Id, In, Out
from exchange.domain.actors import Role
from exchange.services import accounts
from exchange.services.context import Context

resource = Resource("users", "People who act for the caller's organisation; new ones are invited.")


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


class RolesIn(In):
    """The roles from now on; none ends the membership."""

    roles: list[Role]


@resource.operation("GET", "/users")
def list_all(ctx: Context) -> UsersOut:
    """List the organisation's people."""
    return UsersOut(items=[UserOut.of(user) for user in accounts.list_users(ctx)])


@resource.operation("PUT", "/users/{user_id}/roles", role=Role.ADMIN)
def set_roles(ctx: Context, user_id: Id, body: RolesIn) -> UserOut:
    """Replace a colleague's roles."""
    return UserOut.of(accounts.set_roles(ctx, user_id, body.roles))
