"""What they make. Value added is DKK per unit in the prices of each year, before the deflator."""

from __future__ import annotations

from exchange.demo.story.model import Declared, Material, Product, Yearly, yearly

# Invented branch deflators, 2020 = 100: they turn the story's current prices into constant ones.
DEFLATOR_NAME = "Fictional branch deflator of the demonstration, chained, 2020 = 100"
DEFLATOR: Yearly = yearly("118.0", "119.6", "121.4")

PRODUCTS = (
    Product("steel-sheet", "kvistholm", "KS-100", "Stålplade af skrot, koldvalset", "steel-sheet", "KGM", None,
            yearly("1.92", "1.96", "2.01"), composition=(Material("steel", "1", "0.97"),)),
    Product("steel-bar", "kvistholm", "KS-200", "Stangstål af skrot og spåner", "steel-bar", "KGM", None,
            yearly("2.30", "2.35", "2.41"), composition=(Material("steel", "1", "0.98"),)),
    Product("slit-sheet", "stentoft", "SC-10", "Stålplade, spaltet og afkortet", "steel-sheet", "KGM", None,
            yearly("1.18", "1.21", "1.24"), composition=(Material("steel", "1", "0.97"),)),
    Product("aluminium-casting", "brinkmose", "BS-21", "Støbegods af genbrugsaluminium", "aluminium-casting",
            "KGM", None, yearly("11.4", "11.7", "12.0"), composition=(Material("aluminium", "1", "0.94"),)),
    Product("surplus-heat", "brinkmose", "BS-90", "Overskudsvarme fra smelteovne", "surplus-heat", "KWH", "0",
            yearly("0.11", "0.11", "0.12")),
    Product("machined-shaft", "lyngvase", "LM-4410", "Drejet aksel 40 mm", "machined-shaft", "H87", "2.4",
            yearly("118", "121", "124"), composition=(Material("steel", "1", "0.98"),)),
    Product("bearing-housing", "lyngvase", "LM-5102", "Lejehus, fræset", "bearing-housing", "H87", "1.6",
            yearly("86", "88", "90"), composition=(Material("aluminium", "1", "0.94"),)),
    Product("steel-chips", "lyngvase", "LM-9001", "Drejespåner, tørre og sorterede", "steel-chips", "KGM", None,
            yearly("1.10", "1.12", "1.15")),
    Product("regranulate", "mosebryn", "MG-PP", "PP-regranulat af brugte varer", "plastic-regranulate", "KGM",
            None, yearly("3.6", "3.7", "3.8"), "measured",
            composition=(Material("polypropylene", "0.99", "1"), Material("additives", "0.01"))),
    Product("impeller-250", "tangmose", "TP-250", "Ventilatorhjul 250 mm", "fan-impeller", "H87", "0.8",
            yearly("24", "24.6", "25.3"),
            composition=(Material("polypropylene", "0.78", "0.95"), Material("glass fibre", "0.22"))),
    Product("impeller-400", "tangmose", "TP-400", "Ventilatorhjul 400 mm", "fan-impeller", "H87", "1.9",
            yearly("47", "48", "49.5"),
            composition=(Material("polypropylene", "0.78", "0.95"), Material("glass fibre", "0.22"))),
    Product("powder-coating", "kobbelvig", "KL-7016", "Pulverlak, polyester", "powder-coating", "KGM", None,
            yearly("19", "19.4", "20"), "measured"),
    Product("district-heat", "ellerslund", "EF-1", "Fjernvarme an forbruger", "district-heat", "KWH", "0",
            yearly("0.27", "0.28", "0.285"), "measured"),
    Product("stone-wool", "fjordhoj", "FI-60", "Stenuldsplade 60 mm", "stone-wool", "KGM", None),
    Product("ec-motor", "solvager", "SM-370", "EC-motor 370 W", "ec-motor", "H87", "4.2",
            yearly("262", "268", "275"), "measured"),
    Product("carton-box", "havremark", "HE-12", "Transportkasse af genbrugspap", "carton-box", "H87", "2.8",
            yearly("9.6", "9.8", "10.1"), "measured",
            composition=(Material("recovered paper", "0.97", "1", "1"), Material("starch", "0.03", "0", "1"))),
    Product("ventilation-unit", "vindelbo", "VA-400", "Ventilationsaggregat VA-400", "ventilation-unit", "H87",
            "93", yearly("9640", "9890", "10160")),
    Product("roof-unit", "vindelbo", "TA-900", "Tagaggregat TA-900", "roof-unit", "H87", "298",
            yearly("24800", "25300", "25900")),
    Product("frequency-converter", "tvaerbaek", "TE-5", "Frekvensomformer 5 kW", "frequency-converter", "H87", "3.1"),
)

# The stone wool maker has an environmental product declaration and nothing else: CO2e only, all else unknown.
# The coating maker shows its own part and declares the whole, most of it from database values.
DECLARED = (
    Declared("stone-wool", "co2e", yearly("1.24", "1.21", "1.17"), secondary_share="0.45"),
    Declared("powder-coating", "resources", yearly("1.62", "1.61", "1.60"), secondary_share="0.9"),
    Declared("powder-coating", "water", yearly("0.0246", "0.0247", "0.0248"), secondary_share="0.9"),
    Declared("powder-coating", "co2e", yearly("4.05", "3.98", "3.90"), secondary_share="0.9"),
    Declared("powder-coating", "energy", yearly("64.2", "63.6", "62.9"), secondary_share="0.9"),
    Declared("powder-coating", "waste", yearly("0.142", "0.140", "0.138"), secondary_share="0.9"),
)
