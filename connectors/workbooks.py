"""A workbook's bytes looked through and rebuilt before its reader sees them, and its sheets read by name.

The reader (python-calamine) allocates what a file claims and is not stopped by an exception, so every part is
unpacked within limits and its cells counted first. `Limits` says how much a kind of table may hold.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, NoReturn, TypeAlias
from xml.parsers import expat

from exchange.domain.delivery_table import TableIssue

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

# What a cell holds as its reader gives it; "" where it is empty.
RawCell: TypeAlias = str | float | bool | date | time | timedelta

MAX_UNPACKED_BYTES = 100_000_000
MAX_TEXT_BYTES = 400_000_000  # of texts kept once in the file but in memory once per cell that names them
_CHUNK = 65_536
_CELL_NAME = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})", re.ASCII)


class TableError(Exception):
    """The bytes are no table; `issue` says why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.issue = TableIssue(code, detail)


@dataclass(frozen=True)
class Limits:
    """The most rows below a header and columns a sheet may have.

    The reader allocates every cell of the rectangle up to the last one: `rows` times `columns` bounds the memory.
    `columns` is at least 52 (AZ).
    """

    rows: int
    columns: int

    def too_long(self) -> TableError:
        """The refusal of a table with more rows."""
        return TableError("table.too_long", f"A table has at most {self.rows} rows: send it in parts.")

    def too_wide(self) -> TableError:
        """The refusal of a table with more columns."""
        return TableError("table.too_wide", f"A table has at most {self.columns} columns.")

    def plain_cells(self) -> re.Pattern[bytes]:
        """What finds a row, a cell or a dimension that is not plainly within the limits.

        Plain is how spreadsheet programs write: the place first, right after the element's name, no more digits or
        letters than surely fit. What this does not find needs no closer look; in well-formed XML nothing escapes it,
        since every element begins with these bytes, and no attribute comes twice.
        """
        most = str(self.rows)
        row = rf"[1-9][0-9]{{0,{len(most) - 2}}}"
        if most[0] > "1":
            row = rf"(?:[1-{int(most[0]) - 1}][0-9]{{{len(most) - 1}}}|{row})"
        cell = rf"[A-{chr(ord('A') + self.columns // 26 - 2)}]?[A-Z]{row}"
        return re.compile(
            rf"""<(?:c[\s/>](?!r="{cell}")|row[\s/>](?!r="{row}")|dimension[\s/>](?!ref="{cell}(?::{cell})?"))""".encode()
        )


# What the plain look does not understand: elements under a prefix, shared texts, values in other words. Each is
# searched for by itself: one pattern of all would have no fixed beginning and take three times as long.
_UNPLAIN = (re.compile(rb":(?:c|row|dimension|si|sheetData)[\s/>]"), re.compile(rb"<si[\s/>]"))
_SINGLY_QUOTED = re.compile(rb"=\s*'")


@dataclass(frozen=True)
class Workbook:
    """A looked-through workbook: the names of its visible and hidden sheets, in order."""

    visible: tuple[str, ...]
    hidden: tuple[str, ...]
    _reader: CalamineWorkbook

    def rows(self, name: str) -> Sequence[Sequence[RawCell]]:
        """All rows of a sheet from the first one on, all equally long. Raises TableError `table.unreadable`."""
        try:
            return self._reader.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except Exception as error:  # the reader has no error class of its own
            raise _unreadable() from error


def open_workbook(content: bytes, limits: Limits) -> Workbook:
    """The sheets of an xlsx file that keeps within the limits.

    Read without pandas: for 50 000 rows its data frame alone costs more than reading the sheet. Raises TableError
    (`table.format`, `table.unreadable`, `table.too_large`, `table.too_long`, `table.too_wide`).
    """
    import python_calamine as calamine

    checked = checked_workbook(content, limits)
    try:
        reader = calamine.CalamineWorkbook.from_filelike(checked)
        sheets = [sheet for sheet in reader.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
    except Exception as error:  # as above
        raise _unreadable() from error
    visible = tuple(one.name for one in sheets if one.visible == calamine.SheetVisibleEnum.Visible)
    hidden = tuple(one.name for one in sheets if one.name not in visible)
    return Workbook(visible, hidden, reader)


def _unreadable() -> TableError:
    return TableError("table.unreadable", "The spreadsheet cannot be read.")


def checked_workbook(content: bytes, limits: Limits) -> io.BytesIO:
    """The workbook rebuilt from its XML parts alone, each one unpacked within the limits and looked through."""
    look, out = _Look(limits), io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w") as rebuilt:
            parts = {member.filename: member for member in archive.infolist()}
            if "xl/workbook.xml" not in parts:
                raise unknown_format()
            for name, member in parts.items():
                if name.lower().endswith((".xml", ".rels")):
                    rebuilt.writestr(name, _checked_part(archive, member, look))
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError) as error:
        raise TableError("table.unreadable", "The spreadsheet is damaged.") from error
    except expat.ExpatError as error:
        raise TableError("table.unreadable", "The spreadsheet holds XML that is not well-formed.") from error
    look.check_texts()
    out.seek(0)
    return out


def _checked_part(archive: zipfile.ZipFile, member: zipfile.ZipInfo, look: _Look) -> bytes:
    """The part's bytes; counted as they unpack, since a size the archive states need not be true."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise TableError("table.unreadable", "The spreadsheet is packed in an unusual way.")
    unpacked = bytearray()
    with archive.open(member) as part:
        while chunk := part.read(_CHUNK):
            look.count(len(chunk))
            unpacked += chunk
    look.through(unpacked)
    return bytes(unpacked)


class _Look:
    """How much the parts of one workbook hold; every method raises TableError once it is too much."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._unplain_cells = limits, limits.plain_cells()
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

    def through(self, part: bytes | bytearray) -> None:
        """Look through a part: at every element one by one only where the plain look leaves a doubt."""
        if self._is_plain(part):
            self._parse(_plain_parser(), part)
            self._named_texts += part.count(b'"s"')  # no fewer than cells that name one
        else:
            self._parse(self._parser(), part)

    def _is_plain(self, part: bytes | bytearray) -> bool:
        # The XML declaration, which Python's own writers put in single quotes, holds no element.
        start = part.find(b"?>") if part.startswith(b"<?xml ") else 0
        if (b"&" in part and b'"&' in part) or (b"'" in part and _SINGLY_QUOTED.search(part, start)):
            return False
        return not any(doubt.search(part) for doubt in (*_UNPLAIN, self._unplain_cells))

    def _parse(self, parser: expat.XMLParserType, part: bytes | bytearray) -> None:
        for start in range(0, len(part), _CHUNK):
            parser.Parse(part[start : start + _CHUNK], False)
        parser.Parse(b"", True)

    def check_texts(self) -> None:
        """Look at the texts when all parts are known."""
        if self._longest_text * self._named_texts > MAX_TEXT_BYTES:
            raise TableError("table.too_large", "The spreadsheet holds too much text: save it as CSV.")

    def _parser(self) -> expat.XMLParserType:
        self._start_part()
        parser = _plain_parser()
        parser.buffer_text = True
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
        if row > self._limits.rows + 1:
            raise self._limits.too_long()
        if column > self._limits.columns:
            raise self._limits.too_wide()


def _row_and_column(name: str) -> tuple[int, int]:
    """Both counted from 1: "B7" is (7, 2)."""
    found = _CELL_NAME.fullmatch(name)
    if found is None:
        raise TableError("table.unreadable", f"{name[:20]!r} is no cell's name.")
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _plain_parser() -> expat.XMLParserType:
    """A parser of a part: UTF-8 whatever the part says, no document type, so no entities either."""
    parser = expat.ParserCreate("UTF-8")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> NoReturn:
    raise TableError("table.unreadable", "The spreadsheet declares a document type.")


def unknown_format() -> TableError:
    """The refusal of what is neither xlsx nor text."""
    return TableError("table.format", "Only .xlsx and CSV are read: save the table as .xlsx or CSV.")
