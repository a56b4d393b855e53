"""Sessions, passwords, API clients and tokens: what opens them, what ends them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlmodel import select

from exchange.adapters.clock import SteppingClock
from exchange.domain.actors import Role
from exchange.domain.errors import (
    InvalidError,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
)
from exchange.services import accounts, api_clients, passwords, sessions
from exchange.services.context import Context
from exchange.services.organisations import NewOrganisation
from exchange.store.tables.accounts import AccessTokenRow, ApiClientRow, SessionRow, UserRow
from tests import factories

ADDRESS = "192.0.2.1"


def test_a_session_resumes_as_its_person_until_it_expires(ctx: Context, clock: SteppingClock) -> None:
    firm = factories.party(ctx)
    signed_in = sessions.sign_in(ctx, f" {firm.email.upper()} ", factories.PASSWORD, ADDRESS)
    assert sessions.resume_session(ctx, signed_in.secret) == firm.actor
    clock.move(timedelta(hours=ctx.settings.session_hours))
    assert sessions.resume_session(ctx, signed_in.secret) is None


def test_secrets_are_stored_as_hashes_only(ctx: Context) -> None:
    firm = factories.party(ctx)
    signed_in = sessions.sign_in(ctx, firm.email, factories.PASSWORD, ADDRESS)
    client = api_clients.create_api_client(firm.ctx, "ERP", {Role.VIEWER})
    token = api_clients.issue_token(ctx, client.client_id, client.client_secret)
    with ctx.store.read() as session:
        stored = [
            row.model_dump_json()
            for table in (SessionRow, ApiClientRow, AccessTokenRow, UserRow)
            for row in session.exec(select(table)).all()
        ]
    for secret in (signed_in.secret, client.client_secret, token.token, factories.PASSWORD):
        assert not any(secret in row for row in stored)


@pytest.mark.parametrize(
    "email", ["nobody@firm.example", "not an address", "a\x00b@firm.example", "\ud800@x.example"]
)
def test_an_unknown_address_fails_like_a_wrong_password(ctx: Context, email: str) -> None:
    firm = factories.party(ctx)
    with pytest.raises(NotAuthenticatedError) as wrong_password:
        sessions.sign_in(ctx, firm.email, "another password", ADDRESS)
    with pytest.raises(NotAuthenticatedError) as unknown:
        sessions.sign_in(ctx, email, "another password", ADDRESS)
    assert vars(unknown.value) == vars(wrong_password.value)
    assert unknown.value.error_code == "sign_in.failed"


def test_an_unknown_address_costs_one_password_check_too(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            checked.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "HASHER", Counting(time_cost=1, memory_cost=8, parallelism=1))
    with pytest.raises(NotAuthenticatedError):
        sessions.sign_in(ctx, "nobody@firm.example", "another password", ADDRESS)
    assert len(checked) == 1


def test_a_hash_of_old_parameters_is_renewed_at_sign_in(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = factories.party(ctx)
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    sessions.sign_in(ctx, firm.email, factories.PASSWORD, ADDRESS)
    with ctx.store.read() as session:
        row = session.exec(select(UserRow).where(UserRow.email == firm.email)).one()
    assert "t=2" in row.password_hash
    assert not passwords.is_outdated(row.password_hash)


def test_the_same_letters_composed_or_decomposed_are_one_password() -> None:
    stored = passwords.hash_password("blåbærgrød på bordet")
    assert passwords.verify_password(stored, "bla\u030abærgrød pa\u030a bordet")


def test_the_parameters_in_use_are_those_of_rfc_9106() -> None:
    hasher = PasswordHasher()
    assert (hasher.memory_cost, hasher.time_cost, hasher.parallelism) == (65536, 3, 4)


def test_signing_out_ends_this_session_and_no_other(ctx: Context) -> None:
    firm = factories.party(ctx)
    first, second = (sessions.sign_in(ctx, firm.email, factories.PASSWORD, ADDRESS) for _ in range(2))
    sessions.sign_out(ctx, first.secret)
    sessions.sign_out(ctx, first.secret)
    assert sessions.resume_session(ctx, first.secret) is None
    assert sessions.resume_session(ctx, second.secret) == firm.actor


def test_a_person_lists_and_ends_only_own_sessions(ctx: Context) -> None:
    firm, other = factories.party(ctx), factories.party(ctx)
    own = sessions.sign_in(ctx, firm.email, factories.PASSWORD, ADDRESS)
    foreign = sessions.sign_in(ctx, other.email, factories.PASSWORD, ADDRESS)
    assert [row.id for row in sessions.list_sessions(firm.ctx)] == [own.session_id]
    with pytest.raises(NotFoundError):
        sessions.revoke_session(firm.ctx, foreign.session_id)
    sessions.revoke_session(firm.ctx, own.session_id)
    assert sessions.list_sessions(firm.ctx) == ()
    assert sessions.resume_session(ctx, own.secret) is None


def test_a_member_of_two_organisations_switches_between_them(ctx: Context) -> None:
    firm, other = factories.party(ctx), factories.party(ctx)
    factories.join(firm, other, Role.VIEWER)
    signed_in = sessions.sign_in(ctx, firm.email, factories.PASSWORD, ADDRESS)
    actor = sessions.switch_organisation(ctx, signed_in.secret, other.id)
    assert (actor.organisation_id, actor.roles) == (other.id, {Role.VIEWER})
    assert sessions.resume_session(ctx, signed_in.secret) == actor
    assert [seat.organisation_id for seat in sessions.list_seats(firm.ctx)] == [firm.id, other.id]


def test_nobody_switches_to_an_organisation_they_do_not_belong_to(ctx: Context) -> None:
    firm, other = factories.party(ctx), factories.party(ctx)
    signed_in = sessions.sign_in(ctx, firm.email, factories.PASSWORD, ADDRESS)
    with pytest.raises(NotFoundError):
        sessions.switch_organisation(ctx, signed_in.secret, other.id)
    assert sessions.resume_session(ctx, signed_in.secret) == firm.actor


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "unknown", ""])
def test_a_demo_account_is_good_on_this_machine_only(ctx: Context, address: str) -> None:
    person = accounts.NewUser("demo@firm.example", "Demo", factories.PASSWORD)
    founded = accounts.found_organisation(ctx, NewOrganisation("Demo"), person, is_demo=True)
    client = api_clients.create_api_client(ctx.acting_as(founded.actor), "ERP", {Role.VIEWER})
    for enter in (
        lambda at: sessions.sign_in(ctx, person.email, factories.PASSWORD, at),
        lambda at: api_clients.issue_token(ctx, client.client_id, client.client_secret, address=at),
    ):
        with pytest.raises(NotPermittedError) as caught:
            enter(address)
        assert caught.value.error_code == "demo.loopback_only"
        for own in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
            assert enter(own)


def test_a_person_without_any_organisation_cannot_sign_in(ctx: Context) -> None:
    firm = factories.party(ctx)
    colleague = factories.user(firm)
    accounts.set_roles(firm.ctx, colleague.id, ())
    with pytest.raises(NotPermittedError) as caught:
        sessions.sign_in(ctx, colleague.email, factories.PASSWORD, ADDRESS)
    assert caught.value.error_code == "membership.none"


def test_a_token_acts_with_the_clients_roles_until_it_expires(ctx: Context, clock: SteppingClock) -> None:
    firm = factories.party(ctx)
    client = api_clients.create_api_client(firm.ctx, "ERP", {Role.EDITOR})
    token = api_clients.issue_token(ctx, client.client_id, client.client_secret)
    assert token.expires_in == 1800
    actor = api_clients.actor_of_token(ctx, token.token)
    assert (actor.organisation_id, actor.client_id, actor.roles) == (firm.id, client.client_id, {Role.EDITOR})
    clock.move(timedelta(minutes=30))
    with pytest.raises(NotAuthenticatedError) as caught:
        api_clients.actor_of_token(ctx, token.token)
    assert caught.value.error_code == "token.expired"


def test_revoking_a_client_ends_its_tokens_at_once(ctx: Context) -> None:
    firm = factories.party(ctx)
    client = api_clients.create_api_client(firm.ctx, "ERP", {Role.EDITOR})
    token = api_clients.issue_token(ctx, client.client_id, client.client_secret)
    api_clients.revoke_api_client(firm.ctx, client.client_id)
    with pytest.raises(NotAuthenticatedError) as caught:
        api_clients.actor_of_token(ctx, token.token)
    assert caught.value.error_code == "token.invalid"
    with pytest.raises(NotAuthenticatedError):
        api_clients.issue_token(ctx, client.client_id, client.client_secret)


@pytest.mark.parametrize("client_id", ["unknown", "a\x00b"])
def test_unknown_clients_and_wrong_secrets_fail_alike(ctx: Context, client_id: str) -> None:
    firm = factories.party(ctx)
    client = api_clients.create_api_client(firm.ctx, "ERP", {Role.EDITOR})
    for tried in (client_id, client.client_id):
        with pytest.raises(NotAuthenticatedError) as caught:
            api_clients.issue_token(ctx, tried, "wrong")
        assert caught.value.error_code == "client.invalid"


def test_clients_are_the_administrators_of_their_own_organisation(ctx: Context) -> None:
    firm, other = factories.party(ctx), factories.party(ctx)
    client = api_clients.create_api_client(firm.ctx, "ERP", {Role.EDITOR})
    with pytest.raises(NotFoundError):
        api_clients.revoke_api_client(other.ctx, client.client_id)
    with pytest.raises(NotPermittedError):
        api_clients.create_api_client(factories.acting(firm, Role.SIGNER), "ERP", {Role.EDITOR})
    with pytest.raises(InvalidError):
        api_clients.create_api_client(firm.ctx, "ERP", ())
    assert [listed.client_id for listed in api_clients.list_api_clients(firm.ctx)] == [client.client_id]


def test_long_expired_tokens_are_dropped_when_a_new_one_is_issued(ctx: Context, clock: SteppingClock) -> None:
    firm = factories.party(ctx)
    client = api_clients.create_api_client(firm.ctx, "ERP", {Role.EDITOR})
    for _ in range(2):
        api_clients.issue_token(ctx, client.client_id, client.client_secret)
        clock.move(timedelta(days=2))
    with ctx.store.read() as session:
        assert len(session.exec(select(AccessTokenRow)).all()) == 1
