"""The groups of an organisation dataset that its sites' calculations fill, and what they leave open."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exchange.domain.calculation.effects import HEADLINE
from exchange.domain.calculation.quality import SHARE_PLACES, UNKNOWN, Shares
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import decimal_to_wire, exact_decimal
from exchange.domain.voluntary_standard.accounts import AccountedFlow, AccountedSite, Lack, flows_of
from exchange.domain.voluntary_standard.energy import LOCATION_SUM, TOTAL, emissions, energy
from exchange.domain.voluntary_standard.masses import GENERATED, USED, WITHDRAWN, materials, waste, water

# The datapoint that is the organisation's figure of an effect indicator.
HEADLINES = {
    Indicator.RESOURCES: USED,
    Indicator.WATER: WITHDRAWN,
    Indicator.CO2E: LOCATION_SUM,
    Indicator.ENERGY: TOTAL,
    Indicator.WASTE: GENERATED,
}
CUT_BY_DAYS = {"method": "subdivision", "key": "Days of the bills inside the period", "scope": "site"}


@dataclass(frozen=True)
class Datapoints:
    """Ready groups of the dataset, each possibly empty, and what is lacking in the order of the standard."""

    indicators: dict[str, Any]
    breakdown: dict[str, Any]
    quality: dict[str, Any]
    composition: dict[str, Any]
    lacks: tuple[Lack, ...]


def datapoints_of(sites: Collection[AccountedSite]) -> Datapoints:
    """The datapoints of all sites together."""
    of_materials, listed = materials(sites)
    parts = (energy(sites), emissions(sites), water(sites), waste(sites), of_materials)
    indicators = {name: one for part in parts for name, one in part.indicators.items()}
    return Datapoints(
        indicators,
        {name: one for part in parts for name, one in part.breakdown.items()},
        {
            indicator.value: quality_of(flows_of(sites, lambda flow: True), indicator)
            for indicator, datapoint in HEADLINES.items()
            if datapoint in indicators
        },
        {"materials": listed} if listed else {},
        tuple(lack for part in parts for lack in part.lacks),
    )


def quality_of(flows: Iterable[AccountedFlow], indicator: Indicator) -> dict[str, Any]:
    """How a site's own figure came about: no key spreads it, so it is measured but for estimates and cut bills."""
    total = secondary = cut = Fraction(0)
    for flow in flows:
        amount = flow.effect(*HEADLINE[indicator])
        total += amount
        secondary += amount * flow.estimated
        cut += amount * flow.cut
    shares = _shares(secondary / total, cut / total) if total else UNKNOWN
    stated: dict[str, Any] = {name: decimal_to_wire(share) for name, share in vars(shares).items()}
    if shares.measured == 1:
        stated["measurement_basis"] = shares.measurement_basis
    return stated | ({"allocation": CUT_BY_DAYS} if shares.allocated else {})


def _shares(secondary: Fraction, cut: Fraction) -> Shares:
    """Rounded so that they make exactly 1; both are parts of one whole."""
    estimated = Fraction(round(secondary * 10**SHARE_PLACES), 10**SHARE_PLACES)
    allocated = min(Fraction(round(cut * 10**SHARE_PLACES), 10**SHARE_PLACES), 1 - estimated)
    measured = 1 - estimated - allocated
    return Shares(
        exact_decimal(measured), exact_decimal(allocated), exact_decimal(estimated), UNKNOWN.measured
    )
