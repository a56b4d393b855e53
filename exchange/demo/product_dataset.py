"""The story's product datasets: a calculated draft as its owner completes it, and products that are declared whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from exchange.demo.registry import Document, Registry, quantity
from exchange.demo.story.model import Declared, Product, Site
from exchange.demo.story.products import DECLARED, DEFLATOR, DEFLATOR_NAME
from exchange.domain.indicators import Indicator
from exchange.domain.periods import year as year_period
from exchange.domain.quantities import decimal_to_wire, exact_decimal

VALUE_ADDED_PLACES = 4
WEIGHTLESS = "0"
DECLARED_TEXT = (
    "Fictional: invented cradle-to-gate values of a demonstration, of the size that published ones have."
)


def completed(draft: Document, product: Product, year: int) -> Document:
    """A calculated draft with what no calculation knows: composition, the product's own value added, a declared whole.

    What a product consists of is not what went in: moulding sand, lime and cutting fluid leave the works again, and
    heat consists of nothing. Where the story says nothing else, the inputs are the composition. A maker whose inputs
    need no supplier (waste collected after use, additives under the cut-off) says so by an empty recipe.
    """
    content = draft | {
        "process": {"inputs": []} | draft.get("process", {}),
        "commercial": draft["commercial"] | _value_added(product, year),
    }
    if product.composition:
        content["composition"] = _composition(product)
    elif product.mass == WEIGHTLESS:
        content.pop("composition", None)
    declared = _declared(product)
    return _declared_beside(content, declared, year) if declared else content


def declared_subject(registry: Registry, site: Site, product: Product, year: int) -> Document:
    """The `product` dataset of a product whose maker declares it from cradle to gate and shows no bills."""
    declared = _declared(product)
    produced = quantity(site.made(product.key)[year], product.unit)
    return {
        "id": f"urn:uuid:{registry.products[product.key]}",
        "identity": _identity(registry, product, year, frozenset(declared)),
        "indicators": {
            name: {"total": quantity(one.total[year], Indicator(name).unit.value)}
            for name, one in declared.items()
        },
        "quality": {name: _declared_shares(one) for name, one in declared.items()},
        "evidence": {"items": [_declared_evidence(declared.values(), year)]},
        "commercial": {"produced": produced} | _value_added(product, year),
    }


def _declared(product: Product) -> dict[str, Declared]:
    """What is declared of a product, by indicator in their fixed order."""
    stated = {one.indicator: one for one in DECLARED if one.product == product.key}
    return {one.value: stated[one.value] for one in Indicator if one.value in stated}


def _declared_beside(content: Document, declared: Mapping[str, Declared], year: int) -> Document:
    """The calculated own figures with the declared whole beside them; the recipe stays."""
    indicators = dict(content["indicators"])
    for name, one in declared.items():
        unit, own = Indicator(name).unit.value, Decimal(indicators[name]["own"]["amount"])
        indicators[name] = {
            "own": indicators[name]["own"],
            "upstream": quantity(one.total[year] - own, unit),
            "total": quantity(one.total[year], unit),
        }
    items = [*content["evidence"]["items"], _declared_evidence(declared.values(), year)]
    return content | {
        "identity": content["identity"] | {"boundary": "cradle_to_gate"},
        "indicators": indicators,
        "quality": content["quality"] | {name: _declared_shares(one) for name, one in declared.items()},
        "evidence": {"items": items},
    }


def _identity(registry: Registry, product: Product, year: int, declared: frozenset[str]) -> Document:
    identity: Document = {
        "kind": "product",
        "organisation": registry.organisation(product.maker),
        "product": {
            "name": product.name,
            "supplier_product_id": product.number,
            "granularity": "model",
            "category": product.category,
        },
        "declared_unit": quantity(Decimal(1), product.unit),
        "period": year_period(year).to_wire(),
        "boundary": "cradle_to_gate",
        "geography": product.geography,
        "gwp_set": "AR5",
    }
    if declared == {Indicator.CO2E.value}:  # an environmental product declaration enters with CO2e alone
        identity["standards"] = ["EN 15804+A2"]
    return identity


def _composition(product: Product) -> Document:
    return {
        "materials": [
            {
                "material": one.name,
                "mass_fraction": one.mass_fraction,
                "recycled_fraction": one.recycled_fraction,
                "bio_based_fraction": one.bio_based_fraction,
            }
            for one in product.composition
        ]
    }


def _value_added(product: Product, year: int) -> Document:
    """The product's own value added in constant prices: its maker knows it, and need not spread the company's."""
    if product.value_added is None:
        return {}
    constant = Fraction(product.value_added[year]) * 100 / Fraction(DEFLATOR[year])
    rounded = Fraction(round(constant * 10**VALUE_ADDED_PLACES), 10**VALUE_ADDED_PLACES)
    return {
        "value_added": {
            "amount": decimal_to_wire(exact_decimal(rounded)),
            "currency": "DKK",
            "price_basis": "constant",
            "basis": product.value_added_basis,
            "deflator": DEFLATOR_NAME,
        }
    }


def _declared_shares(stated: Declared) -> Document:
    """Quality of a declared value: what of it came from databases, the rest from the maker's own records."""
    secondary = Decimal(stated.secondary_share)
    return {
        "measured": decimal_to_wire(1 - secondary),
        "allocated": "0",
        "secondary": decimal_to_wire(secondary),
        "unknown": "0",
        "measurement_basis": "modelled_secondary",
    }


def _declared_evidence(declared: Iterable[Declared], year: int) -> Document:
    """The declared values by their digest, and that they are invented."""
    stated = {one.indicator: decimal_to_wire(one.total[year]) for one in declared}
    return {
        "kind": "other",
        "sha256": hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest(),
        "description": DECLARED_TEXT,
        "concerns": [f"indicators/{indicator}" for indicator in sorted(stated)],
    }
