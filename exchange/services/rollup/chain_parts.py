"""Where a chain's total comes from: by tier, by organisation, by product; and how declared and recipe differ.

A product that declares its footprint is one part, never opened further.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from exchange.domain.linking import COLUMNS
from exchange.domain.rounding import apportioned, last_digit, rounded
from exchange.services.rollup.chain_reach import Reach, Reading
from exchange.services.rollup.part_kinds import PartKind

MOST_PARTS = 20
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Part:
    """What one tier, organisation or product adds; `tier` None is all further ones, `many` how many are in a rest.

    A part without organisation or product is a default, named; or, with `many` not 1, the rest. A reading is per
    unit of a product: `value` is what it declares and `other` its recipe's, `name` says which counts. A cause
    (`name`) holds what it changed.
    """

    kind: PartKind
    value: Decimal
    name: str = ""
    tier: int | None = None
    organisation: str | None = None
    product: str | None = None
    is_declared: bool = False
    other: Decimal | None = None
    many: int = 1


@dataclass(frozen=True)
class Readings:
    """The readings of a chain's products, and the positions of what they hold beyond the total.

    `opened`: products whose declared figure counts, and whose recipe is followed for the reading alone.
    """

    parts: tuple[Part, ...]
    inside: frozenset[int]
    opened: frozenset[int]


def origin_parts(reach: Reach, column: int, total: Decimal, digits: int) -> tuple[Part, ...]:
    """The total by tier (product chains), by organisation and by product, each cut so that it sums to it."""
    indicator = COLUMNS[column]
    organisations: dict[Part, float] = {}
    products: dict[Part, float] = {}
    for one, amount in sorted(reach.counted[column].items()):
        if reach.has_effect(one, indicator):
            node, added = reach.nodes[one], amount * reach.effect(one, column)
            maker = Part(PartKind.ORGANISATION, NOTHING, organisation=node.organisation)
            made = Part(PartKind.PRODUCT, NOTHING, product=node.product, is_declared=indicator in node.fixed)
            _add(organisations, maker if node.organisation else replace(maker, name=node.name), added)
            _add(products, made if node.product else replace(made, name=node.name), added)
    return (
        *_cut(_tiers(reach, column), total, digits),
        *_cut(_largest(organisations), total, digits),
        *_cut(_largest(products), total, digits),
    )


def readings(reach: Reach, column: int, digits: int) -> Readings:
    """Products of the chain that declare a footprint and show a recipe without a gap: both, per unit.

    The twenty furthest apart. What stands behind a recipe that does not count is not in the total: its positions
    are `inside`.
    """
    parts: list[Part] = []
    inside: set[int] = set()
    opened: set[int] = set()
    for position, stated, rolled_up, counts in _most_apart_first(reach.readings[column]):
        if len(parts) == MOST_PARTS:
            break
        node = reach.nodes[position]
        is_inside = node.product is not None and position in reach.counted[column]
        if not is_inside or not reach.is_recipe_whole(position, column):
            continue
        which = "declared" if counts else "linked"
        value, other = rounded(stated, digits), rounded(rolled_up, digits)
        parts.append(Part(PartKind.READING, value, which, product=node.product, other=other))
        if counts:
            opened.add(position)
            inside |= set(reach.part.behind(position, column))
    return Readings(tuple(parts), frozenset(inside), frozenset(opened))


def _most_apart_first(readings: Iterable[Reading]) -> list[Reading]:
    """By how far apart the two readings of a product are, relative to the larger one."""

    def apart(one: Reading) -> tuple[float, int]:
        position, stated, rolled_up, _ = one
        size = max(abs(stated), abs(rolled_up))
        return (-abs(stated - rolled_up) / size if size else 0.0, position)

    return sorted(readings, key=apart)


def _tiers(reach: Reach, column: int) -> dict[Part, float]:
    """The tiers up to the last that adds something; a group has none."""
    if reach.tiers is None:
        return {}
    near = reach.tiers.parts[:, column].tolist()
    rest = float(reach.tiers.rest[column])
    last = max((tier for tier, added in enumerate(near) if added), default=0)
    found = {
        Part(PartKind.TIER, NOTHING, tier=tier): added
        for tier, added in enumerate(near)
        if tier <= last or rest
    }
    return found | ({Part(PartKind.TIER, NOTHING): rest} if rest else {})


def _add(found: dict[Part, float], part: Part, added: float) -> None:
    found[part] = found.get(part, 0.0) + added


def _largest(parts: Mapping[Part, float]) -> dict[Part, float]:
    """The largest parts, the largest first, and one for all others."""
    ordered = sorted(parts.items(), key=lambda one: (-abs(one[1]), repr(one[0])))
    kept, others = dict(ordered[:MOST_PARTS]), ordered[MOST_PARTS:]
    if others:
        rest = Part(others[0][0].kind, NOTHING, many=len(others))
        kept[rest] = sum(added for _, added in others)
    return kept


def _cut(parts: Mapping[Part, float], total: Decimal, digits: int) -> list[Part]:
    largest = rounded(max((abs(added) for added in parts.values()), default=0.0), digits)
    values = apportioned(list(parts.values()), total, last_digit(total or largest, digits))
    return [replace(part, value=value) for part, value in zip(parts, values, strict=True)]
