"""A sheet of the account template: which one it is, where its header and columns are, its rows as typed values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import compress, repeat
from typing import Any, TypeVar

from connectors.account_cells import Fault, is_total, read_column
from connectors.account_layout import GUIDE, LAYOUTS, LISTS, Column, Kind, Layout
from connectors.vocabulary import UNITS, Language, plain
from connectors.workbooks import RawCell
from exchange.domain.calculation.account_table import RowIssue
from exchange.domain.quantities import UnitCode

_Row = TypeVar("_Row")
ROW_WORD: dict[Language, str] = {"da": "række", "en": "row"}
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_UNIT_IN_HEADER = re.compile(r"(.+?)\s*[(\[]([^)\]]+)[)\]]\s*")
_LONGEST_HEADER = 100
_HEADER_WITHIN = 30  # rows: titles stand above a header, not a page of text


class RowFault(Exception):
    """A row whose cells do not go together; `column` is the key of the one to look at."""

    def __init__(self, code: str, detail: str, column: str) -> None:
        super().__init__(detail)
        self.fault, self.column = Fault(code, detail), column


def is_of_template(name: str) -> bool:
    """Whether a sheet is one of the template's own that hold no rows."""
    return plain(name) in {plain(one) for one in (*GUIDE, *LISTS)}


def layout_of(name: str) -> tuple[Layout, Language] | None:
    """Which sheet a name in either language means, with or without a year, and the language it is in."""
    wanted = plain(_YEAR.sub("", name))
    for layout in LAYOUTS:
        if wanted in {plain(one) for one in (layout.da, *layout.also_da)}:
            return layout, "da"
        if wanted in {plain(one) for one in (layout.en, *layout.also_en)}:
            return layout, "en"
    return None


@dataclass(frozen=True)
class Places:
    """Where the columns of a layout are in a header, and the unit a header states."""

    by_key: Mapping[str, int]
    unit: UnitCode | None = None
    doubled: tuple[tuple[int, int], ...] = ()


def places_of(layout: Layout, header: Sequence[RawCell]) -> Places:
    """The columns of a header. The template's own names go before others that mean the same."""
    texts = [
        cell.strip() if isinstance(cell, str) and len(cell) <= _LONGEST_HEADER else "" for cell in header
    ]
    names, bases = list(map(plain, texts)), list(map(_UNIT_IN_HEADER.fullmatch, texts))
    by_key: dict[str, int] = {}
    doubled: list[tuple[int, int]] = []
    for column in layout.columns:
        found = _of_names(names, (column.da, column.en)) or _of_names(names, column.also)
        if not found and column.key == "amount":
            based = [plain(base[1]) if base is not None and UNITS.find(base[2]) else "" for base in bases]
            found = _of_names(based, (column.da, column.en, *column.also))
        if found:
            by_key[column.key] = found[0]
            doubled += [(found[0], other) for other in found[1:]]
    stated = bases[by_key["amount"]] if "amount" in by_key else None
    unit = UNITS.find(stated[2]) if stated is not None else None
    return Places(by_key, UnitCode(unit) if unit is not None else None, tuple(doubled))


def _of_names(names: Sequence[str], wanted: tuple[str, ...]) -> list[int]:
    known = _all_plain(wanted)
    return [place for place, name in enumerate(names) if name in known]


@cache
def _all_plain(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(plain, names))


def _has_fault(values: Iterable[object]) -> bool:
    return isinstance(values, list) and Fault in set(map(type, values))


@dataclass
class SheetTable:
    """The rows below a sheet's header, and what is found to be wrong with them as they are read.

    `numbers` are the rows' own, counted from 1 as the sender's program shows them.
    """

    layout: Layout
    language: Language
    name: str
    header: Sequence[RawCell]
    numbers: Sequence[int]
    cells: Sequence[Sequence[RawCell]]
    places: Places
    issues: list[RowIssue] = field(default_factory=list)

    def place(self, number: int) -> str:
        """Where a row stands, as its sender sees it."""
        return f"{self.name}, {ROW_WORD[self.language]} {number}"

    def is_complete(self) -> bool:
        """Whether the columns that are needed are there once; else it is noted what is wrong."""
        missing = [column for column in self.layout.columns if self._is_missing(column)]
        for column in missing:
            name = column.header(self.language)
            self._refuse_sheet("table.column_missing", f"There is no column {name!r}.", name)
        for one, other in self.places.doubled:
            detail = f"{self.header[one]!r} and {self.header[other]!r} mean the same: keep one."
            self._refuse_sheet("table.column_doubled", detail, str(self.header[other]))
        return not missing and not self.places.doubled

    def _is_missing(self, column: Column) -> bool:
        has_unit = column.key == "unit" and self.places.unit is not None
        return column.is_needed and column.key not in self.places.by_key and not has_unit

    def _refuse_sheet(self, code: str, detail: str, column: str) -> None:
        self.issues.append(RowIssue(code, detail, self.name, column))

    def rows(
        self, make: Callable[[Iterable[Any]], _Row], fields: Sequence[str]
    ) -> Iterator[tuple[str, _Row]]:
        """The rows without a faulty cell, each with its place; faulty ones are noted."""
        if not self.cells:  # a header and a line of totals, say
            return
        columns = list(zip(*self.cells, strict=True))
        values = [self._values(key, columns) for key in fields]
        suspect = [index for index, column in enumerate(values) if _has_fault(column)]
        word = f"{self.name}, {ROW_WORD[self.language]} "
        for number, row in zip(self.numbers, zip(*values, strict=False), strict=False):
            faults = [index for index in suspect if isinstance(row[index], Fault)] if suspect else None
            if faults:
                self._note(number, [(fields[index], row[index]) for index in faults])
            else:
                yield f"{word}{number}", make(row)

    def _values(self, key: str, columns: Sequence[Sequence[RawCell]]) -> Iterable[object]:
        column = next((one for one in self.layout.columns if one.key == key), None)
        place = self.places.by_key.get(key)
        if column is None or (place is None and key != "unit"):
            return repeat(None)
        if key == "unit" and self.places.unit is not None:
            return self._stated_units(column, columns[place] if place is not None else None)
        return read_column(column, columns[place]) if place is not None else repeat(None)

    def _stated_units(self, column: Column, cells: Sequence[RawCell] | None) -> Iterable[object]:
        """The unit of the header; a unit column beside it has to say the same."""
        unit = self.places.unit
        if cells is None:
            return repeat(unit)
        other = Fault("unit.disagrees", "The header states another unit.")
        read = read_column(Column("unit", Kind.UNIT, column.da, column.en), cells)
        return [
            unit if one is None or one is unit else one if isinstance(one, Fault) else other for one in read
        ]

    def _note(self, number: int, faults: Iterable[tuple[str, object]]) -> None:
        for key, fault in faults:
            if isinstance(fault, Fault):
                self.refuse(self.place(number), fault, key)

    def refuse(self, place: str, fault: Fault, key: str) -> None:
        """Note what is wrong with a row, and in which column."""
        index = self.places.by_key.get(key)
        name = str(self.header[index]).strip() if index is not None else self._name(key)
        self.issues.append(RowIssue(fault.code, fault.detail, place, name))

    def _name(self, key: str) -> str:
        return next((one.header(self.language) for one in self.layout.columns if one.key == key), "")


@dataclass(frozen=True)
class Sheet:
    """All rows of a sheet as they stand there, its header among them, with their numbers."""

    layout: Layout
    language: Language
    name: str
    rows: Sequence[Sequence[RawCell]]
    numbers: Sequence[int]


def table_of(sheet: Sheet) -> tuple[SheetTable, list[str]] | None:
    """The sheet's table and what of it is left out, by name: columns nobody knows, rows of totals.

    None where nothing stands below the header. The header is the row near the top with most known names: titles may
    stand above it. Without any, the first row stands for it and its columns are missing.
    """
    layout, rows = sheet.layout, sheet.rows
    near = [places_of(layout, row) for row in rows[:_HEADER_WITHIN]]
    at = max(range(len(near)), key=lambda index: len(near[index].by_key), default=None)
    if at is None:
        return None
    body, numbers = rows[at + 1 :], sheet.numbers[at + 1 :]
    kept = list(map(_is_filled, body))
    totals = _total_rows(body, kept)
    for index in totals:
        kept[index] = False
    cells = list(compress(body, kept))
    if not cells and not totals and (near[at].by_key or not any(map(_is_filled, rows))):
        return None
    table = SheetTable(
        layout, sheet.language, sheet.name, rows[at], list(compress(numbers, kept)), cells, near[at]
    )
    left_out = [f"{table.place(numbers[index])}: {str(_first(body[index])).strip()}" for index in totals]
    return table, [*_unknown_columns(table), *left_out]


def _is_filled(row: Sequence[RawCell]) -> bool:
    """Whether a row says anything: neither spaces nor a lone 0 do."""
    return any(row) and any(cell and (not isinstance(cell, str) or not cell.isspace()) for cell in row)


def _first(row: Iterable[RawCell]) -> RawCell:
    return next((cell for cell in row if not isinstance(cell, str) or cell.strip()), "")


def _total_rows(body: Sequence[Sequence[RawCell]], kept: Iterable[bool]) -> list[int]:
    """Which of the rows that are kept sum up the others."""
    firsts = [row[0] or _first(row) if is_kept else "" for row, is_kept in zip(body, kept, strict=True)]
    words = {cell for cell in set(firsts) if is_total(cell)}
    return [index for index, cell in enumerate(firsts) if cell in words] if words else []


def _unknown_columns(table: SheetTable) -> list[str]:
    """The columns that hold something and are not read, by sheet and header."""
    known = set(table.places.by_key.values()) | {other for _, other in table.places.doubled}
    unknown = [place for place, cell in enumerate(table.header) if cell != "" and place not in known]
    return [
        f"{table.name}: {str(table.header[place]).strip()}"
        for place in unknown
        if any(row[place] != "" for row in table.cells)
    ]
