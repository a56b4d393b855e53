"""Who makes what: a product, and the deliveries of it that were measured themselves (method section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from exchange.domain.linking.errors import LinkingError
from exchange.domain.linking.receipts import Receipt
from exchange.domain.linking.records import Effect, ProductDataset
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
