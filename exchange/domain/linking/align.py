"""Datasets brought to the period: those of one product made one, overlaps counted by days (method section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from exchange.domain.linking.beside_co2e import with_credits
from exchange.domain.linking.days import count, together
from exchange.domain.linking.errors import LinkingError, Refusals
from exchange.domain.linking.quality import by_kind, shares_of
from exchange.domain.linking.records import Effect, ProductDataset, RecipeLine, Uncut
from exchange.domain.linking.sizes import within_length
from exchange.domain.linking.spans import Span, cut, spans_of
from exchange.domain.periods import Period

MOST_DATASETS = 400  # of one product in one period: every day of a year, its months, quarters and the year


def align_products(
    datasets: Iterable[ProductDataset], period: Period, refusals: Refusals
) -> dict[str, ProductDataset]:
    """One dataset per product for the period; several are weighed by what was made of each in the period.

    Where they cannot be made into one, the refusal is kept and the newest stands for the product. A product whose
    datasets are all about other days is refused.
    """
    by_product: dict[str, list[ProductDataset]] = defaultdict(list)
    for dataset in datasets:
        by_product[dataset.product].append(dataset)
    result = {}
    for product, several in sorted(by_product.items()):
        overlapping = [one for one in several if one.period.overlap_days(period)]
        if not overlapping:
            refusals.add(_no_overlap(several[0], period))
            continue
        result[product] = max(overlapping, key=lambda one: (one.period, one.datasets))
        with refusals.kept():
            result[product] = _merged(several, period)
    return result


def _no_overlap(dataset: ProductDataset, period: Period) -> LinkingError:
    return LinkingError(
        "no_overlap",
        dataset.product,
        f"The figures of {dataset.name} are of {dataset.period.start} to {dataset.period.end} and hold no day "
        f"between {period.start} and {period.end}.",
        "Publish a dataset of the period that is asked for.",
    )


def _merged(datasets: Sequence[ProductDataset], period: Period) -> ProductDataset:
    if len(datasets) > MOST_DATASETS:
        raise _too_many(datasets, period)
    whole = spans_of(datasets, period)
    spans = cut(whole, period)
    parts = [
        replace(one, own=with_credits(one.own), declared=with_credits(one.declared))
        for one in (span.dataset for span in spans)
    ]
    for part in parts:
        _check_output(part)
    newest, covered, uncut = parts[-1], _days_of(spans), _uncut(whole, spans)
    if len(parts) == 1:
        return replace(newest, period=period, covered=covered, uncut=uncut)
    weights = _weights(spans)
    return replace(
        newest,
        period=period,
        own=_mean([part.own for part in parts], weights, newest),
        declared=_mean([part.declared for part in parts], weights, newest),
        recipe=_joined(parts, weights),
        price_basis=newest.price_basis if len({part.price_basis for part in parts}) == 1 else None,
        burden_free=_weighed([part.burden_free for part in parts], weights, newest),
        incomplete=frozenset().union(*(part.incomplete for part in parts)),
        covered=covered,
        uncut=uncut,
        datasets=tuple(dict.fromkeys(dataset for part in parts for dataset in part.datasets)),
        produced=_sum([part.produced for part in parts]),
        stock_drawn=sum((part.stock_drawn for part in parts), Fraction(0)),
    )


def _days_of(spans: Iterable[Span]) -> tuple[Period, ...]:
    return tuple(together(days for span in spans for days in span.days))


def _uncut(whole: Sequence[Span], inside: Sequence[Span]) -> Uncut | None:
    """What the datasets say of all their days; None where none lies outside the period, or one says no amount."""
    days, produced = _days_of(whole), _sum([span.dataset.produced for span in whole])
    if produced is None or days == _days_of(inside):
        return None
    return Uncut(days, produced + sum((span.dataset.stock_drawn for span in whole), Fraction(0)))


def _check_output(part: ProductDataset) -> None:
    """Nothing is divided by an output of zero; goods sold from stock alone keep the figures they were made with."""
    burdened = any(effect.amount for effect in part.own.values())
    burdened = burdened or any(line.amount for line in part.recipe or ())
    if part.produced == 0 and not part.stock_drawn and burdened:
        raise LinkingError(
            "zero_output",
            part.product,
            f"{part.name} has effects or inputs in a period in which nothing of it was produced.",
            "Carry them to stock, or to the period in which the product was made.",
            next((line.line for line in part.recipe or () if line.amount), ""),
        )


def _too_many(datasets: Sequence[ProductDataset], period: Period) -> LinkingError:
    return LinkingError(
        "too_many",
        datasets[0].product,
        f"{len(datasets)} datasets of {datasets[0].name} are about days between {period.start} and {period.end}; "
        f"{MOST_DATASETS} at most are taken, one a day and some to spare.",
        "Publish datasets of longer periods, and withdraw those they replace.",
    )


def _weights(spans: Sequence[Span]) -> list[Fraction]:
    """By what was produced; by days where one does not say, or nothing was produced."""
    produced = [span.dataset.produced for span in spans]
    sizes = [amount for amount in produced if amount is not None]
    if len(sizes) < len(produced) or not any(sizes):
        sizes = [Fraction(count(span.days)) for span in spans]
    return [size / sum(sizes) for size in sizes]


def _weighed(amounts: Sequence[Fraction], weights: Sequence[Fraction], about: ProductDataset) -> Fraction:
    total = Fraction(0)
    for amount, weight in zip(amounts, weights, strict=True):
        total = within_length(total + weight * amount, about)
    return total


def _mean(
    tables: Sequence[Mapping[str, Effect]], weights: Sequence[Fraction], about: ProductDataset
) -> dict[str, Effect]:
    """Columns every table holds, weighed; quality by the amounts it belongs to."""
    result = {}
    for column in set.intersection(*(set(table) for table in tables)):
        effects = [table[column] for table in tables]
        kinds = zip(*(by_kind(effect) for effect in effects), strict=True)
        shares = shares_of([_weighed(parts, weights, about) for parts in kinds], effects[-1].shares)
        result[column] = Effect(_weighed([effect.amount for effect in effects], weights, about), shares)
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
            within_length(joined[key].amount, part)
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
