"""The bills, readings, production records and years of an account table beside those that are there already.

A row that says just what is there is known and left out; one that contradicts it is an issue.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from exchange.domain.calculation.account import Bill, Flow, Output, Reading
from exchange.domain.calculation.account_table import (
    BillEntry,
    OutputEntry,
    ReadingEntry,
    YearEntry,
)
from exchange.domain.calculation.bill_judge import BillJudge
from exchange.domain.calculation.bill_rules import bad_period, likeness
from exchange.domain.calculation.conversion import Converter
from exchange.domain.calculation.record_rules import KnownOutputs, KnownReadings
from exchange.domain.periods import Period
from exchange.services.bills import around, bill_fields, bill_of, domain_bill
from exchange.services.company_years import CompanyYear, present_year, year_problems, year_row
from exchange.services.context import Context
from exchange.services.flows import domain_flow
from exchange.services.outputs import domain_output, output_fields
from exchange.services.readings import domain_reading, reading_fields, reading_problems
from exchange.services.table_flows import FlowFinder
from exchange.services.table_issues import Issues
from exchange.services.table_products import Catalogue
from exchange.store import bills as query
from exchange.store import sites
from exchange.store.tables.sites import (
    BillRow,
    CompanyYearRow,
    OutputRow,
    ReadingRow,
    SiteRow,
)

MAX_PLACE = 100


@dataclass
class RowReader:
    """Turns a table's rows into columns to store; `known` are the places of rows that were entered before."""

    ctx: Context
    session: Session
    site: SiteRow
    issues: Issues
    flows: FlowFinder
    catalogue: Catalogue
    converter: Converter
    import_id: str | None
    known: list[str]

    def bills(self, entries: Sequence[BillEntry]) -> list[dict[str, Any]]:
        """The new bills."""
        by_id = {row.id: domain_flow(row) for row in self.flows.rows.values()}
        stored = [
            (bill, by_id[bill.flow])
            for bill in map(domain_bill, self._rows(BillRow, [one.period for one in entries]))
        ]
        judge = BillJudge(self.converter)
        judge.take_all(stored)
        there = {likeness(bill, bill.flow) for bill, _ in stored}
        new = []
        for entry in entries:
            flow = self.flows.find(entry.flow, entry.place)
            if flow is None:
                continue
            bill = bill_of(self.ctx, flow.id, entry, entry.place[:MAX_PLACE])
            if likeness(bill, bill.flow) in there:
                self.known.append(entry.place)
            else:
                new.append((bill, flow, entry.is_confirmed))
        judge.expect((bill, flow) for bill, flow, _ in new)
        return [columns for one in new if (columns := self._judged(judge, *one)) is not None]

    def readings(self, entries: Sequence[ReadingEntry]) -> list[dict[str, Any]]:
        """The new readings."""
        known, there, rows = KnownReadings(), set(), []
        for reading in map(domain_reading, self._rows(ReadingRow, [one.period for one in entries])):
            known.take(reading)
            there.add(_read(reading))
        for entry in entries:
            flow = self.flows.find(entry.flow, entry.place)
            product = self.catalogue.find(entry.product_number, entry.place)
            if flow is None or product is None:
                continue
            reading = Reading(
                self.ctx.new_id(),
                flow.id,
                product.id,
                entry.period,
                entry.amount,
                entry.heating_value,
                entry.delivery,
                entry.place[:MAX_PLACE],
            )
            if _read(reading) in there:
                self.known.append(entry.place)
            elif not self.issues.add(entry.place, reading_problems(reading, flow, known, self.converter)):
                known.take(reading)
                rows.append(reading_fields(self.ctx, self.site, reading, self.import_id))
        return rows

    def outputs(self, entries: Sequence[OutputEntry]) -> list[dict[str, Any]]:
        """The new production records; masses per unit are taken in beside them."""
        known, there, rows = KnownOutputs(), set(), []
        for output in map(domain_output, self._rows(OutputRow, [one.period for one in entries])):
            known.take(output)
            there.add(_made(output))
        for entry in entries:
            product = self.catalogue.find(entry.product_number, entry.place)
            if product is None:
                continue
            self.catalogue.weigh(product, entry.mass, entry.place)
            output = Output(
                self.ctx.new_id(),
                product.id,
                entry.period,
                entry.amount,
                entry.machine_hours,
                entry.revenue,
                entry.place[:MAX_PLACE],
            )
            if _made(output) in there:
                self.known.append(entry.place)
            elif not self.issues.add(entry.place, known.problems(output, self.catalogue.product_of(product))):
                known.take(output)
                rows.append(output_fields(self.ctx, self.site, output, self.import_id))
        return rows

    def years(self, entries: Iterable[YearEntry]) -> list[CompanyYearRow]:
        """The years that say something new; what was said before stands."""
        there = {
            row.year: present_year(row)
            for row in sites.company_years_of(self.session, self.site.organisation_id)
        }
        rows = []
        for entry in entries:
            said = CompanyYear(entry.year, entry.value_added, entry.is_proxy, entry.turnover, entry.employees)
            joined = self._joined(there.get(entry.year), said, entry.place)
            if joined is not None and not self.issues.add(entry.place, year_problems(joined)):
                there[entry.year] = joined
                rows.append(year_row(self.ctx, joined))
        return rows

    def _joined(self, known: CompanyYear | None, said: CompanyYear, place: str) -> CompanyYear | None:
        """A year with what was said of it before; None where it says nothing new, or contradicts."""
        if known is None:
            return said
        for name in ("value_added", "turnover", "employees"):
            before, now = getattr(known, name), getattr(said, name)
            is_other = before is not None and now is not None and before != now
            if is_other or (
                name == "value_added"
                and before is not None
                and now is not None
                and known.is_proxy != said.is_proxy
            ):
                detail = (
                    f"{said.year} was entered with other figures before. Change it at the company's years."
                )
                self.issues.refuse(place, "year.contradicts", detail)
                return None
        joined = CompanyYear(
            said.year,
            said.value_added if known.value_added is None else known.value_added,
            said.is_proxy if known.value_added is None else known.is_proxy,
            said.turnover if known.turnover is None else known.turnover,
            said.employees if known.employees is None else known.employees,
            known.changed_at,
        )
        if joined == known:
            self.known.append(place)
            return None
        return joined

    def _judged(self, judge: BillJudge, bill: Bill, flow: Flow, is_confirmed: bool) -> dict[str, Any] | None:
        if self.issues.add(bill.place, judge.problems(bill, flow, is_confirmed=is_confirmed)):
            return None
        judge.take(bill, flow)
        return bill_fields(self.ctx, self.site, bill, is_confirmed=is_confirmed, import_id=self.import_id)

    def _rows(self, table: type[query.Booked], periods: Sequence[Period]) -> Sequence[query.Booked]:
        """What is there around the time the table speaks of."""
        sound = [one for one in periods if not any(bad_period(one))]
        if not sound:
            return ()
        span = Period(min(one.start for one in sound), max(one.end for one in sound))
        return query.overlapping(self.session, table, self.site.id, *around(span))


def _read(reading: Reading) -> tuple[object, ...]:
    """What makes two readings say the same."""
    amount = (reading.amount.amount, reading.amount.unit, reading.heating_value)
    return (reading.flow, reading.product, reading.period, *amount, reading.delivery)


def _made(output: Output) -> tuple[object, ...]:
    """What makes two production records say the same."""
    amount = (output.amount.amount, output.amount.unit)
    return (output.product, output.period, *amount, output.machine_hours, output.revenue)
