"""Pages of documents signed by others, and the signed statement on a chain's page."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from decimal import Decimal

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.domain.periods import year
from exchange.services import chains
from exchange.services.chains import NewChain, Target
from exchange.services.foreign_credentials import list_foreign_credentials
from exchange.services.rollup.running import run_rollup
from exchange.trust import Token
from exchange.trust.foreign.data_integrity import CRYPTOSUITES
from exchange.trust.foreign.enveloped import FORMS
from exchange.trust.foreign.verdict import STEPS
from exchange.web import foreign_words
from tests import factories
from tests.service.signed_release import signed_release
from tests.unit.trust.foreign.documents import ED25519, OTHER, credential, did, prove, signed, written
from tests.web.conftest import Browser, Page, SignIn, World
from workers.run_job import run_job

BASE = "/foreign-credentials"


def send(browser: Browser, content: bytes) -> Page:
    sent = {"file": (io.BytesIO(content), "passport.json")}
    return Page(browser.client.post(BASE, data=sent))


def judged(world: World, worker: Exchange) -> None:
    for one in list_foreign_credentials(world.supplier.ctx).items:
        run_job(worker, one.job_id)


def test_a_passport_is_kept_checked_and_given_back(visit: SignIn, world: World, worker: Exchange) -> None:
    browser, content = visit(world.supplier), written(signed())
    assert "No document has been handed in yet." in browser.get(BASE).text
    sent = send(browser, content)
    assert sent.status == 303
    waiting = browser.get(sent.location)
    assert "The worker is checking the document." in waiting.text
    assert '<meta http-equiv="refresh" content="3">' in waiting.html
    judged(world, worker)
    page = browser.get(sent.location)
    assert "<h1>The signature holds</h1>" in page.html and "refresh" not in page.html
    assert f"Issuer it names: {did(ED25519)}" in page.text
    assert "That says who signed it, not that what it says is true." in page.text
    assert "The key belongs to the issuer established" in page.text
    assert "It has not been withdrawn not checked It names no list" in page.text
    found = re.search(r'href="([^"]+/content)"', page.html)
    assert found is not None
    back = browser.client.get(found[1])
    assert (back.get_data(), back.mimetype) == (content, "application/octet-stream")
    assert back.headers["Content-Disposition"].startswith("attachment; filename=")
    assert did(ED25519) in browser.get(BASE).text


def test_each_proof_has_its_own_table_and_a_broken_one_is_told(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    plain = credential(did(ED25519))
    browser = visit(world.supplier)
    page = send(browser, written({**plain, "proof": [prove(plain), prove(plain, OTHER)]}))
    judged(world, worker)
    text = browser.get(page.location).text
    assert "Do not rely on this document" in text
    assert "Proof 1 of 2" in text and "Proof 2 of 2" in text
    assert "The key belongs to the issuer not so The key belongs to somebody other than the issuer" in text
    assert "Not every proof holds" in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7", "This is neither a signed JSON document nor a token."),
        (written(credential()), "The document carries no signature."),
        (b'{"a":1,"a":2}', "occurs twice"),
    ],
)
def test_what_is_no_signed_document_is_told_at_the_field(
    visit: SignIn, world: World, content: bytes, said: str
) -> None:
    page = send(visit(world.supplier), content)
    assert page.status == 422
    assert said in page.text
    assert '<a href="#file">' in page.html


def test_without_a_file_the_form_says_so(visit: SignIn, world: World) -> None:
    browser = visit(world.supplier)
    page = Page(browser.client.post(BASE, data={}))
    assert (page.status, "neither a signed JSON document" in page.text) == (422, True)


def test_a_viewer_sees_the_list_without_the_form(visit: SignIn, world: World) -> None:
    assert "Keep and check" in visit(world.supplier).get(BASE).text
    colleague = factories.user(world.supplier, Role.VIEWER)
    viewer = visit(replace(world.supplier, email=colleague.email))
    assert "Keep and check" not in viewer.get(BASE).text
    assert send(viewer, written(signed())).status == 403


def test_another_organisation_finds_nothing(visit: SignIn, world: World) -> None:
    link = send(visit(world.supplier), written(signed())).location
    stranger = visit(world.stranger)
    assert stranger.client.get(link).status_code == 404
    assert stranger.client.get(f"{link}/content").status_code == 404
    assert did(ED25519) not in stranger.get(BASE).text


def test_what_a_document_says_is_shown_as_text(visit: SignIn, world: World, worker: Exchange) -> None:
    name = "x:<script>alert(1)</script>"
    browser = visit(world.supplier)
    link = send(browser, written({**signed(), "issuer": name})).location
    judged(world, worker)
    for page in (browser.get(link), browser.get(BASE)):
        assert "<script>alert" not in page.html and "&lt;script&gt;alert" in page.html


def test_every_step_and_form_has_words() -> None:
    assert set(foreign_words.STEP_NAMES) == set(STEPS)
    assert set(foreign_words.FORMS) == {*CRYPTOSUITES, *FORMS}


def test_the_chains_page_links_the_signed_statement_and_says_what_it_shows(
    visit: SignIn, world: World
) -> None:
    target = Target(world.product.id, year(2025), Decimal(1000))
    chain = chains.create_chain(world.supplier.ctx, NewChain("Beslag", (target,)))
    statement_id = signed_release(world.supplier.ctx, chain.id, year(2025).start, year(2025).end)
    browser = visit(world.supplier)
    page = browser.get(f"/chains/{chain.id}")
    assert "Signed statement, 2025" in page.text
    assert "It does not show that what suppliers reported is right." in page.text
    link = f"/releases/{statement_id}"
    assert f'href="{link}"' in page.html
    answer = browser.client.get(link)
    assert answer.mimetype == "application/vc+sd-jwt"
    assert list(Token.parse(answer.text).disclosures) == ["cells", "productivity", "run"]
    assert f'filename="{statement_id}.sd-jwt"' in answer.headers["Content-Disposition"]
    customer = visit(world.customer)
    assert customer.client.get(link).status_code == 404
    assert visit(world.stranger).client.get(link).status_code == 404


def test_who_sees_no_figure_sees_no_statement(visit: SignIn, world: World) -> None:
    target = Target(world.product.id, year(2025), Decimal(1000))
    chain = chains.create_chain(world.customer.ctx, NewChain("Beslag", (target,)))
    run_rollup(world.customer.ctx, year(2025).start, year(2025).end)
    assert "Signed statement" not in visit(world.customer).get(f"/chains/{chain.id}").text
