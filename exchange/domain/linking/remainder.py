"""What is left of a product's total when measured deliveries or finer periods are taken out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from exchange.domain.linking.beside_co2e import BOUNDS, with_bounds
from exchange.domain.linking.errors import LinkingError
from exchange.domain.linking.quality import by_kind, shares_of
from exchange.domain.linking.records import SIGNED_COLUMNS, Effect, ProductDataset, RecipeLine

Used = Sequence[tuple[Fraction, RecipeLine]]


def remainder(dataset: ProductDataset, parts: Sequence[ProductDataset], rest: Fraction) -> ProductDataset:
    """Figures per unit of the `rest` of the output: the total minus the parts, with its quality by kind.

    Every part states the columns the dataset states. The parts' datasets count as sources of the rest, for
    whoever knows the total and the rest knows the parts. Raises `LinkingError` where the rest is negative.
    """
    used = [(part.produced or Fraction(0), part) for part in parts]
    own = _left_over(dataset, dataset.own, [(amount, part.own) for amount, part in used], rest)
    declared = _left_over(dataset, dataset.declared, [(amount, part.declared) for amount, part in used], rest)
    recipe = dataset.recipe and tuple(_line_left(dataset, line, parts, rest) for line in dataset.recipe)
    sources = dict.fromkeys([*dataset.datasets, *(one for part in parts for one in part.datasets)])
    return replace(dataset, own=own, declared=declared, recipe=recipe, produced=rest, datasets=tuple(sources))


def _left_over(
    dataset: ProductDataset,
    table: Mapping[str, Effect],
    parts: Sequence[tuple[Fraction, Mapping[str, Effect]]],
    rest: Fraction,
) -> dict[str, Effect]:
    produced, result = dataset.produced or Fraction(0), {}
    for column, effect in table.items():
        taken = sum((amount * part[column].amount for amount, part in parts), Fraction(0))
        left = (produced * effect.amount - taken) / rest
        if left < 0 <= effect.amount and column not in SIGNED_COLUMNS | BOUNDS:
            raise _negative(dataset, column)
        kinds = [produced * kind for kind in by_kind(effect)]
        for amount, part in parts:
            kinds = [kind - amount * gone for kind, gone in zip(kinds, by_kind(part[column]), strict=True)]
        result[column] = Effect(left, shares_of(kinds, effect.shares))
    return with_bounds(result)


def _line_left(
    dataset: ProductDataset, line: RecipeLine, parts: Sequence[ProductDataset], rest: Fraction
) -> RecipeLine:
    """One recipe line of the rest: the average's total minus what the parts used of it."""
    used = [
        (part.produced or Fraction(0), other)
        for part in parts
        for other in part.recipe or ()
        if (other.line, other.key) == (line.line, line.key)
    ]
    produced = dataset.produced or Fraction(0)

    def left(total: Fraction, taken: Sequence[Fraction]) -> Fraction:
        value = (produced * total - sum(taken, Fraction(0))) / rest
        if value < 0:
            raise _negative(dataset, f"input {line.name}", line.line)
        return value

    mass = line.mass
    if mass is not None:
        mass = left(mass, [amount * (other.mass or 0) for amount, other in used])
    amount_left = left(line.amount, [amount * _same_unit(dataset, line, other) for amount, other in used])
    return replace(
        line,
        amount=amount_left,
        measured_share=_measured_left(dataset, line, used, rest * amount_left),
        mass=mass,
        explains={
            column: left(part, [amount * other.explains.get(column, Fraction(0)) for amount, other in used])
            for column, part in line.explains.items()
        },
    )


def _measured_left(dataset: ProductDataset, line: RecipeLine, used: Used, left: Fraction) -> Fraction:
    """The measured share of what is left: the line's measured amount minus that of the parts."""
    if not left:
        return line.measured_share
    measured = (dataset.produced or Fraction(0)) * line.amount * line.measured_share
    for amount, other in used:
        measured -= amount * _same_unit(dataset, line, other) * other.measured_share
    return min(max(measured / left, Fraction(0)), Fraction(1))


def _same_unit(dataset: ProductDataset, line: RecipeLine, other: RecipeLine) -> Fraction:
    if line.unit.dimension is not other.unit.dimension:
        raise LinkingError(
            "unit",
            dataset.product,
            f"The input {line.name} of {dataset.name} is stated in {line.unit.value} for the period and in "
            f"{other.unit.value} for a part of it.",
            "State both in units of one kind.",
            line.line,
        )
    return other.amount * other.unit.factor / line.unit.factor


def _negative(dataset: ProductDataset, what: str, line: str = "") -> LinkingError:
    return LinkingError(
        "remainder",
        dataset.product,
        f"Measured deliveries or shorter periods of {dataset.name} take more of {what} than the total holds.",
        "Correct the parts, or the product's average over the whole period.",
        line,
    )
