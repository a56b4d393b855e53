"""A document signed by somebody else, handed in and read step by step in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange.services.foreign_credentials import list_foreign_credentials, verify_foreign_credential
from tests.browser.signing_site import SigningSite, Somebody
from tests.browser.test_pages import STICKING_OUT
from tests.unit.trust.foreign.documents import ED25519, OTHER, credential, did, prove, written

if TYPE_CHECKING:
    from playwright.sync_api import Page


def has_no_barrier(page: Page, languages: tuple[str, ...] = ("da", "en")) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for language in languages:
        page.context.add_cookies([{"name": "vcx_language", "value": language, "url": page.url}])
        page.reload()
        found = Axe().run(page)
        assert found.violations_count == 0, f"{language}: {found.generate_report()}"
        page.set_viewport_size({"width": 320, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, language
        assert page.evaluate(STICKING_OUT) == [], language
        page.set_viewport_size({"width": 1200, "height": 900})


def test_a_document_with_two_proofs_is_handed_in_and_read(visit: Somebody, signing_site: SigningSite) -> None:
    person = visit("Afsender ApS")
    page = person.page
    plain = credential(did(ED25519))
    content = written({**plain, "proof": [prove(plain), prove(plain, OTHER)]})
    page.goto("/sites")
    page.click("a[href='/foreign-credentials']")
    page.set_input_files("#file", {"name": "pas.json", "mimeType": "application/json", "buffer": content})
    page.click("main form.vcx-form button[type=submit]")
    page.wait_for_url("**/foreign-credentials/*-*")
    (kept,) = list_foreign_credentials(person.firm.ctx).items
    verify_foreign_credential(signing_site.context(), kept.id)
    page.reload()
    assert page.locator("h1").inner_text() == "The check does not hold"
    assert page.locator("caption").all_inner_texts() == ["The document", "Proof 1 of 2", "Proof 2 of 2"]
    has_no_barrier(page)
    with page.expect_download() as download:
        page.click("main a[href$='/content']")
    assert download.value.path().read_bytes() == content
    page.goto("/foreign-credentials")
    has_no_barrier(page)


def test_a_file_that_is_not_signed_is_told_with_the_focus_on_it(visit: Somebody) -> None:
    page = visit("Afsender ApS").page
    page.goto("/foreign-credentials")
    page.set_input_files("#file", {"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    page.click("main form.vcx-form button[type=submit]")
    page.wait_for_selector("#error-summary")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    page.click("#error-summary a")
    assert page.evaluate("document.activeElement.id") == "file"
