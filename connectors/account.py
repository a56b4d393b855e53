"""A filled-in account template, xlsx or CSV, Danish or English, to bills, readings, production and the rest.

The sheets are known by name, the columns by header, in either language. What can be read in two ways is refused with
its reason; what is left out is named: `ignored_columns` holds unknown columns, sheets and rows of totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.account_bills import read_bills
from connectors.account_cells import Fault
from connectors.account_flows import Flows
from connectors.account_layout import LAYOUTS, MAX_COLUMNS, MAX_ROWS, SHEET_COLUMN
from connectors.account_records import read_by_products, read_outputs, read_readings, read_shares, read_years
from connectors.account_sheets import (
    ROW_WORD,
    Sheet,
    SheetTable,
    is_of_template,
    layout_of,
    places_of,
    table_of,
)
from connectors.tables import Cell, is_spreadsheet, read_csv
from connectors.vocabulary import Language, plain
from connectors.workbooks import Limits, RawCell, TableError, open_workbook
from exchange.domain.calculation.account_table import (
    AccountTable,
    BillEntry,
    ByProductEntry,
    OutputEntry,
    ReadingEntry,
    RowIssue,
    ShareEntry,
    YearEntry,
)

LIMITS = Limits(MAX_ROWS, MAX_COLUMNS)
_SHEET_NAMES = frozenset(map(plain, SHEET_COLUMN))
_NO_SHEET = (
    f"No sheet of the template was found, such as {LAYOUTS[0].da!r} or {LAYOUTS[0].en!r}; a CSV file names the sheet "
    f"of each row in a column {SHEET_COLUMN[0]!r} or {SHEET_COLUMN[1]!r}."
)


@dataclass
class _Found:
    """What has been read of a file so far."""

    flows: Flows = field(default_factory=Flows)
    bills: list[BillEntry] = field(default_factory=list)
    readings: list[ReadingEntry] = field(default_factory=list)
    outputs: list[OutputEntry] = field(default_factory=list)
    by_products: list[ByProductEntry] = field(default_factory=list)
    shares: list[ShareEntry] = field(default_factory=list)
    years: list[YearEntry] = field(default_factory=list)
    issues: list[RowIssue] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    later: list[SheetTable] = field(default_factory=list)

    def add(self, sheet: Sheet) -> None:
        """Read a sheet; meters and shares wait for the flows of other sheets."""
        found = table_of(sheet)
        if found is None:
            return
        table, left_out = found
        self.ignored += left_out
        if table.is_complete():
            self._read(table)
        self.issues += table.issues

    def _read(self, table: SheetTable) -> None:
        match table.layout.key:
            case "meters" | "shares":
                self.later.append(table)
            case "production":
                self.outputs += read_outputs(table)
            case "by_products":
                self.by_products += read_by_products(table)
            case "company":
                self.years += read_years(table)
            case _:
                self.bills += read_bills(table, self.flows)

    def refuse(self, fault: Fault, place: str, column: str) -> None:
        """Note a row that belongs to no sheet's table."""
        self.issues.append(RowIssue(fault.code, fault.detail, place, column))

    def table(self) -> AccountTable:
        """All of it, once every sheet was added."""
        flows = self.flows.all()
        for table in self.later:
            if table.layout.key == "meters":
                self.readings += read_readings(table, flows)
            else:
                self.shares += read_shares(table, flows)
            self.issues += table.issues
        return AccountTable(
            tuple(self.bills),
            tuple(self.readings),
            tuple(self.outputs),
            tuple(self.by_products),
            tuple(self.shares),
            tuple(self.years),
            tuple(self.issues),
            tuple(self.ignored),
        )


def read_account(content: bytes) -> AccountTable:
    """What the file says, and what is wrong with it, row by row. Never raises for bad content."""
    found = _Found()
    try:
        is_recognised = _workbook(content, found) if is_spreadsheet(content) else _csv(content, found)
    except TableError as error:
        return AccountTable(issues=(RowIssue(error.issue.code, error.issue.detail),))
    table = found.table()
    if is_recognised:
        return table
    return AccountTable(
        issues=(RowIssue("table.sheet_missing", _NO_SHEET),), ignored_columns=table.ignored_columns
    )


def _workbook(content: bytes, found: _Found) -> bool:
    """Read every visible sheet that is known; what is hidden its sender does not see, so it is left out."""
    book = open_workbook(content, LIMITS)
    found.ignored += [name for name in book.hidden if not is_of_template(name)]
    is_recognised = False
    for name in book.visible:
        known = layout_of(name)
        if known is not None:
            is_recognised = True
            rows = book.rows(name)
            found.add(Sheet(*known, name.strip(), rows, range(1, len(rows) + 1)))
        elif not is_of_template(name):
            found.ignored.append(name)
    return is_recognised


def _csv(content: bytes, found: _Found) -> bool:
    """Read a text file; its column "Sheet" says which sheet a row belongs to. Without one nothing is recognised.

    Each sheet is read as if its rows alone stood in the file, so that it proves its own conventions.
    """
    rows = read_csv(content, _count_known, LIMITS)
    header = [str(cell) for cell in rows[0].cells]
    at = next((index for index, cell in enumerate(header) if plain(cell) in _SHEET_NAMES), None)
    if at is None:
        return False
    if len(header) > LIMITS.columns:  # every row is made as long as the header
        raise LIMITS.too_wide()
    word = header[at]
    language: Language = "da" if plain(word) == plain(SHEET_COLUMN[0]) else "en"
    header[at] = ""
    sheets: dict[str, list[tuple[int, list[RawCell]]]] = {}
    for row in rows[1:]:
        name = str(row.cells[at]) if at < len(row.cells) else ""
        known = layout_of(name)
        if known is None or len(row.cells) > len(header):
            found.refuse(_misplaced(name, known is not None), f"{ROW_WORD[language]} {row.number}", word)
            continue
        sheets.setdefault(known[0].name(known[1]), []).append((row.number, _only(row.cells, at, len(header))))
    for name, lines in sheets.items():
        known = layout_of(name)
        if known is not None:
            numbers = [rows[0].number, *(number for number, _ in lines)]
            found.add(Sheet(*known, name, [header, *(cells for _, cells in lines)], numbers))
    return True


def _only(cells: Sequence[Cell], at: int, length: int) -> list[RawCell]:
    """A row's cells without the one that names its sheet, as many as the header has."""
    padded = [*map(str, cells), *[""] * (length - len(cells))]
    padded[at] = ""
    return list(padded)


def _misplaced(name: str, is_known: bool) -> Fault:
    if is_known:
        return Fault("row.cells", "The row has more cells than the header: is a separator unquoted?")
    return Fault("sheet.unknown", f"{name[:60]!r} is no sheet of the template.")


def _count_known(header: Sequence[str]) -> int:
    return max(len(places_of(layout, header).by_key) for layout in LAYOUTS)
