"""Account tables as people really send them: titles, totals, hidden and unknown sheets, CSV, and hostile files."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
import python_calamine
from openpyxl import Workbook

from connectors.account import LIMITS, read_account
from connectors.workbooks import Limits, TableError, checked_workbook
from exchange.domain.calculation.account_table import AccountTable
from tests.connectors.test_deliveries import repacked, sheet

HEADER = ["Materiale", "Mængde", "Enhed", "Første dag"]
STEEL = ["Stål", 5, "kg", 2025]


def saved(book: Workbook) -> bytes:
    """The workbook's bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def materials(*rows: list[object], name: str = "Materialer") -> Workbook:
    """A workbook with one sheet of rows as they are given."""
    book = Workbook()
    first = book.worksheets[0]
    first.title = name
    for cells in rows:
        first.append(cells)
    return book


def places(table: AccountTable) -> list[str]:
    """Where the bills stand."""
    return [bill.place for bill in table.bills]


def codes(table: AccountTable) -> list[tuple[str, str, str]]:
    """The issues, short."""
    return [(issue.place, issue.column, issue.code) for issue in table.issues]


def test_titles_blank_rows_and_totals_are_no_rows() -> None:
    rows: list[list[object]] = [
        ["Indkøb 2025"], [], ["fra økonomisystemet", None, None, "udskrevet"], [], [*HEADER, "Bemærkning", "Tom"],
        STEEL, [], [" ", None, " "], [*STEEL, "haster"], ["I alt", 10, "kg"], [None, "Total: ", 10],
    ]  # fmt: skip
    table = read_account(saved(materials(*rows)))
    assert places(table) == ["Materialer, række 6", "Materialer, række 9"]
    assert table.issues == ()
    assert table.ignored_columns == (  # nothing stands in the column "Tom"
        "Materialer: Bemærkning",
        "Materialer, række 10: I alt",
        "Materialer, række 11: Total:",
    )


def test_merged_cell_fills_its_first_row_alone() -> None:
    book = materials(HEADER, STEEL, ["Kobber", 5, "kg", None])
    book.worksheets[0].merge_cells("D2:D3")
    table = read_account(saved(book))
    assert places(table) == ["Materialer, række 2"]
    assert codes(table) == [("Materialer, række 3", "Første dag", "cell.missing")]


def test_hidden_and_unknown_sheets_are_left_out_by_name() -> None:
    book = materials(HEADER, STEEL)
    for name, state in (
        ("Energi", "hidden"),
        ("Noter", "visible"),
        ("Vejledning", "visible"),
        ("Lister", "hidden"),
    ):
        extra = book.create_sheet(name)
        extra.append(["Energibærer", "Mængde"])
        extra.sheet_state = state
    table = read_account(saved(book))
    assert (len(table.bills), table.issues, table.ignored_columns) == (1, (), ("Energi", "Noter"))


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("materials", "materials, row 2"),
        (" Materialer 2025 ", "Materialer 2025, række 2"),
        ("RÅVARER", "RÅVARER, række 2"),
        ("Purchased materials", "Purchased materials, row 2"),
    ],
)
def test_sheet_is_known_by_names_people_use(name: str, place: str) -> None:
    assert places(read_account(saved(materials(HEADER, STEEL, name=name)))) == [place]


def test_protected_sheet_is_read() -> None:
    book = materials(HEADER, STEEL)
    book.worksheets[0].protection.set_password("fire høns")
    assert len(read_account(saved(book)).bills) == 1


def test_formula_without_its_value_is_an_empty_cell() -> None:
    table = read_account(saved(materials(HEADER, ["Stål", "=1+1", "kg", 2025])))
    assert codes(table) == [("Materialer, række 2", "Mængde", "cell.missing")]


def test_columns_that_are_needed_are_asked_for_once() -> None:
    table = read_account(saved(materials(["Materiale", "Enhed"], ["Stål", "kg"])))
    assert codes(table) == [
        ("Materialer", "Mængde", "table.column_missing"),
        ("Materialer", "Første dag", "table.column_missing"),
    ]


def test_two_columns_of_one_name_are_refused_and_a_synonym_beside_the_own_name_is_ignored() -> None:
    doubled = read_account(saved(materials([*HEADER, "Mængde"], [*STEEL, 6])))
    assert codes(doubled) == [("Materialer", "Mængde", "table.column_doubled")]
    synonym = read_account(saved(materials([*HEADER, "Antal"], [*STEEL, 6])))
    assert (len(synonym.bills), synonym.ignored_columns) == (1, ("Materialer: Antal",))


def test_sheet_without_a_header_is_told() -> None:
    table = read_account(saved(materials(["Stål", 5], ["Kobber", 6])))
    assert {issue.code for issue in table.issues} == {"table.column_missing"}


CSV = """Sheet;Carrier;Material;Name;Amount;Unit;First day
Energy;Electricity;;;1.234,5;kWh;March 2025
Materials;;Steel;;2;t;2025

Materials;;Steel;here;3;t;2025
Energi;El;;;7;kWh;marts 2025
Enrgy;Coal;;;1;t;2025
;Coal;;;1;t;2025
Total;;;;8;;
Energy;Coal;;;1;t;2025;more
"""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_csv_names_the_sheet_of_each_row(encoding: str) -> None:
    table = read_account(CSV.encode(encoding))
    assert places(table) == ["Energy, row 2", "Materials, row 3", "Materials, row 5", "Energi, række 6"]
    assert [bill.amount.amount for bill in table.bills] == [Decimal("1234.5"), 2, 3, 7]
    assert table.ignored_columns == ("Materials: Name",)
    assert codes(table) == [
        ("row 7", "Sheet", "sheet.unknown"),
        ("row 8", "Sheet", "sheet.unknown"),
        ("row 9", "Sheet", "sheet.unknown"),
        ("row 10", "Sheet", "row.cells"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table.empty"),
        (b"Carrier;Amount\nCoal;1\n", "table.sheet_missing"),
        (b"\xd0\xcf\x11\xe0 an older or an encrypted workbook", "table.format"),
        (b"PK\x03\x04 no archive", "table.unreadable"),
        (b"Sheet;Carrier\n" + b"Energy;Coal\n" * (LIMITS.rows + 1), "table.too_long"),
        # Refused at the row too many: what stands below is not read.
        (b"Sheet;Carrier\n" + b"Energy;Coal\n" * (LIMITS.rows + 1) + b"x" * 200_000, "table.too_long"),
        (b"Sheet" + b";" * LIMITS.columns + b"\nEnergy\n", "table.too_wide"),
    ],
    ids=["empty", "no sheet", "older", "damaged", "long", "long and not read on", "wide"],
)
def test_file_that_is_no_account_is_refused_whole(content: bytes, code: str) -> None:
    table = read_account(content)
    assert [(issue.place, issue.code) for issue in table.issues] == [("", code)]


def test_workbook_without_any_known_sheet_is_refused() -> None:
    table = read_account(saved(materials(HEADER, STEEL, name="Ark1")))
    assert ([issue.code for issue in table.issues], table.ignored_columns) == (
        ["table.sheet_missing"],
        ("Ark1",),
    )


MONSTERS = {
    "two far corners": (
        '<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>',
        "table.too_long",
    ),
    "column 65": ('<row r="1"><c r="A1"/><c r="BM1"/></row>', "table.too_wide"),
    "the row after 60001": ('<row r="60001"><c/></row><row><c/></row>', "table.too_long"),
    "65 cells without names": ('<row r="1">' + "<c/>" * 65 + "</row>", "table.too_wide"),
    "under a prefix": ('<row r="1"><x:c xmlns:x="x" r="ZZ1"/></row>', "table.too_wide"),
    "two spaces": ('<row r="1"><c  r="ZZ1"/></row>', "table.too_wide"),
    "another attribute first": ('<row r="1"><c s="1" r="ZZ1"/></row>', "table.too_wide"),
    "an angle bracket in a value": ('<row r="1"><c s=">" r="ZZ1"/></row>', "table.too_wide"),
    "in single quotes": ("<row r='1'><c r='ZZ1'/></row>", "table.too_wide"),
    "as a reference": ('<row r="1"><c r="&#90;Z1"/></row>', "table.too_wide"),
    "two places": ('<row r="1"><c r="A1" r="ZZ1"/></row>', "table.unreadable"),
    "after a line break": ('<row r="1"><c\nr="ZZ1"/></row>', "table.too_wide"),
    "not well-formed": ('<row r="1"><c r="A1"></row>', "table.unreadable"),
}


@pytest.fixture
def no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file must be refused before the spreadsheet reader sees it: that one aborts the process."""

    class Reader:
        @staticmethod
        def from_filelike(_: object) -> None:
            pytest.fail("the reader was called")

    monkeypatch.setattr(python_calamine, "CalamineWorkbook", Reader)


@pytest.mark.usefixtures("no_reader")
@pytest.mark.parametrize("name", MONSTERS)
def test_workbook_that_would_fill_the_memory_is_refused_unread(name: str) -> None:
    cells, code = MONSTERS[name]
    assert codes_of(read_account(sheet(cells))) == [code]


@pytest.mark.usefixtures("no_reader")
@pytest.mark.parametrize("kind", ['"s"', "'s'", '"&#115;"'])
def test_one_long_text_in_many_cells_is_refused_unread(kind: str) -> None:
    cells = f'<row r="1"><c r="A1" t={kind}><v>0</v></c></row>' * 20_000 + "<?end ?>"
    content = repacked(sheet(cells), texts=f"<sst><si><t>{'a' * 30_000}</t></si></sst>")
    assert codes_of(read_account(content)) == ["table.too_large"]


def codes_of(table: AccountTable) -> list[str]:
    """The codes alone."""
    return [issue.code for issue in table.issues]


@pytest.mark.parametrize(("rows", "fits"), [(20_000, True), (60_000, True), (60_001, False)])
def test_row_limit_is_the_readers_own(rows: int, fits: bool) -> None:
    content = sheet(f'<row r="{rows + 1}"><c r="A{rows + 1}"/></row>')
    if fits:
        checked_workbook(content, LIMITS)
        return
    with pytest.raises(TableError) as refused:
        checked_workbook(content, LIMITS)
    assert refused.value.issue.code == "table.too_long"
    checked_workbook(content, Limits(100_000, 64))


def test_table_of_the_full_length_is_read() -> None:
    header = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in HEADER)
    text = '<c t="inlineStr"><is><t>kg</t></is></c>'
    steel = f"{text}<c><v>2.5</v></c>{text}<c><v>2025</v></c>"
    content = repacked(
        saved(materials(HEADER)),
        sheet=f"<worksheet><sheetData><row>{header}</row>{f'<row>{steel}</row>' * LIMITS.rows}</sheetData></worksheet>",
    )
    table = read_account(content)
    assert (len(table.bills), table.issues) == (LIMITS.rows, ())
    assert table.bills[-1].place == f"Materialer, række {LIMITS.rows + 1}"
