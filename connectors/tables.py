"""Bytes of a CSV or spreadsheet file to rows of cells; what a cell means is not decided here."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NoReturn, TypeAlias
from xml.parsers import expat

from exchange.domain.delivery_table import TableIssue

# Text as written, or a number or date a spreadsheet knows to be one.
Cell: TypeAlias = str | Decimal | date

MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_UNPACKED_BYTES = 100_000_000
MAX_TEXT_BYTES = 400_000_000  # of texts kept once in the file but in memory once per cell that names them
DELIMITERS = (";", ",", "\t", "|")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_CHUNK = 65_536
_CELL_NAME = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})", re.ASCII)


class TableError(Exception):
    """The bytes are no table; `issue` says why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.issue = TableIssue(code, detail)


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
    if content.startswith(_OLE):  # the older Excel's own format, and encrypted workbooks
        raise _unknown_format()
    rows = _spreadsheet(content) if content.startswith(_ZIP) else _csv(content, count_known)
    filled = [row for row in rows if any(cell != "" for cell in row.cells)]
    if len(filled) < 2:
        raise TableError("table.empty", "The table has no rows below its header.")
    if len(filled) > MAX_ROWS + 1:
        raise _too_long()
    return filled


def _csv(content: bytes, count_known: Callable[[Sequence[str]], int]) -> list[Row]:
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
            rows.append(Row(before + 1 + skipped, tuple(cell.strip() for cell in cells)))
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


def _spreadsheet(content: bytes) -> list[Row]:
    """The first sheet. Its reader sees only what was looked through before: it allocates what a file claims."""
    import pandas as pd

    checked = _checked_workbook(content)
    try:
        frame = pd.read_excel(checked, engine="calamine", header=None, dtype=object, keep_default_na=False)
    except Exception as error:  # the reader has no error class of its own
        raise TableError("table.unreadable", "The spreadsheet cannot be read.") from error
    return [
        Row(number, tuple(_cell(value) for value in values))
        for number, values in enumerate(frame.itertuples(index=False, name=None), 1)
    ]


def _checked_workbook(content: bytes) -> io.BytesIO:
    """The workbook rebuilt from its XML parts alone, each one unpacked within the limits and looked through."""
    limits, out = _Limits(), io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w") as rebuilt:
            parts = {member.filename: member for member in archive.infolist()}
            if "xl/workbook.xml" not in parts:
                raise _unknown_format()
            for name, member in parts.items():
                if name.lower().endswith((".xml", ".rels")):
                    rebuilt.writestr(name, _checked_part(archive, member, limits))
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError) as error:
        raise TableError("table.unreadable", "The spreadsheet is damaged.") from error
    except expat.ExpatError as error:
        raise TableError("table.unreadable", "The spreadsheet holds XML that is not well-formed.") from error
    limits.check_texts()
    return out


def _checked_part(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: _Limits) -> bytes:
    """The part's bytes; counted as they unpack, since a size the archive states need not be true."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise TableError("table.unreadable", "The spreadsheet is packed in an unusual way.")
    parser, unpacked = limits.parser(), bytearray()
    with archive.open(member) as part:
        while chunk := part.read(_CHUNK):
            limits.count(len(chunk))
            parser.Parse(chunk, False)
            unpacked += chunk
    parser.Parse(b"", True)
    return bytes(unpacked)


class _Limits:
    """How much the parts of one workbook hold; every method raises TableError once it is too much."""

    def __init__(self) -> None:
        self._unpacked = self._longest_text = self._named_texts = 0
        self._start_part()

    def _start_part(self) -> None:
        self._in_cells, self._text_length = False, 0
        self._row = self._column = 0  # counted from 1: of the last cell seen

    def count(self, size: int) -> None:
        """Note that so many bytes more were unpacked."""
        self._unpacked += size
        if self._unpacked > MAX_UNPACKED_BYTES:
            raise TableError(
                "table.too_large", f"The spreadsheet unpacks to more than {MAX_UNPACKED_BYTES // 10**6} MB."
            )

    def check_texts(self) -> None:
        """Look at the texts when all parts are known."""
        if self._longest_text * self._named_texts > MAX_TEXT_BYTES:
            raise TableError("table.too_large", "The spreadsheet holds too much text: save it as CSV.")

    def parser(self) -> expat.XMLParserType:
        """A parser of the next part: UTF-8 whatever the part says, no document type, so no entities either."""
        self._start_part()
        parser = expat.ParserCreate("UTF-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        return parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "sheetData":
                self._in_cells = True
            case "dimension" if "ref" in attributes:
                for corner in attributes["ref"].split(":"):
                    self._place(*_row_and_column(corner))
            case "row" if self._in_cells:
                self._row, self._column = int(attributes.get("r", self._row + 1)), 0
            case "c" if self._in_cells:
                self._cell(attributes)
            case "si":
                self._text_length = 0

    def _end(self, name: str) -> None:
        if name.rpartition(":")[2] == "si":
            self._longest_text = max(self._longest_text, self._text_length)

    def _text(self, text: str) -> None:
        self._text_length += len(text.encode())

    def _cell(self, attributes: dict[str, str]) -> None:
        self._named_texts += attributes.get("t") == "s"
        self._column += 1  # a cell without a name follows the one before
        row = self._row
        if "r" in attributes:
            row, self._column = _row_and_column(attributes["r"])
        self._place(row, self._column)

    def _place(self, row: int, column: int) -> None:
        if row > MAX_ROWS + 1:
            raise _too_long()
        if column > MAX_COLUMNS:
            raise TableError("table.too_wide", f"A table has at most {MAX_COLUMNS} columns.")


def _row_and_column(name: str) -> tuple[int, int]:
    """Both counted from 1: "B7" is (7, 2)."""
    found = _CELL_NAME.fullmatch(name)
    if found is None:
        raise TableError("table.unreadable", f"{name[:20]!r} is no cell's name.")
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _refuse_doctype(*_: object) -> NoReturn:
    raise TableError("table.unreadable", "The spreadsheet declares a document type.")


def _too_long() -> TableError:
    return TableError("table.too_long", f"A table has at most {MAX_ROWS} rows: send it in parts.")


def _unknown_format() -> TableError:
    return TableError("table.format", "Only .xlsx and CSV are read: save the table as .xlsx or CSV.")


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
