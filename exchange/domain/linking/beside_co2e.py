"""What stands beside a CO2e figure: the low and high it may be, and the credits beyond its boundary.

They are columns of their own and never in the headline (method sections 3 and 4). A figure without stated bounds
counts as it is in both; a figure without stated credits has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from exchange.domain.linking.records import (
    CO2E,
    CO2E_HIGH,
    CO2E_LOW,
    CREDITS,
    Delivery,
    Effect,
    LinkingInput,
    ProductDataset,
)

BOUNDS = frozenset({CO2E_LOW, CO2E_HIGH})
BESIDE = BOUNDS | {CREDITS}
NO_CREDITS = Effect(Fraction(0))


def bounded(given: LinkingInput) -> LinkingInput:
    """The same input with bounds wherever a CO2e figure is stated."""
    return replace(
        given,
        products=tuple(_product(one) for one in given.products),
        deliveries=tuple(_delivery(one) if one.own else one for one in given.deliveries),
    )


def with_bounds(effects: Mapping[str, Effect]) -> dict[str, Effect]:
    """Effects with low <= CO2e <= high, whatever was added to or taken from each before."""
    value = effects.get(CO2E)
    if value is None:
        return {column: effect for column, effect in effects.items() if column not in BOUNDS}
    low, high = effects.get(CO2E_LOW, value), effects.get(CO2E_HIGH, value)
    if low.amount < 0 <= value.amount:  # less was left of the bound than was taken out of the figure
        low = replace(low, amount=Fraction(0))
    return {
        **effects,
        CO2E_LOW: value if low.amount >= value.amount else low,
        CO2E_HIGH: value if high.amount <= value.amount else high,
    }


def with_credits(effects: Mapping[str, Effect]) -> dict[str, Effect]:
    """Effects with credits, where there is a CO2e figure to stand beside."""
    return {CREDITS: NO_CREDITS, **effects} if CO2E in effects else dict(effects)


def _product(dataset: ProductDataset) -> ProductDataset:
    unsure = dataset.incomplete | BOUNDS if CO2E in dataset.incomplete else dataset.incomplete
    own, declared = with_bounds(dataset.own), with_bounds(dataset.declared)
    return replace(dataset, own=own, declared=declared, incomplete=unsure)


def _delivery(delivery: Delivery) -> Delivery:
    return replace(delivery, own=with_bounds(delivery.own))
