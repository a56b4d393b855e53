"""Which datasets a network is made from: deliveries take part where their recipient knows the supplier."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from sqlmodel import Session

from exchange.services.rollup.network_documents import URN, Document, delivered_product
from exchange.store.relations import relations_in_force
from exchange.store.rollups import StoredDataset

Opened: TypeAlias = tuple[StoredDataset, Document]


def taking_part(session: Session, opened: Iterable[Opened]) -> list[Opened]:
    """All but the deliveries whose recipient did not confirm their sender (method section 3).

    A recipe of the recipient that names the delivered product confirms it for that product, unless the
    recipient refused its sender.
    """
    stored = list(opened)
    named = {(one.row.organisation_id, product) for one, document in stored for product in _named(document)}
    decided = relations_in_force(session)

    def is_known(one: StoredDataset, document: Document) -> bool:
        recipient = str(one.row.recipient_id)
        by_recipe = (recipient, delivered_product(document)) in named
        return decided.get((recipient, one.row.organisation_id), by_recipe)

    return [
        (one, document) for one, document in stored if one.row.kind != "delivery" or is_known(one, document)
    ]


def _named(document: Document) -> Iterable[str]:
    for line in document.get("process", {}).get("inputs", ()):
        if "product" in line:
            yield str(line["product"]).removeprefix(URN)
