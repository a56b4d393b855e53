"""Signing in and out, registering, and the language pages are written in."""

from __future__ import annotations

import pytest

from exchange.domain.actors import Role
from exchange.services import accounts, invitations, organisations, sessions
from tests import factories
from tests.web.conftest import SignIn, World


@pytest.mark.parametrize("path", ["/", "/inbox", "/requests", "/products", "/access", "/requests/new"])
def test_a_page_sends_a_stranger_to_sign_in_and_back(visit: SignIn, path: str) -> None:
    page = visit().post("/sign-in", email="x@y.example", password="wrong and long")
    assert page.status == 422
    answer = visit().client.get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"] == ("/sign-in" if path == "/" else f"/sign-in?next={path}")


def test_a_good_password_leads_to_the_wanted_page_with_a_session_scripts_cannot_read(
    visit: SignIn, world: World
) -> None:
    browser = visit()
    form = {"email": world.supplier.email, "password": factories.PASSWORD}
    answer = browser.client.post("/sign-in?next=/inbox", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox")
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("vcx_session=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # the public address of this exchange is plain http
    assert world.customer.organisation.name in browser.get("/inbox").text


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\nb"]
)
def test_signing_in_never_leads_to_another_site(visit: SignIn, world: World, elsewhere: str) -> None:
    form = {"email": world.supplier.email, "password": factories.PASSWORD}
    answer = visit().client.post("/sign-in", query_string={"next": elsewhere}, data=form)
    assert answer.headers["Location"] == "/"


def test_a_wrong_password_is_refused_without_saying_what_was_wrong(visit: SignIn, world: World) -> None:
    wrong = visit().post("/sign-in", email=world.supplier.email, password="not the password")
    unknown = visit().post("/sign-in", email="nobody@firm.example", password="not the password")
    assert wrong.status == unknown.status == 422
    assert "The e-mail address or the password is not right." in wrong.text
    assert wrong.text == unknown.text
    assert "not the password" not in wrong.html


def test_an_empty_form_names_each_missing_field_with_a_link(visit: SignIn) -> None:
    page = visit(language="da").post("/sign-in")
    assert page.status == 422
    assert '<a href="#email">Udfyld E-mail.</a>' in page.html
    assert '<a href="#password">Udfyld Adgangskode.</a>' in page.html
    assert 'aria-describedby="email-error" aria-invalid="true"' in page.html
    assert "<title>Fejl: Log ind" in page.html


def test_signing_out_ends_the_session_in_the_store_too(visit: SignIn, world: World) -> None:
    browser = visit(world.supplier)
    cookie = browser.client.get_cookie("vcx_session")
    assert cookie is not None
    page = browser.post("/sign-out")
    assert (page.status, page.location) == (303, "/sign-in?done=signed_out")
    assert sessions.resume_session(world.supplier.ctx, cookie.value) is None
    assert "You are signed out." in browser.get(page.location).text


def test_a_write_from_another_site_is_refused(visit: SignIn, world: World) -> None:
    browser = visit(world.supplier)
    answer = browser.client.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    browser.get("/inbox")


def test_registering_founds_an_organisation_and_goes_on_signed_in(visit: SignIn) -> None:
    browser = visit()
    form = {"organisation": "Ny Smedje ApS", "cvr": factories.CVRS[2], "name": "Eva Ejer",
            "email": "eva@smedje.example", "password": "fire helt tilfældige ord"}  # fmt: skip
    page = browser.post("/sign-up", **form)
    assert (page.status, page.location) == (303, "/?done=welcome_cvr")
    welcome = browser.get(page.location).text
    assert "Ny Smedje ApS" in welcome
    assert (
        "The CVR number waits for the exchange's approval; requests do not reach you until then." in welcome
    )


def test_who_registers_without_a_cvr_number_is_told_of_no_approval(visit: SignIn) -> None:
    form = {"organisation": "Ny Smedje ApS", "name": "Eva Ejer", "email": "eva@smedje.example",
            "password": "fire helt tilfældige ord"}  # fmt: skip
    assert visit().post("/sign-up", **form).location == "/?done=welcome"


def test_what_is_wrong_with_a_registration_is_said_in_danish(visit: SignIn) -> None:
    form = {"organisation": "Ny Smedje ApS", "cvr": "10000008", "name": "Eva",
            "email": "eva@smedje.example", "password": "fire helt tilfældige ord"}  # fmt: skip
    browser = visit(language="da")
    assert "Det er ikke et gyldigt CVR-nummer." in browser.post("/sign-up", **form).text
    short = browser.post("/sign-up", **form | {"cvr": "", "password": "kort"}).text
    assert "Adgangskoden er for kort. Brug mindst 12 tegn" in short
    assert "Teknisk besked" not in short


def test_registering_says_what_is_wrong_beside_the_field_and_keeps_what_was_written(visit: SignIn) -> None:
    form = {"organisation": "Ny Smedje ApS", "cvr": "10000008", "name": "Eva",
            "email": "eva@smedje.example", "password": "fire helt tilfældige ord"}  # fmt: skip
    page = visit().post("/sign-up", **form)
    assert page.status == 422
    assert 'href="#cvr"' in page.html
    assert 'value="Ny Smedje ApS"' in page.html
    short = visit().post("/sign-up", **form | {"cvr": "", "password": "kort"})
    assert 'href="#password"' in short.html
    assert "kort" not in short.html


def test_a_claimed_cvr_waits_for_the_operator(visit: SignIn, world: World) -> None:
    form = {"organisation": "Ny Smedje ApS", "cvr": factories.CVRS[3], "name": "Eva Ejer",
            "email": "eva@smedje.example", "password": "fire helt tilfældige ord"}  # fmt: skip
    visit().post("/sign-up", **form)
    staff = factories.operator(world.supplier.ctx.acting_as(None))
    assert [one.name for one in organisations.list_claims(staff)] == ["Ny Smedje ApS"]


def test_an_invited_stranger_joins_on_the_links_page(visit: SignIn, world: World) -> None:
    invited = invitations.invite(world.supplier.ctx, "bo@people.example", {Role.EDITOR})
    path, browser = f"/invitations/{invited.secret}", visit()
    page = browser.get(path)
    assert "Join Nørre Metal A/S You are invited as bo@people.example." in page.text
    short = browser.post(path, name="Bo", password="kort")
    assert short.status == 422
    assert 'href="#password"' in short.html
    nameless = browser.post(path, password="fire helt tilfældige ord")
    assert 'href="#name"' in nameless.html
    joined = browser.post(path, name="Bo", password="fire helt tilfældige ord")
    assert (joined.status, joined.location) == (303, "/?done=joined")
    assert "Nørre Metal A/S" in browser.get("/").text
    assert "bo@people.example" in {user.email for user in accounts.list_users(world.supplier.ctx)}
    used = visit().client.get(path)
    assert used.status_code == 422
    assert "This invitation is not valid any more." in used.get_data(as_text=True)


def test_a_known_person_joins_with_one_button_signed_in_or_with_the_own_password(
    visit: SignIn, world: World
) -> None:
    first, second = (
        invitations.invite(world.supplier.ctx, one.email, {Role.VIEWER})
        for one in (world.stranger, world.customer)
    )
    browser = visit(world.stranger)
    assert 'type="password"' not in browser.get(f"/invitations/{first.secret}").html
    assert browser.post(f"/invitations/{first.secret}").location == "/?done=joined"
    assert "Nørre Metal A/S" in browser.get("/").text
    other, path = visit(), f"/invitations/{second.secret}"
    wrong = other.post(path, name="Boss", password="guessed by the sender")
    assert wrong.status == 422
    assert "The e-mail address or the password is not right." in wrong.text
    assert other.post(path, password=factories.PASSWORD).location == "/?done=joined"
    assert "Nørre Metal A/S" in other.get("/").text


@pytest.mark.parametrize(
    ("asked", "language"),
    [("da-DK,da;q=0.9,en;q=0.8", "da"), ("en-US,en;q=0.9", "en"), ("de-DE", "en"), (None, "da")],
)
def test_the_browsers_wish_decides_until_the_reader_does(
    visit: SignIn, asked: str | None, language: str
) -> None:
    client = visit().client
    client.delete_cookie("vcx_language")
    answer = client.get("/sign-in", headers={"Accept-Language": asked} if asked else {})
    assert f'<html lang="{language}">' in answer.get_data(as_text=True)
    assert answer.headers["Content-Language"] == language


def test_the_switch_link_changes_the_language_and_stays_on_the_page(visit: SignIn) -> None:
    browser = visit(language="da")
    page = browser.get("/sign-in?next=/inbox")
    assert 'lang="en" hreflang="en"' in page.html
    answer = browser.client.get("/language/en", query_string={"next": "/sign-in?next=/inbox"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/inbox")
    assert browser.get("/sign-in").language == "en"
    assert browser.client.get("/language/fr").status_code == 404


def test_signing_in_takes_up_the_persons_own_language(visit: SignIn, world: World) -> None:
    browser = visit(language="en")
    browser.post("/sign-in", email=world.supplier.email, password=factories.PASSWORD)
    assert browser.get("/inbox").language == "da"
