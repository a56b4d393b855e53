"""Years compared over the wire, on one site that makes 1 000 kg a year out of water alone, worked out by hand.

Water: 500 m3 in 2024, 400 m3 in 2025. Value added: 1 000 000 DKK in 2024 and 1 188 000 DKK in 2025, with prices up by
8 % 1 100 000 DKK in those of 2024.
"""

from __future__ import annotations

import pytest

from exchange.bootstrap import Exchange
from exchange.services import publish
from tests.api.conftest import Caller
from tests.api.test_calculator import WATER, Document, done
from tests.api.test_problems import check_shape
from tests.api.test_tenants import UNKNOWN


@pytest.fixture
def site_id(supplier: Caller) -> str:
    """The site with both years worked out."""
    site = done(supplier.post("/sites", json={"name": "Works"}), 201)["id"]
    new = {"supplier_product_id": "B", "name": "Brick", "unit": "KGM", "category": "brick"}
    product = done(supplier.post("/products", json=new), 201)["id"]
    flow = done(supplier.post(f"/sites/{site}/flows", json=WATER), 201)["id"]
    for year, water, value_added in ((2024, "500", "1000000"), (2025, "400", "1188000")):
        period = {"start": f"{year}-01-01", "end": f"{year + 1}-01-01"}
        bill = {"flow_id": flow, "period": period, "amount": {"amount": water, "unit": "MTQ"}}
        output = {"product_id": product, "period": period, "amount": {"amount": "1000", "unit": "KGM"}}
        done(supplier.post(f"/sites/{site}/bills", json=bill), 201)
        done(supplier.post(f"/sites/{site}/outputs", json=output), 201)
        done(supplier.post(f"/sites/{site}/calculations", json=period), 201)
        done(supplier.post("/company-years", json={"year": year, "value_added": value_added}))
    index = {"branch": "CH", "year": 2025, "index": "108", "base_year": 2024, "edition": "2026-06"}
    done(supplier.post("/deflators", json={**index, "source": "National accounts, price indices"}))
    return str(site)


def target(caller: Caller, **changed: object) -> Document:
    """Two fifths less water in 2028 than in 2024."""
    return {
        "indicator": "water",
        "measure": "absolute",
        "base_year": 2024,
        "target_year": 2028,
        "reduction": "0.4",
        "subject": {"level": "organisation", "id": caller.party.id},
        **changed,
    }


def test_a_year_is_compared_with_the_base_year_in_constant_prices(supplier: Caller, site_id: str) -> None:
    found = done(supplier.get(f"/development?site_id={site_id}"))
    assert (found["base_year"], found["in_current_prices"], found["without"]) == (2024, [], [])
    rows = {row["year"]: row for row in found["items"] if row["indicator"] == "water"}
    assert (rows[2024]["absolute"], rows[2024]["against_base"]["effect_index"]) == ("500", "100")
    now = rows[2025]
    assert (now["subject"], now["name"], now["unit"]) == ({"level": "site", "id": site_id}, "Works", "MTQ")
    # 1 100 000 DKK / 400 m3; against 2 000 DKK per m3 in 2024.
    assert (now["absolute"], now["productivity"]["value"]) == ("400", "2750")
    assert now["productivity"]["price_basis"] == "constant"
    against = now["against_base"]
    assert (against["effect_index"], against["productivity_index"]) == ("80", "137.5")
    assert (against["decoupling"], against["hindrance"], against["changes"]) == ("absolute", None, [])
    levels = {row["subject"]["level"] for row in done(supplier.get("/development"))["items"]}
    assert levels == {"organisation", "site", "product"}


def test_a_target_says_how_far_it_has_come(supplier: Caller, site_id: str) -> None:
    set_now = done(supplier.post("/targets", json=target(supplier)), 201)
    assert done(supplier.get("/targets")) == {"items": [set_now]}
    progress = set_now["progress"]
    # 500 to 300 m3 in four years: 450 are expected in the first, 100 of the 200 are done.
    assert (progress["base"], progress["needed"], progress["latest"]) == ("500", "300", "400")
    assert (progress["expected"], progress["achieved"], progress["on_track"]) == ("450", "0.5", True)
    assert supplier.post("/targets", json=target(supplier)).status_code == 409
    assert supplier.delete(f"/targets/{set_now['id']}").status_code == 204
    assert done(supplier.get("/targets")) == {"items": []}


def test_a_target_without_a_figure_says_what_is_in_the_way(supplier: Caller, site_id: str) -> None:
    answer = supplier.post("/targets", json=target(supplier, indicator="co2e"))
    progress = done(answer, 201)["progress"]
    assert (progress["achieved"], progress["obstacle"]) == (None, "no_base_figure")


@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"target_year": 2024}, "target.years", "/target_year"),
        ({"reduction": "30"}, "target.reduction", "/reduction"),
        ({"reduction": "thirty"}, "quantity.amount", "/reduction"),
        ({"indicator": "noise"}, "field.value", "/indicator"),
    ],
)
def test_a_wrong_target_is_refused(supplier: Caller, changed: Document, code: str, path: str) -> None:
    document = check_shape(supplier.post("/targets", json=target(supplier, **changed)))
    assert (document["status"], document["code"], document["path"]) == (422, code, path)


def test_development_and_targets_of_others_are_not_found(
    supplier: Caller, customer: Caller, site_id: str
) -> None:
    assert customer.get(f"/development?site_id={site_id}").status_code == 404
    assert done(customer.get("/development"))["items"] == []
    for subject in ({"level": "site", "id": site_id}, {"level": "organisation", "id": supplier.party.id}):
        assert customer.post("/targets", json=target(customer, subject=subject)).status_code == 404


def initiative(caller: Caller, site_id: str, **changed: object) -> Document:
    """A closed circuit from 2025 on: 12 % less water, paid for with 120 000 DKK and 40 000 DKK saved a year."""
    (flow,) = done(caller.get(f"/sites/{site_id}/flows"))["items"]
    return {
        "title": "Closed cooling circuit",
        "effort": "investment",
        "in_force": "2025-01-01",
        "place": {"site": site_id, "flows": [flow["id"]]},
        "motive": "customer_demands",
        "changes": [{"flow": flow["id"], "kind": "relative", "value": "-0.12"}],
        "investment": "120000",
        "saving": "40000",
        "customer_demand": "Half the water by 2030",
        **changed,
    }


def test_an_initiative_tells_what_was_expected_and_what_was_seen(supplier: Caller, site_id: str) -> None:
    added = done(supplier.post("/initiatives", json=initiative(supplier, site_id)), 201)
    assert (added["payback_years"], added["changes"][0]["value"]) == ("3", "-0.12")
    assert done(supplier.get(f"/initiatives/{added['id']}")) == added
    assert done(supplier.get(f"/initiatives?site_id={site_id}")) == {"items": [added]}
    found = done(supplier.get(f"/initiatives/{added['id']}/effects"))
    assert found["initiative"] == added
    expected = {one["indicator"]: one for one in found["expected"]["effects"]}
    # 12 % of the 500 m3 of 2024, the twelve months before.
    assert found["expected"]["period"] == {"start": "2024-01-01", "end": "2025-01-01"}
    assert (expected["water"]["change"], expected["water"]["share"]) == ("-60", "-0.12")
    observed = {one["indicator"]: one for one in found["observed"]["effects"]}
    water = observed["water"]
    # The same 1 000 kg of the same product were made: all 100 m3 less are less per kilogram.
    assert (water["state"], water["total_change"]) == ("seen", "-100")
    assert water["naming"] == "change_where_it_applies"
    changed = {cause: amount for cause, amount in water["by_cause"].items() if amount != "0"}
    assert changed == {"intensity_where": "-100"}
    assert (observed["energy"]["state"], observed["energy"]["reason"]) == ("unseen", "not_used")
    assert done(supplier.delete(f"/initiatives/{added['id']}"))["withdrawn_at"] is not None
    assert done(supplier.get("/initiatives")) == {"items": []}
    assert supplier.delete(f"/initiatives/{added['id']}").status_code == 409


@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"investment": "-1"}, "initiative.investment", "/investment"),
        ({"saving": "much"}, "quantity.amount", "/saving"),
        ({"effort": "luck"}, "field.value", "/effort"),
        ({"changes": [{"flow": UNKNOWN, "kind": "relative", "value": "-2"}]}, "initiative.flow", "/changes/0/flow"),
    ],
)  # fmt: skip
def test_a_wrong_initiative_is_refused(
    supplier: Caller, site_id: str, changed: Document, code: str, path: str
) -> None:
    answer = supplier.post("/initiatives", json=initiative(supplier, site_id, **changed))
    document = check_shape(answer)
    assert (document["status"], document["code"], document["path"]) == (422, code, path)


def test_the_year_fills_the_organisations_dataset(supplier: Caller, site_id: str, worker: Exchange) -> None:
    drafted = done(supplier.get("/organisation-draft?year=2025"))
    assert (drafted["kind"], drafted["without"]) == ("organisation", [])
    subject = drafted["subject"]
    water = {"amount": "400", "unit": "MTQ"}
    assert subject["indicators"] == {"TotalAmountOfWaterWithdrawnFromAllSites": water}
    assert subject["commercial"]["value_added"]["amount"] == "1188000"
    lacking = {one["datapoint"]: (one["kind"], one["names"], one["is_left_out"]) for one in drafted["lacks"]}
    assert lacking["indicators/TotalEnergyConsumption"] == ("nothing_booked", ["Works"], True)
    content = {"kind": drafted["kind"], "subject": subject}
    assert done(supplier.post("/dataset-previews", json=content)) == {"problems": [], "warnings": []}
    waiting = done(supplier.post("/organisation-publications", json={"year": 2025}), 202)
    publish.sign_publication(worker.context(), waiting["id"])
    published = done(supplier.get(f"/publications/{waiting['id']}"))
    assert done(supplier.get(f"/datasets/{published['dataset_id']}"))["subject"] == subject


def test_a_year_without_a_site_is_published_only_when_that_is_confirmed(
    supplier: Caller, site_id: str
) -> None:
    done(supplier.post("/sites", json={"name": "Store"}), 201)
    assert done(supplier.get("/organisation-draft?year=2025"))["without"] == ["Store"]
    refused = check_shape(supplier.post("/organisation-publications", json={"year": 2025}))
    assert (refused["status"], refused["code"]) == (422, "organisation.site_missing")
    done(supplier.post("/organisation-publications", json={"year": 2025, "is_confirmed": True}), 202)
    nothing = check_shape(supplier.get("/organisation-draft?year=2023"))
    assert (nothing["status"], nothing["code"]) == (422, "organisation.no_calculation")
    assert check_shape(supplier.get("/organisation-draft"))["code"] == "field.missing"
