"""Rows of production, by-products, sub-meters, stated shares and the company's years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from connectors.account_cells import Span
from connectors.account_flows import flow_of_energy, flow_of_water, period_of
from connectors.account_sheets import RowFault, SheetTable
from connectors.account_words import CARRIERS, KINDS, SOURCES
from connectors.vocabulary import Language, plain
from exchange.domain.calculation.account import Energy, HeatingValue, Material, SharingRule, Waste, Water
from exchange.domain.calculation.account_table import (
    ByProductEntry,
    FlowEntry,
    OutputEntry,
    ReadingEntry,
    ShareEntry,
    YearEntry,
)
from exchange.domain.quantities import Dimension, Quantity, UnitCode


class OutputRow(NamedTuple):
    """A row of the sheets Production and By-products, what both have."""

    product: str
    name: str | None
    category: str | None
    unit: UnitCode
    mass: Decimal | None
    amount: Decimal
    revenue: Decimal | None
    first: Span
    last: Span | None
    hours: Decimal | None
    process: str
    rule: str
    share: Decimal | None
    code: str | None
    terms: str | None
    processed: bool | None


class ReadingRow(NamedTuple):
    """A row of the sheet Meters."""

    subject: str
    name: str | None
    product: str
    amount: Decimal | None
    unit: UnitCode
    heating: str | None
    start: Decimal | None
    end: Decimal | None
    first: Span
    last: Span | None
    delivery: str | None


class ShareRow(NamedTuple):
    """A row of the sheet Shares."""

    subject: str
    name: str | None
    product: str
    share: Decimal


class YearRow(NamedTuple):
    """A row of the sheet Company."""

    year: int
    value_added: Decimal | None
    is_proxy: bool | None
    turnover: Decimal | None
    employees: Decimal | None


def read_outputs(table: SheetTable) -> Iterator[OutputEntry]:
    """What was made; what is wrong is noted in the table, as in every function here."""
    for place, row in table.rows(OutputRow._make, OutputRow._fields):
        try:
            yield _output(place, row)
        except RowFault as error:
            table.refuse(place, error.fault, error.column)


def read_by_products(table: SheetTable) -> Iterator[ByProductEntry]:
    """By-products sold or given."""
    for place, row in table.rows(OutputRow._make, OutputRow._fields):
        try:
            yield _by_product(place, row)
        except RowFault as error:
            table.refuse(place, error.fault, error.column)


def read_readings(table: SheetTable, flows: Sequence[FlowEntry]) -> Iterator[ReadingEntry]:
    """What sub-meters and counts say of the flows that the file's bills name."""
    for place, row in table.rows(ReadingRow._make, ReadingRow._fields):
        try:
            yield _reading(place, row, _flow(row.subject, row.name, flows, table.language))
        except RowFault as error:
            table.refuse(place, error.fault, error.column)


def read_shares(table: SheetTable, flows: Sequence[FlowEntry]) -> Iterator[ShareEntry]:
    """Stated shares of the flows that the file's bills name."""
    for place, row in table.rows(ShareRow._make, ShareRow._fields):
        try:
            flow = _flow(row.subject, row.name, flows, table.language)
        except RowFault as error:
            table.refuse(place, error.fault, error.column)
        else:
            yield ShareEntry(place, flow, row.product, row.share)


def read_years(table: SheetTable) -> Iterator[YearEntry]:
    """The company's years; a row with a year alone, as the template is handed out, says nothing."""
    for place, row in table.rows(YearRow._make, YearRow._fields):
        if any(value is not None for value in row[1:]):
            yield YearEntry(place, row.year, row.value_added, bool(row.is_proxy), row.turnover, row.employees)


def _output(place: str, row: OutputRow) -> OutputEntry:
    _refuse_negative(row.amount)
    return OutputEntry(
        place,
        row.product,
        period_of(row.first, row.last),
        Quantity(row.amount, row.unit),
        row.name or "",
        row.category or "",
        _mass(row),
        row.hours,
        row.revenue,
    )


def _mass(row: OutputRow) -> Decimal | None:
    """Kg per unit; None where the unit is itself a mass. RowFault `material.mass` where the two disagree."""
    if row.unit.dimension is not Dimension.MASS:
        return row.mass
    if row.mass is not None and row.mass != row.unit.factor:
        raise RowFault(
            "material.mass", f"The unit is itself a mass of {row.unit.factor} kg: leave this empty.", "mass"
        )
    return None


def _by_product(place: str, row: OutputRow) -> ByProductEntry:
    rule = SharingRule(row.rule)
    if (row.share is not None) is not (rule is SharingRule.SUBDIVISION):
        detail = (
            "A subdivision needs its share, and the other rules have none: they go by mass or by revenue."
        )
        raise RowFault("by_product.share", detail, "share")
    return ByProductEntry(
        _output(place, row),
        row.process,
        rule,
        row.share,
        row.code or "",
        row.terms or "sells",
        bool(row.processed),
    )


def _reading(place: str, row: ReadingRow, flow: FlowEntry) -> ReadingEntry:
    heating = HeatingValue(row.heating) if row.heating else None
    amount, period = Quantity(_metered(row), row.unit), period_of(row.first, row.last)
    return ReadingEntry(place, flow, row.product, period, amount, heating, row.delivery or "")


def _metered(row: ReadingRow) -> Decimal:
    """What the row states, or what the meter ran. Raises RowFault (`meter.backwards`, `meter.disagrees` …)."""
    if row.start is None and row.end is None:
        if row.amount is None:
            raise RowFault("cell.missing", "Give the amount, or the meter at start and at end.", "amount")
        _refuse_negative(row.amount)
        return row.amount
    if row.start is None or row.end is None:
        raise RowFault(
            "cell.missing",
            "A meter has a reading at start and at end.",
            "start" if row.start is None else "end",
        )
    ran = row.end - row.start
    if ran < 0:
        detail = "The meter ends below its start: if it was changed or began anew, give each part a row of its own."
        raise RowFault("meter.backwards", detail, "end")
    if row.amount is not None and row.amount != ran:
        raise RowFault(
            "meter.disagrees", f"The meter ran {ran:f}, and the amount is {row.amount:f}.", "amount"
        )
    return ran


def _refuse_negative(amount: Decimal) -> None:
    if amount < 0:
        raise RowFault("quantity.negative", "An amount is not below zero here.", "amount")


def _flow(subject: str, name: str | None, flows: Sequence[FlowEntry], language: Language) -> FlowEntry:
    """The flow a row means: of the file's own that fit, else a carrier or source by itself.

    Raises RowFault `flow.ambiguous` where several fit, `flow.unknown` where a material or waste is not in the file:
    what it is made of, or how it is treated, stands only there.
    """
    candidates = [flow for flow in flows if _fits(flow, subject, name)]
    by_default = [flow for flow in candidates if flow.name == _default_name(subject, language)]
    if len(candidates) > 1 and name is None and len(by_default) == 1:
        candidates = by_default
    if len(candidates) > 1:
        raise RowFault(
            "flow.ambiguous", "Several rows of the file fit: give the name of one of them.", "name"
        )
    if candidates:
        return candidates[0]
    default = name or _default_name(subject, language)
    if subject in {word.code for word in CARRIERS.words}:
        return flow_of_energy(subject, default)
    if subject in {word.code for word in SOURCES.words}:
        return flow_of_water(subject, default)
    kind = KINDS.label(subject, language)
    raise RowFault(
        "flow.unknown", f"No row of the sheet {kind!r} is called that: write the name as it is there.", "name"
    )


def _default_name(subject: str, language: Language) -> str:
    for words in (CARRIERS, SOURCES):
        if subject in {word.code for word in words.words}:
            return words.label(subject, language)
    return ""


def _fits(flow: FlowEntry, subject: str, name: str | None) -> bool:
    """Whether a flow is of the kind, and called so; waste goes by its code too."""
    match flow.detail:
        case Energy():
            return flow.detail.carrier == subject and name in {None, flow.name}
        case Water():
            return flow.detail.source == subject and name in {None, flow.name}
        case Material():
            kind = "packaging" if flow.detail.level else "material"
            return kind == subject and name == flow.name
        case Waste():
            digits = "".join(one for one in name or "" if one.isdigit())
            return subject == "waste" and (
                plain(flow.name) == plain(name or "") or digits == flow.detail.code
            )
