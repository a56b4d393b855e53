"""What a bill form asks for, by the part of the account it belongs to, and the flow it describes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from exchange.domain.calculation.account import Energy, FlowDetail, Material, Waste, Water
from exchange.domain.calculation.carriers import origin_of
from exchange.domain.calculation.flow_rules import OPERATIONS
from exchange.domain.quantities import Dimension, UnitCode
from exchange.services.flows import FlowView, NewFlow
from exchange.web.account_words import CARRIERS, LEVELS, SOURCES, TREATMENTS
from exchange.web.reader import LANGUAGES, Reader, reader_of
from exchange.web.reader import mark as _
from exchange.web.typed import Blank, Input, Typed, show_number
from exchange.web.words import word

ZERO = Decimal(0)
ENERGY_UNITS = ("KWH", "MWH", "GV", "3B")
COUNTED = ("KGM", "TNE", "GRM", "H87", "MTR", "MTK", "MTQ", "LTR", "PR", "SET")


@dataclass(frozen=True)
class BillForm:
    """A form of bills: its heading, what to have at hand, the units as billed, and the carriers of energy it is for."""

    title: str
    lead: str
    units: tuple[str, ...]
    carriers: tuple[str, ...] = ()


FORMS: dict[str, BillForm] = {
    "electricity": BillForm(
        _("Electricity bill"),
        _("Take the kWh of the meter and the first and last day of the reading from the bill."),
        ("KWH", "MWH"),
        ("electricity_grid", "electricity_self"),
    ),
    "heat": BillForm(
        _("Heat bill"),
        _("District heat, district cooling or bought steam, in the unit of the bill."),
        ("MWH", "KWH", "GV"),
        ("district_heat", "district_cooling", "steam"),
    ),
    "gas": BillForm(
        _("Gas bill"),
        _("Gas by pipe. Take the m3 with their calorific value, or the kWh, as the bill has them."),
        ("MTQ", *ENERGY_UNITS),
        ("natural_gas", "biogas"),
    ),
    "fuel": BillForm(
        _("Fuel bill"),
        _("Diesel, petrol, oil, bottled gas, wood and other fuels that you burn yourselves, vehicles included."),
        ("LTR", "KGM", "TNE", "MTQ", *ENERGY_UNITS),
        (
            "gas_diesel_oil", "petrol", "fuel_oil", "lpg", "wood", "straw", "bio_oil", "coal", "coke", "hydrogen",
            "waste_fuel", "other",
        ),
    ),
    "water": BillForm(
        _("Water bill"),
        _("What you take in, from the waterworks or your own well. Waste water is not counted here."),
        ("MTQ", "LTR"),
    ),
    "material": BillForm(
        _("Purchased material"),
        _("What becomes part of your products or is used up in making them. One bill, or what you bought in the year."),
        COUNTED,
    ),
    "packaging": BillForm(
        _("Purchased packaging"),
        _("Boxes, film, pallets and other packaging that leaves with your products."),
        COUNTED,
    ),
    "waste": BillForm(
        _("Waste handed over"),
        _("One line of the waste carrier's statement: code, treatment and weight."),
        ("KGM", "TNE"),
    ),
}  # fmt: skip
FIELDS_AT: dict[str, str] = {
    "name.invalid": "name", "flow.carrier": "carrier", "flow.source": "source", "material.share": "post",
    "material.mass": "mass", "material.level": "level", "material.country": "country", "waste.code": "code",
    "waste.treatment": "treatment", "waste.operation": "operation", "flow.category": "category",
    "flow.contradicts": "category", "waste.hazard": "code",
}  # fmt: skip


def part_of(detail: FlowDetail) -> str:
    """The part of the account a flow belongs to: a key of `FORMS`."""
    match detail:
        case Energy():
            return next((part for part, form in FORMS.items() if detail.carrier in form.carriers), "fuel")
        case Water():
            return "water"
        case Material():
            return "packaging" if detail.level else "material"
        case Waste():
            return "waste"


def description(blank: Blank, part: str) -> tuple[Input, ...]:
    """The inputs that describe a flow of this part."""
    match part:
        case "water":
            return (blank.choose("source", _("Where the water comes from"), SOURCES), _own_name(blank))
        case "material" | "packaging":
            return _material(blank, part)
        case "waste":
            return _waste(blank)
        case _:
            offered = {carrier: CARRIERS[carrier] for carrier in FORMS[part].carriers}
            return (blank.choose("carrier", _("What it is"), offered), _own_name(blank))


def named_as_known(typed: Typed, new: NewFlow, known: Iterable[FlowView]) -> NewFlow:
    """The flow, under the name it is known by where nobody typed one: it may have been named in another language."""
    if not typed.text("name"):
        usual = {default_name(reader_of(language), new.detail) for language in LANGUAGES}
        for flow in known:
            if flow.detail == new.detail and flow.name in usual:
                return replace(new, name=flow.name)
    return new


def default_name(reader: Reader, detail: FlowDetail) -> str:
    """What a flow is called that nobody named, as in the template; "" for a material, which always has a name."""
    match detail:
        case Energy():
            return word(reader, CARRIERS, detail.carrier)
        case Water():
            return word(reader, SOURCES, detail.source)
        case Waste():
            return reader.say("EWC") + f" {_spaced(detail.code)}".rstrip()
        case Material():
            return ""


def read_flow(typed: Typed, part: str, unit: UnitCode) -> NewFlow:
    """The flow a form describes; what cannot be read is noted in `typed`."""
    match part:
        case "water":
            return _flow(typed, Water(typed.code("source", SOURCES)), UnitCode.CUBIC_METRE)
        case "material" | "packaging":
            return _read_material(typed, part, unit)
        case "waste":
            return _read_waste(typed)
        case _:
            carrier = typed.code("carrier", FORMS[part].carriers)
            return _flow(typed, Energy(carrier, origin_of(carrier)), UnitCode.KILOWATT_HOUR)


def _own_name(blank: Blank) -> Input:
    hint = _("Only where you have several, such as one meter for the paint shop.")
    return blank.ask("name", _("Your own name for it"), hint, optional=True)


def _flow(typed: Typed, detail: FlowDetail, unit: UnitCode) -> NewFlow:
    return NewFlow(typed.text("name") or default_name(typed.reader, detail), detail, unit)


def _material(blank: Blank, part: str) -> tuple[Input, ...]:
    level = (blank.choose("level", _("Kind of packaging"), LEVELS),) if part == "packaging" else ()
    return (
        blank.ask("name", _("What it is"), _("Such as steel sheet 2 mm. The same name next time adds to it.")),
        *level,
        blank.ask("category", _("Category"), _("In small letters, such as steel-sheet: it links to suppliers' figures "
                                               "and factors."), optional=True),
        blank.ask("mass", _("Kilograms for one unit"), _("Only where it is not bought by weight."),
                  widget="number", optional=True),
        blank.ask("pre", _("Recycled, pre-consumer (%)"), _("From other makers' scrap. The supplier knows."),
                  widget="number", optional=True),
        blank.ask("post", _("Recycled, post-consumer (%)"), _("From used products."), widget="number", optional=True),
        blank.ask("bio", _("Bio-based (%)"), _("From plants or animals, such as wood and paper."),
                  widget="number", optional=True),
        blank.tick("by_product", _("Bought as somebody's by-product")),
        blank.ask("country", _("Country of origin"), _("Two letters, such as DE."), optional=True),
        blank.ask("supplier", _("Supplier"), optional=True),
    )  # fmt: skip


def _read_material(typed: Typed, part: str, unit: UnitCode) -> NewFlow:
    detail = Material(
        None if unit.dimension is Dimension.MASS else typed.number("mass"),
        typed.share("pre") or ZERO,
        typed.share("post") or ZERO,
        typed.share("bio") or ZERO,
        typed.is_ticked("by_product"),
        typed.code("level", LEVELS) if part == "packaging" else "",
        typed.text("country").upper(),
        typed.text("supplier"),
    )
    return NewFlow(typed.needed("name"), detail, unit, typed.text("category"))


def _waste(blank: Blank) -> tuple[Input, ...]:
    operations = {one: one for one in OPERATIONS}
    treatments = {"unknown": TREATMENTS["unknown"]} | TREATMENTS  # nothing better is taken for granted
    return (
        blank.ask("code", _("EAK code"), _("Six digits from the carrier's statement, such as 12 01 01. Whether it is "
                                           "hazardous follows from the code.")),
        blank.choose("treatment", _("Treatment"), treatments, _("As the statement says; unknown if it does not.")),
        blank.choose("operation", _("R or D operation"), operations, empty=_("Not stated")),
        blank.ask("name", _("Your own name for it"), _("Such as steel scrap."), optional=True),
    )  # fmt: skip


def _read_waste(typed: Typed) -> NewFlow:
    code = "".join(typed.needed("code").removesuffix("*").split())
    detail = Waste(code, typed.code("treatment", TREATMENTS), typed.text("operation"))
    return _flow(typed, detail, UnitCode.KILOGRAM)


def described(reader: Reader, detail: FlowDetail, name: str) -> str:
    """What else is known of a flow than its name, in words; "" where the name says it all."""
    match detail:
        case Material():
            shares = (
                (_("%(share)s %% recycled, pre-consumer"), detail.pre_consumer),
                (_("%(share)s %% recycled, post-consumer"), detail.post_consumer),
                (_("%(share)s %% bio-based"), detail.bio_based),
            )
            said = [
                reader.say(text, share=show_number(share * 100, reader)) for text, share in shares if share
            ]
            return ", ".join(part for part in (*said, detail.supplier, detail.country) if part)
        case Waste():
            code, treatment = _spaced(detail.code), word(reader, TREATMENTS, detail.treatment)
            return treatment if code in name else f"{code}, {treatment}"
        case Energy() | Water():
            return ""


def _spaced(code: str) -> str:
    """A code of the List of Waste as statements print it: `12 01 03`."""
    return f"{code[:2]} {code[2:4]} {code[4:]}"
