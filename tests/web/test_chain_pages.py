"""The chain's page over a network that was really solved: who sees figures, and who reads `confidential`."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.domain.groups import DatasetKind, FieldGroup, Purpose
from exchange.domain.periods import year
from exchange.services import chains, grants
from exchange.services.chain_views import ChainView
from exchange.services.chains import Members, NewChain, Target
from exchange.services.grants import NewGrant
from exchange.services.rollup import running
from exchange.services.rollup.wanted import ChainKind
from exchange.web.formats import NO_BREAK
from tests.web.conftest import Page, SignIn, World
from tests.working import work_off

GROUPS = frozenset({FieldGroup.INDICATORS, FieldGroup.QUALITY, FieldGroup.PROCESS})


@pytest.fixture
def chain(world: World, worker: Exchange) -> ChainView:
    """The customer follows 1 000 brackets of 2025; nobody has published the steel inside them."""
    target = Target(world.product.id, year(2025), Decimal(1000))
    made = chains.create_chain(world.customer.ctx, NewChain("Beslag til maskiner", (target,)))
    running.run_rollup(worker.context(), year(2025).start, year(2025).end)
    return made


def locks(page: Page) -> int:
    """How many padlocks the page itself shows, the frame's own left out."""
    return page.html.partition("<main")[2].partition("</main>")[0].count("#lock")


def open_to_customer(world: World) -> None:
    until = world.supplier.ctx.now() + timedelta(days=30)
    new = NewGrant(
        world.customer.id, DatasetKind.PRODUCT, world.product.id, GROUPS, Purpose.CHAIN_ROLLUP, until
    )
    grants.give_grant(world.supplier.ctx, new)


def test_without_grants_to_every_contribution_a_cell_is_confidential(
    visit: SignIn, world: World, chain: ChainView
) -> None:
    browser = visit(world.customer, "da")
    assert "Beslag til maskiner følges af Bælt Maskiner ApS · ét slutprodukt" in browser.get("/chains").text
    text = browser.get(f"/chains/{chain.id}").text
    assert text.count("Fortroligt") == 5  # the tiles; a table and a legend would say nothing more
    assert "Alle målinger" not in text
    assert "Målt for netop" not in text
    assert "Et fortroligt tal åbner sig, når alle organisationer" in text


def test_the_supplier_of_all_contributions_reads_the_figures_and_what_is_missing(
    visit: SignIn, world: World, chain: ChainView
) -> None:
    text = visit(world.supplier).get(f"/chains/{chain.id}").text.replace(NO_BREAK, " ")
    assert "Resource use at least" in text
    assert "CO2 emissions 4.50 t CO₂e 4.50 kg CO₂e per piece" in text  # declared: 1 000 x 4.5 kg
    assert "What is missing, 2025" in text
    assert "CO2 emissions add factors of different bases: combustion for a maker's own fuels" in text
    assert "a product that declares its figure without a recipe as covered" in text
    assert "Confidential" not in text
    assert "Not compared" not in text  # there is no earlier period to compare with


def test_a_grant_opens_the_cells_and_the_supplier_sees_the_read(
    visit: SignIn, world: World, chain: ChainView
) -> None:
    open_to_customer(world)
    text = visit(world.customer).get(f"/chains/{chain.id}").text.replace(NO_BREAK, " ")
    assert "Confidential" not in text
    assert "For 1,000 pcs Beslag B12, 2025" in text
    reads = visit(world.supplier).get("/access").text
    assert "Bælt Maskiner ApS Read a chain: Beslag til maskiner" in reads
    assert "allowed under a grant" in reads


def test_only_the_owner_sees_how_much_is_bought(visit: SignIn, world: World, chain: ChainView) -> None:
    assert "1,000 pcs" not in visit(world.supplier).get(f"/chains/{chain.id}").text.replace(NO_BREAK, " ")


def test_an_unknown_chain_is_not_there(visit: SignIn, world: World) -> None:
    client = visit(world.customer).client
    assert client.get("/chains/00000000-0000-4000-8000-000000000000").status_code == 404
    assert "There is no chain that concerns you yet." in visit(world.customer).get("/chains").text


def test_a_period_that_is_not_there_shows_the_newest_with_figures(
    visit: SignIn, world: World, chain: ChainView
) -> None:
    browser = visit(world.supplier)
    asked = browser.get(f"/chains/{chain.id}?period=1999-01-01")
    assert asked.text == browser.get(f"/chains/{chain.id}").text


def test_the_page_says_where_totals_come_from_to_whom_they_are_open(
    visit: SignIn, world: World, chain: ChainView
) -> None:
    text = visit(world.supplier).get(f"/chains/{chain.id}").text.replace(NO_BREAK, " ")
    assert "Where the totals come from, 2025" in text
    assert "By organisation Nørre Metal A/S 4.5 t CO₂e 100%" in text
    assert "Beslag B12 (declared) 4.5 t CO₂e 100%" in text
    assert "Where the totals come from" not in visit(world.customer).get(f"/chains/{chain.id}").text


def test_before_its_first_figures_a_chain_says_to_its_owner_that_they_are_worked_out(
    visit: SignIn, world: World
) -> None:
    target = Target(world.product.id, year(2025), Decimal(1000))
    made = chains.create_chain(world.customer.ctx, NewChain("Beslag", (target,)))
    page = visit(world.customer).get(f"/chains/{made.id}")
    assert page.text.count("Being worked out") == 5
    assert "The figures of 2025 are being worked out." in page.text
    assert "No data" not in page.text and not locks(page)
    supplier = visit(world.supplier).get(f"/chains/{made.id}").text
    assert "Being worked out" not in supplier and "are being worked out" not in supplier


def test_an_empty_period_says_why_to_its_owner(
    visit: SignIn, world: World, worker: Exchange, clock: SteppingClock
) -> None:
    members = Members(year(2025), (world.customer.id,))
    group = NewChain("Gruppe", kind=ChainKind.GROUP, members=(members,))
    made = chains.create_chain(world.customer.ctx, group)
    clock.move(timedelta(seconds=2))
    work_off(worker)
    page = visit(world.customer).get(f"/chains/{made.id}")
    said = "None of the members has published figures for the period that can be counted."
    assert said in page.text
    assert page.text.count("No data") == 5 and not locks(page)
    chains.set_members(world.customer.ctx, made.id, members)
    again = visit(world.customer).get(f"/chains/{made.id}").text
    assert again.count("Being worked out") == 5 and said not in again


def test_the_owner_of_a_confidential_chain_asks_its_suppliers_for_access(
    visit: SignIn, world: World, chain: ChainView
) -> None:
    browser = visit(world.customer)
    page = browser.get(f"/chains/{chain.id}")
    link = f"/requests/new/{world.supplier.id}?purpose=CHAIN_ROLLUP&amp;year=2025"
    assert f'<a href="{link}">Nørre Metal A/S</a>' in page.html
    assert "Ask for access: Nørre Metal A/S , choose a supplier" in page.text
    form = browser.get(link.replace("&amp;", "&")).html
    assert '<option value="CHAIN_ROLLUP" selected>' in form and '<option value="2025" selected>' in form
    assert f'href="{link}"' in browser.get("/requests/new?purpose=CHAIN_ROLLUP&year=2025").html
    assert re.search(r'value="process" class="form-checkbox" checked', form)
    open_to_customer(world)
    assert "Ask for access" not in browser.get(f"/chains/{chain.id}").text
