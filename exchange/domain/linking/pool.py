"""Deliveries no recipe line claims: the receiver's pool, spread by a stated key (method section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from exchange.domain.linking.align import Receipt
from exchange.domain.linking.amounts import mass_of
from exchange.domain.linking.ladder import Missing, Source, Sources
from exchange.domain.linking.makings import Making
from exchange.domain.linking.result import Link, Origin


@dataclass(frozen=True)
class Pooled:
    """Links of the pools, and what they lack by the key of the node that lacks it."""

    links: tuple[Link, ...]
    missing: Mapping[str, tuple[Missing, ...]]


def spread_unclaimed(
    makings: Sequence[Making], receipts: Iterable[Receipt], sources: Sources, index: Mapping[str, int]
) -> Pooled:
    """Spread each unclaimed delivery over what its receiver made: by mass, else by quantity of one unit.

    A receiver that makes nothing is an end customer and has no pool. Without a key, or without a node the
    delivery came from, every product of the receiver has a gap.
    """
    made: dict[str, list[Making]] = defaultdict(list)
    for making in makings:
        made[making.dataset.organisation].append(making)
    links: list[Link] = []
    missing: dict[str, list[Missing]] = defaultdict(list)
    for receipt in receipts:
        receivers = made.get(receipt.recipient, [])
        if not receivers or _is_claimed(receipt, receivers, sources):
            continue
        key, weights = _weights(receivers)
        for part in sources.of_receipt(receipt):
            for making, weight in zip(receivers, weights, strict=True):
                if isinstance(part, Missing):
                    missing[making.key].append(part)
                elif not key:
                    missing[making.key].append(
                        Missing(part.share, "pool_without_key", making.dataset.name, receipt.recipient)
                    )
                else:
                    links.append(_link(receipt, part, making, weight, key, index))
    return Pooled(tuple(links), {node: tuple(parts) for node, parts in missing.items()})


def _is_claimed(receipt: Receipt, receivers: Sequence[Making], sources: Sources) -> bool:
    return any(
        sources.claims(line, making.dataset.recipe or (), receipt)
        for making in receivers
        for line in making.dataset.recipe or ()
    )


def _weights(receivers: Sequence[Making]) -> tuple[str, list[Fraction]]:
    """The key and each product's part of it; no key where outputs cannot be compared."""
    produced = [making.dataset.produced or Fraction(0) for making in receivers]
    masses = [
        mass_of(amount, making.dataset.unit, making.dataset.mass)
        for amount, making in zip(produced, receivers, strict=True)
    ]
    known = [mass for mass in masses if mass]
    if len(known) == len(receivers):
        return "produced mass", [mass / sum(known) for mass in known]
    if all(produced) and len({making.dataset.unit.dimension for making in receivers}) == 1:
        amounts = [
            amount * making.dataset.unit.factor for amount, making in zip(produced, receivers, strict=True)
        ]
        return "produced quantity", [amount / sum(amounts) for amount in amounts]
    return "", [Fraction(0)] * len(receivers)


def _link(
    receipt: Receipt, part: Source, making: Making, weight: Fraction, key: str, index: Mapping[str, int]
) -> Link:
    per_unit = receipt.amount * part.share * weight / (making.dataset.produced or Fraction(1))
    return Link(index[part.key], index[making.key], per_unit, Fraction(0), Origin.POOL, key=key)
