"""The calculations of a year an organisation's dataset is made from, site by site, with what they stand on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from exchange.domain.indicators import Indicator
from exchange.domain.voluntary_standard import AccountedFlow, AccountedSite, read_flow
from exchange.services.calculated_years import newest_of_years
from exchange.services.calculation_rows import SITE
from exchange.services.context import Context
from exchange.services.sites import Site, list_sites
from exchange.store import bills
from exchange.store import calculated_years as query
from exchange.store.tables.calculations import CalculationRow
from exchange.store.tables.sites import BillRow


@dataclass(frozen=True)
class YearOfSite:
    """A site's calculation of the year: figures, its identity (the hash of all that went in), its bills' documents."""

    site: Site
    accounted: AccountedSite
    identity: str
    factor_set: str
    documents: tuple[str, ...]


def read_accounts(ctx: Context, year: int) -> tuple[list[YearOfSite], list[Site]]:
    """The sites with a calculation of exactly the calendar year, by name; and those without."""
    sites = list_sites(ctx)
    with ctx.store.read() as session:
        newest = newest_of_years(session, ctx.who.organisation_id)
        rows = {row.site_id: row for row in newest if row.period_start.year == year}
        ids = [row.id for row in rows.values()]
        flows: dict[str, list[AccountedFlow]] = {}
        for line in query.lines_of_all(session, ids, SITE):
            flows.setdefault(line.calculation_id, []).append(read_flow(line.steps))
        gaps: dict[str, dict[Indicator, tuple[Mapping[str, Any], ...]]] = {}
        for figure in query.figures_of_all(session, ids):
            if figure.product_id == SITE:
                gaps.setdefault(figure.calculation_id, {})[Indicator(figure.indicator)] = tuple(figure.gaps)
        accounts = [
            YearOfSite(
                site,
                AccountedSite(
                    site.name, tuple(flows.get(row.id, ())), gaps.get(row.id, {}), site.is_water_stressed
                ),
                row.identity.removeprefix("sha256:"),
                row.factor_set,
                _documents(session, row),
            )
            for site in sites
            if (row := rows.get(site.id)) is not None
        ]
    return accounts, [site for site in sites if site.id not in rows]


def _documents(session: Session, row: CalculationRow) -> tuple[str, ...]:
    """The digests of the documents attached to the bills of the period."""
    found = bills.overlapping(session, BillRow, row.site_id, row.period_start, row.period_end)
    return tuple(sorted({one["digest"] for bill in found for one in bill.evidence}))
