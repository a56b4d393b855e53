"""A site of the story as the account a calculation starts from, without a database: rows of its table, one year."""

from __future__ import annotations

import uuid

from exchange.demo.calculating import stated_shares
from exchange.demo.registry import Registry
from exchange.demo.site_table import account_table
from exchange.demo.story.model import Key as StoryKey
from exchange.demo.story.model import Site
from exchange.demo.story.organisations import ORGANISATIONS
from exchange.demo.story.products import PRODUCTS
from exchange.domain.calculation.account import (
    Bill,
    CoProduct,
    Flow,
    Key,
    KeyMethod,
    Output,
    Product,
    Reading,
    SiteAccount,
)
from exchange.domain.calculation.account_table import FlowEntry
from exchange.domain.calculation.figures import Calculation, calculate
from exchange.domain.factors import FactorBook
from exchange.domain.own_factors import own_factor
from exchange.domain.periods import year as year_period
from exchange.domain.quantities import UnitCode

PRODUCT = {product.key: product for product in PRODUCTS}


def registry() -> Registry:
    """The story's registry with ids made of its keys."""

    def made(key: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, key))

    return Registry(
        {one.key: made(f"organisation/{one.key}") for one in ORGANISATIONS},
        {one.key: made(f"product/{one.key}") for one in PRODUCTS},
        {one.key: one for one in ORGANISATIONS},
        PRODUCT,
    )


def site_account(site: Site, year: int) -> SiteAccount:
    """What the site's table says of a year; flows, keys and products are known by their names and numbers."""
    table, period = account_table(registry(), site), year_period(year)
    outputs = [
        one for one in (*table.outputs, *(two.output for two in table.by_products)) if one.period == period
    ]
    flows = {one.flow.name: one.flow for one in table.bills}
    keys = {one.name: site.keys.get(bill.key) for one, bill in zip(flows.values(), site.bills, strict=True)}
    return SiteAccount(
        period=period,
        flows=tuple(_flow(one, keys[one.name]) for one in flows.values()),
        bills=tuple(
            Bill(one.place, one.flow.name, period, one.amount, one.heating_value, is_estimate=one.is_estimate)
            for one in table.bills
            if one.period == period
        ),
        products=tuple(
            Product(one.product_number, one.product_number, one.amount.unit, one.mass) for one in outputs
        ),
        outputs=tuple(
            Output(one.place, one.product_number, period, one.amount, one.machine_hours, one.revenue)
            for one in outputs
        ),
        keys=(Key("metered", "metered", KeyMethod.METERED), *(_key(one, year) for one in site.keys.values())),
        readings=tuple(
            Reading(one.place, one.flow.name, one.product_number, period, one.amount, one.heating_value)
            for one in table.readings
            if one.period == period
        ),
        co_products=tuple(
            CoProduct(one.output.product_number, one.process_number, one.rule, waste_code=one.waste_code)
            for one in table.by_products
            if one.output.period == period
        ),
    )


def calculated(site: Site, year: int) -> Calculation:
    """The site's account of a year worked out with its own factors and the exchange's."""
    return calculate(site_account(site, year), FactorBook(tuple(own_factor(one) for one in site.factors)))


def _flow(entry: FlowEntry, key: StoryKey | None) -> Flow:
    unit, name = UnitCode(entry.unit), key.name if key else "metered"
    return Flow(entry.name, entry.name, entry.detail, unit, name, entry.category, entry.product)


def _key(key: StoryKey, year: int) -> Key:
    shares = stated_shares(key, year) if key.method is KeyMethod.SHARES else {}
    return Key(
        key.name,
        key.name,
        key.method,
        tuple(PRODUCT[one].number for one in key.products),
        {PRODUCT[one].number: share for one, share in shares.items()},
        "economic",
    )
