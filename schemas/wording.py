"""Why a document breaks a schema, in sentences a supplier understands.

The fast gate only says no; this module asks the slower validator of the jsonschema package and turns each
of its errors into a `Problem`. The words for a value come from the `title` of its definition and the code
from its `x-code`, so no pattern is shown to anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from exchange.domain.errors import Problem
from exchange.domain.pointers import pointer
from schemas.catalogue import SchemaId, load, registry

MOST_PROBLEMS = 50
SHOWN_VALUE = 40
NAMED_PARTS = 3
SHOWN_CHOICES = 20

_TYPES = {
    "object": "an object with named fields",
    "array": "a list",
    "string": "text in quotation marks",
    "boolean": "true or false",
}
_ADVICE = {
    "quantity.amount": 'Write it like "12.5": a point for decimals, no spaces, no exponent.',
    "quantity.negative": "Give zero or more.",
    "unit.unknown": "Megajoule is 3B, gigajoule GV, kilowatt hour KWH, tonne TNE, piece H87.",
    "date.invalid": "Check the month and the day, and write year-month-day.",
    "share.range": 'Write 25 per cent as "0.25".',
    "schema.unknown_field": "Remove the field, or look up its name in the schema.",
    "schema.too_long": "Shorten it; a longer document belongs in the evidence, by its digest.",
    "schema.too_many": "Split the dataset, or leave out entries.",
    "schema.required": "Add the field.",
}


@dataclass(frozen=True)
class _Error:
    """What the validator found: the keyword broken and its value, and the value in the document."""

    keyword: str
    demanded: Any
    instance: Any
    schema: dict[str, Any]
    path: tuple[str | int, ...]

    @property
    def title(self) -> str:
        return str(self.schema.get("title", ""))

    def code_or(self, other: str) -> str:
        return str(self.schema.get("x-code", other))


def _pattern(validator: object, pattern: str, instance: object, schema: object) -> Iterator[ValidationError]:
    """`pattern` as ECMA-262 reads it: `$` is the very end, not the place before a last line feed."""
    if isinstance(instance, str) and not _compiled(pattern).search(instance):
        yield ValidationError("does not match")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern)


def _items(
    validator: object, items: object, instance: object, schema: dict[str, Any]
) -> Iterator[ValidationError]:
    """`items`, but an over-long list is not read to its end: `maxItems` has refused it already."""
    if not isinstance(instance, list) or len(instance) <= schema["maxItems"]:
        yield from Draft202012Validator.VALIDATORS["items"](validator, items, instance, schema)


_Validator = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"pattern": _pattern, "items": _items}
)


@cache
def _validator(schema: SchemaId) -> Any:
    return _Validator(load(schema), registry=registry(), format_checker=FormatChecker(["date"]))


def explain(document: object, schema: SchemaId) -> list[Problem]:
    """What is wrong with strictly parsed JSON, at most 50 problems, one per place; empty where nothing is."""
    found: dict[str, Problem] = {}
    for error in islice(_errors(document, schema), MOST_PROBLEMS):
        for problem in islice(_problems(error), MOST_PROBLEMS):
            found.setdefault(problem.path, problem)
    return list(found.values())[:MOST_PROBLEMS]


def _errors(document: object, schema: SchemaId) -> Iterator[_Error]:
    for one in _validator(schema).iter_errors(document):
        path = tuple(one.absolute_path)
        yield _Error(str(one.validator), one.validator_value, one.instance, one.schema, path)


def _problems(error: _Error) -> Iterator[Problem]:
    if error.keyword == "required":
        yield from _missing(error)
    elif error.keyword == "additionalProperties":
        yield from _unknown(error)
    else:
        detail, code = _SENTENCES.get(error.keyword, _not_as_described)(error)
        yield _problem(error, code, detail)


def _missing(error: _Error) -> Iterator[Problem]:
    for name in error.demanded:
        if name not in error.instance:
            yield _problem(error, "schema.required", f'The field "{name}" is missing{_inside(error)}.', name)


def _unknown(error: _Error) -> Iterator[Problem]:
    known = list(error.schema["properties"])
    for name in error.instance:
        if name not in known:
            shown = _shown(name)
            near = get_close_matches(name, known, n=1) if len(name) <= SHOWN_VALUE else []
            advice = f'Did you mean "{near[0]}"?' if near else ""
            yield _problem(
                error, "schema.unknown_field", f"There is no field {shown}{_inside(error)}.", name, advice
            )


def _problem(error: _Error, code: str, detail: str, member: str = "", advice: str = "") -> Problem:
    parts = [*error.path, *([member[:200]] if member else [])]
    return Problem(code, detail, pointer(parts), advice or _ADVICE.get(code, "Correct the field."))


def _wrong_type(error: _Error) -> tuple[str, str]:
    title = (error.path and error.title) or _TYPES[error.demanded]
    return f"{_place(error)} must be {title}.", error.code_or("schema.type")


def _wrong_text(error: _Error) -> tuple[str, str]:
    if not isinstance(error.instance, str):
        return _not_as_described(error)
    if error.instance == "":
        return f"{_place(error)} is empty.", "schema.empty"
    code = error.code_or("schema.pattern")
    if code == "quantity.amount" and re.match(r"-[0-9]", error.instance):
        return f"{_place(error)} cannot be below zero.", "quantity.negative"
    return f"{_place(error)} must be {error.title}, and {_shown(error.instance)} is not.", code


def _not_a_choice(error: _Error) -> tuple[str, str]:
    choices = ", ".join(str(choice) for choice in error.demanded[:SHOWN_CHOICES])
    title = error.title or f"one of: {choices}"
    shown = f", and {_shown(error.instance)} is not" if isinstance(error.instance, str) else ""
    return f"{_place(error)} must be {title}{shown}.", error.code_or("schema.choice")


def _not_the_constant(error: _Error) -> tuple[str, str]:
    return f'{_place(error)} must be "{error.demanded}" here.', "schema.choice"


def _too_long(error: _Error) -> tuple[str, str]:
    limit = error.demanded
    return (
        f"{_place(error)} has {len(error.instance)} characters; at most {limit} are taken.",
        "schema.too_long",
    )


def _too_many(error: _Error) -> tuple[str, str]:
    limit = error.demanded
    return f"{_place(error)} has {len(error.instance)} entries; at most {limit} are taken.", "schema.too_many"


def _too_few(error: _Error) -> tuple[str, str]:
    what = {"minLength": "characters", "minItems": "entries", "minProperties": "fields"}
    needed = f"at least {error.demanded} {what[error.keyword]}"
    if error.demanded == 1:
        return f"{_place(error)} is empty.", "schema.empty"
    return f"{_place(error)} must have {needed}.", "schema.too_few"


def _none_of_them(error: _Error) -> tuple[str, str]:
    names = [name for branch in error.demanded for name in branch["required"]]
    return f"{_place(error)} needs at least one of: {', '.join(names)}.", "schema.required"


def _not_as_described(error: _Error) -> tuple[str, str]:
    title = error.title or "as its schema describes it"
    return f"{_place(error)} must be {title}.", error.code_or("schema.invalid")


_SENTENCES: dict[str, Callable[[_Error], tuple[str, str]]] = {
    "type": _wrong_type,
    "pattern": _wrong_text,
    "format": _wrong_text,
    "not": _wrong_text,
    "enum": _not_a_choice,
    "const": _not_the_constant,
    "maxLength": _too_long,
    "maxItems": _too_many,
    "minLength": _too_few,
    "minItems": _too_few,
    "minProperties": _too_few,
    "anyOf": _none_of_them,
}


def _shown(value: str) -> str:
    """The value as given, shortened, with line feeds and the like as dots."""
    plain = "".join(character if character.isprintable() else "·" for character in value[:SHOWN_VALUE])
    return f'"{plain}"' if len(value) <= SHOWN_VALUE else f'"{plain}…"'


def _place(error: _Error) -> str:
    name = _name(error)
    return f'The field "{name}"' if name else "The document"


def _inside(error: _Error) -> str:
    name = _name(error)
    return f' in "{name}"' if name else ""


def _name(error: _Error) -> str:
    """The last parts of the path as a person reads them, list entries counted from one."""
    parts = (f"entry {part + 1}" if isinstance(part, int) else part for part in error.path[-NAMED_PARTS:])
    return " › ".join(parts)
