"""A key that is gone is replaced by whom it belonged to; a browser that can keep none says so and offers other ways."""

from __future__ import annotations

import pytest
from sqlmodel import select

from exchange.store.tables.datasets import DatasetRow
from tests.browser.signing_site import CLEAR_KEYS, SIGN, SigningSite, Somebody
from tests.datasets import own_key
from tests.factories import PASSWORD

NO_ED25519 = """
const make = crypto.subtle.generateKey.bind(crypto.subtle);
crypto.subtle.generateKey = (algorithm, ...rest) => algorithm === 'Ed25519'
    ? Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError')) : make(algorithm, ...rest);
"""
NO_INDEXED_DB = "Object.defineProperty(window, 'indexedDB', {value: undefined});"


# Loss of the key


def test_a_lost_key_is_replaced_after_the_password_and_what_it_signed_stays_valid(
    visit: Somebody, signing_site: SigningSite
) -> None:
    person = visit()
    page, old = person.page, person.make_key()
    person.prepare()
    page.get_by_role("button", name=SIGN).click()
    page.wait_for_url("**/answers/*")
    first = page.url

    page.goto("/sites")
    page.evaluate(CLEAR_KEYS)
    page.goto("/keys")
    page.wait_for_selector("[data-not-here]:not([hidden]) >> text=not in this browser")
    page.get_by_role("link", name="I no longer have this key").click()
    page.wait_for_selector("[data-part=ready]:not([hidden])")
    page.fill("#password", "another password")
    page.get_by_role("button", name="End this key").click()
    page.wait_for_selector("#error-summary")
    assert [key.kid for key in person.bound()] == [old]
    assert person.bound()[0].retired_at is None

    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="End this key").click()
    page.wait_for_url("**/keys?done=key_replaced")
    page.wait_for_selector("[data-part=present]:not([hidden])")
    ended, made = person.bound()
    assert (ended.kid, ended.retired_at is None, made.retired_at) == (old, False, None)

    page.goto(first)
    assert "unchanged since" in page.inner_text("main")
    person.prepare()
    page.get_by_role("button", name=SIGN).click()
    page.wait_for_url("**/answers/*")
    with person.firm.ctx.store.read() as session:
        rows = session.exec(select(DatasetRow).where(DatasetRow.organisation_id == person.firm.id)).all()
    assert sorted((row.version, row.kid) for row in rows) == [(1, old), (2, made.kid)]


def test_a_key_others_may_have_is_reported_since_then_and_leaves_the_browser(visit: Somebody) -> None:
    person = visit()
    page, old = person.page, person.make_key()
    page.get_by_role("link", name="I no longer have this key").click()
    page.wait_for_selector("[data-part=ready]:not([hidden])")
    assert "This browser still keeps this key" in page.inner_text("main")
    page.select_option("#loss", "exposed")
    page.fill("#since", "2026-03-01T12:00")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="End this key").click()
    page.wait_for_url("**/keys?done=key_replaced")
    page.wait_for_selector("[data-part=present]:not([hidden])")
    ended, made = person.bound()
    assert ended.kid == old and ended.compromised_since is not None
    assert ended.compromised_since.isoformat() == "2026-03-01T11:00:00+00:00"
    kept = page.evaluate(
        """() => new Promise((resolve) => {
            const asked = indexedDB.open('vcx', 1);
            asked.onsuccess = () => {
                const all = asked.result.transaction('signing-keys').objectStore('signing-keys').getAllKeys();
                all.onsuccess = () => { asked.result.close(); resolve(all.result); };
            };
        })"""
    )
    assert kept == [[person.firm.id, made.kid]]


# Browsers that cannot, and pages without scripts


@pytest.mark.parametrize("script", [NO_ED25519, NO_INDEXED_DB], ids=["no Ed25519", "no IndexedDB"])
def test_a_browser_that_cannot_says_so_and_offers_the_other_ways(visit: Somebody, script: str) -> None:
    person = visit()
    person.make_key()
    person.context.add_init_script(script)
    for go, way in (
        (lambda: person.page.goto("/keys"), "on your behalf"),
        (person.prepare, "vcx status reserve --out entry.json"),  # it has a key: no other is made for it
    ):
        go()
        person.page.wait_for_selector("[data-part=unsupported]:not([hidden])")
        said = person.page.inner_text("main")
        assert "cannot make or keep an Ed25519 key" in said
        assert "vcx sign" in said and way in said
        assert not person.page.get_by_role("button", name=SIGN).is_visible()
        assert not person.page.get_by_role("button", name="Make a key").is_visible()


def test_an_insecure_page_says_so(visit: Somebody) -> None:
    person = visit()
    person.context.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false});")
    person.page.goto("/keys")
    person.page.wait_for_selector("[data-part=insecure]:not([hidden])")
    assert "vcx sign" in person.page.inner_text("main")


def test_under_another_address_no_key_is_made(visit: Somebody, signing_site: SigningSite) -> None:
    person = visit()
    elsewhere = signing_site.url.replace("127.0.0.1", "localhost")
    page = person.context.new_page()
    cookie = next(one for one in person.context.cookies() if one["name"] == "vcx_session")
    person.context.add_cookies([{"name": "vcx_session", "value": cookie["value"], "url": elsewhere}])
    page.goto(f"{elsewhere}/keys")
    page.wait_for_selector("[data-part=elsewhere]:not([hidden])")
    assert signing_site.url in page.inner_text("[data-part=elsewhere]")
    person.asked.clear()


def test_without_scripts_the_pages_say_what_else_there_is(visit: Somebody) -> None:
    person = visit(java_script_enabled=False)
    own_key(person.firm)
    person.page.goto("/keys")
    assert "has not run here" in person.page.inner_text("main")
    assert "vcx sign" in person.page.inner_text("main")
    person.prepare()
    said = person.page.inner_text("main")
    assert "has not run here" in said and "vcx sign" in said
    assert not person.page.get_by_role("button", name=SIGN).is_visible()
    person.page.goto(f"/keys/lost?kid={person.bound()[0].kid.replace('#', '%23')}")
    assert "vcx keys new" in person.page.inner_text("main")
