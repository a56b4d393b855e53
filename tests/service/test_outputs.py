"""Production records: one amount per product and time, zero included."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from exchange.domain.errors import InvalidError, NotFoundError
from exchange.domain.quantities import UnitCode
from exchange.services.context import Context
from exchange.services.outputs import NewOutput, enter_output, list_outputs, withdraw_output
from exchange.services.products import Product
from exchange.services.site_products import list_site_products
from exchange.services.sites import Site
from tests.accounts import KG, PIECE, YEAR, amount, month, site
from tests.datasets import contents, product
from tests.factories import Party, party


@pytest.fixture
def bracket(firm: Party) -> Product:
    return product(firm)


def new(bracket: Product, text: str = "1000", **more: Any) -> NewOutput:
    """January's production."""
    return replace(NewOutput(bracket.id, month(1), amount(text, KG)), **more)


def test_record_comes_back_and_its_product_is_made_at_the_site(
    firm: Party, works: Site, bracket: Product
) -> None:
    entered = enter_output(
        firm.ctx,
        works.id,
        new(
            bracket,
            "1.5",
            amount=amount("1.5", UnitCode.TONNE),
            machine_hours=Decimal("8.5"),
            revenue=Decimal(9),
        ),
    )
    assert list_outputs(firm.ctx, works.id, YEAR) == (entered,)
    assert (entered.amount, entered.machine_hours) == (amount("1.5", UnitCode.TONNE), Decimal("8.5"))
    assert [one.product_id for one in list_site_products(firm.ctx, works.id)] == [bracket.id]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": amount("-1", KG)}, "output.negative"),
        ({"amount": amount("1", PIECE)}, "unit.dimension"),
        ({"amount": amount("Infinity", KG)}, "quantity.range"),
        ({"machine_hours": Decimal(-1)}, "output.machine_hours"),
        ({"revenue": Decimal("NaN")}, "output.revenue"),
    ],
)
def test_record_that_cannot_be_is_refused(
    firm: Party, works: Site, bracket: Product, change: dict[str, Any], code: str
) -> None:
    before = contents(firm.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        enter_output(firm.ctx, works.id, new(bracket, **change))
    assert refusal.value.error_code == code
    assert contents(firm.ctx.store) == before


def test_month_without_production_is_a_record(firm: Party, works: Site, bracket: Product) -> None:
    assert enter_output(firm.ctx, works.id, new(bracket, "0")).amount == amount("0", KG)


def test_product_is_counted_once_for_a_day(firm: Party, works: Site, bracket: Product) -> None:
    first = enter_output(firm.ctx, works.id, new(bracket))
    with pytest.raises(InvalidError) as refusal:
        enter_output(firm.ctx, works.id, new(bracket, period=YEAR))
    assert refusal.value.error_code == "output.overlap"
    enter_output(firm.ctx, works.id, new(product(firm)))
    enter_output(firm.ctx, site(firm).id, new(bracket))
    withdraw_output(firm.ctx, first.id)
    enter_output(firm.ctx, works.id, new(bracket, "900"))


def test_another_organisations_rows_are_not_found(
    ctx: Context, firm: Party, works: Site, bracket: Product
) -> None:
    stranger = party(ctx)
    entered = enter_output(firm.ctx, works.id, new(bracket))
    own, goods = site(stranger), product(stranger)
    before = contents(ctx.store)
    for act in (
        lambda: enter_output(stranger.ctx, works.id, new(goods)),
        lambda: enter_output(stranger.ctx, own.id, new(bracket)),
        lambda: list_outputs(stranger.ctx, works.id, YEAR),
        lambda: withdraw_output(stranger.ctx, entered.id),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert contents(ctx.store) == before
