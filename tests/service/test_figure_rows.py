"""Figures as typed columns: exact, in the indicator's unit, in one spelling."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.domain.indicators import Indicator
from exchange.domain.quantities import Quantity, UnitCode, exact_decimal, in_unit
from exchange.services.dataset_rows import figure_rows


def _stored(indicator: Indicator, amount: str, unit: str) -> Decimal:
    document = {"indicators": {indicator.value: {"own": {"amount": amount, "unit": unit}}}}
    (row,) = figure_rows("d", document)
    stored: Decimal = row["amount"]
    return stored


@pytest.mark.parametrize(
    ("indicator", "amount", "unit", "text"),
    [
        (Indicator.ENERGY, "2.50", "KWH", "9"),  # 2.5 x 3.6
        (Indicator.WATER, "17.2154", "LTR", "0.0172154"),
        (Indicator.CO2E, "1200", "KGM", "1200"),
        (Indicator.CO2E, "-0.00", "TNE", "0"),
        (Indicator.ENERGY, "999999999999999.999999999999", "GWH", "3599999999999999999999.9999964"),
    ],
)
def test_a_figure_stands_in_its_indicators_unit(
    indicator: Indicator, amount: str, unit: str, text: str
) -> None:
    assert str(_stored(indicator, amount, unit)) == text


@given(
    st.sampled_from(list(Indicator)),
    st.integers(-(10**27) + 1, 10**27 - 1),
    st.integers(0, 12),
    st.data(),
)
def test_no_digit_is_lost(indicator: Indicator, digits: int, places: int, data: st.DataObject) -> None:
    unit = data.draw(st.sampled_from([one for one in UnitCode if one.dimension is indicator.unit.dimension]))
    amount = Decimal(f"{digits}E-{places}")

    stored = _stored(indicator, format(amount, "f"), unit.value)

    assert stored.as_tuple() == exact_decimal(in_unit(Quantity(amount, unit), indicator.unit)).as_tuple()


def test_shares_left_out_are_none() -> None:
    document = {
        "indicators": {"co2e": {"own": {"amount": "1", "unit": "KGM"}}},
        "quality": {"co2e": {"measured": "0.70", "unknown": "0.30"}},
    }

    (row,) = figure_rows("d", document)

    assert [row[name] for name in ("measured", "allocated", "secondary", "unknown")] == [
        Decimal("0.70"),
        None,
        None,
        Decimal("0.30"),
    ]
