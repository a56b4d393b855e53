"""Products: one's own register, and what another organisation lets customers ask about."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import Code, Id, In, Out, PageOut, PageQuery, Reply, Text, page_of
from exchange.domain.actors import Role
from exchange.services import products
from exchange.services.context import Context

resource = Resource("products", "What organisations publish about; datasets name a product as urn:uuid:<id>.")


class ProductOut(Out):
    """A registered product; `unit` is its declared unit (UN/CEFACT Rec 20)."""

    id: Id
    organisation_id: Id
    supplier_product_id: str
    name: str
    gtin: str | None
    category: str
    unit: str
    listed: bool
    created_at: datetime


class ProductIn(In):
    """A product to register; `category` is the input class that customers' recipes name."""

    supplier_product_id: Annotated[Text, Field(max_length=100)]
    name: Text
    unit: Annotated[str, Field(max_length=3)]
    category: Code
    gtin: Annotated[str | None, Field(max_length=14)] = None
    listed: bool = True


@resource.operation("GET", "/products")
def list_own(ctx: Context, query: PageQuery) -> PageOut[ProductOut]:
    """List the caller's own products, newest first."""
    return page_of(products.list_products(ctx, query.cursor, query.limit), ProductOut.of)


@resource.operation("POST", "/products", role=Role.EDITOR, status=201)
def register(ctx: Context, body: ProductIn) -> Reply[ProductOut]:
    """Register a product."""
    made = products.register_product(ctx, products.NewProduct(**body.model_dump()))
    return Reply(ProductOut.of(made), headers={"Location": f"/api/v1/products/{made.id}"})


@resource.operation("GET", "/products/{product_id}")
def get(ctx: Context, product_id: Id) -> ProductOut:
    """Read one of the caller's own products."""
    return ProductOut.of(products.get_product(ctx, product_id))


@resource.operation("GET", "/organisations/{organisation_id}/products")
def list_of(ctx: Context, organisation_id: Id, query: PageQuery) -> PageOut[ProductOut]:
    """List the products an organisation lets others ask about; names only, no figures."""
    page = products.find_products_of(ctx, organisation_id, query.cursor, query.limit)
    return page_of(page, ProductOut.of)
