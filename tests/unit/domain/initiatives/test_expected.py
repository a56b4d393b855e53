"""What an initiative is expected to change, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from exchange.domain.errors import InvalidError
from exchange.domain.indicators import Indicator
from exchange.domain.initiatives import (
    ChangeKind,
    EffortIndicator,
    ExpectedChange,
    ExpectedEffect,
    FlowEffect,
    Initiative,
    Motive,
    Place,
    expected_effect,
)

D, F = Decimal, Fraction
CO2E, ENERGY, WATER, WASTE = Indicator.CO2E, Indicator.ENERGY, Indicator.WATER, Indicator.WASTE
# 200 000 kWh at 3.6 MJ and 0.1 kg; 10 000 m3 gas at 39.6 MJ and 2.2 kg; 500 m3 water
FLOWS = {
    "electricity": FlowEffect(
        F(200_000), {ENERGY: F("3.6"), CO2E: F("0.1")}, {"bracket": F(50_000), "flange": F(90_000)}
    ),
    "gas": FlowEffect(F(10_000), {ENERGY: F("39.6"), CO2E: F("2.2")}),
    "water": FlowEffect(F(500), {WATER: F(1)}),
}
HEAT_PUMP = Initiative(
    title="Heat pump for the paint shop",
    effort=EffortIndicator.INVESTMENT,
    in_force=date(2025, 1, 1),
    place=Place("site"),
    motive=Motive.CUSTOMER_DEMANDS,
    changes=(
        ExpectedChange("gas", ChangeKind.RELATIVE, D("-0.60")),
        ExpectedChange("electricity", ChangeKind.AMOUNT, D(22_000)),
    ),
)


def test_change_of_every_indicator_and_its_share_of_the_sites() -> None:
    # gas: -0.6 x 10 000 = -6 000 m3; electricity + 22 000 kWh
    # energy: -6 000 x 39.6 + 22 000 x 3.6 = -237 600 + 79 200 = -158 400 MJ of 720 000 + 396 000 = 1 116 000
    # CO2e: -6 000 x 2.2 + 22 000 x 0.1 = -13 200 + 2 200 = -11 000 kg of 20 000 + 22 000 = 42 000
    found = expected_effect(HEAT_PUMP, FLOWS)
    assert list(found) == list(Indicator)
    assert found[ENERGY] == ExpectedEffect(F(-158_400), F(-158_400, 1_116_000))
    assert found[CO2E] == ExpectedEffect(F(-11_000), F(-11, 42))
    assert found[WATER] == ExpectedEffect(F(0), F(0))
    assert found[WASTE] == ExpectedEffect(F(0), None)


def test_for_one_product_the_share_is_of_what_the_product_takes() -> None:
    # 12 per cent less of 50 000 kWh = 6 000 kWh = 21 600 MJ, of the site's 1 116 000 MJ
    fewer = replace(
        HEAT_PUMP,
        place=Place("site", product="bracket"),
        changes=(ExpectedChange("electricity", ChangeKind.RELATIVE, D("-0.12")),),
    )
    assert expected_effect(fewer, FLOWS)[ENERGY] == ExpectedEffect(F(-21_600), F(-21_600, 1_116_000))


def test_an_unknown_factor_makes_the_change_unknown_and_no_zero() -> None:
    unknown = {**FLOWS, "gas": replace(FLOWS["gas"], per_unit={ENERGY: F("39.6"), CO2E: None})}
    found = expected_effect(HEAT_PUMP, unknown)
    assert found[CO2E] == ExpectedEffect(None, None)
    assert found[ENERGY].change == -158_400
    # where only the site's whole is unknown the change still stands
    only_power = replace(HEAT_PUMP, changes=HEAT_PUMP.changes[1:])
    assert expected_effect(only_power, unknown)[CO2E] == ExpectedEffect(F(2_200), None)


@pytest.mark.parametrize(
    ("place", "change", "code", "path"),
    [
        (Place("site"), ("oil", "-0.1"), "initiative.flow_unknown", "/changes/0/flow"),
        (Place("site", product="bracket"), ("gas", "-0.1"), "initiative.flow_unknown", "/changes/0/flow"),
        (Place("site"), ("gas", "-10001"), "initiative.change_over", "/changes/0/value"),
    ],
)
def test_no_more_can_change_than_is_used_there(
    place: Place, change: tuple[str, str], code: str, path: str
) -> None:
    flow, value = change
    kind = ChangeKind.RELATIVE if abs(D(value)) <= 1 else ChangeKind.AMOUNT
    wrong = replace(HEAT_PUMP, place=place, changes=(ExpectedChange(flow, kind, D(value)),))
    with pytest.raises(InvalidError) as refused:
        expected_effect(wrong, FLOWS)
    assert (refused.value.error_code, refused.value.path) == (code, path)


def test_all_that_is_used_may_fall_away() -> None:
    none_left = replace(HEAT_PUMP, changes=(ExpectedChange("gas", ChangeKind.AMOUNT, D(-10_000)),))
    assert expected_effect(none_left, FLOWS)[CO2E].change == -22_000
