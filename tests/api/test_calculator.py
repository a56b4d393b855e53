"""From bills to a signed dataset over the wire, on a year small enough to work out by hand.

One site, two products, everything spread by mass. Made in 2025: 10 000 brackets of 2 kg and 20 000 kg of plate, so each
product bears half. Bought: 100 MWh of grid electricity, 365 m3 of water, 40 t of steel; handed over: 4 t of turnings.
Half of that over 10 000 brackets: 5 kWh (18 MJ, at 0.135 kg CO2e per kWh 0.675 kg), 0.01825 m3, 2 kg of steel and
0.2 kg of waste each.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.services import publish
from tests import datasets
from tests.api.conftest import Caller, caller
from tests.api.test_problems import check_shape

YEAR = {"start": "2025-01-01", "end": "2026-01-01"}
IN_2025 = "?start=2025-01-01&end=2026-01-01"
ELECTRICITY = {
    "name": "Electricity",
    "detail": {"kind": "energy", "carrier": "electricity_grid"},
    "unit": "KWH",
}
WATER = {"name": "Water", "detail": {"kind": "water"}, "unit": "MTQ"}
STEEL = {
    "name": "Steel sheet",
    "detail": {"kind": "material", "post_consumer": "0.4", "country": "DE"},
    "unit": "TNE",
    "category": "steel-sheet",
}
TURNINGS = {
    "name": "Turnings",
    "detail": {"kind": "waste", "code": "120101", "treatment": "recycling", "operation": "R4"},
    "unit": "KGM",
}
Document = dict[str, Any]


def done(answer: Any, status: int = 200) -> Document:
    """The content of an answer that has this status."""
    assert answer.status_code == status, answer.text
    content: Document = answer.json
    return content


@dataclass(frozen=True)
class Works:
    """A caller's site with its two products and four flows, by name."""

    caller: Caller
    site_id: str
    products: dict[str, str]
    flows: dict[str, str]

    @classmethod
    def new(cls, caller: Caller) -> Works:
        """Set up over the wire."""
        site = done(caller.post("/sites", json={"name": "Aarhus", "postal_code": "8000"}), 201)
        works = cls(caller, site["id"], {}, {})
        for name, unit, mass in (("Bracket", "H87", "2"), ("Plate", "KGM", None)):
            new = {"supplier_product_id": name[0], "name": name, "unit": unit, "category": "steel-part"}
            works.products[name] = done(caller.post("/products", json=new), 201)["id"]
            made = works.put(f"products/{works.products[name]}", {"mass": mass})
            assert (made["number"], made["mass"], made["by_product"]) == (name[0], mass, None)
        for flow in (ELECTRICITY, WATER, STEEL, TURNINGS):
            works.flows[str(flow["name"])] = works.post("flows", flow)["id"]
        return works

    def post(self, path: str, body: Document) -> Document:
        """What was added below the site."""
        return done(self.caller.post(f"/sites/{self.site_id}/{path}", json=body), 201)

    def put(self, path: str, body: Document) -> Document:
        """What was set below the site."""
        return done(self.caller.put(f"/sites/{self.site_id}/{path}", json=body))

    def get(self, path: str) -> list[Document]:
        """The items of a list below the site."""
        items: list[Document] = done(self.caller.get(f"/sites/{self.site_id}/{path}"))["items"]
        return items

    def bill(self, flow: str, amount: str, unit: str, **more: Any) -> Document:
        """The content of a bill of the year."""
        quantity = {"amount": amount, "unit": unit}
        return {"flow_id": self.flows[flow], "period": YEAR, "amount": quantity, **more}

    def output(self, product: str, amount: str, unit: str, **more: Any) -> Document:
        """The content of a production record of the year."""
        quantity = {"amount": amount, "unit": unit}
        return {"product_id": self.products[product], "period": YEAR, "amount": quantity, **more}

    def fill(self) -> None:
        """Enter the year."""
        self.post("bills", self.bill("Electricity", "100", "MWH", number="E-1"))
        self.post("bills", self.bill("Water", "365", "MTQ"))
        self.post("bills", self.bill("Steel sheet", "40", "TNE"))
        self.post("bills", self.bill("Turnings", "4000", "KGM"))
        self.post("outputs", self.output("Bracket", "10000", "H87", revenue="400000"))
        self.post("outputs", self.output("Plate", "20000", "KGM"))

    def calculate(self) -> Document:
        """The year worked out."""
        return self.post("calculations", YEAR)


@pytest.fixture
def works(supplier: Caller) -> Works:
    """The supplier's site, nothing entered yet."""
    return Works.new(supplier)


def figures(of: Document, key: str = "own") -> dict[str, str]:
    """One member of every figure, by indicator."""
    return {figure["indicator"]: figure[key] for figure in of["figures"]}


def test_a_years_bills_become_the_five_figures_of_each_product(works: Works) -> None:
    works.fill()
    answer = works.caller.post(f"/sites/{works.site_id}/calculations", json=YEAR)
    calculation = done(answer, 201)
    assert answer.headers["Location"] == f"/api/v1/calculations/{calculation['id']}"
    assert (calculation["site_id"], calculation["period"]) == (works.site_id, YEAR)
    bracket, plate = calculation["products"]
    assert (bracket["name"], bracket["unit"], bracket["produced"]) == ("Bracket", "H87", "10000")
    assert figures(bracket) == {
        "resources": "2", "water": "0.01825", "co2e": "0.675", "energy": "18", "waste": "0.2",
    }  # fmt: skip
    # Half of everything over 20 000 kg of plate: half of a bracket's figures per kg.
    assert figures(plate) == {
        "resources": "1", "water": "0.009125", "co2e": "0.3375", "energy": "9", "waste": "0.1",
    }  # fmt: skip
    assert {figure["indicator"]: figure["own"] for figure in calculation["site"]} == {
        "resources": "40000", "water": "365", "co2e": "13500", "energy": "360000", "waste": "4000",
    }  # fmt: skip
    assert (calculation["rests"], calculation["without_output"]) == ([], [])
    assert [(one["key"], one["value"], one["unit"]) for one in calculation["factors"]] == [
        ("co2e.electricity_grid", "0.135", "KGM/KWH")
    ]
    shares = {"measured": "0", "allocated": "1", "secondary": "0", "unknown": "0"}
    assert bracket["figures"][1]["shares"] == shares  # water: billed for the site, spread by mass
    # The same bills give the calculation that is there.
    assert works.calculate() == calculation
    assert done(works.caller.get(f"/calculations/{calculation['id']}")) == calculation
    page = done(works.caller.get(f"/calculations?site_id={works.site_id}"))
    assert [one["id"] for one in page["items"]] == [calculation["id"]]


def test_a_figure_opens_to_its_bill_key_and_factor(works: Works) -> None:
    works.fill()
    calculation = works.calculate()
    bracket = works.products["Bracket"]
    opened = done(works.caller.get(f"/calculations/{calculation['id']}/figures/{bracket}/co2e"))
    assert (opened["product_id"], opened["figure"]["own"]) == (bracket, "0.675")
    (step,) = opened["steps"]
    (bill,) = step["bills"]
    assert (bill["number"], bill["amount"]) == ("E-1", {"amount": "100", "unit": "MWH"})
    assert bill["accounted"] == {"amount": "100000", "unit": "KWH"}
    assert step["key"] == {"name": "mass", "method": "mass"}
    (window,) = step["windows"]
    assert (window["weight"], window["whole"], window["amount"]) == ("20000", "40000", "50000")
    assert step["per_unit"] == {"amount": "5", "unit": "KWH"}
    effect = next(one for one in step["effects"] if one["column"] == "scope2_location")
    assert (effect["multiplier"], effect["effect"]["amount"]) == ("0.135", "0.675")
    site = done(works.caller.get(f"/calculations/{calculation['id']}/figures/site/waste"))
    assert (site["product_id"], site["figure"]["own"]) == (None, "4000")
    assert [one["flow"] for one in site["steps"]] == ["Turnings"]
    unknown = works.caller.get(f"/calculations/{calculation['id']}/figures/{works.flows['Water']}/co2e")
    assert unknown.status_code == 404


def test_an_own_factor_brings_the_part_before_the_gate_and_a_revision_says_what_it_changes(
    works: Works,
) -> None:
    works.fill()
    before = works.calculate()
    co2e = before["products"][0]["figures"][2]
    assert (co2e["total"], co2e["is_total_at_least"]) == ("0.675", True)
    own = {
        "key": "co2e_market.electricity_grid",
        "value": "0.5",
        "unit": "KGM/KWH",
        "source": "Contract with the electricity supplier, 2025",
        "year": 2025,
        "geography": "DK",
        "basis": "life_cycle",
        "gwp_set": "AR5",
        "valid_from": "2025-01-01",
        "valid_to": "2026-01-01",
    }
    assert done(works.caller.get(f"/calculations/{before['id']}/revision"))["is_current"]
    location = {**own, "key": "co2e.electricity_grid", "value": "0.2"}
    steel = {
        **own,
        "key": "co2e.material.steel_sheet",
        "basis": "supply_chain",
        "value": "2.1",
        "unit": "KGM/KGM",
    }
    added = [done(works.caller.post("/factors", json=row), 201) for row in (own, location, steel)]
    assert [one["origin"] for one in added] == ["own"] * 3
    listed = done(works.caller.get("/factors"))
    assert {one["id"] for one in listed["items"][:3]} == {one["id"] for one in added}
    assert listed["items"][3]["id"] is None
    # 5 kWh at 0.2 are 1 kg instead of 0.675; a kilogram of plate 0.5 instead of 0.3375.
    revision = done(works.caller.get(f"/calculations/{before['id']}/revision"))
    assert not revision["is_current"]
    (change,) = revision["factors"]
    assert (change["used"]["value"], change["new"]["value"]) == ("0.135", "0.2")
    assert [(one["name"], one["old"], one["new"]) for one in revision["figures"]] == [
        ("Bracket", "0.675", "1"),
        ("Plate", "0.3375", "0.5"),
    ]
    # 2 kg of steel at 2.1 kg bring 4.2 kg; nothing of the own effect is netted, for steel emits nothing at the site.
    after = works.calculate()["products"][0]["figures"][2]
    assert (after["own"], after["upstream_amount"], after["total"]) == ("1", "4.2", "5.2")
    assert not after["is_total_at_least"]
    for one in added:
        assert works.caller.delete(f"/factors/{one['id']}").status_code == 204
    assert works.caller.delete(f"/factors/{added[0]['id']}").status_code == 409
    assert works.calculate()["id"] == before["id"]


def test_one_button_publishes_the_draft(works: Works, worker: Exchange) -> None:
    works.fill()
    calculation, bracket = works.calculate(), works.products["Bracket"]
    path = f"/calculations/{calculation['id']}/products/{bracket}"
    draft = done(works.caller.get(f"{path}/draft"))
    assert draft["kind"] == "product"
    assert draft["subject"]["id"] == f"urn:uuid:{bracket}"
    assert draft["subject"]["indicators"]["co2e"]["own"] == {"amount": "0.675", "unit": "KGM"}
    assert done(works.caller.post("/dataset-previews", json=draft)) == {"problems": [], "warnings": []}
    answer = works.caller.post(f"{path}/publications")
    waiting = done(answer, 202)
    assert answer.headers["Location"] == f"/api/v1/publications/{waiting['id']}"
    publish.sign_publication(worker.context(), waiting["id"])
    published = done(works.caller.get(f"/publications/{waiting['id']}"))
    assert published["state"] == "published"
    read = done(works.caller.get(f"/datasets/{published['dataset_id']}"))
    assert read["subject"] == draft["subject"]
    again = done(works.caller.get(f"/calculations/{calculation['id']}"))
    assert [one["publication_id"] for one in again["products"]] == [waiting["id"], None]


def test_the_draft_signed_oneself_is_the_products_publication_too(works: Works) -> None:
    works.fill()
    calculation, bracket = works.calculate(), works.products["Bracket"]
    draft = done(works.caller.get(f"/calculations/{calculation['id']}/products/{bracket}/draft"))
    firm = works.caller.party
    token = datasets.token_of(firm, datasets.own_key(firm), draft["subject"])
    sent = {"data": token, "content_type": "application/vc+sd-jwt"}
    published = done(works.caller.post("/datasets", **sent), 201)
    again = done(works.caller.get(f"/calculations/{calculation['id']}"))
    (publication_id,) = [one["publication_id"] for one in again["products"] if one["id"] == bracket]
    found = done(works.caller.get(f"/publications/{publication_id}"))
    assert (found["state"], found["dataset_id"], found["job_id"]) == (
        "published",
        published["dataset_id"],
        None,
    )
    less = {name: draft["subject"][name] for name in ("id", "identity", "indicators", "quality")}
    preview = done(works.caller.post("/dataset-previews", json={"kind": "product", "subject": less}))
    assert preview["problems"] == []
    assert [(one["code"], one["path"]) for one in preview["warnings"]] == [
        ("dataset.loses", f"/{group}") for group in draft["subject"] if group not in less
    ]


def test_bills_are_listed_withdrawn_and_found_by_their_documents(works: Works) -> None:
    entered = works.post("bills", works.bill("Electricity", "100", "MWH", number="E-1", meter="M-1"))
    assert (entered["amount"], entered["period"]) == ({"amount": "100", "unit": "MWH"}, YEAR)
    credit = works.post("bills", works.bill("Electricity", "-5", "MWH", number="C-1", is_credit=True))
    assert credit["amount"]["amount"] == "5"
    water = works.post("bills", works.bill("Water", "365", "MTQ"))
    path = f"/bills/{entered['id']}/evidence?filename=scan.pdf"
    # SHA-256 of the three letters abc: FIPS 180-4, example B.1.
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    sent = {"data": b"abc", "content_type": "application/octet-stream"}
    assert done(works.caller.post(path, **sent)) == {"digest": digest}
    (found,) = done(works.caller.post("/evidence-checks", **sent))["items"]
    assert (found["id"], found["evidence"]) == (
        entered["id"],
        [{"digest": digest, "filename": "scan.pdf", "size": 3}],
    )
    changed = {**sent, "data": b"abd"}
    assert done(works.caller.post("/evidence-checks", **changed)) == {"items": []}
    assert {one["id"] for one in works.get(f"bills{IN_2025}")} == {entered["id"], credit["id"], water["id"]}
    of_water = works.get(f"bills{IN_2025}&flow_id={works.flows['Water']}")
    assert [one["id"] for one in of_water] == [water["id"]]
    withdrawn = done(works.caller.delete(f"/bills/{water['id']}"))
    assert withdrawn["withdrawn_at"] is not None
    assert works.get(f"bills{IN_2025}&flow_id={works.flows['Water']}") == []
    assert works.caller.delete(f"/bills/{water['id']}").status_code == 409


def test_a_sub_meters_reading_is_measured_and_only_the_rest_is_spread(works: Works) -> None:
    works.fill()
    # 40 of 100 MWh by the plate's own meter, 60 by mass: the bracket gets 30 000 kWh, 3 for each, 3 x 3.6 = 10.8 MJ.
    reading = {
        "flow_id": works.flows["Electricity"],
        "product_id": works.products["Plate"],
        "period": YEAR,
        "amount": {"amount": "40", "unit": "MWH"},
    }
    entered = works.post("readings", reading)
    assert works.get(f"readings{IN_2025}") == [entered]
    bracket, plate = works.calculate()["products"]
    assert figures(bracket)["energy"] == "10.8"
    # (40 000 + 30 000) / 20 000 = 3.5 kWh, 12.6 MJ; 40 of 70 MWh are measured, to four digits 0.5714.
    energy = plate["figures"][3]
    assert energy["own"] == "12.6"
    shares = {"measured": "0.5714", "allocated": "0.4286", "secondary": "0", "unknown": "0"}
    assert energy["shares"] == shares
    assert done(works.caller.delete(f"/readings/{entered['id']}"))["withdrawn_at"] is not None
    assert works.get(f"readings{IN_2025}") == []


def test_a_key_of_stated_shares_leaves_a_visible_rest(works: Works) -> None:
    works.fill()
    assert [one["name"] for one in works.get("spreading-keys")] == [
        "economic", "machine_hours", "mass", "metered", "pieces",
    ]  # fmt: skip
    key = {"name": "Laser", "method": "shares", "shares": {works.products["Bracket"]: "0.6"}}
    added = works.post("spreading-keys", key)
    assert added["shares"] == key["shares"]
    flow = done(works.caller.put(f"/flows/{works.flows['Electricity']}/key", json={"key_id": added["id"]}))
    assert flow["key_id"] == added["id"]
    calculation = works.calculate()
    # 60 000 kWh over 10 000 brackets: 6 kWh, 21.6 MJ; the plate gets nothing, 40 000 kWh are nobody's.
    assert figures(calculation["products"][0])["energy"] == "21.6"
    assert calculation["rests"] == [
        {"flow": "Electricity", "amount": "40000", "site_amount": "100000", "unit": "KWH"}
    ]
    changed = {**key, "shares": {works.products["Bracket"]: "0.5", works.products["Plate"]: "0.5"}}
    assert (
        done(works.caller.put(f"/spreading-keys/{added['id']}", json=changed))["shares"] == changed["shares"]
    )
    over = {**key, "shares": {works.products["Bracket"]: "10"}}
    refused = check_shape(works.caller.put(f"/spreading-keys/{added['id']}", json=over))
    assert (refused["status"], refused["code"]) == (422, "key.above_whole")


def test_a_by_product_says_what_it_comes_out_of(works: Works) -> None:
    by_product = {
        "process_id": works.products["Bracket"],
        "rule": "subdivision",
        "share": "0.08",
        "waste_code": "120101",
        "terms": "gives",
    }
    path = f"products/{works.products['Plate']}"
    made = works.put(path, {"by_product": by_product})
    assert made["by_product"] == {**by_product, "processed_before_sale": False}
    assert works.get("products")[1] == made
    assert works.put(path, {})["by_product"] is None


def test_sites_and_flows_are_read_back_as_entered(works: Works) -> None:
    site = done(works.caller.get(f"/sites/{works.site_id}"))
    assert (site["name"], site["country"], site["is_water_stressed"]) == ("Aarhus", "DK", False)
    changed = done(works.caller.put(f"/sites/{works.site_id}", json={"name": "Aarhus Nord", "country": "DK"}))
    assert done(works.caller.get("/sites")) == {"items": [changed]}
    flows = {one["name"]: one for one in works.get("flows")}
    steel = flows["Steel sheet"]
    assert (steel["unit"], steel["category"]) == ("KGM", "steel-sheet")  # what has mass is accounted in kg
    assert steel["detail"] == {
        "kind": "material", "mass": None, "pre_consumer": "0", "post_consumer": "0.4", "bio_based": "0",
        "is_by_product": False, "level": "", "country": "DE", "supplier": "",
    }  # fmt: skip
    assert flows["Turnings"]["detail"] == TURNINGS["detail"]
    assert works.post("flows", ELECTRICITY)["id"] == works.flows["Electricity"]  # the same thing is one flow
    filled = done(works.caller.put(f"/flows/{steel['id']}/input", json={"category": "coil"}))
    assert filled["category"] == "coil"


def test_the_companys_years_and_price_indices_are_set_and_set_anew(supplier: Caller) -> None:
    year = {"year": 2025, "value_added": "5200000", "turnover": "14000000.5", "employees": "24.5"}
    done(supplier.post("/company-years", json={"year": 2025, "value_added": "-1", "is_proxy": True}))
    done(supplier.post("/company-years", json=year))
    (stored,) = done(supplier.get("/company-years"))["items"]
    stored.pop("changed_at")
    assert stored == {**year, "is_proxy": False}
    index = {
        "branch": "CH",
        "year": 2025,
        "index": "108.4",
        "base_year": 2020,
        "source": "National accounts, table of price indices",
        "edition": "2026-06",
    }
    done(supplier.post("/deflators", json={**index, "index": "107"}))
    done(supplier.post("/deflators", json=index))
    own = [one for one in done(supplier.get("/deflators"))["items"] if one["origin"] == "own"]
    assert [(one["branch"], one["index"]) for one in own] == [("CH", "108.4")]


def test_another_sites_or_organisations_things_are_not_found_in_a_body(
    works: Works, customer: Caller
) -> None:
    theirs = Works.new(customer)
    other = Works(works.caller, done(works.caller.post("/sites", json={"name": "Vejle"}), 201)["id"], {}, {})
    foreign_product = {**works.output("Plate", "1", "KGM"), "product_id": theirs.products["Plate"]}
    foreign_key = {"key_id": theirs.post("spreading-keys", {"name": "K", "method": "mass"})["id"]}
    by_product = {"process_id": theirs.products["Bracket"], "rule": "physical"}
    for method, path, body in (
        ("POST", f"/sites/{works.site_id}/bills", theirs.bill("Water", "1", "MTQ")),
        ("POST", f"/sites/{other.site_id}/bills", works.bill("Water", "1", "MTQ")),
        ("POST", f"/sites/{works.site_id}/outputs", foreign_product),
        ("PUT", f"/sites/{works.site_id}/products/{theirs.products['Plate']}", {}),
        ("PUT", f"/sites/{works.site_id}/products/{works.products['Plate']}", {"by_product": by_product}),
        ("PUT", f"/flows/{works.flows['Water']}/key", foreign_key),
        ("POST", f"/sites/{works.site_id}/flows", {**WATER, "name": "Well", **foreign_key}),
    ):
        assert works.caller._send(method, path, {"json": body}).status_code == 404, path


def test_a_viewer_reads_and_enters_nothing(works: Works) -> None:
    works.fill()
    calculation = works.calculate()
    party, client = works.caller.party, works.caller.client
    viewer, editor = (caller(party.ctx, client, role, party=party) for role in (Role.VIEWER, Role.EDITOR))
    assert viewer.get(f"/calculations/{calculation['id']}").status_code == 200
    assert (
        viewer.post(f"/sites/{works.site_id}/bills", json=works.bill("Water", "1", "MTQ")).status_code == 403
    )
    path = f"/calculations/{calculation['id']}/products/{works.products['Bracket']}"
    assert viewer.get(f"{path}/draft").status_code == 403
    assert editor.get(f"{path}/draft").status_code == 200
    assert editor.post(f"{path}/publications").status_code == 403


def test_the_template_comes_in_both_languages_and_formats_with_the_sites_products(works: Works) -> None:
    text = works.caller.get("/account-template?language=en&format=csv")
    assert (text.status_code, text.mimetype) == (200, "text/csv")
    assert text.headers["Content-Disposition"] == 'attachment; filename="account.csv"'
    assert b"Product" in text.data
    workbook = works.caller.get(f"/account-template?site_id={works.site_id}&year=2025")
    assert workbook.headers["Content-Disposition"] == 'attachment; filename="regnskab-2025.xlsx"'
    cells = [cell for sheet in load_workbook(BytesIO(workbook.data)) for row in sheet.values for cell in row]
    assert {"Bracket", "Plate"} <= set(cells)
    for query, code in (
        ("language=fr", "field.value"),
        ("format=pdf", "field.value"),
        ("year=0", "field.value"),
    ):
        refused = check_shape(works.caller.get(f"/account-template?{query}"))
        assert (refused["status"], refused["code"]) == (422, code)
    unknown = works.caller.get(f"/account-template?site_id={works.flows['Water']}")
    assert unknown.status_code == 404


def test_a_delivery_that_was_metered_has_a_dataset_of_its_own(works: Works, customer: Caller) -> None:
    works.fill()
    reading = works.bill("Electricity", "300", "KWH", delivery="Order 7")
    works.post("readings", {**reading, "product_id": works.products["Bracket"]})
    calculation = works.calculate()
    path = f"/calculations/{calculation['id']}"
    (named,) = done(works.caller.get(f"{path}/deliveries"))["items"]
    assert (named["delivery"], named["product_name"]) == ("Order 7", "Bracket")
    assert named["flows"] == [{"name": "Electricity", "amount": "300", "unit": "KWH", "is_spread_too": True}]
    order = {
        "delivery": "Order 7",
        "recipient_id": customer.party.id,
        "quantity": {"amount": "100", "unit": "H87"},
        "window": {"start": "2025-05-01", "end": "2025-05-02"},
    }
    below = f"{path}/products/{works.products['Bracket']}/deliveries"
    draft = done(works.caller.post(f"{below}/draft", json=order))
    # 300 kWh / 100 = 3 kWh each: x 3.6 = 10.8 MJ, x 0.135 = 0.405 kg
    assert draft["kind"] == "delivery"
    assert draft["subject"]["indicators"]["energy"]["own"]["amount"] == "10.8"
    assert draft["subject"]["indicators"]["co2e"]["own"]["amount"] == "0.405"
    waiting = done(works.caller.post(f"{below}/publications", json=order), 202)
    assert (waiting["kind"], waiting["state"]) == ("delivery", "waiting")
    unknown = works.caller.post(f"{below}/draft", json={**order, "delivery": "Order 8"})
    check_shape(unknown)
    assert (unknown.status_code, unknown.json["code"]) == (422, "delivery.unknown")
