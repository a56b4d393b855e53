"""Signing keys of the caller's organisation."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import Id, In, Instant, Out, ProblemOut, Reply
from exchange.domain.actors import Assurance, Role
from exchange.services import key_rotation, keys
from exchange.services.context import Context
from exchange.services.identities import custody, did_web, organisation_credentials

resource = Resource("keys", "Public keys that datasets are signed with, bound by proof of possession.")

Password = Annotated[str, Field(max_length=1000)]
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
    """A public JWK, and a JWS by the key over {aud, organisation, iat} with typ key-proof+jwt.

    `password`: the person's who binds a key beside an own one in force.
    """

    public_jwk: Annotated[dict[str, str], Field(max_length=10)]
    proof: Annotated[str, Field(max_length=4000)]
    password: Password | None = None


class ConfirmationIn(In):
    """The password of the person who does this, asked again: an open session alone is not enough."""

    password: Password


class CompromiseIn(ConfirmationIn):
    """The same, and since when others may have held the key."""

    since: Instant


class DidWebIn(In):
    """A key id of did:web on the organisation's own domain; a JWS by that key and a password as for any key."""

    kid: Kid
    proof: Annotated[str, Field(max_length=4000)]
    password: Password | None = None


class KeyBindingOut(Out):
    """How far the binding of a did:web key has come; `url` is where its document is looked for."""

    id: Id
    kid: str
    url: str
    state: Literal["waiting", "bound", "refused"]
    job_id: Id
    problems: list[ProblemOut]
    created_at: datetime


class KeyBindingsOut(Out):
    """The fifty newest requests, newest first."""

    items: list[KeyBindingOut]


class OrganisationCredentialOut(Out):
    """The registrar's signed statement (`application/vc+jwt`) on which organisation a DID belongs to."""

    id: Id
    did: str
    name: str
    assurance: Assurance
    jwt: str
    digest: str
    issued_at: datetime
    revoked_at: datetime | None


class OrganisationCredentialsOut(Out):
    """All statements on the organisation, newest first; one per DID is in force."""

    items: list[OrganisationCredentialOut]


class CustodyOut(Out):
    """The job that makes the key."""

    job_id: Id


@resource.operation("GET", "/keys")
def list_all(ctx: Context) -> KeysOut:
    """List the organisation's keys."""
    return KeysOut(items=[KeyOut.of(key) for key in keys.list_keys(ctx)])


@resource.operation("POST", "/keys", role=Role.SIGNER, status=201)
def register(ctx: Context, body: KeyIn) -> KeyOut:
    """Bind one's own key to the organisation. Beside one in force: for people only, who say who they are again."""
    return KeyOut.of(keys.register_key(ctx, body.public_jwk, body.proof, body.password))


@resource.operation("POST", "/keys/{kid}/retirement", role=Role.SIGNER)
def retire(ctx: Context, kid: Kid, body: ConfirmationIn) -> KeyOut:
    """Retire a key; what it signed before stays valid. For people only, who say who they are again."""
    return KeyOut.of(key_rotation.end_key(ctx, kid, body.password))


@resource.operation("POST", "/keys/{kid}/compromise", role=Role.SIGNER)
def compromise(ctx: Context, kid: Kid, body: CompromiseIn) -> KeyOut:
    """Declare a key compromised since an instant. For people only, who say who they are again."""
    return KeyOut.of(key_rotation.end_key(ctx, kid, body.password, exposed_since=body.since))


@resource.operation("GET", "/keys/did-web")
def list_bindings(ctx: Context) -> KeyBindingsOut:
    """List the organisation's requests to bind did:web keys."""
    return KeyBindingsOut(items=[KeyBindingOut.of(one) for one in did_web.list_bindings(ctx)])


@resource.operation("POST", "/keys/did-web", role=Role.SIGNER, status=202)
def bind_did_web(ctx: Context, body: DidWebIn) -> Reply[KeyBindingOut]:
    """Have the worker look for a key in the DID document of the organisation's own domain, and bind it."""
    binding = did_web.request_binding(ctx, body.kid, body.proof, body.password)
    return Reply(KeyBindingOut.of(binding), headers={"Location": f"/api/v1/keys/did-web/{binding.id}"})


@resource.operation("GET", "/keys/did-web/{binding_id}")
def get_binding(ctx: Context, binding_id: Id) -> KeyBindingOut:
    """Read how far the binding of a did:web key has come."""
    return KeyBindingOut.of(did_web.get_binding(ctx, binding_id))


@resource.operation("POST", "/keys/custody", role=Role.ADMIN, status=202)
def reopen_custody(ctx: Context, body: ConfirmationIn) -> CustodyOut:
    """Have a custody key made after the last one has ended, or beside own keys. For people only, as ending one."""
    return CustodyOut(job_id=custody.reopen_custody(ctx, body.password))


@resource.operation("GET", "/organisation/credentials")
def list_credentials(ctx: Context) -> OrganisationCredentialsOut:
    """List what the registrar has signed of the organisation's DIDs."""
    found = organisation_credentials.list_credentials(ctx)
    return OrganisationCredentialsOut(items=[OrganisationCredentialOut.of(one) for one in found])
