"""Every type of page, in both languages: no barrier axe can find, and no sideways scrolling at 320 px."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from exchange.web.formats import Language
from tests.browser.conftest import OpenPage, Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

ACCOUNT = "main a[href^='/sites/']:not([href*='new']):not([href*='change'])"
CALCULATION = f"{ACCOUNT} >> main a[href*='/calculations']"
DATASET = "main a[href^='/answers/']:not([href*='bundle'], [href*='receipt'])"
# name -> who looks, where it begins, and the link to follow from there ("" to stay)
PAGES: dict[str, tuple[str, str, str]] = {
    "sign in": ("", "/sign-in", ""),
    "sign up": ("", "/sign-up", ""),
    "nothing there": ("", "/no-such-page", ""),
    "check a signed file": ("", "/verify", ""),
    "overview": ("supplier", "/", ""),
    "inbox": ("supplier", "/inbox", ""),
    "request received": ("supplier", "/inbox", "main .vcx-item a"),
    "products": ("supplier", "/products", ""),
    "new product": ("supplier", "/products/new", ""),
    "product": ("supplier", "/products", "main tbody a"),
    "own dataset": ("supplier", "/products", f"main tbody a >> {DATASET}"),
    "publish": ("supplier", "/products", "main tbody a >> main .vcx-heading a"),
    "signing keys": ("supplier", "/keys", ""),
    "end of a key": ("supplier", "/keys", "main a[href*='/keys/end']"),
    "who saw what": ("supplier", "/access", ""),
    "own reads": ("supplier", "/access?side=actor", ""),
    "confidential chain": ("supplier", "/chains", "main .vcx-item a"),
    "sent requests": ("customer", "/requests", ""),
    "sent request": ("customer", "/requests", "main .vcx-item:last-child a"),
    "answer": ("customer", "/requests", "main .vcx-item:last-child a >> main .vcx-panel .button"),
    "whom to ask": ("customer", "/requests/new", ""),
    "request form": ("customer", "/requests/new", "main .vcx-item a"),
    "sites": ("supplier", "/sites", ""),
    "new site": ("supplier", "/sites/new", ""),
    "account": ("supplier", "/sites", ACCOUNT),
    "choose a bill": ("supplier", "/sites", f"{ACCOUNT} >> main a[href*='/enter']"),
    "energy bill": ("supplier", "/sites", f"{ACCOUNT} >> main a[href*='/enter'] >> main a[href*='/enter/']"),
    "production": ("supplier", "/sites", f"{ACCOUNT} >> main a[href*='/production']"),
    "keys": ("supplier", "/sites", f"{ACCOUNT} >> main a[href*='/keys']"),
    "upload": ("supplier", "/sites", f"{ACCOUNT} >> main a[href*='/upload']"),
    "company years": ("supplier", "/company-years", ""),
    "factors": ("supplier", "/factors", ""),
    "price indices": ("supplier", "/price-indices", ""),
    "evidence": ("supplier", "/evidence", ""),
    "documents signed by others": ("supplier", "/foreign-credentials", ""),
    "calculation": ("supplier", "/sites", CALCULATION),
    "figures of a product": ("supplier", "/sites", f"{CALCULATION} >> main a[href*='/products/']"),
    "opened figure": ("supplier", "/sites", f"{CALCULATION} >> main a[href*='/figures/']"),
    "development": ("supplier", "/development", ""),
    "targets": ("supplier", "/targets", ""),
    "initiatives": ("supplier", "/initiatives", ""),
    "initiative": ("supplier", "/initiatives", "main a[href^='/initiatives/']:not([href*='new'])"),
    "organisation dataset": ("supplier", "/organisation-dataset", ""),
    "chains": ("facilitator", "/chains", ""),
    "chain": ("facilitator", "chain", ""),
    "new product chain": ("facilitator", "/chains/new", ""),
    "new place": ("facilitator", "/chains/new?kind=place", ""),
    "further period": ("facilitator", "chain", "main a[href$='/period']"),
}


LANGUAGES: tuple[Language, ...] = ("da", "en")
STICKING_OUT = """() => [...document.querySelectorAll('body *')].filter(one => {
    const box = one.getBoundingClientRect();
    const scrolls = one.closest('.table--responsive-scroll');
    return box.width > 0 && box.right > 321 && (!scrolls || scrolls === one);
}).map(one => one.tagName + '.' + one.className)"""


def go(open_page: OpenPage, site: Site, name: str, language: Language = "en", width: int = 1200) -> Page:
    """Open a page by its name."""
    relation, path, links = PAGES[name]
    page = open_page(relation, language, width=width)
    page.goto(f"/chains/{site.demo.chain_id}" if path == "chain" else path)
    for link in filter(None, links.split(" >> ")):
        with page.expect_navigation():
            page.locator(link).first.click()
    return page


def read_in(page: Page, site: Site, language: Language) -> None:
    """The same page in another language."""
    page.context.add_cookies([{"name": "vcx_language", "value": language, "url": site.url}])
    page.reload()
    assert page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_has_no_barrier_and_fits_a_narrow_screen(open_page: OpenPage, site: Site, name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = go(open_page, site, name)
    for language in LANGUAGES:
        read_in(page, site, language)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{language}: {found.generate_report()}"
    page.set_viewport_size({"width": 320, "height": 900})
    for language in LANGUAGES:
        read_in(page, site, language)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, language
        assert page.evaluate(STICKING_OUT) == [], language


def test_a_refused_form_has_no_barrier_and_its_summary_has_the_focus(open_page: OpenPage) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(language="da")
    page.goto("/sign-in")
    page.fill("#email", "nobody@firm.example")
    page.fill("#password", "something wrong")
    page.click("main button[type=submit]")
    page.wait_for_selector("#error-summary")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert Axe().run(page).violations_count == 0
    page.click("#error-summary a")
    assert page.evaluate("document.activeElement.id") == "email"


def test_every_page_reads_the_same_without_scripts_because_there_are_none(
    open_page: OpenPage, site: Site
) -> None:
    page = go(open_page, site, "chain", "en")
    assert page.locator("script").count() == 0
    assert page.locator("[style]").count() == 0


def test_targets_are_large_enough_to_hit(open_page: OpenPage, site: Site) -> None:
    """WCAG 2.2 criterion 2.5.8: 24 px, links inside a sentence exempt."""
    page = go(open_page, site, "request received", "da", width=320)
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, header a, summary, .back-link')]
            .map(one => [one.textContent.trim().slice(0, 20), one.getBoundingClientRect()])
            .filter(([text, box]) => box.width > 0 && box.bottom > 0 && box.height < 24).map(([text]) => text)"""
    )
    assert small == []


def test_a_date_is_chosen_with_the_browsers_own_picker(open_page: OpenPage, site: Site) -> None:
    page = go(open_page, site, "request received", "da")
    value = page.locator("input[type=date]").first.input_value()
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)
