"""The app over a test's own exchange, and callers that speak to it as a machine would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.services.context import Context
from tests import factories, served
from tests.factories import Party


@dataclass(frozen=True)
class Caller:
    """A party with a bearer token and a client to call with."""

    party: Party
    client: FlaskClient
    token: str

    def get(self, path: str, **more: Any) -> TestResponse:
        """GET below /api/v1."""
        return self._send("GET", path, more)

    def post(self, path: str, **more: Any) -> TestResponse:
        """POST below /api/v1."""
        return self._send("POST", path, more)

    def put(self, path: str, **more: Any) -> TestResponse:
        """PUT below /api/v1."""
        return self._send("PUT", path, more)

    def delete(self, path: str, **more: Any) -> TestResponse:
        """DELETE below /api/v1."""
        return self._send("DELETE", path, more)

    def _send(self, method: str, path: str, more: dict[str, Any]) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)


@pytest.fixture
def app(exchange: Exchange) -> Flask:
    """The web application."""
    return served.over(exchange)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that sends nothing by itself."""
    return app.test_client()


@pytest.fixture
def supplier(ctx: Context, client: FlaskClient) -> Caller:
    """An organisation with all rights."""
    return caller(ctx, client)


@pytest.fixture
def customer(ctx: Context, client: FlaskClient) -> Caller:
    """Another organisation with all rights."""
    return caller(ctx, client)


def caller(ctx: Context, client: FlaskClient, *roles: Role, party: Party | None = None) -> Caller:
    """A new API client of a party (a new one by default) with these roles (admin by default)."""
    whose = party or factories.party(ctx)
    return Caller(whose, client, factories.bearer(whose, *roles))
