"""Datasets of one product over overlapping days: the finer one wins its days (method section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from exchange.domain.linking.days import Days, common, count, without
from exchange.domain.linking.errors import LinkingError
from exchange.domain.linking.records import ProductDataset
from exchange.domain.linking.remainder import remainder
from exchange.domain.linking.sizes import within_length
from exchange.domain.periods import Period


@dataclass(frozen=True)
class Span:
    """A dataset and the days it counts for; output and stock are those of these days."""

    dataset: ProductDataset
    days: Days


def spans_of(datasets: Iterable[ProductDataset], period: Period) -> list[Span]:
    """Each day counted once, in spans that hold days of the period and may reach over its edge (`cut`).

    A dataset of more days counts for the rest of them with its total minus what the finer ones hold of it.
    Raises `LinkingError` where that is negative.
    """
    spans: list[Span] = []
    for dataset in sorted(datasets, key=lambda one: (one.period.days, one.period, one.datasets)):
        days = [dataset.period]
        finer = [span for span in spans if common(span.days, days)]
        filled = {id(span): _filled(span, dataset) for span in finer}
        spans = [filled.get(id(span), span) for span in spans]
        spans += _rest(dataset, days, list(filled.values())) if finer else [Span(dataset, days)]
    return [span for span in spans if common(span.days, [period])]


def cut(spans: Iterable[Span], period: Period) -> list[Span]:
    """The part of each span inside the period, in order of the days; outputs are prorated to it by days."""
    inside = [_clipped(span, common(span.days, [period])) for span in spans]
    return sorted(inside, key=lambda span: span.days[0])


def _filled(span: Span, coarser: ProductDataset) -> Span:
    """What the finer dataset does not state it takes from the one of more days: both averages hold there."""
    dataset = span.dataset
    return Span(
        replace(
            dataset,
            own={**coarser.own, **dataset.own},
            declared={**coarser.declared, **dataset.declared},
            recipe=coarser.recipe if dataset.recipe is None else dataset.recipe,
        ),
        span.days,
    )


def _rest(coarse: ProductDataset, days: Days, finer: Sequence[Span]) -> list[Span]:
    left = days
    for span in finer:
        left = without(left, span.days)
    if not left:
        return []
    parts = [_clipped(span, common(span.days, days)) for span in finer]
    known = coarse.produced is not None and all(part.dataset.produced is not None for part in parts)
    size = (coarse.produced or Fraction(0)) if known else Fraction(count(days))
    taken = [
        (part.dataset.produced or Fraction(0)) if known else Fraction(count(part.days)) for part in parts
    ]
    rest = size - sum(taken, Fraction(0))
    if rest < 0 or (rest == 0 and _unlike(coarse, parts)):
        raise LinkingError(
            "remainder",
            coarse.product,
            f"Datasets of shorter periods of {coarse.name} make up more than its dataset of {count(days)} days holds.",
            "Correct what was produced, or the effects, of the one or the other.",
        )
    if rest == 0:
        return []
    sized = [replace(part.dataset, produced=amount) for part, amount in zip(parts, taken, strict=True)]
    dataset = remainder(replace(coarse, produced=size), sized, rest)
    for effect in dataset.own.values():
        within_length(effect.amount, coarse)
    if not known:
        produced = None if coarse.produced is None else coarse.produced * rest / size
        dataset = replace(dataset, produced=produced)
    stock = coarse.stock_drawn - sum((part.dataset.stock_drawn for part in parts), Fraction(0))
    return [Span(replace(dataset, stock_drawn=max(stock, Fraction(0))), left)]


def _unlike(coarse: ProductDataset, parts: Sequence[Span]) -> bool:
    """Whether parts that make up the whole output bear other effects than the whole."""
    output = coarse.produced or Fraction(0)
    return any(
        output * effect.amount
        != sum(
            ((part.dataset.produced or 0) * part.dataset.own[column].amount for part in parts), Fraction(0)
        )
        for column, effect in coarse.own.items()
    )


def _clipped(span: Span, inside: Days) -> Span:
    """The part of a span on some of its days; what was produced and drawn from stock by days."""
    dataset, part = span.dataset, Fraction(count(inside), count(span.days))
    return Span(
        replace(
            dataset,
            produced=None if dataset.produced is None else dataset.produced * part,
            stock_drawn=dataset.stock_drawn * part,
        ),
        inside,
    )
