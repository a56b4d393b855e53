"""The content of a product's dataset by a stored calculation, and how the dataset names that calculation."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from exchange.domain.calculation.content import calculation_part
from exchange.domain.calculation.explain import by_share
from exchange.domain.checks.minimum import WITH_MASS
from exchange.domain.errors import InvalidError, NotFoundError
from exchange.domain.groups import DatasetKind, FieldGroup
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services.calculation_views import KINDS, CalculationView, ProductView
from exchange.services.context import Context
from exchange.services.organisations import get_organisation
from exchange.services.products import get_product
from exchange.services.site_products import list_site_products
from exchange.services.sites import Site, get_site
from exchange.services.value_added import value_added_of
from exchange.store import bills
from exchange.store import calculations as query
from exchange.trust import strict_json

Document: TypeAlias = dict[str, Any]
EVIDENCE_KIND = "calculation"
MOST_EVIDENCE = 200
GWP_SET = "AR5"  # of the exchange's own factors that say one
# Groups a calculation fills ready for the dataset; the others are put together here.
READY = (
    FieldGroup.INDICATORS, FieldGroup.QUALITY, FieldGroup.COMPOSITION, FieldGroup.PACKAGING, FieldGroup.PROCESS,
    FieldGroup.BYPRODUCTS,
)  # fmt: skip
# What no calculation knows and the owner completes by hand: a whole group, and the product's own value added.
BY_HAND = FieldGroup.COMPOSITION
VALUE_ADDED = "value_added"


def product_content(ctx: Context, calculation: CalculationView, product: ProductView) -> Document:
    """The groups of the dataset in their fixed order, of what is registered and calculated.

    Raises InvalidError `calculation.gwp_sets`, and NotFoundError for a product that its site makes no more.
    """
    site = get_site(ctx, calculation.header.site_id)
    content: Document = {
        "id": f"urn:uuid:{product.id}",
        FieldGroup.IDENTITY.value: _identity(ctx, calculation, product),
        FieldGroup.BREAKDOWN.value: _breakdown(ctx, calculation, product),
        FieldGroup.SITE.value: {"sites": [_site(site)]},
        FieldGroup.EVIDENCE.value: _evidence(ctx, calculation, product),
        FieldGroup.COMMERCIAL.value: _commercial(ctx, calculation, product),
        **{group.value: product.content[group.value] for group in READY if product.content[group.value]},
    }
    ordered = ["id", *(group.value for group in FieldGroup)]
    return {name: content[name] for name in ordered if content.get(name)}


def sheet_digest(calculation_id: str, content: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over a calculation's id and the groups it filled: the evidence a draft carries."""
    sheet = strict_json.dumps({"calculation": calculation_id, "content": dict(content)})
    return hashlib.sha256(sheet).hexdigest()


def is_as_drafted(document: Mapping[str, Any], draft: Mapping[str, Any]) -> bool:
    """Whether every group of the draft stands in the document as drafted, but for what is completed by hand."""
    return all(
        group in document and _drafted_part(group, document[group]) == _drafted_part(group, content)
        for group, content in draft.items()
        if group != BY_HAND
    )


def _drafted_part(group: str, content: Any) -> Any:
    if group != FieldGroup.COMMERCIAL:
        return content
    return {name: value for name, value in content.items() if name != VALUE_ADDED}


def _identity(ctx: Context, calculation: CalculationView, product: ProductView) -> Document:
    organisation, registered = get_organisation(ctx, ctx.who.organisation_id), get_product(ctx, product.id)
    made_here = list_site_products(ctx, calculation.header.site_id)
    made_at = next((one for one in made_here if one.product_id == product.id), None)
    if made_at is None:
        raise NotFoundError
    unit = UnitCode(registered.unit)
    totals = [one for one in product.content["indicators"].values() if "total" in one]
    identity: Document = {
        "kind": DatasetKind.PRODUCT.value,
        "organisation": {"id": f"urn:uuid:{organisation.id}", "name": organisation.name}
        | ({"cvr": organisation.cvr} if organisation.cvr and organisation.cvr_status == "approved" else {}),
        "product": {"name": registered.name, "supplier_product_id": registered.supplier_product_id}
        | ({"gtin": registered.gtin} if registered.gtin else {})
        | {"granularity": "model", "category": registered.category},
        "declared_unit": Quantity(Decimal(1), unit).to_wire(),
        "period": calculation.header.period.to_wire(),
        "boundary": "cradle_to_gate" if totals else "gate_to_gate",
        "geography": get_site(ctx, calculation.header.site_id).country,
        "gwp_set": _gwp_set(calculation),
    }
    if unit.dimension in WITH_MASS and made_at.mass is not None:
        identity["mass"] = Quantity(made_at.mass, UnitCode.KILOGRAM).to_wire()
    return identity


def _gwp_set(calculation: CalculationView) -> str:
    """The set of the factors used that name one; all of them must agree, for sets are never mixed in one column."""
    if len(calculation.gwp_sets) > 1:
        raise InvalidError(
            "The factors used stand on different sets of global warming potentials.",
            code="calculation.gwp_sets",
            advice="Choose own factors of one set, AR5 or AR6.",
        )
    return calculation.gwp_sets[0] if calculation.gwp_sets else GWP_SET


def _breakdown(ctx: Context, calculation: CalculationView, product: ProductView) -> Document:
    kinds = tuple(dict.fromkeys(kind for several in KINDS.values() for kind in several))
    with ctx.store.read() as session:
        rows = query.lines_of(session, calculation.header.id, product.id, kinds)
        steps = [{**row.steps, "windows": [by_share(one) for one in row.steps["windows"]]} for row in rows]
    header, made = calculation.header, Quantity(product.produced, UnitCode(product.unit))
    parts: Document = dict(product.content["breakdown"])
    if steps:
        parts["calculation"] = calculation_part(steps, made, header.period, header.factor_set)
    return parts


def _site(site: Site) -> Document:
    fields = {
        "p_number": site.p_number,
        "name": site.name,
        "address": site.address,
        "postal_code": site.postal_code,
        "city": site.city,
        "country": site.country,
    }
    return {name: value for name, value in fields.items() if value}


def _evidence(ctx: Context, calculation: CalculationView, product: ProductView) -> Document:
    """The calculation by its digest, and the documents attached to its bills by theirs."""
    own = {
        "kind": EVIDENCE_KIND,
        "sha256": sheet_digest(calculation.header.id, product.content),
        "description": f"Calculated from the site's bills with the factor set {calculation.header.factor_set}.",
        "concerns": [f"indicators/{one.indicator.value}" for one in product.figures],
    }
    header = calculation.header
    with ctx.store.read() as session:
        digests = bills.digests_of(session, header.site_id, header.period)
    attached = [{"kind": "invoice", "sha256": digest} for digest in digests]
    return {"items": [own, *attached][:MOST_EVIDENCE]}


def _commercial(ctx: Context, calculation: CalculationView, product: ProductView) -> Document:
    group: Document = {"produced": Quantity(product.produced, UnitCode(product.unit)).to_wire()}
    added = value_added_of(ctx, calculation, product)
    return group | ({VALUE_ADDED: added} if added else {})
