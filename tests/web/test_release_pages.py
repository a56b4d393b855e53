"""Signed statements on the pages: with proof for who sees the figures, and for who owns an input."""

from __future__ import annotations

import io
import re
from decimal import Decimal

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.periods import year
from exchange.services import chains
from exchange.services.chain_views import ChainView
from exchange.services.chains import NewChain, Target
from exchange.services.rollup.running import run_rollup
from exchange.services.trust_root import make_trust_root
from exchange.trust.release.verify import verify_release
from exchange.web.formats import NO_BREAK
from tests.service.proven import trust_root
from tests.web.conftest import SignIn, World
from tests.working import work_off


@pytest.fixture
def chain(world: World, worker: Exchange) -> ChainView:
    """A chain of the customer's about the supplier's product, released, signed and logged; nothing is granted."""
    target = Target(world.product.id, year(2025), Decimal(1000))
    made = chains.create_chain(world.customer.ctx, NewChain("Beslag", (target,)))
    run_rollup(world.customer.ctx, year(2025).start, year(2025).end)
    work_off(worker)
    return made


@pytest.mark.parametrize("language", ["en", "da"])
def test_an_owner_finds_the_statements_that_count_its_datasets_and_their_proof(
    visit: SignIn, world: World, chain: ChainView, worker: Exchange, language: str
) -> None:
    browser = visit(world.supplier, language)
    assert 'href="/releases"' in browser.get("/chains").html
    page = browser.get("/releases")
    assert page.status == 200 and chain.id not in page.html and "2025" in page.text
    newest, followed = ("newest", "followed by") if language == "en" else ("nyeste", "følges af")
    assert f"({newest})" in page.text
    assert f"Beslag, {followed} {world.customer.organisation.name}" in page.text
    (link,) = {one for one in page.html.split('"') if one.endswith("/bundle")}
    answer = browser.client.get(link)
    assert answer.headers["Content-Disposition"].endswith('.vcx.json"')
    assert answer.headers["Cache-Control"] == "no-store"
    verdict = verify_release(answer.data, trust=trust_root(worker.context()), now=worker.clock.now())
    # Every figure in the chain is the supplier's own, so it sees them all.
    assert verdict.ok and len(verdict.own_inputs) == 1
    assert verdict.signed is not None and "cells" in verdict.signed.groups
    assert visit(world.stranger).client.get(link).status_code == 404
    assert visit(world.customer).client.get(link).status_code == 404
    assert visit().client.get(link).status_code == 303  # to the sign-in page


def test_who_owns_no_input_is_told_so(visit: SignIn, world: World, chain: ChainView) -> None:
    page = visit(world.customer).get("/releases")
    assert "No signed statement counts a dataset of ours yet." in page.text and chain.id not in page.html


def test_the_chain_s_page_offers_the_statement_with_its_proof(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    target = Target(world.product.id, year(2025), Decimal(1000))
    own = chains.create_chain(world.supplier.ctx, NewChain("Beslag", (target,)))
    run_rollup(world.supplier.ctx, year(2025).start, year(2025).end)
    work_off(worker)
    browser = visit(world.supplier)
    page = browser.get(f"/chains/{own.id}")
    assert re.search(
        r"Statement of 2 March 2026, \d\d:\d\d:\d\d \(newest\)", page.text.replace(NO_BREAK, " ")
    )
    (link,) = {one for one in page.html.split('"') if one.endswith("/bundle")}
    answer = browser.client.get(link)
    verdict = verify_release(answer.data, trust=trust_root(worker.context()), now=worker.clock.now())
    assert verdict.ok and verdict.content is not None and verdict.content.cells is not None
    assert len(verdict.own_inputs) == 1


def test_the_page_that_checks_files_answers_for_a_release_bundle(
    visit: SignIn, world: World, chain: ChainView, worker: Exchange
) -> None:
    browser = visit(world.supplier)
    (link,) = {one for one in browser.get("/releases").html.split('"') if one.endswith("/bundle")}
    data = browser.client.get(link).data
    root = make_trust_root(worker.context())
    page = visit().post(
        "/verify", file=(io.BytesIO(data), "a.vcx.json"), trust=(io.BytesIO(root), "vcx-trust.json")
    )
    assert "Everything you asked for is established." in page.text
    for fact in ("method/3", "factors/2026-12", "520", "2025"):
        assert fact in page.text, fact
    assert chain.id in page.html
    (counted,) = re.findall(r"<dt>Datasets counted</dt><dd>([^<]+)</dd>", page.html)
    (own,) = re.findall(r"<dt>Proven to be counted</dt><dd>([^<]+)</dd>", page.html)
    assert (counted, own) == ("1", "one dataset")
    alone = visit().post("/verify", file=(io.BytesIO(data), "a.vcx.json"))
    assert "Consistent, origin not established." in alone.text
    assert "Everything you asked for is established." not in alone.text
