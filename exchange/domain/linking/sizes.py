"""Numbers that are too large, too small or too long to become figures: refused before anything is worked out.

A double holds 1e-308 to 1e308 (IEEE 754). What a dataset may state lies far inside that, so that products of a few
amounts stay inside too; and no fraction grows so long that working with it takes time nobody has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from exchange.domain.linking.errors import LinkingError, Refusals
from exchange.domain.linking.records import (
    SIGNED_COLUMNS,
    Delivery,
    Effect,
    LinkingInput,
    ProductDataset,
    RecipeLine,
)
from exchange.domain.linking.result import Link, Node

STATED_MAGNITUDE = 132  # powers of two: 5e39; documents state at most 1e15 GWh per 1e-12 of a unit, 4e33 MJ
STATED_BITS = 640  # of numerator and denominator: a decimal of 15 + 12 digits per another, in another unit
WORKED_OUT_MAGNITUDE = 1000
LONGEST_BITS = 4096
NOTHING = Fraction(0)


def tamed(given: LinkingInput, refusals: Refusals) -> LinkingInput:
    """The input without what is out of range: such a product still claims deliveries, with nothing in its lines."""
    found: list[LinkingError] = []
    products = tuple(_tamed_product(one, found) for one in given.products)
    deliveries = tuple(_tamed_delivery(one, given, found) for one in given.deliveries)
    refusals.add_all(found)
    return replace(given, products=products, deliveries=deliveries)


def within_length(amount: Fraction, dataset: ProductDataset) -> Fraction:
    """The amount; raises `LinkingError` where adding ever more of other denominators has made it too long."""
    if amount.numerator.bit_length() > LONGEST_BITS or amount.denominator.bit_length() > LONGEST_BITS:
        raise LinkingError(
            "too_fine",
            dataset.product,
            f"The datasets and deliveries of {dataset.name} cut the period into parts of too many different sizes.",
            "Publish fewer datasets whose periods overlap, and windows of equal length.",
        )
    return amount


def refuse_unfit(nodes: Iterable[Node], links: Iterable[Link], refusals: Refusals) -> None:
    """Refuse products whose worked-out figures or amounts no double can hold."""
    several = list(nodes)
    for node in several:
        amounts = [*_amounts(node.own), *_amounts(node.declared), node.produced or NOTHING]
        if not all(_fits(amount, WORKED_OUT_MAGNITUDE) for amount in amounts):
            refusals.add(_out_of_range(node.product or "", node.name, "A figure"))
    for link in links:
        if not _fits(link.per_unit, WORKED_OUT_MAGNITUDE):
            customer = several[link.customer]
            refusals.add(_out_of_range(customer.product or "", customer.name, "The amount", link.line))


def _tamed_product(dataset: ProductDataset, found: list[LinkingError]) -> ProductDataset:
    try:
        _check(dataset)
    except LinkingError as error:
        found.append(error)
        lines = None if dataset.recipe is None else tuple(_emptied(line) for line in dataset.recipe)
        return replace(
            dataset,
            own={},
            declared={},
            recipe=lines,
            co_products=(),
            produced=None,
            stock_drawn=NOTHING,
            mass=None,
            burden_free=NOTHING,
        )
    return dataset


def _tamed_delivery(delivery: Delivery, given: LinkingInput, found: list[LinkingError]) -> Delivery:
    are_stated = _are_stated([delivery.amount, *_unsigned(delivery.own)])
    if (
        are_stated
        and all(map(_is_stated, _signed(delivery.own)))
        and all(map(_is_good, delivery.recipe or ()))
    ):
        return delivery
    name = given.known[delivery.product].name
    found.append(_out_of_range(delivery.product, name, "The amount of a delivery", delivery.source))
    return replace(delivery, amount=NOTHING, own={}, recipe=None)


def _check(dataset: ProductDataset) -> None:
    """Raises `LinkingError` naming the line, where the number is in one."""
    for line in dataset.recipe or ():
        if not _is_good(line):
            name = f"Line {line.line} ({line.name})"
            raise _out_of_range(dataset.product, dataset.name, name, line.line)
    amounts = [*_unsigned(dataset.own), dataset.stock_drawn, dataset.burden_free]
    amounts += [one for one in (dataset.produced, dataset.mass) if one is not None]
    amounts += [part.share for part in dataset.co_products]
    signed = [*_signed(dataset.own), *_amounts(dataset.declared)]
    if not (_are_stated(amounts) and all(map(_is_stated, signed))):
        raise _out_of_range(dataset.product, dataset.name, "A figure")


def _is_good(line: RecipeLine) -> bool:
    amounts = [line.amount, line.measured_share, *line.explains.values()]
    return line.measured_share <= 1 and _are_stated(amounts if line.mass is None else [*amounts, line.mass])


def _are_stated(amounts: Iterable[Fraction]) -> bool:
    return all(amount.numerator >= 0 and _is_stated(amount) for amount in amounts)


def _unsigned(effects: Mapping[str, Effect]) -> Iterator[Fraction]:
    """Own effects that cannot be below zero: what a process takes in or gives off (method section 1)."""
    return (effect.amount for column, effect in effects.items() if column not in SIGNED_COLUMNS)


def _signed(effects: Mapping[str, Effect]) -> Iterator[Fraction]:
    """Own effects that may be below zero: biogenic CO2 and value added."""
    return (effect.amount for column, effect in effects.items() if column in SIGNED_COLUMNS)


def _amounts(effects: Mapping[str, Effect]) -> Iterator[Fraction]:
    return (effect.amount for effect in effects.values())


def _emptied(line: RecipeLine) -> RecipeLine:
    return replace(line, amount=NOTHING, mass=None, measured_share=NOTHING, explains={})


def _is_stated(amount: Fraction) -> bool:
    longest = max(amount.numerator.bit_length(), amount.denominator.bit_length())
    return longest <= STATED_MAGNITUDE or (longest <= STATED_BITS and _fits(amount, STATED_MAGNITUDE))


def _fits(amount: Fraction, magnitude: int) -> bool:
    """Whether the amount is zero or between 2^-magnitude and 2^magnitude, to within a factor of two."""
    size = amount.numerator.bit_length() - amount.denominator.bit_length()
    return -magnitude <= size <= magnitude or not amount.numerator


def _out_of_range(product: str, name: str, what: str, line: str = "") -> LinkingError:
    return LinkingError(
        "range",
        product,
        f"{what} of {name} is below zero, or larger, smaller or longer than any amount that can be counted with.",
        "Correct the amount or its unit; it is stated with at most 15 digits before and 12 after the point.",
        line,
    )
