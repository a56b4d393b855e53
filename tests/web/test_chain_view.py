"""What a chain's cells say: values, scales, index, class, quality, and why something is not there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from exchange.domain.development import Decoupling, Hindrance, PriceBasis
from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period, year
from exchange.services.chain_cells import ChainCell, Change, MissingPart
from exchange.web import words
from exchange.web.chain_view import CellView, by_indicator, cell_views, gap_views, price_basis
from exchange.web.formats import NO_BREAK
from exchange.web.reader import reader_of

DANISH, ENGLISH = reader_of("da"), reader_of("en")
CO2 = ChainCell(
    Indicator.CO2E,
    year(2025),
    "released",
    "KGM",
    value=Decimal("275123.4"),
    per_unit=Decimal("59.81"),
    per_unit_of="H87",
    own=Decimal("127000"),
    upstream=Decimal("148123.4"),
    measured=Decimal("0.31"),
    allocated=Decimal("0.59"),
    secondary=Decimal("0.10"),
    unknown=Decimal(0),
    coverage_mass=Decimal("0.985"),
    productivity=Decimal("178.6"),
    productivity_coverage=Decimal("0.964"),
    price_basis="constant",
    base=Change(year(2023), Decimal("86.84"), Decimal("139.12"), "absolute", None, ()),
)


def seen(cell: ChainCell, *others: ChainCell) -> CellView:
    view = next(
        one for one in cell_views(DANISH, [cell, *others]) if one.period == str(cell.period.start.year)
    )
    texts = {name: value.replace(NO_BREAK, "_") for name, value in vars(view).items() if type(value) is str}
    return replace(view, **texts)


def test_a_released_cell_reads_at_a_glance() -> None:
    view = seen(CO2)
    assert (view.name, view.period, view.status) == ("CO2-udledning", "2025", "")
    assert view.value == "275_t CO₂e"
    assert view.per_unit == "59,8_kg CO₂e pr. stk."
    assert (view.own, view.upstream) == ("127_t CO₂e", "148_t CO₂e")
    assert view.measured == "31_%"
    assert view.quality == "31_% målt, 59_% fordelt, 10_% sekundær"
    assert view.coverage == "99_%"
    assert view.productivity == "179_kr./kg CO₂e"
    assert view.productivity_covers == "dækker 96_% af effekten"
    assert (view.effect_index, view.productivity_index, view.reference) == ("86,8", "139,1", "2023")
    assert (view.decoupling, view.why_none) == ("Absolut afkobling", "")
    assert view.meaning == "Værditilvæksten stiger, uden at effekten gør det."


def test_the_periods_of_an_indicator_share_one_scale() -> None:
    earlier = replace(CO2, period=year(2024), value=Decimal(900))
    assert seen(CO2, earlier).value == "275_t CO₂e"
    assert seen(earlier, CO2).value == "0,900_t CO₂e"


def test_energy_reads_in_kilowatt_hours_with_gigajoules_beside() -> None:
    view = seen(
        replace(CO2, indicator=Indicator.ENERGY, unit="3B", value=Decimal(7239600), per_unit=Decimal("1573.8"),
                productivity=Decimal("6.5"))
    )  # fmt: skip
    assert view.value == "2.011_MWh"  # 7 239 600 MJ / 3 600
    assert view.also == "7.240_GJ"
    assert view.per_unit == "437_kWh pr. stk."  # 1 573.8 / 3.6 = 437.17
    assert view.productivity == "23,4_kr./kWh"  # 6.5 x 3.6


@pytest.mark.parametrize(("status", "said"), [("confidential", "Fortroligt"), ("no_data", "Ingen data")])
def test_a_cell_that_is_not_released_shows_fixed_words_and_nothing_else(status: str, said: str) -> None:
    view = seen(ChainCell(Indicator.WATER, year(2025), status, "MTQ"), CO2)
    assert (view.status, view.is_confidential) == (said, status == "confidential")
    texts = [
        value
        for name, value in vars(view).items()
        if name not in {"name", "period", "status", "is_at_least", "is_confidential"}
    ]
    assert not any(texts)


def test_a_gap_makes_the_total_a_lower_limit_without_a_class() -> None:
    change = Change(year(2023), None, None, None, "at_least", ())
    view = seen(replace(CO2, is_at_least=True, upstream_is_at_least=True, base=change))
    assert view.is_at_least
    assert view.per_unit == "mindst 59,8_kg CO₂e pr. stk."
    assert (view.own, view.upstream) == ("127_t CO₂e", "mindst 148_t CO₂e")
    assert (view.effect_index, view.decoupling) == ("", "")
    assert view.why_none == "Ikke sammenlignet: et tal mangler, så summen er kun en nedre grænse."


def test_what_changed_between_the_periods_is_named() -> None:
    change = Change(year(2023), None, None, None, "panel_changed", ("linking", "factors"))
    view = seen(replace(CO2, base=change))
    assert view.why_none == (
        "Ikke sammenlignet: perioderne rummer ikke det samme, andre forbindelser, andre faktorer."
    )


def test_a_class_that_cannot_be_told_says_why() -> None:
    change = Change(year(2023), Decimal("109.5"), Decimal(133), "not_determinable", "directions_differ", ())
    view = seen(replace(CO2, base=change))
    assert (view.effect_index, view.decoupling, view.why_none) == ("109,5", "Kan ikke afgøres", "")
    assert view.meaning == "Den del, der har værditilvækst, går en anden vej end summen."
    assert seen(replace(CO2, base=replace(change, hindrance=None))).meaning == (
        "Tallene viser ikke, hvilken vej det går."
    )


def test_hidden_value_added_hides_class_and_productivity_but_not_the_effect() -> None:
    change = Change(year(2023), Decimal("86.84"), None, None, None, ())
    view = seen(replace(CO2, productivity=None, productivity_hidden=True, base=change))
    assert view.effect_index == "86,8"
    assert (view.productivity, view.productivity_covers) == ("", "fortroligt")
    assert view.why_none == "Ingen klasse: Værditilvæksten er fortrolig."


def test_productivity_under_80_percent_coverage_says_so_instead_of_a_figure() -> None:
    view = seen(replace(CO2, productivity=None, productivity_hindrance="coverage_below_80"))
    assert view.productivity == ""
    assert view.productivity_covers == "værditilvæksten er kendt for under 80 % af effekten"


def test_the_trend_tells_its_figures_in_words() -> None:
    earlier = replace(CO2, period=year(2024), value=Decimal(298000))
    label = cell_views(ENGLISH, [CO2, earlier])[0].trend.replace(NO_BREAK, "_")
    assert 'aria-label="2024: 298_t CO₂e, 2025: 275_t CO₂e"' in label


def test_views_keep_the_order_of_indicators_then_periods() -> None:
    cells = [
        replace(CO2, period=year(2024)), CO2,
        ChainCell(Indicator.RESOURCES, year(2025), "no_data", "KGM"),
    ]  # fmt: skip
    grouped = by_indicator(cell_views(ENGLISH, cells))
    assert [one.name for one in grouped] == ["Resource use", "CO2 emissions"]
    assert [row.period for row in grouped[1].rows] == ["2024", "2025"]
    assert grouped[1].reference == "2023"
    assert price_basis(ENGLISH, cells) == "constant prices"


def test_gaps_are_told_once_and_nameless_where_the_viewer_may_not_know() -> None:
    known, hidden = MissingPart("no_dataset", "Steel", "x"), MissingPart("no_dataset", None, None)
    cells = [replace(CO2, missing=(known, hidden)), replace(CO2, indicator=Indicator.WATER, missing=(known,))]
    assert [(gap.reason, gap.name, gap.times) for gap in gap_views(ENGLISH, cells)] == [
        ("The supplier has published no dataset", "", "in one indicator"),
        ("The supplier has published no dataset", "Steel", "in 2 indicators"),
    ]


@pytest.mark.parametrize(
    "reason", ["inputs_unstated", "pool_not_netted", "data_refused", "no_consent", "target_missing"]
)
def test_every_reason_of_a_gap_is_said_in_both_languages(reason: str) -> None:
    cells = [replace(CO2, missing=(MissingPart(reason, None, None),))]
    (danish,), (english,) = gap_views(DANISH, cells), gap_views(ENGLISH, cells)
    assert reason not in {danish.reason, english.reason}
    assert danish.reason != english.reason


def test_every_class_hindrance_and_basis_has_words() -> None:
    assert set(words.CLASSES) == set(words.CLASS_MEANINGS) == {one.value for one in Decoupling}
    assert set(words.HINDRANCES) == {one.value for one in Hindrance}
    assert set(words.PRICE_BASES) == {one.value for one in PriceBasis}


def test_a_period_that_waits_for_its_first_figures_says_so_without_a_lock() -> None:
    empty = ChainCell(Indicator.WATER, year(2025), "no_data", "MTQ")
    closed = replace(empty, indicator=Indicator.CO2E, status="confidential")
    views = cell_views(ENGLISH, [empty, closed], pending={year(2025)})
    assert [(one.status, one.is_confidential) for one in views] == [
        ("Being worked out", False),
        ("Confidential", True),
    ]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("group", "Not compared: the group does not have the same members in the two periods."),
        ("place", "Not compared: the place does not have the same members in the two periods."),
        ("product", "Not compared: the products asked for are not the same in the two periods."),
    ],
)
def test_other_members_are_said_as_such_and_hide_what_follows_from_them(kind: str, said: str) -> None:
    change = Change(year(2023), None, None, None, "panel_changed", ("membership", "linking"))
    (view,) = cell_views(ENGLISH, [replace(CO2, base=change)], kind)
    assert view.why_none == said


def test_a_trend_holds_periods_of_one_length_and_joins_those_that_are_compared() -> None:
    half = Period(date(2025, 1, 1), date(2025, 7, 1))
    told = Change(year(2023), Decimal(99), None, None, None, ())
    untold = Change(year(2024), None, None, None, "panel_changed", ("membership",))
    cells = [
        replace(CO2, period=year(2023)),
        replace(CO2, period=year(2024), previous=told),
        replace(CO2, period=half, value=Decimal(130000)),
        replace(CO2, previous=untold),
    ]
    views = {one.period: one for one in cell_views(ENGLISH, cells)}
    svg = views["2025"].trend
    assert (svg.count("<circle"), svg.count("<line")) == (3, 2)  # the axis, and 2023 to 2024
    assert "2023: " in svg and "June" not in svg
    assert [one.trend for one in views.values() if "June" in one.period] == [""]
