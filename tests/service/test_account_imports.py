"""Account templates as files: kept as they came, entered whole by the worker or refused with every reason."""

from __future__ import annotations

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.domain.calculation.account import Energy
from exchange.domain.calculation.account_table import AccountTable, BillEntry, FlowEntry, RowIssue
from exchange.domain.errors import InvalidError, NotFoundError, NotPermittedError
from exchange.services import imports, jobs
from exchange.services.bills import list_bills
from exchange.services.context import Context
from exchange.services.imports import get_import, run_account_import, submit_import
from exchange.services.sites import Site
from tests.accounts import KWH, YEAR, amount, month
from tests.factories import Party, acting, party
from workers.run_job import run_job

POWER = FlowEntry("Electricity", Energy("electricity_grid"), KWH)
JANUARY = BillEntry("Energy, row 5", POWER, month(1), amount("12000"), number="E-1")
FEBRUARY = BillEntry("Energy, row 6", POWER, month(2), amount("11800"), number="E-2")
# The header and first cells of the template's sheet Energy, as a text file.
CSV = (
    "Sheet;Carrier;Amount;Unit;Heating value;First day;Last day;Bill number\n"
    "Energy;Electricity from the grid;12000;kWh;;2025-01-01;2025-01-31;E-1\n"
)


def bring(worker: Exchange, ctx: Context, works: Site, table: AccountTable) -> imports.ImportStatus:
    """Hand a file in that reads as this table, and let the worker take it."""
    taken = submit_import(ctx, "account", "year.xlsx", b"file", works.id)
    run_account_import(worker.context(), taken.id, lambda content: table)
    return get_import(ctx, taken.id)


def test_file_is_entered_by_the_worker_for_an_editor(worker: Exchange, firm: Party, works: Site) -> None:
    editor = acting(firm, Role.EDITOR)
    status = bring(worker, editor, works, AccountTable((JANUARY, FEBRUARY), ignored_columns=("Colour",)))
    assert (status.state, status.site_id, status.problems) == ("entered", works.id, ())
    assert (status.row_count, status.known_count, status.ignored_columns) == (2, 0, ("Colour",))
    assert status.finished_at is not None
    entered = list_bills(firm.ctx, works.id, YEAR)
    assert [(one.place, one.import_id) for one in entered] == [
        ("Energy, row 5", status.id),
        ("Energy, row 6", status.id),
    ]


def test_second_file_says_how_much_was_there_already(worker: Exchange, firm: Party, works: Site) -> None:
    bring(worker, firm.ctx, works, AccountTable((JANUARY,)))
    status = bring(worker, firm.ctx, works, AccountTable((JANUARY, FEBRUARY)))
    assert (status.state, status.row_count, status.known_count) == ("entered", 2, 1)
    assert len(list_bills(firm.ctx, works.id, YEAR)) == 2


def test_refused_file_names_every_row_and_enters_nothing(worker: Exchange, firm: Party, works: Site) -> None:
    unreadable = RowIssue("cell.missing", "The amount is empty.", "Energy, row 9", "Amount")
    wrong = BillEntry("Energy, row 7", POWER, month(3), amount("-1"))
    status = bring(worker, firm.ctx, works, AccountTable((JANUARY, wrong), issues=(unreadable,)))
    assert status.state == "refused"
    assert [(one.row, one.place, one.column, one.code) for one in status.problems] == [
        (None, "Energy, row 9", "Amount", "cell.missing"),
        (None, "Energy, row 7", "", "bill.negative"),
    ]
    assert list_bills(firm.ctx, works.id, YEAR) == ()


def test_run_broken_off_and_repeated_enters_nothing_twice(
    worker: Exchange, firm: Party, works: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = submit_import(firm.ctx, "account", "year.xlsx", b"file", works.id)
    table = AccountTable((JANUARY,))
    finish = imports._finish
    monkeypatch.setattr(imports, "_finish", lambda *_: (_ for _ in ()).throw(OSError("cut off")))
    with pytest.raises(OSError, match="cut off"):
        run_account_import(worker.context(), taken.id, lambda content: table)
    monkeypatch.setattr(imports, "_finish", finish)
    for _ in range(2):
        run_account_import(worker.context(), taken.id, lambda content: table)
    assert get_import(firm.ctx, taken.id).state == "entered"
    assert len(list_bills(firm.ctx, works.id, YEAR)) == 1


def test_job_reads_the_template_itself(worker: Exchange, firm: Party, works: Site) -> None:
    taken = submit_import(firm.ctx, "account", "year.csv", CSV.encode(), works.id)
    assert jobs.get_job(firm.ctx, taken.job_id).kind == "import_account"
    assert run_job(worker, taken.job_id) == "done"
    status = get_import(firm.ctx, taken.id)
    assert (status.state, status.problems) == ("entered", ())
    (entered,) = list_bills(firm.ctx, works.id, YEAR)
    assert (entered.amount, entered.period, entered.number) == (amount("12000"), month(1), "E-1")


def test_account_names_its_site_and_deliveries_name_none(ctx: Context, firm: Party, works: Site) -> None:
    for source, site_id in (("account", None), ("deliveries", works.id)):
        with pytest.raises(InvalidError) as refusal:
            submit_import(firm.ctx, source, "f", b"x", site_id)
        assert refusal.value.error_code == "import.site"
    with pytest.raises(NotFoundError):
        submit_import(party(ctx).ctx, "account", "f", b"x", works.id)
    with pytest.raises(NotPermittedError):
        submit_import(acting(firm, Role.VIEWER), "account", "f", b"x", works.id)
    assert jobs.due(ctx) == []


def test_import_that_is_not_there_is_not_found(worker: Exchange) -> None:
    with pytest.raises(NotFoundError):
        run_account_import(worker.context(), "unknown", lambda content: AccountTable())
