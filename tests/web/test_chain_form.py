"""Setting up chains of every kind and adding periods, as typed into the pages."""

from __future__ import annotations

import pytest

from exchange.domain.periods import year
from exchange.services import chains
from exchange.services.chain_views import ChainView
from exchange.services.context import Context
from tests.web.conftest import SignIn, World

DAYS = {"first": "2025-01-01", "last": "2025-12-31"}


def product_chain(world: World, **changed: str) -> dict[str, str]:
    return {
        "name": "Brackets", "prefer": "linked", **DAYS, "supplier-1": world.supplier.organisation.name,
        "product-1": "Beslag B12", "amount-1": "1000,5", **changed,
    }  # fmt: skip


def own(ctx: Context) -> ChainView:
    (chain,) = chains.list_chains(ctx)
    return chain


def test_a_product_chain_is_set_up_by_supplier_product_and_amount(visit: SignIn, world: World) -> None:
    browser = visit(world.customer)
    assert "Set up a chain" in browser.get("/chains").text
    answer = browser.client.post("/chains/new", data=product_chain(world))
    chain = own(world.customer.ctx)
    assert (answer.status_code, answer.location) == (303, f"/chains/{chain.id}?done=chain")
    (target,) = chain.targets
    assert (target.product_name, str(target.amount), target.period) == ("Beslag B12", "1000.5", year(2025))


@pytest.mark.parametrize(
    ("changed", "said", "field"),
    [
        ({"name": ""}, "Fill in: Name of the chain.", "name"),
        ({"product-1": ""}, "Fill in: Product number or name.", "product-1"),
        ({"supplier-1": "Nobody"}, "called &#39;Nobody&#39;", "supplier-1"),
        ({"product-1": "Nothing"}, "called &#39;Nothing&#39;", "product-1"),
        ({"amount-1": "0"}, "The amount of a target is above zero.", "amount-1"),
        ({"last": "2024-01-01"}, "The last day is before the first one.", "last"),
        ({"first": "1999-01-01", "last": "1999-12-31"}, "Periods lie in the years 2000 to 2100.", "first"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    visit: SignIn, world: World, changed: dict[str, str], said: str, field: str
) -> None:
    answer = visit(world.customer).client.post("/chains/new", data=product_chain(world, **changed))
    assert answer.status_code == 422
    assert said in answer.text
    assert f'href="#{field}"' in answer.text
    assert chains.list_chains(world.customer.ctx) == ()


def test_a_place_is_set_up_by_names_and_gets_a_further_period(visit: SignIn, world: World) -> None:
    browser = visit(world.customer)
    data = {
        "name": "Park",
        **DAYS,
        "known": world.customer.id,
        "others": f"\n{world.supplier.organisation.name}\n",
    }
    browser.client.post("/chains/new?kind=place", data=data)
    chain = own(world.customer.ctx)
    assert (chain.kind, len(chain.members), chain.targets) == ("place", 2, ())
    page = browser.client.get(f"/chains/{chain.id}/period").text
    assert 'value="2026-01-01"' in page
    assert page.count("checked") == 2  # the members of the period before
    data = {"first": "2026-01-01", "last": "2026-12-31", "known": world.customer.id}
    answer = browser.client.post(f"/chains/{chain.id}/period", data=data)
    assert answer.location == f"/chains/{chain.id}?period=2026-01-01&done=chain_period"
    periods = [one.period for one in own(world.customer.ctx).members]
    assert periods == [year(2025), year(2025), year(2026)]
    assert "2 members" in browser.get("/chains").text


def test_a_member_nobody_is_called_is_refused_by_its_line(visit: SignIn, world: World) -> None:
    data = {"name": "Park", **DAYS, "others": "Nobody"}
    answer = visit(world.customer).client.post("/chains/new?kind=group", data=data)
    assert (answer.status_code, "called &#39;Nobody&#39;" in answer.text) == (422, True)


def test_a_group_without_members_is_refused(visit: SignIn, world: World) -> None:
    answer = visit(world.customer).client.post("/chains/new?kind=group", data={"name": "Park", **DAYS})
    assert (answer.status_code, "1 to 500 members" in answer.text) == (422, True)


def test_a_further_period_of_a_product_chain_starts_from_the_last(visit: SignIn, world: World) -> None:
    browser = visit(world.customer)
    browser.client.post("/chains/new", data=product_chain(world))
    chain = own(world.customer.ctx)
    page = browser.client.get(f"/chains/{chain.id}/period").text
    for value in ("Beslag B12", "1000.5", world.supplier.organisation.name, "2026-12-31"):
        assert f'value="{value}"' in page
    assert f'href="/chains/{chain.id}/period"' in browser.client.get(f"/chains/{chain.id}").text


def test_only_its_owner_adds_a_period(visit: SignIn, world: World) -> None:
    visit(world.customer).client.post("/chains/new", data=product_chain(world))
    chain = own(world.customer.ctx)
    assert visit(world.supplier).client.get(f"/chains/{chain.id}/period").status_code == 404
    assert f"/chains/{chain.id}/period" not in visit(world.supplier).client.get(f"/chains/{chain.id}").text
