"""Identities between figures, with numbers small enough to check by eye."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Document = dict[str, Any]
Codes = Callable[..., list[tuple[str, str]]]


def kg(amount: str) -> dict[str, str]:
    return {"amount": amount, "unit": "KGM"}


def test_own_and_upstream_make_the_total_across_units(product: Document, codes: Codes) -> None:
    # 350 g + 4.15 kg = 4.5 kg
    product["indicators"]["co2e"]["own"] = {"amount": "350", "unit": "GRM"}
    assert codes("product", product) == []
    product["indicators"]["co2e"]["total"] = kg("4.500000000001")
    assert codes("product", product) == [("indicator.total", "/indicators/co2e/total")]


def test_upstream_below_zero_counts_with_its_sign(product: Document, codes: Codes) -> None:
    # 0.35 - 0.5 = -0.15
    product["indicators"]["co2e"] |= {"upstream": kg("-0.5"), "total": kg("-0.15")}
    assert codes("product", product) == []


@pytest.mark.parametrize(
    ("zinc", "passes"), [("0.01", True), ("0.05", True), ("0.009", False), ("0.051", False)]
)
def test_mass_fractions_make_one_within_two_hundredths(
    zinc: str, passes: bool, product: Document, codes: Codes
) -> None:
    # 0.97 + zinc must lie in 0.98 .. 1.02
    product["composition"]["materials"][1]["mass_fraction"] = zinc
    assert codes("product", product) == ([] if passes else [("fraction.sum", "/composition/materials")])


def test_quality_shares_make_one_exactly(product: Document, codes: Codes) -> None:
    # 0.6 + 0.3 + 0.1 + 0.001
    product["quality"]["co2e"]["unknown"] = "0.001"
    assert codes("product", product) == [("quality.sum", "/quality/co2e")]
    product["quality"]["co2e"] |= {"unknown": "0.001", "measured": "0.599"}
    assert codes("product", product) == []


@pytest.mark.parametrize(
    ("litres", "passes"), [("0.5", True), ("0.5035", True), ("0.504", False), ("3", False)]
)
def test_water_consumption_is_withdrawal_less_discharge(
    litres: str, passes: bool, product: Document, codes: Codes
) -> None:
    # 3.5 - 3 = 0.5 litres; a thousandth of 3.5 is 0.0035
    product["breakdown"]["water"]["consumption"] = {"amount": litres, "unit": "LTR"}
    expected = [] if passes else [("water.consumption", "/breakdown/water/consumption")]
    assert codes("product", product) == expected


def test_scopes_make_the_own_co2e_within_a_thousandth(product: Document, codes: Codes) -> None:
    # 0.15 + 0.2 = 0.35; a thousandth is 0.00035
    product["breakdown"]["co2e"]["scope1"] = kg("0.15035")
    assert codes("product", product) == []
    product["breakdown"]["co2e"]["scope1"] = kg("0.151")
    assert codes("product", product) == [("breakdown.sum", "/breakdown/co2e")]


def test_scopes_are_not_compared_where_the_own_figure_is_not_given(product: Document, codes: Codes) -> None:
    product["indicators"]["co2e"] = {"total": kg("4.5")}
    product["breakdown"]["co2e"]["scope1"] = kg("9")
    product["process"]["inputs"] = []
    assert codes("product", product) == []


def test_carriers_stay_within_the_own_energy(product: Document, codes: Codes) -> None:
    # 1.1 kWh + 1.44 MJ = 1.1 + 0.4 = 1.5 kWh = own; 1.5 MJ instead makes 5.46 MJ of 5.4
    assert codes("product", product) == []
    product["breakdown"]["energy"][1]["amount"] = {"amount": "1.5", "unit": "3B"}
    assert codes("product", product) == [("breakdown.sum", "/breakdown/energy")]


def test_waste_by_code_stays_within_the_own_waste(product: Document, codes: Codes) -> None:
    # 0.5 + 0.02 = 0.52 = own
    product["breakdown"]["waste"][1]["amount"] = kg("0.03")
    assert codes("product", product) == [("breakdown.sum", "/breakdown/waste")]


def test_water_by_source_stays_within_the_own_water(product: Document, codes: Codes) -> None:
    product["indicators"]["water"] = {"own": {"amount": "3", "unit": "LTR"}}
    assert codes("product", product) == [("breakdown.sum", "/breakdown/water/withdrawal")]


def test_recipe_explains_at_most_the_own_figure(product: Document, codes: Codes) -> None:
    # the electricity explains 0.2 kg; the steel may explain 0.15 more of the own 0.35
    product["process"]["inputs"][0]["explains"]["co2e"] = kg("0.15")
    assert codes("product", product) == []
    product["process"]["inputs"][0]["explains"]["co2e"] = kg("0.16")
    assert codes("product", product) == [("recipe.over_explained", "/process/inputs")]


def test_recipe_explains_at_most_the_own_market_based_scope_2(at_least: Document, codes: Codes) -> None:
    # of 0.6 kg; the location-based part in `explains` is another figure
    assert codes("product", at_least) == []
    at_least["process"]["inputs"][0]["explains_scope2_market"] = kg("0.600000000001")
    assert codes("product", at_least) == [("recipe.over_explained", "/process/inputs")]


def test_recipe_is_not_compared_where_the_own_figure_is_not_given(product: Document, codes: Codes) -> None:
    product["process"]["inputs"][0]["explains"]["co2e"] = kg("9")
    product["indicators"]["co2e"] = {"total": kg("4.5")}
    assert codes("product", product) == []


def test_two_recipe_lines_have_two_numbers(product: Document, codes: Codes) -> None:
    product["process"]["inputs"][1]["line"] = "1"
    assert codes("product", product) == [("recipe.line_twice", "/process/inputs/1/line")]


def test_co_products_leave_the_product_a_share(product: Document, codes: Codes) -> None:
    output = product["process"]["co_products"][0]
    product["process"]["co_products"] = [output | {"share": "0.4"}, output | {"share": "0.59"}]
    assert codes("product", product) == []
    product["process"]["co_products"][1]["share"] = "0.6"
    assert codes("product", product) == [("coproduct.shares", "/process/co_products")]


def test_the_product_is_not_its_own_co_product(product: Document, codes: Codes) -> None:
    product["process"]["co_products"][0]["product"] = product["id"]
    assert codes("product", product) == [("coproduct.shares", "/process/co_products/0/product")]


def test_months_of_a_stream_make_a_year(stream: Document, codes: Codes) -> None:
    # 0.2+0.2+0.15+0.05+0.05+0.15+0.2 = 1; 0.1 in May makes 1.1
    stream["byproducts"]["month_shares"][4] = "0.1"
    assert codes("stream", stream) == [("stream.month_shares", "/byproducts/month_shares")]
