"""Opened figures as a workbook: exact results, sums in words, formulas a spreadsheet reckons, and no other formula."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook

from connectors.figure_sheet import HEADERS, FigureSheet, SheetRow, write_figures
from exchange.domain.calculation.sums import Term

BILL = SheetRow(
    "Bill 7, 2025",
    (Term("", Decimal(20), "MWH"), Term("*", Decimal(1000), "KWH/MWH")),
    "20 MWh × 1,000 kWh/MWh",
    Decimal(20000),
    "kWh",
    "Energy, row 7",
)
SHEET = FigureSheet("Energy use", "Frame: Energy use", ("2025",), (SheetRow("Electricity, 2025"), BILL))


def opened(*sheets: FigureSheet) -> Workbook:
    """What a spreadsheet finds in the file."""
    return load_workbook(io.BytesIO(write_figures(sheets, "en")))


def test_each_sum_is_a_row_with_result_formula_and_source() -> None:
    page = opened(SHEET)["Energy use"]
    rows = [tuple(row) for row in page.iter_rows(values_only=True)]
    assert rows[0][0] == "Frame: Energy use"
    assert rows[1][0] == "2025"
    assert rows[3] == HEADERS["en"]
    assert rows[4] == ("Electricity, 2025", None, None, None, None, None)
    assert rows[5] == ("Bill 7, 2025", "20 MWh × 1,000 kWh/MWh", 20000, "kWh", "=20*1000", "Energy, row 7")


def test_what_is_added_before_it_is_multiplied_stands_in_brackets() -> None:
    terms = (Term("", Decimal("1.5")), Term("+", Decimal(2)), Term("*", Decimal("0.8")))
    page = opened(FigureSheet("a", "a", (), (SheetRow("part", terms, "", Decimal("2.8"), "kg"),)))["a"]
    assert page.cell(4, 5).value == "=(1.5+2)*0.8"
    assert page.cell(4, 3).value == 2.8


def test_headers_are_in_the_reader_s_language() -> None:
    page = load_workbook(io.BytesIO(write_figures([SHEET], "da")))["Energy use"]
    assert [cell.value for cell in page[4]] == list(HEADERS["da"])


def test_a_number_of_more_digits_than_a_spreadsheet_keeps_is_text() -> None:
    long = Decimal("1234567.123456789")  # sixteen digits
    page = opened(FigureSheet("a", "a", (), (SheetRow("x", (Term("", long),), "", long, "kg"),)))["a"]
    assert page.cell(4, 3).value == "1234567.123456789"
    short = Decimal("123456.123456789")  # fifteen
    page = opened(FigureSheet("a", "a", (), (SheetRow("x", (Term("", short),), "", short, "kg"),)))["a"]
    assert page.cell(4, 3).value == 123456.123456789


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "@x", "-2", '=HYPERLINK("http://x.example")'])
def test_nothing_a_person_entered_becomes_a_formula(text: str) -> None:
    row = SheetRow(text, (), text, None, text, text)
    page = opened(FigureSheet("a", text, (text,), (row,)))["a"]
    cells = [cell for line in page.iter_rows() for cell in line if cell.value == text]
    assert len(cells) == 6
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_missing_result_has_no_formula() -> None:
    page = opened(FigureSheet("a", "a", (), (SheetRow("no factor", (Term("", Decimal(3)),)),)))["a"]
    assert (page.cell(4, 3).value, page.cell(4, 5).value) == (None, None)


def test_names_of_sheets_are_allowed_ones_each_once() -> None:
    one = FigureSheet("CO2: [all]/a very long name of a sheet", "x", (), ())
    book = opened(one, one, FigureSheet("??", "y", (), ()))
    assert len({name.casefold() for name in book.sheetnames}) == 3
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in book.sheetnames)


def test_control_characters_are_left_out() -> None:
    assert opened(FigureSheet("a", "Bill\x07 1", (), ()))["a"]["A1"].value == "Bill 1"


def test_a_workbook_without_a_figure_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="one sheet"):
        write_figures([], "en")
