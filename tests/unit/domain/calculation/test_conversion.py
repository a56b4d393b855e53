"""From the billed unit to the accounted one: every multiplication named, none guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from exchange.domain.calculation.account import Energy, FlowDetail, HeatingValue, Material, Waste, Water
from exchange.domain.calculation.conversion import ConversionKind, Converter
from exchange.domain.errors import InvalidError
from exchange.domain.factors import FactorBasis, FactorBook
from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, UnitCode
from tests.unit.domain.calculation.cases import BOOK, GJ, KG, KWH, M3, MWH, YEAR, flow, months, own_factor

GAS, OIL = Energy("natural_gas"), Energy("gas_diesel_oil")
LOWER, UPPER = HeatingValue.LOWER, HeatingValue.UPPER
LITRE, TONNE = UnitCode.LITRE, UnitCode.TONNE


def converted(
    detail: FlowDetail,
    amount: str,
    unit: UnitCode,
    heating_value: HeatingValue | None = None,
    calorific_value: str | None = None,
    *,
    to: UnitCode = KWH,
    book: FactorBook = BOOK,
) -> tuple[Fraction, list[ConversionKind]]:
    """The accounted amount and the kinds of its steps."""
    printed = Decimal(calorific_value) if calorific_value else None
    found, steps = Converter(book).convert(
        flow(detail, to), Quantity(Decimal(amount), unit), YEAR, heating_value, printed
    )
    return found, [step.kind for step in steps]


@pytest.mark.parametrize(
    ("detail", "amount", "unit", "to", "expected"),
    [
        (Energy("electricity_grid"), "1.5", MWH, KWH, "1500"),
        (Energy("district_heat"), "3.6", GJ, KWH, "1000"),
        (Energy("district_heat"), "1", UnitCode.MEGAJOULE, KWH, "5/18"),
        (Water(), "250", LITRE, M3, "0.25"),
        (Material(), "2.5", TONNE, KG, "2500"),
        (Waste("120101", "recycling"), "750", UnitCode.GRAM, KG, "0.75"),
    ],
)
def test_units_of_one_dimension(
    detail: FlowDetail, amount: str, unit: UnitCode, to: UnitCode, expected: str
) -> None:
    assert converted(detail, amount, unit, to=to) == (Fraction(expected), [ConversionKind.UNIT])


def test_the_same_unit_takes_no_step() -> None:
    assert converted(Energy("electricity_grid"), "7", KWH) == (7, [])


def test_gas_by_the_calorific_value_printed_on_the_bill() -> None:
    """100 Nm3 x 12.1 kWh upper = 1 210, x 0.90 = 1 089 kWh; on the lower one 100 x 11 = 1 100 kWh."""
    kinds = [ConversionKind.CALORIFIC_VALUE, ConversionKind.LOWER_OF_UPPER]
    assert converted(GAS, "100", M3, UPPER, "12.1") == (1089, kinds)
    assert converted(GAS, "100", M3, LOWER, "11") == (1100, kinds[:1])


def test_gas_in_m3_without_one_takes_the_sets_lower_value() -> None:
    """11.0 kWh for one m3; the upper or lower value of an energy nobody printed is not asked for."""
    assert converted(GAS, "100", M3) == (1100, [ConversionKind.HEATING_VALUE])


def test_gas_in_mwh_on_the_upper_heating_value() -> None:
    assert converted(GAS, "240", MWH, UPPER) == (
        216_000,
        [ConversionKind.UNIT, ConversionKind.LOWER_OF_UPPER],
    )


def test_oil_by_density_and_heating_value() -> None:
    """1 000 l x 0.84 kg = 840 kg = 0.84 t; x 43.0 GJ = 36.12 GJ; / 0.0036 = 10 033.333 kWh."""
    kinds = [
        ConversionKind.DENSITY, ConversionKind.UNIT, ConversionKind.HEATING_VALUE, ConversionKind.UNIT,
    ]  # fmt: skip
    assert converted(OIL, "1000", LITRE) == (Fraction("36.12") / Fraction("0.0036"), kinds)
    assert converted(OIL, "1", M3)[0] == converted(OIL, "840", KG)[0] == converted(OIL, "0.84", TONNE)[0]


def test_an_own_heating_value_goes_before_the_sets_on_its_days() -> None:
    own = FactorBook((own_factor("ncv_volume.natural_gas", "10.5", KWH, M3, FactorBasis.COMBUSTION),))
    assert converted(GAS, "100", M3, book=own)[0] == 1050


@pytest.mark.parametrize(
    ("detail", "unit", "to", "heating_value", "code"),
    [
        (Waste("120101", "recycling"), M3, KG, None, "unit.dimension"),
        (Water(), KG, M3, None, "unit.dimension"),
        (Energy("district_heat"), M3, KWH, None, "unit.dimension"),
        (GAS, MWH, KWH, None, "bill.heating_value"),
        (Energy("biogas"), KWH, KWH, None, "bill.heating_value"),
        (Energy("straw"), TONNE, KWH, None, "factor.missing"),
        (Energy("hydrogen"), M3, KWH, None, "factor.missing"),
        (Energy("lpg"), KWH, KWH, UPPER, "factor.missing"),
        (GAS, UnitCode.PIECE, KWH, None, "unit.dimension"),
    ],
)
def test_what_cannot_be_converted_is_refused(
    detail: FlowDetail, unit: UnitCode, to: UnitCode, heating_value: HeatingValue | None, code: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        converted(detail, "1", unit, heating_value, to=to)
    assert refused.value.error_code == code
    assert refused.value.advice


def test_a_printed_calorific_value_still_needs_upper_or_lower() -> None:
    with pytest.raises(InvalidError) as refused:
        converted(GAS, "100", M3, calorific_value="12.1")
    assert refused.value.error_code == "bill.heating_value"


def test_a_heating_value_that_changes_within_a_bill_is_refused() -> None:
    spring = own_factor(
        "ncv.gas_diesel_oil", "42", GJ, TONNE, FactorBasis.COMBUSTION,
        Period(date(2025, 3, 1), date(2025, 6, 1)),
    )  # fmt: skip
    with pytest.raises(InvalidError) as refused:
        converted(OIL, "1", TONNE, book=FactorBook((spring,)))
    assert refused.value.error_code == "factor.missing"
    assert "2025-03-01" in refused.value.detail


def test_what_was_looked_up_for_one_bill_is_not_taken_for_another() -> None:
    converter, gas = Converter(BOOK), flow(GAS)
    amount = Quantity(Decimal(100), M3)
    found = [
        converter.convert(gas, amount, YEAR, heating_value, printed)[0]
        for heating_value, printed in ((UPPER, Decimal("12.1")), (LOWER, Decimal("12.1")), (None, None))
    ]
    assert found == [1089, 1210, 1100]


def test_a_heating_value_is_that_of_the_bills_own_days() -> None:
    """100 m3 in January by the set's 11.0, in August by the own 10.5 that holds from July on."""
    own = own_factor(
        "ncv_volume.natural_gas", "10.5", KWH, M3, FactorBasis.COMBUSTION, Period(date(2025, 7, 1), date(2026, 1, 1))
    )  # fmt: skip
    converter, gas, amount = Converter(FactorBook((own,))), flow(GAS), Quantity(Decimal(100), M3)
    assert [converter.convert(gas, amount, months(number))[0] for number in (1, 8)] == [1100, 1050]
