"""The overview, the operator's page, and pages for what goes wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from exchange.services.organisations import CvrStatus, get_organisation
from tests import factories
from tests.web.conftest import SignIn, World


def test_the_overview_puts_what_waits_first(visit: SignIn, world: World) -> None:
    text = visit(world.supplier).get("/").text
    assert "1 request waits for your answer Bælt Maskiner ApS New" in text
    assert (
        "Your latest requests to suppliers Nørre Metal A/S Not opened yet"
        in visit(world.customer).get("/").text
    )
    assert "Nothing waits for your answer" in visit(world.stranger).get("/").text


def test_the_operator_approves_or_rejects_a_claim(visit: SignIn, world: World) -> None:
    nobody = world.supplier.ctx.acting_as(None)
    staff = factories.operator_party(nobody)
    claimant = factories.party(nobody, "Håbefuld ApS", cvr=factories.CVRS[2], domain="haab.example")
    other = factories.party(nobody, "Tvivlsom ApS", cvr=factories.CVRS[3])
    browser = visit(staff)
    text = browser.get("/operator/identities").text
    assert "Håbefuld ApS CVR 10000025" in text
    approve = f"/operator/identities/{claimant.id}/approve"
    assert f'name="cvr" value="{factories.CVRS[2]}"' in browser.get("/operator/identities").html
    assert browser.post(approve, cvr=factories.CVRS[1]).status == 409
    assert browser.post(approve).status == 409
    assert 'name="domain" value="haab.example"' in browser.get("/operator/identities").html
    assert browser.post(approve, cvr=factories.CVRS[2]).status == 409
    assert browser.post(approve, cvr=factories.CVRS[2], domain="haab.example").location.endswith(
        "?done=approved"
    )
    path = f"/operator/identities/{other.id}/reject"
    assert browser.post(path, reason="because").status == 422
    assert browser.post(path, reason="name_differs", cvr=factories.CVRS[3]).location.endswith(
        "?done=rejected"
    )
    assert get_organisation(claimant.ctx, claimant.id).cvr_status is CvrStatus.APPROVED
    assert get_organisation(other.ctx, other.id).cvr_status is CvrStatus.REJECTED
    assert "No claim waits." in browser.get("/operator/identities").text


def test_only_operators_see_the_operators_page(visit: SignIn, world: World) -> None:
    browser = visit(world.supplier)
    assert "Identities" not in browser.get("/").text
    assert browser.client.get("/operator/identities").status_code == 403


@pytest.mark.parametrize("language", ["da", "en"])
def test_an_address_that_is_no_page_gets_a_page(visit: SignIn, language: str) -> None:
    answer = visit(language=language).client.get("/no-such-page")
    assert answer.status_code == 404
    assert answer.content_type.startswith("text/html")
    heading = {"da": "Her er ikke noget", "en": "There is nothing here"}[language]
    assert heading in answer.get_data(as_text=True)
    way_out = {"da": "Tjek adressen", "en": "Check the address"}[language]
    assert way_out in answer.get_data(as_text=True)


def test_a_wrong_method_keeps_its_allow_header(visit: SignIn) -> None:
    answer = visit().client.get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_too_many_tries_say_when_to_come_back(visit: SignIn, app: Flask) -> None:
    running = app.extensions["vcx"]
    app.extensions["vcx"] = replace(
        running, settings=running.settings.model_copy(update={"rate_sign_in": "1/minute"})
    )
    browser = visit()
    browser.post("/sign-in", email="x@y.example", password="wrong and long")
    page = browser.post("/sign-in", email="x@y.example", password="wrong and long")
    assert page.status == 429
    assert int(page.response.headers["Retry-After"]) >= 1
    assert "Too many tries" in page.text


def test_a_failure_says_nothing_about_itself(
    visit: SignIn, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise RuntimeError("the inner workings")

    monkeypatch.setitem(app.view_functions, "web.sign_in", fail)
    answer = visit().client.get("/sign-in")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "inner workings" not in text
    assert "Something went wrong on our side" in text


def test_pages_are_not_kept_and_allow_nothing_inline(visit: SignIn, world: World) -> None:
    answer = visit(world.supplier).client.get("/inbox")
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
