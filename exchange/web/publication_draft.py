"""The content a supplier starts from: a dataset about one product in which only the figures are missing."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from exchange.domain.checks.minimum import WITH_MASS
from exchange.domain.periods import year
from exchange.domain.quantities import UnitCode
from exchange.services.organisations import Organisation
from exchange.services.product_content import GWP_SET
from exchange.services.products import Product

# No decimal, so content whose figures are not filled in is refused and never published by accident.
TO_FILL_IN = "?"


def draft_text(product: Product, organisation: Organisation, today: date) -> str:
    """The low-entry content for the calendar year before `today`, as indented JSON."""
    content = {
        "id": f"urn:uuid:{product.id}",
        "identity": _identity(product, organisation, today.year - 1),
        "indicators": {"co2e": {"own": {"amount": TO_FILL_IN, "unit": UnitCode.KILOGRAM.value}}},
        "quality": {"co2e": {"measured": "0", "allocated": "0", "secondary": "0", "unknown": "1"}},
    }
    return json.dumps(content, ensure_ascii=False, indent=2)


def _identity(product: Product, organisation: Organisation, number: int) -> dict[str, Any]:
    unit = UnitCode(product.unit)
    mass = {"mass": {"amount": TO_FILL_IN, "unit": UnitCode.KILOGRAM.value}}
    return {
        "kind": "product",
        "organisation": {"id": f"urn:uuid:{organisation.id}", "name": organisation.name}
        | ({"cvr": organisation.cvr} if organisation.cvr else {}),
        "product": {"name": product.name, "supplier_product_id": product.supplier_product_id}
        | ({"gtin": product.gtin} if product.gtin else {})
        | {"granularity": "model", "category": product.category},
        "declared_unit": {"amount": "1", "unit": unit.value},
        **(mass if unit.dimension in WITH_MASS else {}),
        "period": year(number).to_wire(),
        "boundary": "gate_to_gate",
        "geography": organisation.country,
        "gwp_set": GWP_SET,
    }
