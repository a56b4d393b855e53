"""Opened figures as a workbook: one sheet per figure, one row per sum, from the bills down to the figure.

Beside each result in exact digits stands the sum in words a pocket calculator follows, and the same as a formula that
the spreadsheet reckons for itself. A spreadsheet keeps fifteen digits: a longer number is written as text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from exchange.domain.calculation.sums import Term, spell

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Language: TypeAlias = Literal["da", "en"]
HEADERS: dict[Language, tuple[str, ...]] = {
    "da": ("Trin", "Regnestykke", "Resultat", "Enhed", "Regnearkets eget resultat", "Kilde"),
    "en": ("Step", "Sum", "Result", "Unit", "The spreadsheet's own result", "Source"),
}
WIDTHS = (46, 60, 20, 14, 20, 70)
KEPT_DIGITS = 15
LONGEST_FORMULA = 8000  # a spreadsheet takes 8 192 characters
LONGEST_NAME = 31
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class SheetRow:
    """One row: a heading where there are no terms, else a sum; words are in the reader's language."""

    step: str
    terms: tuple[Term, ...] = ()
    text: str = ""
    result: Decimal | None = None
    unit: str = ""
    source: str = ""


@dataclass(frozen=True)
class FigureSheet:
    """One opened figure: the sheet's name, what it is the figure of, facts about it, and its rows."""

    name: str
    title: str
    about: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def write_figures(sheets: Sequence[FigureSheet], language: Language) -> bytes:
    """The workbook (xlsx) with a sheet for each figure, in the order given. Raises ValueError without any."""
    from openpyxl import Workbook

    if not sheets:
        raise ValueError("a workbook has at least one sheet")
    book = Workbook()
    del book[book.active.title]
    for name, sheet in zip(_names(sheets), sheets, strict=True):
        _fill(book.create_sheet(name), sheet, language)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _names(sheets: Iterable[FigureSheet]) -> list[str]:
    """Names a spreadsheet allows, each once."""
    names: list[str] = []
    for number, sheet in enumerate(sheets, start=1):
        name = _NOT_IN_A_NAME.sub(" ", sheet.name).strip()[:LONGEST_NAME] or str(number)
        if name.casefold() in {one.casefold() for one in names}:
            name = f"{name[: LONGEST_NAME - 5]} {number}"
        names.append(name)
    return names


def _fill(page: Worksheet, sheet: FigureSheet, language: Language) -> None:
    from openpyxl.styles import Alignment, Font

    bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    for line in (sheet.title, *sheet.about, ""):
        page.append([None])
        _write(page, page.max_row, 1, line)
    page.cell(1, 1).font = Font(bold=True, size=14)
    first = len(sheet.about) + 3
    for column, header in enumerate(HEADERS[language], start=1):
        _write(page, first, column, header)
        page.cell(first, column).font = bold
    for place, row in enumerate(sheet.rows, start=first + 1):
        _fill_row(page, place, row)
        for column in (1, 2, 6):
            page.cell(place, column).alignment = wrapped
        if not row.terms:
            page.cell(place, 1).font = bold
    for letter, width in zip("ABCDEF", WIDTHS, strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = page.cell(first + 1, 1)


def _fill_row(page: Worksheet, place: int, row: SheetRow) -> None:
    for column, text in ((1, row.step), (2, row.text), (4, row.unit), (6, row.source)):
        _write(page, place, column, text)
    if row.result is not None:
        _write(page, place, 3, row.result)
    formula = "=" + spell(row.terms, _typed)
    if row.terms and row.result is not None and len(formula) <= LONGEST_FORMULA:
        page.cell(place, 5).value = formula


def _typed(term: Term) -> str:
    """A term as it is typed into a spreadsheet."""
    return f"{term.sign}{format(term.amount, 'f')}"


def _write(page: Worksheet, row: int, column: int, value: str | Decimal) -> None:
    """Text stays text, whatever it begins with: nothing a person has entered becomes a formula."""
    cell = page.cell(row, column)
    if isinstance(value, Decimal) and len(value.normalize().as_tuple().digits) <= KEPT_DIGITS:
        cell.value = value
    elif value != "":
        text = format(value, "f") if isinstance(value, Decimal) else _CONTROL.sub("", value)
        cell.value = text
        cell.data_type = "s"
