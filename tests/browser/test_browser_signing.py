"""Signing in the browser: a key is made, what is to be signed is shown, and it is signed once, when told to."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from exchange.services import keys
from exchange.services.calculation_views import get_calculation
from exchange.services.dataset_gate import schema_check
from exchange.services.key_rotation import end_key
from exchange.store.tables.datasets import DatasetRow
from exchange.trust import Policy, resolve_did_key, verify
from tests.browser.signing_site import CLEAR_KEYS, SIGN, Person, SigningSite, Somebody, read_in, sign_in
from tests.browser.test_pages import STICKING_OUT
from tests.browser.test_story import tab_to
from tests.datasets import own_key
from tests.factories import PASSWORD
from tests.web import machine_shop


def dataset_of(person: Person) -> DatasetRow | None:
    """The one dataset the firm has published."""
    with person.firm.ctx.store.read() as session:
        return session.exec(
            select(DatasetRow).where(DatasetRow.organisation_id == person.firm.id)
        ).one_or_none()


# Making a key and signing with it


def test_key_and_dataset_by_keyboard_alone_and_the_signature_verifies_without_the_exchange(
    visit: Somebody, signing_site: SigningSite
) -> None:
    person = visit()
    page = person.page
    page.goto("/keys")
    page.wait_for_selector("[data-part=ready]:not([hidden])")
    tab_to(page, "Make a key in this browser")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "This browser can sign with it now." in page.inner_text("main")
    page.wait_for_selector("[data-part=present]:not([hidden])")
    (key,) = person.bound()
    assert not key.custody

    page.goto(person.publish_path)
    page.fill("#content", json.dumps(person.content()))
    tab_to(page, "Check, then sign in this browser")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector("[data-part=ready]:not([hidden])")
    shown = page.inner_text("[data-facts]").replace("\u00a0", " ")
    for fact in (
        "Bracket",
        "1 January 2025 – 31 December 2025",
        "2.35 kg CO₂e",
        "12.5 l",
        "50 g",
        key.kid,
        key.did,
    ):
        assert fact in shown
    tab_to(page, SIGN)
    page.keyboard.press("Enter")
    page.wait_for_url("**/answers/*")
    assert "with its own key" in page.inner_text("main")

    downloaded = page.request.get(page.url + "/file").body()
    now = signing_site.context().now()
    verdict = verify(downloaded, resolve=resolve_did_key, now=now, policy=Policy(schema=schema_check))
    assert verdict.dataset is not None
    assert verdict.dataset.kid == key.kid
    subject = verdict.dataset.credential["credentialSubject"]
    assert subject == person.content()
    assert verdict.dataset.credential["credentialStatus"]


def test_the_private_half_cannot_be_read_out(visit: Somebody) -> None:
    person = visit()
    person.make_key()
    outcome = person.page.evaluate(
        """async () => {
            const database = await new Promise((resolve) => {
                const asked = indexedDB.open('vcx', 1);
                asked.onsuccess = () => resolve(asked.result);
            });
            const [record] = await new Promise((resolve) => {
                const asked = database.transaction('signing-keys').objectStore('signing-keys').getAll();
                asked.onsuccess = () => resolve(asked.result);
            });
            const tries = ['pkcs8', 'jwk', 'raw'].map((form) =>
                crypto.subtle.exportKey(form, record.privateKey).then(() => form, () => 'refused'));
            return [record.privateKey.extractable, ...await Promise.all(tries)];
        }"""
    )
    assert outcome == [False, "refused", "refused", "refused"]


def test_figures_are_shown_as_danish_readers_write_them(visit: Somebody, signing_site: SigningSite) -> None:
    person = visit()
    person.make_key()
    read_in(person.context, signing_site, "da")
    content = person.content()
    content["indicators"]["co2e"]["total"]["amount"] = "1234567.5"
    content["indicators"]["co2e"]["upstream"]["amount"] = "1234567.25"
    person.prepare(content)
    person.page.wait_for_selector("[data-facts] table")
    shown = person.page.inner_text("[data-facts]").replace("\u00a0", " ")
    assert "1.234.567,5 kg CO₂e" in shown
    assert "12,5 l" in shown
    assert "1. januar 2025 – 31. december 2025" in shown


# Dark corners


def test_two_tabs_make_one_key(visit: Somebody) -> None:
    person = visit()
    tabs = [person.page, person.context.new_page()]
    for tab in tabs:
        tab.goto("/keys")
        tab.wait_for_selector("[data-part=ready]:not([hidden])")
    for tab in tabs:
        tab.get_by_role("button", name="Make a key").click(no_wait_after=True)
    for tab in tabs:
        tab.wait_for_url("**/keys?done=browser_key")
    assert len(person.bound()) == 1


def test_a_double_press_publishes_once(visit: Somebody) -> None:
    person = visit()
    person.make_key()
    person.prepare()
    person.page.get_by_role("button", name=SIGN).dblclick()
    person.page.wait_for_url("**/answers/*")
    assert len(person.posted()) == 1
    assert dataset_of(person) is not None


def test_another_organisations_key_in_the_same_browser_is_not_offered(
    visit: Somebody, signing_site: SigningSite
) -> None:
    person, other = visit(), visit("Østvind Metal")
    first = person.make_key()
    page = person.page
    person.context.clear_cookies()
    sign_in(page, other.firm)
    read_in(person.context, signing_site, "en")
    page.goto("/keys")
    page.wait_for_selector("[data-part=ready]:not([hidden])")
    page.get_by_role("button", name="Make a key").click()
    page.wait_for_url("**/keys?done=browser_key")
    assert [key.kid for key in keys.list_keys(other.firm.ctx)] != [first]
    page.goto(other.publish_path)
    page.fill("#content", json.dumps(other.content()))
    page.evaluate(
        """kid => {
            document.querySelector('#kid option').value = kid;
            document.querySelector('button[formaction]').click();
        }""",
        first,
    )
    page.wait_for_selector("#error-summary")
    assert "Choose one of your own keys" in page.inner_text("#error-summary")


def test_a_key_in_another_browser_is_not_offered_and_is_asked_for_there(visit: Somebody) -> None:
    person = visit()
    page, first = person.page, person.make_key()
    own_key(person.firm)  # newer, and in a file
    page.goto(person.publish_path)
    page.wait_for_selector("#kid option[disabled]", state="attached")
    assert page.input_value("#kid") == first
    assert page.locator("#kid option[disabled]").inner_text().endswith("(not in this browser)")
    page.goto("/sites")
    page.evaluate(CLEAR_KEYS)
    page.goto(person.publish_path)
    page.wait_for_selector("[data-held-keys] [data-part=none]:not([hidden])")
    assert "keeps none of your organisation's keys" in page.inner_text("main")
    assert not page.locator("button[formaction]").is_visible()
    page.route("**/held_keys.js*", lambda route: route.abort())
    person.prepare()
    page.wait_for_selector("[data-part=absent]:not([hidden])")
    assert "is not in this browser" in page.inner_text("main")
    assert not page.get_by_role("button", name=SIGN).is_visible()


def test_an_ended_session_loses_nothing(visit: Somebody, signing_site: SigningSite) -> None:
    person = visit()
    person.make_key()
    person.prepare()
    page = person.page
    page.wait_for_selector("[data-part=ready]:not([hidden])")
    person.context.clear_cookies()
    page.get_by_role("button", name=SIGN).click()
    page.wait_for_selector("[data-problem]:not([hidden])")
    assert "Your session has ended" in page.inner_text("[data-problem]")
    assert dataset_of(person) is None
    sign_in(person.context.new_page(), person.firm)
    page.get_by_role("button", name=SIGN).click()
    page.wait_for_url("**/answers/*")
    assert dataset_of(person) is not None


def test_an_exchange_that_does_not_answer_or_finds_it_too_large_is_asked_again(visit: Somebody) -> None:
    person = visit()
    person.make_key()
    person.prepare()
    page = person.page
    page.wait_for_selector("[data-part=ready]:not([hidden])")
    problem, press = page.locator("[data-problem]"), page.get_by_role("button", name=SIGN)
    page.route("**/publications/signed", lambda route: route.abort())
    press.click()
    page.wait_for_selector("text=did not answer")
    page.unroute("**/publications/signed")
    page.route("**/publications/signed", lambda route: route.fulfill(status=413, body="too large"))
    press.click()
    page.wait_for_selector("text=too large to be published")
    assert problem.evaluate("one => document.activeElement === one")
    page.unroute("**/publications/signed")
    press.click()
    page.wait_for_url("**/answers/*")
    assert dataset_of(person) is not None


def test_a_refusal_of_the_exchange_is_shown_and_the_key_retired_meanwhile_publishes_nothing(
    visit: Somebody,
) -> None:
    person = visit()
    kid = person.make_key()
    person.prepare()
    end_key(person.firm.ctx, kid, PASSWORD)
    person.page.get_by_role("button", name=SIGN).click()
    person.page.wait_for_selector("[data-problems] li")
    assert "Nothing was stored" in person.page.inner_text("[data-problem]")
    assert dataset_of(person) is None


# For everybody

YEAR_2024 = {"da": "1. januar 2024 – 31. december 2024", "en": "1 January 2024 – 31 December 2024"}
# Of 2 200 kg by mass 5 000 of 9 000 kg for 1 000 frames, 1.22222 kg each; own figures stand first: no total is stated.
FRAME_WASTE = {"da": "Affaldsgenerering\t1,22222 kg\tikke", "en": "Waste generation\t1.22222 kg\tnot"}
COMPANY_WASTE = {"da": "Affaldsgenerering\t2,2 t", "en": "Waste generated\t2.2 t"}


def prepare_draft(person: Person, path: str, part: str = "ready") -> None:
    """From the page of a draft to the page that signs it."""
    person.page.goto(path)
    person.page.click("button[formaction$='/publish/sign']")
    person.page.wait_for_selector(f"[data-part={part}]:not([hidden])")


def sign_draft(person: Person, path: str) -> str:
    """Sign the draft of a page; what was shown of it."""
    prepare_draft(person, path)
    shown = person.page.inner_text("[data-facts]").replace("\u00a0", " ")
    person.page.click("[data-sign]")
    person.page.wait_for_url("**/answers/*")
    return shown


def refuse_others_bytes(person: Person, path: str, others: str) -> None:
    """At a draft's address nothing is signed that was prepared at another's."""
    prepare_draft(person, others)
    body = person.page.content()
    person.page.route("**/organisation-dataset/publish/sign", lambda route: route.fulfill(body=body))
    prepare_draft(person, path, "refused")
    person.page.unroute("**/organisation-dataset/publish/sign")


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_pages_have_no_barrier_fit_a_narrow_screen_and_sign_what_was_calculated(
    visit: Somebody, signing_site: SigningSite, language: Any
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    person = visit()
    page = person.page
    person.make_key()
    lost = page.get_by_role("link", name="I no longer have this key").get_attribute("href")
    shop = machine_shop.open_shop(person.firm)
    calculation = machine_shop.add_year_before(person.firm, shop).header.id
    figures = f"/calculations/{calculation}/products/{shop.frame.id}"
    company = "/organisation-dataset?year=2024"
    read_in(person.context, signing_site, language)
    looks: list[Callable[[], object]] = [
        lambda: page.goto("/keys"),
        lambda: page.goto(str(lost)),
        lambda: page.goto(person.publish_path),
        person.prepare,
        lambda: page.goto(figures),
        lambda: prepare_draft(person, company),
    ]
    for look in looks:
        page.set_viewport_size({"width": 1200, "height": 900})
        look()
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert page.locator("html").get_attribute("lang") == language
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        page.set_viewport_size({"width": 320, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
        assert page.evaluate(STICKING_OUT) == [], page.url
    refuse_others_bytes(person, company, figures)
    shown = sign_draft(person, figures)
    assert all(one in shown for one in ("Ramme F5", YEAR_2024[language], FRAME_WASTE[language])), shown
    states = {one.id: one.publication_state for one in get_calculation(person.firm.ctx, calculation).products}
    assert states == {shop.frame.id: "published", shop.shaft.id: None}
    shown = sign_draft(person, company)
    assert YEAR_2024[language] in shown and COMPANY_WASTE[language] in shown
    assert "De fem indikatorer" not in shown and "The five indicators" not in shown
