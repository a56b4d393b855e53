"""Category defaults: dated factors that stand in for an input nobody delivered (method section 3).

Purchased electricity and district heat only: their factors are life-cycle values per kWh, and a recipe line
explains the Scope 2 they replace. Fuels are not here, for their combustion is the maker's own.
"""

from __future__ import annotations

from fractions import Fraction

from exchange.domain.factors import FactorBasis, FactorBook
from exchange.domain.linking import CategoryDefault
from exchange.domain.periods import Period

FACTORS = {"electricity": "co2e.electricity_grid", "district-heat": "co2e.district_heat"}


def category_defaults(period: Period) -> tuple[CategoryDefault, ...]:
    """The defaults in force through the whole of a period."""
    return tuple(
        default
        for category, key in FACTORS.items()
        if (default := _default(category, key, period)) is not None
    )


def _default(category: str, key: str, period: Period) -> CategoryDefault | None:
    factor = FactorBook().get_or_none(key, FactorBasis.LIFE_CYCLE, period)
    if factor is None:
        return None
    source = f"{factor.source}, {factor.basis.value}"
    return CategoryDefault(category, factor.activity, {"co2e": Fraction(factor.value)}, source, period)
