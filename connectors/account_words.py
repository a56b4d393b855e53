"""The words of the account template in Danish and English: what a drop-down offers and what people write instead."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from exchange.domain.calculation.account import HeatingValue, KeyMethod, SharingRule
from exchange.domain.quantities import UnitCode

Language: TypeAlias = Literal["da", "en"]
_PUNCTUATION = re.compile(r"[\s_\-./()]+")


def plain(text: str) -> str:
    """A name without what people write differently: case, punctuation, spaces."""
    return _PUNCTUATION.sub(" ", unicodedata.normalize("NFC", text).casefold()).strip()


@dataclass(frozen=True)
class Word:
    """A code, its name in each language, and other names it is known by."""

    code: str
    da: str
    en: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """The words of a column, in the order of its drop-down."""

    words: tuple[Word, ...]
    _codes: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for word in self.words:
            for name in (word.code, word.da, word.en, *word.also):
                self._codes[plain(name)] = word.code

    def find(self, text: str) -> str | None:
        """The code of a word in either language, None where nobody knows it."""
        return self._codes.get(plain(text))

    def label(self, code: str, language: Language) -> str:
        """What the code is called in a language."""
        return next(word.da if language == "da" else word.en for word in self.words if word.code == code)

    def labels(self, language: Language) -> list[str]:
        """What the drop-down offers."""
        return [word.da if language == "da" else word.en for word in self.words]


def _words(*rows: tuple[str, ...]) -> Vocabulary:
    return Vocabulary(tuple(Word(row[0], row[1], row[2], row[3:]) for row in rows))


CARRIERS = _words(
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
# A product of sun, wind, plants or manure; of a fossil deposit; what a network delivers is a mixture of both.
RENEWABLE = frozenset({"electricity_self", "biogas", "wood", "straw", "bio_oil"})
NON_RENEWABLE = frozenset({"natural_gas", "lpg", "gas_diesel_oil", "petrol", "fuel_oil", "coal", "coke"})
SOURCES = _words(
    ("public_supply", "Vandværk", "Public supply", "offentlig forsyning", "ledningsvand", "vand", "tap water", "water"),
    ("groundwater", "Egen boring (grundvand)", "Own well (groundwater)", "egen boring", "grundvand", "own well"),
    ("surface", "Overfladevand", "Surface water", "sø", "å"),
    ("rainwater", "Regnvand", "Rainwater"),
    ("sea", "Havvand", "Sea water"),
    ("recycled_external", "Genbrugsvand fra andre", "Recycled water from others", "recycled water"),
)  # fmt: skip
TREATMENTS = _words(
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
KEYS = _words(
    (KeyMethod.METERED, "målt", "metered", "måler", "metering"),
    (KeyMethod.MASS, "masse", "mass", "vægt", "weight"),
    (KeyMethod.PIECES, "stk.", "pieces", "styk", "antal"),
    (KeyMethod.MACHINE_HOURS, "maskintimer", "machine hours"),
    (KeyMethod.ECONOMIC, "økonomisk", "economic", "omsætning", "revenue"),
)
HEATING_VALUES = _words(
    (HeatingValue.UPPER, "øvre brændværdi", "upper heating value", "øvre", "upper",
     "higher heating value", "gcv", "hhv"),
    (HeatingValue.LOWER, "nedre brændværdi", "lower heating value", "nedre", "lower", "net", "ncv", "lhv"),
)  # fmt: skip
LEVELS = _words(
    ("sales", "salgsemballage", "sales packaging", "salg", "primær", "primary"),
    ("grouped", "gruppeemballage", "grouped packaging", "multiemballage", "sekundær", "secondary"),
    ("transport", "transportemballage", "transport packaging", "tertiær", "tertiary"),
)
RULES = _words(
    (SharingRule.SUBDIVISION, "opdeling", "subdivision"),
    (SharingRule.PHYSICAL, "fysisk (masse)", "physical (mass)", "fysisk", "physical", "masse", "mass"),
    (SharingRule.ECONOMIC, "økonomisk", "economic"),
)
TERMS = _words(
    ("sells", "sælges", "sells", "sælger", "sold"), ("gives", "gives væk", "gives", "foræres", "given"),
)  # fmt: skip
FLAGS = _words(("yes", "ja", "yes", "true", "1", "x", "sand"), ("no", "nej", "no", "false", "0", "falsk"))
KINDS = _words(
    ("material", "Materiale", "Material"), ("packaging", "Emballage", "Packaging"), ("waste", "Affald", "Waste"),
)  # fmt: skip
# What a sub-meter, a count or a stated share is of: carriers and water sources by name, the rest by sheet.
SUBJECTS = Vocabulary((*CARRIERS.words, *SOURCES.words, *KINDS.words))

# GJ is gigajoule here, as its drop-down says: the column is the template's own. Recommendation 20 calls that GV, and
# the gram per millilitre, which it calls GJ, is no unit of any bill. A table of deliveries may hold codes of the
# list, so that reader refuses GJ. Case tells nothing apart, since nobody is billed in millijoules; only Mg and mg
# are both in use, a tonne and a milligram, so neither is known.
UNITS = _words(
    (UnitCode.KILOWATT_HOUR, "kWh", "kWh"), (UnitCode.MEGAWATT_HOUR, "MWh", "MWh"), (UnitCode.GIGAJOULE, "GJ", "GJ"),
    (UnitCode.MEGAJOULE, "MJ", "MJ"),
    (UnitCode.CUBIC_METRE, "m3", "m3", "Nm3", "Nm³", "m³", "kubikmeter", "cubic metre", "cubic metres", "kbm"),
    (UnitCode.LITRE, "l", "l", "liter", "litre", "litres", "ltr"),
    (UnitCode.KILOGRAM, "kg", "kg", "kilo", "kilogram", "kgs"),
    (UnitCode.TONNE, "t", "t", "ton", "tons", "tonne", "tonnes"),
    (UnitCode.PIECE, "stk.", "pcs", "styk", "stykker", "pc", "piece", "pieces"),
    (UnitCode.PAIR, "par", "pair", "pairs"),
    (UnitCode.SET, "sæt", "set", "sets"),
    (UnitCode.METRE, "m", "m", "meter", "metre", "metres", "lbm", "løbende meter", "lm"),
    (UnitCode.SQUARE_METRE, "m2", "m2", "m²", "kvm", "kvadratmeter"), (UnitCode.GRAM, "g", "g", "gram"),
    (UnitCode.MILLIGRAM, "milligram", "milligram"), (UnitCode.GIGAWATT_HOUR, "GWh", "GWh"),
    (UnitCode.TERAJOULE, "TJ", "TJ"),
    (UnitCode.KILOJOULE, "kJ", "kJ"), (UnitCode.JOULE, "J", "J"), (UnitCode.ONE, "enhed", "one"),
    (UnitCode.HECTOLITRE, "hl", "hl"), (UnitCode.MILLILITRE, "ml", "ml"), (UnitCode.KILOMETRE, "km", "km"),
    (UnitCode.CENTIMETRE, "cm", "cm"), (UnitCode.MILLIMETRE, "mm", "mm"),
    (UnitCode.SQUARE_KILOMETRE, "km2", "km2", "km²"),
    (UnitCode.HECTARE, "ha", "ha"), (UnitCode.HOUR, "time", "hour", "timer", "hours", "h"),
    (UnitCode.DAY, "dag", "day"),
    (UnitCode.MINUTE, "minut", "minute"), (UnitCode.SECOND, "sekund", "second"),
    (UnitCode.TONNE_KILOMETRE, "tkm", "tkm"),
)  # fmt: skip
ENERGY_UNITS = ("kWh", "MWh", "GJ", "MJ", "Nm3", "m3", "l", "kg", "t")
WASTE_UNITS = ("kg", "t")
# Countries by name; every other one by its code of two letters (ISO 3166-1).
COUNTRIES = _words(
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
