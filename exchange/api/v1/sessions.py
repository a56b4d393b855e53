"""A signed-in person's own sessions, and the organisations to act for. Not for API clients."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from flask import request
from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import Id, In, Out
from exchange.domain.actors import Role
from exchange.services import sessions
from exchange.services.context import Context

resource = Resource("sessions", "Browser sessions of the person who asks; for people, not API clients.")


class SessionOut(Out):
    """A session that is still good."""

    id: Id
    organisation_id: Id
    created_at: datetime
    expires_at: datetime


class SessionsOut(Out):
    """All of one's sessions, newest first."""

    items: list[SessionOut]


class SeatOut(Out):
    """An organisation the person may act for."""

    organisation_id: Id
    name: str
    roles: list[Role]

    @classmethod
    def of(cls, result: object) -> SeatOut:
        """Roles in a fixed order."""
        if not isinstance(result, sessions.Seat):
            raise TypeError(type(result).__name__)
        roles = [role for role in Role if role in result.roles]
        return cls(organisation_id=result.organisation_id, name=result.name, roles=roles)


class SeatsOut(Out):
    """All organisations the person may act for."""

    items: list[SeatOut]


class PasswordChangeIn(In):
    """The present password and the one from now on."""

    old_password: Annotated[str, Field(max_length=1000)]
    new_password: Annotated[str, Field(max_length=1000)]


class SwitchIn(In):
    """The organisation to act for from now on."""

    organisation_id: Id


@resource.operation("GET", "/sessions")
def list_own(ctx: Context) -> SessionsOut:
    """List one's own sessions."""
    return SessionsOut(items=[SessionOut.of(one) for one in sessions.list_sessions(ctx)])


@resource.operation("DELETE", "/sessions/{session_id}", status=204)
def revoke(ctx: Context, session_id: Id) -> None:
    """End one of one's own sessions, wherever it was opened."""
    sessions.revoke_session(ctx, session_id)


@resource.operation("GET", "/seats")
def list_seats(ctx: Context) -> SeatsOut:
    """List the organisations one may act for."""
    return SeatsOut(items=[SeatOut.of(seat) for seat in sessions.list_seats(ctx)])


@resource.operation("PUT", "/session/organisation")
def switch(ctx: Context, body: SwitchIn) -> SeatsOut:
    """Act for another of one's organisations in this browser session."""
    secret = request.cookies.get(sessions.SESSION_COOKIE, "")
    actor = sessions.switch_organisation(ctx, secret, body.organisation_id)
    return list_seats(ctx.acting_as(actor))


@resource.operation("POST", "/password-changes", status=204)
def change_password(ctx: Context, body: PasswordChangeIn) -> None:
    """Change one's own password and end all one's other sessions."""
    secret = request.cookies.get(sessions.SESSION_COOKIE, "")
    sessions.change_password(ctx, body.old_password, body.new_password, secret)
