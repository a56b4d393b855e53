"""Which dated factors stand in for an input nobody delivered."""

from __future__ import annotations

from fractions import Fraction

from exchange.domain.periods import year
from exchange.services.category_defaults import category_defaults


def test_electricity_and_heat_have_a_default_with_source_and_basis() -> None:
    found = {one.category: one for one in category_defaults(year(2025))}
    assert set(found) == {"electricity", "district-heat"}
    assert found["electricity"].effects == {"co2e": Fraction("0.135")}
    assert found["electricity"].source.endswith(", life_cycle")


def test_a_year_without_a_factor_has_no_default() -> None:
    assert category_defaults(year(2019)) == ()
