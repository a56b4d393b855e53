"""Each step of a calculation follows from the one before; the example's steps are worked out in the schema tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Document = dict[str, Any]
Codes = Callable[..., list[tuple[str, str]]]
ELECTRICITY, GAS, WATER = 0, 1, 2


@pytest.fixture
def lines(calculated: Document) -> list[Document]:
    found: list[Document] = calculated["breakdown"]["calculation"]["lines"]
    return found


def kg(amount: str) -> Document:
    return {"amount": amount, "unit": "KGM"}


def test_the_example_adds_up_whichever_groups_a_reader_holds(calculated: Document, codes: Codes) -> None:
    assert codes("product", calculated) == []
    for group in ("indicators", "breakdown", "quality", "commercial"):
        held = {name: value for name, value in calculated.items() if name != group}
        assert codes("product", held, publishing=False) == []


def test_lines_make_the_own_figure_to_the_last_digit(calculated: Document, codes: Codes) -> None:
    # 0.405 + 0.49485249 = 0.89985249
    calculated["indicators"]["co2e"]["own"] = kg("0.899852490001")
    assert codes("product", calculated) == [("calculation.sum", "/indicators/co2e/own")]


def test_lines_make_the_figure_in_whatever_unit_it_is_given(calculated: Document, codes: Codes) -> None:
    # 19.6209 MJ = 5.45025 kWh
    calculated["indicators"]["energy"]["own"] = {"amount": "5.45025", "unit": "KWH"}
    assert codes("product", calculated) == []
    calculated["indicators"]["energy"]["own"] = {"amount": "5.45026", "unit": "KWH"}
    assert codes("product", calculated) == [("calculation.sum", "/indicators/energy/own")]


def test_figures_for_ten_pieces_are_ten_times_the_lines(calculated: Document, codes: Codes) -> None:
    calculated["identity"]["declared_unit"]["amount"] = "10"
    kept = {name: calculated[name] for name in ("id", "identity", "quality")}
    figures = {"co2e": {"own": kg("8.9985249")}, "waste": {"own": kg("0.31")}}
    document = kept | {
        "indicators": figures,
        "breakdown": {"calculation": calculated["breakdown"]["calculation"]},
    }
    assert codes("product", document) == [("calculation.sum", "/indicators/waste/own")]


def test_scopes_are_the_sums_of_their_columns(calculated: Document, codes: Codes) -> None:
    # a thousandth is let pass between typed figures (breakdown.sum), not between calculated ones
    calculated["breakdown"]["co2e"]["scope1"] = kg("0.4949")
    assert codes("product", calculated) == [("calculation.sum", "/breakdown/co2e/scope1")]


def test_a_figure_no_line_is_about_may_stand_beside_a_calculation(
    calculated: Document, lines: list[Document], codes: Codes
) -> None:
    del lines[WATER]
    assert codes("product", calculated) == []


def test_a_market_based_figure_is_not_compared_where_a_line_lacks_its_contract(
    calculated: Document, lines: list[Document], codes: Codes
) -> None:
    calculated["breakdown"]["co2e"]["scope2_market"] = kg("0.1")
    assert codes("product", calculated) == []
    # 3 kWh x 0.02 = 0.06
    lines[ELECTRICITY]["effects"][2] |= {"multiplier": "0.02", "effect": kg("0.06")}
    assert codes("product", calculated) == [("calculation.sum", "/breakdown/co2e/scope2_market")]
    calculated["breakdown"]["co2e"]["scope2_market"] = kg("0.06")
    assert codes("product", calculated) == []


@pytest.mark.parametrize(
    ("per_unit", "multiplier", "effect", "passes"),
    [
        ("0.000123", "0.0000000057", "0.000000000001", True),  # 7.011e-13 rounds to 1e-12
        ("0.000123", "0.0000000057", "0", False),
        ("0.5", "0.000000000001", "0", True),  # a tie goes to the even digit
        ("1.5", "0.000000000001", "0.000000000002", True),
        ("1.5", "0.000000000001", "0.000000000001", False),
        ("2.45025", "0.20196", "0.49485249", True),
        ("2.45025", "0.20196", "0.494852", False),
    ],
)
def test_an_effect_is_the_product_to_twelve_places(
    per_unit: str, multiplier: str, effect: str, passes: bool, low_entry: Document, codes: Codes
) -> None:
    low_entry["breakdown"] = {
        "calculation": one_line(
            per_unit, {"column": "energy", "multiplier": multiplier, "effect": mj(effect)}
        )
    }
    place = "/breakdown/calculation/lines/0/effects/0"
    assert codes("product", low_entry) == ([] if passes else [("calculation.effect", place)])


def mj(amount: str) -> Document:
    return {"amount": amount, "unit": "3B"}


def one_line(per_unit: str, effect: Document) -> Document:
    """A calculation of a single piece, with one bill, one window and one effect."""
    period = {"start": "2025-01-01", "end": "2026-01-01"}
    used = {"amount": per_unit, "unit": "KWH"}
    return {
        "factor_set": "factors/2026-12",
        "period": period,
        "produced": {"amount": "1", "unit": "H87"},
        "lines": [
            {
                "flow": "Steam",
                "kind": "energy",
                "bills": [{"period": period, "amount": used, "accounted": used}],
                "total": used,
                "key": {"name": "Mass produced", "method": "mass"},
                "windows": [{"period": period, "to_spread": per_unit, "metered": "0", "amount": per_unit}],
                "period": period,
                "amount": used,
                "produced": "1",
                "per_unit": used,
                "measured": "0",
                "secondary": "0",
                "effects": [effect],
            }
        ],
    }


@pytest.mark.parametrize(
    "change",
    [
        {"effect": {"amount": "0.49485249", "unit": "GRM"}},
        {"multiplier": "0.3"},
        {"factor": {"value": "56.2"}},
        {"factor": {"unit": "KGM/MWH"}},
        {"factor": {"unit": "KGM/MTQ"}},
        {"factor": {"unit": "KGM/XYZ"}},
    ],
    ids=str,
)
def test_unit_multiplier_and_factor_of_an_effect_agree(
    change: Document, calculated: Document, lines: list[Document], codes: Codes
) -> None:
    # 56.1 kg for a GJ is 0.20196 kg for a kWh of 0.0036 GJ
    effect = lines[GAS]["effects"][1]
    for name, value in change.items():
        effect[name] = effect[name] | value if isinstance(value, dict) else value
    found = codes("product", calculated)
    assert ("calculation.effect", "/breakdown/calculation/lines/1/effects/1") in found


@pytest.mark.parametrize("member", ["multiplier", "effect"])
def test_an_effect_has_both_its_multiplier_and_its_amount_or_neither(
    member: str, calculated: Document, lines: list[Document], codes: Codes
) -> None:
    del lines[WATER]["effects"][0][member]
    found = codes("product", calculated)
    assert ("calculation.effect", "/breakdown/calculation/lines/2/effects/0") in found


def test_bills_make_the_total_with_credit_notes_taken_off(
    calculated: Document, lines: list[Document], codes: Codes
) -> None:
    # 54450 - 5445 = 49005
    lines[GAS]["bills"][1]["accounted"]["amount"] = "-5444"
    assert codes("product", calculated) == [("calculation.bills", "/breakdown/calculation/lines/1/total")]
    lines[GAS]["bills"][1]["accounted"] = {"amount": "-5.445", "unit": "MWH"}
    assert codes("product", calculated) == [("calculation.bills", "/breakdown/calculation/lines/1/total")]


@pytest.mark.parametrize(
    ("amounts", "passes"),
    [
        (["17999.9999999", "18000.0000001"], True),
        (["17999.9999999", "17999.9999998"], True),  # 3e-7 is what three amounts of five digits may be off
        (["17999.9999998", "17999.9999998"], False),
        (["36000"], True),
    ],
)
def test_windows_make_the_amount_within_the_last_digits_shown(
    amounts: list[str], passes: bool, calculated: Document, lines: list[Document], codes: Codes
) -> None:
    window = lines[ELECTRICITY]["windows"][0]
    lines[ELECTRICITY]["windows"] = [window | {"amount": amount} for amount in amounts]
    place = "/breakdown/calculation/lines/0/amount"
    assert codes("product", calculated) == ([] if passes else [("calculation.windows", place)])


@pytest.mark.parametrize(("share", "passes"), [("0.666667", True), ("0.66667", False), ("1", False)])
def test_windows_are_those_of_the_process_the_product_bears_a_share_of(
    share: str, passes: bool, calculated: Document, lines: list[Document], codes: Codes
) -> None:
    # 36000 is two thirds of 54000; the share is shown with six decimals, so 54000 x 1e-6 = 0.054 is let pass
    lines[ELECTRICITY]["windows"][0]["amount"] = "54000"
    lines[ELECTRICITY]["process_share"] = share
    place = "/breakdown/calculation/lines/0/amount"
    assert codes("product", calculated) == ([] if passes else [("calculation.windows", place)])


@pytest.mark.parametrize(
    ("produced", "passes"), [("12000", True), ("11999.99", True), ("11999.9", False), ("12001", False)]
)
def test_the_amount_per_unit_has_six_digits(
    produced: str, passes: bool, calculated: Document, lines: list[Document], codes: Codes
) -> None:
    # 36000 / 11999.99 = 3.0000025, 3.00000 to six digits; / 11999.9 = 3.000025, which is 3.00003 (or 3.00002)
    calculated["breakdown"]["calculation"]["produced"]["amount"] = produced
    calculated["breakdown"]["calculation"]["lines"] = [lines[ELECTRICITY] | {"produced": produced}]
    place = "/breakdown/calculation/lines/0/per_unit"
    kept = {name: calculated[name] for name in ("id", "identity", "breakdown")}
    kept["breakdown"] = {"calculation": kept["breakdown"]["calculation"]}
    assert codes("product", kept, publishing=False) == ([] if passes else [("calculation.per_unit", place)])


def test_every_line_divides_by_what_was_produced(
    calculated: Document, lines: list[Document], codes: Codes
) -> None:
    calculated["breakdown"]["calculation"]["produced"]["amount"] = "12000.5"
    del lines[1:]
    place = "/breakdown/calculation/lines/0/produced"
    assert ("calculation.per_unit", place) in codes("product", calculated)


def test_a_calculation_is_of_the_period_of_its_dataset(
    calculated: Document, lines: list[Document], codes: Codes
) -> None:
    lines[GAS]["period"] = {"start": "2025-12-01", "end": "2026-02-01"}
    assert codes("product", calculated) == [("calculation.period", "/breakdown/calculation/lines/1/period")]
    lines[GAS]["period"] = calculated["breakdown"]["calculation"]["period"]
    calculated["identity"]["period"] = {"start": "2024-01-01", "end": "2025-01-01"}
    assert codes("product", calculated) == [("calculation.period", "/breakdown/calculation/period")]


def test_a_line_without_a_factor_makes_the_figure_at_least(
    calculated: Document, lines: list[Document], codes: Codes
) -> None:
    lines[GAS]["effects"][1] = {"column": "scope1"}
    calculated["indicators"]["co2e"]["own"] = kg("0.405")
    calculated["breakdown"]["co2e"] = {"scope2_location": kg("0.405"), "basis": ["life_cycle"]}
    place = "/breakdown/calculation/lines/1/effects/1"
    assert codes("product", calculated) == [("calculation.gap", place)]
    calculated["quality"]["co2e"] |= {"missing": [{"name": "Natural gas: no factor"}], "is_at_least": True}
    assert codes("product", calculated) == []


@pytest.mark.parametrize(
    ("basis", "passes"),
    [
        (["combustion", "life_cycle"], True),
        (["life_cycle", "combustion", "supply_chain"], True),
        (["life_cycle"], False),
        (["combustion", "life_cycle", "life_cycle"], False),
        (None, False),
    ],
)
def test_every_basis_of_the_factors_in_the_figure_is_named_once(
    basis: list[str] | None, passes: bool, calculated: Document, codes: Codes
) -> None:
    del calculated["breakdown"]["co2e"]["basis"]
    if basis:
        calculated["breakdown"]["co2e"]["basis"] = basis
    assert codes("product", calculated) == ([] if passes else [("co2e.basis", "/breakdown/co2e/basis")])
