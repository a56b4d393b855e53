"""What bad input gets: a clear problem with a stable code, and nothing stored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlmodel import select

from exchange.bootstrap import Exchange
from exchange.services.context import Context
from exchange.store.tables.accounts import OrganisationRow
from exchange.store.tables.calculations import CalculationRow, OwnDeflatorRow, OwnFactorRow
from exchange.store.tables.datasets import DatasetRow, ProductRow, PublicationRow
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.log import LogPendingRow
from exchange.store.tables.requests import GrantRow, RequestRow
from exchange.store.tables.sites import (
    BillRow,
    CompanyYearRow,
    FlowRow,
    OutputRow,
    ReadingRow,
    SiteProductRow,
    SiteRow,
    SpreadingKeyRow,
)
from exchange.trust import did_key, did_key_kid
from exchange.trust.keys import new_private_key
from tests import datasets, factories
from tests.api.conftest import Caller
from tests.api.test_problems import check_shape

TABLES = (
    ProductRow,
    DatasetRow,
    PublicationRow,
    JobRow,
    GrantRow,
    RequestRow,
    LogPendingRow,
    OrganisationRow,
    SiteRow,
    SiteProductRow,
    FlowRow,
    SpreadingKeyRow,
    BillRow,
    ReadingRow,
    OutputRow,
    CompanyYearRow,
    OwnFactorRow,
    OwnDeflatorRow,
    CalculationRow,
)
JSON = "application/json"
SD_JWT = "application/vc+sd-jwt"
PRODUCT = b'{"supplier_product_id":"P","name":"Bracket","unit":"KGM","category":"steel-part"'


def stored(exchange: Exchange) -> dict[str, int]:
    """How many rows each table holds."""
    with exchange.store.read() as session:
        return {table.__name__: len(session.exec(select(table)).all()) for table in TABLES}


def signed(who: Caller, key: datasets.OwnKey, subject: dict[str, Any]) -> str:
    """A token made just now."""
    return datasets.signed(key, subject, at=who.party.ctx.now()).serialise()


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (PRODUCT + b',"name":"Again"}', 400, "json.duplicate_key"),
        (PRODUCT + b',"gtin":NaN}', 400, "json.number_constant"),
        (PRODUCT + b',"gtin":-Infinity}', 400, "json.number_constant"),
        (PRODUCT + b',"gtin":1e999}', 400, "json.number_range"),
        (PRODUCT + b',"gtin":9007199254740993}', 400, "json.number_range"),
        (PRODUCT + b',"gtin":"\\ud800"}', 400, "json.surrogate"),
        (PRODUCT + b',"gtin":"\\u0000"}', 400, "json.character"),
        (b"[" * 100_000, 400, "json.depth"),
        (b'{"a":' * 100_000, 400, "json.depth"),
        (PRODUCT, 400, "json.syntax"),
        (b"", 400, "json.syntax"),
        (b"\xff\xfe", 400, "json.encoding"),
        (b"\xef\xbb\xbf{}", 400, "json.bom"),
        (PRODUCT + b',"colour":"red"}', 422, "field.unknown"),
        (PRODUCT + b',"listed":"yes"}', 422, "field.type"),
        (PRODUCT + b',"gtin":5}', 422, "field.type"),
        (PRODUCT.replace(b"KGM", b"GJ") + b"}", 422, "unit.unknown"),
        (PRODUCT.replace(b"KGM", b"kilogram") + b"}", 422, "field.value"),
        (PRODUCT + b',"gtin":"5700000000128"}', 422, "id.gtin"),
        (PRODUCT.replace(b"Bracket", b"x" * 201) + b"}", 422, "field.value"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_bad_body_is_refused_with_its_code_and_stores_nothing(
    exchange: Exchange, supplier: Caller, data: bytes, status: int, code: str
) -> None:
    before = stored(exchange)
    answer = supplier.post("/products", data=data, content_type=JSON)
    assert (answer.status_code, check_shape(answer)["code"]) == (status, code)
    assert stored(exchange) == before


def test_a_body_over_the_limit_is_413_before_it_is_read(exchange: Exchange, supplier: Caller) -> None:
    data = b'{"name":"' + b"x" * exchange.settings.max_body_bytes + b'"}'
    answer = supplier.post("/products", data=data, content_type=JSON)
    assert (answer.status_code, check_shape(answer)["code"]) == (413, "body.too_large")


def test_a_compressed_body_is_415(supplier: Caller) -> None:
    answer = supplier.post("/products", data=b"x", content_type=JSON, headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, check_shape(answer)["code"]) == (415, "body.encoding")


def wrong_subjects(supplier: Caller) -> dict[str, tuple[dict[str, Any], str]]:
    """Contents that are each wrong in one way, with the code of the problem."""
    about = datasets.product(supplier.party)

    def changed(**parts: Any) -> dict[str, Any]:
        return {**datasets.product_subject(supplier.party, about), **parts}

    right = changed()
    identity = right["identity"]
    foreign = {**identity["organisation"], "id": "urn:uuid:01986e2f-1f00-7000-8000-000000000000"}
    backwards = {"start": "2026-01-01", "end": "2025-01-01"}
    return {
        "wrong unit": (
            changed(indicators={"co2e": {"own": {"amount": "1", "unit": "MTQ"}}}),
            "indicator.unit",
        ),
        "unknown unit": (
            changed(indicators={"co2e": {"own": {"amount": "1", "unit": "GJ"}}}),
            "unit.unknown",
        ),
        "negative amount": (
            changed(indicators={"water": {"own": {"amount": "-1", "unit": "MTQ"}}}),
            "quantity.negative",
        ),
        "a number for a quantity": (changed(indicators={"co2e": {"own": 1.5}}), "schema.type"),
        "period backwards": (changed(identity={**identity, "period": backwards}), "period.order"),
        "unknown field": (changed(colour="red"), "schema.unknown_field"),
        "another organisation": (changed(identity={**identity, "organisation": foreign}), "subject.foreign"),
        "another's product": (
            changed(id="urn:uuid:01986e2f-1f00-7000-8000-000000000000"),
            "subject.foreign",
        ),
        "shares over one": (
            changed(quality={"co2e": {**right["quality"]["co2e"], "unknown": "0.5"}}),
            "quality.sum",
        ),
        "nothing at all": ({}, "dataset.invalid"),
    }


WRONG = [
    "wrong unit",
    "unknown unit",
    "negative amount",
    "a number for a quantity",
    "period backwards",
    "unknown field",
    "another organisation",
    "another's product",
    "shares over one",
    "nothing at all",
]


@pytest.mark.parametrize("what", WRONG)
def test_wrong_content_is_refused_whole_with_paths_and_words(
    exchange: Exchange, supplier: Caller, what: str
) -> None:
    subject, code = wrong_subjects(supplier)[what]
    before = stored(exchange)
    answer = supplier.post("/datasets", json={"kind": "product", "subject": subject})
    document = check_shape(answer)
    assert answer.status_code == 422
    assert document["code"] == code
    assert document["detail"] and document["path"].startswith("/")
    assert stored(exchange) == before


def test_an_unknown_kind_or_instant_is_refused(supplier: Caller) -> None:
    for body, path in (
        ({"kind": "recipe", "subject": {}}, "/kind"),
        ({"kind": "product", "subject": {}, "valid_until": "0001-01-01T00:00:00+14:00"}, "/valid_until"),
        ({"kind": "product", "subject": {}, "valid_until": "2026-01-01T00:00:00"}, "/valid_until"),
    ):
        document = check_shape(supplier.post("/datasets", json=body))
        assert (document["status"], document["path"]) == (422, path)


def test_a_token_with_another_signature_is_refused(exchange: Exchange, supplier: Caller) -> None:
    key, about = datasets.own_key(supplier.party), datasets.product(supplier.party)
    token = signed(supplier, key, datasets.product_subject(supplier.party, about))
    head, payload, rest = token.split(".", 2)
    signature, tail = rest.split("~", 1)
    flipped = ("B" if signature[5] != "B" else "C").join((signature[:5], signature[6:]))
    before = stored(exchange)
    answer = supplier.post("/datasets", data=f"{head}.{payload}.{flipped}~{tail}", content_type=SD_JWT)
    assert (answer.status_code, check_shape(answer)["code"]) == (422, "signature.invalid")
    assert stored(exchange) == before


def test_a_token_signed_with_another_organisations_key_is_refused(
    exchange: Exchange, supplier: Caller, customer: Caller
) -> None:
    foreign_key, about = datasets.own_key(customer.party), datasets.product(supplier.party)
    token = signed(supplier, foreign_key, datasets.product_subject(supplier.party, about))
    before = stored(exchange)
    answer = supplier.post("/datasets", data=token, content_type=SD_JWT)
    assert (answer.status_code, check_shape(answer)["code"]) == (422, "key.foreign")
    assert stored(exchange) == before


def test_a_token_signed_with_an_unregistered_key_is_refused(exchange: Exchange, supplier: Caller) -> None:
    about = datasets.product(supplier.party)
    private = new_private_key()
    stray = datasets.OwnKey(private, did_key_kid(private.public_key()), did_key(private.public_key()))
    token = signed(supplier, stray, datasets.product_subject(supplier.party, about))
    before = stored(exchange)
    answer = supplier.post("/datasets", data=token, content_type=SD_JWT)
    assert (answer.status_code, check_shape(answer)["code"]) == (422, "kid.unknown")
    assert stored(exchange) == before


@pytest.mark.parametrize("data", [b"", b"hello", b"a.b.c", b"a.b.c~", b"\xff", b"~", b"..~", b"." * 1000])
def test_bytes_that_are_no_token_are_refused(exchange: Exchange, supplier: Caller, data: bytes) -> None:
    before = stored(exchange)
    answer = supplier.post("/datasets", data=data, content_type=SD_JWT)
    assert answer.status_code == 422
    check_shape(answer)
    assert stored(exchange) == before


def test_a_request_under_no_schema_of_ours_is_refused(exchange: Exchange, supplier: Caller) -> None:
    before = stored(exchange)
    for body in ({}, {"lines": []}, {"supplier": 5}, {"supplier": "urn:uuid:x", "lines": [{}], "x": 1}):
        assert check_shape(supplier.post("/requests", json=body))["status"] == 422
    assert stored(exchange) == before


def test_a_sign_up_with_a_wrong_cvr_number_stores_nothing(
    ctx: Context, exchange: Exchange, supplier: Caller
) -> None:
    before = stored(exchange)
    body = {
        "organisation": {"name": "Firm", "cvr": "12345678"},
        "user": {"email": "a@firm.example", "name": "A", "password": factories.PASSWORD},
    }
    answer = supplier.client.post("/api/v1/organisations", json=body)
    assert (answer.status_code, check_shape(answer)["code"]) == (422, "id.cvr")
    assert check_shape(answer)["path"] == "/organisation/cvr"
    assert stored(exchange) == before


def test_a_grant_that_ends_before_it_starts_is_refused(
    exchange: Exchange, supplier: Caller, customer: Caller
) -> None:
    about = datasets.product(supplier.party)
    body = {
        "grantee_id": customer.party.id,
        "kind": "product",
        "subject_id": about.id,
        "field_groups": ["indicators"],
        "purpose": "CSRD_REPORTING",
        "valid_until": "2027-01-01T00:00:00Z",
        "period": {"start": "2026-01-01", "end": "2025-01-01"},
    }
    before = stored(exchange)
    document = check_shape(supplier.post("/grants", json=body))
    assert (document["status"], document["code"]) == (422, "period.order")
    assert stored(exchange) == before


def test_the_strict_readers_fractions_reach_the_checks_exactly(supplier: Caller) -> None:
    body = json.dumps({"kind": "product", "subject": {"id": 0.1}})
    answer = supplier.post("/dataset-previews", data=body, content_type=JSON)
    assert answer.status_code == 200
    assert answer.json is not None and answer.json["problems"]
