"""Cells of a chain as they are released: rows written once, whose figures are in them, and their parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from exchange.domain.indicators import Indicator
from exchange.domain.rounding import promised_digits, rounded
from exchange.services.context import Context
from exchange.services.rollup.chain_figures import Figures
from exchange.services.rollup.chain_parts import Part
from exchange.services.rollup.contributors import Contributor
from exchange.services.rollup.part_kinds import PartKind
from exchange.services.rollup.rolled import Rolled
from exchange.store import rollups as query
from exchange.store.chains import parts_of
from exchange.store.tables.rollup import ReleaseContributionRow, ReleasePartRow, ReleaseRow

RELEASED, NO_DATA = "released", "no_data"
IMPRECISE = "imprecise"
CellKey = tuple[date, date, str]  # period [start, end) and indicator


@dataclass(frozen=True)
class Cell:
    """A release row with the figures' owners, (dataset id, field group, owner id), and its parts."""

    row: ReleaseRow
    contributions: frozenset[tuple[str, str, str]]
    parts: tuple[Part, ...] = ()


def cells_in_force(session: Session, chain_id: str) -> dict[CellKey, Cell]:
    """The newest release of each cell of a chain."""
    rows = query.releases_in_force(session, chain_id)
    ids = [row.id for row in rows.values()]
    owners: dict[str, set[tuple[str, str, str]]] = {one: set() for one in ids}
    for contribution in query.contributions_of(session, ids):
        dataset = contribution.dataset
        owners[contribution.release_id].add((dataset.id, contribution.field_group, dataset.organisation_id))
    parts: dict[str, list[Part]] = {one: [] for one in ids}
    for part in parts_of(session, ids):
        parts[part.release_id].append(_read_part(part))
    return {key: Cell(row, frozenset(owners[row.id]), tuple(parts[row.id])) for key, row in rows.items()}


def empty_cell(chain_id: str, place: Rolled, indicator: Indicator) -> Cell:
    """A cell that says that nothing the chain asks about has any data."""
    return Cell(_row(chain_id, place, indicator, NO_DATA), frozenset())


def uncertain_cell(chain_id: str, place: Rolled, indicator: Indicator) -> Cell:
    """A cell without a figure, because no digit of it would be certain."""
    return Cell(_row(chain_id, place, indicator, NO_DATA, detail={"reason": IMPRECISE}), frozenset())


def drafted_cell(
    chain_id: str, place: Rolled, figures: Figures, contributors: Mapping[str, Contributor]
) -> Cell:
    """A cell with figures; its development is still to be said."""
    shares = figures.shares or (None, None, None, None)
    produced, bound = figures.productivity, figures.error_bound
    row = _row(
        chain_id,
        place,
        Indicator(figures.indicator),
        RELEASED,
        value=figures.total,
        per_unit=figures.per_unit,
        productivity=cut(produced.value, bound),
        productivity_coverage=cut(produced.coverage, bound),
        detail=_detail(figures),
        measured=shares[0],
        allocated=shares[1],
        secondary=shares[2],
        unknown=shares[3],
        coverage_mass=figures.coverage_mass,
        is_at_least=figures.is_at_least,
        missing=[dict(one) for one in figures.missing],
        panel={
            "products": figures.panel.products,
            "links": figures.panel.links,
            "method": figures.panel.method,
            "factors": figures.panel.factors,
            "covered": figures.covered,
        },
    )
    owners = frozenset(
        (dataset, group, contributors[dataset].owner_id) for dataset, group in figures.contributions
    )
    return Cell(row, owners, figures.parts)


def _detail(figures: Figures) -> dict[str, str | None]:
    produced, bound = figures.productivity, figures.error_bound
    return {
        "per_unit_of": figures.per_unit_of,
        "own": text_of(figures.own),
        "upstream": None if figures.is_group else text_of(figures.upstream),
        "beside_upstream": text_of(figures.upstream) if figures.is_group else None,
        "beside_at_least": "yes" if figures.is_upstream_at_least else None,
        "error_bound": text_of(bound),
        "value_added": text_of(cut(produced.value_added, bound)),
        "covered_effect": text_of(cut(produced.effect, bound)),
        "price_basis": produced.price_basis.value if produced.price_basis else None,
        "productivity_hindrance": produced.hindrance.value if produced.hindrance else None,
    }


def _row(chain_id: str, place: Rolled, indicator: Indicator, status: str, **figures: Any) -> ReleaseRow:
    return ReleaseRow(
        id="",
        chain_id=chain_id,
        indicator=indicator.value,
        period_start=place.period.start,
        period_end=place.period.end,
        run_id=place.run_id,
        status=status,
        unit=indicator.unit.value,
        **figures,
    )


def store_cell(ctx: Context, session: Session, cell: Cell) -> None:
    """Write a cell as a new release."""
    row = ReleaseRow(**{**cell.row.model_dump(), "id": ctx.new_id(), "created_at": ctx.now()})
    session.add(row)
    session.flush()
    session.add_all(
        ReleaseContributionRow(release_id=row.id, dataset_id=dataset_id, field_group=group, owner_id=owner_id)
        for dataset_id, group, owner_id in sorted(cell.contributions)
    )
    session.add_all(_part_row(row.id, position, part) for position, part in enumerate(cell.parts))


def cut(value: Decimal | None, error_bound: Decimal) -> Decimal | None:
    """A figure with the digits its error bound promises; None where that is none."""
    digits = promised_digits(float(error_bound))
    return rounded(float(value), digits) if value is not None and digits else None


def text_of(value: Decimal | None) -> str | None:
    """A figure as it stands in the JSON of a cell."""
    return None if value is None else format(value, "f")


def _part_row(release_id: str, position: int, part: Part) -> ReleasePartRow:
    return ReleasePartRow(
        release_id=release_id,
        position=position,
        kind=part.kind.value,
        name=part.name,
        tier=part.tier,
        organisation_id=part.organisation,
        product_id=part.product,
        is_declared=part.is_declared,
        value=part.value,
        other=part.other,
        many=part.many,
    )


def _read_part(row: ReleasePartRow) -> Part:
    return Part(
        PartKind(row.kind),
        row.value,
        row.name,
        row.tier,
        row.organisation_id,
        row.product_id,
        row.is_declared,
        row.other,
        row.many,
    )
