"""A company's own development: its five indicators by organisation, site and product over the years (section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.development import PriceBasis
from exchange.domain.errors import NotFoundError
from exchange.domain.own_development import Level, Row, Subject, YearFigure, value_added
from exchange.domain.own_development import own_development as develop_own
from exchange.domain.year_figures import PROXY, CompanyValue, without_calculation, year_figures
from exchange.services.calculated_years import read_site_years
from exchange.services.company_years import CompanyYear, list_company_years
from exchange.services.context import Context
from exchange.services.value_added import deflator_of
from exchange.store import accounts, calculated_years
from exchange.store import sites as query


@dataclass(frozen=True)
class OwnYears:
    """Every figure of the organisation, its sites and products; `names` by subject.

    `without` are names of sites by the year in which they lack a calculation, `proxies` the years in which gross profit
    stands for value added, `in_current_prices` those with value added and no price index.
    """

    figures: tuple[YearFigure, ...]
    names: Mapping[Subject, str]
    without: Mapping[int, tuple[str, ...]]
    proxies: tuple[int, ...]
    in_current_prices: tuple[int, ...]


@dataclass(frozen=True)
class DevelopmentView:
    """The comparatives of all years that have a calculation of a calendar year; fields as in `OwnYears`.

    `base_year` None: there is no such calculation yet, and no row.
    """

    base_year: int | None
    rows: tuple[Row, ...]
    names: Mapping[Subject, str]
    without: Mapping[int, tuple[str, ...]]
    proxies: tuple[int, ...]
    in_current_prices: tuple[int, ...]


def own_development(
    ctx: Context, site_id: str | None = None, product_id: str | None = None, base_year: int | None = None
) -> DevelopmentView:
    """How the organisation, its sites and products developed, out of the newest calculation of each calendar year.

    Of one site or product alone where it is named. `base_year` None: the first year there is. NotFoundError for a
    site or product that is not the organisation's.
    """
    own = read_own_years(ctx)
    wanted = {
        Subject(level, subject_id)
        for level, subject_id in ((Level.SITE, site_id), (Level.PRODUCT, product_id))
        if subject_id is not None
    }
    if not wanted <= set(own.names):
        raise NotFoundError
    figures = [one for one in own.figures if not wanted or one.subject in wanted]
    first = min((one.year for one in figures), default=None)
    base = base_year if base_year is not None and figures else first
    return DevelopmentView(
        base,
        develop_own(figures, base) if base is not None else (),
        own.names,
        own.without,
        own.proxies,
        own.in_current_prices,
    )


def read_own_years(ctx: Context) -> OwnYears:
    """The figures behind development and targets, with value added in constant prices where there is an index."""
    ctx.who.require(Role.VIEWER)
    years = list_company_years(ctx)
    values = {
        one.year: _company_value(ctx, one, one.value_added) for one in years if one.value_added is not None
    }
    organisation_id = ctx.who.organisation_id
    with ctx.store.read() as session:
        calculated = read_site_years(session, organisation_id)
        names = _names(session, organisation_id)
    figures = year_figures(organisation_id, calculated, values)
    return OwnYears(
        figures,
        names,
        {
            year: tuple(sorted(names[Subject(Level.SITE, site)] for site in sites))
            for year, sites in without_calculation(calculated).items()
        },
        tuple(one.year for one in years if one.is_proxy),
        tuple(number for number, one in values.items() if one.value.basis is PriceBasis.CURRENT),
    )


def _company_value(ctx: Context, year: CompanyYear, amount: Decimal) -> CompanyValue:
    """Gross profit is never compared with value added: its series has a name of its own."""
    value = value_added(amount, deflator_of(ctx, year.year))
    if year.is_proxy:
        value = replace(value, series=f"{value.series}/{PROXY}")
    return CompanyValue(value, year.turnover)


def _names(session: Session, organisation_id: str) -> dict[Subject, str]:
    organisation = accounts.get_organisation(session, organisation_id)
    names = {Subject(Level.ORGANISATION, organisation_id): organisation.name}
    names |= {Subject(Level.SITE, row.id): row.name for row in query.sites_of(session, organisation_id)}
    own = calculated_years.product_names(session, organisation_id)
    return names | {Subject(Level.PRODUCT, product_id): name for product_id, name in own.items()}
