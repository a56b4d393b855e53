"""Who delivered how much to whom, and the one delivery that was measured itself."""

from __future__ import annotations

from exchange.demo.story.metalworks import (
    BRINKMOSE,
    ELECTRICITY,
    GAS,
    KVISTHOLM,
    LYNGVASE,
    SOLVAGER,
    STENTOFT,
)
from exchange.demo.story.model import Bill, Delivery, Site, yearly
from exchange.demo.story.other_sites import (
    ELLERSLUND,
    FJORDHOJ,
    HAVREMARK,
    KOBBELVIG,
    MOSEBRYN,
    TANGMOSE,
    VINDELBO,
)
from exchange.demo.story.raw_materials import IMPORTED_PRODUCTS, IMPORTERS
from exchange.domain.calculation.account import Waste, Water

SITES: tuple[Site, ...] = (
    KVISTHOLM,
    STENTOFT,
    BRINKMOSE,
    LYNGVASE,
    MOSEBRYN,
    TANGMOSE,
    KOBBELVIG,
    ELLERSLUND,
    FJORDHOJ,
    SOLVAGER,
    HAVREMARK,
    VINDELBO,
    *IMPORTERS,
)


def _imports() -> tuple[Delivery, ...]:
    """What a site bought of an imported material, its importer delivered."""
    imported = {product.key for product in IMPORTED_PRODUCTS}
    return tuple(
        Delivery(bill.category, site.maker, bill.total)
        for site in SITES
        for bill in site.bills
        if bill.category in imported
    )


DELIVERIES = (
    Delivery("steel-sheet", "stentoft", yearly("1938000", "1998200", "2058400")),
    Delivery("steel-sheet", "solvager", yearly("105800", "110400", "115000")),
    Delivery("steel-sheet", "vindelbo", yearly("182400", "192400", "201688")),
    Delivery("slit-sheet", "vindelbo", yearly("273600", "288600", "302532")),
    # The bars for the shafts are rolled in campaigns of their own, each with its meter readings.
    Delivery(
        "steel-bar",
        "lyngvase",
        yearly("432000", "453600", "478800"),
        (
            Bill(ELECTRICITY, yearly("263500", "273100", "284400")),
            Bill(GAS, yearly("169800", "176500", "182900")),
            Bill(Water("groundwater"), yearly("562", "613", "670")),
            Bill(Waste("100202", "other_recovery"), yearly("44900", "45100", "45200")),
            Bill(Waste("100207", "other_recovery"), yearly("5650", "5700", "5750")),
        ),
    ),
    Delivery("aluminium-casting", "lyngvase", yearly("133000", "136800", "142500")),
    Delivery("aluminium-casting", "solvager", yearly("28520", "29760", "31000")),
    Delivery("surplus-heat", "ellerslund", yearly("1050000", "1120000", "1200000")),
    Delivery("steel-chips", "kvistholm", yearly("144000", "151200", "159600")),
    Delivery("machined-shaft", "vindelbo", yearly("9200", "9840", "10480")),
    Delivery("bearing-housing", "vindelbo", yearly("10400", "11080", "11760")),
    Delivery("regranulate", "tangmose", yearly("187000", "193500", "200500")),
    Delivery("impeller-250", "vindelbo", yearly("8000", "8600", "9200")),
    Delivery("impeller-400", "vindelbo", yearly("1200", "1240", "1280")),
    Delivery("powder-coating", "vindelbo", yearly("9960", "10450", "10950")),
    Delivery("district-heat", "stentoft", yearly("96000", "93000", "91000")),
    Delivery("district-heat", "lyngvase", yearly("420000", "412000", "403000")),
    Delivery("district-heat", "solvager", yearly("138000", "135000", "132000")),
    Delivery("district-heat", "havremark", yearly("540000", "532000", "521000")),
    Delivery("district-heat", "vindelbo", yearly("310000", "303000", "296000")),
    Delivery("stone-wool", "vindelbo", yearly("22800", "23560", "24320")),
    Delivery("ec-motor", "vindelbo", yearly("9200", "9840", "10480")),
    Delivery("carton-box", "vindelbo", yearly("5800", "6160", "6520")),
    *_imports(),
)
