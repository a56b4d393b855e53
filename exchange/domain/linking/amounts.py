"""Amounts of goods from the unit they were stated in to the unit a product is declared in."""

from __future__ import annotations

from fractions import Fraction

from exchange.domain.quantities import Dimension, UnitCode


def amount_in(
    amount: Fraction, stated: UnitCode, wanted: UnitCode, mass_per_wanted: Fraction | None
) -> Fraction | None:
    """The amount in `wanted` units, exactly; None where no way leads from the one unit to the other.

    A mass becomes another unit by the product's own `mass_per_wanted` (kg in one wanted unit).
    """
    if stated is wanted:
        return amount
    if stated.dimension is wanted.dimension:
        return amount * stated.factor / wanted.factor
    if stated.dimension is Dimension.MASS and mass_per_wanted:
        return amount * stated.factor / mass_per_wanted
    return None


def mass_of(amount: Fraction, unit: UnitCode, mass_per_unit: Fraction | None) -> Fraction | None:
    """The mass in kg of an amount of a product; None where the product states none."""
    if unit is UnitCode.KILOGRAM:
        return amount
    if unit.dimension is Dimension.MASS:
        return amount * unit.factor
    return None if mass_per_unit is None else amount * mass_per_unit
