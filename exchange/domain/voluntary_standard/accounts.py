"""What stored calculations say of sites' flows, read back for datapoints; and what is lacking from a datapoint.

The schema of organisation datasets has no "at least": a datapoint is given whole or left out, and then named.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from exchange.domain.calculation.effects import Column
from exchange.domain.calculation.site_totals import to_places
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import Quantity, UnitCode

THOUSAND = 1000  # kWh in a MWh, kg in a tonne


class LackKind(StrEnum):
    """Why a datapoint is left out, is given in part, or needs a word beside it."""

    NO_CALCULATION = "no_calculation"
    NOTHING_BOOKED = "nothing_booked"
    DAYS_MISSING = "days_missing"
    FACTOR_MISSING = "factor_missing"
    MASS_MISSING = "mass_missing"
    ORIGIN_UNKNOWN = "origin_unknown"
    MARKET_FACTOR_MISSING = "market_factor_missing"
    TREATMENT_UNKNOWN = "treatment_unknown"
    OTHER_TREATMENT = "other_treatment"
    HEAT_IN_TOTAL_ONLY = "heat_in_total_only"
    YEAR_MISSING = "year_missing"
    BASE_MISSING = "base_missing"


@dataclass(frozen=True, order=True)
class Lack:
    """Something lacking: `datapoint` by group and concept, `names` the sites, flows or years concerned.

    `is_left_out`: the datapoint is not in the dataset.
    """

    kind: LackKind
    datapoint: str
    names: tuple[str, ...] = ()
    is_left_out: bool = True


@dataclass(frozen=True)
class Part:
    """Datapoints of one theme: those of the group `indicators`, those of the breakdown, and what is lacking."""

    indicators: dict[str, Any] = field(default_factory=dict)
    breakdown: dict[str, Any] = field(default_factory=dict)
    lacks: list[Lack] = field(default_factory=list)


@dataclass(frozen=True)
class AccountedFlow:
    """A flow at a site in a stretch of the year: its amount in its unit, and what it adds to columns (kg, m3, MJ).

    `effects` None is one without a factor. `estimated` and `cut` are the shares of the amount without a bill, and of
    bills cut by days.
    """

    kind: str
    name: str
    detail: Mapping[str, Any]
    amount: Fraction
    effects: Mapping[Column, Fraction | None]
    estimated: Fraction = Fraction(0)
    cut: Fraction = Fraction(0)

    @property
    def carrier(self) -> str:
        """The carrier of energy, "" of anything else."""
        return str(self.detail.get("carrier", ""))

    def effect(self, *columns: Column) -> Fraction:
        """What is known of its part in some columns."""
        return sum((self.effects.get(column) or Fraction(0) for column in columns), Fraction(0))


@dataclass(frozen=True)
class AccountedSite:
    """A site's calculation of the year. `gaps` are {kind, name} by indicator; one of which nothing is booked has none.

    An indicator without a gap has an empty entry.
    """

    name: str
    flows: tuple[AccountedFlow, ...]
    gaps: Mapping[Indicator, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    is_water_stressed: bool = False


def read_flow(steps: Mapping[str, Any]) -> AccountedFlow:
    """A flow's stored steps (`calculation.explain.explain_entry`) read back."""
    bills = steps["bills"]
    whole = _accounted(bills)
    estimated = _accounted(one for one in bills if one.get("estimate"))
    cut = _accounted(one for one in bills if "inside" in one and not one.get("estimate"))
    return AccountedFlow(
        steps["kind"],
        steps["flow"],
        steps["detail"],
        Fraction(steps["total"]["amount"]),
        {
            Column(one["column"]): Fraction(one["effect"]["amount"]) if "effect" in one else None
            for one in steps["effects"]
        },
        _share(estimated, whole),
        _share(cut, whole),
    )


def _share(part: Fraction, whole: Fraction) -> Fraction:
    """A part of the whole, from 0 to 1: a credit note may take back more than its kind of bills."""
    return min(max(part / whole, Fraction(0)), Fraction(1)) if whole else Fraction(0)


def _accounted(bills: Iterable[Mapping[str, Any]]) -> Fraction:
    """What some bills come to in the flow's unit; a credit note is below zero."""
    return sum((Fraction(one["accounted"]["amount"]) for one in bills), Fraction(0))


def flows_of(
    sites: Iterable[AccountedSite], is_wanted: Callable[[AccountedFlow], bool]
) -> list[AccountedFlow]:
    """The flows of all sites that are wanted."""
    return [flow for site in sites for flow in site.flows if is_wanted(flow)]


def lacks_of(
    sites: Collection[AccountedSite],
    indicator: Indicator,
    datapoint: str,
    is_wanted: Callable[[AccountedFlow], bool],
) -> list[Lack]:
    """What keeps the sum of some flows from being whole: sites without the indicator, and gaps of those flows."""
    found: dict[LackKind, set[str]] = {}
    for site in sites:
        if indicator not in site.gaps:
            found.setdefault(LackKind.NOTHING_BOOKED, set()).add(site.name)
        others = {flow.name for flow in site.flows if not is_wanted(flow)}
        wanted = {flow.name for flow in site.flows if is_wanted(flow)}
        for gap in site.gaps.get(indicator, ()):
            if gap["name"] in wanted or gap["name"] not in others:
                found.setdefault(LackKind(gap["kind"]), set()).add(f"{site.name}: {gap['name']}")
    return [Lack(kind, datapoint, tuple(sorted(names))) for kind, names in sorted(found.items())]


def names(flows: Iterable[AccountedFlow]) -> tuple[str, ...]:
    """The flows' names, each once."""
    return tuple(sorted({flow.name for flow in flows}))


def in_thousands(amounts: Iterable[Fraction]) -> Decimal:
    """A sum in thousands of its unit (kWh as MWh, kg as t), rounded once to the places the wire has."""
    return to_places(sum(amounts, Fraction(0)) / THOUSAND)


def quantity(amount: Decimal, unit: UnitCode) -> dict[str, str]:
    """The wire form."""
    return Quantity(amount, unit).to_wire()
