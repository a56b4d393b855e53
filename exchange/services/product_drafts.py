"""From a stored calculation to a product's dataset: the whole content, and one call that has it signed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.calculation.content import calculation_part
from exchange.domain.calculation.explain import by_share
from exchange.domain.checks.minimum import WITH_MASS
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError
from exchange.domain.groups import DatasetKind, FieldGroup
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services.calculation_views import KINDS, CalculationView, ProductView, get_calculation
from exchange.services.calculations import is_current
from exchange.services.context import Context
from exchange.services.organisations import get_organisation
from exchange.services.products import get_product
from exchange.services.publish import (
    Publication,
    check_submission,
    get_publication,
    publication_within,
    submit_within,
)
from exchange.services.site_products import list_site_products
from exchange.services.sites import Site, get_site
from exchange.services.value_added import value_added_of
from exchange.store import bills
from exchange.store import calculations as query
from exchange.trust import strict_json

Document: TypeAlias = dict[str, Any]
MOST_EVIDENCE = 200
STANDING = frozenset({"waiting", "published"})  # a publication that was refused may be tried again
GWP_SET = "AR5"  # of the exchange's own factors that say one
# Groups a calculation fills ready for the dataset; the others are put together here.
READY = (
    FieldGroup.INDICATORS, FieldGroup.QUALITY, FieldGroup.COMPOSITION, FieldGroup.PACKAGING, FieldGroup.PROCESS,
    FieldGroup.BYPRODUCTS,
)  # fmt: skip


def draft_product(ctx: Context, calculation_id: str, product_id: str) -> Document:
    """The content of a product's dataset by a stored calculation, in the newest schema; nothing is stored.

    Raises NotFoundError, and InvalidError `calculation.no_figures` for a product of which nothing was made.
    """
    ctx.who.require(Role.EDITOR)
    calculation = get_calculation(ctx, calculation_id)
    return _draft(ctx, calculation, _product(calculation, product_id))


def _draft(ctx: Context, calculation: CalculationView, product: ProductView) -> Document:
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


def publish_product(
    ctx: Context,
    calculation_id: str,
    product_id: str,
    complete: Callable[[Document], Document] | None = None,
    *,
    is_confirmed: bool = False,
) -> Publication:
    """Hand a product's dataset to the worker for its signature: the one button, however often it is pressed.

    Where the product of this calculation waits for its signature or has it, that publication is the answer.

    `complete` adds to the draft what no calculation knows and its owner does (composition, the product's own value
    added); None: the draft as it is. Raises the codes of `draft_product`, `dataset.invalid` with every problem a check
    finds, and ConflictError: `calculation.outdated` where bills, keys or factors have changed since, unless that is
    confirmed, and `calculation.other_site` for what another site made too, whose figures these are not.
    """
    ctx.who.require(Role.SIGNER)
    calculation = get_calculation(ctx, calculation_id)
    product = _product(calculation, product_id)
    if (
        product.publication_id
        and (standing := get_publication(ctx, product.publication_id)).state in STANDING
    ):
        return standing
    _refuse_other_site(ctx, calculation, product)
    if not is_confirmed:
        _refuse_outdated(ctx, calculation)
    draft = _draft(ctx, calculation, product)
    content = complete(draft) if complete is not None else draft
    check_submission(ctx, DatasetKind.PRODUCT, content)
    with ctx.store.write() as session:
        return _submit_once(ctx, session, calculation_id, product_id, content)


def _submit_once(
    ctx: Context, session: Session, calculation_id: str, product_id: str, content: Document
) -> Publication:
    """Of two that publish at once the second finds the first's publication behind the lock."""
    row = query.find_product(session, calculation_id, product_id, lock=True)
    if row is None:
        raise NotFoundError
    if row.publication_id:
        standing = publication_within(ctx, session, row.publication_id)
        if standing.state in STANDING:
            return standing
    publication = submit_within(ctx, session, DatasetKind.PRODUCT, content)
    row.publication_id = publication.id
    session.add(row)
    return publication


def _refuse_outdated(ctx: Context, calculation: CalculationView) -> None:
    if not is_current(ctx, calculation.header.id):
        raise ConflictError(
            "Bills, keys or factors have changed since this was calculated.",
            code="calculation.outdated",
            advice="Calculate again, look at what changed, and publish that.",
        )


def _refuse_other_site(ctx: Context, calculation: CalculationView, product: ProductView) -> None:
    header = calculation.header
    with ctx.store.read() as session:
        others = bills.other_sites_making(
            session, ctx.who.organisation_id, product.id, header.site_id, header.period
        )
    if others:
        raise ConflictError(
            f"{product.name} is also made at {', '.join(others)} in this period, and these figures leave that out.",
            code="calculation.other_site",
            advice="A product has one dataset for a period: register what each site makes as a product of its own.",
        )


def _product(calculation: CalculationView, product_id: str) -> ProductView:
    for product in calculation.products:
        if product.id == product_id:
            return product
    if product_id in calculation.without_output:
        raise InvalidError(
            "Nothing was made of this product in the period, so it has no figures per unit.",
            code="calculation.no_figures",
            advice="Enter what was produced, or choose another period.",
        )
    raise NotFoundError


def _identity(ctx: Context, calculation: CalculationView, product: ProductView) -> Document:
    organisation, registered = get_organisation(ctx, ctx.who.organisation_id), get_product(ctx, product.id)
    made_at = next(
        one for one in list_site_products(ctx, calculation.header.site_id) if one.product_id == product.id
    )
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
    sheet = strict_json.dumps({"calculation": calculation.header.id, "content": dict(product.content)})
    own = {
        "kind": "calculation",
        "sha256": hashlib.sha256(sheet).hexdigest(),
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
    return group | ({"value_added": added} if added else {})
