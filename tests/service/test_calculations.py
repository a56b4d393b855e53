"""A site's account worked out, kept, opened figure by figure, published, and what a newer factor would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.calculation.account import Energy, FlowDetail, KeyMethod, Material, Waste, Water
from exchange.domain.errors import InvalidError, NotFoundError, NotPermittedError
from exchange.domain.factors import FactorBasis
from exchange.domain.indicators import Indicator
from exchange.domain.own_factors import OwnRow
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services import publish, reading
from exchange.services.bills import NewBill, enter_bill, withdraw_bill
from exchange.services.calculation_views import (
    CalculationView,
    FigureView,
    get_calculation,
    list_calculations,
    open_figure,
)
from exchange.services.calculations import calculate_site
from exchange.services.context import Context
from exchange.services.flows import NewFlow, add_flow, list_flows
from exchange.services.outputs import NewOutput, enter_output
from exchange.services.own_factors import add_own_factor
from exchange.services.product_drafts import draft_product, publish_product
from exchange.services.products import NewProduct, register_product
from exchange.services.revisions import preview_revision
from exchange.services.site_products import set_site_product
from exchange.services.sites import NewSite, create_site
from exchange.services.spreading_keys import list_keys
from exchange.store import calculations as query
from tests import factories
from tests.accounts import statements
from tests.factories import Party

Y2025 = year(2025)


@dataclass(frozen=True)
class Shop:
    """A machine shop in 2025: electricity by machine hours, everything else by mass.

    Arms: 1 000 pieces of 12 kg, 800 h. Frames: 500 pieces of 20 kg, 400 h. Masses 12 000 + 10 000 = 22 000 kg.
    """

    party: Party
    site_id: str
    arm: str
    frame: str

    @property
    def ctx(self) -> Context:
        return self.party.ctx

    def calculate(self) -> CalculationView:
        return calculate_site(self.ctx, self.site_id, Y2025)


def bill(
    ctx: Context,
    site_id: str,
    name: str,
    detail: FlowDetail,
    amount: str,
    unit: str,
    *,
    by: KeyMethod = KeyMethod.MASS,
    category: str = "",
) -> None:
    """A year's bill of a flow that is spread by a method."""
    quantity = Quantity(Decimal(amount), UnitCode(unit))
    key = next(one.id for one in list_keys(ctx, site_id) if one.method is by)
    flow = add_flow(ctx, site_id, NewFlow(name, detail, quantity.unit, category, key_id=key))
    enter_bill(ctx, site_id, NewBill(flow.id, Y2025, quantity))


@pytest.fixture
def shop(ctx: Context) -> Shop:
    party = factories.party(ctx, "Skive Maskinværksted")
    own, site = party.ctx, create_site(party.ctx, NewSite("Værkstedet", city="Skive")).id
    made = []
    for number, name, mass, pieces, hours in (
        ("A", "Arm", "12", "1000", "800"),
        ("F", "Frame", "20", "500", "400"),
    ):
        product = register_product(own, NewProduct(number, name, "H87", f"steel-{name.lower()}"))
        set_site_product(own, site, product.id, Decimal(mass))
        amount = Quantity(Decimal(pieces), UnitCode.PIECE)
        enter_output(own, site, NewOutput(product.id, Y2025, amount, Decimal(hours)))
        made.append(product.id)
    bill(own, site, "Electricity", Energy("electricity_grid"), "120", "MWH", by=KeyMethod.MACHINE_HOURS)
    bill(own, site, "District heat", Energy("district_heat"), "44", "MWH")
    bill(own, site, "Water", Water(), "220", "MTQ")
    bill(own, site, "Steel sheet", Material(), "33", "TNE", category="steel-sheet")
    bill(own, site, "Turnings", Waste("120101", "recycling"), "11000", "KGM")
    return Shop(party, site, *made)


def own(calculation: CalculationView, product: str | None) -> dict[str, str]:
    return {one.indicator.value: format(one.own.normalize(), "f") for one in figures(calculation, product)}


def figures(calculation: CalculationView, product: str | None) -> tuple[FigureView, ...]:
    return next((one.figures for one in calculation.products if one.id == product), calculation.site)


def test_every_figure_of_the_shop_is_the_hand_sum(shop: Shop) -> None:
    calculation = shop.calculate()
    # Arm: 120 000 kWh x 800 / 1 200 / 1 000 = 80 kWh; heat 44 000 kWh x 12 000 / 22 000 / 1 000 = 24 kWh;
    # steel 33 000 x 12 / 22 000 = 18 kg; turnings 11 000 x 12 / 22 000 = 6 kg; water 220 x 12 / 22 000 = 0.12 m3.
    # CO2e 80 x 0.135 + 24 x 0.0878 = 10.8 + 2.1072; energy (80 + 24) x 3.6 = 374.4 MJ.
    assert own(calculation, shop.arm) == {
        "resources": "18", "water": "0.12", "co2e": "12.9072", "energy": "374.4", "waste": "6",
    }  # fmt: skip
    # Frame: 120 000 x 400 / 1 200 / 500 = 80 kWh; heat 44 000 x 10 000 / 22 000 / 500 = 40 kWh.
    assert own(calculation, shop.frame)["co2e"] == "14.312"  # 80 x 0.135 + 40 x 0.0878
    # The site: 120 000 x 0.135 + 44 000 x 0.0878 = 16 200 + 3 863.2; energy 164 000 x 3.6.
    assert own(calculation, None) == {
        "resources": "33000", "water": "220", "co2e": "20063.2", "energy": "590400", "waste": "11000",
    }  # fmt: skip
    assert calculation.rests == ()


def test_the_same_inputs_are_kept_once_and_another_bill_makes_another(shop: Shop) -> None:
    first = shop.calculate()
    assert shop.calculate().header == first.header
    bill(shop.ctx, shop.site_id, "Mixed waste", Waste("200301", "incineration_energy"), "100", "KGM")
    second = shop.calculate()
    assert second.header.id != first.header.id
    assert get_calculation(shop.ctx, first.header.id).site == first.site  # what was kept stays as it was
    listed = list_calculations(shop.ctx, site_id=shop.site_id).items
    assert [one.id for one in listed] == [second.header.id, first.header.id]


def test_what_was_asked_for_last_is_the_newest_also_when_it_was_there_before(shop: Shop) -> None:
    first = shop.calculate()
    turnings = next(one.id for one in list_flows(shop.ctx, shop.site_id) if one.name == "Turnings")
    amount = Quantity(Decimal(1000), UnitCode.KILOGRAM)
    wrong = enter_bill(shop.ctx, shop.site_id, NewBill(turnings, Y2025, amount))
    shop.calculate()
    withdraw_bill(shop.ctx, wrong.id)
    assert shop.calculate().header.id == first.header.id
    with shop.ctx.store.read() as session:
        [newest] = query.newest_by_period(session, shop.ctx.who.organisation_id)
    assert newest.id == first.header.id


def test_a_bill_cut_by_the_edge_of_the_period_is_kept_with_all_its_steps(shop: Shop) -> None:
    march = Period(date(2026, 3, 1), date(2026, 4, 1))
    flow = add_flow(shop.ctx, shop.site_id, NewFlow("Oil", Energy("gas_diesel_oil"), UnitCode.KILOWATT_HOUR))
    half_year = Period(date(2026, 1, 1), date(2026, 7, 1))
    enter_bill(
        shop.ctx, shop.site_id, NewBill(flow.id, half_year, Quantity(Decimal(5000), UnitCode.KILOWATT_HOUR))
    )
    calculation = calculate_site(shop.ctx, shop.site_id, march)
    # 5 000 kWh x 31 / 181 days = 856.353591160221 kWh; x 3.6 = 3 082.872928176796 MJ, rounded to twelve places.
    assert own(calculation, None)["energy"] == "3082.872928176796"


def test_a_figure_opens_to_its_own_steps_alone(shop: Shop, exchange: Exchange) -> None:
    calculation = shop.calculate()
    with statements(exchange.store.reader) as seen:
        opened = open_figure(shop.ctx, calculation.header.id, shop.arm, Indicator.CO2E)
    assert [one["flow"] for one in opened.steps] == ["District heat", "Electricity"]
    assert opened.steps[1]["windows"] == [
        {"period": Y2025.to_wire(), "to_spread": "120000", "metered": "0", "amount": "80000", "weight": "800",
         "whole": "1200"}
    ]  # fmt: skip
    assert opened.steps[1]["per_unit"] == {"amount": "80", "unit": "KWH"}
    lines = [one for one in seen if "calculation_line" in one]
    assert len(lines) == 1
    assert len(seen) <= 3


def test_the_draft_is_a_whole_dataset_and_one_call_publishes_it(shop: Shop, worker: Exchange) -> None:
    calculation = shop.calculate()
    content = draft_product(shop.ctx, calculation.header.id, shop.arm)
    assert content["indicators"]["co2e"] == {"own": {"amount": "12.9072", "unit": "KGM"}}
    assert content["quality"]["energy"]["allocation"] == {
        "method": "machine_hours", "key": "Machine hours of each product", "scope": "site",
    }  # fmt: skip
    assert content["composition"]["materials"][0]["mass_fraction"] == "1"
    assert content["process"]["inputs"][0]["explains"] == {"resources": {"amount": "18", "unit": "KGM"}}
    assert content["site"] == {"sites": [{"name": "Værkstedet", "city": "Skive", "country": "DK"}]}
    assert len(content["breakdown"]["calculation"]["lines"]) == 5
    sent = publish_product(shop.ctx, calculation.header.id, shop.arm)
    publish.sign_publication(worker.context(), sent.id)
    published = publish.get_publication(shop.ctx, sent.id)
    assert published.state == "published", published.problems
    assert published.dataset_id is not None
    assert reading.read_dataset(shop.ctx, published.dataset_id).subject == content
    assert next(
        one.publication_id for one in get_calculation(shop.ctx, calculation.header.id).products
        if one.id == shop.arm
    ) == sent.id  # fmt: skip


def test_a_newer_factor_changes_nothing_and_offers_a_new_version(shop: Shop) -> None:
    calculation = shop.calculate()
    assert preview_revision(shop.ctx, calculation.header.id).is_current
    add_own_factor(
        shop.ctx,
        OwnRow(
            "co2e.district_heat", Decimal("0.05"), UnitCode.KILOGRAM, UnitCode.KILOWATT_HOUR,
            "Declaration of the heating company for 2025", 2025, "DK", FactorBasis.LIFE_CYCLE, "AR5",
            date(2025, 1, 1), date(2026, 1, 1),
        ),
    )  # fmt: skip
    offer = preview_revision(shop.ctx, calculation.header.id)
    assert not offer.is_current
    assert [one.key for one in offer.factors] == ["co2e.district_heat"]
    changed = {(one.product_id, one.indicator): (one.old, one.new) for one in offer.figures}
    # 24 kWh x (0.05 - 0.0878) = -0.9072 of the arm, 40 kWh x the same = -1.512 of the frame.
    assert changed == {
        (shop.arm, Indicator.CO2E): (Decimal("12.9072"), Decimal("12")),
        (shop.frame, Indicator.CO2E): (Decimal("14.312"), Decimal("12.8")),
    }
    assert own(get_calculation(shop.ctx, calculation.header.id), shop.arm)["co2e"] == "12.9072"
    assert own(shop.calculate(), shop.arm)["co2e"] == "12"


def test_gaps_are_kept_with_the_figure_and_never_a_zero(ctx: Context) -> None:
    party = factories.party(ctx)
    site = create_site(party.ctx, NewSite("North")).id
    product = register_product(party.ctx, NewProduct("1", "Granulate", "KGM", "granulate")).id
    enter_output(party.ctx, site, NewOutput(product, Y2025, Quantity(Decimal(1000), UnitCode.KILOGRAM)))
    flow = add_flow(
        party.ctx, site, NewFlow("Electricity", Energy("electricity_grid"), UnitCode.KILOWATT_HOUR)
    )
    january = Period(date(2025, 1, 1), date(2025, 2, 1))
    enter_bill(party.ctx, site, NewBill(flow.id, january, Quantity(Decimal(900), UnitCode.KILOWATT_HOUR)))
    calculation = calculate_site(party.ctx, site, Y2025)
    found = {one.indicator: one for one in figures(calculation, product)}
    assert set(found) == {Indicator.CO2E, Indicator.ENERGY}
    assert found[Indicator.ENERGY].gaps == (
        {
            "kind": "days_missing",
            "name": "Electricity",
            "period": {"start": "2025-02-01", "end": "2026-01-01"},
        },
    )
    assert found[Indicator.ENERGY].is_total_at_least
    draft = draft_product(party.ctx, calculation.header.id, product)
    assert draft["quality"]["energy"]["is_at_least"] is True
    assert "waste" not in draft["indicators"]


def test_nobody_else_reads_or_makes_a_calculation(shop: Shop, ctx: Context) -> None:
    calculation, stranger = shop.calculate(), factories.party(ctx)
    for attempt in (
        lambda: calculate_site(stranger.ctx, shop.site_id, Y2025),
        lambda: get_calculation(stranger.ctx, calculation.header.id),
        lambda: open_figure(stranger.ctx, calculation.header.id, shop.arm, Indicator.CO2E),
        lambda: draft_product(stranger.ctx, calculation.header.id, shop.arm),
        lambda: publish_product(stranger.ctx, calculation.header.id, shop.arm),
        lambda: preview_revision(stranger.ctx, calculation.header.id),
    ):
        with pytest.raises(NotFoundError):
            attempt()
    assert list_calculations(stranger.ctx).items == ()


def test_an_empty_account_and_a_viewer_are_refused(shop: Shop) -> None:
    with pytest.raises(InvalidError) as refused:
        calculate_site(shop.ctx, shop.site_id, year(2019))
    assert refused.value.error_code == "account.empty"
    with pytest.raises(NotPermittedError):
        calculate_site(factories.acting(shop.party), shop.site_id, Y2025)
