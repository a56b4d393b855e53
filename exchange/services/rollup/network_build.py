"""The network of a period from the datasets in force: documents to exact records, records to links."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from exchange.domain.errors import InvalidError
from exchange.domain.factors import factor_set
from exchange.domain.linking import (
    Delivery,
    KnownProduct,
    LinkingError,
    LinkingInput,
    Prefer,
    ProductDataset,
)
from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode
from exchange.services.category_defaults import category_defaults
from exchange.services.rollup import network_documents as documents
from exchange.services.rollup.taking_part import taking_part
from exchange.store import rollups as query
from exchange.trust.disclosure import read_disclosure

METHOD_VERSION = "method/3"


@dataclass(frozen=True)
class DatasetReference:
    """A dataset that takes part: whose it is, what about, and which field groups it carries."""

    id: str
    owner_id: str
    kind: str
    groups: frozenset[str]
    gwp_set: str | None


@dataclass(frozen=True)
class Inputs:
    """Everything the network of a period is made from; `identity` is the hash of all of it.

    `digests` are those of the datasets that take part: customers' decisions on suppliers change them.
    """

    given: LinkingInput
    digests: tuple[str, ...]
    identity: str
    references: Mapping[str, DatasetReference]
    factors: str


def read_inputs(session: Session, start: date, end: date, prefer: str) -> Inputs:
    """Read what the network of [start, end) is made from, under a policy.

    Of an organisation that withholds its consent only the amounts it delivered are used, so that the gap it
    leaves has its size; its effects and recipes enter nothing.
    """
    period = Period(start, end)
    withheld = query.without_consent(session)
    stored = query.datasets_in_force(session, start, end)
    known = {
        row.id: KnownProduct(
            row.id,
            row.name,
            row.organisation_id,
            row.category,
            UnitCode(row.unit),
            row.gtin,
            row.organisation_id not in withheld,
        )
        for row in query.all_products(session)
    }
    opened = taking_part(session, [(one, _open(one)) for one in stored])
    products, unread = _products(opened, withheld)
    given = LinkingInput(
        period,
        products,
        known,
        tuple(_deliveries(opened, known)),
        category_defaults(period),
        Prefer(prefer),
        (*unread, *_refused(opened, known)),
    )
    digests = tuple(sorted(one.row.digest for one, _ in opened))
    references = {one.row.id: _reference(one, document) for one, document in opened}
    factors = factor_set()
    return Inputs(given, digests, _identity(given, digests, withheld, factors), references, factors)


def _open(stored: query.StoredDataset) -> documents.Document:
    subject = {group: read_disclosure(text).value for group, text in stored.disclosures.items()}
    return {"id": f"urn:uuid:{stored.row.subject_id}", **subject}


def _products(
    opened: Iterable[tuple[query.StoredDataset, documents.Document]], withheld: frozenset[str]
) -> tuple[tuple[ProductDataset, ...], list[LinkingError]]:
    """The product datasets that take part, and the refusals of those that cannot be read."""
    read, refused = [], []
    for stored, document in opened:
        if stored.row.kind != "product" or stored.row.organisation_id in withheld:
            continue
        try:
            read.append(documents.read_product(stored.row.id, document))
        except InvalidError as error:
            refused.append(documents.unreadable(document, error))
    return tuple(read), refused


def _deliveries(
    opened: Iterable[tuple[query.StoredDataset, documents.Document]], known: Mapping[str, KnownProduct]
) -> Iterable[Delivery]:
    for stored, document in opened:
        if stored.row.kind == "delivery":
            product = known[documents.delivered_product(document)]
            yield from documents.read_deliveries(stored.row.id, document, product)


def _refused(
    opened: Iterable[tuple[query.StoredDataset, documents.Document]], known: Mapping[str, KnownProduct]
) -> Iterable[LinkingError]:
    for stored, document in opened:
        if stored.row.kind == "delivery":
            product = known[documents.delivered_product(document)]
            refusal = documents.delivery_refusal(document, product)
            if refusal is not None and product.consents:
                yield refusal


def _reference(stored: query.StoredDataset, document: documents.Document) -> DatasetReference:
    row = stored.row
    gwp_set = document["identity"].get("gwp_set")
    return DatasetReference(row.id, row.organisation_id, row.kind, frozenset(stored.disclosures), gwp_set)


def _identity(given: LinkingInput, digests: tuple[str, ...], withheld: frozenset[str], factors: str) -> str:
    parts = {
        "inputs": digests,
        "period": given.period.to_wire(),
        "method": METHOD_VERSION,
        "factors": factors,
        "prefer": given.prefer.value,
        "without_consent": sorted(withheld),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
