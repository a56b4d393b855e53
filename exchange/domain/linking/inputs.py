"""A node's inputs: its recipe resolved to sources, and the links they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from exchange.domain.linking.amounts import amount_in, mass_of
from exchange.domain.linking.errors import LinkingError
from exchange.domain.linking.ladder import Missing, Part, Source, no_path
from exchange.domain.linking.makings import Making
from exchange.domain.linking.records import VALUE_ADDED, ProductDataset, RecipeLine
from exchange.domain.linking.result import Link, Origin, merged
from exchange.domain.quantities import UnitCode


@dataclass(frozen=True)
class Input:
    """One recipe line and where it comes from; the shares of the parts sum to 1."""

    line: RecipeLine
    parts: tuple[Part, ...]

    @cached_property
    def mass(self) -> Fraction | None:
        """Its mass in kg per unit of the product, stated or by its unit."""
        return (
            self.line.mass if self.line.mass is not None else mass_of(self.line.amount, self.line.unit, None)
        )

    def mass_share(self, share: Fraction) -> Fraction | None:
        """The part of the mass that goes with a share of the line."""
        return None if self.mass is None else self.mass * share

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Parts that come from a node."""
        return tuple(part for part in self.parts if isinstance(part, Source))

    @cached_property
    def missing(self) -> tuple[Missing, ...]:
        """Parts without a source."""
        return tuple(part for part in self.parts if isinstance(part, Missing))


def states(dataset: ProductDataset, column: str) -> bool:
    """Whether a product has a figure of its own in a column."""
    return column in dataset.own or (column in dataset.declared and column != VALUE_ADDED)


def links_of(
    making: Making, inputs: Sequence[Input], suppliers: Mapping[str, Making], index: Mapping[str, int]
) -> list[Link]:
    """The links of a node's recipe, amounts in the suppliers' declared units.

    Raises `LinkingError` for a unit that leads nowhere, and for a recipe that needs as much of itself as it gives.
    """
    links: list[Link] = []
    for entry in together(inputs):
        links += _links_of_one(making, entry, suppliers, index)
    _check_itself(making, [link for link in links if link.supplier == link.customer])
    return links


def together(inputs: Iterable[Input]) -> list[Input]:
    """A recipe with alike lines made one: a hundred lines of one class are not a hundred links of each supplier."""
    found: dict[object, list[Input]] = {}
    for entry in inputs:
        found.setdefault(entry.line.alike, []).append(entry)
    return [several[0] if len(several) == 1 else _together(several) for several in found.values()]


def _links_of_one(
    making: Making, entry: Input, suppliers: Mapping[str, Making], index: Mapping[str, int]
) -> list[Link]:
    """The links of one line: one of each supplier."""
    links = []
    for source in entry.sources:
        dataset = suppliers[source.key].dataset
        amount = _in_unit_of(dataset, entry, source.share)
        if amount is None:
            raise no_path(making, entry.line, dataset.unit)
        measured = Fraction(0) if source.origin is Origin.OTHER_SITE else entry.line.measured_share
        mass, line = entry.mass_share(source.share), entry.line.line
        links.append(Link(index[source.key], index[making.key], amount, measured, source.origin, line, mass))
    return merged(links)


def _together(several: Sequence[Input]) -> Input:
    """Alike lines as one, by the number of the first that takes anything: amounts add, measured by amount."""
    lines = [entry.line for entry in several]
    amount = sum((line.amount for line in lines), Fraction(0))
    measured = sum((line.amount * line.measured_share for line in lines), Fraction(0))
    stated = [line.mass for line in lines if line.mass is not None]
    first = next((line for line in lines if line.amount), lines[0])
    line = replace(
        first,
        amount=amount,
        measured_share=measured / amount if amount else Fraction(0),
        mass=sum(stated, Fraction(0)) if stated else None,
    )
    return Input(line, several[0].parts)


def _check_itself(making: Making, links: Sequence[Link]) -> None:
    """A loop of one: of what it makes, something must be left (Hawkins and Simon 1949). Longer ones the solve finds."""
    needed = sum((link.per_unit for link in links), Fraction(0))
    if needed < 1:
        return
    dataset, line = making.dataset, links[0].line
    unit = dataset.unit.value
    raise LinkingError(
        "loop_gain",
        dataset.product,
        f"Line {line} of {dataset.name} takes {_short(needed)} {unit} of {dataset.name} for each {unit} made.",
        "Correct the amount: of what is made, less than all can go back in.",
        line,
    )


def _short(amount: Fraction) -> str:
    """An amount in a sentence, to six digits."""
    return f"{Decimal(amount.numerator) / Decimal(amount.denominator):.6g}"


def _in_unit_of(supplier: ProductDataset, entry: Input, share: Fraction) -> Fraction | None:
    """A share of the line in the supplier's unit, by the line's stated mass where the units lead nowhere."""
    line = entry.line
    amount = amount_in(line.amount * share, line.unit, supplier.unit, supplier.mass)
    if amount is None and line.mass is not None:
        return amount_in(line.mass * share, UnitCode.KILOGRAM, supplier.unit, supplier.mass)
    return amount
