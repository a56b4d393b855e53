"""Stored calculations as they are read: headers and figures, and the steps of one figure alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import NotFoundError
from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from exchange.services.calculation_rows import SITE
from exchange.services.context import Context
from exchange.services.paging import Keyset, Page, check_limit, make_page, read_cursor
from exchange.store import calculations as query
from exchange.store import datasets, products, publications
from exchange.store.tables.calculations import CalculationFigureRow, CalculationProductRow, CalculationRow

# Which kinds of flow an indicator's figure is the sum of.
KINDS: Mapping[Indicator, tuple[str, ...]] = {
    Indicator.RESOURCES: ("material", "packaging"),
    Indicator.WATER: ("water",),
    Indicator.CO2E: ("energy",),
    Indicator.ENERGY: ("energy",),
    Indicator.WASTE: ("waste",),
}
STANDING = frozenset({"waiting", "published"})  # a publication that was refused may be tried again


@dataclass(frozen=True)
class UpstreamPart:
    """What one flow brings with it before the gate; `source` "" is a gap. `is_linked`: from a supplier's dataset."""

    flow: str
    amount: str
    unit: str
    brought: Decimal
    netted: Decimal
    source: str
    is_linked: bool


@dataclass(frozen=True)
class FigureView:
    """One indicator: `own` in `unit` (per declared unit; of the site in the period), gaps, and the part upstream.

    `is_total_at_least`: the total lacks something, be it only what inputs nobody booked would have brought.
    `gaps` are {kind, name, period?}; `shares` the four kinds of quality, empty for the site.
    """

    indicator: Indicator
    own: Decimal
    unit: str
    shares: Mapping[str, str]
    gaps: tuple[Mapping[str, Any], ...]
    upstream: tuple[UpstreamPart, ...]
    is_total_at_least: bool

    @property
    def upstream_amount(self) -> Decimal:
        """What links and factors add: brought less netted."""
        return sum((one.brought - one.netted for one in self.upstream), Decimal(0))

    @property
    def total(self) -> Decimal:
        """Own and upstream, "at least" where anything is missing."""
        return self.own + self.upstream_amount


@dataclass(frozen=True)
class ProductView:
    """A product's figures per declared unit, what was produced, and the groups of its dataset but for identity.

    `publication_state` is waiting, published (and in force), superseded, withdrawn or refused; None where these
    figures were never handed in.
    `has_version`: a dataset of the product and period is in force, be it of other figures.
    """

    id: str
    name: str
    unit: str
    produced: Decimal
    figures: tuple[FigureView, ...]
    content: Mapping[str, Any]
    publication_id: str | None
    publication_state: str | None
    has_version: bool

    @property
    def is_standing(self) -> bool:
        """Whether these figures wait for their signature, or are in force with it."""
        return self.publication_state in STANDING


@dataclass(frozen=True)
class CalculationHeader:
    """Which site and period, when, with which set of factors; `identity` is the hash of all that went in."""

    id: str
    site_id: str
    period: Period
    factor_set: str
    created_at: datetime
    identity: str


@dataclass(frozen=True)
class CalculationView:
    """A calculation: the site's own figures, each product's, and what no product got.

    `rests` are {flow, amount, of, unit}; `without_output` ids of products of which nothing was made; `gwp_sets` the
    sets of global warming potentials that factors name.
    """

    header: CalculationHeader
    site: tuple[FigureView, ...]
    products: tuple[ProductView, ...]
    rests: tuple[Mapping[str, str], ...]
    without_output: tuple[str, ...]
    factors: tuple[Mapping[str, Any], ...]
    gwp_sets: tuple[str, ...]


@dataclass(frozen=True)
class OpenedFigure:
    """One figure with its own steps, as `exchange.domain.calculation.explain` writes them."""

    header: CalculationHeader
    product_id: str | None
    figure: FigureView
    steps: tuple[Mapping[str, Any], ...]


def get_calculation(ctx: Context, calculation_id: str) -> CalculationView:
    """One of the organisation's calculations; NotFoundError otherwise."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        row = query.find_own_calculation(session, ctx.who.organisation_id, calculation_id)
        if row is None:
            raise NotFoundError
        return present_calculation(session, row)


def list_calculations(
    ctx: Context, cursor: str | None = None, limit: int = 50, site_id: str | None = None
) -> Page[CalculationHeader]:
    """The organisation's calculations, newest first; of one site where it is named."""
    ctx.who.require(Role.VIEWER)
    check_limit(limit)
    after = read_cursor(cursor)
    with ctx.store.read() as session:
        rows = query.page_calculations(session, ctx.who.organisation_id, after, limit, site_id)
        return make_page(rows, limit, lambda row: Keyset(row.created_at, row.id), _header)


def open_figure(
    ctx: Context, calculation_id: str, product_id: str | None, indicator: Indicator
) -> OpenedFigure:
    """One figure of a product (None: the site) with its steps, and nothing of any other figure.

    NotFoundError for a foreign calculation, or an indicator of which nothing is booked.
    """
    ctx.who.require(Role.VIEWER)
    owner = product_id or SITE
    with ctx.store.read() as session:
        row = query.find_own_calculation(session, ctx.who.organisation_id, calculation_id)
        found = query.find_figure(session, calculation_id, owner, indicator.value) if row else None
        if row is None or found is None:
            raise NotFoundError
        steps = query.lines_of(session, calculation_id, owner, KINDS[indicator])
        return OpenedFigure(_header(row), product_id, _figure(found), tuple(one.steps for one in steps))


def present_calculation(session: Session, row: CalculationRow) -> CalculationView:
    """The outward form of a calculation, all its figures in a handful of queries."""
    figures: dict[str, list[CalculationFigureRow]] = {}
    for one in query.figures_of(session, row.id):
        figures.setdefault(one.product_id, []).append(one)
    made = query.products_of(session, row.id)
    ids = [one.product_id for one in made]
    named = products.units_and_names(session, ids)
    period = Period(row.period_start, row.period_end)
    versions = datasets.subjects_in_force(session, row.organisation_id, ids, period)
    states = publications.states_of(session, [one.publication_id for one in made if one.publication_id])
    return CalculationView(
        header=_header(row),
        site=_figures(figures.get(SITE, ())),
        products=tuple(
            sorted(
                (
                    _product(
                        one,
                        named[one.product_id],
                        figures.get(one.product_id, ()),
                        states,
                        has_version=one.product_id in versions,
                    )
                    for one in made
                ),
                key=lambda one: (one.name, one.id),
            )
        ),
        rests=tuple(row.summary.get("rests", ())),
        without_output=tuple(row.summary.get("without_output", ())),
        factors=tuple(row.factors),
        gwp_sets=tuple(row.summary.get("gwp_sets", ())),
    )


def _product(
    row: CalculationProductRow,
    named: tuple[str, str],
    figures: Sequence[CalculationFigureRow],
    states: Mapping[str, str],
    *,
    has_version: bool,
) -> ProductView:
    name, unit = named
    return ProductView(
        id=row.product_id,
        name=name,
        unit=unit,
        produced=row.produced,
        figures=_figures(figures),
        content=row.content,
        publication_id=row.publication_id,
        publication_state=states.get(row.publication_id) if row.publication_id else None,
        has_version=has_version,
    )


def _header(row: CalculationRow) -> CalculationHeader:
    period = Period(row.period_start, row.period_end)
    return CalculationHeader(row.id, row.site_id, period, row.factor_set, row.created_at, row.identity)


def _figures(rows: Sequence[CalculationFigureRow]) -> tuple[FigureView, ...]:
    order = {indicator.value: place for place, indicator in enumerate(Indicator)}
    return tuple(_figure(row) for row in sorted(rows, key=lambda row: order[row.indicator]))


def _figure(row: CalculationFigureRow) -> FigureView:
    return FigureView(
        Indicator(row.indicator),
        row.own,
        row.unit,
        row.shares,
        tuple(row.gaps),
        tuple(map(_part, row.upstream["lines"])),
        not row.upstream["is_whole"],
    )


def _part(stored: Mapping[str, Any]) -> UpstreamPart:
    linked = stored.get("supplier_product")
    return UpstreamPart(
        stored["flow"],
        stored["per_unit"]["amount"],
        stored["per_unit"]["unit"],
        Decimal(stored["brought"]),
        Decimal(stored["netted"]),
        linked if linked is not None else stored.get("source", ""),
        linked is not None,
    )
