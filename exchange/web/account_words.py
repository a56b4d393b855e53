"""The codes of a site's account in words; carriers, sources and treatments are called as in the template."""

from __future__ import annotations

from exchange.web.reader import mark as _

CARRIERS: dict[str, str] = {
    "electricity_grid": _("Electricity from the grid"),
    "electricity_self": _("Own solar or wind power"),
    "district_heat": _("District heat"),
    "district_cooling": _("District cooling"),
    "steam": _("Steam (bought)"),
    "natural_gas": _("Natural gas"),
    "biogas": _("Biogas"),
    "lpg": _("Bottled gas (LPG)"),
    "gas_diesel_oil": _("Diesel and gas oil"),
    "petrol": _("Petrol"),
    "fuel_oil": _("Fuel oil"),
    "coal": _("Coal"),
    "coke": _("Coke"),
    "wood": _("Wood (chips, pellets, logs)"),
    "straw": _("Straw"),
    "bio_oil": _("Bio-oil"),
    "hydrogen": _("Hydrogen"),
    "waste_fuel": _("Waste as fuel"),
    "other": _("Other energy"),
}

SOURCES: dict[str, str] = {
    "public_supply": _("Public supply"),
    "groundwater": _("Own well (groundwater)"),
    "surface": _("Surface water"),
    "rainwater": _("Rainwater"),
    "sea": _("Sea water"),
    "recycled_external": _("Recycled water from others"),
}

TREATMENTS: dict[str, str] = {
    "recycling": _("Recycling"),
    "prepared_for_reuse": _("Prepared for reuse"),
    "other_recovery": _("Other recovery"),
    "incineration_energy": _("Incineration with energy recovery"),
    "incineration": _("Incineration without energy recovery"),
    "landfill": _("Landfill"),
    "other_disposal": _("Other disposal"),
    "unknown": _("Unknown"),
}

HEATING_VALUES: dict[str, str] = {
    "upper": _("upper heating value"),
    "lower": _("lower heating value"),
}

LEVELS: dict[str, str] = {
    "sales": _("sales packaging"),
    "grouped": _("grouped packaging"),
    "transport": _("transport packaging"),
}

METHODS: dict[str, str] = {
    "mass": _("Mass"),
    "pieces": _("Pieces"),
    "machine_hours": _("Machine hours"),
    "economic": _("Revenue"),
    "metered": _("Meters only"),
    "shares": _("Stated shares"),
}

METHOD_MEANINGS: dict[str, str] = {
    "mass": _(
        "A product of twice the weight bears twice as much. Needs the mass of one unit of each product."
    ),
    "pieces": _("Every piece bears the same. Only for products that are counted in pieces."),
    "machine_hours": _("A product that takes twice the machine hours bears twice as much. Needs the hours."),
    "economic": _(
        "A product that earns twice as much bears twice as much. The last choice; needs the revenue."
    ),
    "metered": _("Only what a sub-meter or a count gave to a product; the rest stays unallocated."),
    "shares": _("You state each product's share. What the shares leave over stays unallocated."),
}

RULES: dict[str, str] = {
    "physical": _("By mass"),
    "economic": _("By revenue"),
    "subdivision": _("By a share you state"),
}

TERMS: dict[str, str] = {
    "sells": _("It is sold"),
    "gives": _("It is given away"),
}

BASES: dict[str, str] = {
    "subdivision": _("Known from the process itself"),
    "physical_mass": _("mass"),
    "physical_energy": _("energy"),
    "physical_volume": _("volume"),
    "pieces": _("pieces"),
    "machine_hours": _("machine hours"),
    "economic": _("revenue"),
}

FACTOR_BASES: dict[str, str] = {
    "combustion": _("The burning itself, or a property of the fuel"),
    "supply_chain": _("What came before: extraction, making, transport"),
    "life_cycle": _("Both, and the plants"),
}

# The parts of an account in the order of its page. What is booked under which of them, and whom to ask for it.
PARTS: dict[str, str] = {
    "electricity": _("Electricity"),
    "heat": _("Heat and cooling"),
    "gas": _("Gas"),
    "fuel": _("Fuels"),
    "water": _("Water"),
    "material": _("Purchased materials"),
    "packaging": _("Packaging"),
    "waste": _("Waste"),
}

NOTHING_ENTERED: dict[str, str] = {
    "electricity": _(
        "Nothing entered. The kWh are on the bill, and by month on your page at the supplier's."
    ),
    "heat": _("Nothing entered. Do you use district heat? The yearly statement says how many MWh or GJ."),
    "gas": _("Nothing entered. Do you burn gas? Take the m3 or kWh from the bill."),
    "fuel": _(
        "Nothing entered. Ask your oil company for the litres; the petrol card's statement has them too."
    ),
    "water": _("Nothing entered. The m3 are on the yearly bill of the waterworks."),
    "material": _(
        "Nothing entered. Ask your suppliers for the year's kilograms, or take them from the bills."
    ),
    "packaging": _(
        "Nothing entered. The purchases of boxes, film and pallets, in kg or pieces with their weight."
    ),
    "waste": _("Nothing entered. Ask your waste carrier for the yearly statement by EAK code."),
}
