"""What a flow may be: carriers, sources, shares, codes of waste, and the unit each kind is accounted in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import assert_never

from exchange.domain.calculation.account import Energy, Flow, FlowDetail, Material, Waste, Water
from exchange.domain.errors import Problem
from exchange.domain.own_factors import BOUGHT, CARRIERS
from exchange.domain.quantities import Dimension, UnitCode
from exchange.domain.waste import is_known_code

ORIGINS = ("renewable", "non_renewable", "nuclear", "mixed")
WATER_SOURCES = ("public_supply", "groundwater", "surface", "rainwater", "sea", "recycled_external")
TREATMENTS = (
    "prepared_for_reuse", "recycling", "other_recovery", "incineration_energy", "incineration", "landfill",
    "other_disposal", "unknown",
)  # fmt: skip
# Recovery and disposal operations: Directive 2008/98/EC, annexes II and I.
OPERATIONS = (*(f"R{number}" for number in range(1, 14)), *(f"D{number}" for number in range(1, 16)))
PACKAGING_LEVELS = ("sales", "grouped", "transport")
# Supplies that run all year through a meter: no two bills of one meter cover the same day, and a month without a bill
# is a missing bill. Power made on the site has a meter too.
METERED_CARRIERS = BOUGHT | {"electricity_self", "natural_gas", "biogas"}


def is_metered(detail: FlowDetail) -> bool:
    """Whether the flow comes through a meter all year, so that its bills follow on one another without a gap."""
    match detail:
        case Energy():
            return detail.carrier in METERED_CARRIERS
        case Water():
            return detail.source == "public_supply"
        case Material() | Waste():
            return False


def supply_of(flow: Flow) -> str:
    """What a metered flow is a supply of, the same for all flows of one carrier or source; else the flow's id."""
    match flow.detail:
        case Energy() if is_metered(flow.detail):
            return f"energy:{flow.detail.carrier}"
        case Water() if is_metered(flow.detail):
            return f"water:{flow.detail.source}"
        case _:
            return flow.id


def accounted_unit(detail: FlowDetail, unit: UnitCode) -> UnitCode:
    """What a flow entered in `unit` is accounted in: kWh, m3, kg; a material counted otherwise keeps its unit."""
    match detail:
        case Energy():
            return UnitCode.KILOWATT_HOUR
        case Water():
            return UnitCode.CUBIC_METRE
        case Waste():
            return UnitCode.KILOGRAM
        case Material():
            return UnitCode.KILOGRAM if unit.dimension is Dimension.MASS else unit
        case _:
            assert_never(detail)


def settled(detail: FlowDetail, unit: UnitCode) -> FlowDetail:
    """The detail without what its unit says already: a material counted by mass needs no mass per unit."""
    if isinstance(detail, Material) and unit.dimension is Dimension.MASS:
        return replace(detail, mass=None)
    return detail


def flow_problems(detail: FlowDetail) -> list[Problem]:
    """What is wrong with a flow's description.

    Codes: `flow.carrier`, `flow.origin`, `flow.source`, `material.share`, `material.mass`, `material.level`,
    `material.country`, `waste.code`, `waste.treatment`, `waste.operation`.
    """
    match detail:
        case Energy():
            return [
                *_unlisted("flow.carrier", "/detail/carrier", detail.carrier, tuple(sorted(CARRIERS))),
                *_unlisted("flow.origin", "/detail/origin", detail.origin, ORIGINS),
            ]
        case Water():
            return list(_unlisted("flow.source", "/detail/source", detail.source, WATER_SOURCES))
        case Material():
            return list(_material(detail))
        case Waste():
            return list(_waste(detail))


def _unlisted(code: str, path: str, text: str, known: tuple[str, ...]) -> Iterator[Problem]:
    if text not in known:
        yield Problem(code, f"{text!r} is not one of those known.", path, f"Known: {', '.join(known)}.")


def _material(detail: Material) -> Iterator[Problem]:
    shares = (detail.pre_consumer, detail.post_consumer, detail.bio_based)
    if not all(share.is_finite() and 0 <= share <= 1 for share in shares) or sum(shares) > 1:
        yield Problem(
            "material.share",
            "Recycled and bio-based shares are parts of the mass, from 0 to 100 %, together at most 100 %.",
            "/detail/post_consumer",
            "Write 40 % as 0.4; what is both recycled and bio-based counts once.",
        )
    if detail.mass is not None and not (detail.mass.is_finite() and detail.mass > Decimal(0)):
        yield Problem(
            "material.mass",
            "The mass of one unit is not above zero.",
            "/detail/mass",
            "Give kilograms for one unit, or leave it empty.",
        )
    if detail.level:
        yield from _unlisted("material.level", "/detail/level", detail.level, PACKAGING_LEVELS)
    if detail.country and not (
        len(detail.country) == 2 and detail.country.isascii() and detail.country.isupper()
    ):
        yield Problem(
            "material.country",
            "A country is two capital letters.",
            "/detail/country",
            "Write DE for Germany.",
        )


def _waste(detail: Waste) -> Iterator[Problem]:
    if not is_known_code(detail.code):
        yield Problem(
            "waste.code",
            f"{detail.code!r} is not a code of the European List of Waste.",
            "/detail/code",
            "Take the six digits from the carrier's statement, such as 120101.",
        )
    yield from _unlisted("waste.treatment", "/detail/treatment", detail.treatment, TREATMENTS)
    if detail.operation:
        yield from _unlisted("waste.operation", "/detail/operation", detail.operation, OPERATIONS)
