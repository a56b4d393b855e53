"""B3: energy in MWh by row and origin, and greenhouse gases in t CO2e by scope.

The standard's breakdown has three rows: electricity, self-generated electricity, fuels. District heat, cooling and
steam are energy consumed and belong to the total and to Scope 2; no row is theirs, so the rows need not make the total.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from typing import Any

from exchange.domain.calculation.effects import BIOGENIC, WITHOUT_EMISSION, Column
from exchange.domain.indicators import Indicator
from exchange.domain.own_factors import BOUGHT, FUELS
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

TOTAL = "TotalEnergyConsumption"
ROWS: dict[str, frozenset[str]] = {
    "EnergyConsumptionFromElectricity": frozenset({"electricity_grid"}),
    "EnergyConsumptionFromSelfGeneratedElectricity": frozenset({"electricity_self"}),
    "EnergyConsumptionFromFuels": FUELS,
}
HEAT = BOUGHT - {"electricity_grid"}
SCOPE1 = "GrossScope1GreenhouseGasEmissions"
LOCATION = "GrossLocationBasedScope2GreenhouseGasEmissions"
MARKET = "GrossMarketBasedScope2GreenhouseGasEmissions"
LOCATION_SUM = "TotalGrossLocationBasedScope1AndScope2GHGEmissions"
MARKET_SUM = "TotalGrossMarketBasedScope1AndScope2GHGEmissions"
# Fuels of no certain origin: what is burnt may be either, and the calculation does not say.
_UNCERTAIN = frozenset({"hydrogen", "waste_fuel", "other"})


def energy(sites: Collection[AccountedSite]) -> Part:
    """Total energy and its rows, each only where nothing of it is missing."""
    part, total = Part(), Decimal(0)
    for row, carriers in ROWS.items():
        flows = flows_of(sites, _carried(carriers))
        amounts, unsure = _by_origin(flows)
        total += sum(amounts.values(), Decimal(0))
        lacks = lacks_of(sites, Indicator.ENERGY, f"breakdown/{row}", _carried(carriers)) if flows else []
        part.lacks.extend(lacks)
        if not flows or lacks:
            continue
        part.breakdown[row] = _row(amounts, is_split=not unsure)
        if unsure:
            part.lacks.append(Lack(LackKind.ORIGIN_UNKNOWN, f"breakdown/{row}", unsure, is_left_out=False))
    heat = flows_of(sites, _carried(HEAT))
    total += in_thousands(flow.amount for flow in heat)
    lacks = lacks_of(sites, Indicator.ENERGY, f"indicators/{TOTAL}", lambda flow: flow.kind == "energy")
    part.lacks.extend(lacks)
    if not lacks:
        part.indicators[TOTAL] = quantity(total, UnitCode.MEGAWATT_HOUR)
        if heat:
            part.lacks.append(
                Lack(LackKind.HEAT_IN_TOTAL_ONLY, f"indicators/{TOTAL}", names(heat), is_left_out=False)
            )
    return part


def emissions(sites: Collection[AccountedSite]) -> Part:
    """Scope 1 and both readings of Scope 2; a scope of which nothing is booked at any site is left out, never zero.

    Market-based only where every bought energy has a contract's factor.
    """
    part = Part()
    burnt, bought = flows_of(sites, _carried(FUELS)), flows_of(sites, _carried(BOUGHT))
    direct = _scope(sites, part, f"indicators/{SCOPE1}", FUELS, (burnt, Column.SCOPE1))
    located = _scope(sites, part, f"indicators/{LOCATION}", BOUGHT, (bought, Column.SCOPE2_LOCATION))
    market = None
    uncontracted = [flow for flow in bought if flow.effects.get(Column.SCOPE2_MARKET) is None]
    if uncontracted:
        lack = Lack(LackKind.MARKET_FACTOR_MISSING, f"breakdown/{MARKET}", names(uncontracted))
        part.lacks.append(lack)
    elif located is not None:
        market = in_thousands(flow.effect(Column.SCOPE2_MARKET) for flow in bought)
    for name, group, amount in (
        (SCOPE1, part.indicators, direct),
        (LOCATION, part.indicators, located),
        (LOCATION_SUM, part.indicators, _plus(direct, located)),
        (MARKET, part.breakdown, market),
        (MARKET_SUM, part.breakdown, _plus(direct, market)),
    ):
        if amount is not None:
            group[name] = quantity(amount, UnitCode.TONNE)
    return part


def _carried(carriers: Collection[str]) -> Callable[[AccountedFlow], bool]:
    return lambda flow: flow.kind == "energy" and flow.carrier in carriers


def _by_origin(flows: Iterable[AccountedFlow]) -> tuple[dict[str, Decimal], tuple[str, ...]]:
    """MWh by origin as the standard splits it, "" where it is not known; and the names of those flows."""
    by_origin: dict[str, list[AccountedFlow]] = {}
    for flow in flows:
        by_origin.setdefault(_origin(flow), []).append(flow)
    amounts = {origin: in_thousands(one.amount for one in several) for origin, several in by_origin.items()}
    return amounts, names(by_origin.get("", ()))


def _origin(flow: AccountedFlow) -> str:
    """As stated; where it is not, as the calculation counts the carrier: fossil fuels and what is biogenic."""
    stated = flow.detail.get("origin", "mixed")
    if stated == "renewable" or (stated == "mixed" and flow.carrier in BIOGENIC | WITHOUT_EMISSION):
        return "RenewableEnergy"
    if stated in {"non_renewable", "nuclear"} or flow.carrier in FUELS - BIOGENIC - _UNCERTAIN:
        return "NonRenewableEnergy"
    return ""


def _row(amounts: dict[str, Decimal], *, is_split: bool) -> dict[str, Any]:
    row = {}
    if is_split:
        for origin in ("RenewableEnergy", "NonRenewableEnergy"):
            row[origin] = quantity(amounts.get(origin, Decimal(0)), UnitCode.MEGAWATT_HOUR)
    return row | {"Total": quantity(sum(amounts.values(), Decimal(0)), UnitCode.MEGAWATT_HOUR)}


def _scope(
    sites: Collection[AccountedSite],
    part: Part,
    datapoint: str,
    carriers: Collection[str],
    of: tuple[Collection[AccountedFlow], Column],
) -> Decimal | None:
    """A scope in t CO2e; None where nothing of it is booked or something of it is missing, which is noted."""
    flows, column = of
    lacks = lacks_of(sites, Indicator.CO2E, datapoint, _carried(carriers))
    if not flows and not lacks:
        lacks = [Lack(LackKind.NOTHING_BOOKED, datapoint)]
    part.lacks.extend(lacks)
    return None if lacks else in_thousands(flow.effect(column) for flow in flows)


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other
