"""The indicator figures that a dataset discloses, as they were signed; whether to rely on them is said elsewhere."""

from __future__ import annotations

from typing import NamedTuple

from exchange.trust.dataset import VerifiedDataset
from exchange.trust.strict_json import JsonValue

PARTS = ("own", "upstream", "total")
_MOST = 32
_LONGEST = 64


class Figure(NamedTuple):
    """One figure: `indicator` and `part` (of PARTS), the amount as the decimal text signed, its unit's code."""

    indicator: str
    part: str
    amount: str
    unit: str


class DeclaredUnit(NamedTuple):
    """What a dataset's figures are per: the amount as the decimal text signed, and the unit's code."""

    amount: str
    unit: str


def disclosed_figures(dataset: VerifiedDataset) -> list[Figure]:
    """The figures of the disclosed group `indicators`, in its order; what has another form is left out."""
    indicators = dataset.subject().get("indicators")
    if not isinstance(indicators, dict):
        return []
    return [
        figure
        for name, parts in list(indicators.items())[:_MOST]
        for part in PARTS
        if (figure := _figure(name, part, parts)) is not None
    ]


def declared_unit(dataset: VerifiedDataset) -> DeclaredUnit | None:
    """The declared unit of the disclosed group `identity`; None where it is not disclosed or has another form."""
    identity = dataset.subject().get("identity")
    quantity = _quantity(identity.get("declared_unit")) if isinstance(identity, dict) else None
    return DeclaredUnit(*quantity) if quantity else None


def _figure(name: str, part: str, parts: JsonValue) -> Figure | None:
    quantity = _quantity(parts.get(part)) if isinstance(parts, dict) else None
    return Figure(name, part, *quantity) if quantity and len(name) <= _LONGEST else None


def _quantity(value: JsonValue) -> tuple[str, str] | None:
    if not isinstance(value, dict):
        return None
    amount, unit = value.get("amount"), value.get("unit")
    if not isinstance(amount, str) or not isinstance(unit, str):
        return None
    return (amount, unit) if max(len(amount), len(unit)) <= _LONGEST else None
