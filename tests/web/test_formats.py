"""Exact strings of numbers, units and dates in both conventions; `_` below stands for a no-break space."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.domain.quantities import UnitCode
from exchange.web import formats


def visible(text: str) -> str:
    return text.replace(formats.NO_BREAK, "_")


@pytest.mark.parametrize(
    ("value", "danish", "english"),
    [
        ("1234.56", "1.234,56", "1,234.56"),
        ("1234567.891", "1.234.567,891", "1,234,567.891"),
        ("0.50", "0,50", "0.50"),
        ("-12.5", "−12,5", "−12.5"),
        ("0", "0", "0"),
        ("1E+3", "1.000", "1,000"),
    ],
)
def test_numbers_follow_the_readers_convention(value: str, danish: str, english: str) -> None:
    assert formats.number(Decimal(value), "da") == danish
    assert formats.number(Decimal(value), "en") == english


@pytest.mark.parametrize(
    ("value", "danish"),
    [
        ("12.345", "12,3"),
        ("12.35", "12,4"),
        ("0.045678", "0,0457"),
        ("1234.5", "1.235"),
        ("999.6", "1.000"),
        ("5", "5,00"),
        ("0", "0"),
        ("-0.5", "−0,500"),
        ("0.49", "0,490"),
        ("9.996", "10,0"),
        ("100", "100"),
        ("1500", "1.500"),
    ],
)
def test_a_figure_shows_three_significant_digits(value: str, danish: str) -> None:
    assert formats.figure(Decimal(value), "da") == danish


@pytest.mark.parametrize(
    ("value", "danish", "english"),
    [
        ("0.125", "13_%", "13%"),
        ("0.6", "60_%", "60%"),
        ("0", "0_%", "0%"),
        ("1", "100_%", "100%"),
        ("0.001", "<1_%", "<1%"),
        ("0.999", ">99_%", ">99%"),
    ],
)
def test_a_share_never_rounds_to_none_or_all(value: str, danish: str, english: str) -> None:
    assert visible(formats.share(Decimal(value), "da")) == danish
    assert visible(formats.share(Decimal(value), "en")) == english


def test_a_share_may_keep_decimals() -> None:
    assert visible(formats.share(Decimal("0.125"), "da", 1)) == "12,5_%"


def test_a_quantity_keeps_every_digit_and_its_unit_beside_it() -> None:
    assert visible(formats.quantity(Decimal("1234.50"), "KGM", "da")) == "1.234,50_kg"
    assert visible(formats.quantity(Decimal("3"), "H87", "da")) == "3_stk."
    assert visible(formats.quantity(Decimal("3"), "H87", "en")) == "3_pcs"
    assert visible(formats.quantity(Decimal("3.5"), "MTQ", "en")) == "3.5_m³"


@pytest.mark.parametrize(
    ("indicator", "value", "danish"),
    [
        ("energy", "3.6", "1,00_kWh"),
        ("energy", "1800", "500_kWh"),
        ("energy", "3600", "1,00_MWh"),
        ("energy", "44280", "12,3_MWh"),
        ("energy", "0.036", "10,0_Wh"),
        ("energy", "0", "0_kWh"),
        ("co2e", "1234.5", "1,23_t CO₂e"),
        ("co2e", "12", "12,0_kg CO₂e"),
        ("waste", "0.045", "45,0_g"),
        ("resources", "999", "999_kg"),
        ("water", "0.0123", "12,3_l"),
        ("water", "1234", "1.234_m³"),
    ],
)
def test_an_indicator_reads_in_a_unit_of_its_size(indicator: str, value: str, danish: str) -> None:
    amount = Decimal(value)
    assert visible(formats.choose_scale(indicator, [amount]).show(amount, "da")) == danish


def test_figures_beside_each_other_share_the_scale_of_the_largest() -> None:
    scale = formats.choose_scale("co2e", [Decimal(12), Decimal(-4000)])
    assert visible(scale.show(Decimal(12), "en")) == "0.0120_t CO₂e"


def test_energy_also_reads_in_gigajoules() -> None:
    assert visible(formats.GIGAJOULES.show(Decimal(44280), "en")) == "44.3_GJ"


def test_dates_are_written_out() -> None:
    assert visible(formats.day(date(2026, 11, 21), "da")) == "21._november_2026"
    assert visible(formats.day(date(2026, 11, 21), "en")) == "21_November_2026"


def test_a_time_that_ends_with_a_day_is_said_by_its_last_day() -> None:
    assert formats.last_day(datetime(2027, 11, 22, 23, 0, tzinfo=UTC)) == date(2027, 11, 22)
    assert formats.last_day(datetime(2027, 6, 30, 22, 0, tzinfo=UTC)) == date(2027, 6, 30)
    assert formats.last_day(datetime(2027, 11, 22, 23, 1, tzinfo=UTC)) is None


def test_a_short_quantity_rounds_only_what_has_more_than_four_digits() -> None:
    assert visible(formats.short_quantity(Decimal("0.35"), "KGM", "da")) == "0,35_kg"
    assert visible(formats.short_quantity(Decimal("12.3450"), "KGM", "da")) == "12,35_kg"
    assert visible(formats.short_quantity(Decimal("123456.7"), "KGM", "da")) == "123.457_kg"


def test_an_instant_is_told_in_copenhagen_time_summer_and_winter() -> None:
    winter = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
    summer = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert visible(formats.moment(winter, "da")) == "21._november_2026 kl._14.05"
    assert visible(formats.moment(summer, "en")) == "1_July_2026, 00:30"


def test_a_half_open_period_names_its_last_day() -> None:
    assert formats.period(date(2026, 1, 1), date(2027, 1, 1), "da") == "2026"
    assert formats.period(date(2025, 1, 1), date(2027, 1, 1), "en") == "2025–2026"
    quarter = formats.period(date(2026, 1, 1), date(2026, 4, 1), "en")
    assert visible(quarter) == "1_January_2026 – 31_March_2026"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_no_digit_is_lost_in_either_language(value: Decimal) -> None:
    danish = formats.number(value, "da").replace(".", "").replace(",", ".").replace(formats.MINUS, "-")
    english = formats.number(value, "en").replace(",", "").replace(formats.MINUS, "-")
    assert Decimal(danish) == Decimal(english) == value


@pytest.mark.parametrize("code", list(UnitCode))
def test_every_unit_the_exchange_takes_is_printed_as_people_write_it(code: UnitCode) -> None:
    assert formats.unit(code, "da") != code.value
