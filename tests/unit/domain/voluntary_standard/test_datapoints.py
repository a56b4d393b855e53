"""Datapoints of the voluntary standard from stored steps, by hand: what the service's tests do not reach."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from exchange.domain.calculation.effects import Column
from exchange.domain.calculation.explain import explain_entry
from exchange.domain.indicators import Indicator
from exchange.domain.voluntary_standard import (
    AccountedFlow,
    AccountedSite,
    Lack,
    LackKind,
    datapoints_of,
    read_flow,
)
from exchange.domain.voluntary_standard.words import FIRST, MOST_SIGNS, in_words
from tests.unit.domain.calculation.cases import account, bill, months, worked

F = Fraction
WHOLE = {indicator: () for indicator in Indicator}


def energy(carrier: str, kwh: str, origin: str = "mixed", **effects: str | None) -> AccountedFlow:
    """Energy with its effects in kg by column."""
    columns = {Column(name): None if one is None else F(one) for name, one in effects.items()}
    columns[Column.ENERGY] = F(kwh) * F("3.6")
    return AccountedFlow("energy", carrier, {"carrier": carrier, "origin": origin}, F(kwh), columns)


def material(name: str, kilograms: str | None) -> AccountedFlow:
    mass = None if kilograms is None else F(kilograms)
    return AccountedFlow("material", name, {}, F(1), {Column.RESOURCES: mass})


def points(*flows: AccountedFlow, gaps: dict[Indicator, Any] | None = None) -> Any:
    return datapoints_of([AccountedSite("Hall", flows, {**WHOLE, **(gaps or {})})])


def row(carrier: str, origin: str) -> dict[str, Any]:
    found: dict[str, Any] = points(energy(carrier, "1000", origin)).breakdown
    return next(one for name, one in found.items() if name.startswith("Energy"))


def test_stored_steps_are_read_back() -> None:
    # 100 kWh billed, 60 estimated, and 40 of 80 kWh of a bill that runs into the year after: 200 in all
    bills = [
        bill("100", months(1, 4), id="x"),
        bill("60", months(5, 6), id="y", is_estimate=True),
        bill("62", months(12, 13), id="z"),
    ]
    site = account(bills)
    found = read_flow(explain_entry(worked(site).entries[0]))
    assert (found.kind, found.name, found.carrier) == ("energy", "Flow", "electricity_grid")
    assert found.amount == 191  # 100 + 60 + 62 x 31 / 62
    assert (found.estimated, found.cut) == (F(60, 191), F(31, 191))
    assert found.effect(Column.ENERGY) == F("687.6")
    assert found.effects[Column.SCOPE2_MARKET] is None


@pytest.mark.parametrize(
    ("carrier", "origin", "split"),
    [
        ("electricity_grid", "renewable", "RenewableEnergy"),
        ("electricity_grid", "nuclear", "NonRenewableEnergy"),
        ("electricity_grid", "non_renewable", "NonRenewableEnergy"),
        ("electricity_grid", "mixed", ""),
        ("electricity_self", "mixed", "RenewableEnergy"),
        ("wood", "mixed", "RenewableEnergy"),
        ("natural_gas", "mixed", "NonRenewableEnergy"),
        ("natural_gas", "renewable", "RenewableEnergy"),
        ("hydrogen", "mixed", ""),
        ("waste_fuel", "mixed", ""),
    ],
)
def test_origin_as_stated_or_as_the_carrier_is_counted(carrier: str, origin: str, split: str) -> None:
    found, one = row(carrier, origin), {"amount": "1", "unit": "MWH"}
    if not split:
        assert found == {"Total": one}
    else:
        zero = {"amount": "0", "unit": "MWH"}
        assert found == {"RenewableEnergy": zero, "NonRenewableEnergy": zero, split: one, "Total": one}


def test_the_market_reading_needs_a_contract_for_every_bought_energy() -> None:
    grid = energy("electricity_grid", "1000", scope2_location="135", scope2_market="0")
    gas = energy("natural_gas", "1000", scope1="202")
    found = points(grid, gas)
    assert found.breakdown["GrossMarketBasedScope2GreenhouseGasEmissions"] == {"amount": "0", "unit": "TNE"}
    total = found.breakdown["TotalGrossMarketBasedScope1AndScope2GHGEmissions"]
    assert total == {"amount": "0.202", "unit": "TNE"}
    without = points(grid, gas, energy("district_heat", "5", scope2_location="1", scope2_market=None))
    assert "GrossMarketBasedScope2GreenhouseGasEmissions" not in without.breakdown
    assert (
        Lack(
            LackKind.MARKET_FACTOR_MISSING,
            "breakdown/GrossMarketBasedScope2GreenhouseGasEmissions",
            ("district_heat",),
        )
        in without.lacks
    )


def test_a_scope_of_which_nothing_is_booked_is_left_out() -> None:
    found = points(energy("natural_gas", "1000", scope1="202"))
    assert [name for name in found.indicators if "Scope" in name] == ["GrossScope1GreenhouseGasEmissions"]
    assert not [name for name in found.breakdown if "Scope" in name]
    assert [one for one in found.lacks if one.kind is LackKind.NOTHING_BOOKED] == [
        Lack(LackKind.NOTHING_BOOKED, "indicators/GrossLocationBasedScope2GreenhouseGasEmissions")
    ]


def test_a_gap_of_one_carrier_takes_out_what_it_belongs_to_and_no_more() -> None:
    grid = energy("electricity_grid", "1000", scope2_location="135", scope2_market=None)
    gas = energy("natural_gas", "1000", scope1="202")
    gap = ({"kind": "days_missing", "name": "natural_gas"},)
    found = points(grid, gas, gaps={Indicator.ENERGY: gap, Indicator.CO2E: gap})
    assert "GrossLocationBasedScope2GreenhouseGasEmissions" in found.indicators
    assert "GrossScope1GreenhouseGasEmissions" not in found.indicators
    assert "TotalEnergyConsumption" not in found.indicators
    assert "EnergyConsumptionFromElectricity" in found.breakdown
    assert "EnergyConsumptionFromFuels" not in found.breakdown
    assert [one.datapoint for one in found.lacks if one.kind is LackKind.DAYS_MISSING] == [
        "breakdown/EnergyConsumptionFromFuels",
        "indicators/TotalEnergyConsumption",
        "indicators/GrossScope1GreenhouseGasEmissions",
    ]
    assert {one.names for one in found.lacks if one.kind is LackKind.DAYS_MISSING} == {("Hall: natural_gas",)}


def test_parts_make_their_total_to_the_last_digit() -> None:
    # thirds of a kWh: each part is rounded once, and totals are sums of what is shown
    third = AccountedFlow(
        "energy", "Own", {"carrier": "electricity_self"}, F(1, 3), {Column.ENERGY: F("1.2")}
    )
    found = points(third, energy("natural_gas", "1", scope1="0.2"))
    parts = [one["Total"]["amount"] for name, one in found.breakdown.items() if name.startswith("Energy")]
    assert parts == ["0.000333333333", "0.001"]
    assert found.indicators["TotalEnergyConsumption"]["amount"] == "0.001333333333"


def test_more_materials_than_the_list_holds() -> None:
    # 501 of 1 kg to 501 kg: the two lightest, 1 + 2 kg, become one entry and the total stays 501 x 502 / 2 kg
    found = points(*(material(f"M{number:03}", str(number)) for number in range(1, 502)))
    listed = found.composition["materials"]
    assert len(listed) == 500
    assert listed[0]["NameOfMaterialUsed"] == "M003"
    assert listed[-1] == {
        "NameOfMaterialUsed": "Other materials",
        "WeightOfMaterialUsed": {"amount": "0.003", "unit": "TNE"},
    }
    assert found.indicators["TotalMassOfMaterialUsed"]["amount"] == "125.751"
    assert sum(Decimal(one["WeightOfMaterialUsed"]["amount"]) for one in listed) == Decimal("125.751")


def test_a_credit_of_an_estimate_leaves_shares_between_none_and_all() -> None:
    steps = {
        "kind": "energy", "flow": "Power", "detail": {"carrier": "electricity_grid"},
        "total": {"amount": "50", "unit": "KWH"}, "effects": [],
        "bills": [
            {"accounted": {"amount": "100", "unit": "KWH"}, "estimate": True},
            {"accounted": {"amount": "-50", "unit": "KWH"}, "credit": True},
        ],
    }  # fmt: skip
    assert read_flow(steps).estimated == 1


def test_words_are_said_once_and_kept_to_their_length() -> None:
    many = tuple(f"Flow {number}" for number in range(12))
    lack = Lack(LackKind.MASS_MISSING, "indicators/TotalMassOfMaterialUsed", many)
    said = in_words([lack, lack])
    assert said == (
        f"{FIRST} TotalMassOfMaterialUsed is left out, for the weight is not known of: "
        f"{', '.join(many[:10])} and 2 more."
    )
    long = [Lack(LackKind.NO_CALCULATION, "indicators", (f"{number}" * 200,)) for number in range(10, 40)]
    assert len(in_words(long)) <= MOST_SIGNS
    assert in_words([]) == FIRST
    nothing = Lack(LackKind.NOTHING_BOOKED, "indicators/GrossScope1GreenhouseGasEmissions")
    assert in_words([nothing]).endswith(
        "GrossScope1GreenhouseGasEmissions is left out, for nothing of it is booked."
    )
