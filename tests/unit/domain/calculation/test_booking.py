"""Rows brought into units and windows: edges of the period, turns of the year, and who takes part."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from exchange.domain.calculation.account import CoProduct, Energy, KeyMethod, SharingRule, Waste
from exchange.domain.calculation.booking import Bookings
from exchange.domain.calculation.effects import Column
from exchange.domain.errors import InvalidError
from exchange.domain.periods import Period
from tests.unit.domain.calculation.cases import (
    BOOK,
    KG,
    M3,
    MWH,
    account,
    bill,
    flow,
    key,
    months,
    output,
    product,
    reading,
    worked,
)

FINANCIAL = Period(date(2024, 7, 1), date(2025, 7, 1))


def test_a_financial_year_has_two_pieces_and_each_its_factor() -> None:
    """10 of 20 kg in each half: 600 x 0.161 / 20 = 4.83 and 400 x 0.135 / 20 = 2.7 kg CO2e per kg, 7.53 together."""
    site = account(
        (bill("600", months(7, 12, of=2024), id="1"), bill("400", months(1, 6), id="2")),
        (output("a", "10", months(7, 12, of=2024)), output("a", "10", months(1, 6))),
        period=FINANCIAL,
    )
    calculation = worked(site)
    lines = calculation.lines("a")
    assert [line.entry.period for line in lines] == [months(7, 12, of=2024), months(1, 6)]
    assert [line.effect(Column.SCOPE2_LOCATION) for line in lines] == [Decimal("4.83"), Decimal("2.7")]
    assert calculation.own("a", [Column.SCOPE2_LOCATION]) == Decimal("7.53")


def test_a_bill_over_the_turn_of_the_year_is_cut_where_the_factor_changes() -> None:
    """December and January, 62 days, 620 kWh: 310 x 0.161 + 310 x 0.135 = 91.76 kg; cut, so allocated."""
    site = account(
        (bill("620", months(12, 13, of=2024)),),
        (output("a", "100", months(12, 13, of=2024)),),
        period=FINANCIAL,
        keys=(key(KeyMethod.MASS, ("a",)),),
    )
    calculation = worked(site)
    assert calculation.site([Column.SCOPE2_LOCATION]) == Fraction("91.76")
    assert [line.measured for line in calculation.lines("a")] == [0, 0]
    assert [(line.per_unit, line.amount) for line in calculation.lines("a")] == [(Decimal("3.1"), 310)] * 2


def test_one_yearly_production_figure_serves_both_pieces() -> None:
    site = account(
        (bill("600", months(7, 12, of=2024), id="1"), bill("400", months(1, 6), id="2")), period=FINANCIAL
    )
    calculation = worked(site)
    assert [line.amount for line in calculation.lines("a")] == [450, 300]
    assert [line.amount for line in calculation.lines("b")] == [150, 100]


def test_a_bill_that_lies_outside_adds_nothing() -> None:
    calculation = worked(account((bill("600", months(1, of=2024), id="1"), bill("400", id="2"))))
    assert calculation.site([Column.ENERGY]) == 1440


@pytest.mark.parametrize("edge", [months(12, 13, of=2024), months(12, 13)])
def test_production_over_the_edge_is_refused_and_named(edge: Period) -> None:
    with pytest.raises(InvalidError) as refused:
        worked(account((bill("400"),), (output("a", "1", edge),)))
    assert refused.value.error_code == "output.outside"
    assert "output a" in refused.value.detail


def test_a_reading_over_the_edge_is_refused_and_named() -> None:
    with pytest.raises(InvalidError) as refused:
        worked(account((bill("400"),), readings=(reading("a", "1", months(12, 13), id="9"),)))
    assert refused.value.error_code == "output.outside"
    assert "row 9" in refused.value.detail


def test_the_row_that_cannot_be_converted_is_named() -> None:
    waste = flow(Waste("120101", "recycling"), KG)
    with pytest.raises(InvalidError) as refused:
        worked(account((bill("3", unit=M3, id="12"),), flows=(waste,)))
    assert refused.value.error_code == "unit.dimension"
    assert refused.value.detail.startswith("row 12: MTQ measures volume")
    gas = flow(Energy("natural_gas"))
    with pytest.raises(InvalidError) as refused:
        worked(account((bill("3", unit=MWH, id="12"),), flows=(gas,)))
    assert (refused.value.error_code, refused.value.detail[:7]) == ("bill.heating_value", "row 12:")
    with pytest.raises(InvalidError) as refused:
        worked(account((bill("3"),), readings=(reading("a", "1", unit=M3, id="5"),)))
    assert (refused.value.error_code, refused.value.detail[:6]) == ("unit.dimension", "row 5:")


def test_by_products_take_no_part_in_a_key_that_names_nobody() -> None:
    by_product = CoProduct("w", "b", SharingRule.SUBDIVISION, Decimal("0.5"))
    site = account(
        (bill("400"),),
        (output("a", "300"), output("b", "100"), output("w", "99999")),
        products=(product("a"), product("b"), product("w")),
        co_products=(by_product,),
    )
    (row,) = Bookings(site, BOOK).of_flow(site.flows[0])
    assert row[1][1].products == ("a", "b")
    calculation = worked(site)
    assert {name: calculation.lines(name)[0].amount for name in "abw"} == {"a": 300, "b": 50, "w": 50}


def test_a_key_names_who_takes_part() -> None:
    calculation = worked(account((bill("400"),), keys=(key(KeyMethod.MASS, ("b",)),)))
    assert (calculation.lines("a"), calculation.lines("b")[0].amount) == ((), 400)
