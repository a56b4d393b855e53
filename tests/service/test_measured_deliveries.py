"""A delivery metered itself: drafted, published under the custody key, and rolled up beside the product's average."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.calculation.account import Energy, KeyMethod, SharingRule, Water
from exchange.domain.delivery_table import DeliveryRecord, Recipient, RecipientKind
from exchange.domain.errors import InvalidError, NotFoundError, NotPermittedError
from exchange.domain.groups import DatasetKind
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services import publish
from exchange.services.bills import NewBill, enter_bill
from exchange.services.calculations import calculate_site
from exchange.services.chains import NewChain, Target, create_chain
from exchange.services.context import Context
from exchange.services.delivery_drafts import draft_deliveries
from exchange.services.flows import NewFlow, add_flow
from exchange.services.jobs import cancel
from exchange.services.measured_deliveries import (
    NewMeasuredDelivery,
    draft_delivery,
    list_deliveries,
    publish_delivery,
)
from exchange.services.outputs import NewOutput, enter_output
from exchange.services.product_drafts import publish_product
from exchange.services.products import NewProduct, register_product
from exchange.services.publish import Publication
from exchange.services.reading import read_dataset
from exchange.services.readings import NewReading, enter_reading
from exchange.services.rollup.run_figures import RunFigure, run_figure_of
from exchange.services.rollup.running import run_rollup
from exchange.services.site_products import ByProductOf, set_site_product
from exchange.services.sites import NewSite, create_site
from exchange.services.spreading_keys import list_keys
from exchange.services.suppliers import confirm_supplier
from exchange.store.tables.rollup import RunRow
from tests import factories
from tests.datasets import product, product_subject, quantity, rows
from tests.factories import Party
from tests.service.rollup_story import effects

Y2025, MARCH = year(2025), Period(date(2025, 3, 1), date(2025, 4, 1))
KWH, PIECE, M3 = UnitCode.KILOWATT_HOUR, UnitCode.PIECE, UnitCode.CUBIC_METRE
D = Decimal


@dataclass(frozen=True)
class Press:
    """A pressing shop in 2025: 1 000 lids; 10 000 kWh electricity, 500 kWh district heat, 100 m3 water.

    The press's sub-meter gave 800 kWh to the 100 lids of order 7: 8 kWh each, where the average lid has 10.
    """

    party: Party
    customer: Party
    site_id: str
    lid: str
    flow_id: str

    @property
    def ctx(self) -> Context:
        return self.party.ctx

    @property
    def order(self) -> NewMeasuredDelivery:
        return NewMeasuredDelivery("Order 7", self.customer.id, Quantity(D(100), PIECE), MARCH)

    def read(self, amount: str, delivery: str, period: Period = MARCH) -> None:
        new = NewReading(self.flow_id, self.lid, period, Quantity(D(amount), KWH), None, delivery)
        enter_reading(self.ctx, self.site_id, new)

    def calculate(self) -> str:
        return calculate_site(self.ctx, self.site_id, Y2025).header.id

    def draft(self, calculation_id: str, **changed: Any) -> dict[str, Any]:
        return draft_delivery(self.ctx, calculation_id, self.lid, replace(self.order, **changed))

    def publish(self, calculation_id: str, **changed: Any) -> Publication:
        return publish_delivery(self.ctx, calculation_id, self.lid, replace(self.order, **changed))


@pytest.fixture
def press(ctx: Context) -> Press:
    party, customer = factories.party(ctx, "Lemvig Presse"), factories.party(ctx, "Struer Kasser")
    own, site = party.ctx, create_site(party.ctx, NewSite("Hallen")).id
    lid = register_product(own, NewProduct("L", "Lid", "H87", "lid")).id
    set_site_product(own, site, lid, D(1))
    enter_output(own, site, NewOutput(lid, Y2025, Quantity(D(1000), PIECE)))
    key = next(one.id for one in list_keys(own, site) if one.method is KeyMethod.MASS)
    flows = []
    for name, detail, amount, unit in (
        ("Electricity", Energy("electricity_grid"), "10000", KWH),
        ("District heat", Energy("district_heat"), "500", KWH),
        ("Water", Water(), "100", M3),
    ):
        flows.append(add_flow(own, site, NewFlow(name, detail, unit, key_id=key)).id)
        enter_bill(own, site, NewBill(flows[-1], Y2025, Quantity(D(amount), unit)))
    made = Press(party, customer, site, lid, flows[0])
    made.read("800", "Order 7")
    return made


def signed(press: Press, sent: Publication, worker: Exchange) -> str:
    """The dataset that the worker made of it."""
    publish.sign_publication(worker.context(), sent.id)
    done = publish.get_publication(press.ctx, sent.id)
    assert done.state == "published", done.problems
    assert done.dataset_id is not None
    return done.dataset_id


def refused(attempt: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(InvalidError) as error:
        attempt()
    return error.value.error_code, error.value.path


def table_row(press: Press, amount: str) -> list[DeliveryRecord]:
    """An unmeasured delivery to the same customer, out of a delivery table."""
    to = Recipient(RecipientKind.NAME, press.customer.organisation.name)
    return [DeliveryRecord(2, "L", to, D(amount), PIECE, Period(date(2025, 6, 1), date(2025, 7, 1)), False)]


def test_the_list_names_deliveries_with_what_was_read_and_what_a_key_adds_beside(press: Press) -> None:
    press.read("50", "Order 7", Period(date(2025, 4, 1), date(2025, 5, 1)))
    press.read("20", "Order 9")
    press.read("10", "")
    found = list_deliveries(press.ctx, press.calculate())
    assert [(one.delivery, one.product_name) for one in found] == [("Order 7", "Lid"), ("Order 9", "Lid")]
    (flow,) = found[0].flows
    # 850 of 10 000 kWh; 9 120 reach the lid by the key beside all readings
    assert (flow.name, flow.amount, flow.unit, flow.is_spread_too) == ("Electricity", D(850), "KWH", True)


def test_a_by_product_bears_its_part_and_the_delivery_is_the_main_products(press: Press) -> None:
    rings = register_product(press.ctx, NewProduct("R", "Rings", "KGM", "rings")).id
    of_lids = ByProductOf(press.lid, SharingRule.SUBDIVISION, D("0.25"))
    set_site_product(press.ctx, press.site_id, rings, None, of_lids)
    made = Quantity(D(40), UnitCode.KILOGRAM)
    enter_output(press.ctx, press.site_id, NewOutput(rings, Y2025, made))
    calculation = press.calculate()
    (named,) = list_deliveries(press.ctx, calculation)
    assert (named.product_name, named.flows[0].amount) == ("Lid", D(800))
    # 800 x 0.75 / 100 = 6 kWh and 500 x 0.75 / 1 000 = 0.375 kWh, x 3.6
    assert press.draft(calculation)["indicators"]["energy"]["own"]["amount"] == "22.95"


def test_the_draft_is_a_whole_dataset_of_the_deliverys_own_figures(press: Press) -> None:
    content = press.draft(press.calculate())
    # (8 + 0.5) x 3.6 = 30.6 MJ; 8 x 0.135 + 0.5 x 0.0878 = 1.1239 kg; no water was read for the order
    assert content["indicators"] == {
        "co2e": {"own": quantity("1.1239", "KGM")},
        "energy": {"own": quantity("30.6", "3B")},
    }
    assert content["quality"]["energy"]["measured"] == "1"  # the lid is all the shop makes
    assert content["process"] == {
        "activities": [
            {"activity": "Electricity", "window": MARCH.to_wire(), "amount": quantity("800", "KWH"),
             "share_to_delivery": "1"}
        ]
    }  # fmt: skip
    assert content["identity"]["period"] == Y2025.to_wire()
    assert content["identity"]["recipient"]["name"] == "Struer Kasser"
    (handed_over,) = content["commercial"]["deliveries"]
    assert handed_over["quantity"] == quantity("100", "H87")
    assert "Order 7" not in str(content)  # a digest says which order it was, and not its name


def test_one_call_publishes_it_and_another_quantity_continues_the_same_subject(
    press: Press, worker: Exchange
) -> None:
    calculation = press.calculate()
    content = press.draft(calculation)
    dataset = signed(press, press.publish(calculation), worker)
    assert read_dataset(press.ctx, dataset).subject == content
    corrected = press.draft(calculation, quantity=Quantity(D(160), PIECE))
    assert corrected["id"] == content["id"]
    assert corrected["indicators"]["energy"]["own"]["amount"] == "19.8"  # (800 / 160 + 0.5) x 3.6


def test_it_is_rolled_up_beside_the_average_which_is_recomputed_for_the_rest(
    press: Press, worker: Exchange
) -> None:
    calculation = press.calculate()
    signed(press, publish_product(press.ctx, calculation, press.lid), worker)
    signed(press, press.publish(calculation), worker)
    other = replace(press, customer=factories.party(press.ctx.acting_as(None), "Thisted Bakker"))
    (unmeasured,), _ = draft_deliveries(press.ctx, table_row(other, "200"))
    sent = publish.submit_for_custody(press.ctx, DatasetKind.DELIVERY, unmeasured.subject)
    signed(press, sent, worker)
    box, tray = buyer(press, worker, lids="2"), buyer(other, worker, lids="4")
    create_chain(press.customer.ctx, NewChain("Boxes", (Target(box, Y2025, D(50)),)))
    run_rollup(worker.context(), Y2025.start, Y2025.end)
    (run,) = rows(press.ctx.store, RunRow)

    def figure(of: str, column: str) -> RunFigure:
        with press.ctx.store.read() as session:
            found = run_figure_of(session, run.id, of, column)
        assert found is not None
        return found

    # 50 boxes take the 100 lids of order 7: 5 + 2 x 30.6 = 66.2 MJ and 1 + 2 x 1.1239 = 3.2478 kg a box
    assert figure(box, "energy").footprint == pytest.approx(66.2)
    assert figure(box, "co2e").footprint == pytest.approx(3.2478)
    # 50 trays take 200 of the other 900, of which each used (1 000 x 37.8 - 100 x 30.6) / 900 = 38.6 MJ and
    # (1 000 x 1.3939 - 100 x 1.1239) / 900 = 1.4239 kg: 5 + 4 x 38.6 = 159.4 and 1 + 4 x 1.4239 = 6.6956
    assert figure(tray, "energy").footprint == pytest.approx(159.4)
    assert figure(tray, "co2e").footprint == pytest.approx(6.6956)
    # all 1 000 lids together are what they were; water was not read: 0.1 m3 a lid in the order and in the rest
    assert figure(press.lid, "energy").own == pytest.approx(37.8)
    assert figure(box, "water").footprint == pytest.approx(0.2)
    assert figure(tray, "water").footprint == pytest.approx(0.4)


def buyer(press: Press, worker: Exchange, lids: str) -> str:
    """50 pieces of a product of the customer's, each of so many lids, 1 kg CO2e and 5 MJ of its own."""
    customer = press.customer
    confirm_supplier(customer.ctx, press.party.id)
    made = product(customer, "Package", unit="H87", category="package")
    line = {"line": "1", "category": "lid", "name": "Lid", "amount": quantity(lids, "H87")}
    groups = {
        "process": {"inputs": [line | {"measured_share": "1"}]},
        "commercial": {"produced": quantity("50", "H87")},
    }
    subject = product_subject(customer, made, **effects(co2e="1", energy="5"), **groups)
    subject["identity"]["mass"] = quantity("3", "KGM")
    sent = publish.submit_for_custody(customer.ctx, DatasetKind.PRODUCT, subject)
    signed(replace(press, party=customer), sent, worker)
    return made.id


def test_datasets_that_would_be_lost_are_in_the_way(press: Press, worker: Exchange) -> None:
    press.read("90", "Order 9")
    calculation = press.calculate()
    waiting = press.publish(calculation)
    assert refused(lambda: press.draft(calculation, delivery="Order 9"))[0] == "delivery.waiting"
    assert press.draft(calculation)["id"]  # itself is not in its own way
    signed(press, waiting, worker)
    assert refused(lambda: press.draft(calculation, delivery="Order 9"))[0] == "delivery.other_measured"
    drafts, issues = draft_deliveries(press.ctx, table_row(press, "100"))
    assert (drafts, [one.code for one in issues]) == ([], ["delivery.measured"])  # the other way round
    other = factories.party(press.ctx.acting_as(None)).id
    assert (
        press.draft(calculation, delivery="Order 9", recipient_id=other)["id"]
        != press.draft(calculation)["id"]
    )


def test_deliveries_without_figures_give_way_only_when_they_are_the_same_goods(
    press: Press, worker: Exchange
) -> None:
    calculation = press.calculate()
    (draft,), _ = draft_deliveries(press.ctx, table_row(press, "100"))
    sent = publish.submit_for_custody(press.ctx, DatasetKind.DELIVERY, draft.subject)
    assert refused(lambda: press.draft(calculation))[0] == "delivery.waiting"
    signed(press, sent, worker)
    assert press.draft(calculation)["id"] == f"urn:uuid:{draft.subject_id}"
    assert refused(lambda: press.draft(calculation, quantity=Quantity(D(60), PIECE))) == (
        "delivery.unmeasured",
        "/recipient_id",
    )


def test_a_cancelled_publication_is_in_nobodys_way(press: Press) -> None:
    press.read("90", "Order 9")
    calculation = press.calculate()
    cancel(press.ctx, press.publish(calculation).job_id)
    assert press.draft(calculation, delivery="Order 9")["id"]


def test_measured_deliveries_are_no_more_than_was_made(press: Press, worker: Exchange) -> None:
    press.read("90", "Order 9")
    calculation = press.calculate()
    signed(press, press.publish(calculation), worker)
    other = {"delivery": "Order 9", "recipient_id": factories.party(press.ctx.acting_as(None)).id}
    assert press.draft(calculation, quantity=Quantity(D(900), PIECE), **other)["id"]
    above = Quantity(D(901), PIECE)
    assert refused(lambda: press.draft(calculation, quantity=above, **other))[0] == "delivery.above_produced"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"delivery": "Order 8"}, ("delivery.unknown", "/delivery")),
        ({"quantity": Quantity(D(0), PIECE)}, ("delivery.quantity", "/quantity")),
        ({"quantity": Quantity(D(1001), PIECE)}, ("delivery.above_produced", "/quantity")),
        ({"quantity": Quantity(D(100), KWH)}, ("unit.dimension", "/quantity/unit")),
        ({"window": Period(date(2025, 12, 1), date(2026, 1, 2))}, ("delivery.window", "/window")),
        ({"recipient_id": "01986e2f-1f00-7000-8000-000000000000"}, ("recipient.unknown", "/recipient_id")),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(
    press: Press, changed: dict[str, Any], expected: tuple[str, str]
) -> None:
    calculation = press.calculate()
    assert refused(lambda: press.draft(calculation, **changed)) == expected
    assert refused(lambda: press.draft(calculation, recipient_id=press.party.id)) == (
        "recipient.self",
        "/recipient_id",
    )


def test_a_delivery_over_the_turn_of_the_year_is_two(press: Press) -> None:
    years = Period(date(2025, 1, 1), date(2027, 1, 1))
    calculation = calculate_site(press.ctx, press.site_id, years).header.id
    turn = Period(date(2025, 12, 1), date(2026, 2, 1))
    assert refused(lambda: press.draft(calculation, window=turn)) == ("window.two_years", "/window")


def test_a_delivery_whose_figures_lack_a_bill_waits_for_it(press: Press) -> None:
    flow = NewFlow("Heat of the office", Energy("district_heat", "renewable"), KWH)
    heat = add_flow(press.ctx, press.site_id, flow).id
    enter_bill(press.ctx, press.site_id, NewBill(heat, MARCH, Quantity(D(90), KWH)))
    calculation = press.calculate()
    assert refused(lambda: press.draft(calculation)) == ("delivery.gaps", "/delivery")


def test_a_calculation_that_the_account_has_left_behind_is_not_published_from(press: Press) -> None:
    calculation = press.calculate()
    press.read("10", "Order 9")
    assert refused(lambda: press.draft(calculation))[0] == "calculation.outdated"
    assert press.draft(press.calculate())["id"]
    assert [one.delivery for one in list_deliveries(press.ctx, calculation)] == ["Order 7"]


def test_a_product_nothing_was_made_of_or_the_calculation_says_nothing_of_has_no_delivery(
    press: Press,
) -> None:
    elsewhere, unmade = product(press.party, "Elsewhere").id, product(press.party, "Unmade", unit="H87").id
    new = NewReading(press.flow_id, unmade, MARCH, Quantity(D(5), KWH), None, "Order 7")
    enter_reading(press.ctx, press.site_id, new)
    calculation = press.calculate()
    with pytest.raises(NotFoundError):
        draft_delivery(press.ctx, calculation, elsewhere, press.order)
    attempt = refused(lambda: draft_delivery(press.ctx, calculation, unmade, press.order))
    assert attempt == ("delivery.above_produced", "/quantity")


def test_nobody_else_reads_or_makes_it_and_roles_are_asked_for(press: Press, ctx: Context) -> None:
    calculation, stranger = press.calculate(), factories.party(ctx)
    for attempt in (
        lambda: list_deliveries(stranger.ctx, calculation),
        lambda: draft_delivery(stranger.ctx, calculation, press.lid, press.order),
        lambda: publish_delivery(stranger.ctx, calculation, press.lid, press.order),
    ):
        with pytest.raises(NotFoundError):
            attempt()
    viewer = factories.acting(press.party)
    assert list_deliveries(viewer, calculation)
    for attempt in (
        lambda: draft_delivery(viewer, calculation, press.lid, press.order),
        lambda: publish_delivery(viewer, calculation, press.lid, press.order),
    ):
        with pytest.raises(NotPermittedError):
            attempt()
