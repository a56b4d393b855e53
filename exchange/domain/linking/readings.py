"""Which reading of a product counts: its recipe or its declared footprint (method section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from exchange.domain.linking.beside_co2e import BESIDE
from exchange.domain.linking.inputs import states
from exchange.domain.linking.intake import Intake
from exchange.domain.linking.ladder import Missing
from exchange.domain.linking.makings import Making
from exchange.domain.linking.records import CO2E, COLUMNS, VALUE_ADDED, Prefer
from exchange.domain.linking.result import NodeKind

ENOUGH_COVERAGE = Fraction(8, 10)


def declared_columns(intake: Intake, suppliers: Mapping[str, Making], prefer: Prefer) -> frozenset[str]:
    """Columns in which the declared footprint counts in place of the recipe.

    With `prefer = linked` the recipe counts where the maker states an own effect and at least 80 % of the
    input mass comes from products with a figure in the column, or is cut off from what made it. Bounds and credits
    go with CO2e. Value added is never declared this way.
    """
    dataset = intake.making.dataset
    if not dataset.declared:
        return frozenset()

    def is_linked(column: str) -> bool:
        if prefer is not Prefer.LINKED or column not in dataset.own or not intake.mass:
            return False
        return _covered(intake, suppliers, column) / intake.mass >= ENOUGH_COVERAGE

    followed = BESIDE | {VALUE_ADDED}
    found = {
        column
        for column in dataset.declared
        if column in COLUMNS and column not in followed and not is_linked(column)
    }
    return frozenset(found | (BESIDE & dataset.declared.keys()) if CO2E in found else found)


def _covered(intake: Intake, suppliers: Mapping[str, Making], column: str) -> Fraction:
    """Kilograms of input per unit that somebody answers for in the column."""

    def answers(key: str) -> bool:
        supplier = suppliers[key]
        return supplier.kind is not NodeKind.DEFAULT and states(supplier.dataset, column)

    masses = [
        entry.mass_share(source.share) or Fraction(0)
        for entry in intake.inputs
        for source in entry.sources
        if answers(source.key)
    ]
    masses += [
        one.mass or Fraction(0)
        for one in intake.pooled
        if not isinstance(one.part, Missing) and answers(one.part.key)
    ]
    return sum(masses, min(intake.making.dataset.burden_free, intake.own_mass))
