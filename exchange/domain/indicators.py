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
        return _FACTS[self][0]

    @property
    def name_en(self) -> str:
        """The English name."""
        return _FACTS[self][1]

    @property
    def name_da(self) -> str:
        """The Danish name."""
        return _FACTS[self][2]


_FACTS: dict[Indicator, tuple[UnitCode, str, str]] = {
    Indicator.RESOURCES: (UnitCode.KILOGRAM, "Resource consumption", "Ressourceforbrug"),
    Indicator.WATER: (UnitCode.CUBIC_METRE, "Water withdrawal", "Vandforbrug"),
    Indicator.CO2E: (UnitCode.KILOGRAM, "CO2 emissions", "CO2-udledning"),
    Indicator.ENERGY: (UnitCode.MEGAJOULE, "Energy consumption", "Energiforbrug"),
    Indicator.WASTE: (UnitCode.KILOGRAM, "Waste generation", "Affaldsgenerering"),
}
