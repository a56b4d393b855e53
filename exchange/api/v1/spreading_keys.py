"""Spreading keys: how a site's flows are divided among its products."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import AmountText, DecimalText, Id, In, Out, Text
from exchange.domain.actors import Role
from exchange.domain.calculation.account import KeyMethod
from exchange.domain.pointers import pointer
from exchange.domain.quantities import parse_decimal
from exchange.services import spreading_keys
from exchange.services.context import Context

resource = Resource(
    "spreading-keys", "What a site's flows are spread by; every site starts with one per method."
)

MOST_PRODUCTS = 1000
Basis = Annotated[str, Field(max_length=30, json_schema_extra={"enum": list(spreading_keys.BASES)})]


class SpreadingKeyOut(Out):
    """A key as stored; the keys a site starts with are named by their method."""

    id: Id
    site_id: Id
    name: str
    method: KeyMethod
    products: list[Id]
    shares: dict[str, DecimalText]
    basis: str


class SpreadingKeysOut(Out):
    """All keys of a site, by name."""

    items: list[SpreadingKeyOut]


class SpreadingKeyIn(In):
    """A key: `products` [] means all; `shares` by product (parts of 1, together at most 1) for `shares` alone."""

    name: Text
    method: KeyMethod
    products: Annotated[list[Id], Field(max_length=MOST_PRODUCTS)] = []
    shares: Annotated[dict[Id, AmountText], Field(max_length=MOST_PRODUCTS)] = {}
    basis: Basis = "subdivision"

    def to_key(self) -> spreading_keys.NewKey:
        """What the service takes; raises InvalidError `quantity.amount`."""
        shares = {
            product: parse_decimal(text, pointer(["shares", product]), signed=True)
            for product, text in self.shares.items()
        }
        return spreading_keys.NewKey(self.name, self.method, tuple(self.products), shares, self.basis)


@resource.operation("GET", "/sites/{site_id}/spreading-keys")
def list_of(ctx: Context, site_id: Id) -> SpreadingKeysOut:
    """List a site's keys."""
    return SpreadingKeysOut(items=[SpreadingKeyOut.of(key) for key in spreading_keys.list_keys(ctx, site_id)])


@resource.operation("POST", "/sites/{site_id}/spreading-keys", role=Role.EDITOR, status=201)
def add(ctx: Context, site_id: Id, body: SpreadingKeyIn) -> SpreadingKeyOut:
    """Add a key to a site."""
    return SpreadingKeyOut.of(spreading_keys.add_key(ctx, site_id, body.to_key()))


@resource.operation("PUT", "/spreading-keys/{key_id}", role=Role.EDITOR)
def change(ctx: Context, key_id: Id, body: SpreadingKeyIn) -> SpreadingKeyOut:
    """Change a key for the next calculation; stored ones keep what they used, and its method stays."""
    return SpreadingKeyOut.of(spreading_keys.change_key(ctx, key_id, body.to_key()))
