"""The other companies: plastics, coating, heat, insulation, packaging and the maker of the units."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from exchange.demo.story.metalworks import ELECTRICITY, GAS, HEAT
from exchange.demo.story.model import Bill, Input, Key, Site, yearly
from exchange.domain.calculation.account import Energy, KeyMethod, Waste, Water
from exchange.domain.factors import FactorBasis
from exchange.domain.own_factors import OwnRow
from exchange.domain.quantities import UnitCode

MOSEBRYN = Site(
    "mosebryn",
    {"regranulate": yearly("1450000", "1500000", "1560000")},
    (
        Bill(ELECTRICITY, yearly("899000", "918000", "940000")),
        Bill(Water("public_supply"), yearly("3190", "3420", "3680")),
        Bill(Waste("191212", "incineration_energy"), yearly("246000", "243000", "240000")),
        Bill(
            Input("Sorteret plastaffald", "secondary_post_consumer"), yearly("1711000", "1761000", "1820000")
        ),
        # Under 1 % of the input mass: no recipe line asks for it (the cut-off of EN 15804).
        Bill(Input("Tilsætningsstoffer", "virgin"), yearly("14500", "15000", "15600")),
    ),
    {"mass": Key(KeyMethod.MASS, "Produced tonnes")},
)

TANGMOSE = Site(
    "tangmose",
    {
        "impeller-250": yearly("150000", "155000", "161000"),
        "impeller-400": yearly("60000", "62500", "65000"),
    },
    (
        # The large machine has a meter; the small ones share the site's bill with it.
        Bill(
            ELECTRICITY,
            yearly("452000", "459000", "466000"),
            {
                "impeller-400": yearly("171000", "174000", "177000"),
            },
            "small",
        ),
        Bill(Water("public_supply"), yearly("1150", "1235", "1335")),
        Bill(Waste("120105", "recycling"), yearly("5600", "5500", "5400")),
        Bill(Waste("200301", "incineration_energy"), yearly("3900", "3800", "3700"), estimated=True),
        Bill(
            Input("PP-regranulat", "secondary_post_consumer"),
            yearly("187000", "193500", "200500"),
            category="plastic-regranulate",
        ),
        Bill(Input("Glasfiber", "virgin"), yearly("52600", "54400", "56200"), category="glass-fibre"),
    ),
    {
        "mass": Key(KeyMethod.MASS, "Kilograms moulded"),
        "small": Key(
            KeyMethod.MACHINE_HOURS,
            "Machine hours outside the metered machine",
            {
                "impeller-250": yearly("11200", "11450", "11700"),
                "impeller-400": yearly("900", "900", "950"),
            },
        ),
    },
)

KOBBELVIG = Site(
    "kobbelvig",
    {"powder-coating": yearly("640000", "655000", "670000")},
    (
        Bill(ELECTRICITY, yearly("486400", "491000", "496000")),
        Bill(Water("public_supply"), yearly("576", "592", "610")),
        Bill(Waste("080201", "other_recovery"), yearly("17900", "17700", "17400")),
        Bill(
            Input("Polyesterharpiks", "virgin"),
            yearly("384000", "393000", "402000"),
            category="synthetic-resin",
        ),
        Bill(
            Input("Pigment og fyldstof", "virgin"),
            yearly("275000", "281000", "287000"),
            category="pigment-filler",
        ),
    ),
    {"mass": Key(KeyMethod.MASS, "Produced tonnes")},
)

# Heat drawn off melting furnaces: no fuel is burnt for it. What its pumps use its supplier's dataset brings along.
_SURPLUS_HEAT = OwnRow(
    key="co2e.district_heat",
    value=Decimal(0),
    result=UnitCode.KILOGRAM,
    activity=UnitCode.KILOWATT_HOUR,
    source="Fictional agreement on surplus heat of melting furnaces: no fuel is burnt for it",
    year=2023,
    geography="DK",
    basis=FactorBasis.COMBUSTION,
    gwp_set="AR5",
    valid_from=date(2023, 1, 1),
    valid_to=date(2026, 1, 1),
    note="The site buys no other heat. What the supplier's pumps use arrives with the supplier's dataset.",
)

ELLERSLUND = Site(
    "ellerslund",
    {"district-heat": yearly("21500000", "21800000", "22100000")},
    (
        Bill(Energy("wood", "renewable"), yearly("20300000", "20700000", "21200000")),
        Bill(GAS, yearly("2700000", "2150000", "1450000")),
        Bill(ELECTRICITY, yearly("640000", "680000", "720000")),
        Bill(HEAT, yearly("1050000", "1120000", "1200000"), category="surplus-heat"),
        Bill(Water("public_supply"), yearly("4300", "4450", "4610")),
        Bill(Waste("100101", "other_recovery"), yearly("38000", "38500", "39100")),
        Bill(Waste("100103", "landfill"), yearly("9200", "9300", "9400")),
        Bill(
            Input("Salt og kemikalier til vandbehandling", "virgin"),
            yearly("8200", "8250", "8300"),
            category="water-chemicals",
        ),
    ),
    {"mass": Key(KeyMethod.ECONOMIC, "Sales of heat")},
    prices={"district-heat": "0.62"},
    factors=(_SURPLUS_HEAT,),
)

FJORDHOJ = Site("fjordhoj", {"stone-wool": yearly("3100000", "3150000", "3200000")}, (), {})

HAVREMARK = Site(
    "havremark",
    {"carton-box": yearly("310000", "318000", "325000")},
    (
        Bill(ELECTRICITY, yearly("330000", "334000", "336000")),
        Bill(GAS, yearly("905000", "888000", "862000")),
        Bill(HEAT, yearly("540000", "532000", "521000"), category="district-heat"),
        Bill(Water("groundwater"), yearly("3900", "4180", "4490")),
        Bill(Waste("030310", "other_recovery"), yearly("61000", "60500", "59500")),
        Bill(Input("Indsamlet papir", "secondary_post_consumer"), yearly("945000", "969000", "990000")),
        Bill(Input("Stivelse", "bio_based"), yearly("26000", "26700", "27300"), category="starch"),
    ),
    {"mass": Key(KeyMethod.PIECES, "Pieces produced")},
)

VINDELBO = Site(
    "vindelbo",
    {
        "ventilation-unit": yearly("4000", "4300", "4600"),
        "roof-unit": yearly("600", "620", "640"),
    },
    (
        Bill(
            ELECTRICITY,
            yearly("820000", "846000", "871000"),
            {
                "ventilation-unit": yearly("380000", "397000", "412000"),
                "roof-unit": yearly("118000", "119000", "120000"),
            },
            "hours",
        ),
        Bill(GAS, yearly("260000", "258000", "255000"), key="area"),
        Bill(HEAT, yearly("310000", "303000", "296000"), key="hours", category="district-heat"),
        Bill(Water("public_supply"), yearly("1150", "1330", "1520"), key="area"),
        Bill(Waste("120101", "recycling"), yearly("41000", "38000", "34000"), key="mass"),
        Bill(Waste("080201", "other_recovery"), yearly("1100", "1080", "1050"), key="area"),
        Bill(Waste("150101", "recycling"), yearly("9800", "9700", "9500"), key="mass"),
        Bill(
            Waste("200301", "incineration_energy"),
            yearly("21000", "20200", "19000"),
            key="hours",
            estimated=True,
        ),
        Bill(
            Input("Stålplade", "secondary_post_consumer"),
            yearly("456000", "481000", "504220"),
            {
                "ventilation-unit": yearly("312000", "332820", "351900"),
                "roof-unit": yearly("144000", "148180", "152320"),
            },
            category="steel-sheet",
        ),
        Bill(
            Input("Ventilatorhjul 250", "secondary_post_consumer", "H87", "0.8"),
            yearly("8000", "8600", "9200"),
            {"ventilation-unit": yearly("8000", "8600", "9200")},
            product="impeller-250",
        ),
        Bill(
            Input("Ventilatorhjul 400", "secondary_post_consumer", "H87", "1.9"),
            yearly("1200", "1240", "1280"),
            {"roof-unit": yearly("1200", "1240", "1280")},
            product="impeller-400",
        ),
        Bill(
            Input("EC-motor", "virgin", "H87", "4.2"),
            yearly("9200", "9840", "10480"),
            {
                "ventilation-unit": yearly("8000", "8600", "9200"),
                "roof-unit": yearly("1200", "1240", "1280"),
            },
            category="ec-motor",
        ),
        Bill(
            Input("Aksel", "secondary_post_consumer", "H87", "2.4"),
            yearly("9200", "9840", "10480"),
            {
                "ventilation-unit": yearly("8000", "8600", "9200"),
                "roof-unit": yearly("1200", "1240", "1280"),
            },
            category="machined-shaft",
        ),
        Bill(
            Input("Lejehus", "secondary_post_consumer", "H87", "1.6"),
            yearly("10400", "11080", "11760"),
            {
                "ventilation-unit": yearly("8000", "8600", "9200"),
                "roof-unit": yearly("2400", "2480", "2560"),
            },
            category="bearing-housing",
        ),
        Bill(
            Input("Pulverlak", "virgin"),
            yearly("9960", "10450", "10950"),
            key="area",
            category="powder-coating",
        ),
        Bill(
            Input("Transportkasse", "bio_based", "H87", "2.8"),
            yearly("5800", "6160", "6520"),
            {
                "ventilation-unit": yearly("4000", "4300", "4600"),
                "roof-unit": yearly("1800", "1860", "1920"),
            },
            category="carton-box",
        ),
        Bill(
            Input("Stenuldsplade", "virgin"),
            yearly("22800", "23560", "24320"),
            {"roof-unit": yearly("22800", "23560", "24320")},
            category="stone-wool",
        ),
        Bill(
            Input("Frekvensomformer", "virgin", "H87", "3.1"),
            yearly("600", "620", "640"),
            {"roof-unit": yearly("600", "620", "640")},
            product="frequency-converter",
        ),
        Bill(
            Input("Skruer og beslag", "virgin"),
            yearly("12000", "12600", "13200"),
            key="mass",
            category="steel-fastener",
        ),
        Bill(Input("Kabler", "virgin"), yearly("4000", "4200", "4400"), key="mass", category="cable"),
        # Under 1 % of the input mass: no recipe line asks for them (the cut-off of EN 15804).
        Bill(Input("Pakninger", "virgin"), yearly("2000", "2100", "2200"), key="mass"),
    ),
    {
        "hours": Key(
            KeyMethod.MACHINE_HOURS,
            "Hours in assembly",
            {
                "ventilation-unit": yearly("16800", "17900", "18900"),
                "roof-unit": yearly("6600", "6750", "6900"),
            },
        ),
        "area": Key(
            KeyMethod.SHARES,
            "Painted area at the coater's square metre rate",
            {
                "ventilation-unit": yearly("24800", "26660", "28520"),
                "roof-unit": yearly("9480", "9796", "10112"),
            },
        ),
        "mass": Key(KeyMethod.MASS, "Tonnes shipped"),
    },
)
