"""A node's inputs: its recipe resolved to sources, netted out of its own effects, or set aside as declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from exchange.domain.linking.amounts import amount_in, mass_of
from exchange.domain.linking.errors import LinkingError
from exchange.domain.linking.ladder import Missing, Part, Source, no_path
from exchange.domain.linking.makings import Making
from exchange.domain.linking.records import (
    COLUMNS,
    SIGNED_COLUMNS,
    VALUE_ADDED,
    Effect,
    Prefer,
    ProductDataset,
    RecipeLine,
)
from exchange.domain.linking.result import Link, NodeKind, Origin

ENOUGH_COVERAGE = Fraction(8, 10)


@dataclass(frozen=True)
class Input:
    """One recipe line and where it comes from; the shares of the parts sum to 1."""

    line: RecipeLine
    parts: tuple[Part, ...]

    @property
    def mass(self) -> Fraction | None:
        """Its mass in kg per unit of the product, stated or by its unit."""
        return (
            self.line.mass if self.line.mass is not None else mass_of(self.line.amount, self.line.unit, None)
        )

    def mass_share(self, share: Fraction) -> Fraction | None:
        """The part of the mass that goes with a share of the line."""
        return None if self.mass is None else self.mass * share

    @property
    def sources(self) -> tuple[Source, ...]:
        """Parts that come from a node."""
        return tuple(part for part in self.parts if isinstance(part, Source))

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Parts without a source."""
        return tuple(part for part in self.parts if isinstance(part, Missing))


def states(dataset: ProductDataset, column: str) -> bool:
    """Whether a product has a figure of its own in a column."""
    return column in dataset.own or (column in dataset.declared and column != VALUE_ADDED)


def own_after_netting(
    making: Making, inputs: Sequence[Input], suppliers: Mapping[str, Making]
) -> dict[str, Effect]:
    """Own effects less what linked inputs explain: that part arrives through the link (method section 3).

    Taken out only where something can arrive: the supplier has a figure in the column, or a recipe.
    Quality shares stay those of the whole. Raises `LinkingError` when more is explained than there is.
    """
    result = {}
    for column, effect in making.dataset.own.items():
        explained = sum(
            (
                source.share * entry.line.explains.get(column, Fraction(0))
                for entry in inputs
                for source in entry.sources
                if _arrives(suppliers[source.key].dataset, column)
            ),
            Fraction(0),
        )
        left = effect.amount - explained
        if explained and left < 0 and column not in SIGNED_COLUMNS:
            raise _explains_more(making, column)
        result[column] = Effect(left, effect.shares)
    return result


def declared_columns(
    making: Making, inputs: Sequence[Input], suppliers: Mapping[str, Making], prefer: Prefer
) -> frozenset[str]:
    """Columns in which the declared footprint counts in place of the recipe.

    With `prefer = linked` the recipe counts where the maker states an own effect and at least 80 % of the
    input mass comes from products with a figure in the column. Value added is never declared this way.
    """
    return frozenset(
        column
        for column in making.dataset.declared
        if column in COLUMNS
        and column != VALUE_ADDED
        and not (
            prefer is Prefer.LINKED
            and column in making.dataset.own
            and _covered(inputs, suppliers, column) >= ENOUGH_COVERAGE
        )
    )


def links_of(
    making: Making, inputs: Sequence[Input], suppliers: Mapping[str, Making], index: Mapping[str, int]
) -> list[Link]:
    """The links of a node's recipe, amounts in the suppliers' declared units."""
    links = []
    for entry in inputs:
        for source in entry.sources:
            dataset = suppliers[source.key].dataset
            amount = amount_in(entry.line.amount * source.share, entry.line.unit, dataset.unit, dataset.mass)
            if amount is None:
                raise no_path(making, entry.line, dataset.unit)
            measured = Fraction(0) if source.origin is Origin.OTHER_SITE else entry.line.measured_share
            links.append(
                Link(
                    index[source.key],
                    index[making.key],
                    amount,
                    measured,
                    source.origin,
                    entry.line.line,
                    entry.mass_share(source.share),
                )
            )
    return [link for link in links if link.per_unit]


def input_mass(inputs: Sequence[Input]) -> Fraction | None:
    """Stated mass of all inputs in kg per unit; None where no line states one."""
    masses = [entry.mass for entry in inputs if entry.mass is not None]
    return sum(masses, Fraction(0)) if masses else None


def _arrives(supplier: ProductDataset, column: str) -> bool:
    return states(supplier, column) or bool(supplier.recipe)


def _covered(inputs: Sequence[Input], suppliers: Mapping[str, Making], column: str) -> Fraction:
    total = input_mass(inputs)
    if not total:
        return Fraction(0)
    covered = sum(
        (
            entry.mass_share(source.share) or Fraction(0)
            for entry in inputs
            for source in entry.sources
            if suppliers[source.key].kind is not NodeKind.DEFAULT
            and states(suppliers[source.key].dataset, column)
        ),
        Fraction(0),
    )
    return covered / total


def _explains_more(making: Making, column: str) -> LinkingError:
    return LinkingError(
        "explains_more",
        making.dataset.product,
        f"The linked inputs of {making.dataset.name} explain more {column} than it states as its own.",
        "Correct what the recipe lines explain, or the product's own effect before netting.",
    )
