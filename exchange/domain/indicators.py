"""The five effect indicators (effektindikatorer) in their fixed order (method section 1)."""

from __future__ import annotations

from enum import StrEnum

from exchange.domain.quantities import UnitCode


class Indicator(StrEnum):
    """An effect indicator; iteration gives the order every table, vector and page keeps."""

    RESOURCES = "resources"
    WATER = "water"
    CO2E = "co2e"
    ENERGY = "energy"
    WASTE = "waste"

    @property
    def unit(self) -> UnitCode:
        """The unit the indicator is computed in: kg, m3, kg CO2e, MJ, kg."""
        return _UNITS[self]


_UNITS = {
    Indicator.RESOURCES: UnitCode.KILOGRAM,
    Indicator.WATER: UnitCode.CUBIC_METRE,
    Indicator.CO2E: UnitCode.KILOGRAM,
    Indicator.ENERGY: UnitCode.MEGAJOULE,
    Indicator.WASTE: UnitCode.KILOGRAM,
}
