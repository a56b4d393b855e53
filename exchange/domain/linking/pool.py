"""Deliveries no recipe line claims: the receiver's pool, spread by a stated key (method section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from exchange.domain.linking.amounts import mass_of
from exchange.domain.linking.ladder import Missing, Part, Sources
from exchange.domain.linking.makings import Making
from exchange.domain.linking.receipts import Receipt
from exchange.domain.linking.result import Link, Origin, merged
from exchange.domain.quantities import Dimension, UnitCode


@dataclass(frozen=True)
class _Receiver:
    """What an organisation made, the key its pool is spread by, and each product's part of it."""

    makings: Sequence[Making]
    key: str
    weights: Sequence[Fraction]


@dataclass(frozen=True)
class Pooled:
    """What one unit of a product bears of a pooled delivery: `amount` in `unit`, `mass` kg where that is known.

    Spread by `key`. Without one the part is missing, and nothing is known of its size.
    """

    part: Part
    amount: Fraction
    unit: UnitCode
    mass: Fraction | None
    key: str

    @property
    def energy(self) -> Fraction:
        """MJ delivered; 0 of what is not counted in energy."""
        return self.amount * self.unit.factor if self.unit.dimension is Dimension.ENERGY else Fraction(0)


def spread_unclaimed(
    makings: Sequence[Making], receipts: Iterable[Receipt], sources: Sources
) -> dict[str, tuple[Pooled, ...]]:
    """Spread each unclaimed delivery over what its receiver made: by mass, else by quantity of one unit.

    The result is by node. A receiver that makes nothing is an end customer and has no pool. Without a key, or
    without a node the delivery came from, every product of the receiver has a gap.
    """
    receivers = _receivers(makings)
    result: dict[str, list[Pooled]] = defaultdict(list)
    for receipt in receipts:
        receiver = receivers.get(receipt.recipient)
        if receiver is None or sources.claims.is_claimed(receipt):
            continue
        parts = sources.of_receipt(receipt)
        for making, weight in zip(receiver.makings, receiver.weights, strict=True):
            if not (making.refused or sources.is_refused(making)):
                result[making.key] += [
                    _pooled(receipt, part, making, weight, receiver.key, sources) for part in parts
                ]
    return {node: tuple(pooled) for node, pooled in result.items()}


def pool_links(making: Making, pooled: Iterable[Pooled], index: Mapping[str, int]) -> list[Link]:
    """The links of a node's part in its maker's pool, one of each supplier."""
    return merged(
        Link(
            index[one.part.key],
            index[making.key],
            one.amount,
            Fraction(0),
            Origin.POOL,
            mass=one.mass,
            key=one.key,
        )
        for one in pooled
        if not isinstance(one.part, Missing)
    )


def pooled_mass(pooled: Iterable[Pooled]) -> Fraction:
    """Kilograms per unit that came by the pool, whether or not from a node."""
    return sum((one.mass for one in pooled if one.mass is not None), Fraction(0))


def _pooled(
    receipt: Receipt, part: Part, making: Making, weight: Fraction, key: str, sources: Sources
) -> Pooled:
    unit, mass = sources.unit_and_mass(receipt.product)
    if not key and not isinstance(part, Missing):
        part = Missing(part.share, "pool_without_key", making.dataset.name, receipt.recipient)
    amount = receipt.amount * part.share * weight / (making.dataset.produced or Fraction(1))
    return Pooled(part, amount, unit, mass_of(amount, unit, mass) if key else None, key)


def _receivers(makings: Iterable[Making]) -> dict[str, _Receiver]:
    """Who made something in the period, by organisation."""
    made: dict[str, list[Making]] = defaultdict(list)
    for making in makings:
        if making.dataset.produced != 0:
            made[making.dataset.organisation].append(making)
    return {organisation: _Receiver(several, *_weights(several)) for organisation, several in made.items()}


def _weights(receivers: Sequence[Making]) -> tuple[str, list[Fraction]]:
    """The key and each product's part of it; no key where outputs cannot be compared."""
    produced = [making.dataset.produced or Fraction(0) for making in receivers]
    masses = [
        mass_of(amount, making.dataset.unit, making.dataset.mass)
        for amount, making in zip(produced, receivers, strict=True)
    ]
    known = [mass for mass in masses if mass]
    if len(known) == len(receivers):
        return "produced mass", _shares(known)
    if all(produced) and len({making.dataset.unit.dimension for making in receivers}) == 1:
        amounts = [
            amount * making.dataset.unit.factor for amount, making in zip(produced, receivers, strict=True)
        ]
        return "produced quantity", _shares(amounts)
    return "", [Fraction(0)] * len(receivers)


def _shares(amounts: Sequence[Fraction]) -> list[Fraction]:
    whole = sum(amounts, Fraction(0))
    return [amount / whole for amount in amounts]
