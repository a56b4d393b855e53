"""A key is ended, and a lost one replaced, only by the person themselves, wholly or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from exchange.domain.actors import Actor, Role
from exchange.domain.errors import (
    ConflictError,
    InvalidError,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
    RateLimitedError,
)
from exchange.domain.groups import DatasetKind
from exchange.services import keys, publish
from exchange.services.context import Context
from exchange.services.key_proofs import make_proof
from exchange.services.key_rotation import end_key, replace_key
from exchange.services.keys import SigningKey
from exchange.services.sessions import change_password, resume_session, sign_in
from exchange.trust import did_key_kid
from exchange.trust.keys import PrivateKey, new_private_key, public_jwk
from tests.datasets import contents, own_key, product, product_subject, token_of
from tests.factories import PASSWORD, Party, acting, party


def replaced(
    firm: Party,
    kid: str,
    key: PrivateKey,
    password: str = PASSWORD,
    *,
    ctx: Context | None = None,
    days: int = 0,
) -> SigningKey:
    """Replace the key; exposed since `days` ago where that is not 0."""
    who = ctx or firm.ctx
    proof = make_proof(key, audience=who.settings.public_url, organisation_id=firm.id, now=who.now())
    since = who.now() - timedelta(days=days) if days else None
    return replace_key(who, kid, password, public_jwk(key.public_key()), proof, exposed_since=since)


def test_the_lost_key_is_retired_and_the_new_one_signs(ctx: Context) -> None:
    firm, fresh = party(ctx), new_private_key()
    lost, about = own_key(firm), product(firm)
    before = publish.publish_token(firm.ctx, token_of(firm, lost, product_subject(firm, about)))
    made = replaced(firm, lost.kid, fresh)
    ended, new = keys.list_keys(firm.ctx)
    assert (ended.kid, ended.compromised_since, new) == (lost.kid, None, made)
    assert ended.retired_at is not None and made.retired_at is None and not made.custody
    with pytest.raises(InvalidError) as caught:
        publish.publish_token(firm.ctx, token_of(firm, lost, product_subject(firm, about, year=2024)))
    assert caught.value.error_code == "key_validity.retired"
    own = replace(lost, private=fresh, kid=made.kid, did=made.did)
    after = publish.publish_token(firm.ctx, token_of(firm, own, product_subject(firm, about)))
    assert after.supersedes_id == before.dataset_id


def test_a_key_others_may_have_is_reported_since_then(ctx: Context) -> None:
    firm = party(ctx)
    lost = own_key(firm)
    replaced(firm, lost.kid, new_private_key(), days=2)
    (ended, _) = keys.list_keys(firm.ctx)
    assert ended.compromised_since is not None and ended.retired_at is not None
    assert timedelta(days=2) <= ctx.now() - ended.compromised_since < timedelta(days=2, seconds=2)


def test_again_changes_nothing(ctx: Context) -> None:
    firm, fresh = party(ctx), new_private_key()
    lost = own_key(firm)
    assert replaced(firm, lost.kid, fresh) == replaced(firm, lost.kid, fresh)
    assert len(keys.list_keys(firm.ctx)) == 2


def test_a_wrong_password_changes_nothing_and_is_limited(ctx: Context) -> None:
    firm = party(replace(ctx, settings=ctx.settings.model_copy(update={"rate_confirm": "3/minute"})))
    lost = own_key(firm)
    before = contents(ctx.store)
    for _ in range(3):
        with pytest.raises(InvalidError) as caught:
            replaced(firm, lost.kid, new_private_key(), "another password")
        assert (caught.value.error_code, caught.value.path) == ("password.wrong", "/password")
    with pytest.raises(RateLimitedError):
        replaced(firm, lost.kid, new_private_key())
    assert contents(ctx.store) == before


def test_who_cannot_replace(ctx: Context) -> None:
    firm, other = party(ctx), party(ctx)
    lost, theirs = own_key(firm), own_key(other)
    machine = ctx.acting_as(Actor(firm.id, frozenset({Role.SIGNER}), client_id="client"))
    before = contents(ctx.store)
    with pytest.raises(NotPermittedError) as refused:
        replaced(firm, lost.kid, new_private_key(), ctx=machine)
    assert refused.value.error_code == "person.only"
    with pytest.raises(NotFoundError):
        replaced(firm, theirs.kid, new_private_key())
    with pytest.raises(ConflictError) as conflict:
        replaced(firm, lost.kid, lost.private)
    assert conflict.value.error_code == "key.same"
    with pytest.raises(ConflictError) as conflict:
        replaced(firm, lost.kid, theirs.private)
    assert conflict.value.error_code == "key.bound_elsewhere"
    with pytest.raises(InvalidError) as invalid:
        proof = make_proof(
            new_private_key(), audience=ctx.settings.public_url, organisation_id=firm.id, now=ctx.now()
        )
        replace_key(firm.ctx, lost.kid, PASSWORD, public_jwk(new_private_key().public_key()), proof)
    assert invalid.value.error_code == "key.proof"
    with pytest.raises(InvalidError) as invalid:
        replaced(firm, lost.kid, new_private_key(), days=-1)
    assert invalid.value.error_code == "key.compromise_future"
    assert contents(ctx.store) == before


def test_only_a_signer_replaces(ctx: Context) -> None:
    firm = party(ctx)
    lost = own_key(firm)
    with pytest.raises(NotPermittedError):
        replaced(firm, lost.kid, new_private_key(), ctx=acting(firm, Role.EDITOR))
    assert did_key_kid(lost.private.public_key()) == keys.list_keys(firm.ctx)[0].kid


def test_ending_a_key_asks_for_the_password_which_is_limited_and_else_changes_nothing(ctx: Context) -> None:
    firm = party(replace(ctx, settings=ctx.settings.model_copy(update={"rate_confirm": "3/minute"})))
    own = own_key(firm)
    before = contents(ctx.store)
    for since in (None, ctx.now() - timedelta(days=1), None):
        with pytest.raises(InvalidError) as caught:
            end_key(firm.ctx, own.kid, "another password", exposed_since=since)
        assert (caught.value.error_code, caught.value.path) == ("password.wrong", "/password")
    with pytest.raises(RateLimitedError):
        end_key(firm.ctx, own.kid, PASSWORD)
    assert contents(ctx.store) == before


def limited(ctx: Context, **rates: str) -> Party:
    """A firm at an exchange with these rates."""
    return party(replace(ctx, settings=ctx.settings.model_copy(update=rates)))


def test_neither_another_client_nor_a_stranger_keeps_a_key_alive(ctx: Context) -> None:
    """Everything else that is limited is used up; the owner still ends one key and replaces the other."""
    firm = limited(ctx, rate_import="2/minute", rate_sign_in="2/minute")
    exposed, lost = own_key(firm), own_key(firm)
    editor = firm.ctx.acting_as(Actor(firm.id, frozenset({Role.EDITOR}), client_id="client"))
    with pytest.raises(RateLimitedError):
        publish.preview(editor, DatasetKind.PRODUCT, {})
    for number in range(3):
        with pytest.raises((NotAuthenticatedError, RateLimitedError)):
            sign_in(firm.ctx, firm.email, "another password", f"10.0.0.{number}")
    with pytest.raises(RateLimitedError):
        sign_in(firm.ctx, firm.email, PASSWORD, "10.0.1.1")
    assert end_key(firm.ctx, exposed.kid, PASSWORD, exposed_since=ctx.now()).compromised_since is not None
    replaced(firm, lost.kid, new_private_key())
    assert [key.retired_at is None for key in keys.list_keys(firm.ctx)] == [False, False, True]


def test_wrong_passwords_are_counted_per_session_and_right_ones_not_at_all(ctx: Context) -> None:
    firm = limited(ctx, rate_confirm="2/minute")
    lost, stolen = own_key(firm), sign_in(firm.ctx, firm.email, PASSWORD, "10.0.0.1")
    owner = sign_in(firm.ctx, firm.email, PASSWORD, "10.0.0.2")
    thief = firm.ctx.acting_as(resume_session(firm.ctx, stolen.secret))
    for _ in range(2):
        with pytest.raises(InvalidError):
            end_key(thief, lost.kid, "another password")
    for password in (PASSWORD, "another password"):  # the answer no longer tells which one is right
        with pytest.raises(RateLimitedError):
            end_key(thief, lost.kid, password)
        with pytest.raises(RateLimitedError):
            change_password(thief, password, "quite another one 47", stolen.secret)
    for _ in range(4):
        assert end_key(firm.ctx.acting_as(owner.actor), lost.kid, PASSWORD).retired_at is not None


def test_no_machine_and_nobody_but_a_signer_ends_a_key(ctx: Context) -> None:
    firm = party(ctx)
    own, editor = own_key(firm), acting(firm, Role.EDITOR)
    machine = ctx.acting_as(Actor(firm.id, frozenset({Role.SIGNER}), client_id="client"))
    before = contents(ctx.store)
    for who in (machine, editor):
        with pytest.raises(NotPermittedError):
            end_key(who, own.kid, PASSWORD)
    assert contents(ctx.store) == before
