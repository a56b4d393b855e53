"""What the chain buys from outside it: virgin materials of two importers, declared from cradle to gate.

The figures per kilogram are invented and have the size that published ones have, so that no bought input counts
as nothing. Energy is final energy, not primary; ore counts from the concentrate on, its overburden not at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from exchange.demo.story.model import Declared, Product, Site, Yearly, yearly
from exchange.domain.indicators import Indicator


@dataclass(frozen=True)
class RawMaterial:
    """An imported material, the same in every year; its key is the input class that recipe lines ask for.

    `traded`: kg a year. `margin`: DKK per kg in current prices. `per_kg`: resources (kg), water (m3), CO2e (kg),
    energy (MJ) and waste (kg) of one kilogram.
    """

    key: str
    number: str
    name: str
    traded: str
    margin: str
    per_kg: str
    geography: str = "EU"

    def product(self, importer: str) -> Product:
        """The product as its importer registers it."""
        return Product(
            self.key,
            importer,
            self.number,
            self.name,
            self.key,
            "KGM",
            None,
            _constant(self.margin),
            geography=self.geography,
        )

    @property
    def declared(self) -> tuple[Declared, ...]:
        """Its five declared values, all of them from databases."""
        return tuple(
            Declared(self.key, indicator.value, _constant(amount), secondary_share="1")
            for indicator, amount in zip(Indicator, self.per_kg.split(), strict=True)
        )


def _constant(amount: str) -> Yearly:
    return yearly(amount, amount, amount)


# fmt: off
_METALS = (  # class, number, name, kg traded, DKK per kg, and per kg: resources, water, CO2e, energy, waste
    RawMaterial("ferro-alloy", "VM-11", "Ferrolegeringer", "900000", "1.2", "2.1 0.008 3.9 25 0.4"),
    RawMaterial("primary-aluminium", "VM-14", "Primæraluminium, legeret", "650000", "1.6", "4.0 0.012 7.0 60 2.1"),
    RawMaterial("copper-wire", "VM-20", "Kobbertråd, lakisoleret", "400000", "4.1", "2.0 0.013 4.0 28 0.6"),
    RawMaterial("permanent-magnet", "VM-31", "NdFeB-magneter", "30000", "38", "5.5 0.05 28 210 4.0", "GLO"),
    RawMaterial("motor-electronics", "VM-35", "Motorstyring, elektronik", "80000", "52", "3.4 0.04 25 130 1.5", "GLO"),
    RawMaterial("steel-fastener", "VM-42", "Skruer og beslag af stål", "500000", "3.4", "1.5 0.006 2.3 19 0.22"),
    RawMaterial("cable", "VM-47", "Installationskabel", "200000", "4.8", "1.9 0.012 3.6 28 0.45"),
)
_MINERALS_AND_CHEMICALS = (
    RawMaterial("burnt-lime", "ØR-02", "Brændt kalk og dolomit", "2500000", "0.2", "1.5 0.0004 1.0 4.2 0.02"),
    RawMaterial("quartz-sand", "ØR-05", "Kvartssand", "2000000", "0.1", "1.03 0.0008 0.03 0.3 0.01"),
    RawMaterial("synthetic-resin", "ØR-17", "Polyester- og epoxyharpiks", "1500000", "1.9", "1.2 0.005 4.0 34 0.05"),
    RawMaterial("pigment-filler", "ØR-18", "Pigment og fyldstof", "900000", "1.5", "1.4 0.006 2.1 20 0.3"),
    RawMaterial("moulding-plastic", "ØR-21", "PA og PP til sprøjtestøbning", "700000", "2.2", "1.2 0.004 2.9 26 0.04"),
    RawMaterial("glass-fibre", "ØR-23", "Glasfiber, hakket", "400000", "1.4", "1.25 0.005 2.0 19 0.09"),
    RawMaterial("cutting-fluid", "ØR-30", "Køle-smøremiddel", "150000", "3.1", "1.15 0.003 2.1 28 0.03"),
    RawMaterial("water-chemicals", "ØR-33", "Salt og vandkemikalier", "300000", "0.9", "1.1 0.003 0.7 7 0.03"),
    RawMaterial("starch", "ØR-36", "Stivelse", "600000", "0.8", "1.5 0.005 0.9 8 0.05"),
)
# fmt: on

IMPORTED = {"vesterbalk": _METALS, "osterklit": _MINERALS_AND_CHEMICALS}
IMPORTED_PRODUCTS = tuple(one.product(importer) for importer, several in IMPORTED.items() for one in several)
IMPORTED_DECLARED = tuple(
    stated for several in IMPORTED.values() for one in several for stated in one.declared
)
IMPORTERS = tuple(
    Site(importer, {one.key: _constant(one.traded) for one in several}, (), {})
    for importer, several in IMPORTED.items()
)
