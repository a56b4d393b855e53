"""A machine shop with one electricity meter whose bills of 2025 became figures: what the pages are tried on.

Worked out by hand: the frame of 5 kg and the shaft of 2 kg are made 1 000 and 2 500 times, 5 000 kg of each, so that
mass gives each half. 36 MWh of electricity: 18 000 kWh for 1 000 frames are 18 kWh each, 64.8 MJ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from exchange.domain.calculation.account import Energy, FlowDetail, Material, Waste
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services.bills import NewBill, enter_bill
from exchange.services.calculation_views import CalculationView
from exchange.services.calculations import calculate_site
from exchange.services.flows import FlowView, NewFlow, add_flow
from exchange.services.outputs import NewOutput, enter_output
from exchange.services.products import NewProduct, Product, register_product
from exchange.services.site_products import set_site_product
from exchange.services.sites import NewSite, Site, create_site
from tests.factories import Party

YEAR = year(2025)


@dataclass(frozen=True)
class Shop:
    """The site, what it makes and its flows by name."""

    site: Site
    frame: Product
    shaft: Product
    flows: dict[str, FlowView]


def open_shop(owner: Party, period: Period = YEAR) -> Shop:
    """A site with electricity, steel and scrap booked, no water, and the electricity of February missing."""
    ctx = owner.ctx
    site = create_site(ctx, NewSite("Værkstedet"))
    made = []
    for number, name, mass, pieces in (("F5", "Ramme F5", "5", 1000), ("A2", "Aksel A2", "2", 2500)):
        product = register_product(ctx, NewProduct(number, name, "H87", f"machined-{number.lower()}"))
        set_site_product(ctx, site.id, product.id, Decimal(mass))
        enter_output(ctx, site.id, NewOutput(product.id, period, Quantity(Decimal(pieces), UnitCode.PIECE)))
        made.append(product)
    flows = {
        name: add_flow(ctx, site.id, NewFlow(name, detail, unit, category))
        for name, detail, unit, category in FLOWS
    }
    shop = Shop(site, made[0], made[1], flows)
    book(owner, shop, "Elektricitet", "20", UnitCode.MEGAWATT_HOUR, _part(period, 3, 7))
    book(owner, shop, "Elektricitet", "16", UnitCode.MEGAWATT_HOUR, _part(period, 7, 13))
    book(owner, shop, "Stålstang", "12", UnitCode.TONNE, period)
    book(owner, shop, "Jernspåner", "2000", UnitCode.KILOGRAM, period)
    return shop


FLOWS: tuple[tuple[str, FlowDetail, UnitCode, str], ...] = (
    ("Elektricitet", Energy("electricity_grid"), UnitCode.KILOWATT_HOUR, ""),
    ("Stålstang", Material(post_consumer=Decimal("0.4"), country="SE"), UnitCode.KILOGRAM, "steel-bar"),
    ("Jernspåner", Waste("120101", "recycling"), UnitCode.KILOGRAM, ""),
)


def book(owner: Party, shop: Shop, flow: str, amount: str, unit: UnitCode, period: Period = YEAR) -> None:
    """One more bill."""
    quantity = Quantity(Decimal(amount), unit)
    enter_bill(owner.ctx, shop.site.id, NewBill(shop.flows[flow].id, period, quantity, is_confirmed=True))


def calculated(owner: Party, shop: Shop, period: Period = YEAR) -> CalculationView:
    """The shop's year worked out."""
    return calculate_site(owner.ctx, shop.site.id, period)


def _part(period: Period, first: int, last: int) -> Period:
    """Months of the period's first year, the last one excluded."""
    number = period.start.year
    end = date(number + 1, 1, 1) if last > 12 else date(number, last, 1)
    return Period(date(number, first, 1), end)


def add_year_before(owner: Party, shop: Shop) -> CalculationView:
    """The whole of 2024, worked out: 1 000 frames and 2 000 shafts, so 5 000 of 9 000 kg are frames."""
    period = year(2024)
    for product, pieces in ((shop.frame, 1000), (shop.shaft, 2000)):
        made = NewOutput(product.id, period, Quantity(Decimal(pieces), UnitCode.PIECE))
        enter_output(owner.ctx, shop.site.id, made)
    book(owner, shop, "Elektricitet", "40", UnitCode.MEGAWATT_HOUR, period)
    book(owner, shop, "Stålstang", "11", UnitCode.TONNE, period)
    book(owner, shop, "Jernspåner", "2200", UnitCode.KILOGRAM, period)
    return calculated(owner, shop, period)
