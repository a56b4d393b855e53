"""The main job by keyboard alone: a supplier answers, the customer reads, the facilitator sees the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.conftest import OpenPage, Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

MANY = 120
FOCUSED = """() => {
    const one = document.activeElement;
    const label = one.labels && one.labels.length ? one.labels[0].textContent : '';
    return (label || one.textContent || one.value || one.id).replace(/\\s+/g, ' ').trim();
}"""


def tab_to(page: Page, text: str) -> None:
    """Press Tab until what has the focus is called so, and check that one can see where one is."""
    for _ in range(MANY):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED).startswith(text):
            assert is_marked(page), f"the focus on {text} cannot be seen"
            return
    raise AssertionError(f"Tab never reached {text!r}")


def tab_to_link(page: Page, address: str) -> None:
    """Press Tab until the link to an address has the focus."""
    for _ in range(MANY):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.href") == address:
            return
    raise AssertionError(f"Tab never reached {address}")


def is_marked(page: Page) -> bool:
    style = page.evaluate(
        "() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.outlineWidth]; }"
    )
    return style[0] != "none" and style[1] != "0px"


def enter(page: Page, text: str) -> None:
    """Go to a link or button and press it."""
    tab_to(page, text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def sign_in(page: Page, site: Site, relation: str) -> None:
    login = site.login(relation)
    page.goto("/sign-in")
    tab_to(page, "E-mail")
    page.keyboard.type(login.email)
    tab_to(page, "Password")
    page.keyboard.type(login.password)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.context.add_cookies([{"name": "vcx_language", "value": "en", "url": site.url}])
    page.reload()


def test_the_first_stop_of_the_keyboard_skips_to_the_content(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/sign-in")
    tab_to(page, "Skip to content")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"


def test_the_story_can_be_told_with_the_keyboard_alone(open_page: OpenPage, site: Site) -> None:
    customer = site.login("customer").organisation
    page = open_page()
    sign_in(page, site, "supplier")
    enter(page, "Inbox")
    enter(page, customer)
    assert "Waits for your answer" in page.inner_text("main")
    asked = page.url
    tab_to(page, "CO2 emissions")
    page.keyboard.press("Home")  # the first choice: Provide
    enter(page, "Send answer and give access")
    assert "Your answer has been sent." in page.inner_text("main")
    enter(page, "Sign out")

    sign_in(page, site, "customer")
    enter(page, "Sent requests")
    tab_to_link(page, asked)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    enter(page, "Read the answer")
    shown = page.inner_text("main")
    assert "unchanged since" in shown
    assert "not granted to you" in shown
    enter(page, "Sign out")

    sign_in(page, site, "facilitator")
    enter(page, "Chains")
    tab_to_link(page, f"{site.url}/chains/{site.demo.chain_id}")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tiles = page.locator(".vcx-tile")
    assert tiles.count() == 5
    assert "Confidential" not in page.inner_text("main")
    enter(page, "Who saw what")

    page = open_page("supplier")
    page.goto("/access")
    seen = page.inner_text("main")
    assert customer in seen
    assert site.login("facilitator").organisation in seen
