"""Sites of the story entered and calculated through the services, as their suppliers would from their pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from exchange.demo.cast import Member
from exchange.demo.registry import Registry
from exchange.demo.site_table import account_table, flow_name
from exchange.demo.story.model import YEARS, Key, Site
from exchange.domain.calculation.account import KeyMethod
from exchange.domain.errors import ConflictError
from exchange.domain.periods import year as year_period
from exchange.services.account_entry import enter_table
from exchange.services.calculations import calculate_site
from exchange.services.context import Context
from exchange.services.flows import list_flows, set_flow_key
from exchange.services.own_factors import add_own_factor
from exchange.services.sites import NewSite, create_site
from exchange.services.spreading_keys import NewKey, add_key, change_key, list_keys

SHARE_PLACES = (
    12  # the most a stated share has: what they give differs from the exact ratio in no digit shown
)


@dataclass(frozen=True)
class Calculated:
    """A site entered into the exchange, and its stored calculation of each year."""

    site_id: str
    calculations: Mapping[int, str]


def enter_and_calculate(member: Member, registry: Registry, site: Site) -> Calculated:
    """Enter a site's factors, bills, readings, production and keys, and calculate each year.

    Raises ConflictError (`demo.account`) where the story's table is refused, with its first reason.
    """
    ctx = member.ctx
    site_id = create_site(ctx, _new_site(member, site)).id
    for factor in site.factors:
        add_own_factor(ctx, factor)
    result = enter_table(ctx, site_id, account_table(registry, site))
    if result.issues:
        first = result.issues[0]
        raise ConflictError(f"{site.maker}, {first.place}: {first.detail}", code="demo.account")
    _name_keys(ctx, site_id, registry, site)
    calculations = {}
    for year in YEARS:
        _state_shares(ctx, site_id, registry, site, year)
        calculations[year] = calculate_site(ctx, site_id, year_period(year)).header.id
    return Calculated(site_id, calculations)


def _new_site(member: Member, site: Site) -> NewSite:
    name = member.story.name.removesuffix(" (demo)")
    if site.address is None:
        return NewSite(name)
    return NewSite(name, None, site.address.street, site.address.postal_code, site.address.city)


def _name_keys(ctx: Context, site_id: str, registry: Registry, site: Site) -> None:
    """Give the keys a site starts with the names its people use, and the products they are for."""
    first = {key.method: key.id for key in list_keys(ctx, site_id)}
    for key in site.keys.values():
        if key.method is not KeyMethod.SHARES:
            products = tuple(registry.products[product] for product in key.products)
            change_key(ctx, first[key.method], NewKey(key.name, key.method, products))


def _state_shares(ctx: Context, site_id: str, registry: Registry, site: Site, year: int) -> None:
    """A key of stated shares is one year's: each year gets its own, and a stored calculation keeps what it used."""
    for name, key in site.keys.items():
        if key.method is not KeyMethod.SHARES:
            continue
        shares = {registry.products[one]: share for one, share in stated_shares(key, year).items()}
        new = NewKey(f"{key.name}, {year}", key.method, (), shares, basis="economic")
        key_id = add_key(ctx, site_id, new).id
        spread = {flow_name(bill) for bill in site.bills if bill.key == name}
        for flow in list_flows(ctx, site_id):
            if flow.name in spread:
                set_flow_key(ctx, flow.id, key_id)


def stated_shares(key: Key, year: int) -> dict[str, Decimal]:
    """The shares a key's weights make in a year, rounded; the last takes what the others leave, so that it is all."""
    weights = {product: Fraction(amounts[year]) for product, amounts in key.weights.items()}
    whole, left, shares = sum(weights.values()), Decimal(1), {}
    *others, last = weights
    for product in others:
        exact = round(weights[product] / whole * 10**SHARE_PLACES)
        shares[product] = Decimal(exact).scaleb(-SHARE_PLACES)
        left -= shares[product]
    return {**shares, last: left}
