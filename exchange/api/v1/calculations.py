"""Calculations: a site's account worked out, every figure with its steps, and the way from there to a dataset."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from exchange.api.operation import Resource
from exchange.api.v1.publications import PublicationOut, present_publication
from exchange.api.wire import (
    DecimalText,
    Id,
    OptionalDecimalText,
    Out,
    PageOut,
    PageQuery,
    PeriodField,
    PeriodIn,
    Reply,
    page_of,
)
from exchange.domain.actors import Role
from exchange.domain.factors import Factor, FactorBasis, UsedFactor
from exchange.domain.groups import DatasetKind
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import UnitCode
from exchange.services import calculation_views, calculations, product_drafts, revisions
from exchange.services.context import Context

resource = Resource("calculations", "A site's bills worked out to the last digit, and what becomes of it.")

SITE = "site"


class CalculationHeaderOut(Out):
    """Which site and period, when, and with which edition of the exchange's factors."""

    id: Id
    site_id: Id
    period: PeriodField
    factor_set: str
    created_at: datetime


class GapOut(Out):
    """What a figure lacks, so that it is "at least"; `name` is the flow's, "" where nothing at all is booked."""

    kind: str
    name: str
    period: PeriodField | None = None


class UpstreamOut(Out):
    """What one flow's `amount` per unit brings with it, less what the gate counted already; `source` "" is a gap."""

    flow: str
    amount: str
    unit: UnitCode
    brought: DecimalText
    netted: DecimalText
    source: str
    is_linked: bool


class FigureOut(Out):
    """One indicator in `unit`: of a product for one declared unit, of the site for the period.

    `shares` are measured, allocated, secondary and unknown (empty for the site); `gaps` make `own`, and with missing
    parts upstream `total`, "at least".
    """

    indicator: Indicator
    own: DecimalText
    unit: UnitCode
    shares: dict[str, str]
    gaps: list[GapOut]
    upstream: list[UpstreamOut]
    upstream_amount: DecimalText
    total: DecimalText
    is_total_at_least: bool


class CalculatedProductOut(Out):
    """A product's figures for one declared unit; `publication_id` once it was published from here."""

    id: Id
    name: str
    unit: UnitCode
    produced: DecimalText
    figures: list[FigureOut]
    publication_id: Id | None


class RestOut(Out):
    """What no product got of a flow: `amount` of all that the site used, in its unit."""

    flow: str
    amount: str
    site_amount: Annotated[str, Field(validation_alias="of")]
    unit: UnitCode


def _used(factor: Any) -> Any:
    """The outward form of a factor, in use or cited; anything else is left to Pydantic."""
    if not isinstance(factor, Factor | UsedFactor):
        return factor
    unit = f"{factor.result.value}/{factor.activity.value}"
    return {"reference": factor.reference, "value": factor.value, "unit": unit}


def _stored(factor: Any) -> Any:
    """The outward form of a factor as a calculation keeps it."""
    return {**factor, "unit": f"{factor['result']}/{factor['activity']}"} if "result" in factor else factor


class CitedFactorOut(Out):
    """A factor as a figure cites it, and for which days it was used."""

    reference: str
    key: str
    basis: FactorBasis
    value: str
    unit: str
    period: PeriodField


class CalculationOut(CalculationHeaderOut):
    """A calculation: the site's own figures, each product's, what no product got, and the factors used.

    `without_output` are products nothing was made of.
    """

    site: list[FigureOut]
    products: list[CalculatedProductOut]
    rests: list[RestOut]
    without_output: list[Id]
    factors: list[Annotated[CitedFactorOut, BeforeValidator(_stored)]]


class OpenedFigureOut(Out):
    """One figure with its steps: bills, conversions, key, windows, amount per unit, and factors.

    A step is written as in the `breakdown` group of product datasets; `product_id` is null for the site.
    """

    calculation: CalculationHeaderOut
    product_id: Id | None
    figure: FigureOut
    steps: list[dict[str, Any]]


class DraftOut(Out):
    """What `POST /datasets` takes: the content of a product's dataset, as the calculation has it."""

    kind: Literal[DatasetKind.PRODUCT]
    subject: dict[str, Any]


class FactorValueOut(Out):
    """A factor's value and where it stands."""

    reference: str
    value: DecimalText
    unit: str


FactorValue = Annotated[FactorValueOut, BeforeValidator(_used)]
OptionalFactorValue = Annotated[FactorValueOut | None, BeforeValidator(_used)]


class FactorChangeOut(Out):
    """On the days of `period` the factors have `new` where the calculation used `used`; null: nothing any more."""

    key: str
    period: PeriodField
    used: FactorValue
    new: OptionalFactorValue


class FigureChangeOut(Out):
    """A product's figure for one declared unit as it stands, and as it would come out now (null: no more).

    `old` and `new` are inside the gate alone; the totals hold what came before it too.
    """

    product_id: Id
    name: str
    indicator: Indicator
    old: DecimalText
    new: OptionalDecimalText
    old_total: DecimalText
    new_total: OptionalDecimalText
    is_published: bool


class RevisionOut(Out):
    """What calculating anew would change; nothing does where `is_current`."""

    calculation_id: Id
    site_id: Id
    period: PeriodField
    is_current: bool
    factors: list[FactorChangeOut]
    figures: list[FigureChangeOut]


class CalculationsQuery(PageQuery):
    """Calculations of one site if named."""

    site_id: Id | None = None


@resource.operation("POST", "/sites/{site_id}/calculations", role=Role.EDITOR, status=201)
def calculate(ctx: Context, site_id: Id, body: PeriodIn) -> Reply[CalculationOut]:
    """Work a site's account of a period out; the same input gives the calculation that is there."""
    made = calculations.calculate_site(ctx, site_id, body.to_period())
    return Reply(_present(made), headers={"Location": f"/api/v1/calculations/{made.header.id}"})


@resource.operation("GET", "/calculations")
def list_own(ctx: Context, query: CalculationsQuery) -> PageOut[CalculationHeaderOut]:
    """List the organisation's calculations, newest first."""
    page = calculation_views.list_calculations(ctx, query.cursor, query.limit, query.site_id)
    return page_of(page, CalculationHeaderOut.of)


@resource.operation("GET", "/calculations/{calculation_id}")
def get(ctx: Context, calculation_id: Id) -> CalculationOut:
    """Read a calculation with all its figures, without their steps."""
    return _present(calculation_views.get_calculation(ctx, calculation_id))


@resource.operation("GET", "/calculations/{calculation_id}/figures/{product_id}/{indicator}")
def open_figure(
    ctx: Context, calculation_id: Id, product_id: Id | Literal["site"], indicator: Indicator
) -> OpenedFigureOut:
    """Open one figure of a product, or of the `site`, to the sum it is."""
    named = None if product_id == SITE else product_id
    found = calculation_views.open_figure(ctx, calculation_id, named, indicator)
    return OpenedFigureOut(
        calculation=CalculationHeaderOut.of(found.header),
        product_id=found.product_id,
        figure=FigureOut.of(found.figure),
        steps=[dict(step) for step in found.steps],
    )


@resource.operation("GET", "/calculations/{calculation_id}/revision")
def preview_revision(ctx: Context, calculation_id: Id) -> RevisionOut:
    """Say what calculating anew with today's bills, keys and factors would change; stores nothing."""
    return RevisionOut.of(revisions.preview_revision(ctx, calculation_id))


@resource.operation("GET", "/calculations/{calculation_id}/products/{product_id}/draft", role=Role.EDITOR)
def draft(ctx: Context, calculation_id: Id, product_id: Id) -> DraftOut:
    """Read the content of a product's dataset as it would be published; stores nothing."""
    content = product_drafts.draft_product(ctx, calculation_id, product_id)
    return DraftOut(kind=DatasetKind.PRODUCT, subject=content)


@resource.operation(
    "POST",
    "/calculations/{calculation_id}/products/{product_id}/publications",
    role=Role.SIGNER,
    status=202,
)
def publish(ctx: Context, calculation_id: Id, product_id: Id) -> Reply[PublicationOut]:
    """Publish a product's dataset from a calculation: the worker signs it under the custody key."""
    waiting = product_drafts.publish_product(ctx, calculation_id, product_id)
    return Reply(present_publication(waiting), headers={"Location": f"/api/v1/publications/{waiting.id}"})


def _present(view: calculation_views.CalculationView) -> CalculationOut:
    header = CalculationHeaderOut.of(view.header)
    parts = {name: getattr(view, name) for name in CalculationOut.model_fields if hasattr(view, name)}
    return CalculationOut.model_validate({**dict(header), **parts})
