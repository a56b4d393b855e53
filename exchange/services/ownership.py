"""Whom and when a dataset is about, and that its publisher may say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from exchange.domain.errors import InvalidError
from exchange.domain.groups import DatasetKind, FieldGroup
from exchange.domain.periods import Period, parse_period
from exchange.store import parties, products
from exchange.store.tables.datasets import ProductRow


@dataclass(frozen=True)
class Subject:
    """Whom and when a dataset is about."""

    kind: DatasetKind
    id: str
    period: Period | None
    recipient_id: str | None = None  # of a delivery


def read_subject(kind: DatasetKind, document: Mapping[str, Any]) -> Subject:
    """The subject of a schema-valid credentialSubject."""
    identity = document[FieldGroup.IDENTITY.value]
    period, recipient = identity.get("period"), identity.get("recipient")
    return Subject(
        kind,
        str(document["id"]).removeprefix("urn:uuid:"),
        parse_period(period, "/identity/period") if period is not None else None,
        str(recipient["id"]).removeprefix("urn:uuid:") if kind is DatasetKind.DELIVERY else None,
    )


def check_ownership(
    session: Session, organisation_id: str, subject: Subject, document: Mapping[str, Any]
) -> None:
    """The subject must be the publisher's own.

    Raises InvalidError (`subject.foreign`, `subject.cvr`, `subject.product`, `subject.unit`, `delivery.recipient`).
    """
    identity = document[FieldGroup.IDENTITY.value]
    _check_organisation(session, organisation_id, identity["organisation"])
    if subject.kind is DatasetKind.PRODUCT:
        _check_product(session, organisation_id, subject.id, identity)
        _check_co_products(session, organisation_id, document.get(FieldGroup.PROCESS.value, {}))
    elif subject.kind is DatasetKind.DELIVERY:
        _check_delivery(session, organisation_id, identity)
    elif subject.kind in {DatasetKind.ORGANISATION, DatasetKind.EFFORT} and subject.id != organisation_id:
        raise _foreign("/id", "The dataset is about another organisation.")


def _check_organisation(session: Session, organisation_id: str, named: Mapping[str, Any]) -> None:
    if named["id"] != f"urn:uuid:{organisation_id}":
        raise _foreign("/identity/organisation/id", "The dataset speaks for another organisation.")
    own = parties.organisations_by_id(session, {organisation_id})[organisation_id]
    if "cvr" in named and (named["cvr"] != own.cvr or own.cvr_status != "approved"):
        raise InvalidError(
            "The CVR number is not one the operator has confirmed for your organisation.",
            code="subject.cvr",
            path="/identity/organisation/cvr",
            advice="Leave it out, or have it confirmed first.",
        )


def _check_product(
    session: Session, organisation_id: str, product_id: str, identity: Mapping[str, Any]
) -> None:
    product = products.find_own_product(session, organisation_id, product_id)
    if product is None:
        raise _foreign("/id", "The product is not one your organisation has registered.")
    _check_description(product, identity["product"])
    unit = identity["declared_unit"]["unit"]
    if unit != product.unit:
        raise InvalidError(
            f"The product is registered per {product.unit}, the dataset says {unit}.",
            code="subject.unit",
            path="/identity/declared_unit/unit",
            advice="Use the registered unit, or register another product.",
        )


def _check_description(product: ProductRow, named: Mapping[str, Any]) -> None:
    """What the dataset calls the product must be what is registered: else another product's figures slip in."""
    registered = {
        "supplier_product_id": product.supplier_product_id,
        "category": product.category,
        "gtin": product.gtin,
    }
    for member, value in registered.items():
        if member in named and named[member] != value:
            raise InvalidError(
                f"The dataset says {named[member]}, the product {product.name} is registered with {value or 'none'}.",
                code="subject.product",
                path=f"/identity/product/{member}",
                advice="Publish it under the product it describes, or correct the product's own data.",
            )


def _check_co_products(session: Session, organisation_id: str, process: Mapping[str, Any]) -> None:
    """A process divides its effects over its maker's own outputs, never onto somebody else's product."""
    for place, one in enumerate(process.get("co_products", ())):
        if (
            products.find_own_product(session, organisation_id, one["product"].removeprefix("urn:uuid:"))
            is None
        ):
            raise _foreign(
                f"/process/co_products/{place}/product",
                "A by-product of the process is not one your organisation has registered.",
            )


def _check_delivery(session: Session, organisation_id: str, identity: Mapping[str, Any]) -> None:
    product_id = identity["product"]["id"].removeprefix("urn:uuid:")
    recipient_id = identity["recipient"]["id"].removeprefix("urn:uuid:")
    if products.find_own_product(session, organisation_id, product_id) is None:
        raise _foreign("/identity/product/id", "The product is not one your organisation has registered.")
    if recipient_id == organisation_id or not parties.organisations_by_id(session, {recipient_id}):
        raise InvalidError(
            "The recipient is not an organisation here.",
            code="delivery.recipient",
            path="/identity/recipient/id",
            advice="Look it up in the directory, or invite it.",
        )


def _foreign(path: str, detail: str) -> InvalidError:
    return InvalidError(
        detail,
        code="subject.foreign",
        path=path,
        advice="Publish about your own registered products, deliveries and organisation.",
    )
