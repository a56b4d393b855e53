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
REMEMBERED = 4096


@dataclass(frozen=True)
class Check:
    """One rule a schema cannot say.

    `code` is stable and is the code of every problem it finds; `kinds` are the schemas it applies to;
    `meaning` is one sentence; `find` takes a schema-valid subject (or request) and returns what is wrong;
    a check with `publishing_only` would be unfair to a reader, who may hold only some field groups; one with
    a `group` finds nothing in a subject without that member, and is not asked.
    """

    code: str
    kinds: frozenset[str]
    meaning: str
    find: Callable[[Subject], list[Problem]]
    publishing_only: bool = False
    group: str = ""


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
    def parts(self) -> list[Mapping[str, Any]]:
        """Every object but a member's amount and unit alone, in no order that means anything: without their
        paths, which matter only where something is wrong, they are found in half the time.
        """
        found: list[Mapping[str, Any]] = [dict(self)]
        for one in found:  # and those that are added on the way
            for part in one.values():
                if isinstance(part, str):
                    continue
                if isinstance(part, dict):
                    if len(part) != 2 or "amount" not in part or "unit" not in part:
                        found.append(part)
                elif isinstance(part, list):
                    found += _listed(part)
        return found

    @cached_property
    def objects(self) -> list[tuple[Path, Mapping[str, Any]]]:
        """Every object with its path, outermost first."""
        return _objects(dict(self), (), [])

    @cached_property
    def members(self) -> frozenset[str]:
        """The names of all members of all objects."""
        return frozenset({"amount", "unit"}).union(*self.parts)


def holding(value: object, member: str) -> list[tuple[Path, Mapping[str, Any]]]:
    """Every object of a document that has a member of that name, with its path, outermost first."""
    if isinstance(value, Document) and member not in value.members:
        return []
    return [(path, one) for path, one in objects(value) if member in one]


def such(value: object, is_such: Callable[[Mapping[str, Any]], bool]) -> list[tuple[Path, Mapping[str, Any]]]:
    """Every object of a document (none of an amount and a unit alone) that is such, with its path, outermost first."""
    if isinstance(value, Document) and not any(map(is_such, value.parts)):
        return []
    return [(path, one) for path, one in objects(value) if is_such(one)]


def _listed(items: list[Any]) -> list[Mapping[str, Any]]:
    """The outermost objects of a list."""
    if not any([isinstance(item, list) for item in items]):
        return [item for item in items if isinstance(item, dict)]
    return [one for item in items for one in (_listed(item) if isinstance(item, list) else _listed([item]))]


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


def dimension_of(value: Mapping[str, str]) -> Dimension:
    """What a schema-valid wire quantity measures."""
    return _dimension(value["unit"])


# Several checks read each figure of a document.
@lru_cache(maxsize=REMEMBERED)
def _amount_in(amount: str, code: str, unit: UnitCode) -> Fraction | None:
    return decimal_in(Decimal(amount), code, unit)


def decimal_in(amount: Decimal, code: str, unit: UnitCode) -> Fraction | None:
    """The exact amount of the unit with this code in a unit; None where it is of another dimension."""
    ratio = _ratio(code, unit)
    if ratio is None:
        return None
    return Fraction(amount) if ratio == 1 else Fraction(amount) * ratio


@cache
def _ratio(code: str, unit: UnitCode) -> Fraction | int | None:
    """How many of a unit one of the unit with this code is; None where they measure different things."""
    found = UnitCode(code)
    if found.dimension is not unit.dimension:
        return None
    ratio = in_unit(Quantity(Decimal(1), found), unit)
    return 1 if ratio == 1 else ratio  # the whole number is compared ten times as quickly


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
