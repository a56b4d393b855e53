"""Nodes, links and gaps as text to store and back, exactly: JSON, fractions as "numerator/denominator" in hexadecimal.

Hexadecimal, for whole numbers of thousands of decimal digits are refused by the language's own conversions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from exchange.domain.linking import Effect, Gap, Link, Node, NodeKind, Origin, Shares
from exchange.domain.quantities import UnitCode


def write_node(node: Node, output_share: Fraction | None) -> str:
    """All of a node but its key, product and organisation, with what it makes up of its product's output."""
    return _text(
        {
            "kind": node.kind.value,
            "name": node.name,
            "unit": node.unit.value,
            "own": _effects(node.own),
            "declared": _effects(node.declared),
            "fixed": sorted(node.fixed),
            "produced": _maybe(node.produced),
            "mass": _maybe(node.mass),
            "input_mass": _maybe(node.input_mass),
            "price_basis": node.price_basis,
            "datasets": list(node.datasets),
            "output_share": _maybe(output_share),
        }
    )


def read_node(
    text: str, key: str, product: str | None, organisation: str | None
) -> tuple[Node, Fraction | None]:
    """The node, and what it makes up of its product's output."""
    facts = json.loads(text)
    node = Node(
        key=key,
        kind=NodeKind(facts["kind"]),
        product=product,
        organisation=organisation,
        name=facts["name"],
        unit=UnitCode(facts["unit"]),
        own=_read_effects(facts["own"]),
        declared=_read_effects(facts["declared"]),
        fixed=frozenset(facts["fixed"]),
        produced=_read_maybe(facts["produced"]),
        mass=_read_maybe(facts["mass"]),
        input_mass=_read_maybe(facts["input_mass"]),
        price_basis=facts["price_basis"],
        datasets=tuple(facts["datasets"]),
    )
    return node, _read_maybe(facts["output_share"])


def write_links(links: Sequence[Link], numbers: Sequence[int]) -> str:
    """The links into one node; `numbers` are node numbers by position."""
    return _text(
        [
            [
                numbers[link.supplier],
                _exact(link.per_unit),
                _exact(link.measured),
                link.origin.value,
                link.line,
                _maybe(link.mass),
                link.key,
            ]
            for link in links
        ]
    )


def read_links(text: str, customer: int) -> list[Link]:
    """The links into a node, in the order they were written."""
    return [
        Link(supplier, customer, _read(amount), _read(share), Origin(origin), line, _read_maybe(mass), key)
        for supplier, amount, share, origin, line, mass, key in json.loads(text)
    ]


def write_gaps(gaps: Sequence[Gap]) -> str:
    """The gaps at one node."""
    return _text(
        [[sorted(gap.columns), gap.reason, gap.name, gap.party, gap.line, _maybe(gap.mass)] for gap in gaps]
    )


def read_gaps(text: str, node: int) -> list[Gap]:
    """The gaps at a node, in the order they were written."""
    return [
        Gap(node, frozenset(columns), reason, name, party, line, _read_maybe(mass))
        for columns, reason, name, party, line, mass in json.loads(text)
    ]


def _effects(effects: Mapping[str, Effect]) -> dict[str, list[str]]:
    return {
        column: [_exact(effect.amount), *map(_exact, _parts(effect.shares))]
        for column, effect in sorted(effects.items())
    }


def _parts(shares: Shares) -> tuple[Fraction, ...]:
    return shares.measured, shares.allocated, shares.secondary, shares.unknown


def _read_effects(effects: Mapping[str, Sequence[str]]) -> dict[str, Effect]:
    return {
        column: Effect(_read(amount), Shares(*map(_read, shares)))
        for column, (amount, *shares) in effects.items()
    }


def _exact(value: Fraction) -> str:
    numerator, denominator = value.numerator, value.denominator
    return f"{numerator:x}" if denominator == 1 else f"{numerator:x}/{denominator:x}"


def _read(text: str) -> Fraction:
    numerator, _, denominator = text.partition("/")
    return Fraction(int(numerator, 16), int(denominator, 16) if denominator else 1)


def _maybe(value: Fraction | None) -> str | None:
    return None if value is None else _exact(value)


def _read_maybe(text: str | None) -> Fraction | None:
    return None if text is None else _read(text)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
