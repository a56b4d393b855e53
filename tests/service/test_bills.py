"""Bills: entered once, in any unit of their flow; what is odd is asked about, what cannot be is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from exchange.domain.actors import Role
from exchange.domain.calculation.account import Energy, FlowDetail, HeatingValue, Material, Waste, Water
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError, NotPermittedError
from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode
from exchange.services.bills import NewBill, enter_bill, list_bills, withdraw_bill
from exchange.services.context import Context
from exchange.services.flows import FlowView
from exchange.services.sites import Site
from exchange.store.tables.requests import AuditRow
from tests.accounts import GRID, KG, KWH, M3, MWH, YEAR, amount, bill, flow, month, site
from tests.datasets import contents
from tests.factories import Party, acting, party

GAS = Energy("natural_gas")
STEEL = Material()


@pytest.fixture
def power(firm: Party, works: Site) -> FlowView:
    return flow(firm, works)


def refused(
    firm: Party, of: FlowView, period: Period, text: str, unit: UnitCode = KWH, **more: Any
) -> InvalidError:
    """The refusal of a bill that leaves nothing behind."""
    before = contents(firm.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        bill(firm, of, period, text, unit, **more)
    assert refusal.value.advice
    assert contents(firm.ctx.store) == before
    return refusal.value


def test_bill_comes_back_as_it_was_entered(firm: Party, power: FlowView) -> None:
    entered = bill(firm, power, month(1), "11.8", MWH, number="E-17", meter="5713131", is_estimate=True)
    assert list_bills(firm.ctx, power.site_id, YEAR) == (entered,)
    assert (entered.amount, entered.period) == (amount("11.8", MWH), month(1))
    assert (entered.number, entered.meter, entered.is_estimate) == ("E-17", "5713131", True)
    assert (entered.is_credit, entered.is_confirmed, entered.place, entered.evidence) == (
        False,
        False,
        "",
        (),
    )


def test_bills_are_listed_by_time_and_flow(firm: Party, works: Site, power: FlowView) -> None:
    water = flow(firm, works, Water(), "Water", M3)
    february, january = bill(firm, power, month(2)), bill(firm, power, month(1))
    drunk = bill(firm, water, YEAR, "400", M3)
    assert list_bills(firm.ctx, works.id, month(1)) == (january, drunk)
    assert list_bills(firm.ctx, works.id, YEAR, power.id) == (january, february)
    assert list_bills(firm.ctx, works.id, Period(date(2024, 1, 1), date(2025, 1, 1))) == ()


def test_negative_bill_is_refused_and_a_credit_note_taken_with_or_without_its_minus(
    firm: Party, power: FlowView
) -> None:
    assert refused(firm, power, month(1), "-5").error_code == "bill.negative"
    bill(firm, power, month(1))
    with_minus = bill(firm, power, month(1), "-500", is_credit=True, number="K-1")
    without = bill(firm, power, month(1), "500", is_credit=True, number="K-2")
    assert with_minus.amount == without.amount == amount("500")


def test_bill_of_nothing_is_a_bill(firm: Party, power: FlowView) -> None:
    bill(firm, power, month(1))
    assert bill(firm, power, month(7), "0").amount == amount("0")


@pytest.mark.parametrize(
    ("detail", "unit", "text"),
    [
        (GRID, KWH, "12000"),
        (Energy("electricity_self"), KWH, "12000"),
        (Energy("district_heat"), KWH, "12000"),
        (Energy("district_cooling"), KWH, "12000"),
        (Energy("steam"), KWH, "12000"),
        (Water(), M3, "400"),
    ],
)
def test_metered_supply_is_billed_once_for_a_day(
    firm: Party, works: Site, detail: FlowDetail, unit: UnitCode, text: str
) -> None:
    supply = flow(firm, works, detail, "Supply", unit)
    bill(firm, supply, month(1), text, unit, number="A-1")
    quarter = Period(date(2025, 1, 31), date(2025, 4, 1))
    refusal = refused(firm, supply, quarter, text + "1", unit, number="A-2")
    assert refusal.error_code == "bill.overlap"
    assert "A-1" in refusal.detail
    assert "A-2" in refusal.detail
    bill(firm, supply, Period(date(2025, 2, 1), date(2025, 4, 1)), text, unit)


def test_overlap_is_found_inside_around_and_across(firm: Party, power: FlowView) -> None:
    bill(firm, power, month(3))
    bill(firm, power, month(6))
    for start, end in (
        (date(2025, 3, 10), date(2025, 3, 11)),
        (date(2025, 1, 1), date(2025, 12, 1)),
        (date(2025, 2, 1), date(2025, 3, 2)),
        (date(2025, 6, 30), date(2025, 7, 2)),
    ):
        assert refused(firm, power, Period(start, end), "9000").error_code == "bill.overlap"
    bill(firm, power, Period(date(2025, 4, 1), date(2025, 6, 1)))


def test_two_meters_and_credit_notes_may_share_days(firm: Party, power: FlowView) -> None:
    bill(firm, power, month(1), meter="1")
    bill(firm, power, month(1), "9000", meter="2")
    bill(firm, power, month(1), "100", is_credit=True)
    assert refused(firm, power, month(1), "9001", meter="2").error_code == "bill.overlap"


def test_one_meter_is_one_meter_under_whatever_name(firm: Party, works: Site, power: FlowView) -> None:
    again = flow(firm, works, GRID, "Elektricitet")
    bill(firm, power, month(1), meter="571")
    assert refused(firm, again, month(1), "9000", meter="571").error_code == "bill.overlap"
    bill(firm, power, month(2))
    assert refused(firm, again, month(2), "12000").error_code == "bill.twice"
    bill(firm, again, month(2), "300")  # another hall, without a meter's number


def test_withdrawn_bill_makes_room(firm: Party, power: FlowView) -> None:
    wrong = bill(firm, power, month(1), number="A-1")
    withdrawn = withdraw_bill(firm.ctx, wrong.id)
    assert withdrawn.withdrawn_at is not None
    right = bill(firm, power, month(1), "11800", number="A-1")
    assert list_bills(firm.ctx, power.site_id, YEAR) == (right,)
    with pytest.raises(ConflictError) as refusal:
        withdraw_bill(firm.ctx, wrong.id)
    assert refusal.value.error_code == "row.withdrawn"


def test_bill_number_is_used_once_for_the_same_days(firm: Party, works: Site) -> None:
    steel = flow(firm, works, STEEL, "Steel", KG)
    bill(firm, steel, month(1), "900", KG, number="F-1")
    refusal = refused(firm, steel, Period(date(2025, 1, 20), date(2025, 2, 20)), "500", KG, number="F-1")
    assert refusal.error_code == "bill.twice"
    bill(firm, steel, month(2), "900", KG, number="F-1")  # the next line of one statement
    bill(firm, steel, month(1), "100", KG, number="F-1", is_credit=True)  # cites what it corrects
    other = flow(firm, works, Waste("120101", "recycling"), "Swarf", KG)
    bill(firm, other, month(1), "900", KG, number="F-1")


def test_same_bill_without_a_number_is_asked_about(firm: Party, works: Site) -> None:
    steel = flow(firm, works, STEEL, "Steel", KG)
    bill(firm, steel, month(1), "900", KG)
    assert refused(firm, steel, month(1), "900.0", KG).error_code == "bill.twice"
    bill(firm, steel, month(1), "900", KG, is_confirmed=True)
    bill(firm, steel, month(1), "900", KG, number="F-2")
    bill(firm, steel, month(1), "901", KG)
    assert len(list_bills(firm.ctx, works.id, YEAR)) == 4


def test_megawatt_hours_typed_as_kilowatt_hours_are_asked_about(firm: Party, power: FlowView) -> None:
    """11 800 kWh for February's 28 days is 421.43 a day; 12 kWh for January's 31 days would be 13 064 by that."""
    bill(firm, power, month(2), "11800")
    refusal = refused(firm, power, month(1), "12")
    assert refusal.error_code == "bill.implausible"
    assert "12 kWh" in refusal.detail
    assert "13100 kWh for 31 days" in refusal.detail
    assert refusal.detail.endswith("was it MWh?")
    confirmed = bill(firm, power, month(1), "12", is_confirmed=True)
    assert confirmed.is_confirmed
    assert refused(firm, power, month(3), "12000", MWH).detail.endswith("was it kWh?")


def test_first_bill_is_held_against_what_a_works_can_use(firm: Party, power: FlowView) -> None:
    refusal = refused(firm, power, month(1), "12")
    assert refusal.error_code == "bill.implausible"
    assert "less than a place of production uses" in refusal.detail
    assert "more than" in refused(firm, power, month(1), "40000000").detail  # 1.3 GWh a day
    bill(firm, power, month(1), "155")  # 5 kWh a day


def test_purchases_are_compared_by_bill_and_first_ones_not_at_all(firm: Party, works: Site) -> None:
    steel = flow(firm, works, STEEL, "Steel", KG)
    bill(firm, steel, YEAR, "24000", KG)
    bill(firm, steel, Period(date(2025, 3, 3), date(2025, 3, 4)), "2000", KG)
    assert refused(firm, steel, month(5), "12000", UnitCode.TONNE).detail.endswith("was it kg?")


def test_amount_that_cannot_be_converted_is_refused_when_it_is_entered(
    firm: Party, works: Site, power: FlowView
) -> None:
    assert refused(firm, power, month(1), "5", KG).error_code == "unit.dimension"
    waste = flow(firm, works, Waste("120101", "recycling"), "Swarf", KG)
    assert refused(firm, waste, month(1), "5", M3).error_code == "unit.dimension"
    gas = flow(firm, works, GAS, "Gas", M3)
    assert refused(firm, gas, month(1), "9000").error_code == "bill.heating_value"
    bill(firm, gas, month(1), "9000", heating_value=HeatingValue.UPPER)
    bill(firm, gas, month(2), "800", M3, heating_value=HeatingValue.UPPER, calorific_value=Decimal("11.9"))
    hydrogen = flow(firm, works, Energy("hydrogen"), "Hydrogen", KG)
    assert refused(firm, hydrogen, month(1), "50", KG).error_code == "factor.missing"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"calorific_value": Decimal("11.9")}, "bill.calorific_value"),
        ({"number": "x" * 101}, "bill.text"),
        ({"meter": "a\x00"}, "bill.text"),
    ],
)
def test_bill_that_says_what_it_cannot_is_refused(
    firm: Party, power: FlowView, more: dict[str, Any], code: str
) -> None:
    assert refused(firm, power, month(1), "12000", **more).error_code == code


def test_amount_and_time_stay_within_reason(firm: Party, power: FlowView) -> None:
    assert refused(firm, power, month(1), "1" * 16).error_code == "quantity.range"
    assert refused(firm, power, month(1), "1E+30").error_code == "quantity.range"
    assert refused(firm, power, month(1), "NaN").error_code == "quantity.range"
    assert refused(firm, power, Period(date(1, 1, 1), date(2, 1, 1)), "5").error_code == "period.range"
    assert (
        refused(firm, power, Period(date(9999, 1, 1), date(9999, 12, 31)), "5").error_code == "period.range"
    )


def test_bill_entered_several_times_at_once_is_entered_once(firm: Party, power: FlowView) -> None:
    def enter(_: int) -> str:
        try:
            return bill(firm, power, month(1), number="E-1").number
        except InvalidError as error:
            return error.error_code

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(enter, range(4)))
    assert outcomes == ["E-1", "bill.twice", "bill.twice", "bill.twice"]
    assert len(list_bills(firm.ctx, power.site_id, YEAR)) == 1


def test_entering_and_withdrawing_leave_their_trace(firm: Party, power: FlowView) -> None:
    entered = bill(firm, power, month(1))
    withdraw_bill(firm.ctx, entered.id)
    with firm.ctx.store.read() as session:
        deeds = session.exec(select(AuditRow.action).where(AuditRow.target_id == entered.id)).all()
    assert sorted(deeds) == ["bill.enter", "bill.withdraw"]


def test_another_organisations_bill_flow_and_site_are_not_found(
    ctx: Context, firm: Party, power: FlowView
) -> None:
    stranger = party(ctx)
    entered, elsewhere = bill(firm, power, month(1)), flow(stranger, site(stranger))
    before = contents(ctx.store)
    mine = NewBill(elsewhere.id, month(2), amount("12000"))
    for act in (
        lambda: enter_bill(stranger.ctx, power.site_id, mine),
        lambda: enter_bill(stranger.ctx, elsewhere.site_id, replace(mine, flow_id=power.id)),
        lambda: enter_bill(firm.ctx, site(firm, "Other").id, replace(mine, flow_id=power.id)),
        lambda: list_bills(stranger.ctx, power.site_id, YEAR),
        lambda: list_bills(stranger.ctx, elsewhere.site_id, YEAR, power.id),
        lambda: withdraw_bill(stranger.ctx, entered.id),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert {k: v for k, v in contents(ctx.store).items() if k == "bill"} == {
        k: v for k, v in before.items() if k == "bill"
    }


def test_viewer_lists_and_enters_nothing(firm: Party, power: FlowView) -> None:
    entered, viewer = bill(firm, power, month(1)), acting(firm, Role.VIEWER)
    assert list_bills(viewer, power.site_id, YEAR) == (entered,)
    with pytest.raises(NotPermittedError):
        enter_bill(viewer, power.site_id, NewBill(power.id, month(2), amount("12000")))
    with pytest.raises(NotPermittedError):
        withdraw_bill(viewer, entered.id)
