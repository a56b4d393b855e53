"""Every quantity is in a unit that measures what its field is about."""

from __future__ import annotations

from exchange.domain.checks.check import (
    Check,
    Path,
    Subject,
    at,
    dimension_of,
    entries,
    objects,
    problem,
    quantity,
    wrong_dimension,
)
from exchange.domain.errors import Problem
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import Dimension, UnitCode, in_unit

KILOGRAM = UnitCode.KILOGRAM
SLICES = ("own", "upstream", "total")
_DIMENSIONS = {one.value: one.unit.dimension for one in Indicator}
_STREAM_DIMENSIONS = {
    "material": (Dimension.MASS, Dimension.VOLUME, Dimension.COUNT),
    "water": (Dimension.VOLUME, Dimension.MASS),
    "energy": (Dimension.ENERGY,),
    "gas": (Dimension.VOLUME, Dimension.MASS, Dimension.ENERGY),
}
# The words in the names of the voluntary standard's datapoints, the telling one first.
_DATAPOINT_WORDS = (
    ("Energy", Dimension.ENERGY),
    ("Emission", Dimension.MASS),
    ("GHG", Dimension.MASS),
    ("Mass", Dimension.MASS),
    ("Weight", Dimension.MASS),
    ("Volume", Dimension.VOLUME),
    ("Water", Dimension.VOLUME),
    ("Area", Dimension.AREA),
    ("Land", Dimension.AREA),
)


def _indicators(subject: Subject) -> list[Problem]:
    stated = at(subject, "indicators") or {}
    return [
        found
        for name, dimension in _DIMENSIONS.items()
        if name in stated
        for part in SLICES
        if part in stated[name]
        for found in wrong_dimension(
            "indicator.unit", ("indicators", name, part), stated[name][part], dimension
        )
    ]


def _breakdown(subject: Subject) -> list[Problem]:
    stated = at(subject, "breakdown") or {}
    return [
        found
        for name, dimension in _DIMENSIONS.items()
        if name in stated
        for path, member in objects(stated[name], ("breakdown", name))
        if set(member) == {"amount", "unit"}
        for found in wrong_dimension("breakdown.unit", path, member, dimension)
    ]


def _recipe(subject: Subject) -> list[Problem]:
    return [
        found for path, line in entries(subject, "process", "inputs") for found in _recipe_line(path, line)
    ]


def _recipe_line(path: Path, line: Subject) -> list[Problem]:
    found = []
    if "mass" in line:
        found += wrong_dimension("recipe.unit", (*path, "mass"), line["mass"], Dimension.MASS)
    explained = line.get("explains", {})
    for name, dimension in _DIMENSIONS.items():
        if name in explained:
            place = (*path, "explains", name)
            found += wrong_dimension("recipe.unit", place, explained[name], dimension)
    if "explains_scope2_market" in line:
        market, place = line["explains_scope2_market"], (*path, "explains_scope2_market")
        found += wrong_dimension("recipe.unit", place, market, Dimension.MASS)
    return found


def _transport(subject: Subject) -> list[Problem]:
    wanted = (
        ("transport_work", Dimension.TRANSPORT),
        ("co2e", Dimension.MASS),
        ("energy", Dimension.ENERGY),
    )
    return [
        found
        for path, leg in entries(subject, "process", "transport")
        for name, dimension in wanted
        for found in wrong_dimension("transport.unit", (*path, name), leg.get(name), dimension)
    ]


def _masses(subject: Subject) -> list[Problem]:
    found = wrong_dimension(
        "mass.unit", ("identity", "mass"), at(subject, "identity", "mass"), Dimension.MASS
    )
    for path, item in entries(subject, "packaging", "items"):
        found += wrong_dimension("mass.unit", (*path, "mass"), item["mass"], Dimension.MASS)
    return found


def _amounts(subject: Subject) -> list[Problem]:
    dimension = dimension_of(at(subject, "identity", "declared_unit"))
    amounts: list[tuple[Path, Subject | None]] = [
        (("commercial", name), at(subject, "commercial", name)) for name in ("produced", "stock_drawn")
    ]
    made = ("breakdown", "calculation", "produced")
    amounts.append((made, at(subject, *made)))
    for path, delivery in entries(subject, "commercial", "deliveries"):
        amounts.append(((*path, "quantity"), delivery["quantity"]))
    return [
        found for path, amount in amounts for found in wrong_dimension("amount.unit", path, amount, dimension)
    ]


def _stream(subject: Subject) -> list[Problem]:
    wanted = _STREAM_DIMENSIONS.get(at(subject, "identity", "category"), tuple(Dimension))
    amount, value = at(subject, "byproducts", "quantity"), at(subject, "composition", "calorific_value")
    return [
        *wrong_dimension("stream.unit", ("byproducts", "quantity"), amount, *wanted),
        *wrong_dimension("stream.unit", ("composition", "calorific_value"), value, Dimension.ENERGY),
    ]


def datapoint_dimension(path: Path) -> Dimension | None:
    """What a datapoint of the voluntary standard measures, by the words of its name; None if none tells."""
    names = " ".join(str(part) for part in path)
    return next((dimension for word, dimension in _DATAPOINT_WORDS if word in names), None)


def _datapoints(subject: Subject) -> list[Problem]:
    return [
        found
        for path, member in objects(subject)
        if set(member) == {"amount", "unit"} and (dimension := datapoint_dimension(path))
        for found in wrong_dimension("datapoint.unit", path, member, dimension)
    ]


def _same_mass(subject: Subject) -> list[Problem]:
    declared, mass = at(subject, "identity", "declared_unit"), at(subject, "identity", "mass")
    if mass is None or dimension_of(declared) is not Dimension.MASS:
        return []
    one, other = quantity(declared), quantity(mass)
    if other.dimension is not Dimension.MASS or in_unit(one, KILOGRAM) == in_unit(other, KILOGRAM):
        return []
    detail = "The declared unit is a mass, and the mass given for it is another one."
    return [problem("mass.disagrees", ("identity", "mass"), detail, "Leave the mass out, or give the same.")]


_PRODUCED = frozenset({"product", "delivery"})
CHECKS = (
    Check(
        "indicator.unit",
        _PRODUCED,
        "Each indicator is in a unit of its own dimension: mass, volume, energy.",
        _indicators,
    ),
    Check(
        "breakdown.unit",
        frozenset({"product"}),
        "Each part of a breakdown is in a unit of its indicator's dimension.",
        _breakdown,
        group="breakdown",
    ),
    Check(
        "recipe.unit",
        _PRODUCED,
        "What a recipe line explains is in units of the indicators; its mass is a mass.",
        _recipe,
    ),
    Check(
        "transport.unit",
        frozenset({"delivery"}),
        "Transport work is in tonne kilometres, its effect in mass and energy.",
        _transport,
    ),
    Check(
        "mass.unit",
        frozenset({"product"}),
        "The mass of the product and of its packaging is a mass.",
        _masses,
    ),
    Check(
        "mass.disagrees",
        frozenset({"product"}),
        "A product declared by mass has that mass.",
        _same_mass,
    ),
    Check(
        "amount.unit",
        _PRODUCED,
        "What was produced, drawn from stock or delivered is measured like the declared unit.",
        _amounts,
    ),
    Check(
        "stream.unit",
        frozenset({"stream"}),
        "A stream's quantity is in a unit its category is measured in.",
        _stream,
    ),
    Check(
        "datapoint.unit",
        frozenset({"organisation"}),
        "Each datapoint of the voluntary standard is in a unit of what it measures.",
        _datapoints,
    ),
)
