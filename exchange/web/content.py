"""Field groups of a dataset as facts and tables: whatever the schema holds, in the reader's words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from exchange.web import formats
from exchange.web.forms import Message
from exchange.web.member_words import MEMBERS, VALUES
from exchange.web.reader import Reader

SHARES = ("share", "fraction", "recyclable", "recycled_pre_consumer", "recycled_post_consumer", "cut_off")
AMOUNTS = frozenset(
    {"amount", "divisor", "metered", "multiplier", "produced", "to_spread", "weight", "whole"}
)
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NAMED_BY = (
    "flow",
    "name",
    "activity_code",
    "line",
)  # what a person calls an entry of a list by, where it has it
REFERENCE = "urn:uuid:"  # names a thing for machines; people read its name beside it


@dataclass(frozen=True)
class Fact:
    """A name and its value."""

    name: Message
    value: Message


@dataclass(frozen=True)
class Table:
    """A list of like things: one row each, a column per member that any of them has."""

    name: Message
    columns: tuple[Message, ...]
    rows: tuple[tuple[Message, ...], ...]


@dataclass(frozen=True)
class Content:
    """A field group taken apart."""

    facts: tuple[Fact, ...]
    tables: tuple[Table, ...]


def take_apart(reader: Reader, group: object) -> Content:
    """Facts and tables of one field group, in the order of the document."""
    facts: list[Fact] = []
    tables: list[Table] = []
    for path, value in _leaves(group, ()):
        if _is_table(value):
            tables.extend(_tables(reader, path, value))
        else:
            facts.append(Fact(_name(reader, path), _value(reader, path[-1], value)))
    return Content(tuple(facts), tuple(tables))


def _leaves(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    if isinstance(value, Mapping) and not _is_plain(value):
        for name, member in value.items():
            yield from _leaves(member, (*path, name))
    elif path and not (isinstance(value, str) and value.startswith(REFERENCE)):
        yield path, value


def _is_plain(value: Mapping[str, object]) -> bool:
    """A quantity, an amount of money or a period reads as one value."""
    keys = set(value)
    return keys in ({"amount", "unit"}, {"start", "end"}) or {"amount", "currency"} <= keys


def _is_table(value: object) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and any(isinstance(v, Mapping) for v in value)
    )


def _tables(reader: Reader, path: tuple[str, ...], value: object) -> Iterator[Table]:
    """The list as a table, then each list inside one of its entries as a table of its own, named by the entry."""
    assert isinstance(value, Sequence)  # noqa: S101 - narrowed by _is_table
    rows = [dict(_leaves(row, ())) for row in value]
    inner = {column for row in rows for column in row if _is_table(row[column])}
    name = _name(reader, path)
    yield _table(reader, name, [{c: row[c] for c in row if c not in inner} for row in rows])
    for number, row in enumerate(rows, 1):
        called = next((str(row[(word,)]) for word in NAMED_BY if (word,) in row), str(number))
        for column in row:
            if column in inner and row[column]:
                part = _name(reader, column)
                title = Message(f"{name.text}, {called}: {part.text}", name.language or part.language)
                entries = row[column]
                assert isinstance(entries, Sequence)  # noqa: S101 - narrowed by _is_table
                yield _table(reader, title, [dict(_leaves(entry, ())) for entry in entries])


def _table(reader: Reader, name: Message, rows: Sequence[Mapping[tuple[str, ...], object]]) -> Table:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return Table(
        name,
        tuple(_name(reader, column) for column in columns),
        tuple(
            tuple(_value(reader, c[-1], row[c]) if c in row else Message("–") for c in columns)
            for row in rows
        ),
    )


def _name(reader: Reader, path: tuple[str, ...]) -> Message:
    if all(part in MEMBERS for part in path):
        text = ", ".join(reader.say(MEMBERS[part]) for part in path)
        return Message(text[:1].upper() + text[1:])
    return Message(", ".join(path).replace("_", " "), "en")


def _value(reader: Reader, name: str, value: object) -> Message:
    if isinstance(value, bool):
        return Message(reader.say("yes") if value else reader.say("no"))
    if isinstance(value, Mapping):
        return Message(_plain(reader, value) if _is_plain(value) else _in_short(reader, value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return Message(reader.list_of([_value(reader, name, item).text for item in value]))
    return _word(reader, name, str(value))


def _in_short(reader: Reader, value: Mapping[str, object]) -> str:
    """An entry of a list that stands in a cell: its values without their names."""
    return " ".join(_value(reader, path[-1], member).text for path, member in _leaves(value, ()))


def _word(reader: Reader, name: str, text: str) -> Message:
    if name.endswith(SHARES):
        return Message(_share(reader, text))
    if name in AMOUNTS:
        return Message(formats.number(Decimal(text), reader.language))
    if DATE.fullmatch(text):
        return Message(formats.day(date.fromisoformat(text), reader.language))
    if text in VALUES:
        return Message(reader.say(VALUES[text]))
    return Message(text.replace("_", " "), "en") if "_" in text else Message(text)


def _plain(reader: Reader, value: Mapping[str, object]) -> str:
    if "unit" in value:
        return formats.quantity(Decimal(str(value["amount"])), str(value["unit"]), reader.language)
    if "start" in value:
        start, end = date.fromisoformat(str(value["start"])), date.fromisoformat(str(value["end"]))
        return formats.period(start, end, reader.language)
    amount = formats.number(Decimal(str(value["amount"])), reader.language)
    return f"{amount}{formats.NO_BREAK}{value['currency']}"


def _share(reader: Reader, text: str) -> str:
    try:
        return formats.share(Decimal(text), reader.language, 1)
    except InvalidOperation:
        return text
