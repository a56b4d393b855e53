"""The steps of a figure as sums: a pocket calculator that follows them ends at the figure."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.domain.calculation.effects import HEADLINE
from exchange.domain.calculation.sums import Sum, SumKind, Term, added, figure_sum, line_sums, reckon, spell
from exchange.domain.indicators import Indicator

YEAR = {"start": "2025-01-01", "end": "2026-01-01"}
WEEK = {"start": "2025-01-01", "end": "2025-01-08"}


def gas_line(**changes: Any) -> dict[str, Any]:
    """100 m3 of gas and a credit note of 10, on 10 kWh/m3; a third of it to a product made 7 times.

    By hand: 90 m3 x 10 = 900 kWh; 900 x 1 / 3 = 300; 300 / 7 = 42.857142... -> 42.8571; x 0.2 = 8.57142 kg.
    """
    line: dict[str, Any] = {
        "flow": "Gas",
        "bills": [
            {
                "period": YEAR,
                "amount": {"amount": "100", "unit": "MTQ"},
                "accounted": {"amount": "1000", "unit": "KWH"},
                "conversions": [{"kind": "calorific_value", "multiplier": "10", "unit": "KWH/MTQ"}],
            },
            {
                "period": WEEK,
                "amount": {"amount": "10", "unit": "MTQ"},
                "accounted": {"amount": "-100", "unit": "KWH"},
                "conversions": [{"kind": "calorific_value", "multiplier": "10", "unit": "KWH/MTQ"}],
                "credit": True,
            },
        ],
        "total": {"amount": "900", "unit": "KWH"},
        "key": {"name": "mass", "method": "mass"},
        "windows": [
            {"period": YEAR, "to_spread": "900", "metered": "0", "amount": "300", "weight": "1", "whole": "3"}
        ],
        "period": YEAR,
        "amount": {"amount": "300", "unit": "KWH"},
        "produced": "7",
        "per_unit": {"amount": "42.8571", "unit": "KWH"},
        "effects": [
            {"column": "energy", "multiplier": "3.6", "effect": {"amount": "154.28556", "unit": "3B"}},
            {"column": "scope1", "multiplier": "0.2", "effect": {"amount": "8.57142", "unit": "KGM"}},
            {"column": "scope2_market"},
        ],
    }
    return line | changes


def of_kind(sums: tuple[Sum, ...], kind: SumKind) -> list[Sum]:
    """The sums of one kind."""
    return [one for one in sums if one.kind is kind]


def test_every_step_of_a_line_is_a_sum_in_the_order_of_the_way() -> None:
    sums = line_sums(gas_line(), HEADLINE[Indicator.CO2E])
    assert [one.kind for one in sums] == [
        SumKind.BILL, SumKind.BILL, SumKind.TOTAL, SumKind.WINDOW, SumKind.PER_UNIT, SumKind.EFFECT,
    ]  # fmt: skip
    assert [one.result for one in sums] == [
        Decimal(1000), Decimal(-100), Decimal(900), Decimal(300), Decimal("42.8571"), Decimal("8.57142"),
    ]  # fmt: skip
    assert [one.is_exact for one in sums] == [True, True, True, True, False, True]  # 300 / 7 has no end


def test_only_the_columns_of_the_indicator_are_reckoned() -> None:
    assert [one.result for one in line_sums(gas_line(), HEADLINE[Indicator.ENERGY])][-1] == Decimal(
        "154.28556"
    )
    assert of_kind(line_sums(gas_line(), HEADLINE[Indicator.WATER]), SumKind.EFFECT) == []


def test_an_effect_without_a_factor_has_no_result() -> None:
    line = gas_line(effects=[{"column": "scope1"}])
    effect = line_sums(line, HEADLINE[Indicator.CO2E])[-1]
    assert effect.result is None
    assert not effect.is_exact


def test_days_inside_the_period_and_divisors_are_steps_of_their_own() -> None:
    bill = {
        "period": YEAR,
        "amount": {"amount": "5900", "unit": "LTR"},
        "accounted": {"amount": "3.1", "unit": "MTQ"},
        "conversions": [{"kind": "unit", "multiplier": "0.001", "divisor": "1000", "unit": "MTQ/LTR"}],
        "inside": "31/59",
    }
    first = line_sums(gas_line(bills=[bill]), ())[0]
    assert first.terms == (
        Term("", Decimal(5900), "LTR"),
        Term("/", Decimal(1000), "LTR/MTQ"),
        Term("*", Decimal(31), "DAY"),
        Term("/", Decimal(59), "DAY"),
    )
    assert reckon(first.terms) == Fraction(31, 10)  # 5 900 l = 5.9 m3; 5.9 x 31 / 59 = 3.1


def test_windows_are_added_up_and_the_share_of_the_process_is_taken_of_all_of_them() -> None:
    windows = [
        {"period": WEEK, "to_spread": "90", "metered": "10", "amount": "40", "weight": "1", "whole": "3"},
        {"period": YEAR, "to_spread": "810", "metered": "0", "amount": "270", "weight": "1", "whole": "3"},
        {"period": YEAR, "to_spread": "1", "metered": "0", "amount": "0"},
    ]
    line = gas_line(windows=windows, amount={"amount": "248", "unit": "KWH"}, process_share="0.8")
    sums = line_sums(line, ())
    assert [one.result for one in of_kind(sums, SumKind.WINDOW)] == [Decimal(40), Decimal(270)]
    [whole] = of_kind(sums, SumKind.AMOUNT)
    assert spell(whole.terms, lambda term: f"{term.sign}{term.amount}") == "(40+270)*0.8"
    assert whole.is_exact  # 310 x 0.8 = 248


def test_a_site_has_no_product_s_steps() -> None:
    entry = gas_line(
        effects=[{"column": "scope1", "multiplier": "0.2", "effect": {"amount": "180", "unit": "KGM"}}]
    )
    for name in ("windows", "amount", "produced", "per_unit"):
        del entry[name]
    sums = line_sums(entry, HEADLINE[Indicator.CO2E])
    assert [one.kind for one in sums] == [SumKind.BILL, SumKind.BILL, SumKind.TOTAL, SumKind.EFFECT]
    assert sums[-1].is_exact  # 900 x 0.2 = 180


def test_the_figure_is_what_all_flows_add() -> None:
    effects = line_sums(gas_line(), HEADLINE[Indicator.CO2E])
    figure = figure_sum((*effects, *effects), Decimal("17.14284"), "KGM")
    assert figure.is_exact
    assert spell(figure.terms, lambda term: f"{term.sign}{term.amount}") == "8.57142+8.57142"
    assert figure_sum((), Decimal(0), "KGM").terms == (Term("", Decimal(0), "KGM"),)


@pytest.mark.parametrize(
    ("amounts", "written"), [((3, -1), "3-1"), ((-3, 1), "-3+1"), ((), "0"), ((2,), "2")]
)
def test_amounts_below_zero_are_taken_away(amounts: tuple[int, ...], written: str) -> None:
    terms = added([Decimal(one) for one in amounts], "KGM")
    assert spell(terms, lambda term: f"{term.sign}{term.amount}") == written
    assert reckon(terms) == sum(amounts)


@settings(max_examples=60)
@given(
    first=st.integers(-50, 50),
    others=st.lists(st.tuples(st.sampled_from("+-*/"), st.integers(1, 9)), max_size=6),
)
def test_what_is_written_says_what_is_reckoned(first: int, others: list[tuple[str, int]]) -> None:
    start = Term("-" if first < 0 else "", Decimal(abs(first)))
    terms = (start, *(Term(sign, Decimal(one)) for sign, one in others))
    written = spell(terms, lambda term: f"{term.sign}Fraction({term.amount})")
    assert eval(written, {"Fraction": Fraction}) == reckon(terms)
