"""A line opened: each step as text, and every text enough to redo it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from exchange.domain.calculation.account import (
    CoProduct,
    Energy,
    HeatingValue,
    KeyMethod,
    Material,
    SharingRule,
)
from exchange.domain.calculation.effects import Column
from exchange.domain.calculation.explain import by_share, explain_entry, explain_line, kind_of, shown
from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode
from tests.unit.domain.calculation.cases import (
    KG,
    M3,
    MWH,
    PIECE,
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


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1/4", "0.25"),
        ("1000000/3", "333333.333333"),
        ("2/3", "0.666666666667"),
        ("123456789012345", "123456789012345"),
        ("123456789012345/7", "17636684144621"),
        ("0", "0"),
        ("-7/3", "-2.33333333333"),
        ("1/1000000000000", "0.000000000001"),
    ],
)
def test_shown(amount: str, text: str) -> None:
    assert shown(Fraction(amount)) == text


def test_a_metered_line_step_by_step() -> None:
    """400 - 100 = 300 x 300 / 400 = 225, + 100 = 325; / 300 kg = 1.08333 kWh; x 3.6 and x 0.135."""
    site = account((bill("0.4", unit=MWH),), readings=(reading("a", "100"),))
    steps = explain_line(worked(site).lines("a")[0])
    year = {"start": "2025-01-01", "end": "2026-01-01"}
    assert steps["bills"] == [
        {
            "period": year,
            "amount": {"amount": "0.4", "unit": "MWH"},
            "accounted": {"amount": "400", "unit": "KWH"},
            "place": "row b",
            "conversions": [{"kind": "unit", "multiplier": "1000", "unit": "KWH/MWH"}],
        }
    ]
    assert steps["readings"][0]["accounted"] == {"amount": "100", "unit": "KWH"}
    assert steps["windows"] == [
        {
            "period": year, "to_spread": "300", "metered": "100", "amount": "325",
            "weight": "300", "whole": "400",
        }
    ]  # fmt: skip
    assert (steps["amount"]["amount"], steps["produced"], steps["per_unit"]["amount"]) == (
        "325", "300", "1.08333",
    )  # fmt: skip
    assert steps["measured"] == "0.307692"
    energy, location, market = steps["effects"]
    assert energy == {
        "column": "energy", "multiplier": "3.6", "effect": {"amount": "3.899988", "unit": "3B"},
    }  # fmt: skip
    assert location["effect"] == {"amount": "0.14624955", "unit": "KGM"}
    assert location["factor"]["reference"].endswith("#co2e.electricity_grid/life_cycle/2025")
    assert market == {"column": "scope2_market"}  # a gap has no multiplier, and so no effect


def test_only_the_columns_asked_for() -> None:
    line = worked(account((bill("400"),))).lines("a")[0]
    assert [one["column"] for one in explain_line(line, [Column.ENERGY])["effects"]] == ["energy"]


@pytest.mark.parametrize(
    ("unit", "multiplier", "divisor"),
    [
        (UnitCode.MEGAJOULE, "0.277777777778", "3.6"),
        (UnitCode.GIGAJOULE, "277.777777778", "0.0036"),
        (UnitCode.MEGAWATT_HOUR, "1000", None),
    ],
)
def test_a_conversion_without_an_end_says_what_to_divide_by(
    unit: UnitCode, multiplier: str, divisor: str | None
) -> None:
    """1 GJ are 277.77... kWh: with twelve digits of that, 7 GJ would differ in the last; / 0.0036 does not."""
    steps = explain_line(worked(account((bill("7", unit=unit),))).lines("a")[0])
    (step,) = steps["bills"][0]["conversions"]
    assert (step["multiplier"], step.get("divisor")) == (multiplier, divisor)


def test_litres_are_divided_by_a_thousand_as_people_do() -> None:
    water = account((bill("250", unit=UnitCode.GRAM),), flows=(flow(Material(), KG),))
    (step,) = explain_line(worked(water).lines("a")[0])["bills"][0]["conversions"]
    assert (step["multiplier"], step["divisor"]) == ("0.001", "1000")


def test_gas_cites_what_its_bill_printed_and_the_factor_used() -> None:
    gas = flow(Energy("natural_gas"))
    one = bill("100", unit=M3, heating_value=HeatingValue.UPPER, calorific_value="12.1")
    steps = explain_line(worked(account((one,), flows=(gas,))).lines("a")[0])
    printed, lower = steps["bills"][0]["conversions"]
    assert printed == {"kind": "calorific_value", "multiplier": "12.1", "unit": "KWH/MTQ"}
    assert (lower["kind"], lower["multiplier"]) == ("lower_of_upper", "0.9")
    assert "ncv_per_gcv.natural_gas" in lower["reference"] and "IPCC" in lower["source"]


def test_credit_estimate_number_and_days_cut_are_told() -> None:
    edge = Period(date(2024, 12, 22), date(2025, 1, 11))
    bills = (
        replace(bill("400", edge, id="1", is_estimate=True), number="77"),
        bill("20", months(1), id="2", is_credit=True),
    )
    first, second = explain_line(worked(account(bills)).lines("a")[0])["bills"]
    assert (first["inside"], first["estimate"], first["number"]) == ("10/20", True, "77")
    assert first["accounted"]["amount"] == "200"
    assert (second["credit"], second["accounted"]["amount"]) == (True, "-20")


def test_a_share_of_many_digits_is_not_rounded() -> None:
    """What a pocket calculator multiplies with must be what was multiplied with."""
    by_product = CoProduct("w", "a", SharingRule.SUBDIVISION, Decimal("0.123456789"))
    site = account(
        (bill("1000"),), (output("a", "10"), output("w", "10")),
        products=(product("a"), product("w")), co_products=(by_product,),
    )  # fmt: skip
    steps = explain_line(worked(site).lines("w")[0])
    assert (steps["process_share"], steps["amount"]["amount"]) == ("0.123456789", "123.456789")
    assert explain_line(worked(site).lines("a")[0])["process_share"] == "0.876543211"


def test_the_sites_own_line_shows_the_rest() -> None:
    site = account((bill("400"),), readings=(reading("a", "100"),), keys=(key(KeyMethod.METERED),))
    (entry,) = worked(site).entries
    steps = explain_entry(entry)
    assert (steps["total"]["amount"], steps["rest"]["amount"]) == ("400", "300")
    assert steps["effects"][0]["effect"] == {"amount": "1440", "unit": "3B"}
    assert steps["key"] == {"name": "metered", "method": "metered"}


def test_windows_in_which_nothing_was_used_are_left_out() -> None:
    outputs = [output("a", "1", months(number)) for number in (1, 2, 3)]
    steps = explain_line(worked(account((bill("400", months(2)),), outputs)).lines("a")[0])
    assert [window["period"] for window in steps["windows"]] == [months(2).to_wire()]


def test_kinds() -> None:
    packaging = flow(Material(level="transport"), PIECE)
    assert [kind_of(packaging), kind_of(flow(Material(), KG)), kind_of(flow())] == [
        "packaging", "material", "energy",
    ]  # fmt: skip


def test_a_window_by_share_gives_the_amount_to_its_last_digit() -> None:
    window = {"to_spread": "120000", "metered": "0", "amount": "80000", "weight": "800", "whole": "1200"}
    # 2 / 3 of 1; 120 000 x 0.666666666667 = 80 000.00000004.
    assert by_share(window) == window | {"weight": "0.666666666667", "whole": "1"}
    small = {"to_spread": "30000000", "metered": "5", "amount": "15", "weight": "1", "whole": "3000000"}
    # 1 / 3 000 000 = 0.000000333333 gives 9.99999, not 10. x 100 000: 0.033333333333 gives 9.9999999999, one in
    # the last of the twelve digits of 15.
    assert by_share(small) == small | {"weight": "0.033333333333", "whole": "100000"}
    assert by_share({"to_spread": "0", "metered": "5", "amount": "5"}) == {
        "to_spread": "0", "metered": "5", "amount": "5",
    }  # fmt: skip
