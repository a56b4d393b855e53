"""From a stored calculation to its pages: figures, gaps, sums, workbook, publication, revision."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.domain.factors import FactorBasis
from exchange.domain.own_factors import OwnRow
from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode
from exchange.services import publish
from exchange.services.calculation_views import CalculationView
from exchange.services.own_factors import add_own_factor
from exchange.services.product_drafts import draft_product
from tests import factories
from tests.datasets import own_key, published
from tests.factories import Party
from tests.web import machine_shop
from tests.web.conftest import Browser, Page, SignIn
from tests.web.machine_shop import Shop
from tests.web.test_browser_signing_pages import published_by

MISSING_WATER = "Water is missing: ask your waterworks for the year's statement."


@dataclass(frozen=True)
class Case:
    """The shop with its year worked out, and where its pages are."""

    owner: Party
    shop: Shop
    calculation: CalculationView

    @property
    def page(self) -> str:
        """The calculation's address."""
        return f"/calculations/{self.calculation.header.id}"

    @property
    def frame(self) -> str:
        """The frame's figures."""
        return f"{self.page}/products/{self.shop.frame.id}"


@pytest.fixture
def case(exchange: Exchange) -> Case:
    """The machine shop's 2025."""
    owner = factories.party(exchange.context(request_id="case"), "Nørre Metal A/S")
    shop = machine_shop.open_shop(owner)
    return Case(owner, shop, machine_shop.calculated(owner, shop))


def send(browser: Browser, case: Case, **form: str) -> Page:
    """Press the button that works the figures out."""
    return browser.post(f"/sites/{case.shop.site.id}/calculate", **form)


def test_working_out_leads_to_the_stored_calculation(case: Case, visit: SignIn) -> None:
    browser = visit(case.owner)
    sent = send(browser, case, **{"from": "2025-01-01", "to": "2025-12-31"})
    assert (sent.status, sent.location) == (
        303,
        f"{case.page}?done=calculated",
    )  # the same bills: the same row
    assert "The figures are calculated." in browser.get(sent.location).text
    listed = browser.get(f"/sites/{case.shop.site.id}/calculations")
    assert case.page in listed.html


def test_what_stands_in_the_way_is_said_with_its_rows(case: Case, visit: SignIn) -> None:
    empty = send(visit(case.owner), case, **{"from": "2023-01-01", "to": "2023-12-31"})
    assert empty.status == 422
    assert "Nothing is booked for these days. Enter bills and production first." in empty.text
    assert "Nothing is booked for 2023-01-01 to 2024-01-01." in empty.text
    assert send(visit(case.owner), case, **{"from": "2025-02-01", "to": "2025-01-01"}).status == 422
    assert send(visit(case.owner), case).status == 422  # no period is taken for granted


def test_the_site_s_five_indicators_and_what_each_lacks(case: Case, visit: SignIn) -> None:
    page = visit(case.owner).get(case.page)
    assert "Resource use 12.0 t 12,000 kg" in page.text
    assert "Water use no figure" in page.text
    assert "at least 4.86 t CO₂e" in page.text.replace("\xa0", " ")  # 36 000 kWh x 0.135 kg
    assert MISSING_WATER in page.text
    missing_days = (
        "Elektricitet: 1 January 2025 – 28 February 2025 has no bill. Look for it, or ask the supplier."
    )
    assert page.text.replace("\xa0", " ").count(missing_days) == 1  # CO2e and energy both lack it
    assert "at least 18.0 kWh" in page.text.replace("\xa0", " ")  # of one frame
    assert "everything the site used is explained by its products" in page.text


def test_the_same_in_danish(case: Case, visit: SignIn) -> None:
    page = visit(case.owner, "da").get(case.page)
    assert page.language == "da"
    assert "Ressourceforbrug 12,0 t" in page.text.replace("\xa0", " ")
    assert "mindst 4,86 t CO₂e" in page.text.replace("\xa0", " ")
    assert "Vand mangler: bed jeres vandværk om årsopgørelsen." in page.text


def test_what_no_product_explains_and_products_without_output_are_named(case: Case, visit: SignIn) -> None:
    january = Period(date(2024, 1, 1), date(2024, 2, 1))
    machine_shop.book(case.owner, case.shop, "Jernspåner", "70", UnitCode.KILOGRAM, january)
    found = machine_shop.calculated(case.owner, case.shop, january)
    page = visit(case.owner).get(f"/calculations/{found.header.id}")
    assert "Jernspåner: 70 kg of 70 kg is not explained by any product." in page.text.replace("\xa0", " ")
    assert "No product has a figure: enter what was produced." in page.text


def test_a_product_s_figures_say_what_is_known_and_what_is_not(case: Case, visit: SignIn) -> None:
    page = visit(case.owner).get(case.frame)
    text = page.text.replace("\xa0", " ")
    assert "Made in the period 1,000 pcs" in text
    assert (
        "Energy use at least 18.0 kWh 64.8 MJ – at least 18.0 kWh" in text
    )  # upstream is not known, not zero
    assert "100% allocated" in text
    assert "Stålstang: what came with it before it reached you is not known for resource use, CO2" in text
    assert "Stålstang 100% 40% 0% SE" in text
    assert "Stålstang 6 kg 0% resource use: 6 kg" in text
    assert "Publish as signed dataset" in text
    assert [
        name
        for name in ("Product, period and unit", "The five indicators", "Quality of the figures")
        if name not in text
    ] == []


def test_one_button_publishes_and_leads_to_the_publication(
    case: Case, visit: SignIn, worker: Exchange
) -> None:
    browser = visit(case.owner)
    sent = browser.post(f"{case.frame}/publish")
    assert sent.status == 303
    publication_id = sent.location.rpartition("/")[2]
    publish.sign_publication(worker.context(), publication_id)
    found = publish.get_publication(case.owner.ctx, publication_id)
    assert found.state == "published", found.problems
    assert f"/publications/{publication_id}" in browser.get(case.frame).html
    assert "Published" in browser.get(case.page).text


def test_the_dataset_is_shown_as_the_json_that_is_signed(case: Case, visit: SignIn) -> None:
    found = visit(case.owner).get(f"{case.frame}/dataset.json")
    content = json.loads(found.html)
    assert content["indicators"]["energy"] == {"own": {"amount": "64.8", "unit": "3B"}}
    assert found.response.mimetype == "application/json"


def test_who_may_not_sign_sees_no_button(case: Case, exchange: Exchange, visit: SignIn) -> None:
    colleague = factories.user(case.owner, Role.EDITOR)
    browser = visit()
    browser.post("/sign-in", email=colleague.email, password=factories.PASSWORD)
    page = browser.get(case.frame)
    assert "Publish as signed dataset" not in page.text
    assert "Somebody with the role of signer in your organisation publishes it." in page.text
    assert browser.post(f"{case.frame}/publish").status == 403


def test_an_opened_figure_is_a_chain_of_sums_down_to_the_bills(case: Case, visit: SignIn) -> None:
    text = visit(case.owner).get(f"{case.frame}/figures/co2e").text.replace("\xa0", " ")
    assert "Bill, 1 March 2025 – 30 June 2025 20 MWh × 1,000 kWh/MWh = 20,000 kWh" in text
    assert "All bills 20,000 kWh + 16,000 kWh = 36,000 kWh" in text
    assert "The product's part, 2025 36,000 kWh × 5,000 ÷ 10,000 = 18,000 kWh Key: by mass" in text
    assert "Per piece: divided by what was made 18,000 kWh ÷ 1,000 = 18 kWh" in text
    assert "Scope 2, location-based 18 kWh × 0.135 kg CO₂e/kWh = 2.43 kg CO₂e Factor: 0.135 kg/kWh" in text
    assert "The figure 2.43 kg CO₂e = 2.43 kg CO₂e" in text
    assert "Total: at least 2.43 kg CO₂e" in text


def test_a_total_is_the_own_figure_and_what_the_inputs_brought(case: Case, visit: SignIn) -> None:
    factor = OwnRow(
        "co2e.material.steel_bar", Decimal("1.5"), UnitCode.KILOGRAM, UnitCode.KILOGRAM, "The mill's EPD 123",
        2024, "SE", FactorBasis.SUPPLY_CHAIN, "AR5", date(2025, 1, 1),
    )  # fmt: skip
    add_own_factor(case.owner.ctx, factor)
    browser = visit(case.owner)
    found = machine_shop.calculated(case.owner, case.shop)
    path = f"/calculations/{found.header.id}/products/{case.shop.frame.id}"
    text = browser.get(f"{path}/figures/co2e").text.replace("\xa0", " ")
    assert "Stålstang 6 kg 9 kg CO₂e – " in text  # 6 kg x 1.5
    assert "The total 2.43 kg CO₂e + 9 kg CO₂e = 11.43 kg CO₂e" in text
    assert "at least 2.43 kg CO₂e 9 kg CO₂e at least 11.43 kg CO₂e" in browser.get(path).text.replace(
        "\xa0", " "
    )


def test_in_danish_the_sign_of_division_is_a_colon(case: Case, visit: SignIn) -> None:
    text = visit(case.owner, "da").get(f"{case.frame}/figures/energy").text.replace("\xa0", " ")
    assert "18.000 kWh : 1.000 = 18 kWh" in text
    assert "18 kWh × 3,6 MJ/kWh = 64,8 MJ" in text
    assert "Alle regninger" in text


def test_a_site_s_figure_opens_the_same_way(case: Case, visit: SignIn) -> None:
    text = visit(case.owner).get(f"{case.page}/figures/energy").text.replace("\xa0", " ")
    assert "36,000 kWh × 3.6 MJ/kWh = 129,600 MJ" in text
    assert "What came with the inputs" not in text


def test_the_workbook_holds_the_same_sums(case: Case, visit: SignIn) -> None:
    response = visit(case.owner).client.get(f"{case.frame}/workbook")
    assert response.headers["Content-Disposition"] == "attachment; filename=figures.xlsx"
    book = load_workbook(io.BytesIO(response.data))
    assert book.sheetnames == ["Resource use", "CO2 emissions", "Energy use", "Waste generation"]
    rows = [row for row in book["CO2 emissions"].iter_rows(min_row=8, values_only=True) if row[4]]
    assert [(row[2], row[4]) for row in rows] == [
        (20000, "=20*1000"),
        (16000, "=16*1000"),
        (36000, "=20000+16000"),
        (18000, "=36000*5000/10000"),
        (18, "=18000/1000"),
        (2.43, "=18*0.135"),
        (2.43, "=2.43"),
    ]
    one = visit(case.owner).client.get(f"{case.page}/figures/energy/workbook")
    assert load_workbook(io.BytesIO(one.data)).sheetnames == ["Energy use"]


def test_nothing_is_offered_while_nothing_has_changed(case: Case, visit: SignIn) -> None:
    browser = visit(case.owner)
    assert "See what would change" not in browser.get(case.page).text
    assert "Nothing: bills, keys and factors are what they were." in browser.get(f"{case.page}/revision").text


def test_a_revision_shows_old_and_new_and_publishes_only_on_request(case: Case, visit: SignIn) -> None:
    browser = visit(case.owner)
    browser.post(f"{case.frame}/publish")
    machine_shop.book(case.owner, case.shop, "Jernspåner", "500", UnitCode.KILOGRAM)
    assert "See what would change" in browser.get(case.page).text
    assert "See what would change" in browser.get(case.frame).text
    page = browser.get(f"{case.page}/revision").text.replace("\xa0", " ")
    assert "Ramme F5 Waste generation 1 kg 1.25 kg published" in page  # 2 500 kg / 2 / 1 000
    assert "Aksel A2 Waste generation 0.4 kg 0.5 kg not published" in page  # 2 500 kg / 2 / 2 500
    sent = browser.post(f"{case.page}/revision", do="publish")
    new = sent.location.partition("?")[0]
    assert (sent.status, new == case.page) == (303, False)
    made = browser.get(new)
    assert "sent for signature" in browser.get(sent.location).text
    assert made.text.count("Being signed") == 1  # the frame, which had been published
    assert "2,000 kg" in browser.get(case.page).text.replace("\xa0", " ")  # the old one stays as it was


def test_whoever_has_a_key_signs_the_figures_oneself(case: Case, visit: SignIn) -> None:
    browser, path = visit(case.owner), f"{case.frame}/publish/sign"
    page = browser.get(case.frame)
    assert "Publish as signed dataset" in page.text and "has no key of its own yet" in page.text
    key = own_key(case.owner)
    page = browser.get(case.frame)
    assert (
        "Publish as signed dataset" not in page.text
    )  # the exchange keeps no key, and makes none by a button
    assert f'formaction="{path}"' in page.html
    assert f'href="{case.frame}/dataset.json" download="dataset.json"' in page.html
    assert "vcx sign dataset.json --kind product --key my.key" in page.text
    signing = browser.post(path, kid=key.kid)
    assert signing.status == 200 and "has not run here" in signing.text
    assert f'href="{case.frame}/dataset.json" download="dataset.json"' in signing.html
    sent = published_by(browser, signing, key.private)
    assert "with its own key" in browser.get(sent).text
    shown = browser.get(case.page)
    assert shown.text.count("Published") == 1 and "sent for signature" in browser.get(case.frame).text
    assert "Choose one of your own keys" in browser.post(path, kid="did:key:z6Mk#z6Mk").text
    assert visit(factories.party(case.owner.ctx.acting_as(None))).post(path, kid=key.kid).status == 404


def test_a_revision_leads_to_the_figures_that_are_to_be_signed_anew(case: Case, visit: SignIn) -> None:
    browser, key = visit(case.owner), own_key(case.owner)
    published_by(browser, browser.post(f"{case.frame}/publish/sign", kid=key.kid), key.private)
    machine_shop.book(case.owner, case.shop, "Jernspåner", "500", UnitCode.KILOGRAM)
    offer = browser.get(f"{case.page}/revision")
    assert "Calculate, then sign the new versions yourself" in offer.text
    assert "Calculate and publish new versions" not in offer.text
    new = browser.get(browser.post(f"{case.page}/revision", do="calculate").location)
    assert "Published for this period with other figures: Ramme F5." in new.text
    assert new.text.count("See and publish a new version") == 1
    refused = browser.post(f"{case.frame}/publish/sign", kid=key.kid)
    assert refused.status == 422 and "changed" in refused.text  # the old figures are not signed any more


def test_figures_that_say_less_than_what_is_in_force_are_published_when_that_is_ticked(
    case: Case, visit: SignIn
) -> None:
    key, browser = own_key(case.owner), visit(case.owner)
    richer = draft_product(case.owner.ctx, case.calculation.header.id, case.shop.frame.id)
    del richer["evidence"]  # so that it is not this calculation's draft that was published
    published(case.owner, {**richer, "circularity": {"recyclable": "0.9"}}, key)
    for path in ("publish", "publish/sign"):
        asked = browser.post(f"{case.frame}/{path}", kid=key.kid)
        assert asked.status == 422 and "<li>Circularity</li>" in asked.html
    assert browser.post(f"{case.frame}/publish/sign", kid=key.kid, may_lose="yes").status == 200


def test_only_calculating_publishes_nothing(case: Case, visit: SignIn) -> None:
    browser = visit(case.owner)
    browser.post(f"{case.frame}/publish")
    machine_shop.book(case.owner, case.shop, "Jernspåner", "500", UnitCode.KILOGRAM)
    sent = browser.post(f"{case.page}/revision", do="calculate")
    assert "Being signed" not in browser.get(sent.location).text


def test_nobody_else_s_calculation_is_there(case: Case, exchange: Exchange, visit: SignIn) -> None:
    other = factories.party(exchange.context(request_id="other"), "Fremmed ApS")
    browser = visit(other)
    paths = (
        case.page, case.frame, f"{case.page}/revision", f"{case.page}/figures/energy",
        f"{case.frame}/figures/energy", f"{case.frame}/workbook", f"{case.page}/figures/energy/workbook",
        f"{case.frame}/dataset.json", f"/sites/{case.shop.site.id}/calculations",
    )  # fmt: skip
    assert {browser.client.get(path).status_code for path in paths} == {404}
    assert browser.post(f"{case.frame}/publish").status == 404
    assert browser.post(f"{case.page}/revision", do="publish").status == 404
    assert send(browser, case, **{"from": "2025-01-01", "to": "2025-12-31"}).status == 404


@pytest.mark.parametrize("rest", ["/figures/steel", "/figures/water", "/products/x", "/products/x/workbook"])
def test_what_is_no_figure_is_not_found(case: Case, visit: SignIn, rest: str) -> None:
    assert visit(case.owner).client.get(case.page + rest).status_code == 404
