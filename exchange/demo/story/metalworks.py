"""The steel and aluminium companies: bills, output, by-products."""

from __future__ import annotations

from exchange.demo.story.model import Address, Bill, ByProduct, Input, Key, Site, yearly
from exchange.domain.calculation.account import Energy, KeyMethod, Waste, Water

ELECTRICITY = Energy("electricity_grid", "mixed")
GAS = Energy("natural_gas", "non_renewable")
HEAT = Energy("district_heat", "mixed")

KVISTHOLM = Site(
    "kvistholm",
    {
        "steel-sheet": yearly("5400000", "5500000", "5600000"),
        "steel-bar": yearly("1500000", "1550000", "1600000"),
    },
    (
        # Furnace and halls on one meter; the two rolling lines have meters of their own.
        Bill(
            ELECTRICITY,
            yearly("4632000", "4655200", "4665000"),
            {
                "steel-sheet": yearly("864000", "871000", "877000"),
                "steel-bar": yearly("180000", "184000", "188000"),
            },
        ),
        Bill(GAS, yearly("2829000", "2848000", "2858000")),
        Bill(Water("groundwater"), yearly("9300", "9870", "10450")),
        Bill(Waste("100202", "other_recovery"), yearly("724500", "705000", "684000")),
        Bill(Waste("100207", "other_recovery"), yearly("96600", "94500", "92200")),
        Bill(
            Input("Stålskrot", "secondary_post_consumer"),
            yearly("7377000", "7518000", "7650000"),
            {
                "steel-sheet": yearly("5886000", "5984000", "6082000"),
                "steel-bar": yearly("1491000", "1534000", "1568000"),
            },
        ),
        Bill(
            Input("Drejespåner", "by_product"),
            yearly("144000", "151200", "159600"),
            {"steel-bar": yearly("144000", "151200", "159600")},
            category="steel-chips",
        ),
        Bill(
            Input("Brændt kalk og dolomit", "virgin"),
            yearly("280000", "285000", "288000"),
            category="burnt-lime",
        ),
        Bill(Input("Ferrolegeringer", "virgin"), yearly("72000", "73000", "74000"), category="ferro-alloy"),
    ),
    {"mass": Key(KeyMethod.MASS, "Produced tonnes")},
)

STENTOFT = Site(
    "stentoft",
    {"slit-sheet": yearly("1900000", "1960000", "2020000")},
    (
        Bill(ELECTRICITY, yearly("171000", "173000", "174000")),
        Bill(HEAT, yearly("96000", "93000", "91000"), category="district-heat"),
        Bill(Water("public_supply"), yearly("310", "318", "322")),
        Bill(Waste("120101", "recycling"), yearly("38000", "38200", "38400")),
        Bill(Waste("150101", "recycling"), yearly("4100", "4000", "3900")),
        Bill(
            Input("Stålplade", "secondary_post_consumer"),
            yearly("1938000", "1998200", "2058400"),
            product="steel-sheet",
        ),
    ),
    {"mass": Key(KeyMethod.MASS, "Produced tonnes")},
)

BRINKMOSE = Site(
    "brinkmose",
    {
        "aluminium-casting": yearly("820000", "850000", "880000"),
        "surplus-heat": yearly("1050000", "1120000", "1200000"),
    },
    (
        # Subdivision: the heat exchanger's pumps have a meter, the rest of the site belongs to the castings.
        Bill(
            ELECTRICITY,
            yearly("1579000", "1605400", "1634000"),
            {
                "aluminium-casting": yearly("1558000", "1583000", "1610000"),
                "surplus-heat": yearly("21000", "22400", "24000"),
            },
        ),
        Bill(GAS, yearly("902000", "908000", "906000")),
        Bill(
            Water("public_supply"),
            yearly("1740", "1860", "1985"),
            {
                "aluminium-casting": yearly("1737", "1857", "1982"),
                "surplus-heat": yearly("3", "3", "3"),
            },
        ),
        Bill(Waste("101008", "other_recovery"), yearly("287000", "284000", "279000")),
        Bill(Waste("101003", "recycling"), yearly("24600", "24200", "23800")),
        Bill(
            Waste("120109", "other_disposal"),
            yearly("900", "880", "860"),
            {
                "aluminium-casting": yearly("840", "820", "800"),
                "surplus-heat": yearly("60", "60", "60"),
            },
        ),
        Bill(Input("Aluminiumskrot", "secondary_post_consumer"), yearly("817000", "845000", "873000")),
        Bill(
            Input("Primæraluminium", "virgin"),
            yearly("52000", "54000", "55000"),
            category="primary-aluminium",
        ),
        Bill(Input("Kvartssand", "virgin"), yearly("312000", "316000", "318000"), category="quartz-sand"),
        Bill(Input("Sandbinder", "virgin"), yearly("16000", "16000", "16000"), category="synthetic-resin"),
        Bill(
            Input("Vandbehandling", "virgin"),
            yearly("400", "410", "420"),
            {
                "surplus-heat": yearly("400", "410", "420"),
            },
            category="water-chemicals",
        ),
    ),
    {"mass": Key(KeyMethod.MASS, "Produced tonnes of castings", products=("aluminium-casting",))},
)

LYNGVASE = Site(
    "lyngvase",
    {
        "machined-shaft": yearly("120000", "126000", "133000"),
        "bearing-housing": yearly("70000", "72000", "75000"),
    },
    (
        # Turning and milling have meters; air, light and ventilation are spread by machine hours.
        Bill(
            ELECTRICITY,
            yearly("1190000", "1212000", "1238000"),
            {
                "machined-shaft": yearly("690000", "706000", "726000"),
                "bearing-housing": yearly("310000", "312000", "316000"),
            },
            "hours",
        ),
        Bill(HEAT, yearly("420000", "412000", "403000"), key="hours", category="district-heat"),
        Bill(Water("public_supply"), yearly("640", "700", "772"), key="hours"),
        Bill(Waste("120109", "other_disposal"), yearly("38000", "37000", "35500"), key="hours"),
        Bill(
            Waste("120103", "recycling"),
            yearly("21000", "21600", "22500"),
            {
                "bearing-housing": yearly("21000", "21600", "22500"),
            },
        ),
        Bill(
            Waste("200301", "incineration_energy"),
            yearly("12000", "11500", "11000"),
            key="hours",
            estimated=True,
        ),
        Bill(
            Input("Stangstål", "secondary_post_consumer"),
            yearly("432000", "453600", "478800"),
            {
                "machined-shaft": yearly("432000", "453600", "478800"),
            },
            category="steel-bar",
        ),
        Bill(
            Input("Støbegods", "secondary_post_consumer"),
            yearly("133000", "136800", "142500"),
            {
                "bearing-housing": yearly("133000", "136800", "142500"),
            },
            category="aluminium-casting",
        ),
        Bill(
            Input("Køle-smøremiddel", "virgin"),
            yearly("21000", "20800", "20500"),
            key="hours",
            category="cutting-fluid",
        ),
    ),
    {
        "hours": Key(
            KeyMethod.MACHINE_HOURS,
            "Machine hours of each line",
            {
                "machined-shaft": yearly("9600", "10000", "10450"),
                "bearing-housing": yearly("6300", "6450", "6650"),
            },
        ),
    },
    (ByProduct("steel-chips", "machined-shaft", yearly("144000", "151200", "159600"), "120101"),),
    {"machined-shaft": "212", "bearing-housing": "158", "steel-chips": "2.90"},
    address=Address("Demovej 12", "9999", "Lyngvase"),
)

SOLVAGER = Site(
    "solvager",
    {"ec-motor": yearly("46000", "48000", "50000")},
    (
        Bill(ELECTRICITY, yearly("285000", "291000", "296000")),
        Bill(HEAT, yearly("138000", "135000", "132000"), category="district-heat"),
        Bill(Water("public_supply"), yearly("506", "546", "590")),
        Bill(Waste("120101", "recycling"), yearly("18400", "18300", "18200")),
        Bill(Waste("160216", "recycling"), yearly("1400", "1380", "1350")),
        Bill(
            Input("Stålplade", "secondary_post_consumer"),
            yearly("105800", "110400", "115000"),
            category="steel-sheet",
        ),
        Bill(
            Input("Støbegods", "secondary_post_consumer"),
            yearly("28520", "29760", "31000"),
            category="aluminium-casting",
        ),
        Bill(Input("Kobbertråd", "virgin"), yearly("41400", "43200", "45000"), category="copper-wire"),
        Bill(Input("Magneter", "virgin"), yearly("3700", "3850", "4000"), category="permanent-magnet"),
        Bill(
            Input("Styringselektronik", "virgin"),
            yearly("9200", "9600", "10000"),
            category="motor-electronics",
        ),
        Bill(
            Input("Isolerdele af plast", "virgin"),
            yearly("23000", "23950", "25000"),
            category="moulding-plastic",
        ),
    ),
    {"mass": Key(KeyMethod.PIECES, "Pieces produced")},
)
