"""A template's rows: entered together or not at all, recognised when they come again, refused when they contradict."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from exchange.domain.actors import Role
from exchange.domain.calculation.account import (
    Energy,
    FlowDetail,
    HeatingValue,
    KeyMethod,
    Material,
    SharingRule,
    Waste,
    Water,
)
from exchange.domain.calculation.account_table import (
    AccountTable,
    BillEntry,
    ByProductEntry,
    FlowEntry,
    OutputEntry,
    ReadingEntry,
    RowIssue,
    ShareEntry,
    YearEntry,
)
from exchange.domain.errors import NotFoundError, NotPermittedError
from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode
from exchange.services.account_entry import EntryResult, enter_table
from exchange.services.bills import list_bills
from exchange.services.company_years import CompanyYear, list_company_years, set_company_year
from exchange.services.context import Context
from exchange.services.flows import list_flows
from exchange.services.outputs import list_outputs
from exchange.services.products import list_products
from exchange.services.readings import list_readings
from exchange.services.site_accounts import load_account
from exchange.services.site_products import list_site_products
from exchange.services.sites import Site
from exchange.services.spreading_keys import list_keys
from exchange.services.table_products import category_of
from tests.accounts import GRID, KG, KWH, M3, MWH, PIECE, YEAR, amount, bill, flow, month, site, statements
from tests.datasets import contents, product
from tests.factories import Party, acting, party

POWER = FlowEntry("Electricity", GRID, KWH)
STEEL = FlowEntry("Steel sheet", Material(post_consumer=Decimal("0.4")), KG, "steel-sheet")


def billed(
    place: str, of: FlowEntry, period: Period, text: str, unit: UnitCode = KWH, **more: Any
) -> BillEntry:
    """A row of a bill."""
    return BillEntry(place, of, period, amount(text, unit), **more)


def made(number: str, period: Period, text: str, unit: UnitCode = PIECE, **more: Any) -> OutputEntry:
    """A row of production."""
    return OutputEntry(f"Production, {number} {period.start}", number, period, amount(text, unit), **more)


TABLE = AccountTable(
    bills=(
        billed("Energy, row 5", POWER, month(1), "12000", number="E-1"),
        billed("Energy, row 6", POWER, month(2), "11.8", MWH, number="E-2"),
        billed("Materials, row 5", STEEL, month(1), "900", KG),
        billed(
            "Waste, row 5", FlowEntry("Swarf", Waste("120101", "recycling"), KG), YEAR, "1.2", UnitCode.TONNE
        ),
    ),
    readings=(ReadingEntry("Meters, row 5", POWER, "C-1", month(1), amount("500")),),
    outputs=(
        made("C-1", month(1), "50", name="Chair, oak", mass=Decimal("4.25"), machine_hours=Decimal(80)),
        made("C-1", month(2), "60"),
        made("T-1", month(1), "10", name="Table", category="furniture"),
    ),
    by_products=(
        ByProductEntry(
            OutputEntry("By-products, row 5", "D-1", YEAR, amount("300", KG), "Sawdust"),
            "C-1",
            SharingRule.SUBDIVISION,
            Decimal("0.05"),
            "030105",
        ),
    ),
    shares=(
        ShareEntry("Shares, row 5", STEEL, "C-1", Decimal("0.7")),
        ShareEntry("Shares, row 6", STEEL, "T-1", Decimal("0.3")),
    ),
    years=(YearEntry("Company, row 5", 2025, Decimal(5_000_000), turnover=Decimal(9_000_000)),),
)
ROWS = 4 + 1 + 3 + 1 + 2 + 1


def enter(firm: Party, works: Site, table: AccountTable) -> EntryResult:
    """Enter a table that is taken."""
    result = enter_table(firm.ctx, works.id, table)
    assert result.issues == ()
    return result


def refused(firm: Party, works: Site, table: AccountTable) -> list[tuple[str, str]]:
    """Place and code of every issue of a table that leaves nothing behind."""
    before = contents(firm.ctx.store)
    result = enter_table(firm.ctx, works.id, table)
    assert result == EntryResult(issues=result.issues)
    assert all(one.detail for one in result.issues)
    assert contents(firm.ctx.store) == before
    return [(one.place, one.code) for one in result.issues]


def test_whole_template_is_entered(firm: Party, works: Site) -> None:
    result = enter(firm, works, TABLE)
    assert result == EntryResult(bills=4, readings=1, outputs=4, shares=2, years=1, flows=3, products=3)

    bills = list_bills(firm.ctx, works.id, YEAR)
    assert {(one.place, one.amount, one.number) for one in bills} == {
        ("Energy, row 5", amount("12000"), "E-1"),
        ("Energy, row 6", amount("11.8", MWH), "E-2"),
        ("Materials, row 5", amount("900", KG), ""),
        ("Waste, row 5", amount("1.2", UnitCode.TONNE), ""),
    }
    by_number = {one.number: one for one in list_site_products(firm.ctx, works.id)}
    assert {number: (one.name, one.category, one.unit, one.mass) for number, one in by_number.items()} == {
        "C-1": ("Chair, oak", "chair-oak", PIECE, Decimal("4.25")),
        "T-1": ("Table", "furniture", PIECE, None),
        "D-1": ("Sawdust", "sawdust", KG, None),
    }
    relation = by_number["D-1"].by_product
    assert relation is not None
    assert (relation.process_id, relation.share) == (by_number["C-1"].product_id, Decimal("0.05"))
    steel = next(one for one in list_flows(firm.ctx, works.id) if one.name == "Steel sheet")
    key = next(one for one in list_keys(firm.ctx, works.id) if one.id == steel.key_id)
    assert (key.method, key.name) == (KeyMethod.SHARES, "shares: Steel sheet")
    assert key.shares == {
        by_number["C-1"].product_id: Decimal("0.7"),
        by_number["T-1"].product_id: Decimal("0.3"),
    }
    assert [one.value_added for one in list_company_years(firm.ctx)] == [Decimal(5_000_000)]
    account = load_account(firm.ctx, works.id, YEAR)
    assert (len(account.bills), len(account.outputs), len(account.readings)) == (4, 4, 1)


def test_same_template_again_enters_nothing(firm: Party, works: Site) -> None:
    enter(firm, works, TABLE)
    before = contents(firm.ctx.store)
    again = enter(firm, works, TABLE)
    assert again == EntryResult(known=again.known)
    assert len(again.known) == ROWS
    after = contents(firm.ctx.store)
    assert {name for name in after if after[name] != before[name]} == {"audit"}


def test_corrected_template_enters_the_rows_that_are_new(firm: Party, works: Site) -> None:
    enter(firm, works, TABLE)
    more = (
        billed("Energy, row 7", POWER, month(3), "12500", number="E-3"),
        billed("Water, row 5", FlowEntry("Water", Water(), M3), YEAR, "400", M3),
    )
    result = enter(
        firm,
        works,
        replace(TABLE, bills=(*TABLE.bills, *more), outputs=(*TABLE.outputs, made("T-1", month(2), "0"))),
    )
    assert (result.bills, result.outputs, result.flows, result.products) == (2, 1, 1, 0)
    assert len(result.known) == ROWS


def test_rows_that_contradict_what_is_there_are_refused(firm: Party, works: Site) -> None:
    enter(firm, works, TABLE)
    set_company_year(firm.ctx, CompanyYear(2024, Decimal(1)))
    contradicting = AccountTable(
        bills=(
            billed("Energy, row 5", POWER, month(1), "12001", number="E-9"),
            billed("Energy, row 6", POWER, month(2), "11.9", MWH, number="E-2"),
            billed("Energy, row 7", replace(POWER, key=KeyMethod.PIECES), month(3), "12000"),
            billed("Materials, row 5", replace(STEEL, category="steel"), month(2), "900", KG),
        ),
        readings=(ReadingEntry("Meters, row 5", POWER, "C-1", month(1), amount("501")),),
        outputs=(made("C-1", month(1), "51"), made("C-1", month(3), "9", mass=Decimal(4))),
        by_products=(
            ByProductEntry(
                OutputEntry("By-products, row 5", "D-1", YEAR, amount("300", KG)),
                "T-1",
                SharingRule.SUBDIVISION,
                Decimal("0.05"),
            ),
        ),
        shares=(ShareEntry("Shares, row 5", STEEL, "C-1", Decimal("0.8")),),
        years=(YearEntry("Company, row 4", 2024, Decimal(2)),),
    )
    assert sorted(refused(firm, works, contradicting)) == [
        ("By-products, row 5", "product.contradicts"),
        ("Company, row 4", "year.contradicts"),
        ("Energy, row 5", "bill.overlap"),
        ("Energy, row 6", "bill.twice"),
        ("Energy, row 7", "flow.key"),
        ("Materials, row 5", "flow.contradicts"),
        ("Meters, row 5", "reading.overlap"),
        ("Production, C-1 2025-01-01", "output.overlap"),
        ("Production, C-1 2025-03-01", "product.contradicts"),
        ("Shares, row 5", "flow.key"),
    ]


def test_every_fault_is_told_at_its_row_and_nothing_is_entered(firm: Party, works: Site) -> None:
    gas = FlowEntry("Gas", Energy("natural_gas"), KWH)
    unknown = FlowEntry("Swarf", Waste("999999", "recycling"), KG)
    table = AccountTable(
        bills=(
            billed("Energy, row 5", POWER, month(1), "12000"),
            billed("Energy, row 6", POWER, month(1), "11000"),
            billed("Energy, row 7", POWER, month(2), "-4"),
            billed("Energy, row 8", gas, month(1), "9000"),
            billed("Energy, row 9", POWER, month(3), "11.8"),
            billed("Waste, row 5", unknown, month(1), "5", KG),
            billed("Waste, row 6", unknown, month(2), "5", KG),
            billed("Materials, row 5", STEEL, month(1), "5", M3),
        ),
        readings=(ReadingEntry("Meters, row 5", POWER, "C-9", month(1), amount("5")),),
        outputs=(made("C-1", month(1), "50"), made("T-1", month(1), "-1", name="Table")),
        years=(YearEntry("Company, row 5", 2025, turnover=Decimal(-1)),),
        issues=(RowIssue("cell.missing", "The amount is empty.", "Energy, row 12", "Amount"),),
    )
    assert sorted(refused(firm, works, table)) == [
        ("Company, row 5", "year.turnover"),
        ("Energy, row 12", "cell.missing"),
        ("Energy, row 6", "bill.overlap"),
        ("Energy, row 7", "bill.negative"),
        ("Energy, row 8", "bill.heating_value"),
        ("Energy, row 9", "bill.implausible"),
        ("Materials, row 5", "unit.dimension"),
        ("Meters, row 5", "product.unknown"),
        ("Production, C-1 2025-01-01", "product.unknown"),
        ("Production, T-1 2025-01-01", "output.negative"),
        ("Waste, row 5", "waste.code"),
        ("Waste, row 6", "waste.code"),
    ]


def test_confirmed_rows_are_taken_however_odd(firm: Party, works: Site) -> None:
    bills = (
        billed("Energy, row 5", POWER, month(1), "12000"),
        billed("Energy, row 6", POWER, month(2), "12", is_confirmed=True),
        billed("Energy, row 7", POWER, month(3), "12000"),
        billed("Materials, row 5", STEEL, month(1), "900", KG),
        billed("Materials, row 6", STEEL, month(1), "900", KG, is_confirmed=True),
    )
    assert enter(firm, works, AccountTable(bills=bills)).bills == 5
    assert len(enter(firm, works, AccountTable(bills=bills)).known) == 5
    doubled = AccountTable(bills=(bills[3], replace(bills[3], place="Materials, row 7")))
    assert refused(firm, site(firm), doubled) == [("Materials, row 7", "bill.twice")]


def test_bills_from_the_form_count_beside_those_of_the_file(firm: Party, works: Site) -> None:
    bill(firm, flow(firm, works), month(1), number="E-1")
    table = AccountTable(bills=(TABLE.bills[0], billed("Energy, row 6", POWER, month(2), "9")))
    assert refused(firm, works, table) == [("Energy, row 6", "bill.implausible")]
    result = enter(firm, works, AccountTable(bills=TABLE.bills[:2]))
    assert (result.bills, result.known) == (1, ("Energy, row 5",))


def test_credit_note_and_heating_value_reach_the_account(firm: Party, works: Site) -> None:
    gas = FlowEntry("Gas", Energy("natural_gas"), M3)
    bills = (
        billed(
            "Energy, row 5",
            gas,
            month(1),
            "800",
            M3,
            heating_value=HeatingValue.UPPER,
            calorific_value=Decimal("11.9"),
        ),
        billed("Energy, row 6", gas, month(1), "-20", M3, is_credit=True),
    )
    enter(firm, works, AccountTable(bills=bills))
    first, credit = sorted(list_bills(firm.ctx, works.id, YEAR), key=lambda one: one.place)
    assert (first.heating_value, first.calorific_value) == (HeatingValue.UPPER, Decimal("11.9"))
    assert (credit.is_credit, credit.amount) == (True, amount("20", M3))


def test_shares_above_the_whole_name_their_rows(firm: Party, works: Site) -> None:
    shares = (TABLE.shares[0], replace(TABLE.shares[1], share=Decimal("9.3")))
    result = enter_table(firm.ctx, works.id, replace(TABLE, shares=shares))
    (issue,) = result.issues
    assert (issue.code, issue.place) == ("key.above_whole", "Shares, row 5")
    assert "Shares, row 5; Shares, row 6" in issue.detail
    assert "Chair, oak 70" in issue.detail
    assert "Table 930" in issue.detail


def test_share_stated_twice_and_shares_that_are_missing_are_told(firm: Party, works: Site) -> None:
    twice = (TABLE.shares[0], replace(TABLE.shares[0], place="Shares, row 9"))
    assert ("Shares, row 9", "key.share_twice") in refused(firm, works, replace(TABLE, shares=twice))
    asked = AccountTable(
        bills=(billed("Energy, row 5", replace(POWER, key=KeyMethod.SHARES), month(1), "12000"),)
    )
    assert refused(firm, works, asked) == [("", "key.shares")]


@pytest.mark.parametrize("method", [None, KeyMethod.ECONOMIC, KeyMethod.METERED])
def test_flow_gets_the_key_its_rows_ask_for(firm: Party, works: Site, method: KeyMethod | None) -> None:
    bills = (
        billed("Energy, row 5", POWER, month(1), "12000"),
        billed("Energy, row 6", replace(POWER, key=method), month(2), "12000"),
    )
    enter(firm, works, AccountTable(bills=bills))
    (made_flow,) = list_flows(firm.ctx, works.id)
    key = next(one for one in list_keys(firm.ctx, works.id) if one.id == made_flow.key_id)
    assert key.method is (method or KeyMethod.MASS)


def test_rows_that_ask_for_different_keys_are_told(firm: Party, works: Site) -> None:
    bills = (
        billed("Energy, row 5", replace(POWER, key=KeyMethod.MASS), month(1), "12000"),
        billed("Energy, row 6", replace(POWER, key=KeyMethod.PIECES), month(2), "12000"),
    )
    assert refused(firm, works, AccountTable(bills=bills)) == [("Energy, row 6", "flow.key")]


def test_suppliers_product_is_known_by_its_id_or_by_name_and_number(
    ctx: Context, firm: Party, works: Site
) -> None:
    supplier = party(ctx, "Nordic Steel A/S")
    sheet, hidden = product(supplier, "Sheet"), product(supplier, "Secret", listed=False)

    def bought(name: str, said: str, maker: str = "") -> BillEntry:
        detail: FlowDetail = Material(supplier=maker)
        return billed(f"Materials, {name}", FlowEntry(name, detail, KG, product=said), month(1), "900", KG)

    number = sheet.supplier_product_id
    rows = (
        bought("by id", sheet.id),
        bought("by urn", f"urn:uuid:{sheet.id}"),
        bought("by number", number, "nordic steel a/s"),
        bought("by number alone", number),
        bought("other maker", number, "Sheet Works"),
    )
    enter(firm, works, AccountTable(bills=rows))
    assert {one.name: one.product for one in list_flows(firm.ctx, works.id)} == {
        "by id": sheet.id,
        "by urn": sheet.id,
        "by number": sheet.id,
        "by number alone": "",
        "other maker": "",
    }
    secret = AccountTable(bills=(bought("secret", hidden.id),))
    assert refused(firm, works, secret) == [("Materials, secret", "flow.product")]


def test_registered_product_is_found_by_its_number(firm: Party, works: Site) -> None:
    known = product(firm, "Bracket")
    table = AccountTable(outputs=(made(known.supplier_product_id, month(1), "50", KG, name="Anything"),))
    result = enter(firm, works, table)
    assert (result.outputs, result.products) == (1, 0)
    assert [one.name for one in list_site_products(firm.ctx, works.id)] == ["Bracket"]
    assert len(list_products(firm.ctx).items) == 1


def test_year_is_filled_in_without_losing_what_was_there(firm: Party, works: Site) -> None:
    set_company_year(firm.ctx, CompanyYear(2025, Decimal(7), True))
    rows = (YearEntry("Company, row 5", 2025, Decimal(7), True, employees=Decimal(12)),)
    assert enter(firm, works, AccountTable(years=rows)).years == 1
    (year,) = list_company_years(firm.ctx)
    assert (year.value_added, year.is_proxy, year.employees) == (Decimal(7), True, Decimal(12))


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("Stålbeslag, 20 mm", "staalbeslag-20-mm"),
        ("  ØL & Æblemost ", "oel-aeblemost"),
        ("Crème brûlée", "creme-brulee"),
        ("鋼", "product"),
        ("x" * 59 + " y", "x" * 59),
    ],
)
def test_category_is_made_of_the_name(name: str, category: str) -> None:
    assert category_of(name) == category


def test_fifty_times_the_rows_take_no_more_questions(firm: Party) -> None:
    def entered(rows: int) -> int:
        at = site(firm)
        flows = [FlowEntry(f"Part {number}", Material(), KG) for number in range(10)]
        bills = tuple(
            billed(f"Materials, row {row}", flows[row % 10], month(row % 12 + 1), str(900 + row), KG)
            for row in range(rows)
        )
        with statements(firm.ctx.store.writer) as seen:
            assert enter(firm, at, AccountTable(bills=bills)).bills == rows
        return len(seen)

    few = entered(40)
    assert entered(2000) == few
    assert few < 30


def test_another_organisations_site_is_not_found_and_its_products_are_not_used(
    ctx: Context, firm: Party, works: Site
) -> None:
    stranger = party(ctx)
    foreign = product(stranger)
    with pytest.raises(NotFoundError):
        enter_table(stranger.ctx, works.id, TABLE)
    table = AccountTable(outputs=(made(foreign.supplier_product_id, month(1), "5", KG),))
    assert [code for _, code in refused(firm, works, table)] == ["product.unknown"]
    with pytest.raises(NotPermittedError):
        enter_table(acting(firm, Role.VIEWER), works.id, TABLE)
    assert list_outputs(firm.ctx, works.id, YEAR) == ()
    assert list_readings(firm.ctx, works.id, YEAR) == ()
