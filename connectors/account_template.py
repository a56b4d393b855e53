"""The account template as a workbook or a CSV file to fill in: what `connectors.account` reads back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from connectors.account_guide import guide
from connectors.account_layout import GUIDE, LAYOUTS, LISTS, MAX_ROWS, SHEET_COLUMN, Column, Kind, Layout
from connectors.vocabulary import FLAGS, UNITS, Language
from exchange.domain.quantities import UnitCode

_FORMATS = {Kind.DAY: "yyyy-mm-dd", Kind.TEXT: "@", Kind.WASTE_CODE: "@", Kind.CATEGORY: "@", Kind.YEAR: "0"}
_HEAD = PatternFill("solid", fgColor="FFDCE6F1")
_PERCENT_ERROR: dict[Language, str] = {
    "da": "Skriv 30 for 30 %: et tal over 1 og op til 100, eller 0.",
    "en": "Write 30 for 30 %: a number above 1 and up to 100, or 0.",
}
_LIST_ERROR: dict[Language, str] = {"da": "Vælg fra listen.", "en": "Choose from the list."}


def write_template(
    language: Language, *, products: Sequence[tuple[str, str, str]] = (), year: int | None = None
) -> bytes:
    """An xlsx file to fill in, in Danish or English.

    `products` (number, name, unit code) and `year` are filled in where they are asked for; a product needs only its
    amounts then. No data sheet holds an example: it would be read.
    """
    book = Workbook()
    lists = _Lists(book.create_sheet(LISTS[_index(language)]), language)
    first = book.worksheets[0]
    first.title = GUIDE[_index(language)]
    _write_guide(first, language)
    for layout in LAYOUTS:
        _write_sheet(book.create_sheet(layout.name(language)), layout, lists)
    _fill_in(book[_layout("production").name(language)], language, products, year)
    if year is not None:
        book[_layout("company").name(language)].cell(2, 1, year)
    book.move_sheet(lists.sheet, len(LAYOUTS))
    lists.sheet.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_csv_template(language: Language) -> bytes:
    """The same as one text file: its first column says which sheet a row belongs to, the others are all columns.

    Semicolons and UTF-8 with a byte order mark: what Excel opens without asking where the comma is the decimal mark.
    """
    columns = [column.header(language) for layout in LAYOUTS for column in _offered(layout)]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerow([SHEET_COLUMN[_index(language)], *dict.fromkeys(columns)])
    return out.getvalue().encode("utf-8-sig")


def _offered(layout: Layout) -> list[Column]:
    return [column for column in layout.columns if column.is_offered]


def _index(language: Language) -> int:
    return 0 if language == "da" else 1


def _layout(key: str) -> Layout:
    return next(layout for layout in LAYOUTS if layout.key == key)


class _Lists:
    """The hidden sheet with the words of the drop-downs: together longer than a validation may be itself."""

    def __init__(self, sheet: Worksheet, language: Language) -> None:
        self.sheet, self.language = sheet, language
        self._ranges: dict[tuple[str, ...], str] = {}

    def range_of(self, words: Sequence[str]) -> str:
        """Where the words stand; equal lists stand there once."""
        known = self._ranges.get(tuple(words))
        if known is None:
            number = len(self._ranges) + 1
            for row, word in enumerate(words, 1):
                self.sheet.cell(row, number, word)
            letter = get_column_letter(number)
            known = self._ranges[tuple(words)] = f"={self.sheet.title}!${letter}$1:${letter}${len(words)}"
        return known


def _write_guide(sheet: Worksheet, language: Language) -> None:
    sheet.column_dimensions["A"].width = 28
    sheet.column_dimensions["B"].width = 100
    for number, (name, text) in enumerate(guide(language), 1):
        sheet.cell(number, 1, name).font = Font(bold=True)
        sheet.cell(number, 2, text).alignment = Alignment(wrap_text=True, vertical="top")


def _write_sheet(sheet: Worksheet, layout: Layout, lists: _Lists) -> None:
    sheet.freeze_panes = "A2"
    for number, column in enumerate(_offered(layout), 1):
        header = column.header(lists.language)
        cell = sheet.cell(1, number, header)
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        letter = get_column_letter(number)
        dimension = sheet.column_dimensions[letter]
        dimension.width = max(14, min(len(header) + 4, 32))
        if column.kind in _FORMATS:
            dimension.number_format = _FORMATS[column.kind]
        rule = _validation(column, lists, letter)
        if rule is not None:
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{MAX_ROWS + 1}")


def _validation(column: Column, lists: _Lists, letter: str) -> DataValidation | None:
    """What the spreadsheet program checks as one types; the unit of what is not energy or waste is free."""
    words = _choices(column, lists.language)
    if words:
        error = _LIST_ERROR[lists.language]
        rule = DataValidation(
            "list", lists.range_of(words), allow_blank=True, showErrorMessage=True, error=error
        )
        rule.errorStyle = "warning"
        return rule
    if column.kind is Kind.PERCENT:
        formula = f"OR({letter}2=0,AND({letter}2>1,{letter}2<=100))"
        error = _PERCENT_ERROR[lists.language]
        return DataValidation("custom", formula, allow_blank=True, showErrorMessage=True, error=error)
    return None


def _choices(column: Column, language: Language) -> Sequence[str]:
    if column.kind is Kind.FLAG:
        return FLAGS.labels(language)
    return column.vocabulary.labels(language) if column.vocabulary is not None else column.units


def _fill_in(
    sheet: Worksheet, language: Language, products: Sequence[tuple[str, str, str]], year: int | None
) -> None:
    places = {column.key: number for number, column in enumerate(_offered(_layout("production")), 1)}
    for row, (product, name, unit) in enumerate(products, 2):
        _write_text(sheet.cell(row, places["product"]), product)
        _write_text(sheet.cell(row, places["name"]), name)
        _write_text(sheet.cell(row, places["unit"]), UNITS.label(UnitCode(unit), language))
        for key, day in _days(year):
            cell = sheet.cell(row, places[key], day)
            cell.number_format = _FORMATS[Kind.DAY]


def _days(year: int | None) -> Iterator[tuple[str, date]]:
    if year is not None:
        yield "first", date(year, 1, 1)
        yield "last", date(year, 12, 31)


def _write_text(cell: Cell, text: str) -> None:
    """Text as text: what begins with an equals sign is no formula, and control characters are no part of it."""
    cell.value = "".join(one if one.isprintable() else " " for one in text)
    cell.data_type = "s"
    cell.number_format = "@"
