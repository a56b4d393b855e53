"""Productivity, index and decoupling, by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exchange.domain.development import (
    Activity,
    Decoupling,
    Hindrance,
    Panel,
    PriceBasis,
    Standing,
    decoupling,
    develop,
    productivity,
)

D = Decimal
CONSTANT, CURRENT = PriceBasis.CONSTANT, PriceBasis.CURRENT
PANEL = Panel("a b", "a>b", "1", "f1")


def standing(value: str, effect: str, basis: PriceBasis = CONSTANT) -> Standing:
    figure = productivity([Activity(D(1), D(effect), D(value), basis)])
    return Standing(D(effect), figure, PANEL, "a")


def test_productivity_is_value_added_per_effect_over_products_that_have_both() -> None:
    # 2 x 30 + 5 x 8 = 100 kr over 2 x 4 + 5 x 2 = 18 kg; the third (1 x 2 kg) has no value added: 90 % covered
    figure = productivity(
        [
            Activity(D(2), D(4), D(30), CONSTANT),
            Activity(D(5), D(2), D(8), CONSTANT),
            Activity(D(1), D(2), None),
        ]
    )
    assert figure.coverage == D("0.9")
    assert (figure.value_added, figure.effect) == (D(100), D(18))
    assert figure.value == D(100) / D(18)


def test_an_unknown_effect_leaves_coverage_unknown_and_productivity_without_a_figure() -> None:
    # 10 kg with 200 kr are known; how much the unknown 80 kg are nobody says, so 20 kr/kg would be no figure
    known, unknown = Activity(D(10), D(1), D(20), CONSTANT), Activity(D(40), None, D(3), CONSTANT)
    for figure in (productivity([known, unknown]), productivity([known], is_at_least=True)):
        assert (figure.value, figure.coverage) == (None, None)
        assert figure.hindrance is Hindrance.AT_LEAST
        assert (figure.value_added, figure.effect) == (D(200), D(10))


def test_negative_effects_cover_no_more_than_there_is() -> None:
    # covered 100 of |100| + |-20| = 120, and not 100 of 80
    figure = productivity([Activity(D(1), D(100), D(50), CONSTANT), Activity(D(1), D(-20), None)])
    assert figure.coverage == D(100) / D(120)
    assert figure.value == D("0.5")


def test_a_negative_effect_has_no_productivity() -> None:
    figure = productivity([Activity(D(1), D(-20), D(50), CONSTANT)])
    assert (figure.value, figure.hindrance) == (None, Hindrance.NEGATIVE_EFFECT)
    outweighed = [Activity(D(1), D(90), D(50), CONSTANT), Activity(D(5), D(-20), None)]
    assert productivity(outweighed).hindrance is Hindrance.NEGATIVE_EFFECT
    cancelled = [Activity(D(1), D(20), D(50), CONSTANT), Activity(D(1), D(-20), D(1), CONSTANT)]
    assert productivity(cancelled).hindrance is Hindrance.NO_EFFECT


def test_there_is_no_productivity_under_eighty_percent_coverage() -> None:
    figure = productivity([Activity(D(1), D(79), D(1), CONSTANT), Activity(D(1), D(21), None)])
    assert figure.value is None
    assert figure.coverage == D("0.79")
    assert figure.hindrance is Hindrance.COVERAGE_BELOW_80


def test_exactly_eighty_percent_is_enough() -> None:
    figure = productivity([Activity(D(1), D(80), D(40), CONSTANT), Activity(D(1), D(20), None)])
    assert figure.value == D("0.5")


def test_there_is_no_productivity_of_no_effect_or_of_mixed_prices() -> None:
    assert productivity([]).hindrance is Hindrance.NO_EFFECT
    assert productivity([Activity(D(1), D(0), D(5), CONSTANT)]).hindrance is Hindrance.NO_EFFECT
    mixed = productivity([Activity(D(1), D(1), D(5), CONSTANT), Activity(D(1), D(1), D(5), CURRENT)])
    assert (mixed.value, mixed.hindrance) == (None, Hindrance.MIXED_PRICES)


@pytest.mark.parametrize(
    ("value", "effect", "expected"),
    [
        ("110", "95", Decoupling.ABSOLUTE),
        ("110", "100", Decoupling.ABSOLUTE),
        ("110", "105", Decoupling.RELATIVE),
        ("110", "110", Decoupling.NONE),
        ("110", "120", Decoupling.NONE),
        ("90", "80", Decoupling.RECESSIVE_DECOUPLING),
        ("90", "90", Decoupling.RECESSIVE_COUPLING),
        ("90", "95", Decoupling.RECESSIVE_COUPLING),
        ("90", "101", Decoupling.NEGATIVE),
        ("100", "90", Decoupling.NOT_DETERMINABLE),
        ("-5", "90", Decoupling.NOT_DETERMINABLE),
    ],
)
def test_class_by_change_of_value_added_and_effect(value: str, effect: str, expected: Decoupling) -> None:
    assert decoupling(standing("100", "100").productivity, standing(value, effect).productivity) is expected


def test_a_change_within_the_bounds_is_not_determinable() -> None:
    old, new = standing("100", "100").productivity, standing("110", "99").productivity
    assert decoupling(old, new, D("0.005")) is Decoupling.ABSOLUTE
    assert decoupling(old, new, D("0.02")) is Decoupling.NOT_DETERMINABLE


def test_an_effect_that_stays_the_same_within_rounding_is_not_up() -> None:
    old = standing("100", "123.456788").productivity
    # one unit in the ninth digit is rounding: 1.0000000081; two are a rise
    assert decoupling(old, standing("110", "123.456789").productivity) is Decoupling.ABSOLUTE
    assert decoupling(old, standing("110", "123.456790").productivity) is Decoupling.RELATIVE
    # value added and effect up alike within rounding: no decoupling; value added the same: no class
    assert decoupling(old, standing("110", "135.802466").productivity) is Decoupling.NONE
    assert decoupling(old, standing("100.0000005", "90").productivity) is Decoupling.NOT_DETERMINABLE


def test_fewer_released_digits_make_more_figures_equal() -> None:
    coarse = replace(standing("110", "100.05"), rounding=D("0.001"))
    assert develop(coarse, standing("100", "100")).decoupling is Decoupling.ABSOLUTE
    assert develop(standing("110", "100.05"), standing("100", "100")).decoupling is Decoupling.RELATIVE


def test_there_is_no_class_where_covered_part_and_total_go_different_ways() -> None:
    # the total rises from 100 to 109.5 while the covered part falls from 100 to 90
    result = develop(replace(standing("120", "90"), total=D("109.5")), standing("100", "100"))
    assert result.effect_index == D("109.5")
    assert result.decoupling is Decoupling.NOT_DETERMINABLE
    assert result.hindrance is Hindrance.DIRECTIONS_DIFFER


def test_a_period_of_another_length_is_told_and_not_compared() -> None:
    quarter = replace(standing("120", "90"), panel=replace(PANEL, length="3 months"))
    result = develop(quarter, replace(standing("100", "100"), panel=replace(PANEL, length="12 months")))
    assert (result.effect_index, result.hindrance) == (None, Hindrance.PANEL_CHANGED)
    assert result.changes == ("period",)


def test_indices_on_a_matched_panel_in_constant_prices() -> None:
    result = develop(standing("120", "90"), standing("100", "100"))
    assert result.effect_index == D(90)
    # 120/90 against 100/100: 133.33
    assert result.productivity_index is not None
    assert abs(result.productivity_index - D(400) / D(3)) < D("1e-20")
    assert result.decoupling is Decoupling.ABSOLUTE
    assert result.hindrance is None


def test_current_prices_give_neither_productivity_index_nor_class() -> None:
    result = develop(standing("120", "90", CURRENT), standing("100", "100", CURRENT))
    assert result.effect_index == D(90)
    assert result.productivity_index is None
    assert result.decoupling is None
    assert result.hindrance is Hindrance.CURRENT_PRICES


def test_at_least_totals_have_no_index_and_no_class() -> None:
    result = develop(replace(standing("120", "90"), is_at_least=True), standing("100", "100"))
    assert (result.effect_index, result.decoupling, result.hindrance) == (None, None, Hindrance.AT_LEAST)


def test_a_changed_panel_is_told_and_not_compared() -> None:
    relinked = replace(PANEL, links="", factors="f2")
    result = develop(replace(standing("120", "90"), panel=relinked), standing("100", "100"))
    assert result.effect_index is None
    assert result.hindrance is Hindrance.PANEL_CHANGED
    assert result.changes == ("linking", "factors")


def test_other_covered_products_leave_only_the_effect_index() -> None:
    result = develop(replace(standing("120", "90"), covered="b"), standing("100", "100"))
    assert (result.effect_index, result.productivity_index) == (D(90), None)
    assert result.hindrance is Hindrance.PANEL_CHANGED


def test_without_a_reference_there_is_nothing_to_compare() -> None:
    assert develop(standing("120", "90"), None).hindrance is Hindrance.NO_REFERENCE
