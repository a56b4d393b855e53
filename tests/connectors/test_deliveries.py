"""Tables of deliveries as people send them: two languages, two number conventions, no guessing."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from zipfile import ZIP_DEFLATED, ZipFile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from connectors.conventions import ConventionError, DateConvention, NumberConvention
from connectors.deliveries import read_deliveries
from connectors.tables import MAX_COLUMNS, MAX_ROWS
from exchange.domain.delivery_table import DeliveryTable, Recipient, RecipientKind
from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode

CVR = "10000009"  # weights 2765 4321: 1*2 + 9*1 = 11, divisible by 11
DANISH = f"""Varenr.;Modtagers CVR-nr.;Mængde;Enhed;Fra;Til og med
A-1;{CVR};1.234,50;kg;01-01-2025;31-01-2025
A-1;DK {CVR};2.000;kg;01-02-2025;28-02-2025
007;Bygholm Døre ApS;12;stk.;03.03.2025;03.03.2025
"""
ENGLISH = f"""Item number,Customer,Quantity,Unit,Delivery date,Returned
A-1,{CVR},"1,234.5",KGM,2025-01-15,no
A-1,{CVR},0.25,TNE,2025-01-16,yes
"""


def codes(table: DeliveryTable) -> list[tuple[int | None, str]]:
    """The issues, short."""
    return [(issue.row, issue.code) for issue in table.issues]


def row(cells: str, header: str = "sku;customer;quantity;unit;date") -> DeliveryTable:
    """A table of one row."""
    return read_deliveries(f"{header}\n{cells}\n".encode())


def workbook(rows: list[list[object]]) -> bytes:
    """An xlsx file."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in rows:
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_danish_table_is_read_in_every_encoding_excel_writes(encoding: str) -> None:
    table = read_deliveries(DANISH.encode(encoding))
    assert table.issues == ()
    first, second, third = table.records
    assert (first.row, first.supplier_product_id, first.amount) == (2, "A-1", Decimal("1234.50"))
    assert first.recipient == second.recipient == Recipient(RecipientKind.CVR, CVR)
    assert first.window == Period(date(2025, 1, 1), date(2025, 2, 1))  # the last day is in it
    assert second.amount == Decimal(2000)  # the row above has shown that the point groups thousands
    assert (third.supplier_product_id, third.unit) == ("007", UnitCode.PIECE)
    assert third.recipient == Recipient(RecipientKind.NAME, "Bygholm Døre ApS")
    assert third.window == Period(date(2025, 3, 3), date(2025, 3, 4))


def test_english_table_is_read() -> None:
    table = read_deliveries(ENGLISH.encode())
    assert table.issues == ()
    assert [r.amount for r in table.records] == [Decimal("1234.5"), Decimal("0.25")]
    assert [r.unit for r in table.records] == [UnitCode.KILOGRAM, UnitCode.TONNE]
    assert [r.returned for r in table.records] == [False, True]
    assert table.records[0].window == Period(date(2025, 1, 15), date(2025, 1, 16))


def test_spreadsheet_keeps_numbers_exact_and_dates_as_days() -> None:
    content = workbook(
        [
            ["Varenummer", "Kunde CVR", "Kunde", "Antal", "Enhed", "Dato", "Bemærkning"],
            [1001, int(CVR), "Firm", 1.234, "kg", datetime(2025, 5, 6), "hurtig"],
            [None, None, None, None, None, None, None],
            ["B-2", CVR, "Firm", 0.1 + 0.2, "kg", "07-05-2025", None],
        ]
    )
    table = read_deliveries(content)
    assert table.issues == ()
    assert table.ignored_columns == ("Kunde", "Bemærkning")  # the number names the customer more surely
    first, second = table.records
    assert (first.supplier_product_id, first.amount, first.recipient.text) == ("1001", Decimal("1.234"), CVR)
    assert first.window.start == date(2025, 5, 6)
    assert (second.row, second.amount) == (4, Decimal("0.3"))


def test_number_that_could_be_thousands_is_refused_where_nothing_settles_it() -> None:
    table = read_deliveries(b"sku;customer;qty;unit;date\nA;X;1.234;kg;2025-01-01\nA;X;12;kg;2025-01-01\n")
    assert codes(table) == [(2, "number.ambiguous")]
    assert [record.amount for record in table.records] == [Decimal(12)]


def test_column_that_contradicts_itself_settles_nothing() -> None:
    convention = NumberConvention.of(["1,5", "2.5", "1.234"])
    with pytest.raises(ConventionError) as refused:
        convention.read("1.234")
    assert refused.value.code == "number.ambiguous"
    assert convention.read("2.5") == Decimal("2.5")  # unambiguous by itself


@pytest.mark.parametrize(
    ("text", "others", "value"),
    [
        ("1.234.567", [], "1234567"),
        ("1,234,567.8", [], "1234567.8"),
        ("12,5", [], "12.5"),
        ("0,500", [], "0.500"),
        ("1 234,5", [], "1234.5"),
        ("1\u00a0234", [], "1234"),
        ("1.234", ["7,5"], "1234"),
        ("1.234", ["7.5"], "1.234"),
        ("-3,25", [], "-3.25"),
    ],
)
def test_number_is_read_as_the_column_writes_it(text: str, others: list[str], value: str) -> None:
    assert NumberConvention.of([text, *others]).read(text) == Decimal(value)


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from([".", ","]))
def test_what_is_written_with_either_mark_comes_back_exactly(amount: Decimal, mark: str) -> None:
    group = "," if mark == "." else "."
    text = f"{amount:,.2f}".replace(",", "\0").replace(".", mark).replace("\0", group)
    assert NumberConvention.of([text]).read(text) == amount


@pytest.mark.parametrize("text", ["", "abc", "1e5", "NaN", "1,2,3", "--1", "1.2.3"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ConventionError) as refused:
        NumberConvention(",").read(text)
    assert refused.value.code == "number.invalid"


@pytest.mark.parametrize(
    ("text", "others", "day"),
    [
        ("2025-12-31", [], date(2025, 12, 31)),
        ("2025-12-31T00:00:00", [], date(2025, 12, 31)),
        ("31-12-2025", [], date(2025, 12, 31)),
        ("3.4.2025", [], date(2025, 4, 3)),
        ("13/4/2025", [], date(2025, 4, 13)),
        ("4/13/2025", [], date(2025, 4, 13)),
        ("5/5/2025", [], date(2025, 5, 5)),
        ("3/4/2025", ["13/4/2025"], date(2025, 4, 3)),
        ("3/4/2025", ["4/13/2025"], date(2025, 3, 4)),
    ],
)
def test_date_is_read_as_the_file_writes_it(text: str, others: list[str], day: date) -> None:
    assert DateConvention.of([text, *others]).read(text) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [("3/4/2025", "date.ambiguous"), ("31-02-2025", "date.invalid"), ("soon", "date.invalid")],
)
def test_date_that_is_none_or_two_is_refused(text: str, code: str) -> None:
    with pytest.raises(ConventionError) as refused:
        DateConvention.of([text]).read(text)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (";X;1;kg;2025-01-01", "cell.missing"),
        ("A;;1;kg;2025-01-01", "cell.missing"),
        ("A;X;;kg;2025-01-01", "cell.missing"),
        ("A;X;1;;2025-01-01", "cell.missing"),
        ("A;X;1;kg;", "cell.missing"),
        ("A;X;-1;kg;2025-01-01", "quantity.not_positive"),
        ("A;X;0;kg;2025-01-01", "quantity.not_positive"),
        ("A;X;1;GJ;2025-01-01", "unit.ambiguous"),
        ("A;X;1;gj;2025-01-01", "unit.ambiguous"),
        ("A;X;1;mg;2025-01-01", "unit.unknown"),
        ("A;X;1;barrel;2025-01-01", "unit.unknown"),
        ("A;12345678;1;kg;2025-01-01", "recipient.cvr"),
        ("A;X;1;kg;2025-01-01;more", "row.cells"),
    ],
)
def test_faulty_row_is_told_with_its_number_and_code(cells: str, code: str) -> None:
    assert codes(row(cells)) == [(2, code)]


def test_time_that_ends_before_it_starts_is_refused() -> None:
    assert codes(row("A;X;1;kg;2025-02-01;2025-01-01", "sku;customer;qty;unit;from;to")) == [
        (2, "window.empty")
    ]


def test_end_called_to_is_the_day_after_the_last() -> None:
    table = row("A;X;1;kg;2025-01-01;2025-02-01", "sku;customer;qty;unit;from;to")
    assert table.records[0].window == Period(date(2025, 1, 1), date(2025, 2, 1))


@pytest.mark.parametrize("text", ["MWh", "MWH", "mwh"])
def test_megawatt_hours_are_known_by_symbol_and_code_in_either_case(text: str) -> None:
    assert row(f"A;X;1;{text};2025-01-01").records[0].unit is UnitCode.MEGAWATT_HOUR


def test_comma_between_digits_of_an_unquoted_cell_is_found_out() -> None:
    table = read_deliveries(b"sku,customer,qty,unit,date\nA,X,12,5,kg,2025-01-01\n")
    assert codes(table) == [(2, "row.cells")]


def test_organisation_is_named_by_its_id_here() -> None:
    found = row("A;URN:UUID:019A0000-0000-7000-8000-000000000001;1;kg;2025-01-01").records[0].recipient
    assert found == Recipient(RecipientKind.ID, "019a0000-0000-7000-8000-000000000001")


def test_row_number_is_the_one_the_senders_program_shows() -> None:
    content = b'sep=;\nsku;customer;qty;unit;date\n\n"A";"two\nlines";1;kg;2025-01-01\nB;X;0;kg;2025-01-01\n'
    table = read_deliveries(content)
    assert [record.row for record in table.records] == [4]
    assert codes(table) == [(6, "quantity.not_positive")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table.empty"),
        (b"sku;customer;qty;unit;date\n", "table.empty"),
        (b"\x81\x8d\x00\xff", "table.encoding"),
        (b"a\x00b\nc\n", "table.unreadable"),
        (b"PK\x03\x04 no archive", "table.unreadable"),
        (b"one;two\n1;2\n", "table.column_missing"),
        (b"sku;varenr;customer;qty;unit;date\nA;B;X;1;kg;2025-01-01\n", "table.column_doubled"),
        (b"sku;customer;qty;unit;date\n" + b"A;X;1;kg;2025-01-01\n" * (MAX_ROWS + 1), "table.too_long"),
    ],
)
def test_file_that_is_no_such_table_is_refused_whole(content: bytes, code: str) -> None:
    table = read_deliveries(content)
    assert table.records == ()
    assert {(issue.row, issue.code) for issue in table.issues} == {(None, code)}


def repacked(content: bytes, **parts: str | None) -> bytes:
    """The archive with `sheet` or `texts` written anew, or with its workbook left out (None)."""
    names = {
        "sheet": "xl/worksheets/sheet1.xml",
        "texts": "xl/sharedStrings.xml",
        "workbook": "xl/workbook.xml",
    }
    changed = {names[part]: text for part, text in parts.items()}
    out = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changed:
                new.writestr(name, old.read(name))
        for name, text in changed.items():
            if text is not None:
                new.writestr(name, text)
    return out.getvalue()


def sheet(cells: str, before: str = "", prolog: str = "") -> bytes:
    """A workbook whose sheet has these rows, written as they are given."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    whole = f'{prolog}<worksheet xmlns="{space}">{before}<sheetData>{cells}</sheetData></worksheet>'
    return repacked(workbook([["text"]]), sheet=whole)


@pytest.fixture
def no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file must be refused before the spreadsheet reader sees it: that one aborts the process."""

    def read(*_: object, **__: object) -> None:
        pytest.fail("the reader was called")

    monkeypatch.setattr(pd, "read_excel", read)


MONSTERS: dict[str, tuple[Callable[[], bytes], str]] = {
    "two far corners": (
        lambda: sheet('<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>'),
        "table.too_long",
    ),
    "column 201": (lambda: sheet('<row r="1"><c r="A1"/><c r="GS1"><v>1</v></c></row>'), "table.too_wide"),
    "201 cells without names": (lambda: sheet('<row r="1">' + "<c/>" * 201 + "</row>"), "table.too_wide"),
    "the cell after column 200": (lambda: sheet('<row r="1"><c r="GR1"/><c/></row>'), "table.too_wide"),
    "the row after 20001": (lambda: sheet('<row r="20001"><c/></row><row><c/></row>'), "table.too_long"),
    "row 20002 by its cell": (lambda: sheet('<row r="1"><c r="A20002"/></row>'), "table.too_long"),
    "dimension": (lambda: sheet("", '<dimension ref="A1:XFD1048576"/>'), "table.too_long"),
    "no cell's name": (lambda: sheet('<row><c r="AAAAA1"/></row>'), "table.unreadable"),
    "not well-formed": (lambda: sheet("<row><c></row>"), "table.unreadable"),
    "entities": (lambda: sheet("", prolog='<!DOCTYPE a [<!ENTITY b "c">]>'), "table.unreadable"),
    "unpacks too large": (
        lambda: sheet("<row><c>" + "0" * 110_000_000 + "</c></row>"),
        "table.too_large",
    ),
    "one long text in 20000 cells": (
        lambda: repacked(
            sheet('<row><c t="s"><v>0</v></c></row>' * 20_000),
            texts=f"<sst><si><t>{'a' * 30_000}</t></si></sst>",
        ),
        "table.too_large",
    ),
    "another archive": (lambda: repacked(workbook([["a"]]), workbook=None), "table.format"),
    "older workbook": (lambda: b"\xd0\xcf\x11\xe0 an older workbook", "table.format"),
}


@pytest.mark.usefixtures("no_reader")
@pytest.mark.parametrize("name", MONSTERS)
def test_spreadsheet_that_would_fill_the_memory_is_refused_unread(name: str) -> None:
    make, code = MONSTERS[name]
    assert codes(read_deliveries(make())) == [(None, code)]


def test_reader_sees_only_parts_that_were_looked_through() -> None:
    """Else a sheet under a name that is no XML's would pass by the check."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(workbook([["sku"], ["A"]]))) as old, ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name).replace(b"worksheets/sheet1.xml", b"media/image1.png")
            new.writestr(name.replace("worksheets/sheet1.xml", "media/image1.png"), text)
    assert codes(read_deliveries(out.getvalue())) == [(None, "table.unreadable")]


def test_table_of_the_full_length_is_read() -> None:
    header = ["sku", "customer", "qty", "unit", "date"]
    table = read_deliveries(workbook([header, *[["A", "X", 1, "kg", "2025-01-01"]] * MAX_ROWS]))
    assert (len(table.records), table.issues) == (MAX_ROWS, ())


def test_table_of_the_full_breadth_is_read() -> None:
    header = ["sku", "customer", "qty", "unit", "date", *[None] * (MAX_COLUMNS - 6), "note"]
    table = read_deliveries(workbook([header, ["A", "X", 1, "kg", "2025-01-01"]]))
    assert (len(table.records), table.ignored_columns) == (1, ("note",))


@given(st.binary(max_size=400))
def test_no_bytes_at_all_raise(content: bytes) -> None:
    assert read_deliveries(content).issues or read_deliveries(content).records


@given(st.text(max_size=200))
def test_no_row_at_all_raises(cells: str) -> None:
    row(cells)
