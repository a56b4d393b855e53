"""Products: registered once under the owner's number, listed to customers by name only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from exchange.domain.actors import Actor, Role
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError, NotPermittedError
from exchange.services import products
from exchange.services.context import Context
from exchange.services.products import NewProduct
from tests.datasets import contents, product
from tests.factories import Party, party

BRACKET = NewProduct("B-100", "Steel bracket", "KGM", "steel-part", gtin="4006381333931")


def test_registered_product_can_be_read_again(firm: Party) -> None:
    made = products.register_product(firm.ctx, BRACKET)
    assert products.get_product(firm.ctx, made.id) == made
    assert (made.organisation_id, made.supplier_product_id, made.name) == (firm.id, "B-100", "Steel bracket")
    assert (made.unit, made.category, made.gtin, made.listed) == ("KGM", "steel-part", "4006381333931", True)


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"unit": "GJ"}, "unit.unknown", "/unit"),
        ({"unit": "kg"}, "unit.unknown", "/unit"),
        ({"gtin": "4006381333932"}, "id.gtin", "/gtin"),
        ({"gtin": ""}, "id.gtin", "/gtin"),
        ({"name": ""}, "name.invalid", "/name"),
        ({"name": "x" * 201}, "name.invalid", "/name"),
        ({"name": "a\u0000b"}, "name.invalid", "/name"),
        ({"supplier_product_id": ""}, "product.number", "/supplier_product_id"),
        ({"supplier_product_id": " 1"}, "product.number", "/supplier_product_id"),
        ({"supplier_product_id": "1" * 101}, "product.number", "/supplier_product_id"),
        ({"supplier_product_id": "1\u0000"}, "product.number", "/supplier_product_id"),
        ({"supplier_product_id": "1\ud800"}, "product.number", "/supplier_product_id"),
        ({"category": "Steel"}, "product.category", "/category"),
        ({"category": "steel--part"}, "product.category", "/category"),
        ({"category": "a" * 61}, "product.category", "/category"),
    ],
)
def test_product_that_breaks_a_rule_is_refused(
    firm: Party, change: dict[str, str], code: str, path: str
) -> None:
    before = contents(firm.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        products.register_product(firm.ctx, NewProduct(**{**BRACKET.__dict__, **change}))
    assert (refusal.value.error_code, refusal.value.path) == (code, path)
    assert refusal.value.advice
    assert contents(firm.ctx.store) == before


def test_number_is_used_once_per_organisation(ctx: Context, firm: Party) -> None:
    products.register_product(firm.ctx, BRACKET)
    before = contents(ctx.store)
    with pytest.raises(ConflictError) as refusal:
        products.register_product(firm.ctx, BRACKET)
    assert refusal.value.error_code == "product.exists"
    assert contents(ctx.store) == before
    assert products.register_product(party(ctx).ctx, BRACKET).supplier_product_id == "B-100"


def test_number_registered_twice_at_once_is_registered_once(firm: Party) -> None:
    def register(_: int) -> str:
        try:
            return products.register_product(firm.ctx, BRACKET).id
        except ConflictError as error:
            return error.error_code

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(register, range(4)))
    assert outcomes.count("product.exists") == 3
    assert len(products.list_products(firm.ctx).items) == 1


def test_foreign_and_unknown_products_are_both_not_found(ctx: Context, firm: Party) -> None:
    foreign = product(party(ctx))
    for asked in (foreign.id, "unknown"):
        with pytest.raises(NotFoundError):
            products.get_product(firm.ctx, asked)


def test_customer_finds_listed_products_only(ctx: Context, firm: Party) -> None:
    listed, hidden = product(firm, "Bracket"), product(firm, "Prototype", listed=False)
    customer = party(ctx)
    assert products.find_products_of(customer.ctx, firm.id).items == (listed,)
    assert products.list_products(firm.ctx).items == (hidden, listed)
    assert products.list_products(customer.ctx).items == ()
    assert products.find_products_of(customer.ctx, "unknown").items == ()


def test_products_come_newest_first_page_by_page(firm: Party) -> None:
    made = [product(firm, f"Part {number}") for number in range(5)]
    first = products.list_products(firm.ctx, None, 3)
    rest = products.list_products(firm.ctx, first.next_cursor, 3)
    assert [*first.items, *rest.items] == made[::-1]
    assert rest.next_cursor is None


def test_viewer_registers_nothing(firm: Party) -> None:
    with pytest.raises(NotPermittedError):
        products.register_product(firm.ctx.acting_as(Actor(firm.id, frozenset({Role.VIEWER}))), BRACKET)
