"""Datasets and deliveries brought to the period: overlaps by days, returns netted (method section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from exchange.domain.linking.amounts import amount_in
from exchange.domain.linking.errors import LinkingError
from exchange.domain.linking.records import (
    Delivery,
    Effect,
    KnownProduct,
    ProductDataset,
    RecipeLine,
    Shares,
)
from exchange.domain.periods import Period


@dataclass(frozen=True)
class Receipt:
    """What an organisation received of a product in the period, in the product's declared unit, returns netted.

    A delivery measured itself keeps its `measured` record and stands alone.
    """

    product: str
    recipient: str
    amount: Fraction
    measured: Delivery | None = None


def align_products(datasets: Iterable[ProductDataset], period: Period) -> dict[str, ProductDataset]:
    """One dataset per product for the period; several are weighed by what was made of each in the period."""
    overlapping: dict[str, list[ProductDataset]] = defaultdict(list)
    for dataset in datasets:
        if dataset.period.overlap_days(period):
            overlapping[dataset.product].append(dataset)
    return {product: _merged(several, period) for product, several in sorted(overlapping.items())}


def align_deliveries(
    deliveries: Iterable[Delivery],
    made: Mapping[str, ProductDataset],
    known: Mapping[str, KnownProduct],
    period: Period,
) -> tuple[Receipt, ...]:
    """Deliveries by product, recipient and measurement, prorated by days of their window, returns netted."""
    sums: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    measured: dict[tuple[str, str, str], Delivery] = {}
    for delivery in deliveries:
        part = Fraction(delivery.window.overlap_days(period), delivery.window.days)
        key = (delivery.product, delivery.recipient, delivery.source if delivery.is_measured else "")
        sums[key] += (-part if delivery.returned else part) * _in_product_unit(delivery, made, known)
        if delivery.is_measured:
            measured.setdefault(key, delivery)
    for key, amount in sums.items():
        if amount < 0:
            raise LinkingError(
                "return_exceeds",
                key[0],
                f"More of {_name(key[0], made, known)} came back from one customer than was delivered to it.",
                "Correct the returned quantity, or state the earlier delivery it belongs to.",
            )
    return tuple(
        Receipt(key[0], key[1], amount, measured.get(key))
        for key, amount in sorted(sums.items())
        if amount > 0
    )


def _in_product_unit(
    delivery: Delivery, made: Mapping[str, ProductDataset], known: Mapping[str, KnownProduct]
) -> Fraction:
    dataset = made.get(delivery.product)
    unit = dataset.unit if dataset else known[delivery.product].unit
    amount = amount_in(delivery.amount, delivery.unit, unit, dataset.mass if dataset else None)
    if amount is None:
        raise LinkingError(
            "unit",
            delivery.product,
            f"A delivery of {_name(delivery.product, made, known)} is stated in {delivery.unit.value}, the product "
            f"in {unit.value}, and no way leads from one to the other.",
            "State the delivery in the product's declared unit, or the product's mass per unit.",
        )
    return amount


def _name(product: str, made: Mapping[str, ProductDataset], known: Mapping[str, KnownProduct]) -> str:
    return made[product].name if product in made else known[product].name


def _merged(datasets: Sequence[ProductDataset], period: Period) -> ProductDataset:
    parts = [_prorated(dataset, period) for dataset in sorted(datasets, key=lambda one: one.period)]
    for part in parts:
        if part.produced == 0 and (part.own or part.recipe):
            raise LinkingError(
                "zero_output",
                part.product,
                f"{part.name} has effects or inputs in a period in which nothing of it was produced.",
                "Carry them to stock, or to the period in which the product was made.",
            )
    if len(parts) == 1:
        return parts[0]
    weights = _weights(parts, datasets, period)
    newest = parts[-1]
    return replace(
        newest,
        own=_mean([part.own for part in parts], weights),
        declared=_mean([part.declared for part in parts], weights),
        recipe=_joined(parts, weights),
        price_basis=newest.price_basis if len({part.price_basis for part in parts}) == 1 else None,
        datasets=tuple(dataset for part in parts for dataset in part.datasets),
        produced=_sum([part.produced for part in parts]),
        stock_drawn=sum((part.stock_drawn for part in parts), Fraction(0)),
    )


def _prorated(dataset: ProductDataset, period: Period) -> ProductDataset:
    part = Fraction(dataset.period.overlap_days(period), dataset.period.days)
    return replace(
        dataset,
        period=period,
        produced=None if dataset.produced is None else dataset.produced * part,
        stock_drawn=dataset.stock_drawn * part,
    )


def _weights(
    parts: Sequence[ProductDataset], datasets: Sequence[ProductDataset], period: Period
) -> list[Fraction]:
    """By what was produced in the overlap; by days where one does not say."""
    produced = [part.produced for part in parts]
    ordered = sorted(datasets, key=lambda one: one.period)
    sizes = [
        Fraction(dataset.period.overlap_days(period)) if None in produced else (amount or Fraction(0))
        for dataset, amount in zip(ordered, produced, strict=True)
    ]
    return [size / sum(sizes) for size in sizes]


def _mean(tables: Sequence[Mapping[str, Effect]], weights: Sequence[Fraction]) -> dict[str, Effect]:
    """Columns every table holds, weighed; quality by the amounts it belongs to."""
    common = set.intersection(*(set(table) for table in tables))
    result = {}
    for column in common:
        effects = [table[column] for table in tables]
        amount = sum(
            (weight * effect.amount for weight, effect in zip(weights, effects, strict=True)), Fraction(0)
        )
        result[column] = Effect(amount, _mean_shares(effects, weights))
    return result


def _mean_shares(effects: Sequence[Effect], weights: Sequence[Fraction]) -> Shares:
    parts = [weight * abs(effect.amount) for weight, effect in zip(weights, effects, strict=True)]
    total = sum(parts) or Fraction(1)
    if not any(parts):
        return effects[-1].shares

    def mean(kind: str) -> Fraction:
        return (
            sum(
                (part * getattr(effect.shares, kind) for part, effect in zip(parts, effects, strict=True)),
                Fraction(0),
            )
            / total
        )

    return Shares(mean("measured"), mean("allocated"), mean("secondary"), mean("unknown"))


def _joined(parts: Sequence[ProductDataset], weights: Sequence[Fraction]) -> tuple[RecipeLine, ...] | None:
    """Lines of all parts, each for its part of the output; None when one part states no recipe."""
    joined: dict[tuple[object, ...], RecipeLine] = {}
    for part, weight in zip(parts, weights, strict=True):
        if part.recipe is None:
            return None
        for line in part.recipe:
            key, more = (line.line, line.key, line.unit), line.scaled(weight)
            joined[key] = _added(joined[key], more) if key in joined else more
    return tuple(joined.values())


def _added(one: RecipeLine, other: RecipeLine) -> RecipeLine:
    amount = one.amount + other.amount
    measured = one.amount * one.measured_share + other.amount * other.measured_share
    return replace(
        one,
        amount=amount,
        measured_share=measured / amount if amount else one.measured_share,
        mass=_sum([one.mass, other.mass]),
        explains={
            column: one.explains.get(column, Fraction(0)) + other.explains.get(column, Fraction(0))
            for column in {*one.explains, *other.explains}
        },
    )


def _sum(amounts: Sequence[Fraction | None]) -> Fraction | None:
    total = Fraction(0)
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
