"""Ids the exchange gave to the story, and the wire forms every dataset shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from exchange.demo.story.model import Organisation, Product
from exchange.domain.quantities import decimal_to_wire

Document = dict[str, Any]


@dataclass(frozen=True)
class Registry:
    """Ids the exchange gave to the story's organisations and products, by the story's keys."""

    organisations: Mapping[str, str]
    products: Mapping[str, str]
    people: Mapping[str, Organisation]
    goods: Mapping[str, Product]

    def organisation(self, key: str) -> Document:
        """How datasets name an organisation."""
        facts = self.people[key]
        return {"id": f"urn:uuid:{self.organisations[key]}", "name": facts.name, "cvr": facts.cvr}


def quantity(amount: Decimal, unit: str) -> Document:
    """A quantity on the wire."""
    return {"amount": decimal_to_wire(amount), "unit": unit}
