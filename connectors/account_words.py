"""The words of the account template in Danish and English: what a drop-down offers and what people write instead."""

from __future__ import annotations

from connectors.vocabulary import Vocabulary
from exchange.domain.calculation.account import HeatingValue, KeyMethod, SharingRule

CARRIERS = Vocabulary.of(
    ("electricity_grid", "El fra nettet", "Electricity from the grid", "el", "strøm", "elektricitet",
     "electricity", "power"),
    ("electricity_self", "Egen sol- eller vindstrøm", "Own solar or wind power", "egen sol", "solceller", "egen el",
     "own solar", "own electricity", "solar"),
    ("district_heat", "Fjernvarme", "District heat", "varme", "district heating"),
    ("district_cooling", "Fjernkøling", "District cooling"),
    ("steam", "Damp (købt)", "Steam (bought)", "damp", "steam"),
    ("natural_gas", "Naturgas", "Natural gas", "gas", "ledningsgas"),
    ("biogas", "Biogas", "Biogas", "bionaturgas"),
    ("lpg", "Flaskegas (LPG)", "Bottled gas (LPG)", "flaskegas", "propan", "propane", "lpg", "f-gas"),
    ("gas_diesel_oil", "Diesel og gasolie", "Diesel and gas oil", "diesel", "dieselolie", "gasolie", "gas oil"),
    ("petrol", "Benzin", "Petrol", "gasoline"),
    ("fuel_oil", "Fuelolie", "Fuel oil", "svær fuelolie"),
    ("coal", "Kul", "Coal"),
    ("coke", "Koks", "Coke"),
    ("wood", "Træ (flis, piller, brænde)", "Wood (chips, pellets, logs)", "træ", "træflis", "flis", "træpiller", "wood",
     "wood chips", "wood pellets"),
    ("straw", "Halm", "Straw"),
    ("bio_oil", "Bioolie", "Bio-oil", "rapsolie"),
    ("hydrogen", "Brint", "Hydrogen"),
    ("waste_fuel", "Affald som brændsel", "Waste as fuel", "waste fuel"),
    ("other", "Anden energi", "Other energy"),
)  # fmt: skip
SOURCES = Vocabulary.of(
    ("public_supply", "Vandværk", "Public supply", "offentlig forsyning", "ledningsvand", "vand", "tap water", "water"),
    ("groundwater", "Egen boring (grundvand)", "Own well (groundwater)", "egen boring", "grundvand", "own well"),
    ("surface", "Overfladevand", "Surface water", "sø", "å"),
    ("rainwater", "Regnvand", "Rainwater"),
    ("sea", "Havvand", "Sea water"),
    ("recycled_external", "Genbrugsvand fra andre", "Recycled water from others", "recycled water"),
)  # fmt: skip
TREATMENTS = Vocabulary.of(
    ("prepared_for_reuse", "Forberedt til genbrug", "Prepared for reuse", "genbrug", "reuse", "preparation for reuse"),
    ("recycling", "Genanvendelse", "Recycling", "genanvendt", "recycled"),
    ("other_recovery", "Anden nyttiggørelse", "Other recovery", "nyttiggørelse", "recovery"),
    ("incineration_energy", "Forbrænding med energiudnyttelse", "Incineration with energy recovery",
     "energiudnyttelse", "energy recovery"),
    ("incineration", "Forbrænding uden energiudnyttelse", "Incineration without energy recovery"),
    ("landfill", "Deponi", "Landfill", "deponering"),
    ("other_disposal", "Anden bortskaffelse", "Other disposal", "bortskaffelse", "disposal"),
    ("unknown", "Ukendt", "Unknown"),
)  # fmt: skip
KEYS = Vocabulary.of(
    (KeyMethod.METERED, "målt", "metered", "måler", "metering"),
    (KeyMethod.MASS, "masse", "mass", "vægt", "weight"),
    (KeyMethod.PIECES, "stk.", "pieces", "styk", "antal"),
    (KeyMethod.MACHINE_HOURS, "maskintimer", "machine hours"),
    (KeyMethod.ECONOMIC, "økonomisk", "economic", "omsætning", "revenue"),
)
HEATING_VALUES = Vocabulary.of(
    (HeatingValue.UPPER, "øvre brændværdi", "upper heating value", "øvre", "upper",
     "higher heating value", "gcv", "hhv"),
    (HeatingValue.LOWER, "nedre brændværdi", "lower heating value", "nedre", "lower", "net", "ncv", "lhv"),
)  # fmt: skip
LEVELS = Vocabulary.of(
    ("sales", "salgsemballage", "sales packaging", "salg", "primær", "primary"),
    ("grouped", "gruppeemballage", "grouped packaging", "multiemballage", "sekundær", "secondary"),
    ("transport", "transportemballage", "transport packaging", "tertiær", "tertiary"),
)
RULES = Vocabulary.of(
    (SharingRule.SUBDIVISION, "opdeling", "subdivision"),
    (SharingRule.PHYSICAL, "fysisk (masse)", "physical (mass)", "fysisk", "physical", "masse", "mass"),
    (SharingRule.ECONOMIC, "økonomisk", "economic"),
)
TERMS = Vocabulary.of(
    ("sells", "sælges", "sells", "sælger", "sold"), ("gives", "gives væk", "gives", "foræres", "given"),
)  # fmt: skip
KINDS = Vocabulary.of(
    ("material", "Materiale", "Material"), ("packaging", "Emballage", "Packaging"), ("waste", "Affald", "Waste"),
)  # fmt: skip
# What a sub-meter, a count or a stated share is of: carriers and water sources by name, the rest by sheet.
SUBJECTS = Vocabulary((*CARRIERS.words, *SOURCES.words, *KINDS.words))

ENERGY_UNITS = ("kWh", "MWh", "GJ", "MJ", "Nm3", "m3", "l", "kg", "t")
WASTE_UNITS = ("kg", "t")
# Countries by name; every other one by its code of two letters (ISO 3166-1).
COUNTRIES = Vocabulary.of(
    ("AT", "Østrig", "Austria"), ("BE", "Belgien", "Belgium"), ("BG", "Bulgarien", "Bulgaria"),
    ("BR", "Brasilien", "Brazil"), ("CA", "Canada", "Canada"), ("CH", "Schweiz", "Switzerland"),
    ("CN", "Kina", "China"), ("CZ", "Tjekkiet", "Czechia", "Czech Republic"), ("DE", "Tyskland", "Germany"),
    ("DK", "Danmark", "Denmark"), ("EE", "Estland", "Estonia"), ("ES", "Spanien", "Spain"),
    ("FI", "Finland", "Finland"),
    ("FO", "Færøerne", "Faroe Islands"), ("FR", "Frankrig", "France"), ("GB", "Storbritannien", "United Kingdom", "UK"),
    ("GL", "Grønland", "Greenland"), ("GR", "Grækenland", "Greece"), ("HR", "Kroatien", "Croatia"),
    ("HU", "Ungarn", "Hungary"), ("IE", "Irland", "Ireland"), ("IN", "Indien", "India"), ("IS", "Island", "Iceland"),
    ("IT", "Italien", "Italy"), ("JP", "Japan", "Japan"), ("KR", "Sydkorea", "South Korea"),
    ("LT", "Litauen", "Lithuania"),
    ("LU", "Luxembourg", "Luxembourg"), ("LV", "Letland", "Latvia"), ("NL", "Holland", "Netherlands", "Nederlandene"),
    ("NO", "Norge", "Norway"), ("PL", "Polen", "Poland"), ("PT", "Portugal", "Portugal"), ("RO", "Rumænien", "Romania"),
    ("RS", "Serbien", "Serbia"), ("SE", "Sverige", "Sweden"), ("SI", "Slovenien", "Slovenia"),
    ("SK", "Slovakiet", "Slovakia"), ("TH", "Thailand", "Thailand"), ("TR", "Tyrkiet", "Turkey", "Türkiye"),
    ("TW", "Taiwan", "Taiwan"), ("UA", "Ukraine", "Ukraine"), ("US", "USA", "United States"),
    ("VN", "Vietnam", "Vietnam"),
)  # fmt: skip
