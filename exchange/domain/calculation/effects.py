"""What one unit of a flow adds to each column: the five indicators, and the columns kept apart beside them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from exchange.domain.calculation.account import Energy, Flow, Material, Waste, Water
from exchange.domain.factors import Factor, FactorBasis, FactorBook, FactorOrigin
from exchange.domain.indicators import Indicator
from exchange.domain.own_factors import BOUGHT
from exchange.domain.periods import Period
from exchange.domain.quantities import Dimension, Quantity, UnitCode, exact_decimal, in_unit
from exchange.domain.waste import is_hazardous

MEGAJOULE_PER_KWH = Decimal("3.6")
BIOGENIC = frozenset({"biogas", "wood", "straw", "bio_oil"})
# Made on the site out of sun, wind or water: final energy, and nothing is burnt or bought.
WITHOUT_EMISSION = frozenset({"electricity_self"})


class Column(StrEnum):
    """What is summed. Look-alikes are columns of their own and never part of a headline (method section 1)."""

    RESOURCES = "resources"
    WATER = "water"
    SCOPE1 = "scope1"
    SCOPE2_LOCATION = "scope2_location"
    SCOPE2_MARKET = "scope2_market"
    BIOGENIC_CO2 = "biogenic_co2"
    ENERGY = "energy"
    WASTE = "waste"
    HAZARDOUS_WASTE = "hazardous_waste"

    @property
    def unit(self) -> UnitCode:
        """The unit the column is summed in: kg, m3 or MJ."""
        return _UNITS.get(self, UnitCode.KILOGRAM)


_UNITS = {Column.WATER: UnitCode.CUBIC_METRE, Column.ENERGY: UnitCode.MEGAJOULE}
# The headline of CO2e inside the gate is Scope 1 and location-based Scope 2 (method section 1).
HEADLINE: dict[Indicator, tuple[Column, ...]] = {
    Indicator.RESOURCES: (Column.RESOURCES,),
    Indicator.WATER: (Column.WATER,),
    Indicator.CO2E: (Column.SCOPE1, Column.SCOPE2_LOCATION),
    Indicator.ENERGY: (Column.ENERGY,),
    Indicator.WASTE: (Column.WASTE,),
}


@dataclass(frozen=True)
class Effect:
    """`value` units of the column for one unit of the flow; `factor` where the value has a source.

    `value` None: the flow adds to the column, and no factor says how much (a gap, never a zero).
    """

    column: Column
    value: Decimal | None
    factor: Factor | None = None

    @cached_property
    def places(self) -> int:
        """How many digits the value has after the point."""
        exponent = self.value.as_tuple().exponent if self.value is not None else 0
        return max(0, -exponent) if isinstance(exponent, int) else 0


def effects_of(flow: Flow, book: FactorBook, period: Period) -> tuple[Effect, ...]:
    """The columns a flow adds to in a period within which its factors do not change."""
    match flow.detail:
        case Energy():
            return (Effect(Column.ENERGY, MEGAJOULE_PER_KWH), *_emissions(flow.detail.carrier, book, period))
        case Water():
            return (Effect(Column.WATER, Decimal(1)),)
        case Material():
            return (Effect(Column.RESOURCES, mass_per_unit(flow)),)
        case Waste():
            hazardous = (
                (Effect(Column.HAZARDOUS_WASTE, Decimal(1)),) if is_hazardous(flow.detail.code) else ()
            )
            return (Effect(Column.WASTE, Decimal(1)), *hazardous)


def mass_per_unit(flow: Flow) -> Decimal | None:
    """Kilograms of material in one unit of its flow; None where nobody has said."""
    if not isinstance(flow.detail, Material):
        return None
    if flow.unit.dimension is Dimension.MASS:
        return exact_decimal(in_unit(Quantity(Decimal(1), flow.unit), UnitCode.KILOGRAM))
    return flow.detail.mass


def factor_name(flow: Flow) -> str:
    """What the factors of a flow are called by: its carrier or its material; "" for what needs none."""
    match flow.detail:
        case Energy():
            return flow.detail.carrier
        case Material():
            return flow.category.replace("-", "_")
        case _:
            return ""


def factor_keys(carrier: str) -> tuple[tuple[Column, str, FactorBasis], ...]:
    """Which factors turn energy of a carrier into emissions; market-based ones are a supplier's own, if at all."""
    if carrier in BOUGHT:
        return ((Column.SCOPE2_LOCATION, f"co2e.{carrier}", FactorBasis.LIFE_CYCLE),)
    if carrier in WITHOUT_EMISSION:
        return ()
    if carrier in BIOGENIC:
        return (
            (Column.SCOPE1, f"biogenic_non_co2.{carrier}", FactorBasis.COMBUSTION),
            (Column.BIOGENIC_CO2, f"biogenic_co2.{carrier}", FactorBasis.COMBUSTION),
        )
    return ((Column.SCOPE1, f"co2.{carrier}", FactorBasis.COMBUSTION),)


def _emissions(carrier: str, book: FactorBook, period: Period) -> tuple[Effect, ...]:
    needed = [
        _emission(column, _preferred(book, key, basis, period)) for column, key, basis in factor_keys(carrier)
    ]
    if carrier not in BOUGHT:
        return tuple(needed)
    contract = _preferred(book, f"co2e_market.{carrier}", FactorBasis.LIFE_CYCLE, period)
    return (*needed, _emission(Column.SCOPE2_MARKET, contract))


def _preferred(book: FactorBook, key: str, basis: FactorBasis, period: Period) -> Factor | None:
    """The organisation's own factor, else the exchange's on the usual basis.

    An own one may count the burning alone or the life cycle; what counts the supply chain alone is upstream.
    """
    burning = (one for one in FactorBasis if one is not FactorBasis.SUPPLY_CHAIN)
    found = [book.get_or_none(key, one, period) for one in (basis, *burning)]
    own = (factor for factor in found if factor is not None and factor.origin is FactorOrigin.OWN)
    return next(own, found[0])


def _emission(column: Column, factor: Factor | None) -> Effect:
    if factor is None:
        return Effect(column, None)
    per_kwh = in_unit(Quantity(Decimal(1), UnitCode.KILOWATT_HOUR), factor.activity)
    in_kilograms = in_unit(Quantity(factor.value, factor.result), UnitCode.KILOGRAM)
    return Effect(column, exact_decimal(per_kwh * in_kilograms), factor)
