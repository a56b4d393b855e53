"""What is made at a site: products with their mass, and by-products with the process they come out of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.calculation.account import CoProduct, Product, SharingRule
from exchange.domain.calculation.bill_rules import out_of_range
from exchange.domain.calculation.record_rules import co_product_problems
from exchange.domain.errors import NotFoundError, Problem, refuse
from exchange.domain.quantities import Dimension, Quantity, UnitCode
from exchange.services.context import Context, audit
from exchange.services.sites import own_site
from exchange.store import products
from exchange.store import sites as query
from exchange.store.tables.datasets import ProductRow
from exchange.store.tables.sites import SiteProductRow


@dataclass(frozen=True)
class ByProductOf:
    """From whose making a by-product comes, and the giver's rule for what it bears (method section 3)."""

    process_id: str
    rule: SharingRule
    share: Decimal | None = None
    waste_code: str = ""
    terms: str = "sells"
    processed_before_sale: bool = False


@dataclass(frozen=True)
class SiteProduct:
    """A product made at a site; `mass` is kg for one declared unit, None where its unit is a mass or it has none."""

    site_id: str
    product_id: str
    number: str
    name: str
    category: str
    unit: UnitCode
    mass: Decimal | None
    by_product: ByProductOf | None


def set_site_product(
    ctx: Context,
    site_id: str,
    product_id: str,
    mass: Decimal | None = None,
    by_product: ByProductOf | None = None,
) -> SiteProduct:
    """Say that a product is made at a site, or say it anew.

    Raises NotFoundError for a site or product that is not the organisation's, InvalidError (`product.mass`,
    `quantity.range`, `coproduct.process`, `coproduct.share`, `coproduct.terms`, `waste.code`).
    """
    ctx.who.require(Role.EDITOR)
    with ctx.store.write() as session:
        site = own_site(ctx, session, site_id, lock=True)
        product = products.find_own_product(session, ctx.who.organisation_id, product_id)
        if product is None:
            raise NotFoundError
        present = query.products_at(session, site.id)
        refuse(mass_problems(product, mass))
        if by_product is not None:
            if by_product.process_id not in {made.id for _, made in present}:
                raise NotFoundError
            others = domain_relations(row for row, _ in present)
            found = co_product_problems(relation_of(product.id, by_product), others)
            refuse(replace(one, path=_path_in_body(one.path)) for one in found)
        row = session.get(SiteProductRow, (site.id, product.id))
        row = row or SiteProductRow(site_id=site.id, product_id=product.id)
        fill(row, product, mass, by_product)
        session.add(row)
        audit(ctx, session, "site_product.set", "product", product.id, site=site.id)
        return _present(row, product)


def list_site_products(ctx: Context, site_id: str) -> tuple[SiteProduct, ...]:
    """What is made at a site, by the maker's numbers."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        site = own_site(ctx, session, site_id)
        return tuple(_present(row, product) for row, product in query.products_at(session, site.id))


def join_site(session: Session, site_id: str, product: ProductRow) -> SiteProductRow:
    """The product's row at the site, made where it is missing: what was produced there is made there."""
    row = session.get(SiteProductRow, (site_id, product.id))
    if row is None:
        row = SiteProductRow(site_id=site_id, product_id=product.id)
        session.add(row)
        session.flush()
    return row


def mass_problems(product: ProductRow, mass: Decimal | None) -> list[Problem]:
    """What is wrong with a mass per declared unit: `product.mass`, `quantity.range`."""
    if mass is None:
        return []
    found = [replace(one, path="/mass") for one in out_of_range(Quantity(mass, UnitCode.KILOGRAM))]
    is_mass = UnitCode(product.unit).dimension is Dimension.MASS
    if not found and (mass <= 0 or (is_mass and mass != UnitCode(product.unit).factor)):
        detail = f"The mass of one unit of {product.name} is not above zero, or contradicts its unit."
        advice = "Give kilograms for one unit; leave it empty where the product is counted by mass."
        found.append(Problem("product.mass", detail, "/mass", advice))
    return found


def fill(
    row: SiteProductRow, product: ProductRow, mass: Decimal | None, by_product: ByProductOf | None
) -> None:
    """Write what was said into the row; a product counted by mass needs no mass per unit."""
    row.mass = None if UnitCode(product.unit).dimension is Dimension.MASS else mass
    row.process_product_id = by_product.process_id if by_product else None
    row.rule = by_product.rule.value if by_product else ""
    row.share = by_product.share if by_product else None
    row.waste_code = by_product.waste_code if by_product else ""
    row.terms = by_product.terms if by_product else ""
    row.processed_before_sale = by_product.processed_before_sale if by_product else False


def relation_of(product_id: str, by_product: ByProductOf) -> CoProduct:
    """A by-product's relation as the calculation reads it."""
    return CoProduct(
        product_id,
        by_product.process_id,
        by_product.rule,
        by_product.share,
        by_product.waste_code,
        by_product.terms,
        by_product.processed_before_sale,
    )


def co_product_of(row: SiteProductRow) -> CoProduct | None:
    """The relation a row states; None for a main product."""
    by_product = by_product_of(row)
    return relation_of(row.product_id, by_product) if by_product else None


def by_product_of(row: SiteProductRow) -> ByProductOf | None:
    """What a row says of a by-product; None for a main product."""
    if row.process_product_id is None:
        return None
    return ByProductOf(
        row.process_product_id,
        SharingRule(row.rule),
        row.share,
        row.waste_code,
        row.terms,
        row.processed_before_sale,
    )


def domain_product(product: ProductRow, row: SiteProductRow) -> Product:
    """The product as the calculation reads it."""
    return Product(product.id, product.name, UnitCode(product.unit), row.mass)


def domain_relations(rows: Iterable[SiteProductRow]) -> tuple[CoProduct, ...]:
    """The by-products among the rows."""
    return tuple(relation for row in rows if (relation := co_product_of(row)) is not None)


def _path_in_body(path: str) -> str:
    """Where a request names what a rule says of a by-product's relation."""
    return "/by_product/process_id" if path == "/process" else f"/by_product{path}"


def _present(row: SiteProductRow, product: ProductRow) -> SiteProduct:
    return SiteProduct(
        row.site_id,
        product.id,
        product.supplier_product_id,
        product.name,
        product.category,
        UnitCode(product.unit),
        row.mass,
        by_product_of(row),
    )
