"""What a wrong entry into a site's account gets: a code, a place and words, and nothing stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from exchange.bootstrap import Exchange
from tests.api.conftest import Caller
from tests.api.test_bad_input import stored
from tests.api.test_calculator import ELECTRICITY, IN_2025, TURNINGS, YEAR, Document, Works, done
from tests.api.test_problems import check_shape

FACTOR = {
    "key": "co2e.material.steel_sheet",
    "value": "2.1",
    "unit": "KGM/KGM",
    "source": "Declaration of the steel mill, 2025",
    "year": 2025,
    "geography": "DE",
    "basis": "supply_chain",
    "gwp_set": "AR6",
    "valid_from": "2025-01-01",
}
DEFLATOR = {
    "branch": "CH",
    "year": 2025,
    "index": "108.4",
    "base_year": 2020,
    "source": "National accounts, price indices",
    "edition": "2026-06",
}


@pytest.fixture
def works(supplier: Caller) -> Works:
    """A site with a bill of electricity, a production record and a reading of the year."""
    made = Works.new(supplier)
    made.post("bills", made.bill("Electricity", "100", "MWH", meter="M-1"))
    made.post("outputs", made.output("Plate", "20000", "KGM"))
    made.post("readings", reading(made))
    return made


def reading(works: Works, **changed: Any) -> Document:
    """40 MWh of the plate's own."""
    flow, product = works.flows["Electricity"], works.products["Plate"]
    amount = {"amount": "40", "unit": "MWH"}
    return {"flow_id": flow, "product_id": product, "period": YEAR, "amount": amount, **changed}


def bill(
    amount: str = "1", unit: str = "MWH", flow: str = "Electricity", **more: Any
) -> Callable[[Works], Document]:
    """A bill of another meter, changed somewhere."""
    return lambda works: works.bill(flow, amount, unit, **{"meter": "M-2", **more})


def output(
    amount: str = "1", unit: str = "H87", product: str = "Bracket", **more: Any
) -> Callable[[Works], Document]:
    """A production record, changed somewhere."""
    return lambda works: works.output(product, amount, unit, **more)


BACKWARDS = {"start": "2026-01-01", "end": "2025-01-01"}
FEBRUARY_30 = {"start": "2025-02-30", "end": "2025-03-01"}
CENTURY = {"start": "2205-01-01", "end": "2206-01-01"}
REFUSED: list[tuple[str, Document | Callable[[Works], Document], str, str]] = [
    ("bills", bill("-1"), "bill.negative", "/amount"),
    ("bills", bill("1e3"), "quantity.amount", "/amount/amount"),
    ("bills", bill("1,5"), "quantity.amount", "/amount/amount"),
    ("bills", bill(unit="GJ"), "unit.unknown", "/amount/unit"),
    ("bills", bill(unit="KGM"), "unit.dimension", "/amount"),
    ("bills", bill("9" * 41), "field.value", "/amount/amount"),
    ("bills", bill(period=BACKWARDS), "period.order", ""),
    ("bills", bill(period=FEBRUARY_30), "field.value", "/period/start"),
    ("bills", bill(period=CENTURY), "period.range", "/period"),
    ("bills", bill(meter="M-1"), "bill.overlap", "/period"),
    ("bills", bill(meter="a\nb"), "bill.text", "/meter"),
    ("bills", bill(calorific_value="11.9"), "bill.calorific_value", "/calorific_value"),
    ("bills", bill(colour="red"), "field.unknown", "/colour"),
    ("bills", bill(heating_value="middle"), "field.value", "/heating_value"),
    ("bills", bill(is_credit="yes"), "field.type", "/is_credit"),
    ("readings", reading, "reading.overlap", "/period"),
    ("readings", lambda works: reading(works, amount={"amount": "-1", "unit": "KWH"}), "meter.backwards", "/amount"),
    ("outputs", output("-1"), "output.negative", "/amount"),
    ("outputs", output(unit="KWH"), "unit.dimension", "/amount/unit"),
    ("outputs", output("1", "KGM", "Plate"), "output.overlap", "/period"),
    ("outputs", output(machine_hours="-1"), "output.machine_hours", "/machine_hours"),
    ("flows", {**TURNINGS, "detail": {**TURNINGS["detail"], "code": "999999"}}, "waste.code", "/detail/code"),
    ("flows", {**ELECTRICITY, "detail": {"kind": "energy", "carrier": "steam2"}}, "flow.carrier", "/detail/carrier"),
    ("flows", {**ELECTRICITY, "detail": {"kind": "noise"}}, "field.value", "/detail"),
    ("flows", {**ELECTRICITY, "unit": "X"}, "unit.unknown", "/unit"),
    ("flows", {**ELECTRICITY, "category": "Not a code"}, "flow.category", "/category"),
    ("spreading-keys", {"name": "mass", "method": "mass"}, "key.exists", "/name"),
    ("spreading-keys", {"name": "K", "method": "shares", "shares": {}}, "key.shares", "/shares"),
    ("calculations", {"start": "2024-01-01", "end": "2025-01-01"}, "account.empty", ""),
    ("calculations", {"start": "2025-01-01"}, "field.missing", "/end"),
]  # fmt: skip


NAMES = [f"{number}-{path}-{code}" for number, (path, _, code, _) in enumerate(REFUSED)]


@pytest.mark.parametrize(("path", "body", "code", "place"), REFUSED, ids=NAMES)
def test_a_wrong_entry_is_refused_with_its_code_and_place_and_stores_nothing(
    exchange: Exchange,
    works: Works,
    path: str,
    body: Document | Callable[[Works], Document],
    code: str,
    place: str,
) -> None:
    before = stored(exchange)
    sent = body(works) if callable(body) else body
    document = check_shape(works.caller.post(f"/sites/{works.site_id}/{path}", json=sent))
    assert (document["code"], document["path"]) == (code, place)
    assert document["status"] == (409 if code.endswith(".exists") else 422)
    assert stored(exchange) == before


def test_a_bill_a_thousand_times_too_large_is_a_question_and_not_silent(
    exchange: Exchange, works: Works
) -> None:
    odd = works.bill("Electricity", "100000", "MWH", meter="M-2")
    document = check_shape(works.caller.post(f"/sites/{works.site_id}/bills", json=odd))
    assert (document["status"], document["code"]) == (422, "bill.implausible")
    assert works.post("bills", {**odd, "is_confirmed": True})["is_confirmed"] is True


@pytest.mark.parametrize(
    ("path", "body", "code", "place"),
    [
        ("/factors", {**FACTOR, "key": "co2e.happiness"}, "factor.key", "/key"),
        ("/factors", {**FACTOR, "unit": "KGM"}, "factor.unit", "/unit"),
        ("/factors", {**FACTOR, "unit": "KGM/GJ"}, "unit.unknown", "/unit"),
        ("/factors", {**FACTOR, "unit": "KGM/KWH"}, "factor.unit", "/unit"),
        ("/factors", {**FACTOR, "source": "mill"}, "factor.source", "/source"),
        ("/factors", {**FACTOR, "gwp_set": "AR4"}, "factor.gwp_set", "/gwp_set"),
        ("/factors", {**FACTOR, "value": "0.1e3"}, "quantity.amount", "/value"),
        ("/deflators", {**DEFLATOR, "index": "0"}, "deflator.index", "/index"),
        ("/deflators", {**DEFLATOR, "branch": "XX"}, "deflator.branch", "/branch"),
        ("/company-years", {"year": 20255}, "year.range", "/year"),
        ("/company-years", {"year": 2025, "employees": "-1"}, "year.employees", "/employees"),
        ("/sites", {"name": "W", "p_number": "12"}, "id.p_number", "/p_number"),
        ("/sites", {"name": "W", "country": "dk"}, "country.invalid", "/country"),
        ("/sites", {"name": " "}, "field.value", "/name"),
    ],
)  # fmt: skip
def test_a_wrong_statement_of_the_company_is_refused_and_stores_nothing(
    exchange: Exchange, supplier: Caller, path: str, body: Document, code: str, place: str
) -> None:
    before = stored(exchange)
    document = check_shape(supplier.post(path, json=body))
    assert (document["status"], document["code"], document["path"]) == (422, code, place)
    assert stored(exchange) == before


def test_a_product_made_of_nothing_or_sharing_too_much_is_refused(exchange: Exchange, works: Works) -> None:
    before = stored(exchange)
    process = {"process_id": works.products["Bracket"], "rule": "subdivision", "share": "10"}
    good = {**process, "share": "0.1"}
    itself = {**good, "process_id": works.products["Plate"]}
    for body, code, place in (
        ({"mass": "0"}, "product.mass", "/mass"),
        ({"mass": "two"}, "quantity.amount", "/mass"),
        ({"by_product": process}, "coproduct.share", "/by_product/share"),
        ({"by_product": {**good, "terms": "lends"}}, "coproduct.terms", "/by_product/terms"),
        ({"by_product": {**good, "waste_code": "999999"}}, "waste.code", "/by_product/waste_code"),
        ({"by_product": itself}, "coproduct.process", "/by_product/process_id"),
    ):
        path = f"/sites/{works.site_id}/products/{works.products['Plate']}"
        document = check_shape(works.caller.put(path, json=body))
        assert (document["status"], document["code"], document["path"]) == (422, code, place)
    assert stored(exchange) == before


@pytest.mark.parametrize(
    ("query", "code", "place"),
    [
        ("", "input.invalid", "/start"),
        ("?start=2025-01-01", "field.missing", "/end"),
        ("?start=2025-02-30&end=2026-01-01", "date.invalid", "/start"),
        ("?start=0&end=1", "input.invalid", "/start"),
        ("?start=2026-01-01&end=2025-01-01", "period.order", ""),
        (f"{IN_2025}&colour=red", "field.unknown", "/colour"),
    ],
)
def test_a_list_needs_two_days_of_the_calendar(works: Works, query: str, code: str, place: str) -> None:
    for path in ("bills", "readings", "outputs"):
        document = check_shape(works.caller.get(f"/sites/{works.site_id}/{path}{query}"))
        assert (document["status"], document["code"], document["path"]) == (422, code, place)


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        (b"", "application/octet-stream", 422, "evidence.empty"),
        (b"scan", "application/pdf", 415, "body.media_type"),
    ],
)
def test_a_document_that_is_none_is_refused(
    works: Works, data: bytes, content_type: str, status: int, code: str
) -> None:
    entered = works.get(f"bills{IN_2025}")[0]
    for path in (f"/bills/{entered['id']}/evidence", "/evidence-checks"):
        answer = works.caller.post(path, data=data, content_type=content_type)
        assert (answer.status_code, check_shape(answer)["code"]) == (status, code)


def test_a_document_over_the_limit_is_413(works: Works) -> None:
    most = works.caller.party.ctx.settings.max_import_bytes
    sent = {"data": b"x" * (most + 1), "content_type": "application/octet-stream"}
    answer = works.caller.post("/evidence-checks", **sent)
    assert (answer.status_code, check_shape(answer)["code"]) == (413, "body.too_large")


def test_a_product_of_which_nothing_was_made_has_no_draft(works: Works) -> None:
    works.post("outputs", works.output("Bracket", "0", "H87"))
    works.post("readings", reading(works, product_id=works.products["Bracket"]))  # its trial runs
    calculation = works.calculate()
    assert calculation["without_output"] == [works.products["Bracket"]]
    path = f"/calculations/{calculation['id']}/products/{works.products['Bracket']}/draft"
    answer = works.caller.get(path)
    assert (answer.status_code, check_shape(answer)["code"]) == (422, "calculation.no_figures")
    foreign = works.caller.get(f"/calculations/{calculation['id']}/products/{works.flows['Water']}/draft")
    assert foreign.status_code == 404


def test_an_account_is_handed_in_for_a_site(works: Works, customer: Caller) -> None:
    sent = {"data": b"Sheet;Amount\nx;1\n", "content_type": "text/csv"}
    taken = done(works.caller.post(f"/imports?source=account&site_id={works.site_id}", **sent), 202)
    assert (taken["state"], taken["site_id"], taken["known_count"]) == ("waiting", works.site_id, 0)
    assert done(works.caller.get(f"/imports/{taken['id']}")) == taken
    for query, status, code in (
        ("source=account", 422, "import.site"),
        (f"source=deliveries&site_id={works.site_id}", 422, "import.site"),
    ):
        answer = works.caller.post(f"/imports?{query}", **sent)
        assert (answer.status_code, check_shape(answer)["code"]) == (status, code)
    assert customer.post(f"/imports?source=account&site_id={works.site_id}", **sent).status_code == 404
