"""The page on which a customer says which companies really deliver to it."""

from __future__ import annotations

import pytest

from exchange.domain.actors import Role
from exchange.domain.groups import DatasetKind
from exchange.domain.periods import year
from exchange.services.suppliers import page_suppliers
from tests import datasets, factories
from tests.factories import Party
from tests.service.rollup_story import Maker, delivery_subject
from tests.web.conftest import SignIn, World


def deliver(sender: Party, recipient: Party) -> None:
    """Publish a delivery from one to the other."""
    one, other = (Maker(party, datasets.own_key(party)) for party in (sender, recipient))
    about = datasets.product(sender)
    one.publish(DatasetKind.DELIVERY, delivery_subject(one, other, about, "1000", year(2025)))


def test_the_overview_says_when_a_company_waits_and_no_longer_once_it_is_answered(
    visit: SignIn, world: World
) -> None:
    browser = visit(world.customer)
    hint = "Companies say that they deliver to you"
    assert hint not in browser.get("/").text
    deliver(world.stranger, world.customer)
    assert hint in browser.get("/").text
    text = browser.get("/suppliers").text
    assert "Fremmed ApS Waits for your answer Self-declared" in text
    assert "deliveries 2025" in text
    base = f"/suppliers/{world.stranger.id}"
    assert browser.post(f"{base}/refuse").location.endswith("/suppliers?done=supplier_refused")
    page = browser.get("/suppliers?done=supplier_refused")
    assert "Refused. Their deliveries to you count nowhere." in page.text
    assert f'action="{base}/confirm"' in page.html
    assert f'action="{base}/refuse"' not in page.html
    assert hint not in browser.get("/").text
    assert browser.post(f"{base}/confirm").location.endswith("/suppliers?done=supplier_confirmed")
    assert [one.state for one in page_suppliers(world.customer.ctx).items] == ["confirmed"]


@pytest.mark.parametrize("act", ["confirm", "refuse"])
def test_a_company_that_delivered_nothing_here_is_not_found(visit: SignIn, world: World, act: str) -> None:
    deliver(world.stranger, world.customer)
    assert visit(world.supplier).post(f"/suppliers/{world.stranger.id}/{act}").status == 404


def test_a_viewer_sees_who_waits_and_gets_no_buttons(visit: SignIn, world: World) -> None:
    deliver(world.stranger, world.customer)
    bo = factories.user(world.customer, Role.VIEWER)
    page = visit(Party(world.customer.organisation, world.customer.actor, bo.email, world.customer.ctx)).get(
        "/suppliers"
    )
    assert "Fremmed ApS" in page.text
    assert "Yes, they deliver to us" not in page.text


def test_without_deliveries_the_page_says_so(visit: SignIn, world: World) -> None:
    browser = visit(world.stranger, "da")
    assert "Ingen virksomhed har endnu offentliggjort en leverance til jer." in browser.get("/suppliers").text
    assert "Hvem leverer til os" in browser.get("/inbox").text
