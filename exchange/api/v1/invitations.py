"""Invitations to the caller's organisation, and accepting one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from flask import request
from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import Id, In, Out, Reply
from exchange.domain.actors import Role
from exchange.services import invitations
from exchange.services.context import Context
from exchange.services.rate_limits import limit

resource = Resource(
    "invitations",
    "How people come into an organisation. The exchange sends no mail: the administrator passes the link on.",
)


class InvitationOut(Out):
    """An invitation without its link; `state` is open, accepted, revoked or expired."""

    id: Id
    email: str
    roles: list[Role]
    created_at: datetime
    expires_at: datetime
    state: str

    @classmethod
    def of(cls, result: object) -> InvitationOut:
        """Roles in a fixed order."""
        if not isinstance(result, invitations.Invitation):
            raise TypeError(type(result).__name__)
        roles = [role for role in Role if role in result.roles]
        return cls(
            id=result.id,
            email=result.email,
            roles=roles,
            created_at=result.created_at,
            expires_at=result.expires_at,
            state=result.state,
        )


class InvitationsOut(Out):
    """All invitations of the organisation, newest first."""

    items: list[InvitationOut]


class InvitationIn(In):
    """Whom to invite, and the roles the person gets by accepting."""

    email: Annotated[str, Field(max_length=400)]
    roles: list[Role]


class InvitedOut(Out):
    """The new invitation. Link and secret are shown this once; pass the link on to the person yourself."""

    invitation: InvitationOut
    secret: str
    link: str


class InvitedUserIn(In):
    """A new person's name and own password, or the password of the account the address has already."""

    password: Annotated[str, Field(max_length=1000)]
    name: Annotated[str, Field(max_length=400)] = ""
    locale: Annotated[str, Field(max_length=10)] = "da"


class AcceptanceIn(In):
    """The link's secret, and who accepts."""

    secret: Annotated[str, Field(max_length=100)]
    user: InvitedUserIn


class AcceptanceOut(Out):
    """The address to sign in with, and the roles in the organisation that invited."""

    email: str
    roles: list[Role]


@resource.operation("POST", "/invitations", role=Role.ADMIN, status=201, has_secret=True)
def create(ctx: Context, body: InvitationIn) -> InvitedOut:
    """Invite a person to the caller's organisation."""
    invited = invitations.invite(ctx, body.email, body.roles)
    return InvitedOut(
        invitation=InvitationOut.of(invited.invitation), secret=invited.secret, link=invited.link
    )


@resource.operation("GET", "/invitations", role=Role.ADMIN)
def list_all(ctx: Context) -> InvitationsOut:
    """List the organisation's invitations."""
    return InvitationsOut(items=[InvitationOut.of(one) for one in invitations.list_invitations(ctx)])


@resource.operation("POST", "/invitations/{invitation_id}/revocation", role=Role.ADMIN)
def revoke(ctx: Context, invitation_id: Id) -> InvitationOut:
    """Take an invitation back."""
    return InvitationOut.of(invitations.revoke_invitation(ctx, invitation_id))


@resource.operation("POST", "/invitation-acceptances", role=None, status=201)
def accept(ctx: Context, body: AcceptanceIn) -> Reply[AcceptanceOut]:
    """Accept an invitation."""
    limit(ctx, "sign_in", f"address {request.remote_addr}")
    given = body.user
    user = invitations.accept_invitation(ctx, body.secret, given.password, given.name, given.locale)
    roles = [role for role in Role if role in user.roles]
    return Reply(AcceptanceOut(email=user.email, roles=roles))
