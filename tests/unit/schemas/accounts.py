"""Small site accounts whose steps a calculation writes, and the calculation as a dataset carries it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from exchange.domain.calculation.account import (
    Bill,
    CoProduct,
    Energy,
    Flow,
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
from exchange.domain.calculation.explain import explain_line
from exchange.domain.calculation.figures import calculate
from exchange.domain.factors import FactorBook, factor_set
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode

BRACKET, HOOK, OFFCUT = "bracket", "hook", "offcut"
KWH, KILOGRAM, CUBIC_METRE, PIECE = (
    UnitCode.KILOWATT_HOUR,
    UnitCode.KILOGRAM,
    UnitCode.CUBIC_METRE,
    UnitCode.PIECE,
)
YEAR = year(2025)
FIRST_HALF, SECOND_HALF = (
    Period(date(2025, 1, 1), date(2025, 7, 1)),
    Period(date(2025, 7, 1), date(2026, 1, 1)),
)
BY_MASS = Key("by-mass", "Mass produced", KeyMethod.MASS)
BRACKETS_ALONE = Key("alone", "Brackets alone", KeyMethod.MASS, (BRACKET,))
Document = dict[str, Any]


def amount(number: str, unit: UnitCode) -> Quantity:
    """A quantity."""
    return Quantity(Decimal(number), unit)


def press_shop() -> SiteAccount:
    """12 000 brackets and 8 000 hooks of 2.4 kg: the brackets are 28.8 of 48 tonnes, 0.6 of the mass."""
    gas = {"heating_value": HeatingValue.UPPER, "calorific_value": Decimal("12.1")}
    return SiteAccount(
        YEAR,
        flows=(
            Flow("el", "Electricity", Energy("electricity_grid"), KWH, BY_MASS.id),
            Flow("gas", "Natural gas", Energy("natural_gas", "non_renewable"), KWH, BY_MASS.id),
            Flow("water", "Tap water", Water(), CUBIC_METRE, BY_MASS.id),
            Flow("steel", "Steel sheet 2 mm", Material(), KILOGRAM, BRACKETS_ALONE.id),
            Flow("chips", "Steel chips", Waste("120101", "recycling"), KILOGRAM, BY_MASS.id),
            Flow("oil", "Emulsion", Waste("120109", "incineration"), KILOGRAM, BY_MASS.id),
        ),
        bills=(
            Bill("1", "el", FIRST_HALF, amount("30", UnitCode.MEGAWATT_HOUR), place="Energy, row 7"),
            Bill("2", "el", SECOND_HALF, amount("30", UnitCode.MEGAWATT_HOUR), number="A-1207"),
            Bill("3", "gas", YEAR, amount("5000", CUBIC_METRE), **gas),
            Bill("4", "gas", YEAR, amount("500", CUBIC_METRE), is_credit=True, **gas),
            Bill("5", "water", YEAR, amount("98", CUBIC_METRE)),
            Bill("6", "steel", YEAR, amount("34800", KILOGRAM)),
            Bill("7", "chips", YEAR, amount("6", UnitCode.TONNE)),
            Bill("8", "oil", YEAR, amount("200", KILOGRAM)),
        ),
        products=(
            Product(BRACKET, "Bracket B12", PIECE, Decimal("2.4")),
            Product(HOOK, "Hook H3", PIECE, Decimal("2.4")),
        ),
        outputs=(
            Output("1", BRACKET, YEAR, amount("12000", PIECE)),
            Output("2", HOOK, YEAR, amount("8000", PIECE)),
        ),
        keys=(BY_MASS, BRACKETS_ALONE),
        readings=(Reading("1", "water", BRACKET, YEAR, amount("63", CUBIC_METRE), place="Meter 4"),),
    )


def awkward_shop() -> SiteAccount:
    """Thirds, a bill over the edge of the year, an estimate, a delivery's meter, offcuts sold, no factor for steam."""
    over_the_edge = Period(date(2024, 12, 15), date(2025, 1, 15))
    first_month, third_week = (
        Period(date(2025, 1, 1), date(2025, 1, 15)),
        Period(date(2025, 3, 15), date(2025, 3, 22)),
    )
    return SiteAccount(
        YEAR,
        flows=(
            Flow("el", "Electricity", Energy("electricity_grid"), KWH, "hours"),
            Flow("steam", "Steam", Energy("steam"), KWH, "stated"),
            Flow("diesel", "Diesel", Energy("gas_diesel_oil"), KWH, "hours"),
            Flow("gas", "Natural gas", Energy("natural_gas"), KWH, "hours"),
            Flow("chips", "Wood chips", Energy("wood"), KWH, "hours"),
            Flow("box", "Boxes", Material(None, level="sales"), PIECE, "hours"),
        ),
        bills=(
            Bill("1", "el", over_the_edge, amount("1000", KWH)),
            Bill("2", "el", third_week, amount("100", KWH), is_estimate=True),
            Bill("3", "steam", YEAR, amount("7", UnitCode.GIGAJOULE)),
            Bill("4", "diesel", YEAR, amount("100", UnitCode.LITRE)),
            Bill("5", "chips", YEAR, amount("1", UnitCode.TONNE)),
            Bill("6", "box", YEAR, amount("70", PIECE)),
            Bill("7", "gas", YEAR, amount("10", CUBIC_METRE)),
        ),
        products=(
            Product(BRACKET, "Bracket B12", PIECE, Decimal("2.4")),
            Product(HOOK, "Hook H3", KILOGRAM),
            Product(OFFCUT, "Offcuts", KILOGRAM),
        ),
        outputs=(
            Output("1", BRACKET, first_month, amount("7", PIECE), Decimal(1)),
            Output("2", BRACKET, third_week, amount("4", PIECE), Decimal(1)),
            Output("3", HOOK, YEAR, amount("90", KILOGRAM), Decimal(5)),
            Output("4", OFFCUT, YEAR, amount("0.7", KILOGRAM)),
        ),
        keys=(
            Key("hours", "Machine hours", KeyMethod.MACHINE_HOURS),
            Key(
                "stated",
                "Stated shares",
                KeyMethod.SHARES,
                shares={BRACKET: Decimal("0.3"), HOOK: Decimal("0.3")},
            ),
        ),
        readings=(
            Reading("1", "el", BRACKET, third_week, amount("9000", UnitCode.KILOJOULE), delivery="Order 88"),
            Reading("2", "gas", HOOK, YEAR, amount("3", CUBIC_METRE)),
        ),
        co_products=(CoProduct(OFFCUT, BRACKET, SharingRule.PHYSICAL),),
    )


def calculation_of(account: SiteAccount, product: str, produced: Quantity) -> Document:
    """The calculation of a product as a dataset carries it."""
    calculation = calculate(account, FactorBook())
    return {
        "factor_set": factor_set(),
        "period": account.period.to_wire(),
        "produced": produced.to_wire(),
        "lines": [explain_line(line) for line in calculation.lines(product)],
    }
