"""What a named check is, and how checks read a schema-valid subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from typing import Any

from exchange.domain.errors import Problem
from exchange.domain.pointers import pointer
from exchange.domain.quantities import Dimension, Quantity, UnitCode, in_unit, parse_quantity

Subject = Mapping[str, Any]
Path = tuple[str | int, ...]
_NESTED = (dict, list)
_REMEMBERED = 4096


@dataclass(frozen=True)
class Check:
    """One rule a schema cannot say.

    `code` is stable and is the code of every problem it finds; `kinds` are the schemas it applies to;
    `meaning` is one sentence; `find` takes a schema-valid subject (or request) and returns what is wrong;
    a check with `publishing_only` would be unfair to a reader, who may hold only some field groups.
    """

    code: str
    kinds: frozenset[str]
    meaning: str
    find: Callable[[Subject], list[Problem]]
    publishing_only: bool = False


def problem(code: str, path: Path, detail: str, advice: str) -> Problem:
    """A problem at a path of member names and positions."""
    return Problem(code, detail, pointer(path), advice)


def at(subject: Subject, *path: str) -> Any:
    """The value at a path of member names, or None where any part of it was left out."""
    value: Any = subject
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def entries(subject: Subject, *path: str) -> list[tuple[Path, Mapping[str, Any]]]:
    """The entries of a list with their paths; empty where it was left out."""
    return [((*path, number), entry) for number, entry in enumerate(at(subject, *path) or [])]


class Document(dict[str, Any]):
    """A subject that many checks read: its objects are looked for once."""

    @cached_property
    def objects(self) -> list[tuple[Path, Mapping[str, Any]]]:
        """Every object with its path, outermost first."""
        return _objects(dict(self), (), [])


def objects(value: object, path: Path = ()) -> list[tuple[Path, Mapping[str, Any]]]:
    """Every object of a document with its path, outermost first."""
    return value.objects if isinstance(value, Document) else _objects(value, path, [])


def _objects(
    value: object, path: Path, found: list[tuple[Path, Mapping[str, Any]]]
) -> list[tuple[Path, Mapping[str, Any]]]:
    if isinstance(value, dict):
        found.append((path, value))
        for name, part in value.items():
            if not isinstance(part, str) and isinstance(part, _NESTED):
                _objects(part, (*path, name), found)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            if isinstance(part, _NESTED):
                _objects(part, (*path, number), found)
    return found


def quantity(value: Mapping[str, str]) -> Quantity:
    """The quantity of a schema-valid wire value; a sign is the schema's matter."""
    return parse_quantity(value, signed=True)


def amount_in(value: Mapping[str, str] | None, unit: UnitCode) -> Fraction | None:
    """The exact amount in a unit; None where left out or of another dimension, which a unit check reports."""
    return None if value is None else _amount_in(value["amount"], value["unit"], unit)


@cache
def _dimension(unit: str) -> Dimension:
    return UnitCode(unit).dimension


# Several checks read each figure of a document.
@lru_cache(maxsize=_REMEMBERED)
def _amount_in(amount: str, code: str, unit: UnitCode) -> Fraction | None:
    if _dimension(code) is not unit.dimension:
        return None
    return in_unit(Quantity(Decimal(amount), UnitCode(code)), unit)


def wrong_dimension(
    code: str, path: Path, value: Mapping[str, str] | None, *wanted: Dimension
) -> list[Problem]:
    """One problem if a quantity is given and measures none of the wanted things."""
    if value is None or (found := _dimension(value["unit"])) in wanted:
        return []
    names = " or ".join(dimension.value for dimension in wanted)
    detail = f"{value['unit']} measures {found.value}, and this figure must be in a unit of {names}."
    return [
        problem(code, (*path, "unit"), detail, f"Give the figure in a unit of {names}: {_units(wanted)}.")
    ]


def _units(wanted: tuple[Dimension, ...]) -> str:
    return ", ".join(unit.value for unit in UnitCode if unit.dimension in wanted)


def decimal_text(amount: Fraction) -> str:
    """A fraction as a short decimal for a sentence; at most nine digits after the point."""
    return format(Decimal(amount.numerator) / amount.denominator, ".9f").rstrip("0").rstrip(".")
