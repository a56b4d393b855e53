"""Everybody publishes about its own products, deliveries and organisation, and about nobody else's."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from exchange.domain.errors import InvalidError
from exchange.domain.groups import DatasetKind
from exchange.services import publish
from exchange.services.context import Context
from tests.datasets import Document, contents, product, product_subject, quantity
from tests.factories import CVRS, Party, party

YEAR = {"start": "2025-01-01", "end": "2026-01-01"}


@pytest.fixture
def firm(ctx: Context) -> Party:
    return party(ctx, "Nordvind Metal")


@pytest.fixture
def customer(ctx: Context) -> Party:
    return party(ctx, "Havn Byg")


def named(who: Party) -> Document:
    return {"id": f"urn:uuid:{who.id}", "name": who.organisation.name}


def delivery(sender: Party, maker: Party, recipient: Document) -> Document:
    about = product(maker)
    return {
        "id": f"urn:uuid:{uuid.uuid4()}",
        "identity": {
            "kind": "delivery",
            "organisation": named(sender),
            "product": {"id": f"urn:uuid:{about.id}", "name": about.name},
            "recipient": recipient,
            "period": YEAR,
            "declared_unit": quantity("1", "KGM"),
        },
        "commercial": {"deliveries": [{"quantity": quantity("40", "KGM"), "window": YEAR}]},
    }


def survey(about: Party, by: Party) -> Document:
    return {
        "id": f"urn:uuid:{about.id}",
        "identity": {
            "kind": "organisation",
            "organisation": named(by),
            "period": YEAR,
            "standard_edition": "VS-2026/1560",
            "branch": "CH",
        },
        "commercial": {
            "value_added": {
                "amount": "4200000",
                "currency": "DKK",
                "price_basis": "current",
                "basis": "measured",
            }
        },
    }


def assert_refused(firm: Party, kind: DatasetKind, subject: Document, code: str, path: str) -> None:
    before = contents(firm.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        publish.submit_for_custody(firm.ctx, kind, subject)
    assert (refusal.value.error_code, refusal.value.path) == (code, path)
    assert contents(firm.ctx.store) == before


def test_own_product_may_be_delivered_to_another_organisation(firm: Party, customer: Party) -> None:
    subject = delivery(firm, firm, named(customer))
    assert publish.submit_for_custody(firm.ctx, DatasetKind.DELIVERY, subject).state == "waiting"


def test_foreign_product_cannot_be_delivered(firm: Party, customer: Party) -> None:
    subject = delivery(firm, customer, named(customer))
    assert_refused(firm, DatasetKind.DELIVERY, subject, "subject.foreign", "/identity/product/id")


@pytest.mark.parametrize("who", ["oneself", "nobody"])
def test_delivery_goes_to_another_organisation_that_is_here(firm: Party, who: str) -> None:
    nobody = {"id": f"urn:uuid:{uuid.uuid4()}", "name": "Nobody"}
    subject = delivery(firm, firm, named(firm) if who == "oneself" else nobody)
    assert_refused(firm, DatasetKind.DELIVERY, subject, "delivery.recipient", "/identity/recipient/id")


def test_organisation_speaks_for_itself(firm: Party) -> None:
    submitted = publish.submit_for_custody(firm.ctx, DatasetKind.ORGANISATION, survey(firm, firm))
    assert submitted.state == "waiting"


def test_organisation_does_not_speak_about_another(firm: Party, customer: Party) -> None:
    assert_refused(firm, DatasetKind.ORGANISATION, survey(customer, firm), "subject.foreign", "/id")
    path = "/identity/organisation/id"
    assert_refused(firm, DatasetKind.ORGANISATION, survey(firm, customer), "subject.foreign", path)


@pytest.mark.parametrize("claim", ["none", "claimed"])
def test_cvr_number_is_named_only_once_confirmed(ctx: Context, claim: str) -> None:
    firm = party(ctx, cvr=CVRS[0] if claim == "claimed" else None)
    subject: dict[str, Any] = survey(firm, firm)
    subject["identity"]["organisation"]["cvr"] = CVRS[0]
    path = "/identity/organisation/cvr"
    assert_refused(firm, DatasetKind.ORGANISATION, subject, "subject.cvr", path)


def test_process_gives_no_share_to_somebody_elses_product(firm: Party, customer: Party) -> None:
    about, foreign = product(firm), product(customer)
    subject: dict[str, Any] = product_subject(firm, about)
    subject["process"] = {
        "inputs": [],
        "co_products": [{"product": f"urn:uuid:{foreign.id}", "share": "0.3", "rule": "economic"}],
    }
    path = "/process/co_products/0/product"
    assert_refused(firm, DatasetKind.PRODUCT, subject, "subject.foreign", path)
    subject["process"]["co_products"][0]["product"] = f"urn:uuid:{product(firm, 'Turnings').id}"
    assert publish.submit_for_custody(firm.ctx, DatasetKind.PRODUCT, subject).state == "waiting"


@pytest.mark.parametrize(
    ("member", "value"), [("supplier_product_id", "B12"), ("category", "brick"), ("gtin", "96385074")]
)
def test_dataset_describes_the_product_it_is_about(firm: Party, member: str, value: str) -> None:
    subject: dict[str, Any] = product_subject(firm, product(firm))
    subject["identity"]["product"][member] = value
    assert_refused(firm, DatasetKind.PRODUCT, subject, "subject.product", f"/identity/product/{member}")
