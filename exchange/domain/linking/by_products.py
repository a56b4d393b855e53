"""By-products bear the share their giver states, by the giver's rule; waste bears nothing (method section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from exchange.domain.linking.errors import LinkingError, Refusals
from exchange.domain.linking.quality import by_kind, shares_of
from exchange.domain.linking.receipts import Receipt
from exchange.domain.linking.records import (
    COLUMNS,
    VALUE_ADDED,
    CoProduct,
    Effect,
    KnownProduct,
    ProductDataset,
)

CUT_OFF = Effect(Fraction(0))
SUBDIVISION = "subdivision"


def with_by_products(
    made: Mapping[str, ProductDataset],
    receipts: Iterable[Receipt],
    known: Mapping[str, KnownProduct],
    refusals: Refusals,
) -> tuple[dict[str, ProductDataset], frozenset[str]]:
    """Give each by-product without figures of its own the share its giver states; returns also which they are.

    A by-product that publishes its own effects or recipe is taken as already divided by the giver. One that
    went to nobody and states no output takes nothing, and nothing is taken of a giver whose data are refused.
    What comes out of several processes bears a share of each.
    """
    result = dict(made)
    given: dict[str, list[ProductDataset]] = defaultdict(list)
    delivered = _delivered(receipts)
    for giver in made.values():
        if giver.product in refusals or not giver.co_products:
            continue
        with refusals.kept():
            _check_shares(giver)
            taken = [part for part in giver.co_products if _needs_share(part, made, delivered)]
            divided = [_by_product(giver, part, made.get(part.product), known, delivered) for part in taken]
            result[giver.product] = _what_is_kept(giver, taken)
            for part in divided:
                given[part.product].append(part)
    return result | {product: _of_all(parts) for product, parts in given.items()}, frozenset(given)


def _delivered(receipts: Iterable[Receipt]) -> Mapping[str, Fraction]:
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for receipt in receipts:
        sums[receipt.product] += receipt.amount
    return sums


def _needs_share(
    part: CoProduct, made: Mapping[str, ProductDataset], delivered: Mapping[str, Fraction]
) -> bool:
    dataset = made.get(part.product)
    if dataset is not None and (dataset.recipe is not None or set(dataset.own) - {VALUE_ADDED}):
        return False
    return bool((dataset and dataset.produced) or delivered.get(part.product))


def _check_shares(giver: ProductDataset) -> None:
    """A process is divided once and wholly: into shares of at most 1, among products that are not itself."""
    if any(part.product == giver.product for part in giver.co_products):
        raise LinkingError(
            "co_product_shares",
            giver.product,
            f"{giver.name} stands among its own by-products.",
            "List only the other outputs; the product keeps what they leave.",
        )
    if sum((part.share for part in giver.co_products), Fraction(0)) > 1:
        raise LinkingError(
            "co_product_shares",
            giver.product,
            f"The by-products of {giver.name} bear more than the whole process.",
            "Correct the shares; together they must not exceed 1.",
        )


def _what_is_kept(giver: ProductDataset, taken: Iterable[CoProduct]) -> ProductDataset:
    """The giver without what by-products take out of the figures it states."""
    whole = [part for part in taken if not part.is_divided and part.share]
    if not whole:
        return giver
    by_key = any(part.rule != SUBDIVISION for part in whole)
    return _scaled(giver, 1 - sum((part.share for part in whole), Fraction(0)), by_key)


def _by_product(
    giver: ProductDataset,
    part: CoProduct,
    stated: ProductDataset | None,
    known: Mapping[str, KnownProduct],
    delivered: Mapping[str, Fraction],
) -> ProductDataset:
    """The by-product's node: the giver's process times the share, per unit of the by-product."""
    facts = known[part.product]
    produced = (stated.produced if stated else None) or delivered[part.product]
    divided = _part_of(giver, part, produced)
    own = {column: effect for column, effect in divided.own.items() if column != VALUE_ADDED}
    return replace(
        divided,
        own={**own, **(stated.own if stated else {})},
        incomplete=divided.incomplete - set(stated.own) | stated.incomplete if stated else divided.incomplete,
        price_basis=stated.price_basis if stated else None,
        datasets=giver.datasets + (stated.datasets if stated else ()),
        product=part.product,
        name=facts.name,
        organisation=facts.organisation,
        category=facts.category,
        unit=facts.unit,
        gtin=facts.gtin,
        declared=stated.declared if stated else {},
        co_products=(),
        produced=produced,
        stock_drawn=stated.stock_drawn if stated else Fraction(0),
        uncut=stated.uncut if stated else None,
        mass=stated.mass if stated else None,
    )


def _part_of(giver: ProductDataset, part: CoProduct, produced: Fraction) -> ProductDataset:
    """What a by-product bears: a share of what goes in and out, or nothing at all where the share is zero (waste)."""
    if not part.share:
        nothing = {column: CUT_OFF for column in COLUMNS if column != VALUE_ADDED}
        return replace(giver, own=nothing, recipe=(), burden_free=Fraction(0), incomplete=frozenset())
    if giver.produced is None:
        raise LinkingError(
            "produced_missing",
            giver.product,
            f"{giver.name} divides its process with by-products, but not how much of it was produced is stated.",
            "State the amount produced in the period.",
        )
    share = _share_of_stated(giver, part)
    return _scaled(giver, share * giver.produced / produced, part.rule != SUBDIVISION)


def _share_of_stated(giver: ProductDataset, part: CoProduct) -> Fraction:
    """The share of what the giver states: of the whole process, or of what its divided figures left of it."""
    if not part.is_divided:
        return part.share
    left = 1 - sum((one.share for one in giver.co_products if one.is_divided), Fraction(0))
    if not left:
        raise LinkingError(
            "co_product_shares",
            giver.product,
            f"The by-products of {giver.name} bear the whole process, and no figures of theirs are published.",
            "Publish the by-products' own figures.",
        )
    return part.share / left


def _scaled(dataset: ProductDataset, factor: Fraction, spread: bool) -> ProductDataset:
    """Effects and inputs times `factor`; value added is a product's own and is not divided with the process."""
    own = {
        column: effect
        if column == VALUE_ADDED
        else Effect(effect.amount * factor, effect.shares.spread() if spread else effect.shares)
        for column, effect in dataset.own.items()
    }
    lines = dataset.recipe and tuple(line.scaled(factor, spread=spread) for line in dataset.recipe)
    return replace(dataset, own=own, burden_free=dataset.burden_free * factor, recipe=lines)


def _of_all(parts: Sequence[ProductDataset]) -> ProductDataset:
    """What a by-product bears of all processes it comes out of; a column one of them lacks is "at least"."""
    total = parts[0]
    for part in parts[1:]:
        total = replace(
            total,
            own={
                column: total.own[column]
                if column == VALUE_ADDED
                else _sum([one.own[column] for one in (total, part) if column in one.own])
                for column in {**total.own, **part.own}
            },
            recipe=None if total.recipe is None or part.recipe is None else total.recipe + part.recipe,
            burden_free=total.burden_free + part.burden_free,
            incomplete=total.incomplete | part.incomplete | (total.own.keys() ^ part.own.keys()),
            datasets=tuple(dict.fromkeys(total.datasets + part.datasets)),
        )
    return total


def _sum(effects: Sequence[Effect]) -> Effect:
    kinds = [sum(parts, Fraction(0)) for parts in zip(*(by_kind(effect) for effect in effects), strict=True)]
    amount = sum((effect.amount for effect in effects), Fraction(0))
    return Effect(amount, shares_of(kinds, effects[0].shares))
