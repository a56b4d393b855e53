"""The chain's page over a network that was really solved: who sees figures, and who reads `confidential`."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.groups import DatasetKind, FieldGroup, Purpose
from exchange.domain.periods import year
from exchange.services import chains, grants
from exchange.services.chain_views import ChainView
from exchange.services.chains import NewChain, Target
from exchange.services.grants import NewGrant
from exchange.services.rollup import running
from exchange.web.formats import NO_BREAK
from tests.web.conftest import SignIn, World

GROUPS = frozenset({FieldGroup.INDICATORS, FieldGroup.QUALITY, FieldGroup.PROCESS})


@pytest.fixture
def chain(world: World, worker: Exchange) -> ChainView:
    """The customer follows 1 000 brackets of 2025; nobody has published the steel inside them."""
    target = Target(world.product.id, year(2025), Decimal(1000))
    made = chains.create_chain(world.customer.ctx, NewChain("Beslag til maskiner", (target,)))
    running.run_rollup(worker.context(), year(2025).start, year(2025).end)
    return made


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
    assert "By organisation Nørre Metal A/S 4,500 kg 100%" in text
    assert "Beslag B12 (declared) 4,500 kg 100%" in text
    assert "Where the totals come from" not in visit(world.customer).get(f"/chains/{chain.id}").text
