"""What a calculation says of the part before the gate: its factors, whether the total is whole, what would change."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from exchange.domain.calculation.account import Material
from exchange.domain.factors import FactorBasis
from exchange.domain.indicators import Indicator
from exchange.domain.own_factors import OwnRow
from exchange.domain.periods import year
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services.bills import NewBill, enter_bill
from exchange.services.calculation_views import CalculationView, FigureView
from exchange.services.company_years import CompanyYear, set_company_year
from exchange.services.context import Context
from exchange.services.flows import NewFlow, add_flow
from exchange.services.own_factors import add_own_factor, withdraw_own_factor
from exchange.services.revisions import preview_revision
from exchange.services.value_added import value_added_of
from tests.service.plant import GRID, Plant, plant, two_years

STEEL = OwnRow(
    "co2e.material.steel_bar", Decimal(2), UnitCode.KILOGRAM, UnitCode.KILOGRAM,
    "Declaration of the steelworks for 2025", 2025, "DK", FactorBasis.SUPPLY_CHAIN, "AR6",
    date(2025, 1, 1), date(2026, 1, 1),
)  # fmt: skip


def steel_shop(ctx: Context) -> Plant:
    """100 arms in 2025 out of 500 kg of steel and 1 000 kWh: per arm 5 kg and 10 x 0.135 = 1.35 kg CO2e."""
    own = plant(ctx)
    own.make(own.arm, "100", year(2025))
    own.bill("Electricity", GRID, "1000", "KWH", year(2025))
    flow = add_flow(own.ctx, own.site_id, NewFlow("Steel", Material(), UnitCode.KILOGRAM, "steel-bar"))
    amount = Quantity(Decimal(500), UnitCode.KILOGRAM)
    enter_bill(own.ctx, own.site_id, NewBill(flow.id, year(2025), amount, is_confirmed=True))
    return own


def co2e(calculation: CalculationView) -> FigureView:
    """The figure of the only product."""
    return next(one for one in calculation.products[0].figures if one.indicator is Indicator.CO2E)


def test_a_factor_before_the_gate_is_recorded_and_offered_anew(ctx: Context) -> None:
    own = steel_shop(ctx)
    steel = add_own_factor(own.ctx, STEEL)
    calculation = own.calculate(2025)
    assert "AR6" in calculation.gwp_sets
    assert STEEL.key in {one["key"] for one in calculation.factors}
    assert co2e(calculation).total == Decimal("11.35")  # 1.35 + 5 x 2
    withdraw_own_factor(own.ctx, steel.id or "")
    add_own_factor(own.ctx, STEEL._replace(value=Decimal(20)))
    offer = preview_revision(own.ctx, calculation.header.id)
    assert [(one.key, one.new and one.new.value) for one in offer.factors] == [(STEEL.key, 20)]
    (change,) = offer.figures
    assert (change.indicator, change.old, change.new) == (Indicator.CO2E, Decimal("1.35"), Decimal("1.35"))
    assert (change.old_total, change.new_total) == (Decimal("11.35"), Decimal("101.35"))  # 1.35 + 5 x 20


def test_a_total_is_at_least_where_an_input_was_never_booked(ctx: Context) -> None:
    """Electricity alone: no material is booked, so nobody knows what came with it, though CO2e itself has no gap."""
    own = plant(ctx)
    own.make(own.arm, "100", year(2025))
    own.bill("Electricity", GRID, "1000", "KWH", year(2025))
    found = co2e(own.calculate(2025))
    assert (found.gaps, found.upstream) == ((), ())
    assert found.is_total_at_least


def test_products_sold_for_more_than_the_turnover_have_no_part_of_the_value_added(ctx: Context) -> None:
    """Arms 600 000 and frames 400 000 DKK: of 1 000 000 turnover an arm has 500 000 x 0.6 / 100 = 3 000."""
    own = two_years(ctx)
    calculation = own.calculate(2025)
    arm = calculation.products[0]
    set_company_year(own.ctx, CompanyYear(2025, Decimal(500000), False, Decimal(1000000)))
    added = value_added_of(own.ctx, calculation, arm)
    assert added is not None and added["amount"] == "3000"
    set_company_year(own.ctx, CompanyYear(2025, Decimal(500000), False, Decimal(999999)))
    assert value_added_of(own.ctx, calculation, arm) is None
