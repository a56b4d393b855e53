"""The three companies of docs/method.md, section 2: their bills and production as the page gives them."""

from __future__ import annotations

from decimal import Decimal

from exchange.domain.calculation.account import (
    Bill,
    CoProduct,
    Energy,
    Flow,
    FlowDetail,
    HeatingValue,
    Key,
    KeyMethod,
    Material,
    Output,
    Product,
    Reading,
    SharingRule,
    SiteAccount,
    Waste,
    Water,
)
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode
from tests.unit.domain.calculation.cases import months

KG, TONNE, KWH, MWH = UnitCode.KILOGRAM, UnitCode.TONNE, UnitCode.KILOWATT_HOUR, UnitCode.MEGAWATT_HOUR
M3, PIECE = UnitCode.CUBIC_METRE, UnitCode.PIECE
YEAR = year(2025)
UPPER = HeatingValue.UPPER

BRACKET, SHAFT = "00000000-0000-4000-8000-0000000000a1", "00000000-0000-4000-8000-0000000000a2"
CHEESE, BUTTER, WHEY = (f"00000000-0000-4000-8000-0000000000b{number}" for number in (1, 2, 3))
CRATE, LID = "00000000-0000-4000-8000-0000000000c1", "00000000-0000-4000-8000-0000000000c2"

KEYS = (
    Key("mass", "Mass of the products", KeyMethod.MASS),
    Key("hours", "Machine hours", KeyMethod.MACHINE_HOURS),
    Key("metered", "Meters and counts alone", KeyMethod.METERED),
)


def flow(id: str, name: str, detail: FlowDetail, unit: UnitCode, key: str, category: str = "") -> Flow:
    """A flow; an input of the recipe where it has a category."""
    return Flow(id, name, detail, unit, key, category)


def bill(
    flow: str,
    amount: str,
    unit: UnitCode,
    period: Period = YEAR,
    heating_value: HeatingValue | None = None,
    calorific_value: str | None = None,
) -> Bill:
    """A bill of a flow, named by the flow and its first day."""
    place = f"{flow}, from {period.start}"
    printed = Decimal(calorific_value) if calorific_value else None
    return Bill(place, flow, period, Quantity(Decimal(amount), unit), heating_value, printed, place=place)


def output(
    product: str, amount: str, unit: UnitCode, *, hours: str | None = None, revenue: str | None = None
) -> Output:
    """The year's production of a product."""
    return Output(
        f"output {product}",
        product,
        YEAR,
        Quantity(Decimal(amount), unit),
        Decimal(hours) if hours else None,
        Decimal(revenue) if revenue else None,
    )


def reading(flow: str, product: str, amount: str, unit: UnitCode, period: Period = YEAR) -> Reading:
    """What a meter or count gave to a product."""
    place = f"{flow} of {product}, from {period.start}"
    return Reading(place, flow, product, period, Quantity(Decimal(amount), unit), place=place)


def machine_shop() -> SiteAccount:
    """One electricity meter, two products told apart by machine hours; heat, steel and turnings by mass."""
    return SiteAccount(
        period=YEAR,
        flows=(
            flow("electricity", "Grid electricity", Energy("electricity_grid"), KWH, "hours"),
            flow("heat", "District heat", Energy("district_heat"), KWH, "mass", "district-heat"),
            flow("steel", "Steel bar", Material(), KG, "mass", "steel-cans-primary"),
            flow("turnings", "Steel turnings", Waste("120101", "recycling", "R4"), KG, "mass"),
        ),
        bills=(
            bill("electricity", "24310", KWH, months(1, 3)),
            bill("electricity", "21905", KWH, months(4, 6)),
            bill("electricity", "19.87", MWH, months(7, 9)),
            bill("electricity", "25415", KWH, months(10, 12)),
            bill("heat", "171", UnitCode.GIGAJOULE),
            bill("steel", "71.4", TONNE),
            bill("turnings", "12900", KG),
        ),
        products=(
            Product(BRACKET, "Bracket", PIECE, Decimal("1.8")),
            Product(SHAFT, "Shaft", PIECE, Decimal("4.5")),
        ),
        outputs=(output(BRACKET, "20000", PIECE, hours="2750"), output(SHAFT, "5000", PIECE, hours="1450")),
        keys=KEYS,
    )


def dairy() -> SiteAccount:
    """Gas in m3 and in MWh on the upper heating value, counted milk, and whey sold beside the cheese."""
    return SiteAccount(
        period=YEAR,
        flows=(
            flow("gas", "Natural gas", Energy("natural_gas"), KWH, "mass"),
            flow("electricity", "Grid electricity", Energy("electricity_grid"), KWH, "mass"),
            flow("water", "Water from the works", Water(), M3, "mass"),
            flow("milk", "Milk", Material(bio_based=Decimal(1)), KG, "metered", "milk"),
            flow("sludge", "Sludge of the treatment plant", Waste("020502", "other_recovery"), KG, "mass"),
        ),
        bills=(
            bill("gas", "21000", M3, months(1, 6), UPPER, "12.1"),
            bill("gas", "240", MWH, months(7, 12), UPPER),
            bill("electricity", "330", MWH),
            bill("water", "9600", M3),
            bill("milk", "4400", TONNE),
            bill("sludge", "61.6", TONNE),
        ),
        products=(
            Product(CHEESE, "Cheese", KG),
            Product(BUTTER, "Butter", KG),
            Product(WHEY, "Whey", KG),
        ),
        outputs=(
            output(CHEESE, "400000", KG, revenue="22000000"),
            output(BUTTER, "150000", KG, revenue="9000000"),
            output(WHEY, "3200000", KG, revenue="1100000"),
        ),
        keys=KEYS,
        readings=(
            reading("milk", CHEESE, "4000", TONNE),
            reading("milk", BUTTER, "400", TONNE),
        ),
        co_products=(CoProduct(WHEY, CHEESE, SharingRule.ECONOMIC, waste_code="020501"),),
    )


def moulder() -> SiteAccount:
    """Two presses with meters of their own, recycled plastics, and no electricity bill for November."""
    spans = (months(1, 3), months(4, 6), months(7, 9), months(10, 10), months(12, 12))
    site = ("36500", "35200", "33900", "12400", "11600")
    presses = {
        CRATE: ("15210", "14880", "13940", "5020", "4610"),
        LID: ("9100", "8950", "8420", "3060", "2790"),
    }
    recycled = Material(pre_consumer=Decimal("0.1"), post_consumer=Decimal("0.9"))
    return SiteAccount(
        period=YEAR,
        flows=(
            flow("electricity", "Grid electricity", Energy("electricity_grid"), KWH, "metered"),
            flow("virgin", "Polypropylene", Material(), KG, "mass", "plastics-pp-primary"),
            flow("recycled", "Recycled polypropylene", recycled, KG, "mass", "plastics-pp-recycled"),
            flow("scrap", "Plastic waste", Waste("070213", "recycling"), KG, "mass"),
            flow("oil", "Hydraulic oil", Waste("130110", "incineration_energy"), KG, "mass"),
        ),
        bills=(
            *(bill("electricity", amount, KWH, span) for amount, span in zip(site, spans, strict=True)),
            bill("virgin", "95900", KG),
            bill("recycled", "64700", KG),
            bill("scrap", "5450", KG),
            bill("oil", "620", KG),
        ),
        products=(
            Product(CRATE, "Crate", PIECE, Decimal("1.5")),
            Product(LID, "Lid", PIECE, Decimal("0.4")),
        ),
        outputs=(output(CRATE, "62000", PIECE), output(LID, "155000", PIECE)),
        keys=KEYS,
        readings=tuple(
            reading("electricity", product, amount, KWH, span)
            for product, amounts in presses.items()
            for amount, span in zip(amounts, spans, strict=True)
        ),
    )
