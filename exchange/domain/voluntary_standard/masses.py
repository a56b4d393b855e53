"""B6 water in m3, and B7: waste by code and way, and materials by name, in tonnes.

Recovery that is neither recycling nor reuse, such as incineration with energy recovery, is no disposal either
(Directive 2008/98/EC Art. 3(15) and (19)): it stands in neither column, like a treatment nobody knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from exchange.domain.calculation.effects import Column
from exchange.domain.calculation.site_totals import to_places
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import UnitCode
from exchange.domain.voluntary_standard.accounts import (
    AccountedFlow,
    AccountedSite,
    Lack,
    LackKind,
    Part,
    flows_of,
    in_thousands,
    lacks_of,
    names,
    quantity,
)
from exchange.domain.waste import is_hazardous

WITHDRAWN = "TotalAmountOfWaterWithdrawnFromAllSites"
STRESSED = "AmountOfWaterWithdrawnAtSitesLocatedInAreasOfHighWaterStress"
GENERATED = "TotalWasteGeneratedMass"
DIVERTED, DISPOSED = "WasteDivertedToRecycleOrReuseMass", "WasteDirectedToDisposalMass"
TREATED = "TotalWasteRecycledReusedAndDirectedToDisposalMass"
USED = "TotalMassOfMaterialUsed"
WAYS = {
    "prepared_for_reuse": DIVERTED,
    "recycling": DIVERTED,
    "incineration": DISPOSED,
    "landfill": DISPOSED,
    "other_disposal": DISPOSED,
}
MOST_MATERIALS = 500  # of the schema's list
OTHER_MATERIALS = "Other materials"


def water(sites: Collection[AccountedSite]) -> Part:
    """Withdrawal at all sites, and at those where water is scarce if any is marked so."""
    lacks = lacks_of(sites, Indicator.WATER, f"indicators/{WITHDRAWN}", lambda flow: flow.kind == "water")
    if lacks:
        return Part(lacks=lacks)
    stressed = [site for site in sites if site.is_water_stressed]
    part = Part({WITHDRAWN: _withdrawn(sites)})
    if stressed:
        part.breakdown[STRESSED] = _withdrawn(stressed)
    return part


def waste(sites: Collection[AccountedSite]) -> Part:
    """Waste generated, hazardous apart, and by code what was recycled or reused against what was disposed of."""
    lacks = lacks_of(sites, Indicator.WASTE, f"indicators/{GENERATED}", lambda flow: flow.kind == "waste")
    if lacks:
        return Part(lacks=lacks)
    flows = flows_of(sites, lambda flow: flow.kind == "waste")
    by_code = {
        code: _by_way(flow for flow in flows if flow.detail["code"] == code)
        for code in sorted({str(flow.detail["code"]) for flow in flows})
    }
    hazardous = _sum(ways for code, ways in by_code.items() if is_hazardous(code))
    harmless = _sum(ways for code, ways in by_code.items() if not is_hazardous(code))
    diverted, disposed = (
        sum((ways.get(way, Decimal(0)) for ways in by_code.values()), Decimal(0))
        for way in (DIVERTED, DISPOSED)
    )
    breakdown: dict[str, Any] = {
        "TotalHazardousWasteGeneratedMass": _tonnes(hazardous),
        "TotalNonHazardousWasteGeneratedMass": _tonnes(harmless),
        DIVERTED: _tonnes(diverted),
        DISPOSED: _tonnes(disposed),
        TREATED: _tonnes(diverted + disposed),
        "waste": [_code(code, ways) for code, ways in by_code.items()],
    }
    return Part({GENERATED: _tonnes(hazardous + harmless)}, breakdown, _in_neither(flows))


def materials(sites: Collection[AccountedSite]) -> tuple[Part, list[dict[str, Any]]]:
    """The mass of materials and packaging in all, and by name; one without a mass per unit is named without weight.

    No list where a site books none: a weight by name would lack that site's part.
    """
    datapoint = f"indicators/{USED}"
    lacks = lacks_of(
        sites, Indicator.RESOURCES, datapoint, lambda flow: flow.kind in {"material", "packaging"}
    )
    by_name: dict[str, list[Fraction | None]] = {}
    for flow in flows_of(sites, lambda flow: Column.RESOURCES in flow.effects):
        by_name.setdefault(flow.name, []).append(flow.effects[Column.RESOURCES])
    unknown = sorted(name for name, masses in by_name.items() if None in masses)
    weights = {
        name: in_thousands(mass or Fraction(0) for mass in masses)
        for name, masses in by_name.items()
        if None not in masses
    }
    part = Part(lacks=lacks)
    if not lacks:
        part.indicators[USED] = _tonnes(sum(weights.values(), Decimal(0)))
    if any(lack.kind is not LackKind.MASS_MISSING for lack in lacks):
        return part, []
    listed: list[dict[str, Any]] = [
        {"NameOfMaterialUsed": name, "WeightOfMaterialUsed": _tonnes(weight)}
        for name, weight in _heaviest(weights, MOST_MATERIALS)
    ]
    listed += [{"NameOfMaterialUsed": name} for name in unknown]
    return part, listed[:MOST_MATERIALS]


def _withdrawn(sites: Iterable[AccountedSite]) -> dict[str, str]:
    flows = flows_of(sites, lambda flow: flow.kind == "water")
    amount = sum((flow.effect(Column.WATER) for flow in flows), Fraction(0))
    return quantity(to_places(amount), UnitCode.CUBIC_METRE)


def _by_way(flows: Iterable[AccountedFlow]) -> dict[str, Decimal]:
    """Tonnes by way, "" for neither."""
    by_way: dict[str, list[Fraction]] = {}
    for flow in flows:
        by_way.setdefault(WAYS.get(str(flow.detail["treatment"]), ""), []).append(flow.effect(Column.WASTE))
    return {way: in_thousands(amounts) for way, amounts in by_way.items()}


def _sum(several: Iterable[dict[str, Decimal]]) -> Decimal:
    return sum((amount for ways in several for amount in ways.values()), Decimal(0))


def _code(code: str, ways: dict[str, Decimal]) -> dict[str, Any]:
    line: dict[str, Any] = {"code": code, "hazardous": is_hazardous(code)}
    return line | {way: _tonnes(ways[way]) for way in (DIVERTED, DISPOSED) if way in ways}


def _in_neither(flows: Collection[AccountedFlow]) -> list[Lack]:
    """Waste in neither column: of unknown treatment, or recovered otherwise."""
    unknown = [flow for flow in flows if flow.detail["treatment"] == "unknown"]
    other = [flow for flow in flows if flow.detail["treatment"] not in {*WAYS, "unknown"}]
    return [
        Lack(kind, f"breakdown/{TREATED}", names(several), is_left_out=False)
        for kind, several in ((LackKind.TREATMENT_UNKNOWN, unknown), (LackKind.OTHER_TREATMENT, other))
        if several
    ]


def _heaviest(weights: dict[str, Decimal], most: int) -> list[tuple[str, Decimal]]:
    """By name; where there are more than the list holds, the heaviest of them and the others as one."""
    if len(weights) <= most:
        return sorted(weights.items())
    by_weight = sorted(weights.items(), key=lambda one: (-one[1], one[0]))
    kept, rest = by_weight[: most - 1], by_weight[most - 1 :]
    return [*sorted(kept), (OTHER_MATERIALS, sum((weight for _, weight in rest), Decimal(0)))]


def _tonnes(amount: Decimal) -> dict[str, str]:
    return quantity(amount, UnitCode.TONNE)
