"""Signing keys of the caller's organisation."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import In, Instant, Out
from exchange.domain.actors import Role
from exchange.services import keys
from exchange.services.context import Context

resource = Resource("keys", "Public keys that datasets are signed with, bound by proof of possession.")

Kid = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^did:[!-~]+$")]


class KeyOut(Out):
    """A bound key; `custody` marks one the exchange keeps for the organisation."""

    kid: str
    did: str
    public_jwk: dict[str, str]
    custody: bool
    bound_at: datetime
    retired_at: datetime | None
    compromised_since: datetime | None


class KeysOut(Out):
    """All keys of the organisation, first bound first."""

    items: list[KeyOut]


class KeyIn(In):
    """A public JWK, and a JWS by the key over {aud, organisation, iat} with typ key-proof+jwt."""

    public_jwk: Annotated[dict[str, str], Field(max_length=10)]
    proof: Annotated[str, Field(max_length=4000)]


class CompromiseIn(In):
    """Since when others may have held the key."""

    since: Instant


@resource.operation("GET", "/keys")
def list_all(ctx: Context) -> KeysOut:
    """List the organisation's keys."""
    return KeysOut(items=[KeyOut.of(key) for key in keys.list_keys(ctx)])


@resource.operation("POST", "/keys", role=Role.SIGNER, status=201)
def register(ctx: Context, body: KeyIn) -> KeyOut:
    """Bind one's own key to the organisation."""
    return KeyOut.of(keys.register_key(ctx, body.public_jwk, body.proof))


@resource.operation("POST", "/keys/{kid}/retirement", role=Role.SIGNER)
def retire(ctx: Context, kid: Kid) -> KeyOut:
    """Retire a key; what it signed before stays valid."""
    return KeyOut.of(keys.retire_key(ctx, kid))


@resource.operation("POST", "/keys/{kid}/compromise", role=Role.SIGNER)
def compromise(ctx: Context, kid: Kid, body: CompromiseIn) -> KeyOut:
    """Declare a key compromised since an instant."""
    return KeyOut.of(keys.report_compromise(ctx, kid, body.since))
