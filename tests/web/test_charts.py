"""Charts are exact where they are measured and say in words what they draw."""

from __future__ import annotations

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from exchange.web.charts.quality_bar import QUALITIES, WIDTH, quality_bar
from exchange.web.charts.trend import trend
from exchange.web.figures import figure_rows
from exchange.web.reader import reader_of


def widths(svg: str) -> list[Decimal]:
    return [Decimal(width) for width in re.findall(r'<rect [^>]*width="([0-9.]+)"', svg)]


def test_a_quality_bar_is_as_wide_as_its_shares() -> None:
    svg = quality_bar(
        {"measured": Decimal("0.6"), "allocated": Decimal("0.3"), "unknown": Decimal("0.1")}, "said"
    )
    assert re.findall(r'class="(q-[a-z]+)" x="([0-9.]+)"', svg) == [
        ("q-measured", "0"), ("q-allocated", "120"), ("q-unknown", "180"),
    ]  # fmt: skip
    assert widths(svg) == [Decimal(120), Decimal(60), Decimal(20)]


def test_a_quality_bar_says_what_it_draws_and_cannot_be_broken_out_of() -> None:
    svg = quality_bar({"measured": Decimal(1)}, '60 % "målt" <b>')
    assert 'role="img"' in svg
    assert 'aria-label="60 % &#34;målt&#34; &lt;b&gt;"' in svg


@given(st.lists(st.integers(0, 1000), min_size=4, max_size=4).filter(any))
def test_the_parts_of_a_quality_bar_fill_it(parts: list[int]) -> None:
    total = sum(parts)
    shares = {name: Decimal(part) / total for name, part in zip(QUALITIES, parts, strict=True)}
    assert abs(sum(widths(quality_bar(shares, ""))) - WIDTH) <= Decimal("0.02")


def test_a_trend_needs_two_figures() -> None:
    assert trend([Decimal(5)], "one") == ""
    assert trend([None, Decimal(5), None], "one") == ""


def test_a_trend_starts_at_zero_so_that_a_small_change_looks_small() -> None:
    svg = trend([Decimal(100), Decimal(50)], "halved")
    assert re.findall(r'<circle cx="(\d+)" cy="(\d+)"', svg) == [("5", "5"), ("115", "18")]


def test_a_trend_breaks_where_a_period_has_no_figure() -> None:
    svg = trend([Decimal(1), None, Decimal(2), Decimal(3)], "gap")
    assert svg.count("<circle") == 3
    assert svg.count("<line") == 2  # the axis and one stretch


def test_a_trend_breaks_where_two_periods_are_not_compared() -> None:
    svg = trend([Decimal(1), Decimal(2), Decimal(3)], "other members", [False, True, False])
    assert (svg.count("<circle"), svg.count("<line")) == (3, 2)  # the axis, and the first to the second


@given(st.lists(st.one_of(st.none(), st.decimals(-1000, 1000, places=2)), max_size=8))
def test_a_trend_never_leaves_its_frame(values: list[Decimal | None]) -> None:
    svg = trend(values, "any")
    assert all(0 <= int(x) <= 120 for x in re.findall(r'c?x[12]?="(\d+)"', svg))
    assert all(0 <= int(y) <= 32 for y in re.findall(r'c?y[12]?="(-?\d+)"', svg))


def test_a_figure_the_maker_states_as_at_least_is_said_so_beside_its_amount() -> None:
    own = {"own": {"amount": "1", "unit": "KGM"}}
    subject = {"indicators": {"co2e": own, "waste": own}, "quality": {"co2e": {"is_at_least": True}}}
    assert [row.is_at_least for row in figure_rows(reader_of("en"), subject)] == [True, False]
