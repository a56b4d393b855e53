"""A product's dataset from a calculation: handed in once, not when outdated, and without the firm's own secrets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.calculation.account import Energy, KeyMethod
from exchange.domain.checks import run_checks
from exchange.domain.errors import ConflictError
from exchange.domain.indicators import Indicator
from exchange.domain.periods import year
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services.calculation_views import open_figure
from exchange.services.context import Context
from exchange.services.flows import list_flows, set_flow_key
from exchange.services.outputs import NewOutput, enter_output
from exchange.services.product_drafts import draft_product, publish_product
from exchange.services.publish import get_publication, sign_publication
from exchange.services.sites import NewSite, create_site
from exchange.services.spreading_keys import list_keys
from tests.service.plant import Plant, two_years


@pytest.fixture
def firm(ctx: Context) -> Plant:
    """Two years booked and calculated."""
    return two_years(ctx)


def book_more(firm: Plant) -> None:
    """A further bill of 2025."""
    firm.bill("Wood", Energy("wood"), "5", "MWH", year(2025))


def test_pressing_twice_hands_in_once_before_and_after_the_signature(firm: Plant, worker: Exchange) -> None:
    calculation = firm.calculate(2025).header.id
    first = publish_product(firm.ctx, calculation, firm.arm)
    assert publish_product(firm.ctx, calculation, firm.arm) == first
    sign_publication(worker.context(), first.id)
    book_more(firm)  # what is published already is the answer also when it is outdated by now
    assert publish_product(firm.ctx, calculation, firm.arm) == get_publication(firm.ctx, first.id)
    assert get_publication(firm.ctx, first.id).state == "published"


def test_of_two_that_publish_at_once_the_second_gets_the_firsts_publication(firm: Plant) -> None:
    calculation = firm.calculate(2025).header.id
    between = []

    def complete(draft: dict[str, Any]) -> dict[str, Any]:
        between.append(publish_product(firm.ctx, calculation, firm.arm))
        return draft

    assert [publish_product(firm.ctx, calculation, firm.arm, complete)] == between


def test_an_outdated_calculation_is_published_only_when_that_is_confirmed(firm: Plant) -> None:
    calculation = firm.calculate(2025).header.id
    book_more(firm)
    with pytest.raises(ConflictError) as refused:
        publish_product(firm.ctx, calculation, firm.arm)
    assert refused.value.error_code == "calculation.outdated"
    assert draft_product(firm.ctx, calculation, firm.arm)["indicators"]["co2e"]["own"]["amount"]
    assert publish_product(firm.ctx, calculation, firm.arm, is_confirmed=True).state == "waiting"
    again = firm.calculate(2025).header.id
    assert publish_product(firm.ctx, again, firm.arm).state == "waiting"


def test_what_another_site_made_too_is_not_published_and_the_site_is_named(firm: Plant) -> None:
    calculation = firm.calculate(2025).header.id
    north = create_site(firm.ctx, NewSite("North hall")).id
    for product, number in ((firm.arm, 2025), (firm.frame, 2024)):
        one = Quantity(Decimal(1), UnitCode.PIECE)
        enter_output(firm.ctx, north, NewOutput(product, year(number), one))
    with pytest.raises(ConflictError) as refused:
        publish_product(firm.ctx, calculation, firm.arm)
    assert refused.value.error_code == "calculation.other_site"
    assert "North hall" in refused.value.detail
    assert publish_product(firm.ctx, calculation, firm.frame).state == "waiting"  # made there in 2024 alone


def test_the_dataset_says_shares_where_the_owners_own_steps_say_revenue(firm: Plant) -> None:
    key = next(one.id for one in list_keys(firm.ctx, firm.site_id) if one.method is KeyMethod.ECONOMIC)
    for flow in list_flows(firm.ctx, firm.site_id):
        set_flow_key(firm.ctx, flow.id, key)
    calculation = firm.calculate(2025).header.id
    own = open_figure(firm.ctx, calculation, firm.arm, Indicator.CO2E).steps
    assert {(one["weight"], one["whole"]) for step in own for one in step["windows"]} == {
        ("600000", "1000000")
    }
    content = draft_product(firm.ctx, calculation, firm.arm)
    windows = [one for line in content["breakdown"]["calculation"]["lines"] for one in line["windows"]]
    # 600 000 of 1 000 000 DKK: 0.6 x 9 000 kWh = 5 400 kWh, 0.6 x 15 000 kWh = 9 000 kWh.
    assert {(one["weight"], one["whole"]) for one in windows} == {("0.6", "1")}
    assert {one["amount"] for one in windows} == {"5400", "9000"}
    assert run_checks("product", content, publishing=True) == []
