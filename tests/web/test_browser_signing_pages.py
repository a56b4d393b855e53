"""The pages around the signing scripts, as they are without them; and where a signed token goes."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any

from exchange.bootstrap import Exchange
from exchange.services import keys
from exchange.services.browser_scripts import script_digests
from exchange.services.key_proofs import make_proof
from exchange.trust import base64url, did_key_kid
from exchange.trust.keys import PrivateKey, new_private_key, public_jwk
from tests.datasets import contents, own_key
from tests.factories import PASSWORD, Party
from tests.web.conftest import Browser, Page, SignIn, World, content_of


def key_form(firm: Party, key: PrivateKey) -> dict[str, str]:
    """What the script fills in."""
    proof = make_proof(
        key, audience=firm.ctx.settings.public_url, organisation_id=firm.id, now=firm.ctx.now()
    )
    return {"public_jwk": json.dumps(public_jwk(key.public_key())), "proof": proof}


def attribute(page: Page, name: str) -> str:
    """What an attribute of the page's script part says."""
    found = re.search(f'{name}="([^"]*)"', page.html)
    assert found, name
    return html.unescape(found[1])


def prepared(browser: Browser, world: World, kid: str) -> Page:
    """The page with the bytes to be signed."""
    content = json.dumps(content_of(world.supplier, world.product))
    return browser.post(f"/products/{world.product.id}/publish/sign", content=content, kid=kid)


def signed(page: Page, key: PrivateKey) -> str:
    """The token the script would send."""
    text = attribute(page, "data-text")
    return f"{text}.{base64url.encode(key.sign(text.encode()))}~{attribute(page, 'data-disclosures')}"


def published_by(browser: Browser, page: Page, key: PrivateKey) -> str:
    """Send what the script would send; where the dataset is now."""
    answer = browser.client.post(
        "/publications/signed", data=signed(page, key), content_type="application/vc+sd-jwt"
    )
    assert answer.status_code == 201, answer.get_json()
    return str(answer.get_json()["location"])


def test_a_key_is_registered_with_what_the_script_fills_in(world: World, visit: SignIn) -> None:
    browser, key = visit(world.supplier), new_private_key()
    page = browser.post("/keys/browser", **key_form(world.supplier, key))
    assert (page.status, page.location) == (303, "/keys?done=browser_key")
    assert keys.list_keys(world.supplier.ctx)[-1].kid == did_key_kid(key.public_key())
    shown = browser.get("/keys")
    assert did_key_kid(key.public_key()) in attribute(shown, "data-registered").split()
    assert "I no longer have this key" in shown.text
    assert attribute(shown, "data-organisation") == world.supplier.id
    assert attribute(shown, "data-audience") == world.supplier.ctx.settings.public_url


def test_a_form_without_a_key_is_refused_in_words(world: World, visit: SignIn) -> None:
    browser, before = visit(world.supplier), len(keys.list_keys(world.supplier.ctx))
    for jwk in ("", "{", "[]", '{"kty":"OKP","kty":"EC"}', "x" * 2000):
        page = browser.post("/keys/browser", public_jwk=jwk, proof="")
        assert page.status == 422
        assert "The browser sent no key." in page.text
    wrong = key_form(world.supplier, new_private_key()) | {"proof": "a.b.c"}
    assert "The proof is too old, or not for this key" in browser.post("/keys/browser", **wrong).text
    assert len(keys.list_keys(world.supplier.ctx)) == before


def test_the_publish_page_offers_keys_that_can_sign_here_and_else_the_way_to_one(
    world: World, visit: SignIn
) -> None:
    browser = visit(world.supplier)
    address = f"/products/{world.product.id}/publish"
    assert "has no key of its own yet" in browser.get(address).text
    key = own_key(world.supplier)
    page = browser.get(address)
    assert f"ends in {key.kid[-6:]}" in page.text
    assert f'formaction="{address}/sign"' in page.html


def test_the_page_of_the_bytes_is_complete_without_its_script(world: World, visit: SignIn) -> None:
    key = own_key(world.supplier)
    page = prepared(visit(world.supplier), world, key.kid)
    assert page.status == 200
    assert page.response.headers["Cache-Control"] == "no-store"
    assert page.response.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "has not run here" in page.text and "vcx sign" in page.text
    assert page.html.count("<script") == 1
    for name, digest in script_digests().items():
        assert name in page.html and digest in page.html


def test_a_signed_token_is_published_and_twice_is_once(world: World, visit: SignIn, worker: Exchange) -> None:
    browser, key = visit(world.supplier), own_key(world.supplier)
    token = signed(prepared(browser, world, key.kid), key.private)
    first = browser.client.post("/publications/signed", data=token, content_type="application/vc+sd-jwt")
    again = browser.client.post("/publications/signed", data=token, content_type="application/vc+sd-jwt")
    assert (first.status_code, first.headers["Cache-Control"]) == (201, "no-store")
    assert first.get_json() == again.get_json()
    assert "with its own key" in browser.get(first.get_json()["location"]).text


def test_a_refused_token_is_answered_in_the_readers_language(world: World, visit: SignIn) -> None:
    browser, key = visit(world.supplier, "da"), own_key(world.supplier)
    token = signed(prepared(browser, world, key.kid), new_private_key())
    answer = browser.client.post("/publications/signed", data=token, content_type="application/vc+sd-jwt")
    assert answer.status_code == 422
    (problem,) = answer.get_json()["problems"]
    assert problem["language"] == "en" and "signature" in problem["text"]
    stranger = visit(world.stranger)
    theirs = signed(prepared(browser, world, key.kid), key.private)
    foreign = stranger.client.post("/publications/signed", data=theirs, content_type="application/vc+sd-jwt")
    assert foreign.status_code == 422
    assert visit().client.post("/publications/signed", data=theirs).status_code == 303


def test_faulty_content_comes_back_to_be_corrected(world: World, visit: SignIn) -> None:
    browser, key = visit(world.supplier), own_key(world.supplier)
    content: dict[str, Any] = content_of(world.supplier, world.product)
    content["indicators"]["co2e"]["own"]["amount"] = "?"
    path = f"/products/{world.product.id}/publish/sign"
    page = browser.post(path, content=json.dumps(content), kid=key.kid)
    assert page.status == 422 and "/indicators/co2e" in page.text
    page = browser.post(path, content=json.dumps(content_of(world.supplier, world.product)), kid="")
    assert page.status == 422 and "Choose one of your own keys" in page.text
    assert visit(world.stranger).post(path, content="{}", kid=key.kid).status == 404


def lose(browser: Browser, firm: Party, kid: str, **form: str) -> Page:
    """Send the form that replaces a key."""
    filled = {"kid": kid, "loss": "lost", "password": PASSWORD, **key_form(firm, new_private_key()), **form}
    return browser.post("/keys/lost", **filled)


def test_a_lost_key_is_replaced_or_the_form_says_what_is_wrong(world: World, visit: SignIn) -> None:
    browser, firm = visit(world.supplier), world.supplier
    kid = own_key(firm).kid
    assert "Replace a key" in browser.get(f"/keys/lost?kid={kid.replace('#', '%23')}").text
    before = contents(firm.ctx.store)
    later = (firm.ctx.now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    for form, sentence in (
        ({"password": "another password"}, "not your present password"),
        ({"loss": "mislaid"}, "Choose one."),
        ({"loss": "exposed", "since": "yesterday"}, "not a date"),
        ({"loss": "exposed", "since": "0001-01-01T00:00"}, "not a date"),
        ({"loss": "exposed", "since": later}, "lies in the future"),
        ({"public_jwk": ""}, "sent no key"),
    ):
        page = lose(browser, firm, kid, **form)
        assert page.status == 422 and sentence in page.text, form
    assert contents(firm.ctx.store) == before
    assert lose(browser, firm, kid).location == "/keys?done=key_replaced"
    assert lose(browser, firm, kid).status == 404  # it has been ended


def test_nobody_elses_key_and_no_unknown_one_is_replaced(world: World, visit: SignIn) -> None:
    theirs = own_key(world.customer).kid
    browser = visit(world.supplier)
    for kid in (theirs, "did:key:z6Mk#z6Mk", ""):
        assert lose(browser, world.supplier, kid).status == 404
        assert browser.client.get("/keys/lost", query_string={"kid": kid}).status_code == 404
    assert visit().client.get("/keys/lost").status_code == 303


def test_scripts_are_asked_for_anew_each_time(visit: SignIn) -> None:
    """They import each other by name alone: kept for an hour, two releases could be mixed."""
    for name in script_digests():
        with visit().client.get(f"/static/{name}?v=0") as answer:
            assert "no-cache" in answer.headers["Cache-Control"]
            assert answer.mimetype == "text/javascript"
