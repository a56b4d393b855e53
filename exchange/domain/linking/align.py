"""Datasets and deliveries brought to the period: overlaps by days, returns netted (method section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from exchange.domain.linking.amounts import amount_in
from exchange.domain.linking.errors import LinkingError, Refusals
from exchange.domain.linking.quality import by_kind, shares_of
from exchange.domain.linking.records import Delivery, Effect, KnownProduct, ProductDataset, RecipeLine
from exchange.domain.linking.spans import Span, periods_of, spans_of
from exchange.domain.periods import Period


@dataclass(frozen=True)
class Receipt:
    """What an organisation received of a product in the period, in the product's declared unit, returns netted.

    `within`: the part of it on the days the product's own datasets are about. A delivery measured itself keeps
    its `measured` record and stands alone. The amount is zero only where it was refused.
    """

    product: str
    recipient: str
    amount: Fraction
    within: Fraction
    measured: Delivery | None = None


def align_products(
    datasets: Iterable[ProductDataset], period: Period, refusals: Refusals
) -> dict[str, ProductDataset]:
    """One dataset per product for the period; several are weighed by what was made of each in the period.

    Where they cannot be made into one, the refusal is kept and the newest stands for the product.
    """
    by_product: dict[str, list[ProductDataset]] = defaultdict(list)
    for dataset in datasets:
        by_product[dataset.product].append(dataset)
    result = {}
    for product, several in sorted(by_product.items()):
        overlapping = [one for one in several if one.period.overlap_days(period)]
        if overlapping:
            result[product] = max(overlapping, key=lambda one: (one.period, one.datasets))
            with refusals.kept():
                result[product] = _merged(several, period)
    return result


def align_deliveries(
    deliveries: Iterable[Delivery],
    made: Mapping[str, ProductDataset],
    known: Mapping[str, KnownProduct],
    period: Period,
    refusals: Refusals,
) -> tuple[Receipt, ...]:
    """Deliveries by product, recipient and measurement, prorated by days of their window, returns netted.

    What cannot be counted is kept as a refusal of its product and received with an amount of zero.
    """
    sums: dict[tuple[str, str, str], list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    measured: dict[tuple[str, str, str], Delivery] = {}
    for delivery in sorted(deliveries, key=lambda one: (one.product, one.recipient, one.source, one.window)):
        key = (delivery.product, delivery.recipient, delivery.source if delivery.is_measured else "")
        amount = Fraction(0)
        with refusals.kept():
            amount = _in_product_unit(delivery, made, known) * (-1 if delivery.returned else 1)
        days = delivery.window.overlap_days(period)
        within = _days_within(delivery, made.get(delivery.product), days)
        sums[key][0] += amount * Fraction(days, delivery.window.days)
        sums[key][1] += amount * Fraction(within, delivery.window.days)
        if delivery.is_measured:
            measured.setdefault(key, delivery)
    for key, (amount, _within) in sums.items():
        if amount < 0:
            refusals.add(_lone_return(key[0], made, known))
    return tuple(
        Receipt(key[0], key[1], max(amount, Fraction(0)), max(within, Fraction(0)), measured.get(key))
        for key, (amount, within) in sorted(sums.items())
        if amount > 0 or key[0] in refusals
    )


def _days_within(delivery: Delivery, dataset: ProductDataset | None, days: int) -> int:
    """Days of a delivery's window on which the product's datasets say what was made."""
    if dataset is None or not dataset.covered:
        return days
    return sum(delivery.window.overlap_days(part) for part in dataset.covered)


def _lone_return(
    product: str, made: Mapping[str, ProductDataset], known: Mapping[str, KnownProduct]
) -> LinkingError:
    return LinkingError(
        "return_exceeds",
        product,
        f"More of {_name(product, made, known)} came back from one customer than was delivered to it.",
        "Correct the returned quantity, or state the earlier delivery it belongs to.",
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
    spans = spans_of(datasets, period)
    parts = [span.dataset for span in spans]
    for part in parts:
        if part.produced == 0 and (part.own or part.recipe):
            raise LinkingError(
                "zero_output",
                part.product,
                f"{part.name} has effects or inputs in a period in which nothing of it was produced.",
                "Carry them to stock, or to the period in which the product was made.",
            )
    newest, covered = parts[-1], periods_of(spans)
    if len(parts) == 1:
        return replace(newest, period=period, covered=covered)
    weights = _weights(spans)
    return replace(
        newest,
        period=period,
        own=_mean([part.own for part in parts], weights),
        declared=_mean([part.declared for part in parts], weights),
        recipe=_joined(parts, weights),
        price_basis=newest.price_basis if len({part.price_basis for part in parts}) == 1 else None,
        burden_free=_weighed([part.burden_free for part in parts], weights),
        incomplete=frozenset().union(*(part.incomplete for part in parts)),
        covered=covered,
        datasets=tuple(dict.fromkeys(dataset for part in parts for dataset in part.datasets)),
        produced=_sum([part.produced for part in parts]),
        stock_drawn=sum((part.stock_drawn for part in parts), Fraction(0)),
    )


def _weights(spans: Sequence[Span]) -> list[Fraction]:
    """By what was produced; by days where one does not say, or nothing was produced."""
    produced = [span.dataset.produced for span in spans]
    sizes = [amount for amount in produced if amount is not None]
    if len(sizes) < len(produced) or not any(sizes):
        sizes = [Fraction(len(span.days)) for span in spans]
    return [size / sum(sizes) for size in sizes]


def _weighed(amounts: Sequence[Fraction], weights: Sequence[Fraction]) -> Fraction:
    return sum((weight * amount for weight, amount in zip(weights, amounts, strict=True)), Fraction(0))


def _mean(tables: Sequence[Mapping[str, Effect]], weights: Sequence[Fraction]) -> dict[str, Effect]:
    """Columns every table holds, weighed; quality by the amounts it belongs to."""
    result = {}
    for column in set.intersection(*(set(table) for table in tables)):
        effects = [table[column] for table in tables]
        kinds = zip(*(by_kind(effect) for effect in effects), strict=True)
        shares = shares_of([_weighed(parts, weights) for parts in kinds], effects[-1].shares)
        result[column] = Effect(_weighed([effect.amount for effect in effects], weights), shares)
    return result


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
