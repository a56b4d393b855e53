"""Keys are bound to an organisation by proof of possession, and to one organisation only."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from exchange.adapters.clock import SteppingClock
from exchange.domain.actors import Role
from exchange.domain.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    NotPermittedError,
    RateLimitedError,
)
from exchange.services import keys
from exchange.services.context import Context
from exchange.services.key_proofs import make_proof
from exchange.services.key_rotation import end_key
from exchange.store.tables.accounts import SigningKeyRow
from exchange.store.tables.log import LogPendingRow
from exchange.trust import did_key, did_key_kid
from exchange.trust.jws import sign_compact
from exchange.trust.keys import PrivateKey, new_private_key, private_jwk, public_jwk
from tests import factories
from tests.datasets import further_password
from tests.factories import PASSWORD, Party


def proof(
    firm: Party, key: PrivateKey, *, audience: str = "", organisation_id: str = "", at: datetime | None = None
) -> str:
    """A proof that is right unless told otherwise."""
    return make_proof(
        key,
        audience=audience or firm.ctx.settings.public_url,
        organisation_id=organisation_id or firm.id,
        now=at or firm.ctx.now(),
    )


def register(firm: Party, key: PrivateKey) -> keys.SigningKey:
    """Bind the key to the firm."""
    password = further_password(firm)
    return keys.register_key(firm.ctx, public_jwk(key.public_key()), proof(firm, key), password)


def test_a_proven_key_is_bound_and_its_binding_awaits_the_log(ctx: Context) -> None:
    firm, key = factories.party(ctx), new_private_key()
    bound = register(firm, key)
    assert (bound.kid, bound.did) == (did_key_kid(key.public_key()), did_key(key.public_key()))
    assert (bound.custody, bound.retired_at) == (False, None)
    assert keys.list_keys(firm.ctx) == (bound,)
    with ctx.store.read() as session:
        resolved = keys.resolve(session, bound.kid)
        pending = session.exec(select(LogPendingRow)).one()
        assert keys.owner_of(session, bound.kid) == firm.id
    assert resolved is not None and resolved.valid_from == bound.bound_at
    assert pending.event == "key-binding" and pending.digest.startswith("sha256:")


def test_binding_a_key_again_changes_nothing(ctx: Context) -> None:
    firm, key = factories.party(ctx), new_private_key()
    assert register(firm, key) == register(firm, key)
    with ctx.store.read() as session:
        assert len(session.exec(select(LogPendingRow)).all()) == 1


def test_a_key_belongs_to_one_organisation(ctx: Context) -> None:
    firm, other, key = factories.party(ctx), factories.party(ctx), new_private_key()
    register(firm, key)
    with pytest.raises(ConflictError) as caught:
        register(other, key)
    assert caught.value.error_code == "key.bound_elsewhere"


def wrong_proofs(firm: Party, key: PrivateKey, now: datetime) -> dict[str, str]:
    """Proofs that are each wrong in one way."""
    right = proof(firm, key, at=now)
    header, payload, signature = right.split(".")
    stolen = sign_compact(b"{}", typ="vc+jwt", kid=did_key_kid(key.public_key()), key=key)
    return {
        "another key": proof(firm, new_private_key(), at=now),
        "another exchange": proof(firm, key, audience="https://elsewhere.example", at=now),
        "another organisation": proof(firm, key, organisation_id="someone-else", at=now),
        "too old": proof(firm, key, at=now - timedelta(seconds=301)),
        "from the future": proof(firm, key, at=now + timedelta(seconds=310)),
        "a dataset": stolen,
        "a broken signature": f"{header}.{payload}.{'A' * len(signature)}",
        "not a token": "hello",
        "empty": "",
        "not ascii": "æ.ø.å",
    }


@pytest.mark.parametrize(
    "what",
    [
        "another key",
        "another exchange",
        "another organisation",
        "too old",
        "from the future",
        "a dataset",
        "a broken signature",
        "not a token",
        "empty",
        "not ascii",
    ],
)
def test_a_proof_wrong_in_one_way_binds_nothing(ctx: Context, what: str) -> None:
    firm, key = factories.party(ctx), new_private_key()
    with pytest.raises(InvalidError) as caught:
        keys.register_key(firm.ctx, public_jwk(key.public_key()), wrong_proofs(firm, key, ctx.now())[what])
    assert caught.value.error_code == "key.proof"
    with ctx.store.read() as session:
        assert session.exec(select(SigningKeyRow)).all() == []


def test_a_private_key_sent_by_mistake_is_refused_and_called_spent(ctx: Context) -> None:
    firm, key = factories.party(ctx), new_private_key()
    with pytest.raises(InvalidError) as caught:
        keys.register_key(firm.ctx, private_jwk(key), proof(firm, key))
    assert (caught.value.error_code, caught.value.path) == ("key.private", "/public_jwk/d")


def test_registering_a_key_takes_a_signer(ctx: Context) -> None:
    firm, key = factories.party(ctx), new_private_key()
    with pytest.raises(NotPermittedError):
        keys.register_key(factories.acting(firm, Role.EDITOR), public_jwk(key.public_key()), proof(firm, key))


def test_a_retired_key_keeps_its_past_and_is_never_bound_again(ctx: Context) -> None:
    firm, key = factories.party(ctx), new_private_key()
    bound = register(firm, key)
    retired = end_key(firm.ctx, bound.kid, PASSWORD)
    assert retired.retired_at is not None
    assert end_key(firm.ctx, bound.kid, PASSWORD) == retired
    with ctx.store.read() as session:
        resolved = keys.resolve(session, bound.kid)
    assert resolved is not None and resolved.retired_at == retired.retired_at
    with pytest.raises(ConflictError) as caught:
        register(firm, key)
    assert caught.value.error_code == "key.retired"


def test_nobody_retires_another_organisations_key(ctx: Context) -> None:
    firm, other = factories.party(ctx), factories.party(ctx)
    bound = register(firm, new_private_key())
    with pytest.raises(NotFoundError):
        end_key(other.ctx, bound.kid, PASSWORD)
    with pytest.raises(NotFoundError):
        end_key(other.ctx, bound.kid, PASSWORD, exposed_since=ctx.now())


def test_a_compromise_only_moves_back_in_time_and_retires_the_key(ctx: Context, clock: SteppingClock) -> None:
    firm = factories.party(ctx)
    bound = register(firm, new_private_key())
    since = ctx.now()
    whole = since.replace(microsecond=0)
    assert since > whole
    assert end_key(firm.ctx, bound.kid, PASSWORD, exposed_since=since).compromised_since == whole
    clock.move(timedelta(hours=1))
    later = end_key(firm.ctx, bound.kid, PASSWORD, exposed_since=ctx.now())
    assert later.compromised_since == whole
    assert later.retired_at is not None
    with pytest.raises(InvalidError):
        end_key(firm.ctx, bound.kid, PASSWORD, exposed_since=ctx.now() + timedelta(days=1))


def test_an_unbound_key_resolves_to_nothing(ctx: Context) -> None:
    with ctx.store.read() as session:
        assert keys.resolve(session, "did:key:zUnknown#zUnknown") is None
        assert keys.owner_of(session, "did:key:zUnknown#zUnknown") is None


def test_an_organisation_has_so_many_keys_in_force_and_no_more(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MOST_IN_FORCE", 2)
    firm, other = factories.party(ctx), factories.party(ctx)
    first, second = new_private_key(), new_private_key()
    register(firm, first)
    register(firm, second)
    with pytest.raises(ConflictError) as caught:
        register(firm, new_private_key())
    assert caught.value.error_code == "key.too_many" and caught.value.advice
    assert register(firm, first).retired_at is None  # what is bound stays bound
    register(other, new_private_key())
    end_key(firm.ctx, did_key_kid(first.public_key()), PASSWORD)
    register(firm, new_private_key())


def test_binding_is_limited_in_pace_and_reporting_is_not(ctx: Context) -> None:
    firm = factories.party(ctx)
    tight = replace(firm.ctx, settings=ctx.settings.model_copy(update={"rate_import": "2/minute"}))
    limited = replace(firm, ctx=tight)
    kid = register(limited, new_private_key()).kid
    register(limited, new_private_key())
    with pytest.raises(RateLimitedError):
        register(limited, new_private_key())
    assert end_key(limited.ctx, kid, PASSWORD, exposed_since=ctx.now()).compromised_since is not None
