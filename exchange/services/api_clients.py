"""Machines that act for an organisation: OAuth 2.0 client credentials and bearer tokens (RFC 6749, RFC 6750)."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.domain.actors import Actor, Role
from exchange.domain.errors import InvalidError, NotAuthenticatedError, NotFoundError
from exchange.services.account_rules import check_name
from exchange.services.context import Context, audit
from exchange.services.demo_accounts import require_loopback
from exchange.services.rate_limits import limit
from exchange.services.secrets import hash_secret, new_secret
from exchange.store import accounts as query
from exchange.store.tables.accounts import AccessTokenRow, ApiClientRow

KEEP_EXPIRED = timedelta(days=1)  # so long a caller is told "expired" rather than "unknown"


@dataclass(frozen=True)
class ApiClient:
    """A machine as the organisation's administrators see it."""

    client_id: str
    name: str
    roles: frozenset[Role]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class ApiClientSecret:
    """A new client with its secret, which is shown this once."""

    client_id: str
    client_secret: str


@dataclass(frozen=True)
class AccessToken:
    """A bearer token good for `expires_in` seconds."""

    token: str
    expires_in: int


def create_api_client(ctx: Context, name: str, roles: Iterable[Role]) -> ApiClientSecret:
    """Let a machine act for the administrator's organisation with the given roles."""
    ctx.who.require(Role.ADMIN)
    wanted = sorted(frozenset(roles))
    if not wanted:
        raise InvalidError("At least one role is needed.", code="role.none", path="/roles")
    secret = new_secret(ctx.entropy)
    row = ApiClientRow(
        id=ctx.new_id(),
        organisation_id=ctx.who.organisation_id,
        name=check_name(name, "/name"),
        secret_hash=hash_secret(secret),
        roles=[role.value for role in wanted],
        created_by=ctx.who.user_id,
        created_at=ctx.now(),
    )
    with ctx.store.write() as session:
        session.add(row)
        audit(ctx, session, "api_client.create", "api_client", row.id, roles=" ".join(row.roles))
    return ApiClientSecret(row.id, secret)


def list_api_clients(ctx: Context) -> tuple[ApiClient, ...]:
    """The clients of the administrator's organisation, revoked ones too, oldest first."""
    ctx.who.require(Role.ADMIN)
    with ctx.store.read() as session:
        return tuple(map(_client, query.clients_of(session, ctx.who.organisation_id)))


def revoke_api_client(ctx: Context, client_id: str) -> None:
    """End a client and every token it holds, at once. Raises NotFoundError for another organisation's."""
    ctx.who.require(Role.ADMIN)
    with ctx.store.write() as session:
        row = session.get(ApiClientRow, client_id)
        if row is None or row.organisation_id != ctx.who.organisation_id:
            raise NotFoundError
        if row.revoked_at is None:
            row.revoked_at = ctx.now()
            session.add(row)
            audit(ctx, session, "api_client.revoke", "api_client", row.id)


def issue_token(
    ctx: Context, client_id: str, client_secret: str, *, address: str | None = None
) -> AccessToken:
    """A bearer token for the right credentials; raises NotAuthenticatedError `client.invalid` otherwise.

    `address` is the caller's network address, None within this machine: NotPermittedError
    `demo.loopback_only` for a demo organisation's client elsewhere.
    """
    limit(ctx, "token", client_id)
    now, token = ctx.now(), new_secret(ctx.entropy)
    lifetime = timedelta(minutes=ctx.settings.token_minutes)
    with ctx.store.write() as session:
        row = session.get(ApiClientRow, client_id) if client_id.isprintable() else None
        fits = hmac.compare_digest(row.secret_hash if row else "", hash_secret(client_secret))
        if row is None or not fits or row.revoked_at is not None:
            raise NotAuthenticatedError("The client credentials are not valid.", code="client.invalid")
        if address is not None and query.get_organisation(session, row.organisation_id).is_demo:
            require_loopback(address)
        query.delete_tokens_expired_before(session, row.id, now - KEEP_EXPIRED)
        session.add(
            AccessTokenRow(
                secret_hash=hash_secret(token), client_id=row.id, created_at=now, expires_at=now + lifetime
            )
        )
    return AccessToken(token, int(lifetime.total_seconds()))


def actor_of_token(ctx: Context, token: str) -> Actor:
    """Who a bearer token acts for; raises NotAuthenticatedError (`token.invalid`, `token.expired`)."""
    with ctx.store.read() as session:
        found = query.find_token(session, hash_secret(token))
    if found is None or found[1].revoked_at is not None:
        raise NotAuthenticatedError(
            "This access token is not known.", code="token.invalid", advice="Get a new one at /auth/token."
        )
    row, client = found
    if row.expires_at <= ctx.now():
        raise NotAuthenticatedError(
            "This access token has expired.", code="token.expired", advice="Get a new one at /auth/token."
        )
    return Actor(client.organisation_id, frozenset(map(Role, client.roles)), client_id=client.id)


def _client(row: ApiClientRow) -> ApiClient:
    return ApiClient(row.id, row.name, frozenset(map(Role, row.roles)), row.created_at, row.revoked_at)
