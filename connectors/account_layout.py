"""The sheets and columns of the account template: one table that the writer and the reader share.

Header texts are stable: filled-in templates of earlier years are read by them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from connectors.account_words import (
    CARRIERS,
    ENERGY_UNITS,
    HEATING_VALUES,
    KEYS,
    LEVELS,
    RULES,
    SOURCES,
    SUBJECTS,
    TERMS,
    TREATMENTS,
    WASTE_UNITS,
)
from connectors.vocabulary import Language, Vocabulary


class Kind(StrEnum):
    """How a cell of a column is read."""

    TEXT = "text"
    NUMBER = "number"
    PERCENT = "percent"
    DAY = "day"
    YEAR = "year"
    FLAG = "flag"
    WORD = "word"
    UNIT = "unit"
    CATEGORY = "category"
    COUNTRY = "country"
    WASTE_CODE = "waste_code"


@dataclass(frozen=True)
class Column:
    """A column: its header in each language and other names. `is_needed`: no row goes without it.

    `is_offered`: the template has it; a column it has not may still be read. `longest` is the most characters of a
    text; `is_signed`: a number below zero is looked at later.
    """

    key: str
    kind: Kind
    da: str
    en: str
    also: tuple[str, ...] = ()
    is_needed: bool = False
    vocabulary: Vocabulary | None = None
    units: tuple[str, ...] = ()
    longest: int = 200
    is_signed: bool = False
    is_offered: bool = True

    def header(self, language: Language) -> str:
        """What the template calls it."""
        return self.da if language == "da" else self.en


@dataclass(frozen=True)
class Layout:
    """A sheet: its name in each language, other names, and its columns."""

    key: str
    da: str
    en: str
    columns: tuple[Column, ...]
    also_da: tuple[str, ...] = ()
    also_en: tuple[str, ...] = ()

    def name(self, language: Language) -> str:
        """What the template calls it."""
        return self.da if language == "da" else self.en


def _amount(da: str = "Mængde", en: str = "Amount", *also: str, is_needed: bool = True) -> Column:
    names = ("mængde", "amount", "antal", "forbrug", "quantity", "qty", *also)
    return Column("amount", Kind.NUMBER, da, en, names, is_needed=is_needed, is_signed=True)


def _unit(*units: str) -> Column:
    return Column("unit", Kind.UNIT, "Enhed", "Unit", ("måleenhed", "uom"), is_needed=True, units=units)


def _word(key: str, da: str, en: str, vocabulary: Vocabulary, *also: str, is_needed: bool = False) -> Column:
    return Column(key, Kind.WORD, da, en, also, is_needed=is_needed, vocabulary=vocabulary)


NAME = Column("name", Kind.TEXT, "Navn", "Name", ("betegnelse", "beskrivelse", "description"))
CATEGORY = Column("category", Kind.CATEGORY, "Kategori", "Category", ("klasse", "class"), longest=80)
MASS = Column(
    "mass", Kind.NUMBER, "Kg pr. enhed", "Kg per unit", ("vægt pr enhed", "weight per unit", "kg pr stk")
)
PRODUCT = Column(
    "product", Kind.TEXT, "Produktnummer", "Product number",
    ("produktnr", "varenummer", "varenr", "product no", "item number", "item no", "sku"), is_needed=True, longest=100,
)  # fmt: skip
FIRST = Column("first", Kind.DAY, "Første dag", "First day", ("fra", "fra dato", "from", "periode", "period", "måned",
               "month"),               is_needed=True)  # fmt: skip
LAST = Column(
    "last", Kind.DAY, "Sidste dag", "Last day", ("til og med", "t o m", "through", "to and including")
)
NUMBER = Column("number", Kind.TEXT, "Bilagsnummer", "Bill number",
                ("bilag", "fakturanummer", "fakturanr", "invoice number", "invoice no"), longest=100)  # fmt: skip
METER = Column(
    "meter", Kind.TEXT, "Målernummer", "Meter number", ("måler", "målernr", "meter", "meter no"), longest=100
)
HEATING = _word(
    "heating", "Brændværdi", "Heating value", HEATING_VALUES, "øvre nedre brændværdi", "upper lower"
)
EAK = ("eak", "eak kode", "affaldskode", "ewc", "ewc code", "waste code", "low code")
KEY = _word("key", "Fordeles efter", "Spread by", KEYS, "fordelingsnøgle", "nøgle", "key")
MARKS = (
    NUMBER,
    Column("credit", Kind.FLAG, "Kreditnota", "Credit note"),
    Column("estimated", Kind.FLAG, "Anslået", "Estimated", ("skønnet", "estimat", "estimate")),
    Column("confirmed", Kind.FLAG, "Bekræftet", "Confirmed", ("kontrolleret", "checked")),
    KEY,
)
SHARES = (
    Column("pre", Kind.PERCENT, "Genanvendt før forbrug (%)", "Recycled pre-consumer (%)",
           ("pre consumer", "før forbrug")),
    Column("post", Kind.PERCENT, "Genanvendt efter forbrug (%)", "Recycled post-consumer (%)",
           ("post consumer", "efter forbrug")),
    Column("bio", Kind.PERCENT, "Biobaseret (%)", "Bio-based (%)", ("biobaseret", "bio based")),
)  # fmt: skip
ORIGIN = (
    Column("by_product", Kind.FLAG, "Købt som biprodukt", "Bought as by-product", ("biprodukt", "by product")),
    Column("country", Kind.COUNTRY, "Oprindelsesland", "Country of origin",
           ("land", "country", "oprindelse", "origin")),
    Column("supplier", Kind.TEXT, "Leverandør", "Supplier", ("leverandørnavn", "supplier name")),
    Column("supplier_product", Kind.TEXT, "Leverandørens varenummer", "Supplier's product id",
           ("leverandørens varenr", "supplier product id", "supplier's product number"), longest=100),
)  # fmt: skip


def _material(da: str, en: str) -> Column:
    also = ("navn", "name", "vare", "item", "betegnelse", "beskrivelse", "description")
    return Column("name", Kind.TEXT, da, en, also, is_needed=True)


_SUBJECT = (
    _word("subject", "Hvad", "What", SUBJECTS, "flow", "strøm", is_needed=True),
    NAME,
    PRODUCT,
)
_PURCHASE = (CATEGORY, _amount(), _unit(), MASS, *SHARES, *ORIGIN, FIRST, LAST, *MARKS)
_PRODUCT = (
    PRODUCT,
    Column("name", Kind.TEXT, "Produktnavn", "Product name", ("navn", "name")),
    CATEGORY,
    _unit(),
    MASS,
)
_REVENUE = Column(
    "revenue", Kind.NUMBER, "Omsætning (DKK)", "Revenue (DKK)", ("omsætning", "revenue", "omsætning kr")
)
LAYOUTS = (
    Layout("energy", "Energi", "Energy", (
        _word("carrier", "Energibærer", "Carrier", CARRIERS, "energiart", "energikilde", "brændsel", "energy", "fuel",
              is_needed=True),
        NAME, _amount(), _unit(*ENERGY_UNITS), HEATING,
        Column("calorific", Kind.NUMBER, "Brændværdi på regningen (kWh pr. enhed)",
               "Calorific value on the bill (kWh per unit)",
               ("kwh pr enhed", "kwh per unit", "calorific value")),
        FIRST, LAST, METER, *MARKS,
    ), ("el", "varme", "brændsler", "energiforbrug"), ("fuels", "electricity", "energy use")),
    Layout("water", "Vand", "Water", (
        _word("source", "Vandkilde", "Water source", SOURCES, "kilde", "source"),
        NAME, _amount("Vandmængde (m3)", "Amount of water (m3)", "vandmængde", "amount of water", "vandforbrug"),
        replace(_unit(), is_offered=False),
        FIRST, LAST, METER, *MARKS,
    ), ("vandforbrug",), ("water use", "water withdrawal")),
    Layout("materials", "Materialer", "Materials", (_material("Materiale", "Material"), *_PURCHASE),
           ("indkøb", "råvarer", "indkøbte materialer"), ("purchases", "purchased materials", "raw materials")),
    Layout("packaging", "Emballage", "Packaging", (
        _material("Emballage", "Packaging"),
        _word("level", "Emballageniveau", "Packaging level", LEVELS, "niveau", "level", is_needed=True), *_PURCHASE,
    ), ("emballager",), ("packagings",)),
    Layout("waste", "Affald", "Waste", (
        Column("code", Kind.WASTE_CODE, "EAK-kode", "EWC code", EAK, is_needed=True),
        NAME, _word("treatment", "Behandling", "Treatment", TREATMENTS, "behandlingsform", is_needed=True),
        _amount("Mængde", "Amount", "mængde affald", "amount of waste"), _unit(*WASTE_UNITS),
        Column("operation", Kind.TEXT, "R/D-kode", "R/D operation", ("rd", "operation", "behandlingskode"), longest=3),
        Column("hazardous", Kind.FLAG, "Farligt affald", "Hazardous waste", ("farligt", "hazardous")),
        FIRST, LAST, *MARKS,
    ), ("affaldsopgørelse",), ("waste statement",)),
    Layout("production", "Produktion", "Production", (
        *_PRODUCT, _amount("Produceret mængde", "Amount produced", "produceret", "produced"),
        Column("hours", Kind.NUMBER, "Maskintimer", "Machine hours", ("timer", "hours")), _REVENUE, FIRST, LAST,
    ), ("produktionsliste", "produkter"), ("production list", "products", "outputs")),
    Layout("by_products", "Biprodukter", "By-products", (
        *_PRODUCT, _amount(),
        Column("process", Kind.TEXT, "Opstår ved produktnummer", "Comes out of product number",
               ("opstår ved", "comes out of"), is_needed=True, longest=100),
        _word("rule", "Fordelingsregel", "Sharing rule", RULES, "regel", "rule", is_needed=True),
        Column("share", Kind.PERCENT, "Andel (%)", "Share (%)", ("andel", "share")),
        Column("code", Kind.WASTE_CODE, "EAK-kode", "EWC code", EAK),
        _word("terms", "Vilkår", "Terms", TERMS),
        Column("processed", Kind.FLAG, "Bearbejdet før salg", "Processed before sale"), _REVENUE, FIRST, LAST,
    ), (), ("by products", "co products")),
    Layout("meters", "Bimålere", "Meters", (
        *_SUBJECT, _amount(is_needed=False), _unit(), HEATING,
        Column("start", Kind.NUMBER, "Målerstand ved start", "Meter at start", ("start",)),
        Column("end", Kind.NUMBER, "Målerstand ved slut", "Meter at end", ("slut", "end")),
        FIRST, LAST, Column("delivery", Kind.TEXT, "Levering", "Delivery", ("ordre", "order"), longest=100),
    ), ("målere", "aflæsninger", "optællinger"), ("sub meters", "readings", "counts")),
    Layout("shares", "Andele", "Shares", (
        *_SUBJECT, Column("share", Kind.PERCENT, "Andel (%)", "Share (%)", ("andel", "share"), is_needed=True),
    ), ("fordeling",), ("stated shares",)),
    Layout("company", "Virksomhed", "Company", (
        Column("year", Kind.YEAR, "År", "Year", ("regnskabsår", "financial year"), is_needed=True),
        Column("value_added", Kind.NUMBER, "Værditilvækst (DKK)", "Value added (DKK)", ("værditilvækst", "value added"),
               is_signed=True),
        Column("is_proxy", Kind.FLAG, "Er det bruttofortjeneste?", "Is it gross profit (bruttofortjeneste)?",
               ("bruttofortjeneste", "gross profit", "er bruttofortjeneste")),
        Column("turnover", Kind.NUMBER, "Omsætning (DKK)", "Turnover (DKK)",
               ("omsætning", "turnover", "nettoomsætning")),
        Column("employees", Kind.NUMBER, "Antal ansatte", "Employees", ("ansatte", "årsværk", "number of employees")),
    ), ("virksomheden", "regnskab"), ("company year", "accounts")),
)  # fmt: skip
GUIDE = ("Vejledning", "Guide")
LISTS = ("Lister", "Lists")
SHEET_COLUMN = ("Ark", "Sheet")
MAX_ROWS = 60_000
MAX_COLUMNS = 64  # times the rows no more cells than the table of deliveries may have
