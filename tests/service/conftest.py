"""A firm and its one place of production, where most accounts begin."""

from __future__ import annotations

import pytest

from exchange.services.context import Context
from exchange.services.sites import Site
from tests.accounts import site
from tests.factories import Party, party


@pytest.fixture
def firm(ctx: Context) -> Party:
    """An organisation fresh from sign-up."""
    return party(ctx)


@pytest.fixture
def works(firm: Party) -> Site:
    """Its site."""
    return site(firm)
