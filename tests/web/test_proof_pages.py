"""The log's number, the receipt and the bundle, on the supplier's pages and on the reader's."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.domain.groups import FieldGroup
from exchange.services.trust_root import make_trust_root
from exchange.store.tables.requests import AccessRecordRow
from exchange.trust.bundle.document import read_bundle
from exchange.trust.bundle.verify import verify_bundle
from exchange.trust.log.tlog_proof import read_tlog_proof
from exchange.trust.trust_root import read_trust_root
from tests import datasets
from tests.web.conftest import Page, SignIn, World
from tests.working import work_off

PURPOSE = "purpose=CSRD_REPORTING"


def link(page: Page, text: str) -> str:
    """Where the link with this text leads; "" for none."""
    found = re.search(rf'<a href="([^"]+)">{re.escape(text)}', page.html)
    return html.unescape(found.group(1)) if found else ""


@pytest.fixture
def granted(world: World) -> World:
    """The customer may read the indicators."""
    datasets.granted(world.supplier, world.customer, world.product, FieldGroup.INDICATORS)
    return world


def test_while_it_waits_for_the_log_it_says_so_and_offers_no_proof(visit: SignIn, world: World) -> None:
    browser = visit(world.supplier)
    for path in (f"/products/{world.product.id}", f"/answers/{world.dataset_id}"):
        page = browser.get(path)
        assert "It waits for the log, which takes a second or two." in page.text
        assert "/bundle" not in page.html and "/receipt" not in page.html
    page = Page(browser.client.get(f"/answers/{world.dataset_id}/receipt"))
    assert page.status == 404 and "receipt.pending" in page.text


def test_its_owners_page_looks_again_for_half_a_minute_until_it_is_logged(
    visit: SignIn, granted: World, clock: SteppingClock
) -> None:
    owner, path = visit(granted.supplier), f"/answers/{granted.dataset_id}"
    again = '<meta http-equiv="refresh" content="3">'
    assert again in owner.get(path).html
    assert again not in visit(granted.customer).get(f"{path}?{PURPOSE}").html  # each look is a read on record
    clock.move(timedelta(seconds=30))
    assert again not in owner.get(path).html


def test_once_logged_the_page_stands_still_with_its_links_below_the_verdict(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    work_off(worker)
    page = visit(world.supplier).get(f"/answers/{world.dataset_id}")
    assert 'http-equiv="refresh"' not in page.html
    places = [page.text.index(one) for one in ("unchanged since", "Download the signed file", "In the log")]
    assert places == sorted(places)


def test_the_supplier_finds_number_receipt_and_bundle(visit: SignIn, world: World, worker: Exchange) -> None:
    work_off(worker)
    browser = visit(world.supplier)
    for path, names in (
        (f"/products/{world.product.id}", ("Bundle", "Receipt")),
        (f"/answers/{world.dataset_id}",
         ("Download the signed file with its proof (bundle)", "Download the receipt of the log")),
    ):  # fmt: skip
        page = browser.get(path)
        number = re.search(r"Logged as number (\d+), ", page.text)
        assert number is not None
        bundle, receipt = (browser.client.get(link(page, name)) for name in names)
        root = read_trust_root(make_trust_root(worker.context()))
        assert verify_bundle(bundle.data, trust=root, now=worker.clock.now()).ok
        assert read_tlog_proof(receipt.text).index == int(number[1])
        for file, name in ((bundle, "bundle.vcx.json"), (receipt, "receipt.tlog-proof")):
            assert file.headers["Content-Disposition"] == f'attachment; filename="beslag-b12-2025-v1-{name}"'
        assert receipt.headers["Cache-Control"] == bundle.headers["Cache-Control"] == "no-store"


def test_a_reader_gets_the_bundle_of_what_is_granted_and_it_is_recorded(
    visit: SignIn, granted: World, worker: Exchange
) -> None:
    work_off(worker)
    browser = visit(granted.customer)
    page = browser.get(f"/answers/{granted.dataset_id}?{PURPOSE}")
    before = len(datasets.rows(worker.store, AccessRecordRow))
    data = browser.client.get(link(page, "Download the signed file with its proof (bundle)")).data
    assert len(datasets.rows(worker.store, AccessRecordRow)) == before + 1
    verdict = verify_bundle(data, trust=None, now=worker.clock.now())
    assert verdict.signed is not None and "indicators" in verdict.signed.groups
    assert "commercial" not in verdict.signed.groups
    assert len(read_bundle(data).token.split("~")) < 16


@pytest.mark.parametrize("what", ["bundle", "receipt"])
def test_nobody_else_gets_either(visit: SignIn, granted: World, worker: Exchange, what: str) -> None:
    work_off(worker)
    path = f"/answers/{granted.dataset_id}/{what}"
    stranger = visit(granted.stranger).client
    assert stranger.get(f"{path}?{PURPOSE}").status_code == 404
    assert visit().client.get(path).status_code == 303  # to the sign-in page
    assert visit(granted.customer).client.get(path).status_code == 404  # no purpose named
    assert visit(granted.supplier).client.get(f"{path}?purpose=nonsense").status_code == 404


def test_a_receipt_is_recorded_as_a_read_that_showed_no_figure(
    visit: SignIn, granted: World, worker: Exchange
) -> None:
    work_off(worker)
    before = len(datasets.rows(worker.store, AccessRecordRow))
    visit(granted.customer).client.get(f"/answers/{granted.dataset_id}/receipt?{PURPOSE}")
    records = datasets.rows(worker.store, AccessRecordRow)
    assert len(records) == before + 1 and list(records[-1].field_groups) == []


def test_what_is_offered_is_said_in_danish_too(visit: SignIn, world: World, worker: Exchange) -> None:
    work_off(worker)
    page = visit(world.supplier, "da").get(f"/answers/{world.dataset_id}")
    assert page.language == "da" and "/bundle" in page.html
