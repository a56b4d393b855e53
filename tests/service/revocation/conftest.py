"""A firm with a key of its own, and datasets that name a status entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from exchange.services import publish
from exchange.services.context import Context
from exchange.services.dataset_entry import Published
from exchange.services.products import Product
from exchange.services.revocation.status_entries import reserve
from tests.datasets import OwnKey, own_key, product, product_subject, token_of
from tests.factories import Party, party


@dataclass(frozen=True)
class Publisher:
    """Publishes product datasets with its own key."""

    party: Party
    key: OwnKey
    product: Product

    @property
    def ctx(self) -> Context:
        """Acting as the firm's administrator."""
        return self.party.ctx

    def token(self, status: object = None, *, year: int = 2025, **groups: Any) -> str:
        """A token of the year, naming `status` where it is given."""
        members = {} if status is None else {"credentialStatus": status}
        return token_of(
            self.party, self.key, product_subject(self.party, self.product, year=year, **groups), **members
        )

    def publish(self, status: object = None, *, year: int = 2025) -> Published:
        """Publish such a token; with a freshly reserved entry unless told otherwise."""
        token = self.token(reserve(self.ctx) if status is None else status, year=year)
        return publish.publish_token(self.ctx, token)


@pytest.fixture
def firm(ctx: Context) -> Publisher:
    made = party(ctx, "Nordvind Metal")
    return Publisher(made, own_key(made), product(made))
