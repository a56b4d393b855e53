"""Who makes what: by-products take their share, measured deliveries part from the average (method section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from exchange.domain.linking.align import Receipt
from exchange.domain.linking.errors import LinkingError, Refusals
from exchange.domain.linking.records import VALUE_ADDED, CoProduct, Effect, KnownProduct, ProductDataset
from exchange.domain.linking.remainder import remainder
from exchange.domain.linking.result import NodeKind


@dataclass(frozen=True)
class Making:
    """A node before it is linked: what a product, by-product or measured delivery states of itself.

    `refused`: its data cannot be used, and its product is a gap.
    """

    key: str
    kind: NodeKind
    dataset: ProductDataset
    refused: bool = False


def without_figures(dataset: ProductDataset, kind: NodeKind) -> Making:
    """The node of a product whose data were refused: its recipe still claims deliveries, nothing else counts."""
    stub = replace(dataset, own={}, declared={}, co_products=(), burden_free=Fraction(0))
    return Making(dataset.product, kind, stub, refused=True)


def with_by_products(
    made: Mapping[str, ProductDataset],
    receipts: Iterable[Receipt],
    known: Mapping[str, KnownProduct],
    refusals: Refusals,
) -> tuple[dict[str, ProductDataset], frozenset[str]]:
    """Give each by-product without figures of its own the share its giver states; returns also which they are.

    A by-product that publishes its own effects or recipe is taken as already divided by the giver. One that
    went to nobody and states no output takes nothing, and nothing is taken of a giver whose data are refused.
    """
    result, by_products = dict(made), set()
    delivered = _delivered(receipts)
    for giver in made.values():
        taken = [part for part in giver.co_products if _needs_share(part, made, delivered)]
        if not taken or giver.product in refusals:
            continue
        with refusals.kept():
            whole = [part for part in taken if not part.is_divided]
            kept, left = (
                _kept(giver, whole),
                _kept(giver, [one for one in giver.co_products if one.is_divided]),
            )
            if whole:
                by_key = any(part.rule != "subdivision" for part in whole)
                result[giver.product] = _scaled(giver, kept, by_key)
            for part in (_of_the_rest(giver, one, left) for one in taken):
                result[part.product] = _by_product(giver, part, made.get(part.product), known, delivered)
                by_products.add(part.product)
    return result, frozenset(by_products)


def parted_by_measurement(
    dataset: ProductDataset, receipts: Sequence[Receipt], kind: NodeKind
) -> tuple[Making, ...]:
    """A product's own node and one for each delivery measured itself; the average is recomputed for the rest."""
    measured = [receipt for receipt in receipts if receipt.measured is not None]
    if not measured:
        return (Making(dataset.product, kind, dataset),)
    if dataset.produced is None:
        raise LinkingError(
            "produced_missing",
            dataset.product,
            f"Deliveries of {dataset.name} were measured, but it is not stated how much was produced.",
            "State the amount produced in the period.",
        )
    parts = [_measured_part(dataset, receipt) for receipt in measured]
    rest = dataset.produced - sum((receipt.within for receipt in measured), Fraction(0))
    if rest < 0:
        raise LinkingError(
            "remainder",
            dataset.product,
            f"More of {dataset.name} was delivered with its own measurement than was produced.",
            "Correct the amount produced or the measured deliveries.",
        )
    average = () if rest == 0 else (Making(dataset.product, kind, remainder(dataset, parts, rest)),)
    return average + tuple(
        Making(f"{dataset.product}/{receipt.measured.source}", NodeKind.DELIVERY, part)
        for receipt, part in zip(measured, parts, strict=True)
        if receipt.measured is not None
    )


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


def _kept(giver: ProductDataset, taken: Iterable[CoProduct]) -> Fraction:
    kept = 1 - sum((part.share for part in taken), Fraction(0))
    if kept < 0:
        raise LinkingError(
            "co_product_shares",
            giver.product,
            f"The by-products of {giver.name} bear more than the whole process.",
            "Correct the shares; together they must not exceed 1.",
        )
    if giver.produced is None:
        raise LinkingError(
            "produced_missing",
            giver.product,
            f"{giver.name} divides its process with by-products, but not how much of it was produced is stated.",
            "State the amount produced in the period.",
        )
    return kept


def _of_the_rest(giver: ProductDataset, part: CoProduct, left: Fraction) -> CoProduct:
    """The by-product's share of what the giver states: of the whole process, or of what its divided figures left."""
    if not part.is_divided:
        return part
    if not left:
        raise LinkingError(
            "co_product_shares",
            giver.product,
            f"The by-products of {giver.name} bear the whole process, and no figures of theirs are published.",
            "Publish the by-products' own figures.",
        )
    return replace(part, share=part.share / left)


def _scaled(dataset: ProductDataset, factor: Fraction, spread: bool) -> ProductDataset:
    """Effects and inputs times `factor`; value added is a product's own and is not divided with the process."""
    own = {
        column: Effect(effect.amount * factor, effect.shares.spread() if spread else effect.shares)
        for column, effect in dataset.own.items()
        if column != VALUE_ADDED
    }
    kept = {VALUE_ADDED: dataset.own[VALUE_ADDED]} if VALUE_ADDED in dataset.own else {}
    return replace(
        dataset,
        own={**own, **kept},
        burden_free=dataset.burden_free * factor,
        recipe=None
        if dataset.recipe is None
        else tuple(line.scaled(factor, spread=spread) for line in dataset.recipe),
    )


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
    factor = part.share * (giver.produced or Fraction(0)) / produced
    divided = _scaled(giver, factor, part.rule != "subdivision")
    own = {column: effect for column, effect in divided.own.items() if column != VALUE_ADDED}
    return replace(
        divided,
        own={**own, **(stated.own if stated else {})},
        incomplete=giver.incomplete - set(stated.own) | stated.incomplete if stated else giver.incomplete,
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
        mass=stated.mass if stated else None,
    )


def _measured_part(dataset: ProductDataset, receipt: Receipt) -> ProductDataset:
    delivery = receipt.measured
    if delivery is None:
        raise ValueError("only a measured delivery becomes a node")
    own = {**dataset.own, **delivery.own}
    return replace(
        dataset,
        own=own,
        declared=_shifted(dataset, own),
        recipe=dataset.recipe if delivery.recipe is None else delivery.recipe,
        produced=receipt.within,
        stock_drawn=Fraction(0),
        co_products=(),
        datasets=(*dataset.datasets, delivery.source),
    )


def _shifted(dataset: ProductDataset, own: Mapping[str, Effect]) -> dict[str, Effect]:
    """Declared footprints moved by as much as the own effect differs from the average."""
    return {
        column: replace(effect, amount=effect.amount + own[column].amount - dataset.own[column].amount)
        if column in dataset.own
        else effect
        for column, effect in dataset.declared.items()
    }
