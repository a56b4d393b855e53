"""Sites: the places of production whose bills become figures, and what is made at them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import (
    AmountText,
    Id,
    In,
    OptionalDecimalText,
    Out,
    Reply,
    Text,
    decimal_of,
)
from exchange.domain.actors import Role
from exchange.domain.calculation.account import SharingRule
from exchange.domain.calculation.record_rules import TERMS
from exchange.domain.quantities import UnitCode
from exchange.services import site_products, sites
from exchange.services.context import Context

resource = Resource("sites", "Places of production; each has an account of its own, and products made there.")


class SiteOut(Out):
    """A place of production; `p_number` is the Danish register's."""

    id: Id
    organisation_id: Id
    name: str
    p_number: str | None
    address: str
    postal_code: str
    city: str
    country: str
    is_water_stressed: bool
    created_at: datetime


class SitesOut(Out):
    """All sites of the organisation, by name."""

    items: list[SiteOut]


class SiteIn(In):
    """A site's particulars; `is_water_stressed`: water is scarce there."""

    name: Text
    p_number: Annotated[str | None, Field(max_length=10)] = None
    address: Annotated[str, Field(max_length=200)] = ""
    postal_code: Annotated[str, Field(max_length=12)] = ""
    city: Annotated[str, Field(max_length=200)] = ""
    country: Annotated[str, Field(max_length=2)] = "DK"
    is_water_stressed: bool = False

    def to_site(self) -> sites.NewSite:
        """What the service takes."""
        return sites.NewSite(**self.model_dump())


class ByProductOut(Out):
    """Out of whose making a by-product comes, and the giver's rule for what it bears."""

    process_id: Id
    rule: SharingRule
    share: OptionalDecimalText
    waste_code: str
    terms: str
    processed_before_sale: bool


class SiteProductOut(Out):
    """A product made at a site; `mass` is kg for one `unit`, null where the unit is a mass or it has none."""

    site_id: Id
    product_id: Id
    number: str
    name: str
    category: str
    unit: UnitCode
    mass: OptionalDecimalText
    by_product: ByProductOut | None


class SiteProductsOut(Out):
    """All products made at a site, by the maker's numbers."""

    items: list[SiteProductOut]


class ByProductIn(In):
    """What a by-product comes out of; `share` (a part of 1) for the rule subdivision alone."""

    process_id: Id
    rule: SharingRule
    share: AmountText | None = None
    waste_code: Annotated[str, Field(max_length=6)] = ""
    terms: Annotated[str, Field(max_length=5, json_schema_extra={"enum": list(TERMS)})] = "sells"
    processed_before_sale: bool = False


class SiteProductIn(In):
    """How a product is made at a site; `mass` is kg for one declared unit."""

    mass: AmountText | None = None
    by_product: ByProductIn | None = None


@resource.operation("GET", "/sites")
def list_own(ctx: Context) -> SitesOut:
    """List the organisation's sites."""
    return SitesOut(items=[SiteOut.of(site) for site in sites.list_sites(ctx)])


@resource.operation("POST", "/sites", role=Role.EDITOR, status=201)
def create(ctx: Context, body: SiteIn) -> Reply[SiteOut]:
    """Add a site; it starts with one spreading key per method."""
    made = sites.create_site(ctx, body.to_site())
    return Reply(SiteOut.of(made), headers={"Location": f"/api/v1/sites/{made.id}"})


@resource.operation("GET", "/sites/{site_id}")
def get(ctx: Context, site_id: Id) -> SiteOut:
    """Read one of the organisation's sites."""
    return SiteOut.of(sites.get_site(ctx, site_id))


@resource.operation("PUT", "/sites/{site_id}", role=Role.EDITOR)
def change(ctx: Context, site_id: Id, body: SiteIn) -> SiteOut:
    """Give a site other particulars; what is left out is emptied."""
    return SiteOut.of(sites.change_site(ctx, site_id, body.to_site()))


@resource.operation("GET", "/sites/{site_id}/products")
def list_products(ctx: Context, site_id: Id) -> SiteProductsOut:
    """List what is made at a site."""
    made = site_products.list_site_products(ctx, site_id)
    return SiteProductsOut(items=[SiteProductOut.of(one) for one in made])


@resource.operation("PUT", "/sites/{site_id}/products/{product_id}", role=Role.EDITOR)
def set_product(ctx: Context, site_id: Id, product_id: Id, body: SiteProductIn) -> SiteProductOut:
    """Say that a product is made at a site, or say it anew."""
    by_product = _by_product(body.by_product) if body.by_product else None
    mass = decimal_of(body.mass, "/mass")
    return SiteProductOut.of(site_products.set_site_product(ctx, site_id, product_id, mass, by_product))


def _by_product(given: ByProductIn) -> site_products.ByProductOf:
    return site_products.ByProductOf(
        given.process_id,
        given.rule,
        decimal_of(given.share, "/by_product/share"),
        given.waste_code,
        given.terms,
        given.processed_before_sale,
    )
