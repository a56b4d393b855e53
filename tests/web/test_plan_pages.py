"""Development, targets, initiatives and the company's dataset, on two years of the machine shop."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.initiatives import Cause, EffortIndicator, Motive
from exchange.domain.initiatives.observed import Naming, Unseen
from exchange.domain.targets import Measure, Obstacle
from exchange.domain.voluntary_standard.accounts import LackKind
from exchange.services import publish
from exchange.services.company_years import CompanyYear, set_company_year
from exchange.services.sites import NewSite, create_site
from exchange.services.targets import list_targets
from exchange.web import datapoint_words, initiative_words, targets
from tests import factories
from tests.datasets import own_key
from tests.factories import Party
from tests.web import machine_shop
from tests.web.conftest import Page, SignIn
from tests.web.machine_shop import Shop
from tests.web.test_browser_signing_pages import published_by


@dataclass(frozen=True)
class Case:
    """Who owns the shop, and the shop."""

    owner: Party
    shop: Shop


@pytest.fixture
def case(exchange: Exchange) -> Case:
    """2024 is whole, 2025 lacks electricity of two months; value added is known of both years."""
    owner = factories.party(exchange.context(request_id="plans"), "Nørre Metal A/S")
    shop = machine_shop.open_shop(owner)
    machine_shop.add_year_before(owner, shop)
    machine_shop.calculated(owner, shop)
    for number, amount in ((2024, 5_000_000), (2025, 5_500_000)):
        set_company_year(owner.ctx, CompanyYear(number, Decimal(amount), turnover=Decimal(12_000_000)))
    return Case(owner, shop)


def text_of(page: Page) -> str:
    """The page's text with plain spaces."""
    return page.text.replace("\xa0", " ")


def test_words_exist_for_every_code() -> None:
    assert set(initiative_words.EFFORTS) == set(EffortIndicator)
    assert set(initiative_words.MOTIVES) == set(Motive)
    assert set(initiative_words.CAUSES) == set(Cause)
    assert set(initiative_words.NAMINGS) == set(Naming)
    assert set(initiative_words.UNSEEN) == set(Unseen) - {Unseen.NOT_USED}  # said in one sentence for all
    assert set(targets.MEASURES) == set(Measure)
    assert set(targets.OBSTACLES) == set(Obstacle)
    assert set(datapoint_words.LACKS) == set(LackKind)


def test_development_tells_absolute_productivity_and_why_there_is_no_class(case: Case, visit: SignIn) -> None:
    page = visit(case.owner).get("/development")
    text = text_of(page)
    assert "2024 2.20 t 2,273 DKK/kg – –" in text  # 5 000 000 / 2 200
    assert "2025 2.00 t 2,750 DKK/kg effect 90.9 No class: value added is in current prices." in text
    assert "2025 at least 36.0 MWh a figure is missing, so the total is only a lower limit" in text
    assert "Value added of 2024 and 2025 is in current prices, so it has no index and no class." in text
    assert page.html.count('class="vcx-trend"') == 4  # nothing of water is booked
    assert 'aria-label="2024: 2.20' in page.html


def test_development_of_a_product_and_from_another_base_year(case: Case, visit: SignIn) -> None:
    browser = visit(case.owner, "da")
    text = text_of(browser.get(f"/development?of=product:{case.shop.frame.id}&base=2025"))
    assert "Udvikling for Ramme F5" in text
    assert "2024 1,22 t" in text  # 2 200 kg x 5 000 / 9 000
    assert "I forhold til 2025 = 100" in text
    assert browser.client.get("/development?of=product:nobody").status_code == 404
    for wrong in ("x", "20255", "0001", "9" * 5000):
        assert browser.client.get(f"/development?base={wrong}").status_code == 422
        assert browser.client.get(f"/organisation-dataset?year={wrong}").status_code == 422


def test_without_a_calculation_development_says_where_to_begin(exchange: Exchange, visit: SignIn) -> None:
    page = visit(factories.party(exchange.context(request_id="new"))).get("/development")
    assert "No calendar year has been worked out yet. Begin with the bills" in page.text


def target(case: Case, **changes: str) -> dict[str, str]:
    """A target as typed: 30 % less waste from 2024 to 2030."""
    return {
        "of": f"organisation:{case.owner.id}", "indicator": "waste", "measure": "absolute",
        "reduction": "30", "base_year": "2024", "target_year": "2030",
    } | changes  # fmt: skip


def test_a_target_is_added_shown_with_its_progress_and_withdrawn(case: Case, visit: SignIn) -> None:
    browser = visit(case.owner)
    assert browser.post("/targets", **target(case)).location == "/targets?done=target"
    text = text_of(browser.get("/targets"))
    # By hand: from 2 200 kg to 1 540 kg; 2 000 kg is (2200 - 2000) / 660 = 30 % of the way; the line is at 2 090 kg.
    assert "falls by 30% from 2024 to 2030" in text
    assert (
        "2025, the latest 2.00 t 2025, on a straight line 2.09 t 2030, the target 1.54 t Of the way 30%"
        in text
    )
    assert "On track" in text
    [view] = list_targets(case.owner.ctx)
    assert browser.post(f"/targets/{view.id}/withdraw").status == 303
    assert "No target yet." in browser.get("/targets").text


def test_a_target_on_an_incomplete_year_says_so(case: Case, visit: SignIn) -> None:
    browser = visit(case.owner)
    browser.post("/targets", **target(case, indicator="energy"))
    text = text_of(browser.get("/targets"))
    assert "The figure of 2025 lacks something, so it is only “at least”." in text
    assert "Passed over, not complete 2025" in text


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"target_year": "2020"}, "target_year", "The target year"),
        ({"reduction": "300"}, "reduction", "share above 0 and at most 1"),
        ({"reduction": "lots"}, "reduction", "This is not a number."),
        ({"reduction": ""}, "reduction", "Fill in: By how many per cent."),
        ({"base_year": "24"}, "base_year", "four digits"),
    ],
)
def test_errors_of_a_target_stand_at_their_field(
    case: Case, visit: SignIn, changes: dict[str, str], field: str, said: str
) -> None:
    page = visit(case.owner).post("/targets", **target(case, **changes))
    assert page.status == 422
    assert f'href="#{field}"' in page.html
    assert said in page.text


def initiative(case: Case, **changes: str) -> dict[str, str]:
    """An initiative as typed: 10 % less scrap from 2025 on, 50 000 DKK for 20 000 a year."""
    return {
        "title": "Nye skær", "effort": "investment", "in_force": "2025-01-01", "motive": "cost_savings",
        "flow_1": case.shop.flows["Jernspåner"].id, "kind_1": "relative", "value_1": "-10",
        "kind_2": "relative", "kind_3": "relative", "investment": "50000", "saving": "20000",
    } | changes  # fmt: skip


def test_an_initiative_shows_expected_and_observed_effect(case: Case, visit: SignIn) -> None:
    browser = visit(case.owner)
    sent = browser.post(f"/initiatives/new/{case.shop.site.id}", **initiative(case))
    assert sent.status == 303, sent.text
    text = text_of(browser.get(sent.location))
    assert "Payback time 2.5 years" in text  # 50 000 / 20 000
    assert "Jernspåner: −10% of the use" in text
    assert "Waste generation −220 kg −10%" in text  # a tenth of 2024's 2 200 kg
    assert "Waste generation −200 kg Change where the initiative applies:" in text
    assert "The change in all −200 kg" in text
    assert (
        "Nothing of what it applies to adds to resource use, water use, CO2 emissions and energy use." in text
    )
    assert "Nye skær" in browser.get("/initiatives").text


def test_on_an_allocated_figure_it_cannot_be_seen_until_it_is_measured(case: Case, visit: SignIn) -> None:
    browser = visit(case.owner, "da")
    sent = browser.post(
        f"/initiatives/new/{case.shop.site.id}", **initiative(case, product=case.shop.frame.id)
    )
    assert "det kan ikke ses, før det bliver målt" in browser.get(sent.location).text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"in_force": "2025-13-01"}, "in_force"),
        ({"value_1": "-120"}, "value_1"),
        ({"flow_1": ""}, "flow_1"),
        ({"value_1": ""}, "value_1"),
        ({"investment": "-1"}, "investment"),
    ],
)
def test_errors_of_an_initiative_stand_at_their_field(
    case: Case, visit: SignIn, changes: dict[str, str], field: str
) -> None:
    page = visit(case.owner).post(f"/initiatives/new/{case.shop.site.id}", **initiative(case, **changes))
    assert page.status == 422
    assert f'href="#{field}"' in page.html


def test_a_second_change_s_error_stands_at_the_second_row(case: Case, visit: SignIn) -> None:
    changes = {"flow_1": "", "value_1": "", "flow_3": case.shop.flows["Stålstang"].id, "value_3": "-150"}
    page = visit(case.owner).post(f"/initiatives/new/{case.shop.site.id}", **initiative(case, **changes))
    assert 'href="#value_3"' in page.html


def test_an_initiative_is_withdrawn(case: Case, visit: SignIn) -> None:
    browser = visit(case.owner)
    sent = browser.post(f"/initiatives/new/{case.shop.site.id}", **initiative(case))
    path = sent.location.partition("?")[0]
    assert browser.post(f"{path}/withdraw").location == "/initiatives?done=initiative_withdrawn"
    assert "No initiative yet." in browser.get("/initiatives").text
    assert "Withdrawn" in browser.get(path).text


def test_the_company_s_dataset_is_filled_from_the_bills(case: Case, visit: SignIn) -> None:
    text = text_of(visit(case.owner).get("/organisation-dataset?year=2024"))
    assert "Waste generated 2.2 t TotalWasteGeneratedMass" in text
    assert "Scope 2, location-based 6.44 t GrossLocationBasedScope2GreenhouseGasEmissions" in text
    assert "120101: waste recycled or reused 2.2 t" in text
    assert "Water withdrawn at all sites is left out: nothing of it is booked (Værkstedet)." in text


def test_the_company_s_dataset_is_published_with_one_button(
    case: Case, visit: SignIn, worker: Exchange
) -> None:
    browser = visit(case.owner)
    shown = json.loads(browser.get("/organisation-dataset.json?year=2024").html)
    assert shown["indicators"]["TotalMassOfMaterialUsed"] == {"amount": "11", "unit": "TNE"}
    sent = browser.post("/organisation-dataset", year="2024")
    publication_id = sent.location.rpartition("/")[2]
    publish.sign_publication(worker.context(), publication_id)
    found = publish.get_publication(case.owner.ctx, publication_id)
    assert found.state == "published", found.problems


def test_the_company_s_dataset_is_signed_with_its_own_key(case: Case, visit: SignIn) -> None:
    browser, key = visit(case.owner), own_key(case.owner)
    page = browser.get("/organisation-dataset?year=2024")
    assert 'formaction="/organisation-dataset/publish/sign"' in page.html
    assert 'href="/organisation-dataset.json?year=2024" download="dataset.json"' in page.html
    assert "--kind organisation" in page.text and "Publish as signed dataset" not in page.text
    path, form = "/organisation-dataset/publish/sign", {"year": "2024", "kid": key.kid}
    sent = published_by(browser, browser.post(path, **form), key.private)
    assert "with its own key" in browser.get(sent).text
    create_site(case.owner.ctx, NewSite("Lageret"))
    asked = browser.post(path, **form)
    assert asked.status == 422 and 'href="#confirmed"' in asked.html
    assert browser.post(path, **form, confirmed="yes").status == 200
    assert browser.post(path, year="2024", kid="").status == 422


def test_a_year_without_a_calculation_says_what_to_do(case: Case, visit: SignIn) -> None:
    page = visit(case.owner).get("/organisation-dataset?year=2023")
    assert "No site is worked out for this calendar year." in page.text
    assert "Publish as signed dataset" not in page.text


def test_others_plans_are_not_there(case: Case, exchange: Exchange, visit: SignIn) -> None:
    owner = visit(case.owner)
    owner.post("/targets", **target(case))
    [view] = list_targets(case.owner.ctx)
    path = owner.post(f"/initiatives/new/{case.shop.site.id}", **initiative(case)).location.partition("?")[0]
    other = visit(factories.party(exchange.context(request_id="other"), "Fremmed ApS"))
    assert other.client.get(path).status_code == 404
    assert other.post(f"{path}/withdraw").status == 404
    assert other.client.get(f"/initiatives/new/{case.shop.site.id}").status_code == 404
    assert other.post(f"/targets/{view.id}/withdraw").status == 404
    assert other.post("/targets", **target(case)).status == 404
    assert other.client.get(f"/development?of=site:{case.shop.site.id}").status_code == 404
    assert "Nye skær" not in other.get("/initiatives").text
