"""A firm and its one place of production, where most accounts begin; a log that begins empty."""

from __future__ import annotations

import pytest

from exchange.services.context import Context
from exchange.services.sites import Site
from exchange.services.transparency import epochs
from tests.accounts import site
from tests.factories import Party, party


@pytest.fixture
def no_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log begins empty."""
    monkeypatch.setattr(epochs, "_missing_schemas", lambda session: [])


@pytest.fixture
def firm(ctx: Context) -> Party:
    """An organisation fresh from sign-up."""
    return party(ctx)


@pytest.fixture
def works(firm: Party) -> Site:
    """Its site."""
    return site(firm)
