"""Products: what an organisation may publish about, and what customers may ask about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError
from exchange.domain.identifiers import parse_gtin
from exchange.domain.quantities import parse_unit
from exchange.services.account_rules import check_name
from exchange.services.context import Context, audit
from exchange.services.paging import Keyset, Page, check_limit, make_page, read_cursor
from exchange.store import products as query
from exchange.store.tables.datasets import ProductRow

_NUMBER = re.compile(r"[^\x00-\x20\x7f\ud800-\udfff][^\x00-\x1f\x7f\ud800-\udfff]{0,99}")
_CATEGORY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class NewProduct:
    """A product to register. `unit` is the declared unit (Rec 20), `category` the input class customers name."""

    supplier_product_id: str
    name: str
    unit: str
    category: str
    gtin: str | None = None
    listed: bool = True


@dataclass(frozen=True)
class Product:
    """A registered product; datasets name it as `urn:uuid:<id>`."""

    id: str
    organisation_id: str
    supplier_product_id: str
    name: str
    gtin: str | None
    category: str
    unit: str
    listed: bool
    created_at: datetime


def register_product(ctx: Context, new: NewProduct) -> Product:
    """Register a product of the actor's organisation.

    Raises InvalidError (`name.invalid`, `product.number`, `product.category`, `unit.unknown`, `id.gtin`) and
    ConflictError (`product.exists`).
    """
    ctx.who.require(Role.EDITOR)
    row = new_product(ctx, new)
    try:
        with ctx.store.write() as session:
            session.add(row)
            session.flush()
            audit(ctx, session, "product.register", "product", row.id)
    except IntegrityError as error:  # the unique number decides, also when two register at the same instant
        raise ConflictError(
            f"You already have a product with the number {new.supplier_product_id}.",
            code="product.exists",
            path="/supplier_product_id",
            advice="Use the registered product, or give this one its own number.",
        ) from error
    return present_product(row)


def new_product(ctx: Context, new: NewProduct) -> ProductRow:
    """The row of a product to register, checked; raises what `register_product` does but `product.exists`."""
    _check(new)
    return ProductRow(
        id=ctx.new_id(),
        organisation_id=ctx.who.organisation_id,
        supplier_product_id=new.supplier_product_id,
        name=check_name(new.name, "/name"),
        gtin=new.gtin,
        category=new.category,
        unit=new.unit,
        listed=new.listed,
        created_at=ctx.now(),
    )


def get_product(ctx: Context, product_id: str) -> Product:
    """One of the actor's own products; NotFoundError otherwise."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        row = query.find_own_product(session, ctx.who.organisation_id, product_id)
        if row is None:
            raise NotFoundError
        return present_product(row)


def list_products(ctx: Context, cursor: str | None = None, limit: int = 50) -> Page[Product]:
    """The actor's own products, newest first."""
    ctx.who.require(Role.VIEWER)
    return _page(ctx, ctx.who.organisation_id, cursor, limit, listed_only=False)


def find_products_of(
    ctx: Context, organisation_id: str, cursor: str | None = None, limit: int = 50
) -> Page[Product]:
    """The listed products of any organisation: what a customer may ask about. Names only, no figures."""
    ctx.who.require(Role.VIEWER)
    return _page(ctx, organisation_id, cursor, limit, listed_only=True)


def present_product(row: ProductRow) -> Product:
    """The outward form of a product row."""
    return Product(
        row.id,
        row.organisation_id,
        row.supplier_product_id,
        row.name,
        row.gtin,
        row.category,
        row.unit,
        row.listed,
        row.created_at,
    )


def _page(
    ctx: Context, organisation_id: str, cursor: str | None, limit: int, *, listed_only: bool
) -> Page[Product]:
    check_limit(limit)
    after = read_cursor(cursor)
    with ctx.store.read() as session:
        rows = query.page_products(session, organisation_id, after, limit, listed_only=listed_only)
        return make_page(rows, limit, lambda row: Keyset(row.created_at, row.id), present_product)


def _check(new: NewProduct) -> None:
    check_name(new.name, "/name")
    if not _NUMBER.fullmatch(new.supplier_product_id):
        raise InvalidError(
            "A product number has 1 to 100 characters, no control character, and does not start with a space.",
            code="product.number",
            path="/supplier_product_id",
            advice="Use the number your own system knows the product by.",
        )
    if len(new.category) > 60 or not _CATEGORY.fullmatch(new.category):
        raise InvalidError(
            "A category is a code of at most 60 small letters, digits and single hyphens.",
            code="product.category",
            path="/category",
            advice="Write it like steel-sheet; customers' recipes name it.",
        )
    parse_unit(new.unit, "/unit")
    if new.gtin is not None:
        parse_gtin(new.gtin, "/gtin")
