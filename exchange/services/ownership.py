"""Whom and when a dataset is about, and that its publisher may say so."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from exchange.domain.errors import InvalidError
from exchange.domain.groups import DatasetKind, FieldGroup
from exchange.domain.periods import Period, parse_period
from exchange.store import parties, products
from exchange.store.products import RegisteredProduct
from exchange.store.tables.accounts import OrganisationRow


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
        bare_id(document["id"]),
        parse_period(period, "/identity/period") if period is not None else None,
        bare_id(recipient["id"]) if kind is DatasetKind.DELIVERY else None,
    )


def outline_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """As much of a schema-valid document as its subject and its ownership are read from."""
    co_products = document.get(FieldGroup.PROCESS.value, {}).get("co_products", ())
    identity = FieldGroup.IDENTITY.value
    return {
        "id": document["id"],
        identity: document[identity],
        FieldGroup.PROCESS.value: {"co_products": co_products},
    }


@dataclass(frozen=True)
class Registered:
    """What documents of an organisation are held against: itself, its products, and whom they name as recipients."""

    organisation: OrganisationRow
    products: Mapping[str, RegisteredProduct]
    parties: Container[str]


def read_registered(
    session: Session, organisation_id: str, documents: Iterable[Mapping[str, Any]]
) -> Registered:
    """The registrations that schema-valid documents name, looked up for all of them at once."""
    product_ids: set[str] = set()
    party_ids = {organisation_id}
    for document in documents:
        product_ids.update(_named_products(document))
        recipient = document[FieldGroup.IDENTITY.value].get("recipient")
        if recipient is not None:
            party_ids.add(bare_id(recipient["id"]))
    found = parties.organisations_by_id(session, party_ids)
    own_products = products.own_products(session, organisation_id, product_ids)
    return Registered(found[organisation_id], own_products, found)


def _named_products(document: Mapping[str, Any]) -> Iterator[str]:
    yield bare_id(document["id"])
    delivered = document[FieldGroup.IDENTITY.value].get("product", {}).get("id")
    if delivered is not None:
        yield bare_id(delivered)
    for one in document.get(FieldGroup.PROCESS.value, {}).get("co_products", ()):
        yield bare_id(one["product"])


def bare_id(urn: str) -> str:
    """The id of `urn:uuid:<id>`."""
    return urn.removeprefix("urn:uuid:")


def check_ownership(
    session: Session, organisation_id: str, subject: Subject, document: Mapping[str, Any]
) -> None:
    """The subject must be the publisher's own. Raises as `check_registered`."""
    check_registered(read_registered(session, organisation_id, [document]), subject, document)


def check_registered(registered: Registered, subject: Subject, document: Mapping[str, Any]) -> None:
    """The subject must be the publisher's own by what is registered, which covers this document.

    Raises InvalidError (`subject.foreign`, `subject.cvr`, `subject.product`, `subject.unit`, `delivery.recipient`).
    """
    identity = document[FieldGroup.IDENTITY.value]
    own = registered.organisation
    _check_organisation(own, identity["organisation"])
    if subject.kind is DatasetKind.PRODUCT:
        _check_product(registered.products.get(subject.id), identity)
        _check_co_products(registered.products, document.get(FieldGroup.PROCESS.value, {}))
    elif subject.kind is DatasetKind.DELIVERY:
        _check_delivery(registered, identity)
    elif subject.kind in {DatasetKind.ORGANISATION, DatasetKind.EFFORT} and subject.id != own.id:
        raise _foreign("/id", "The dataset is about another organisation.")


def _check_organisation(own: OrganisationRow, named: Mapping[str, Any]) -> None:
    if named["id"] != f"urn:uuid:{own.id}":
        raise _foreign("/identity/organisation/id", "The dataset speaks for another organisation.")
    if "cvr" in named and (named["cvr"] != own.cvr or own.cvr_status != "approved"):
        raise InvalidError(
            "The CVR number is not one the operator has confirmed for your organisation.",
            code="subject.cvr",
            path="/identity/organisation/cvr",
            advice="Leave it out, or have it confirmed first.",
        )


def _check_product(product: RegisteredProduct | None, identity: Mapping[str, Any]) -> None:
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


def _check_description(product: RegisteredProduct, named: Mapping[str, Any]) -> None:
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


def _check_co_products(own_products: Container[str], process: Mapping[str, Any]) -> None:
    """A process divides its effects over its maker's own outputs, never onto somebody else's product."""
    for place, one in enumerate(process.get("co_products", ())):
        if bare_id(one["product"]) not in own_products:
            raise _foreign(
                f"/process/co_products/{place}/product",
                "A by-product of the process is not one your organisation has registered.",
            )


def _check_delivery(registered: Registered, identity: Mapping[str, Any]) -> None:
    recipient_id = bare_id(identity["recipient"]["id"])
    if bare_id(identity["product"]["id"]) not in registered.products:
        raise _foreign("/identity/product/id", "The product is not one your organisation has registered.")
    if recipient_id == registered.organisation.id or recipient_id not in registered.parties:
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
