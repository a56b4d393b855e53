"""From an amount as billed to the unit its flow is accounted in, exactly, every multiplication named.

Energy is accounted in kWh on the lower heating value: final energy (method section 1) and the combustion factors of
Regulation (EU) 2018/2066 both stand on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from exchange.domain.calculation.account import Energy, Flow, HeatingValue
from exchange.domain.errors import InvalidError
from exchange.domain.factors import Factor, FactorBasis, FactorBook
from exchange.domain.own_factors import FUELS
from exchange.domain.periods import Period
from exchange.domain.quantities import Dimension, Quantity, UnitCode

# Gas is billed on either heating value, and they differ by a tenth: which one it is has to be said.
ASKED_FOR_HEATING_VALUE = frozenset({"natural_gas", "biogas"})


class ConversionKind(StrEnum):
    """Why an amount is multiplied."""

    UNIT = "unit"
    CALORIFIC_VALUE = "calorific_value"
    DENSITY = "density"
    HEATING_VALUE = "heating_value"
    LOWER_OF_UPPER = "lower_of_upper"


@dataclass(frozen=True)
class Conversion:
    """One multiplication: by `multiplier` from one unit to the next; `factor` where its value has a source."""

    kind: ConversionKind
    multiplier: Fraction
    from_unit: UnitCode
    to_unit: UnitCode
    factor: Factor | None = None


class Converter:
    """Converts amounts of flows with one set of factors, and remembers what it has looked up."""

    def __init__(self, book: FactorBook) -> None:
        self._book = book
        self._known: dict[tuple[object, ...], tuple[tuple[Conversion, ...], Fraction]] = {}

    def convert(
        self,
        flow: Flow,
        amount: Quantity,
        period: Period,
        heating_value: HeatingValue | None = None,
        calorific_value: Decimal | None = None,
    ) -> tuple[Fraction, tuple[Conversion, ...]]:
        """The amount in the flow's unit and the steps that lead there.

        Raises InvalidError `unit.dimension` (such as waste in m3), `bill.heating_value` where upper or lower is
        not said, `factor.missing` where a heating value or density is neither printed nor known.
        """
        is_dated = isinstance(flow.detail, Energy) and flow.detail.carrier in FUELS
        dates = (period.start, period.end) if is_dated else None
        key = (flow.id, amount.unit, heating_value, calorific_value, dates)
        known = self._known.get(key)
        if known is None:
            steps = self._steps(flow, amount.unit, period, heating_value, calorific_value)
            ratio = Fraction(1)
            for step in steps:
                ratio *= step.multiplier
            known = self._known[key] = (steps, ratio)
        exact = Fraction(amount.amount)
        return (exact * known[1] if known[0] else exact), known[0]

    def _steps(
        self,
        flow: Flow,
        unit: UnitCode,
        period: Period,
        heating_value: HeatingValue | None,
        calorific_value: Decimal | None,
    ) -> tuple[Conversion, ...]:
        if isinstance(flow.detail, Energy) and flow.detail.carrier in FUELS:
            return self._fuel(flow.detail.carrier, unit, period, heating_value, calorific_value)
        return _of_unit(unit, flow.unit)

    def _fuel(
        self,
        carrier: str,
        unit: UnitCode,
        period: Period,
        heating_value: HeatingValue | None,
        calorific_value: Decimal | None,
    ) -> tuple[Conversion, ...]:
        if unit.dimension is Dimension.ENERGY:
            steps = _of_unit(unit, UnitCode.KILOWATT_HOUR)
        elif calorific_value is not None:
            multiplier = Fraction(calorific_value)
            steps = (Conversion(ConversionKind.CALORIFIC_VALUE, multiplier, unit, UnitCode.KILOWATT_HOUR),)
        else:
            return self._by_known_heating_value(carrier, unit, period)
        if heating_value is None and carrier in ASKED_FOR_HEATING_VALUE:
            stated = "this energy is on" if calorific_value is None else "its calorific value is"
            raise InvalidError(
                f"The bill does not say whether {stated} the upper or the lower heating value.",
                code="bill.heating_value",
                advice="Look for “øvre” or “nedre brændværdi” on the bill; ask the gas company if neither is there.",
            )
        if heating_value is HeatingValue.UPPER:
            steps += (self._lower_of_upper(carrier, period),)
        return steps

    def _by_known_heating_value(self, carrier: str, unit: UnitCode, period: Period) -> tuple[Conversion, ...]:
        """Volume and mass by the factor set's density and net calorific value."""
        if unit.dimension is Dimension.VOLUME:
            by_volume = self._book.get_or_none(f"ncv_volume.{carrier}", FactorBasis.COMBUSTION, period)
            if by_volume is not None:
                return (*_of_unit(unit, by_volume.activity), _step(ConversionKind.HEATING_VALUE, by_volume))
            density = self._find(f"density.{carrier}", period)
            to_mass = (*_of_unit(unit, density.activity), _step(ConversionKind.DENSITY, density))
            return (*to_mass, *self._by_mass(carrier, density.result, period))
        return self._by_mass(carrier, unit, period)

    def _by_mass(self, carrier: str, unit: UnitCode, period: Period) -> tuple[Conversion, ...]:
        heating = self._find(f"ncv.{carrier}", period)
        return (
            *_of_unit(unit, heating.activity),
            _step(ConversionKind.HEATING_VALUE, heating),
            *_of_unit(heating.result, UnitCode.KILOWATT_HOUR),
        )

    def _lower_of_upper(self, carrier: str, period: Period) -> Conversion:
        return _step(ConversionKind.LOWER_OF_UPPER, self._find(f"ncv_per_gcv.{carrier}", period))

    def _find(self, key: str, period: Period) -> Factor:
        return self._book.find(key, FactorBasis.COMBUSTION, period)


def _step(kind: ConversionKind, factor: Factor) -> Conversion:
    return Conversion(kind, Fraction(factor.value), factor.activity, factor.result, factor)


def _of_unit(unit: UnitCode, to: UnitCode) -> tuple[Conversion, ...]:
    """Nothing where the units are the same; InvalidError `unit.dimension` where they measure different things."""
    if unit is to:
        return ()
    if unit.dimension is not to.dimension:
        raise InvalidError(
            f"{unit.value} measures {unit.dimension.value}, and this is accounted in {to.value}, which measures "
            f"{to.dimension.value}.",
            code="unit.dimension",
            advice=f"Give the amount in a unit of {to.dimension.value}.",
        )
    return (Conversion(ConversionKind.UNIT, unit.factor / to.factor, unit, to),)
