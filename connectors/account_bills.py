"""Rows of energy, water, materials, packaging and waste to bills."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from connectors.account_cells import Span
from connectors.account_flows import (
    EnergyRow,
    Flows,
    MaterialRow,
    WasteRow,
    WaterRow,
    energy_flow,
    material_flow,
    waste_flow,
    water_flow,
)
from connectors.account_sheets import RowFault, SheetTable
from connectors.vocabulary import Language
from exchange.domain.calculation.account import HeatingValue
from exchange.domain.calculation.account_table import BillEntry, FlowEntry
from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, UnitCode

_CREDIT_ADVICE = (
    "An amount is not below zero: write a credit note as a positive amount and yes under credit note."
)
_Row = TypeVar("_Row", EnergyRow, WaterRow, MaterialRow, WasteRow)


class _BillRow(Protocol):
    """What every row of a bill has."""

    @property
    def amount(self) -> Decimal: ...
    @property
    def unit(self) -> UnitCode: ...
    @property
    def first(self) -> Span: ...
    @property
    def last(self) -> Span | None: ...
    @property
    def number(self) -> str | None: ...
    @property
    def credit(self) -> bool | None: ...
    @property
    def estimated(self) -> bool | None: ...
    @property
    def confirmed(self) -> bool | None: ...


def read_bills(table: SheetTable, flows: Flows) -> list[BillEntry]:
    """The bills of a sheet; what is wrong is noted in the table."""
    match table.layout.key:
        case "energy":
            return _bills(table, flows, EnergyRow._make, EnergyRow._fields, energy_flow, 3)
        case "water":
            return _bills(table, flows, WaterRow._make, WaterRow._fields, water_flow, 4)
        case "waste":
            return _bills(table, flows, WasteRow._make, WasteRow._fields, waste_flow, 7)
        case _:
            return _bills(table, flows, MaterialRow._make, MaterialRow._fields, material_flow, 13)


def _bills(
    table: SheetTable,
    flows: Flows,
    make: Callable[[Iterable[Any]], _Row],
    fields: Sequence[str],
    flow_of: Callable[[_Row, Language], FlowEntry],
    length: int,
) -> list[BillEntry]:
    found = []
    for place, row in table.rows(make, fields):
        try:
            flow = flows.of(table.language, row, length, flow_of)
            found.append(_bill(place, flow, flows.period(row.first, row.last), row))
        except RowFault as error:
            table.refuse(place, error.fault, error.column)
    return found


def _bill(place: str, flow: FlowEntry, period: Period, row: _BillRow) -> BillEntry:
    is_credit = bool(row.credit)
    if row.amount < 0 and not is_credit:
        raise RowFault("bill.negative", _CREDIT_ADVICE, "amount")
    amount = Quantity(abs(row.amount) if is_credit else row.amount, row.unit)
    heating, calorific, meter = None, None, ""
    if isinstance(row, EnergyRow):
        heating = HeatingValue(row.heating) if row.heating else None
        calorific = row.calorific
    if isinstance(row, EnergyRow | WaterRow):
        meter = row.meter or ""
    return BillEntry(
        place,
        flow,
        period,
        amount,
        heating,
        calorific,
        is_credit,
        bool(row.estimated),
        row.number or "",
        meter,
        bool(row.confirmed),
    )
