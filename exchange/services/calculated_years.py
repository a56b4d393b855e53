"""The newest calculation of each of an organisation's sites and calendar years, read in a few queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlmodel import Session

from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from exchange.domain.periods import year as year_period
from exchange.domain.year_figures import OwnEffect, ProductYear, SiteYear
from exchange.services.calculation_rows import SITE
from exchange.store import calculated_years as query
from exchange.store.calculations import newest_by_period
from exchange.store.tables.calculations import (
    CalculationFigureRow,
    CalculationProductRow,
    CalculationRow,
)

OWN_ROW = "own#"  # how the reference of an organisation's own factor begins


def newest_of_years(session: Session, organisation_id: str) -> tuple[CalculationRow, ...]:
    """The newest calculation of each site and calendar year, in order of year and site."""
    rows = [
        row
        for row in newest_by_period(session, organisation_id)
        if Period(row.period_start, row.period_end) == year_period(row.period_start.year)
    ]
    return tuple(sorted(rows, key=lambda row: (row.period_start, row.site_id)))


def read_site_years(session: Session, organisation_id: str) -> tuple[SiteYear, ...]:
    """What those calculations came to, by site and product; three queries, however many there are."""
    rows = newest_of_years(session, organisation_id)
    ids = [row.id for row in rows]
    figures: dict[tuple[str, str], list[CalculationFigureRow]] = {}
    for figure in query.figures_of_all(session, ids):
        figures.setdefault((figure.calculation_id, figure.product_id), []).append(figure)
    made: dict[str, list[CalculationProductRow]] = {}
    for product in query.products_of_all(session, ids):
        made.setdefault(product.calculation_id, []).append(product)
    return tuple(
        SiteYear(
            site=row.site_id,
            year=row.period_start.year,
            effects={
                Indicator(one.indicator): OwnEffect(one.own, bool(one.gaps))
                for one in figures.get((row.id, SITE), ())
            },
            products={
                one.product_id: _product_year(one, figures.get((row.id, one.product_id), ()))
                for one in made.get(row.id, ())
            },
            own_factors=_own_factors(row.factors),
        )
        for row in rows
    )


def _product_year(product: CalculationProductRow, figures: Sequence[CalculationFigureRow]) -> ProductYear:
    """Own effect per unit times what was made."""
    revenue = product.content.get("revenue")
    quality = product.content.get("quality", {})
    return ProductYear(
        {
            Indicator(one.indicator): OwnEffect(
                Fraction(one.own) * Fraction(product.produced),
                bool(one.gaps),
                _method(quality.get(one.indicator, {})),
            )
            for one in figures
        },
        None if revenue is None else Decimal(revenue),
    )


def _method(quality: Mapping[str, Any]) -> str:
    """By a meter or by which key: what the dataset's quality says of the figure."""
    return f"{quality.get('measurement_basis', '')} {quality.get('allocation', {}).get('method', '')}".strip()


def _own_factors(used: Iterable[Mapping[str, Any]]) -> frozenset[tuple[str, str]]:
    return frozenset((one["key"], one["basis"]) for one in used if one["reference"].startswith(OWN_ROW))
