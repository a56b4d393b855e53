"""A site's story as the rows of a filled-in template: what its supplier would have typed, and nothing more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from exchange.demo.registry import Registry
from exchange.demo.story.model import YEARS, Bill, ByProduct, Input, Key, Site
from exchange.demo.story.supplier_plans import COMPANY_YEARS
from exchange.domain.calculation.account import (
    Energy,
    FlowDetail,
    HeatingValue,
    KeyMethod,
    Material,
    SharingRule,
    Waste,
    Water,
)
from exchange.domain.calculation.account_table import (
    AccountTable,
    BillEntry,
    ByProductEntry,
    FlowEntry,
    OutputEntry,
    ReadingEntry,
    YearEntry,
)
from exchange.domain.periods import year as year_period
from exchange.domain.quantities import Quantity, UnitCode

NAMES = {
    "electricity_grid": "El",
    "natural_gas": "Naturgas",
    "wood": "Træflis",
    "district_heat": "Fjernvarme",
    "public_supply": "Vand fra vandværk",
    "groundwater": "Grundvand fra egen boring",
}
SURPLUS_HEAT = "surplus-heat"
UNITS = {Energy: UnitCode.KILOWATT_HOUR, Water: UnitCode.CUBIC_METRE, Waste: UnitCode.KILOGRAM}


class Places:
    """Where each row stands, as somebody who filled the sheets in would say it; the first row is the heading."""

    def __init__(self) -> None:
        """Every sheet is empty but for its heading."""
        self._rows: Counter[str] = Counter()

    def next(self, sheet: str) -> str:
        """The next free row of a sheet."""
        self._rows[sheet] += 1
        return f"{sheet}, række {self._rows[sheet] + 1}"


def account_table(registry: Registry, site: Site) -> AccountTable:
    """All years of a site in one table, as one file holds them."""
    places = Places()
    return AccountTable(
        bills=tuple(
            BillEntry(
                places.next(_sheet(bill)),
                flow_entry(registry, site, bill),
                year_period(year),
                Quantity(bill.total[year], flow_unit(bill)),
                heating_value_of(bill),
                is_estimate=bill.estimated,
            )
            for bill in site.bills
            for year in YEARS
        ),
        readings=tuple(_readings(registry, site, places)),
        outputs=tuple(
            _output(registry, site, product, year, places.next("Produktion"))
            for product in site.produced
            for year in YEARS
        ),
        by_products=tuple(
            _by_product(registry, site, one, year, places.next("Biprodukter"))
            for one in site.by_products
            for year in YEARS
        ),
        years=tuple(
            YearEntry(places.next("Virksomhed"), year, added, turnover=turnover, employees=employees)
            for year, added, turnover, employees in COMPANY_YEARS.get(site.maker, ())
        ),
    )


def flow_entry(registry: Registry, site: Site, bill: Bill) -> FlowEntry:
    """How a bill names its flow, and how it wants what no meter gives away spread."""
    number = registry.goods[bill.product].number if bill.product else ""
    key = site.keys.get(bill.key)
    return FlowEntry(
        flow_name(bill),
        flow_detail(registry, bill),
        flow_unit(bill),
        bill.category or "",
        number,
        _method(key),
    )


def flow_name(bill: Bill) -> str:
    """What the maker calls it."""
    what = bill.what
    if isinstance(what, Input):
        return what.name
    if isinstance(what, Waste):
        return f"EAK {what.code[:2]} {what.code[2:4]} {what.code[4:]}"
    if bill.category == SURPLUS_HEAT:
        return "Overskudsvarme"
    return NAMES[what.carrier if isinstance(what, Energy) else what.source]


def flow_detail(registry: Registry, bill: Bill) -> FlowDetail:
    """What it is; a material from another company here names that company, as its article number needs."""
    what = bill.what
    if not isinstance(what, Input):
        return what
    supplier = registry.people[registry.goods[bill.product].maker].name if bill.product else ""
    whole = Decimal(1)
    return Material(
        mass=None if flow_unit(bill) is UnitCode.KILOGRAM else Decimal(what.mass),
        post_consumer=whole if what.kind == "secondary_post_consumer" else Decimal(0),
        bio_based=whole if what.kind == "bio_based" else Decimal(0),
        is_by_product=what.kind == "by_product",
        supplier=supplier,
    )


def flow_unit(bill: Bill) -> UnitCode:
    """The unit its bills are in."""
    return UnitCode(bill.what.unit) if isinstance(bill.what, Input) else UNITS[type(bill.what)]


def heating_value_of(bill: Bill) -> HeatingValue | None:
    """The story's gas is billed on the lower heating value; nothing else is asked for one."""
    is_gas = isinstance(bill.what, Energy) and bill.what.carrier == "natural_gas"
    return HeatingValue.LOWER if is_gas else None


def _method(key: Key | None) -> KeyMethod | None:
    """The key a row asks for: none where shares are stated year by year, meters alone where the site has no key."""
    if key is None:
        return KeyMethod.METERED
    return None if key.method is KeyMethod.SHARES else key.method


def _sheet(bill: Bill) -> str:
    if isinstance(bill.what, Input):
        return "Materialer"
    return {Energy: "Energi", Water: "Vand", Waste: "Affald"}[type(bill.what)]


def _readings(registry: Registry, site: Site, places: Places) -> Iterable[ReadingEntry]:
    for bill in site.bills:
        for product, amounts in bill.metered.items():
            for year in YEARS:
                yield ReadingEntry(
                    places.next("Bimålere"),
                    flow_entry(registry, site, bill),
                    registry.goods[product].number,
                    year_period(year),
                    Quantity(amounts[year], flow_unit(bill)),
                    heating_value_of(bill),
                )


def _output(registry: Registry, site: Site, product: str, year: int, place: str) -> OutputEntry:
    goods, made = registry.goods[product], site.made(product)[year]
    price = site.prices.get(product)
    return OutputEntry(
        place,
        goods.number,
        year_period(year),
        Quantity(made, UnitCode(goods.unit)),
        mass=Decimal(goods.mass) if goods.mass and Decimal(goods.mass) else None,
        machine_hours=_machine_hours(site, product, year),
        revenue=Decimal(price) * made if price else None,
    )


def _machine_hours(site: Site, product: str, year: int) -> Decimal | None:
    hours = [one.weights for one in site.keys.values() if one.method is KeyMethod.MACHINE_HOURS]
    return hours[0][product][year] if hours and product in hours[0] else None


def _by_product(registry: Registry, site: Site, given: ByProduct, year: int, place: str) -> ByProductEntry:
    return ByProductEntry(
        _output(registry, site, given.product, year, place),
        registry.goods[given.process].number,
        SharingRule.ECONOMIC,
        waste_code=given.waste_code,
    )
