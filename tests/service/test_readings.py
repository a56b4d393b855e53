"""Readings: what a meter gave to one product, once for the same days, never below zero."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from exchange.domain.calculation.account import Energy, HeatingValue
from exchange.domain.errors import InvalidError, NotFoundError
from exchange.services.context import Context
from exchange.services.flows import FlowView
from exchange.services.products import Product
from exchange.services.readings import NewReading, enter_reading, list_readings, withdraw_reading
from exchange.services.site_products import list_site_products
from exchange.services.sites import get_site
from tests.accounts import KG, M3, YEAR, amount, flow, month, site
from tests.datasets import contents, product
from tests.factories import Party, party


@pytest.fixture
def power(firm: Party) -> FlowView:
    return flow(firm, site(firm))


@pytest.fixture
def bracket(firm: Party) -> Product:
    return product(firm)


def new(power: FlowView, bracket: Product, text: str = "500", **more: Any) -> NewReading:
    """January's reading."""
    return replace(NewReading(power.id, bracket.id, month(1), amount(text)), **more)


def test_reading_comes_back_and_its_product_is_made_at_the_site(
    firm: Party, power: FlowView, bracket: Product
) -> None:
    entered = enter_reading(firm.ctx, power.site_id, new(power, bracket, delivery="Order 7"))
    assert list_readings(firm.ctx, power.site_id, YEAR) == (entered,)
    assert (entered.amount, entered.delivery, entered.product_id) == (amount("500"), "Order 7", bracket.id)
    assert [one.product_id for one in list_site_products(firm.ctx, power.site_id)] == [bracket.id]
    assert list_readings(firm.ctx, power.site_id, month(2)) == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": amount("-1")}, "meter.backwards"),
        ({"amount": amount("NaN")}, "quantity.range"),
        ({"amount": amount("5", KG)}, "unit.dimension"),
        ({"delivery": "x" * 101}, "reading.text"),
    ],
)
def test_reading_that_cannot_be_is_refused(
    firm: Party, power: FlowView, bracket: Product, change: dict[str, Any], code: str
) -> None:
    before = contents(firm.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        enter_reading(firm.ctx, power.site_id, new(power, bracket, **change))
    assert refusal.value.error_code == code
    assert contents(firm.ctx.store) == before


def test_gas_is_read_on_a_stated_heating_value(firm: Party, power: FlowView, bracket: Product) -> None:
    gas = flow(firm, get_site(firm.ctx, power.site_id), Energy("natural_gas"), "Gas", M3)
    with pytest.raises(InvalidError) as refusal:
        enter_reading(firm.ctx, power.site_id, new(gas, bracket))
    assert refusal.value.error_code == "bill.heating_value"
    enter_reading(firm.ctx, power.site_id, new(gas, bracket, heating_value=HeatingValue.LOWER))


def test_product_is_read_once_for_a_day_and_delivery(firm: Party, power: FlowView, bracket: Product) -> None:
    first = enter_reading(firm.ctx, power.site_id, new(power, bracket))
    with pytest.raises(InvalidError) as refusal:
        enter_reading(firm.ctx, power.site_id, new(power, bracket, "600", period=YEAR))
    assert refusal.value.error_code == "reading.overlap"
    enter_reading(firm.ctx, power.site_id, new(power, bracket, "20", delivery="Order 7"))
    enter_reading(firm.ctx, power.site_id, new(power, product(firm)))
    withdraw_reading(firm.ctx, first.id)
    enter_reading(firm.ctx, power.site_id, new(power, bracket, "600"))


def test_another_organisations_rows_are_not_found(
    ctx: Context, firm: Party, power: FlowView, bracket: Product
) -> None:
    stranger = party(ctx)
    entered = enter_reading(firm.ctx, power.site_id, new(power, bracket))
    own, goods = flow(stranger, site(stranger)), product(stranger)
    before = contents(ctx.store)
    for act in (
        lambda: enter_reading(stranger.ctx, power.site_id, new(own, goods)),
        lambda: enter_reading(stranger.ctx, own.site_id, new(power, goods)),
        lambda: enter_reading(stranger.ctx, own.site_id, new(own, bracket)),
        lambda: list_readings(stranger.ctx, power.site_id, YEAR),
        lambda: withdraw_reading(stranger.ctx, entered.id),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert contents(ctx.store) == before
