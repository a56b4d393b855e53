"""Small builders that go through the services, so that what they make is what anybody's would be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

from exchange.domain.actors import Actor, Assurance, Role
from exchange.services.accounts import (
    Founded,
    NewUser,
    User,
    appoint_operator,
    found_organisation,
)
from exchange.services.api_clients import create_api_client, issue_token
from exchange.services.context import Context
from exchange.services.invitations import accept_invitation, invite
from exchange.services.organisations import NewOrganisation, Organisation, approve_identity

PASSWORD = "lamp river seven cups"
CVRS = ("10000009", "10000017", "10000025", "10000033", "10000041")  # check digits worked out by hand
_numbers = count(1)


@dataclass(frozen=True)
class Party:
    """An organisation with its first administrator and a Context acting as them."""

    organisation: Organisation
    actor: Actor
    email: str
    ctx: Context

    @property
    def id(self) -> str:
        """The organisation's id."""
        return self.organisation.id


def party(ctx: Context, name: str = "", *, cvr: str | None = None, domain: str | None = None) -> Party:
    """A self-declared organisation fresh from sign-up."""
    number = next(_numbers)
    email = f"anna{number}@firm{number}.example"
    founded: Founded = found_organisation(
        ctx,
        NewOrganisation(name or f"Firm {number}", "DK", "CH", 25, cvr, domain),
        NewUser(email, "Anna Admin", PASSWORD),
    )
    return Party(founded.organisation, founded.actor, email, ctx.acting_as(founded.actor))


def operator(ctx: Context) -> Context:
    """A Context acting as the exchange's operator."""
    return operator_party(ctx).ctx


def operator_party(ctx: Context) -> Party:
    """The exchange's operator with the organisation founded for them."""
    number = next(_numbers)
    email = f"staff{number}@exchange.example"
    founded = appoint_operator(
        ctx, NewOrganisation("The Exchange"), NewUser(email, "Otto Operator", PASSWORD)
    )
    return Party(founded.organisation, founded.actor, email, ctx.acting_as(founded.actor))


def checked_party(ctx: Context, operator_ctx: Context, name: str = "", *, cvr: str = CVRS[0]) -> Party:
    """An organisation whose CVR number an operator has approved."""
    claimant = party(ctx, name, cvr=cvr)
    checked = approve_identity(operator_ctx, claimant.id, Assurance.OPERATOR_CHECKED, cvr, None)
    return replace(claimant, organisation=checked)


def user(admin: Party, *roles: Role) -> User:
    """A colleague of the party's administrator."""
    number = next(_numbers)
    invited = invite(admin.ctx, f"bo{number}@people.example", roles or (Role.VIEWER,))
    return accept_invitation(admin.ctx.acting_as(None), invited.secret, PASSWORD, f"Bo {number}", "en")


def join(member: Party, admin: Party, *roles: Role) -> User:
    """The party's person, in the other party's organisation too."""
    invited = invite(admin.ctx, member.email, roles)
    return accept_invitation(member.ctx, invited.secret, None, "")


def acting(admin: Party, *roles: Role) -> Context:
    """A Context acting for the party's organisation with just these roles."""
    colleague = user(admin, *roles)
    return admin.ctx.acting_as(Actor(admin.id, colleague.roles, user_id=colleague.id))


def bearer(admin: Party, *roles: Role) -> str:
    """A bearer token of a new API client of the party."""
    secret = create_api_client(admin.ctx, "client", roles or (Role.ADMIN,))
    return issue_token(admin.ctx, secret.client_id, secret.client_secret).token
