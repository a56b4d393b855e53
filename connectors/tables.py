"""Bytes of a CSV or spreadsheet file to rows of cells; what a cell means is not decided here."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from connectors.workbooks import Limits, TableError, checked_workbook, unknown_format

__all__ = ["Cell", "MAX_COLUMNS", "MAX_ROWS", "Row", "TableError", "is_spreadsheet", "read_csv", "read_rows"]

# Text as written, or a number or date a spreadsheet knows to be one.
Cell: TypeAlias = str | Decimal | date

MAX_ROWS = 20_000
MAX_COLUMNS = 200
DELIMITERS = (";", ",", "\t", "|")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Row:
    """A row that is not blank; `number` counts from 1, as the sender's program shows it."""

    number: int
    cells: tuple[Cell, ...]


def read_rows(content: bytes, count_known: Callable[[Sequence[str]], int]) -> list[Row]:
    """The rows of a CSV or xlsx file, the header first.

    `count_known` tells how many names of a header row are known: the delimiter that gives most is the file's.
    Raises TableError (`table.empty`, `table.encoding`, `table.format`, `table.unreadable`, `table.too_large`,
    `table.too_long`, `table.too_wide`).
    """
    limits = Limits(MAX_ROWS, MAX_COLUMNS)
    if is_spreadsheet(content):
        return _filled(_spreadsheet(content, limits), limits)
    return read_csv(content, count_known, limits)


def is_spreadsheet(content: bytes) -> bool:
    """Whether it is an archive, as xlsx is. TableError `table.format` for older and for encrypted workbooks."""
    if content.startswith(_OLE):
        raise unknown_format()
    return content.startswith(_ZIP)


def _filled(rows: Iterable[Row], limits: Limits) -> list[Row]:
    filled = [row for row in rows if any(cell != "" for cell in row.cells)]
    if len(filled) < 2:
        raise TableError("table.empty", "The table has no rows below its header.")
    if len(filled) > limits.rows + 1:
        raise limits.too_long()
    return filled


def read_csv(content: bytes, count_known: Callable[[Sequence[str]], int], limits: Limits) -> list[Row]:
    """The rows of a text file that are not blank, the header first; arguments and errors as of `read_rows`."""
    return _filled(_csv(content, count_known, limits), limits)


def _csv(content: bytes, count_known: Callable[[Sequence[str]], int], limits: Limits) -> list[Row]:
    text = _decode(content)
    if "\x00" in text:
        raise TableError("table.unreadable", "The file is neither text nor a spreadsheet.")
    lines = text.splitlines(keepends=True)
    skipped = 1 if lines and lines[0].lower().startswith("sep=") else 0  # a hint only Excel writes
    body = "".join(lines[skipped:])
    header = next((line for line in lines[skipped:] if line.strip()), "")
    best = max(DELIMITERS, key=lambda mark: count_known(next(csv.reader([header], delimiter=mark), [])))
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=best)
    rows, before = [], 0
    try:
        for cells in reader:  # a quoted cell may run over several lines: the row is where it starts
            stripped = tuple(cell.strip() for cell in cells)
            if any(stripped):  # a file may be blank lines for the most part
                rows.append(Row(before + 1 + skipped, stripped))
                if len(rows) > limits.rows + 1:  # millions of short rows would fill the memory
                    raise limits.too_long()
            before = reader.line_num
    except csv.Error as error:
        raise TableError("table.unreadable", f"Line {reader.line_num} is not CSV: {error}.") from error
    return rows


def _decode(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, else the code page of Western European Windows."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise TableError("table.encoding", "The text is neither UTF-8 nor Windows-1252.") from error


def _spreadsheet(content: bytes, limits: Limits) -> list[Row]:
    """The first sheet. Its reader sees only what was looked through before: it allocates what a file claims."""
    import pandas as pd

    checked = checked_workbook(content, limits)
    try:
        frame = pd.read_excel(checked, engine="calamine", header=None, dtype=object, keep_default_na=False)
    except Exception as error:  # the reader has no error class of its own
        raise TableError("table.unreadable", "The spreadsheet cannot be read.") from error
    return [
        Row(number, tuple(_cell(value) for value in values))
        for number, values in enumerate(frame.itertuples(index=False, name=None), 1)
    ]


def _cell(value: object) -> Cell:
    """A spreadsheet's value: numbers exactly as written there, dates without their midnight."""
    if value is None or value != value:  # an empty cell may come as NaN
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return Decimal(format(value, ".15g"))  # the digits a spreadsheet itself keeps
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return str(value).strip()
