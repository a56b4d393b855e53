"""Factors in use, the exchange's and one's own: value, unit, source, year and basis; add one, or withdraw it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.errors import InvalidError
from exchange.domain.factors import Factor, FactorBasis
from exchange.domain.own_factors import FAMILIES, GWP_SETS, OWN_LICENCE, OwnRow
from exchange.domain.periods import Period, day_after
from exchange.domain.quantities import UnitCode
from exchange.services import own_factors
from exchange.services.own_factors import ListedFactor
from exchange.web import formats
from exchange.web.account_steps import say_days
from exchange.web.account_words import CARRIERS, FACTOR_BASES
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.typed import Blank, Section, Typed, labels_of, marked, refused
from exchange.web.words import word

UNITS = ("KGM", "GRM", "TNE", "KWH", "MWH", "GV", "3B", "MTQ", "LTR")
MATERIAL = ".material"
KINDS: dict[str, str] = {
    "co2": _("CO2 of burning"),
    "biogenic_co2": _("Biogenic CO2 of burning"),
    "biogenic_non_co2": _("Methane and nitrous oxide of burning biomass"),
    "co2e": _("CO2e of energy"),
    "co2e_market": _("CO2e of bought energy by contract (market-based)"),
    "ncv": _("Lower heating value by weight"),
    "ncv_volume": _("Lower heating value by volume"),
    "ncv_per_gcv": _("Lower divided by upper heating value"),
    "density": _("Density"),
    "resources.material": _("Resources behind a material"),
    "water.material": _("Water behind a material"),
    "co2e.material": _("CO2e behind a material"),
    "energy.material": _("Energy behind a material"),
    "waste.material": _("Waste behind a material"),
}
AT = {
    "/key": "kind", "/value": "value", "/unit": "result", "/source": "source", "/year": "year",
    "/geography": "geography", "/basis": "basis", "/gwp_set": "gwp_set", "/licence": "source", "/note": "note",
    "/valid_to": "last", "factor.twice": "first",
}  # fmt: skip


@dataclass(frozen=True)
class FactorItem:
    """A factor of the table."""

    key: str
    value: str
    basis: str
    holds: str
    source: str
    withdraw_link: str


@dataclass(frozen=True)
class Group:
    """One's own factors, or the exchange's."""

    id: str
    title: str
    rows: tuple[FactorItem, ...]
    is_own: bool


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/factors", view_func=show_factors, endpoint="factors", methods=["GET", "POST"])
    pages.add_url_rule("/factors/<factor_id>/withdraw", view_func=withdraw_factor, methods=["POST"])


def show_factors() -> Response:
    """Every factor the organisation calculates with, and the form of one's own."""
    ctx, reader = signed_in(), current_reader()
    sections = _sections(reader)
    typed = Typed(reader, request.form, labels_of(sections))
    if request.method == "POST":
        new = _read(typed)
        if new is not None and not typed.errors:
            try:
                own_factors.add_own_factor(ctx, new)
            except InvalidError as error:
                typed.errors += refused(reader, error, AT)
            else:
                return redirect(url_for("web.factors", done="factor"), 303)
    listed = own_factors.list_factors(ctx)
    return render(
        "factors.html",
        section="web.sites",
        status=422 if typed.errors else 200,
        errors=typed.errors,
        sections=marked(sections, typed.errors),
        groups=[
            Group("own", reader.say("Your own factors"), _rows(reader, listed, is_own=True), True),
            Group("shared", reader.say("The exchange's factors"), _rows(reader, listed, is_own=False), False),
        ],
        may_edit=ctx.who.may(Role.EDITOR),
    )


def withdraw_factor(factor_id: str) -> Response:
    """Use a factor of one's own no longer."""
    own_factors.withdraw_own_factor(signed_in(), factor_id)
    return redirect(url_for("web.factors", done="factor_withdrawn"), 303)


def say_key(reader: Reader, key: str) -> str:
    """A factor's key in words: `CO2e of energy: natural gas`."""
    prefix, _dot, name = key.rpartition(".")
    named = word(reader, CARRIERS, name) if name in CARRIERS else name.replace("_", " ")
    return f"{word(reader, KINDS, prefix)}: {named}"


def _rows(reader: Reader, listed: Iterable[ListedFactor], *, is_own: bool) -> tuple[FactorItem, ...]:
    return tuple(_item(reader, one.factor, one.id) for one in listed if (one.id is not None) is is_own)


def _item(reader: Reader, factor: Factor, factor_id: str | None) -> FactorItem:
    language = reader.language
    unit = f"{formats.unit(factor.result.value, language)}/{formats.unit(factor.activity.value, language)}"
    source = ", ".join(
        part for part in (factor.source, str(factor.year), factor.geography, factor.gwp_set) if part
    )
    return FactorItem(
        say_key(reader, factor.key),
        f"{formats.number(factor.value, language)}{formats.NO_BREAK}{unit}",
        word(reader, FACTOR_BASES, factor.basis.value),
        say_days(Period(factor.valid_from, factor.valid_to), language)
        if factor.valid_to
        else reader.say("from %(day)s", day=formats.day(factor.valid_from, language)),
        source,
        url_for("web.withdraw_factor", factor_id=factor_id) if factor_id else "",
    )


def _sections(reader: Reader) -> tuple[Section, ...]:
    blank = Blank(reader, request.form)
    units = {one: formats.unit(one, reader.language) for one in UNITS}
    what = (
        blank.choose("kind", _("What the factor says"), KINDS, given="co2e_market"),
        blank.choose("carrier", _("Of which energy"), CARRIERS, empty=_("A material, named below")),
        blank.ask("material", _("Of which material"), _("The category of your purchases, such as steel-sheet."),
                  optional=True),
        blank.ask("value", _("Value"), widget="number"),
        blank.choose("result", _("In"), units),
        blank.choose("activity", _("For one"), units, given="KWH"),
    )  # fmt: skip
    where = (
        blank.ask("source", _("Source"), _("The document, who made it and its date."), widget="area"),
        blank.ask("year", _("Year it stands for"), widget="number"),
        blank.ask("geography", _("Country"), _("Two letters, EU, or GLO for the world."), given="DK"),
        blank.choose("basis", _("What it counts"), FACTOR_BASES, given="life_cycle"),
        blank.choose("gwp_set", _("Warming potentials"), {one: one for one in sorted(GWP_SETS)},
                     _("Only for CO2e. Where the source does not say, write so in the note."), empty=_("Not stated")),
        blank.ask("first", _("Holds from"), widget="day"),
        blank.ask("last", _("Holds until and including"), widget="day", optional=True),
        blank.ask("note", _("Note"), widget="area", optional=True),
    )  # fmt: skip
    return (Section("", what), Section(reader.say("Where it comes from"), where))


def _read(typed: Typed) -> OwnRow | None:
    kind = typed.code("kind", [family.prefix for family in FAMILIES])
    name = _material(typed) if kind.endswith(MATERIAL) else typed.code("carrier", CARRIERS)
    value, year, first = typed.needed_number("value"), typed.year("year"), typed.day("first")
    last = typed.day("last") if typed.text("last") else None
    source, geography = typed.needed("source"), typed.needed("geography").upper()
    basis, result, activity = (
        typed.code(one, known)
        for one, known in (("basis", FACTOR_BASES), ("result", UNITS), ("activity", UNITS))
    )
    if typed.errors or first is None:
        return None
    return OwnRow(
        f"{kind}.{name}", value, UnitCode(result), UnitCode(activity), source, year, geography,
        FactorBasis(basis), typed.text("gwp_set") or None, first,
        None if last is None or last == date.max else day_after(last), OWN_LICENCE, typed.text("note"),
    )  # fmt: skip


def _material(typed: Typed) -> str:
    """A category as the key of a factor writes it."""
    return typed.needed("material").replace("-", "_")
