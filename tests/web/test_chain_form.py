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
    assert answer.location == f"/chains/{chain.id}?period=2026-01-01--2027-01-01&done=chain_period"
    periods = [one.period for one in own(world.customer.ctx).members]
    assert periods == [year(2025), year(2025), year(2026)]
    assert "2 members" in browser.get("/chains").text


def test_a_member_nobody_is_called_is_refused_by_its_line(visit: SignIn, world: World) -> None:
    data = {"name": "Park", **DAYS, "others": "Nobody"}
    answer = visit(world.customer).client.post("/chains/new?kind=group", data=data)
    assert (answer.status_code, "Line 1: no organisation here is called “Nobody”" in answer.text) == (
        422,
        True,
    )


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


def test_an_unknown_member_is_told_by_the_line_it_stands_in(visit: SignIn, world: World) -> None:
    names = f"\n{world.supplier.organisation.name}\nNobody\n\n<b>None</b>"
    data = {"name": "Park", **DAYS, "others": names}
    text = visit(world.customer).post("/chains/new?kind=group", **data).text
    assert "Line 3: no organisation here is called “Nobody”" in text
    assert "Line 5: no organisation here is called “<b>None</b>”" in text
    assert "Line 2" not in text


def test_members_of_a_period_are_changed_where_they_are_read(visit: SignIn, world: World) -> None:
    browser = visit(world.customer)
    both = [world.customer.id, world.supplier.id]
    data = {"name": "Park", **DAYS, "known": both[0], "others": world.supplier.organisation.name}
    browser.post("/chains/new?kind=group", **data)
    chain = own(world.customer.ctx)
    browser.post(f"/chains/{chain.id}/period", first="2026-01-01", last="2026-12-31", known=both[0])
    page = browser.get(f"/chains/{chain.id}?period=2025-01-01--2026-01-01")
    assert (
        f"Members, 2025: {world.customer.organisation.name}, {world.supplier.organisation.name}" in page.text
    )
    assert "Change the members for 2025" in page.text
    link = f"/chains/{chain.id}/period?period=2025-01-01--2026-01-01"
    assert f'href="{link}"' in page.html
    form = browser.get(link)
    assert "Change the members of Park for 2025" in form.text
    assert (form.html.count(" checked"), "First day" in form.text) == (2, False)
    answer = browser.post(link, known=both[1])
    assert answer.location == f"/chains/{chain.id}?period=2025-01-01--2026-01-01&done=chain_members"
    assert (
        "The members are changed. The figures are being worked out again."
        in browser.get(answer.location).text
    )
    members = [(one.organisation_id, one.period) for one in own(world.customer.ctx).members]
    assert members == [(both[1], year(2025)), (both[0], year(2026))]


def test_amounts_of_a_period_are_changed_where_they_are_read(visit: SignIn, world: World) -> None:
    browser = visit(world.customer)
    browser.post("/chains/new", **product_chain(world))
    chain = own(world.customer.ctx)
    link = f"/chains/{chain.id}/period?period=2025-01-01--2026-01-01"
    page = browser.get(f"/chains/{chain.id}")
    assert f'href="{link}"' in page.html and "Change the products and amounts for 2025" in page.text
    data = {key: value for key, value in product_chain(world).items() if key.endswith("-1")}
    answer = browser.post(link, **data | {"amount-1": "7"})
    assert answer.location.endswith("&done=chain_targets"), answer.text
    assert [str(one.amount) for one in own(world.customer.ctx).targets] == ["7"]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Write 4600, or 4.6000 if you mean decimals."), ("da", "4600")],
)
def test_an_amount_that_reads_two_ways_is_refused_with_both_spelled_out(
    visit: SignIn, world: World, language: str, said: str
) -> None:
    data = product_chain(world, **{"amount-1": "4.600"})
    answer = visit(world.customer, language).post("/chains/new", **data)
    assert (answer.status, said in answer.text) == (422, True)


def test_suppliers_are_offered_by_name_while_one_is_typed(visit: SignIn, world: World) -> None:
    page = visit(world.customer).get("/chains/new")
    assert f'<option value="{world.supplier.organisation.name}"></option>' in page.html
    assert f'<option value="{world.customer.organisation.name}"></option>' not in page.html
    assert 'list="suppliers"' in page.html and '<datalist id="suppliers">' in page.html


def test_the_half_year_after_a_half_year_ends_with_the_year(visit: SignIn, world: World) -> None:
    browser = visit(world.customer)
    browser.post("/chains/new", **product_chain(world, last="2025-06-30"))
    page = browser.get(f"/chains/{own(world.customer.ctx).id}/period").html
    assert 'value="2025-07-01"' in page and 'value="2025-12-31"' in page


def test_periods_that_begin_on_one_day_have_pages_of_their_own(visit: SignIn, world: World) -> None:
    browser = visit(world.customer)
    browser.post("/chains/new", **product_chain(world))
    chain = own(world.customer.ctx)
    half = {"first": "2025-01-01", "last": "2025-06-30", "product-1": "Beslag B12", "amount-1": "40",
            "supplier-1": world.supplier.organisation.name}  # fmt: skip
    answer = browser.post(f"/chains/{chain.id}/period", **half)
    for link, said in (
        (answer.location, "For 40 pcs"),
        (f"/chains/{chain.id}?period=2025-01-01--2026-01-01", "For 1,000.5 pcs"),
    ):
        page = browser.get(link)
        assert said in page.text.replace("\N{NO-BREAK SPACE}", " ")
        assert f'<a href="{link.partition("&")[0]}" aria-current="page">' in page.html
    assert "period=2025-01-01--2025-07-01" in page.html
