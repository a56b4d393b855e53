"""People come into an organisation by their own doing: invitations, and what they do not give away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from exchange.adapters.clock import SteppingClock
from exchange.domain.actors import Role
from exchange.domain.errors import (
    ConflictError,
    InvalidError,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
    RateLimitedError,
)
from exchange.services import accounts, invitations, sessions
from exchange.services.context import Context
from exchange.store.tables.accounts import InvitationRow
from tests import factories

OWN = "my own four words"
ADDRESS = "192.0.2.1"
BOSS = "boss@victim.example"


def refusal(ctx: Context, secret: str) -> str:
    """The code an acceptance is refused with."""
    with pytest.raises(InvalidError) as caught:
        invitations.accept_invitation(ctx, secret, OWN, "Bo")
    return caught.value.error_code


def test_a_new_person_joins_with_a_password_nobody_else_knows(ctx: Context) -> None:
    firm = factories.party(ctx)
    invited = invitations.invite(firm.ctx, " Bo@People.example ", {Role.EDITOR, Role.SIGNER})
    assert invited.link == f"{ctx.settings.public_url}/invitations/{invited.secret}"
    assert [user.email for user in accounts.list_users(firm.ctx)] == [firm.email]
    joined = invitations.accept_invitation(ctx, invited.secret, OWN, "Bo", "en")
    assert (joined.email, joined.roles) == ("bo@people.example", {Role.EDITOR, Role.SIGNER})
    actor = sessions.sign_in(ctx, "bo@people.example", OWN, ADDRESS).actor
    assert (actor.organisation_id, actor.roles) == (firm.id, {Role.EDITOR, Role.SIGNER})


def test_an_account_somebody_made_under_anothers_address_gets_no_roles(ctx: Context) -> None:
    attacker, victim = factories.party(ctx), factories.party(ctx)
    link = invitations.invite(attacker.ctx, BOSS, {Role.VIEWER})
    invitations.accept_invitation(ctx, link.secret, "the attacker knows this", "Boss")
    for_boss = invitations.invite(victim.ctx, BOSS, {Role.ADMIN})
    held = sessions.sign_in(ctx, BOSS, "the attacker knows this", ADDRESS)
    assert held.actor.organisation_id == attacker.id
    with pytest.raises(NotFoundError):
        sessions.switch_organisation(ctx, held.secret, victim.id)
    with pytest.raises(NotAuthenticatedError) as caught:
        invitations.accept_invitation(ctx, for_boss.secret, "the boss's own words", "Boss")
    assert caught.value.error_code == "sign_in.failed"
    assert [user.email for user in accounts.list_users(victim.ctx)] == [victim.email]


def test_a_known_person_joins_signed_in_or_with_the_right_password_only(ctx: Context) -> None:
    firm, other, stranger = factories.party(ctx), factories.party(ctx), factories.party(ctx)
    first = invitations.invite(other.ctx, firm.email, {Role.VIEWER})
    for who, password in ((ctx, None), (ctx, "not the password"), (stranger.ctx, None)):
        with pytest.raises(NotAuthenticatedError):
            invitations.accept_invitation(who, first.secret, password, "Anna")
    by_password = invitations.accept_invitation(ctx, first.secret, factories.PASSWORD, "Changed")
    assert (by_password.name, by_password.roles) == ("Anna Admin", {Role.VIEWER})
    second = invitations.invite(other.ctx, firm.email, {Role.EDITOR})
    signed_in = invitations.accept_invitation(firm.ctx, second.secret, None, "")
    assert signed_in.roles == {Role.VIEWER, Role.EDITOR}
    assert [seat.organisation_id for seat in sessions.list_seats(firm.ctx)] == [firm.id, other.id]


def test_an_invitation_says_the_same_of_known_and_unknown_addresses(ctx: Context) -> None:
    firm, known = factories.party(ctx), factories.party(ctx)
    answers = [invitations.invite(firm.ctx, email, {Role.VIEWER}) for email in (known.email, BOSS)]
    assert [one.invitation.state for one in answers] == ["open", "open"]
    offers = [invitations.read_invitation(ctx, one.secret) for one in answers]
    assert [(one.organisation_name, one.is_own) for one in offers] == [(firm.organisation.name, False)] * 2
    assert [seat.organisation_id for seat in sessions.list_seats(known.ctx)] == [known.id]
    assert invitations.read_invitation(known.ctx, answers[0].secret).is_own


def test_used_revoked_expired_and_unknown_links_are_refused_alike(ctx: Context, clock: SteppingClock) -> None:
    firm = factories.party(ctx)
    used, revoked, expired = (
        invitations.invite(firm.ctx, f"{name}@people.example", {Role.VIEWER}) for name in ("a", "b", "c")
    )
    invitations.accept_invitation(ctx, used.secret, OWN, "Bo")
    invitations.revoke_invitation(firm.ctx, revoked.invitation.id)
    clock.move(timedelta(days=7))
    codes = [refusal(ctx, secret) for secret in (used.secret, revoked.secret, expired.secret, "unknown")]
    assert codes == ["invitation.invalid"] * 4
    states = {one.email: one.state for one in invitations.list_invitations(firm.ctx)}
    assert states == {
        "a@people.example": "accepted",
        "b@people.example": "revoked",
        "c@people.example": "expired",
    }


def test_a_link_is_good_until_seven_days_have_passed(ctx: Context, clock: SteppingClock) -> None:
    firm = factories.party(ctx)
    invited = invitations.invite(firm.ctx, BOSS, {Role.VIEWER})
    clock.move(timedelta(days=7) - timedelta(minutes=1))
    assert invitations.accept_invitation(ctx, invited.secret, OWN, "Bo").email == BOSS


def test_a_refused_acceptance_leaves_the_link_good_and_makes_no_account(ctx: Context) -> None:
    firm = factories.party(ctx)
    invited = invitations.invite(firm.ctx, BOSS, {Role.VIEWER})
    with pytest.raises(InvalidError) as caught:
        invitations.accept_invitation(ctx, invited.secret, "short", "Bo")
    assert (caught.value.error_code, caught.value.path) == ("password.too_short", "/user/password")
    assert invitations.list_invitations(firm.ctx)[0].state == "open"
    assert len(accounts.list_users(firm.ctx)) == 1


def test_the_link_is_stored_as_a_hash_only(ctx: Context) -> None:
    invited = invitations.invite(factories.party(ctx).ctx, BOSS, {Role.VIEWER})
    with ctx.store.read() as session:
        row = session.exec(select(InvitationRow)).one()
    assert invited.secret not in row.model_dump_json()
    assert len(row.secret_hash) == 64


def test_only_administrators_invite_list_and_revoke_and_only_for_their_organisation(ctx: Context) -> None:
    firm, other = factories.party(ctx), factories.party(ctx)
    signer = factories.acting(firm, Role.SIGNER)
    invited = invitations.invite(firm.ctx, BOSS, {Role.VIEWER})
    with pytest.raises(NotPermittedError):
        invitations.invite(signer, "x@people.example", {Role.VIEWER})
    with pytest.raises(NotPermittedError):
        invitations.list_invitations(signer)
    with pytest.raises(NotPermittedError):
        invitations.revoke_invitation(signer, invited.invitation.id)
    with pytest.raises(NotFoundError):
        invitations.revoke_invitation(other.ctx, invited.invitation.id)
    assert invitations.list_invitations(other.ctx) == ()
    invitations.revoke_invitation(firm.ctx, invited.invitation.id)
    with pytest.raises(ConflictError) as caught:
        invitations.revoke_invitation(firm.ctx, invited.invitation.id)
    assert caught.value.error_code == "invitation.closed"


@pytest.mark.parametrize(
    ("email", "roles", "path"), [("no address", {Role.VIEWER}, "/email"), (BOSS, (), "/roles")]
)
def test_an_invitation_needs_an_address_and_a_role(
    ctx: Context, email: str, roles: set[Role], path: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        invitations.invite(factories.party(ctx).ctx, email, roles)
    assert caught.value.path == path


def test_inviting_and_trying_passwords_with_a_link_are_limited(ctx: Context) -> None:
    firm, known = factories.party(ctx), factories.party(ctx)
    tight = ctx.settings.model_copy(update={"rate_sign_in": "2/minute"})
    invited = invitations.invite(firm.ctx, known.email, {Role.VIEWER})
    limited = Context(tight, ctx.store, ctx.clock, ctx.entropy, "limited")
    for _ in range(2):
        with pytest.raises(NotAuthenticatedError):
            invitations.accept_invitation(limited, invited.secret, "not the password", "")
    with pytest.raises(RateLimitedError):
        invitations.accept_invitation(limited, invited.secret, factories.PASSWORD, "")
    with pytest.raises(RateLimitedError):
        for number in range(3):
            invitations.invite(limited.acting_as(firm.actor), f"n{number}@people.example", {Role.VIEWER})
