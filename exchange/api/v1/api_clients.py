"""Machines that act for the caller's organisation."""

from __future__ import annotations

from datetime import datetime

from exchange.api.operation import Resource
from exchange.api.wire import Id, In, Out, Text
from exchange.domain.actors import Role
from exchange.services import api_clients
from exchange.services.context import Context

resource = Resource("api-clients", "API clients and their secrets (OAuth 2.0 client credentials).")


class ApiClientOut(Out):
    """A client without its secret."""

    client_id: Id
    name: str
    roles: list[Role]
    created_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, result: object) -> ApiClientOut:
        """Roles in a fixed order."""
        if not isinstance(result, api_clients.ApiClient):
            raise TypeError(type(result).__name__)
        roles = [role for role in Role if role in result.roles]
        return cls(
            client_id=result.client_id,
            name=result.name,
            roles=roles,
            created_at=result.created_at,
            revoked_at=result.revoked_at,
        )


class ApiClientsOut(Out):
    """All clients of the organisation, oldest first."""

    items: list[ApiClientOut]


class ApiClientIn(In):
    """A name for people, and what the client may do."""

    name: Text
    roles: list[Role]


class ApiClientSecretOut(Out):
    """The new client; the secret is shown this once."""

    client_id: Id
    client_secret: str


@resource.operation("GET", "/api-clients", role=Role.ADMIN)
def list_all(ctx: Context) -> ApiClientsOut:
    """List the organisation's API clients."""
    return ApiClientsOut(items=[ApiClientOut.of(one) for one in api_clients.list_api_clients(ctx)])


@resource.operation("POST", "/api-clients", role=Role.ADMIN, status=201, has_secret=True)
def create(ctx: Context, body: ApiClientIn) -> ApiClientSecretOut:
    """Create an API client."""
    return ApiClientSecretOut.of(api_clients.create_api_client(ctx, body.name, body.roles))


@resource.operation("DELETE", "/api-clients/{client_id}", role=Role.ADMIN, status=204)
def revoke(ctx: Context, client_id: Id) -> None:
    """Revoke an API client and its tokens."""
    api_clients.revoke_api_client(ctx, client_id)
