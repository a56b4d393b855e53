"""Shares of own figures, the key that is named for them, and words for how they were come by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from exchange.domain.calculation.account import Bill, CoProduct, Energy, Key, KeyMethod, Reading, SharingRule
from exchange.domain.calculation.effects import Column
from exchange.domain.calculation.quality import UNKNOWN, Shares, allocating_key, allocation_of, shares_of
from exchange.domain.periods import Period
from tests.unit.domain.calculation.cases import (
    account,
    bill,
    flow,
    key,
    output,
    product,
    reading,
    worked,
)

ENERGY = (Column.ENERGY,)


def shares(
    bills: Iterable[Bill], readings: Iterable[Reading] = (), spread: Key | None = None
) -> tuple[str, str, str, str]:
    """Measured, allocated, secondary, unknown of a's energy."""
    calculation = worked(account(bills, readings=readings, keys=(spread or key(),)))
    found = shares_of(calculation.lines("a"), ENERGY)
    assert found.measured + found.allocated + found.secondary + found.unknown == 1
    return (str(found.measured), str(found.allocated), str(found.secondary), str(found.unknown))


def test_metered_and_spread() -> None:
    """a: 100 read, (400 - 100) x 3/4 = 225 spread: 100 / 325 = 0.3077."""
    assert shares((bill("400"),), (reading("a", "100"),)) == ("0.3077", "0.6923", "0", "0")
    assert shares((bill("400"),)) == ("0", "1", "0", "0")
    assert shares((bill("400"),), spread=key(KeyMethod.MASS, ("a",))) == ("1", "0", "0", "0")


def test_an_estimate_is_secondary_whoever_metered_it() -> None:
    """100 of 400 estimated: a quarter of everything; of the 0.3077 read, three quarters are certain: 0.2308."""
    bills = (bill("300", id="1"), bill("100", id="2", is_estimate=True))
    assert shares(bills, (reading("a", "100"),)) == ("0.2308", "0.5192", "0.25", "0")


def test_an_estimate_with_a_credit_note_stays_within_the_whole() -> None:
    bills = (bill("300", id="1", is_estimate=True), bill("100", id="2", is_credit=True))
    assert shares(bills) == ("0", "0", "1", "0")


def test_what_was_cut_by_days_is_allocated_over_time() -> None:
    """15 of 30 days inside: 200 of 200 kWh cut."""
    edge = Period(date(2024, 12, 17), date(2025, 1, 16))
    site = account((bill("400", edge),), keys=(key(KeyMethod.METERED),), readings=(reading("a", "200"),))
    lines = worked(site).lines("a")
    assert shares_of(lines, ENERGY) == Shares(Decimal(0), Decimal(1), Decimal(0), Decimal(0))
    assert allocation_of(lines, ENERGY)["key"] == "Days of the bills inside the period"


def test_nothing_has_no_known_quality() -> None:
    assert shares_of((), ENERGY) == UNKNOWN
    assert UNKNOWN.measurement_basis == "estimated"


def test_words() -> None:
    def basis(measured: str) -> str:
        part = Decimal(measured)
        return Shares(part, 1 - part, Decimal(0), Decimal(0)).measurement_basis

    assert [basis("1"), basis("0.3"), basis("0")] == [
        "measured_direct", "measured_submetered_activity", "allocated",
    ]  # fmt: skip


def test_the_key_of_the_largest_part_is_named() -> None:
    """Heat 300 kWh by mass is more than electricity 100 kWh by hours."""
    hours = Key("hours", "Machine hours", KeyMethod.MACHINE_HOURS)
    mass = Key("key", "Mass", KeyMethod.MASS)
    site = account(
        (bill("100"), bill("300", id="2", of="g")),
        (output("a", "1", hours="1"), output("b", "1", hours="1")),
        flows=(replace(flow(), key="hours"), flow(Energy("district_heat"), id="g")),
        keys=(hours, mass),
    )
    lines = worked(site).lines("a")
    assert allocating_key(lines, ENERGY) is mass
    assert allocation_of(lines, ENERGY) == {"method": "physical_mass", "key": "Mass", "scope": "site"}


def test_stated_shares_are_told_by_what_they_stand_on() -> None:
    stated = Key("key", "Surveyed", KeyMethod.SHARES, (), {"a": Decimal("0.5")}, "physical_energy")
    lines = worked(account((bill("100"),), keys=(stated,))).lines("a")
    assert allocation_of(lines, ENERGY) == {"method": "physical_energy", "key": "Surveyed", "scope": "site"}


def test_a_process_divided_by_sales_value_is_told_by_that() -> None:
    lines = worked(
        account(
            (bill("100"),),
            (output("a", "10", revenue="90"), output("w", "10", revenue="10")),
            products=(product("a"), product("w")),
            co_products=(CoProduct("w", "a", SharingRule.ECONOMIC),),
        )
    ).lines("a")
    assert allocation_of(lines, ENERGY) == {
        "method": "economic", "key": "Sales value of product and by-products", "scope": "process",
    }  # fmt: skip


def test_a_key_of_one_product_divided_nothing_where_days_did() -> None:
    edge = Period(date(2024, 12, 17), date(2025, 1, 16))
    lines = worked(account((bill("400", edge),), keys=(key(KeyMethod.MASS, ("a",)),))).lines("a")
    assert allocating_key(lines, ENERGY) is None
    assert allocation_of(lines, ENERGY)["method"] == "subdivision"
