"""Figures per declared unit: one rounding, exact afterwards, and nothing lost on the way."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from exchange.domain.calculation.account import Energy, KeyMethod, Material, Water
from exchange.domain.calculation.effects import Column, Effect
from exchange.domain.calculation.figures import times
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import UnitCode
from tests.unit.domain.calculation.cases import (
    KG,
    M3,
    PIECE,
    account,
    bill,
    flow,
    key,
    months,
    output,
    reading,
    worked,
)

SOLE = (key(KeyMethod.MASS, ("a",)),)


@pytest.mark.parametrize(
    ("billed", "made", "expected"),
    [
        ("1", "3", "0.333333"),
        ("2", "3", "0.666667"),
        ("1234567", "1", "1.23457E+6"),
        ("1.0000005", "1", "1.00000"),  # half to even
        ("1.0000015", "1", "1.00000"),
        ("1.000005", "1", "1.00000"),
        ("1.000015", "1", "1.00002"),
        ("1", "7000000", "1.42857E-7"),
        ("1", "70000000", "1.4286E-8"),  # no more than twelve places on the wire
    ],
)
def test_the_amount_per_unit_has_six_digits_and_at_most_twelve_places(
    billed: str, made: str, expected: str
) -> None:
    calculation = worked(account((bill(billed),), (output("a", made),), keys=SOLE))
    assert calculation.lines("a")[0].per_unit == Decimal(expected)


def test_what_follows_is_exact_up_to_the_twelfth_place() -> None:
    assert times(Decimal("0.770041"), Effect(Column.SCOPE1, Decimal("0.20196"))) == Decimal("0.15551748036")
    # 0.00000142857 x 0.20196 = 0.000000288513997 2 -> twelve places
    assert times(Decimal("0.00000142857"), Effect(Column.SCOPE1, Decimal("0.20196"))) == Decimal(
        "0.000000288514"
    )
    assert times(Decimal(1), Effect(Column.SCOPE1, None)) is None


def test_output_in_another_unit_than_the_declared_one() -> None:
    site = account((bill("3000"),), (output("a", "1.5", unit=UnitCode.TONNE),), keys=SOLE)
    assert worked(site).lines("a")[0].per_unit == 2


def test_production_of_several_months_is_added_up() -> None:
    """100 x 3/4 + 60 x 1/4 = 90 kWh over 40 kg."""
    site = account(
        (bill("100", months(1), id="1"), bill("60", months(2), id="2")),
        (
            output("a", "30", months(1)), output("b", "10", months(1)),
            output("a", "10", months(2)), output("b", "30", months(2)),
        ),
    )  # fmt: skip
    assert worked(site).lines("a")[0].per_unit == Decimal("2.25")


def test_zero_production_gives_no_figure_and_what_was_used_stays_named() -> None:
    """b was metered 100 kWh and nothing came of it: no figure per unit, and 100 + 300 are still the 400 billed."""
    calculation = worked(
        account((bill("400"),), (output("a", "10"), output("b", "0")), readings=(reading("b", "100"),))
    )
    assert calculation.lines("b") == ()
    assert calculation.without_output == ("b",)
    (entry,) = calculation.entries
    assert [entry.spreading.amount_of(name) for name in "ab"] == [300, 100]
    assert entry.spreading.rest == 0
    assert calculation.site([Column.ENERGY]) == 1440


def test_a_product_without_use_or_output_is_nobodys_worry() -> None:
    calculation = worked(account((bill("400"),), (output("a", "10"),)))
    assert calculation.without_output == ()
    assert calculation.lines("b") == ()


def test_no_product_at_all_leaves_everything_in_the_rest() -> None:
    calculation = worked(account((bill("400"),), (output("a", "0"), output("b", "0"))))
    assert calculation.entries[0].spreading.rest == 400


def test_a_figure_with_an_unknown_part_is_unknown_until_the_gap_is_told() -> None:
    flows = (
        flow(id="f"),
        flow(Energy("steam"), id="g"),
        flow(Material(), PIECE, id="h"),
        flow(Water(), M3, id="w"),
    )
    bills = (
        bill("400", id="1"),
        bill("100", id="2", of="g"),
        bill("7", unit=PIECE, id="3", of="h"),
        bill("8", unit=M3, id="4", of="w"),
    )
    calculation = worked(account(bills, flows=flows))
    assert calculation.own("a", [Column.SCOPE2_LOCATION]) is None
    assert calculation.own("a", [Column.RESOURCES]) is None
    assert calculation.own("a", [Column.WATER]) == Decimal("0.02")  # 8 x 3/4 / 300
    assert calculation.site([Column.SCOPE2_LOCATION]) is None
    assert calculation.site([Column.ENERGY]) == 1800


def test_two_flows_of_one_column_are_added() -> None:
    """Per kg of a: 400 x 3/4 / 300 = 1 kWh of electricity, 40 x 3/4 / 300 = 0.1 kWh of heat: 1.1 x 3.6 MJ."""
    flows = (flow(id="f"), flow(Energy("district_heat"), id="g"))
    calculation = worked(account((bill("400"), bill("40", id="2", of="g")), flows=flows))
    assert calculation.own("a", [Column.ENERGY]) == Decimal("3.96")
    assert calculation.own("a", [Column.SCOPE2_LOCATION]) == Decimal("0.135") + Decimal("0.00878")


def test_what_a_link_would_explain() -> None:
    """Material its mass, bought energy itself and its Scope 2; of a fuel nothing, for it is burnt here."""
    steel, heat, gas = (
        worked(account((bill("400", unit=unit),), flows=(flow(detail, unit),))).lines("a")[0]
        for detail, unit in (
            (Material(), KG),
            (Energy("district_heat"), UnitCode.KILOWATT_HOUR),
            (Energy("gas_diesel_oil"), UnitCode.KILOWATT_HOUR),
        )
    )
    told = {
        name: [str(line.explained(one).normalize()) for one in Indicator]
        for name, line in (("steel", steel), ("heat", heat), ("gas", gas))
    }
    assert told == {
        "steel": ["1", "0", "0", "0", "0"],
        "heat": ["0", "0", "0.0878", "3.6", "0"],
        "gas": ["0", "0", "0", "0", "0"],
    }
    assert gas.effect(Column.SCOPE1) == Decimal("0.26676")  # 74.1 x 0.0036


def test_sites_sum_is_exact_where_figures_are_rounded() -> None:
    calculation = worked(account((bill("100"),), (output("a", "3"), output("b", "4"))))
    assert calculation.site([Column.SCOPE2_LOCATION]) == Fraction("13.5")
    assert calculation.lines("a")[0].amount == Fraction(300, 7)
