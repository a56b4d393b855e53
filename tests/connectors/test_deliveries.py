"""Tables of deliveries as people send them: two languages, two number conventions, no guessing."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from connectors.conventions import ConventionError, DateConvention, NumberConvention
from connectors.deliveries import read_deliveries
from connectors.tables import MAX_ROWS
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
        ("A;X;1;mwh;2025-01-01", "unit.unknown"),
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


@pytest.mark.parametrize("text", ["MWh", "MWH"])
def test_megawatt_hours_are_known_by_symbol_and_code(text: str) -> None:
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
        (b"\xd0\xcf\x11\xe0 no workbook", "table.unreadable"),
        (b"one;two\n1;2\n", "table.column_missing"),
        (b"sku;varenr;customer;qty;unit;date\nA;B;X;1;kg;2025-01-01\n", "table.column_doubled"),
        (b"sku;customer;qty;unit;date\n" + b"A;X;1;kg;2025-01-01\n" * (MAX_ROWS + 1), "table.too_long"),
    ],
)
def test_file_that_is_no_such_table_is_refused_whole(content: bytes, code: str) -> None:
    table = read_deliveries(content)
    assert table.records == ()
    assert {(issue.row, issue.code) for issue in table.issues} == {(None, code)}


def test_archive_that_unpacks_to_a_monster_is_not_unpacked() -> None:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 210_000_000)
    assert codes(read_deliveries(out.getvalue())) == [(None, "table.too_large")]


@given(st.binary(max_size=400))
def test_no_bytes_at_all_raise(content: bytes) -> None:
    assert read_deliveries(content).issues or read_deliveries(content).records


@given(st.text(max_size=200))
def test_no_row_at_all_raises(cells: str) -> None:
    row(cells)
