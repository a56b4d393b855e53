"""From a bill in the hand to the account: forms, their refusals at the field, questions, documents, missing months."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import date
from decimal import Decimal

import pytest

from connectors.account_words import CARRIERS, SOURCES, TREATMENTS
from connectors.vocabulary import Vocabulary
from exchange.domain.actors import Role
from exchange.domain.calculation.account import HeatingValue, Material, Waste
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services import bills, flows, sites
from exchange.services.sites import NewSite, Site
from exchange.web import account_words
from exchange.web.formats import NO_BREAK
from exchange.web.reader import reader_of
from tests import factories
from tests.web.conftest import Page, SignIn, World

JANUARY = {"first": "2025-01-01", "last": "2025-01-31"}
POWER = {"carrier": "electricity_grid", "amount": "1250", "unit": "KWH", **JANUARY}


@pytest.fixture
def site(world: World) -> Site:
    """The supplier's one site."""
    return sites.create_site(world.supplier.ctx, NewSite("Skive"))


def plain(page: Page) -> str:
    """What the page says, with ordinary spaces."""
    return page.text.replace(NO_BREAK, " ")


def error_at(page: Page, field: str) -> str:
    """What the page says is wrong with a field."""
    found = re.search(rf'id="{field}-error">(.*?)</span>\s*<(?:input|select|div)', page.html, re.S)
    return re.sub(r"<[^>]+>", "", found.group(1)) if found else ""


def test_a_bill_is_entered_as_printed_and_seen_in_its_year(visit: SignIn, world: World, site: Site) -> None:
    browser = visit(world.supplier)
    page = browser.post(f"/sites/{site.id}/enter/electricity", **POWER, number="4711", meter="M1")
    assert (page.status, page.location) == (303, f"/sites/{site.id}?done=bill&year=2025#electricity")
    (bill,) = bills.list_bills(world.supplier.ctx, site.id, year(2025))
    assert bill.amount == Quantity(Decimal(1250), UnitCode.KILOWATT_HOUR)
    assert bill.period == Period(date(2025, 1, 1), date(2025, 2, 1))  # 31 January belongs to the bill
    text = plain(browser.get(page.location))
    assert "The bill is entered." in text
    assert "Electricity from the grid January 2025 1,250 kWh 4711, M1" in text


def test_missing_months_are_said_and_lead_to_their_form(visit: SignIn, world: World, site: Site) -> None:
    browser = visit(world.supplier, "da")
    post = f"/sites/{site.id}/enter/electricity"
    assert browser.post(post, **POWER).status == 303
    rest = POWER | {"amount": "11000", "first": "2025-03-01", "last": "2025-12-31"}
    assert browser.post(post, **rest).status == 303
    page = browser.get(f"/sites/{site.id}?year=2025")
    assert "Februar 2025" in plain(page) or "februar 2025" in plain(page)
    link = re.search(r'class="vcx-lacks">.*?<a href="([^"]+)"', page.html)
    assert link
    form = browser.get(link.group(1).replace("&amp;", "&"))
    assert 'value="2025-02-01"' in form.html and 'value="2025-02-28"' in form.html


def test_an_empty_part_says_whom_to_ask(visit: SignIn, world: World, site: Site) -> None:
    text = visit(world.supplier).get(f"/sites/{site.id}").text
    assert "Bills of 2025" in text  # the clock stands in March 2026: last year is offered first
    assert "Nothing entered. Ask your waste carrier for the yearly statement by EAK code." in text


def test_what_is_left_out_or_unreadable_is_told_at_its_field(visit: SignIn, world: World, site: Site) -> None:
    page = visit(world.supplier).post(
        f"/sites/{site.id}/enter/electricity",
        carrier="coal",
        amount="1.250",
        unit="KWH",
        first="",
        last="2025-13-01",
    )
    assert page.status == 422
    assert error_at(page, "amount").endswith("add a decimal zero.") or "two ways" in error_at(page, "amount")
    assert "Fill in: First day." in error_at(page, "first")
    assert "not a date" in error_at(page, "last")
    assert "Choose: What it is." in error_at(page, "carrier")
    assert bills.list_bills(world.supplier.ctx, site.id, year(2025)) == ()


def test_gas_asks_for_its_heating_value_and_is_converted_by_the_service(
    visit: SignIn, world: World, site: Site
) -> None:
    browser, post = visit(world.supplier), f"/sites/{site.id}/enter/gas"
    gas = {"carrier": "natural_gas", "amount": "20", "unit": "MWH", **JANUARY}
    page = browser.post(post, **gas)
    assert page.status == 422
    assert "whether this energy is on the upper or the lower heating value" in error_at(page, "heating")
    danish = visit(world.supplier, "da").post(post, **gas)
    assert "brændværdi" in danish.text
    metered = gas | {"unit": "MTQ", "calorific": "11.9"}
    page = browser.post(post, **metered)
    assert "whether its calorific value is the upper or the lower heating value" in error_at(page, "heating")
    assert "Not stated, or no energy and no calorific value on the bill" in page.text
    assert flows.list_flows(world.supplier.ctx, site.id) == ()  # a refused bill leaves no flow behind
    assert browser.post(post, **gas, heating="upper").status == 303
    (bill,) = bills.list_bills(world.supplier.ctx, site.id, year(2025))
    assert bill.heating_value is HeatingValue.UPPER


def test_an_odd_amount_is_asked_about_and_taken_when_confirmed(
    visit: SignIn, world: World, site: Site
) -> None:
    browser, post = visit(world.supplier), f"/sites/{site.id}/enter/electricity"
    assert browser.post(post, **POWER).status == 303
    (flow,) = flows.list_flows(world.supplier.ctx, site.id)
    odd = {"amount": "1250", "unit": "MWH", "first": "2025-02-01", "last": "2025-02-28"}
    page = browser.post(f"{post}?flow={flow.id}", **odd)
    assert page.status == 422
    assert "was it kWh?" in error_at(page, "amount")
    assert "Yes, it is right as it stands" in page.text
    assert len(bills.list_bills(world.supplier.ctx, site.id, year(2025))) == 1
    assert browser.post(f"{post}?flow={flow.id}", **odd, confirmed="yes").status == 303
    assert bills.list_bills(world.supplier.ctx, site.id, year(2025))[1].is_confirmed


def test_a_day_billed_twice_is_refused_naming_the_other_bill(visit: SignIn, world: World, site: Site) -> None:
    browser, post = visit(world.supplier), f"/sites/{site.id}/enter/electricity"
    assert browser.post(post, **POWER, number="4711").status == 303
    page = browser.post(post, **POWER | {"amount": "1300", "last": "2025-02-10"}, number="4712")
    assert "the bill 4711" in error_at(page, "first")
    danish = visit(world.supplier, "da").post(post, **POWER | {"amount": "1300"}, number="4713")
    assert danish.status == 422  # the same supply, under whatever name it was entered first
    assert "En anden regning for samme forsyning" in error_at(danish, "first")


def test_material_waste_and_credit_notes_keep_what_was_said(visit: SignIn, world: World, site: Site) -> None:
    browser, base = visit(world.supplier, "da"), f"/sites/{site.id}/enter"
    steel = {"name": "Stålplade 2 mm", "amount": "12,5", "unit": "TNE", "post": "40", "country": "de",
             "category": "steel-sheet", "first": "2025-01-01", "last": "2025-12-31"}  # fmt: skip
    assert browser.post(f"{base}/material", **steel).status == 303
    assert (
        browser.post(f"{base}/material", **steel | {"amount": "0,5"}, credit="yes", number="K1").status == 303
    )
    scrap = {"code": "12 01 01", "treatment": "recycling", "amount": "800", "unit": "KGM",
             "first": "2025-01-01", "last": "2025-12-31"}  # fmt: skip
    assert browser.post(f"{base}/waste", **scrap).status == 303
    ctx = world.supplier.ctx
    by_kind = {one.kind: one for one in flows.list_flows(ctx, site.id)}
    assert by_kind["material"].detail == Material(post_consumer=Decimal("0.4"), country="DE")
    assert by_kind["waste"].detail == Waste("120101", "recycling")
    steel_bills = bills.list_bills(ctx, site.id, year(2025), by_kind["material"].id)
    assert [(one.amount.amount, one.is_credit) for one in steel_bills] == [
        (Decimal("12.5"), False), (Decimal("0.5"), True)
    ]  # fmt: skip
    text = plain(browser.get(f"/sites/{site.id}"))
    assert "12,5 t" in text and "−0,5 t" in text
    assert " 12 01 01 Genanvendelse" in text and "120101" not in text
    named = browser.post(f"{base}/waste", **scrap | {"name": "Jernskrot", "code": "12 01 02"})
    assert named.status == 303
    assert "Jernskrot 12 01 02, Genanvendelse" in plain(browser.get(f"/sites/{site.id}"))
    unknown = browser.post(f"{base}/waste", **scrap | {"code": "99 99 99"})
    assert unknown.status == 422 and "EAK-kode" in unknown.text


def test_a_document_leaves_its_digest_and_is_recognised(visit: SignIn, world: World, site: Site) -> None:
    browser, content = visit(world.supplier), b"a scan of the bill"
    sent = POWER | {"evidence": (io.BytesIO(content), "scans/january.pdf")}
    page = Page(browser.client.post(f"/sites/{site.id}/enter/electricity", data=sent))
    assert page.status == 303
    (bill,) = bills.list_bills(world.supplier.ctx, site.id, year(2025))
    assert [(one.digest, one.filename) for one in bill.evidence] == [
        (hashlib.sha256(content).hexdigest(), "january.pdf")
    ]
    found = Page(browser.client.post("/evidence", data={"file": (io.BytesIO(content), "x.pdf")}))
    assert "x.pdf is just the file these bills cite: January 2025, 1,250 kWh" in plain(found)
    changed = Page(browser.client.post("/evidence", data={"file": (io.BytesIO(content + b"."), "x.pdf")}))
    assert "No bill cites x.pdf as it is now." in changed.text
    empty = Page(browser.client.post("/evidence", data={"file": (io.BytesIO(b""), "x.pdf")}))
    assert empty.status == 422


def test_an_empty_document_keeps_the_bill_out(visit: SignIn, world: World, site: Site) -> None:
    sent = POWER | {"evidence": (io.BytesIO(b""), "january.pdf")}
    page = Page(visit(world.supplier).client.post(f"/sites/{site.id}/enter/electricity", data=sent))
    assert page.status == 422 and "empty" in error_at(page, "evidence")
    assert bills.list_bills(world.supplier.ctx, site.id, year(2025)) == ()


def test_a_bill_is_withdrawn_and_its_documents_are_added_later(
    visit: SignIn, world: World, site: Site
) -> None:
    browser, ctx = visit(world.supplier), world.supplier.ctx
    browser.post(f"/sites/{site.id}/enter/electricity", **POWER)
    (flow,), (bill,) = flows.list_flows(ctx, site.id), bills.list_bills(ctx, site.id, year(2025))
    base = f"/sites/{site.id}/flows/{flow.id}"
    sent = {f"evidence-{bill.id}": (io.BytesIO(b"scan"), "a.pdf")}
    assert Page(browser.client.post(f"{base}/bills/{bill.id}/evidence", data=sent)).status == 303
    assert hashlib.sha256(b"scan").hexdigest() in browser.get(f"{base}?year=2025").text
    empty = Page(browser.client.post(f"{base}/bills/{bill.id}/evidence", data={}))
    assert empty.status == 422 and "empty" in error_at(empty, f"evidence-{bill.id}")
    page = browser.post(f"{base}/bills/{bill.id}/withdraw")
    assert page.status == 303
    assert "Withdrawn. It counts for nothing from now on." in browser.get(page.location).text
    assert bills.list_bills(ctx, site.id, year(2025)) == ()
    assert browser.post(f"{base}/bills/{bill.id}/withdraw").status == 409


def test_the_class_of_an_input_is_changed_at_its_flow(visit: SignIn, world: World, site: Site) -> None:
    browser, ctx = visit(world.supplier), world.supplier.ctx
    steel = {"name": "Steel", "amount": "2", "unit": "TNE", **JANUARY}
    browser.post(f"/sites/{site.id}/enter/material", **steel)
    (flow,) = flows.list_flows(ctx, site.id)
    base = f"/sites/{site.id}/flows/{flow.id}"
    assert browser.post(f"{base}/input", category="Steel Sheet").status == 422
    assert browser.post(f"{base}/input", category="steel-sheet").status == 303
    assert flows.list_flows(ctx, site.id)[0].category == "steel-sheet"


def test_what_belongs_to_others_is_not_there(visit: SignIn, world: World, site: Site) -> None:
    browser, stranger = visit(world.supplier), visit(world.stranger)
    browser.post(f"/sites/{site.id}/enter/electricity", **POWER)
    (flow,) = flows.list_flows(world.supplier.ctx, site.id)
    (bill,) = bills.list_bills(world.supplier.ctx, site.id, year(2025))
    theirs = sites.create_site(world.stranger.ctx, NewSite("Andet sted"))
    for path in ("", "/enter", "/enter/electricity", f"/flows/{flow.id}", "/change"):
        assert stranger.client.get(f"/sites/{site.id}{path}").status_code == 404
    assert stranger.client.get(f"/sites/{theirs.id}/enter/electricity?flow={flow.id}").status_code == 404
    for tried in (site, theirs):
        base = f"/sites/{tried.id}/flows/{flow.id}"
        assert stranger.post(f"{base}/bills/{bill.id}/withdraw").status == 404
        assert stranger.post(f"{base}/input", category="x").status == 404
    assert stranger.post(f"/sites/{site.id}/enter/electricity", **POWER).status == 404
    assert browser.client.get(f"/sites/{site.id}/enter/magic").status_code == 404
    assert len(bills.list_bills(world.supplier.ctx, site.id, year(2025))) == 1


def test_a_period_is_chosen_by_its_days_and_a_wrong_one_is_refused(
    visit: SignIn, world: World, site: Site
) -> None:
    browser = visit(world.supplier)
    assert "Bills of February 2025" in plain(browser.get(f"/sites/{site.id}?from=2025-02-01&to=2025-02-28"))
    july = browser.get(f"/sites/{site.id}?from=2024-07-01&to=2025-06-30")
    assert "Bills of 1 July 2024 – 30 June 2025" in plain(july)
    backwards, no_day = "from=2025-02-01&to=2025-01-01", "from=2025-02-30&to=2025-03-01"
    centuries = (
        "from=9999-12-31&to=9999-12-31",
        "from=9999-12-01&to=9999-12-31",
        "from=0001-01-01&to=2025-01-01",
    )
    for wrong in (backwards, no_day, *centuries, "year=20255", "year=x", "year=" + "9" * 5000):
        assert browser.client.get(f"/sites/{site.id}?{wrong}").status_code == 422, wrong


def test_who_may_only_read_is_offered_no_change_and_can_make_none(
    visit: SignIn, world: World, site: Site
) -> None:
    viewer, browser = factories.user(world.supplier, Role.VIEWER), visit()
    assert browser.post("/sign-in", email=viewer.email, password=factories.PASSWORD).status == 303
    page = browser.get(f"/sites/{site.id}")
    assert "/calculate" not in page.html and "/enter" not in page.html and "/upload" not in page.html
    assert "/calculate" in visit(world.supplier).get(f"/sites/{site.id}").html
    assert browser.post(f"/sites/{site.id}/enter/electricity", **POWER).status == 403
    assert browser.post("/sites/new", name="Nyt", country="DK").status == 403
    assert bills.list_bills(world.supplier.ctx, site.id, year(2025)) == ()


def test_an_unnamed_supply_is_one_flow_in_both_languages(visit: SignIn, world: World, site: Site) -> None:
    post = f"/sites/{site.id}/enter/electricity"
    assert visit(world.supplier, "da").post(post, **POWER).status == 303
    february = {"first": "2025-02-01", "last": "2025-02-28"}
    assert visit(world.supplier, "en").post(post, **POWER | february).status == 303
    assert [one.name for one in flows.list_flows(world.supplier.ctx, site.id)] == ["El fra nettet"]


@pytest.mark.parametrize(
    ("sentences", "vocabulary"),
    [
        (account_words.CARRIERS, CARRIERS),
        (account_words.SOURCES, SOURCES),
        (account_words.TREATMENTS, TREATMENTS),
    ],
)
def test_form_and_template_call_things_by_the_same_names(
    sentences: dict[str, str], vocabulary: Vocabulary
) -> None:
    """A flow without a name of its own is named so: the same supply must be one flow, however it was entered."""
    codes = {one.code for one in vocabulary.words}
    assert set(sentences) == codes
    for code in codes:
        assert reader_of("en").say(sentences[code]) == vocabulary.label(code, "en")
        assert reader_of("da").say(sentences[code]) == vocabulary.label(code, "da")
