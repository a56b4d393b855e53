"""Own development: the five indicators over the years, absolute and as productivity, with index and class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.v1.targets import SubjectOut
from exchange.api.wire import Id, OptionalDerivedText, Out, Query
from exchange.domain.development import Decoupling, Hindrance, PriceBasis
from exchange.domain.indicators import Indicator
from exchange.domain.own_development import Row, Subject
from exchange.services import own_development
from exchange.services.context import Context

resource = Resource(
    "development", "How the organisation, its sites and products developed from year to year."
)


class ProductivityOut(Out):
    """DKK of value added per unit of the indicator; null where `hindrance` says why."""

    value: OptionalDerivedText
    price_basis: PriceBasis | None
    hindrance: Hindrance | None


class YearChangeOut(Out):
    """A year against another: indices (that one is 100), decoupling class, and why any of them is missing."""

    effect_index: OptionalDerivedText
    productivity_index: OptionalDerivedText
    decoupling: Decoupling | None
    hindrance: Hindrance | None
    changes: list[str]


class DevelopmentRowOut(Out):
    """One subject, indicator and year; null from `absolute` on in a year without a figure.

    `absolute` is the own effect in the indicator's unit, "at least" where `is_at_least`.
    """

    subject: SubjectOut
    name: str
    indicator: Indicator
    unit: str
    year: int
    absolute: OptionalDerivedText
    is_at_least: bool
    productivity: ProductivityOut | None
    against_base: YearChangeOut | None
    against_previous: YearChangeOut | None


class WithoutOut(Out):
    """A year and the names of the sites that lack a calculation of it."""

    year: int
    sites: list[str]


class DevelopmentOut(Out):
    """All rows; `base_year` is null and there is none before the first calculation of a calendar year.

    `proxies`: years in which gross profit stands for value added; `in_current_prices`: years without a price index.
    """

    base_year: int | None
    items: list[DevelopmentRowOut]
    without: list[WithoutOut]
    proxies: list[int]
    in_current_prices: list[int]


class DevelopmentQuery(Query):
    """Of one site or product alone if named; against the first year there is unless another is named."""

    site_id: Id | None = None
    product_id: Id | None = None
    base_year: Annotated[int | None, Field(ge=1900, le=2199)] = None


@resource.operation("GET", "/development")
def get(ctx: Context, query: DevelopmentQuery) -> DevelopmentOut:
    """Read the comparatives over the years, out of the newest calculation of each calendar year."""
    found = own_development.own_development(ctx, query.site_id, query.product_id, query.base_year)
    return DevelopmentOut(
        base_year=found.base_year,
        items=[_row(row, found.names) for row in found.rows],
        without=[WithoutOut(year=year, sites=list(sites)) for year, sites in sorted(found.without.items())],
        proxies=list(found.proxies),
        in_current_prices=list(found.in_current_prices),
    )


def _row(row: Row, names: Mapping[Subject, str]) -> DevelopmentRowOut:
    said = {"name": names[row.subject], "unit": row.indicator.unit.value}
    return DevelopmentRowOut.model_validate({**vars(row), **said})
