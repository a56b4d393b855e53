"""The page of signing keys: what each is, who it shows, how it ends, and keys named by one's own domain."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.services import keys, organisations
from exchange.services.key_rotation import end_key
from exchange.services.organisations import RejectReason
from exchange.trust.keys import new_private_key
from tests import datasets, factories
from tests.factories import PASSWORD, Party
from tests.service.identities.did_documents import DOMAIN, KID, URL, Web, proof_of, request
from tests.service.identities.registrar import work
from tests.web.conftest import SignIn, World
from tests.web.test_browser_signing_pages import key_form


@pytest.fixture
def firm(exchange: Exchange) -> Party:
    """An organisation fresh from sign-up."""
    return factories.party(exchange.context(), "Vestmølle A/S", cvr=factories.CVRS[3])


def test_a_firm_without_a_key_learns_how_it_gets_one(visit: SignIn, firm: Party) -> None:
    page = visit(firm).get("/keys")
    assert "No key yet. Leave signing to the exchange" in page.text
    assert 'href="/keys" aria-current="page"' in page.html


def test_each_key_is_shown_with_whose_it_is_and_whether_the_registrar_says_so(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    own = datasets.own_key(world.supplier)
    page = visit(world.supplier).get("/keys")
    assert "Kept by the exchange for you In force" in page.text
    assert f"Your own In force {own.kid} The exchange is about to certify whose it is." in page.text
    work(worker)
    certified = "The exchange certifies that it is Nørre Metal A/S's: identity checked by the exchange."
    assert visit(world.supplier).get("/keys").text.count(certified) == 2


def test_a_rejected_firm_reads_that_nothing_is_certified(
    visit: SignIn, firm: Party, worker: Exchange
) -> None:
    datasets.own_key(firm)
    work(worker)
    staff = factories.operator(firm.ctx.acting_as(None))
    organisations.reject_identity(staff, firm.id, RejectReason.NOT_FOUND, factories.CVRS[3])
    text = visit(firm).get("/keys").text
    assert "The exchange certifies nothing: your CVR number was not confirmed." in text


def test_a_key_is_ended_after_a_second_thought(visit: SignIn, firm: Party) -> None:
    own, browser = datasets.own_key(firm), visit(firm)
    path = f"/keys/end?kid={own.kid.replace('#', '%23')}"
    assert path.replace(":", "%3A") in browser.get("/keys").html or path in browser.get("/keys").html
    assert "nothing brings it back" in browser.get(path).text
    assert browser.post("/keys/end", kid=own.kid, reason="because").status == 422
    for given in ({}, {"password": "another password"}):
        wrong = browser.post("/keys/end", kid=own.kid, reason="unused", **given)
        assert wrong.status == 422 and 'href="#password"' in wrong.html
        assert "This is not your present password." in wrong.text
    assert keys.list_keys(firm.ctx)[0].retired_at is None
    done = browser.post("/keys/end", kid=own.kid, reason="unused", password=PASSWORD)
    assert done.location.endswith("?done=key_ended")
    assert keys.list_keys(firm.ctx)[0].retired_at is not None
    page = browser.get("/keys?done=key_ended")
    assert "The key has ended." in page.text and "Ended 2 March 2026, 09:00" in page.text
    assert "Report that somebody else may have it" in page.text


def test_a_key_others_may_have_is_reported_with_the_danish_time(
    visit: SignIn, firm: Party, clock: SteppingClock
) -> None:
    own, browser = datasets.own_key(firm), visit(firm)
    clock.move(timedelta(hours=2))
    for typed in ("", "yesterday", "2026-03-02T12:00", "0001-01-01T00:00", "2026-03-02 09:30"):
        page = browser.post("/keys/end", kid=own.kid, reason="exposed", since=typed, password=PASSWORD)
        assert page.status == 422 and 'href="#since"' in page.html, typed
    form = {"kid": own.kid, "reason": "exposed", "since": "2026-03-02T09:30"}
    assert 'href="#password"' in browser.post("/keys/end", **form).html
    sent = browser.post("/keys/end", **form, password=PASSWORD)
    assert sent.location.endswith("?done=key_reported")
    (key,) = keys.list_keys(firm.ctx)
    assert (
        key.compromised_since is not None and key.compromised_since.isoformat() == "2026-03-02T08:30:00+00:00"
    )
    assert "Reported: nothing since 2 March 2026, 09:30 is accepted" in browser.get("/keys").text
    assert browser.client.get("/keys/end", query_string={"kid": own.kid}).status_code == 404


def test_nobody_ends_or_sees_another_organisations_key(visit: SignIn, world: World, firm: Party) -> None:
    own = datasets.own_key(world.supplier)
    browser = visit(firm)
    assert own.kid not in browser.get("/keys").text
    assert browser.client.get("/keys/end", query_string={"kid": own.kid}).status_code == 404
    assert browser.post("/keys/end", kid=own.kid, reason="unused").status == 404
    assert browser.client.get("/keys/end").status_code == 404
    assert keys.list_keys(world.supplier.ctx)[-1].retired_at is None


def test_a_viewer_sees_the_keys_and_changes_nothing(visit: SignIn, world: World, firm: Party) -> None:
    own = datasets.own_key(firm)
    member = factories.user(firm, Role.VIEWER)
    viewer = Party(firm.organisation, firm.actor, member.email, firm.ctx)
    browser = visit(viewer)
    page = browser.get("/keys")
    assert own.kid in page.text and "/keys/end" not in page.html
    assert "An administrator of your organisation declares the domain first." in page.text
    assert browser.post("/keys/end", kid=own.kid, reason="unused").status == 403
    assert browser.post("/keys/domain", domain=DOMAIN).status == 403
    assert browser.post("/keys/did-web", kid=KID, proof="x").status == 403
    assert browser.post("/keys/custody").status == 403


def test_custody_that_was_ended_is_taken_up_again_by_choice_only(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    browser, offer = visit(world.supplier), "Have a new key kept by the exchange"
    assert offer not in browser.get("/keys").text
    assert browser.post("/keys/custody", custody_password=PASSWORD).status == 409
    end_key(world.supplier.ctx, keys.list_keys(world.supplier.ctx)[0].kid, PASSWORD)
    assert offer in browser.get("/keys").text
    wrong = browser.post("/keys/custody", custody_password="another password")
    assert wrong.status == 422 and 'href="#custody_password"' in wrong.html
    assert browser.post("/keys/custody", custody_password=PASSWORD).location.endswith("?done=custody")
    work(worker)
    page = browser.get("/keys")
    assert offer not in page.text and page.text.count("Kept by the exchange for you") == 2


def test_the_exchange_keeps_a_key_beside_an_own_one_only_when_a_person_asks(
    visit: SignIn, firm: Party, worker: Exchange
) -> None:
    own, browser = datasets.own_key(firm), visit(firm)
    page = browser.get("/keys")
    assert "The exchange signs nothing for you You sign with a key of your own." in page.text
    assert browser.post("/keys/custody", custody_password="").status == 422
    assert browser.post("/keys/custody", custody_password=PASSWORD).location.endswith("?done=custody")
    work(worker)
    assert [one.kid == own.kid for one in keys.list_keys(firm.ctx)] == [True, False]
    assert "The exchange signs nothing for you" not in browser.get("/keys").text


def test_a_further_key_takes_the_password(visit: SignIn, firm: Party) -> None:
    browser, key = visit(firm), new_private_key()
    assert 'id="browser_password"' not in browser.get("/keys").html
    datasets.own_key(firm)
    assert 'id="browser_password"' in browser.get("/keys").html
    form = key_form(firm, key)
    for typed in ({}, {"browser_password": "another password"}):
        refused = browser.post("/keys/browser", **form, **typed)
        assert refused.status == 422 and 'href="#browser_password"' in refused.html
    assert len(keys.list_keys(firm.ctx)) == 1
    sent = browser.post("/keys/browser", **form, browser_password=PASSWORD)
    assert sent.location.endswith("?done=browser_key") and len(keys.list_keys(firm.ctx)) == 2


def test_a_further_key_named_by_the_domain_takes_the_password_too(visit: SignIn, firm: Party) -> None:
    datasets.own_key(firm)
    organisations.declare_domain(firm.ctx, DOMAIN)
    browser, form = visit(firm), {"kid": KID, "proof": proof_of(firm, new_private_key())}
    for typed in ({}, {"binding_password": "another password"}):
        refused = browser.post("/keys/did-web", **form, **typed)
        assert refused.status == 422 and 'href="#binding_password"' in refused.html
    assert browser.post("/keys/did-web", **form, binding_password=PASSWORD).status == 303


def test_a_key_named_by_the_domain_is_bound_step_by_step(
    visit: SignIn, firm: Party, worker: Exchange
) -> None:
    browser, key, web = visit(firm), new_private_key(), Web()
    assert "How to bind a key" not in browser.get("/keys").text
    wrong = browser.post("/keys/domain", domain="https://vestmoelle.example/")
    assert (
        wrong.status == 422 and 'href="#domain"' in wrong.html and 'value="https://vestmoelle' in wrong.html
    )
    assert browser.post("/keys/domain", domain=DOMAIN).location.endswith("?done=domain")
    page = browser.get("/keys")
    assert "How to bind a key" in page.text and URL in page.text and f'value="{KID}"' in page.html
    refused = browser.post("/keys/did-web", kid="did:web:other.example#key-1", proof="x")
    assert refused.status == 422 and 'href="#kid"' in refused.html
    assert 'href="#proof"' in browser.post("/keys/did-web", kid=KID, proof="x").html
    sent = browser.post("/keys/did-web", kid=f" {KID} ", proof=proof_of(firm, key) + "\n")
    assert sent.location.endswith("?done=binding")
    waiting = browser.get("/keys")
    assert "Being looked for" in waiting.text and "Look for the key and bind it" not in waiting.text
    web.serve(key_1=key)
    work(web.worker(worker))
    done = browser.get("/keys").text
    assert f"Your own, named by your domain In force {KID}" in done and "Keys looked for Bound" in done


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Not bound · 2 March 2026, 09:00"), ("da", "2. marts 2026 kl. 09.00")],
)
def test_why_a_key_was_not_bound_is_told_in_words(
    visit: SignIn, firm: Party, worker: Exchange, language: str, words: str
) -> None:
    organisations.declare_domain(firm.ctx, DOMAIN)
    request(firm, new_private_key())
    web = Web()
    web.serve(key_2=new_private_key())
    work(web.worker(worker))
    page = visit(firm, language).get("/keys")
    assert words.replace(" ", "") in page.text.replace("\xa0", "").replace(" ", "")
    if language == "en":
        assert "The document does not list a key with this id." in page.text
