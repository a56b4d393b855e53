"""Which reading of a product counts: its recipe or its declared footprint (method section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from exchange.domain.linking.inputs import Input, states
from exchange.domain.linking.ladder import Missing
from exchange.domain.linking.makings import Making
from exchange.domain.linking.netting import input_mass, own_mass
from exchange.domain.linking.pool import Pooled
from exchange.domain.linking.records import COLUMNS, VALUE_ADDED, Prefer
from exchange.domain.linking.result import NodeKind

ENOUGH_COVERAGE = Fraction(8, 10)


def declared_columns(
    making: Making,
    inputs: Sequence[Input],
    pooled: Sequence[Pooled],
    suppliers: Mapping[str, Making],
    prefer: Prefer,
) -> frozenset[str]:
    """Columns in which the declared footprint counts in place of the recipe.

    With `prefer = linked` the recipe counts where the maker states an own effect and at least 80 % of the
    input mass comes from products with a figure in the column, or is cut off from what made it. Value added is
    never declared this way.
    """
    total = input_mass(making, inputs, pooled)

    def is_linked(column: str) -> bool:
        if prefer is not Prefer.LINKED or column not in making.dataset.own or not total:
            return False
        return _covered(making, inputs, pooled, suppliers, column) / total >= ENOUGH_COVERAGE

    return frozenset(
        column
        for column in making.dataset.declared
        if column in COLUMNS and column != VALUE_ADDED and not is_linked(column)
    )


def _covered(
    making: Making,
    inputs: Sequence[Input],
    pooled: Sequence[Pooled],
    suppliers: Mapping[str, Making],
    column: str,
) -> Fraction:
    """Kilograms of input per unit that somebody answers for in the column."""

    def answers(key: str) -> bool:
        supplier = suppliers[key]
        return supplier.kind is not NodeKind.DEFAULT and states(supplier.dataset, column)

    masses = [
        entry.mass_share(source.share) or Fraction(0)
        for entry in inputs
        for source in entry.sources
        if answers(source.key)
    ]
    masses += [
        one.mass or Fraction(0)
        for one in pooled
        if not isinstance(one.part, Missing) and answers(one.part.key)
    ]
    return sum(masses, min(making.dataset.burden_free, own_mass(making)))
