"""Whose datasets stand inside a chain: read for the datasets asked about, once for all chains of a round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from exchange.store import chains as query
from exchange.trust.disclosure import read_disclosure


@dataclass(frozen=True)
class Contributor:
    """A dataset in a network: whose it is, its kind and field groups, and what it says of how it was reckoned.

    `divided`: a text per by-product it divides its process with, and how.
    """

    id: str
    owner_id: str
    kind: str
    groups: frozenset[str]
    gwp_set: str | None
    divided: frozenset[str]


class Contributors:
    """Reads contributors from a session and keeps them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Contributor] = {}

    def of(self, dataset_ids: Iterable[str]) -> Mapping[str, Contributor]:
        """The contributors of these datasets, by dataset id."""
        wanted = set(dataset_ids)
        for facts in query.dataset_facts(self._session, wanted - self._known.keys()):
            self._known[facts.row.id] = _contributor(facts)
        return {one: self._known[one] for one in wanted}


def _contributor(facts: query.DatasetFacts) -> Contributor:
    opened: dict[str, Any] = {group: read_disclosure(text).value for group, text in facts.disclosures.items()}
    gwp_set = opened.get("identity", {}).get("gwp_set")
    parts = opened.get("process", {}).get("co_products", ())
    row = facts.row
    divided = (
        f"by-product {row.subject_id} {part['product']} {part['rule']} {part['share']} {part.get('divided')}"
        for part in parts
    )
    return Contributor(row.id, row.organisation_id, row.kind, facts.groups, gwp_set, frozenset(divided))
