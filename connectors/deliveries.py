"""A supplier's table of deliveries, CSV or spreadsheet, with Danish or English column names, to records.

Needed: product number, recipient (CVR number, id or name), quantity, unit, and when: a day, or first day and end.
A column called "to" or "til" is the day after the last one (half-open); "through" or "til og med" is the last day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.conventions import ConventionError, DateConvention, NumberConvention
from connectors.tables import Cell, Row, TableError, read_rows
from connectors.vocabulary import FLAGS, UNITS, plain
from exchange.domain.delivery_table import (
    DeliveryRecord,
    DeliveryTable,
    Recipient,
    RecipientKind,
    TableIssue,
)
from exchange.domain.errors import InvalidError
from exchange.domain.identifiers import is_valid_cvr, is_valid_urn_uuid
from exchange.domain.periods import Period, day_after
from exchange.domain.quantities import UnitCode

COLUMNS: dict[str, tuple[str, ...]] = {
    "product": (
        "supplier product id", "product id", "product no", "product number", "item no", "item number", "sku",
        "varenummer", "varenr", "vare nr", "produktnummer", "produktnr", "produkt nr", "produkt id",
    ),
    "recipient": (  # a number is surer than a name, so it comes first where a table has both
        "recipient cvr", "customer cvr", "cvr", "cvr nr", "cvr no", "modtager cvr", "modtagers cvr",
        "modtagers cvr nr", "kunde cvr", "kundens cvr", "kundens cvr nr", "recipient id", "customer id",
        "recipient", "recipient name", "customer", "customer name", "modtager", "kunde", "kundenavn",
    ),
    "quantity": ("quantity", "qty", "amount", "mængde", "maengde", "antal"),
    "unit": ("unit", "uom", "unit code", "enhed", "måleenhed", "enhedskode"),
    "day": ("date", "delivery date", "delivered on", "dato", "leveringsdato"),
    "start": ("start", "from", "window start", "start date", "fra", "fra dato", "startdato", "periode fra"),
    "end": ("end", "to", "window end", "end date", "until", "slut", "til", "til dato", "slutdato", "periode til"),
    "through": ("through", "last day", "to and including", "til og med", "t o m", "sidste dag"),
    "returned": ("returned", "return", "retur", "returneret"),
}  # fmt: skip
NEEDED = ("product", "recipient", "quantity", "unit")
_CVR = re.compile(r"(?:DK)?\s*(\d{2})\s?(\d{2})\s?(\d{2})\s?(\d{2})", re.IGNORECASE)


class _CellError(Exception):
    """A cell that cannot be taken."""

    def __init__(self, code: str, detail: str, column: str) -> None:
        super().__init__(detail)
        self.code, self.detail, self.column = code, detail, column


@dataclass(frozen=True)
class _Reader:
    """Where the columns are and how the file writes numbers and dates."""

    places: dict[str, int]
    names: Sequence[str]
    numbers: NumberConvention
    dates: DateConvention

    def record(self, row: Row) -> DeliveryRecord:
        """The row as a record; raises _CellError."""
        if len(row.cells) > len(self.names):
            detail = (
                f"The row has {len(row.cells)} cells, the header {len(self.names)}: is a separator unquoted?"
            )
            raise _CellError("row.cells", detail, "")
        return DeliveryRecord(
            row=row.number,
            supplier_product_id=_text(self._needed(row, "product")),
            recipient=_recipient(_text(self._needed(row, "recipient")), self._name("recipient")),
            amount=self._amount(row),
            unit=_unit(_text(self._needed(row, "unit")), self._name("unit")),
            window=self._window(row),
            returned=self._returned(row),
        )

    def _name(self, column: str) -> str:
        return self.names[self.places[column]]

    def _cell(self, row: Row, column: str) -> Cell:
        place = self.places.get(column)
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    def _needed(self, row: Row, column: str) -> Cell:
        cell = self._cell(row, column)
        if cell == "":
            raise _CellError("cell.missing", f"{self._name(column)} is empty.", self._name(column))
        return cell

    def _amount(self, row: Row) -> Decimal:
        cell, name = self._needed(row, "quantity"), self._name("quantity")
        if isinstance(cell, date):
            raise _CellError("number.invalid", "The quantity is a date.", name)
        try:
            amount = cell if isinstance(cell, Decimal) else self.numbers.read(cell)
        except ConventionError as error:
            raise _CellError(error.code, error.detail, name) from error
        if not amount.is_finite() or amount <= 0:
            detail = "A quantity is above zero; mark what came back in a column called returned."
            raise _CellError("quantity.not_positive", detail, name)
        return amount

    def _window(self, row: Row) -> Period:
        if "day" in self.places and self._cell(row, "day") != "":
            day = self._day(row, "day")
            return Period(day, day_after(day))
        start = self._day(row, "start")
        has_last = "through" in self.places and self._cell(row, "through") != ""
        end = day_after(self._day(row, "through")) if has_last else self._day(row, "end")
        try:
            return Period(start, end)
        except InvalidError as error:
            raise _CellError(
                "window.empty", "The time ends before it starts.", self._name("start")
            ) from error

    def _day(self, row: Row, column: str) -> date:
        if column not in self.places:
            raise _CellError("cell.missing", "The row does not say when.", "")
        cell = self._needed(row, column)
        if isinstance(cell, date):
            return cell
        try:
            return self.dates.read(_text(cell))
        except ConventionError as error:
            raise _CellError(error.code, error.detail, self._name(column)) from error

    def _returned(self, row: Row) -> bool:
        word = _text(self._cell(row, "returned"))
        flag = FLAGS.find(word) if word else "no"
        if flag is None:
            raise _CellError("returned.unknown", f"{word!r} is neither yes nor no.", self._name("returned"))
        return flag == "yes"


def read_deliveries(content: bytes) -> DeliveryTable:
    """The records of the file and what is wrong with it, row by row. Never raises for bad content."""
    try:
        rows = read_rows(content, lambda header: len(_places(header)))
    except TableError as error:
        return DeliveryTable((), (error.issue,))
    names = [_text(cell) for cell in rows[0].cells]
    places = _places(names)
    if issues := _header_issues(names, places):
        return DeliveryTable((), tuple(issues))
    body = rows[1:]
    reader = _Reader(
        places,
        names,
        NumberConvention.of(_column(body, places, ["quantity"])),
        DateConvention.of(_column(body, places, ["day", "start", "end", "through"])),
    )
    records, found = [], []
    for row in body:
        try:
            records.append(reader.record(row))
        except _CellError as error:
            found.append(TableIssue(error.code, error.detail, row.number, error.column))
    ignored = [name for place, name in enumerate(names) if name and place not in places.values()]
    return DeliveryTable(tuple(records), tuple(found), tuple(ignored))


def _places(header: Sequence[str]) -> dict[str, int]:
    """Which column is where; of several names for one thing, the one that comes first in COLUMNS."""
    headings = [plain(name) for name in header]
    return {
        column: headings.index(found)
        for column, names in COLUMNS.items()
        if (found := next((name for name in names if name in headings), None)) is not None
    }


def _header_issues(names: Sequence[str], places: dict[str, int]) -> list[TableIssue]:
    missing = [
        f"There is no column for the {column}: call one {COLUMNS[column][0]!r}."
        for column in NEEDED
        if column not in places
    ]
    if "day" not in places and not ("start" in places and ("end" in places or "through" in places)):
        missing.append("There is no column for the day, nor for start and end.")
    doubled = [
        (names[places[column]], name)
        for column in ("product", "quantity", "unit")
        if column in places
        for place, name in enumerate(names)
        if place != places[column] and plain(name) in COLUMNS[column]
    ]
    return [TableIssue("table.column_missing", detail) for detail in missing] + [
        TableIssue("table.column_doubled", f"{one!r} and {other!r} mean the same: keep one.", column=other)
        for one, other in doubled
    ]


def _column(rows: Sequence[Row], places: dict[str, int], columns: Sequence[str]) -> list[str]:
    """The text cells of some columns."""
    wanted = [places[column] for column in columns if column in places]
    return [
        cell
        for row in rows
        for place in wanted
        if place < len(row.cells) and isinstance(cell := row.cells[place], str)
    ]


def _text(cell: Cell) -> str:
    return (
        cell if isinstance(cell, str) else cell.isoformat() if isinstance(cell, date) else format(cell, "f")
    )


def _unit(text: str, column: str) -> UnitCode:
    """A Rec 20 code, or the name people write."""
    if plain(text) == "gj":
        detail = "GJ is gram per millilitre in the list of codes: write GV for gigajoules."
        raise _CellError("unit.ambiguous", detail, column)
    known = UNITS.find(text)
    if known is None:
        raise _CellError(
            "unit.unknown", f"{text!r} is no unit known here: use a code such as KGM or H87.", column
        )
    return UnitCode(known)


def _recipient(text: str, column: str) -> Recipient:
    if is_valid_urn_uuid(f"urn:uuid:{text.casefold().removeprefix('urn:uuid:')}"):
        return Recipient(RecipientKind.ID, text.casefold().removeprefix("urn:uuid:"))
    found = _CVR.fullmatch(text)
    if found is None:
        return Recipient(RecipientKind.NAME, text)
    cvr = "".join(found.groups())
    if not is_valid_cvr(cvr):
        raise _CellError("recipient.cvr", f"{text!r} is not a CVR number: its check digit is wrong.", column)
    return Recipient(RecipientKind.CVR, cvr)
