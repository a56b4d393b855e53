"""Releases: chain cells written once and never changed; a new figure is a new row (method section 10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from exchange.domain.development import (
    Development,
    Hindrance,
    Panel,
    PriceBasis,
    Productivity,
    Standing,
    develop,
)
from exchange.domain.indicators import Indicator
from exchange.domain.rounding import promised_digits, rounded
from exchange.services.context import Context
from exchange.services.rollup.chain_figures import Figures
from exchange.services.rollup.network_build import DatasetReference
from exchange.store import rollups as query
from exchange.store.tables.rollup import ReleaseContributionRow, ReleaseRow

REFERENCES = ("base", "previous")
COMPARED = (
    "status",
    "value",
    "per_unit",
    "productivity",
    "productivity_coverage",
    "detail",
    "measured",
    "allocated",
    "secondary",
    "unknown",
    "coverage_mass",
    "is_at_least",
    "missing",
    "panel",
)


@dataclass(frozen=True)
class ChainPeriod:
    """A chain in a period [start, end)."""

    chain_id: str
    start: date
    end: date


@dataclass(frozen=True)
class Cell:
    """A release row with the figures' owners: (dataset id, field group, owner id)."""

    row: ReleaseRow
    contributions: frozenset[tuple[str, str, str]]


def release_chain(
    ctx: Context,
    session: Session,
    place: ChainPeriod,
    run_id: str,
    figures: Iterable[Figures],
    references: Mapping[str, DatasetReference],
) -> int:
    """Release a chain's figures of one period, and what they change in later ones; returns how many rows.

    A cell that stays what it was gets no new row. Without figures (no target has data) cells say `no_data`.
    """
    before = _cells_in_force(session, place.chain_id)
    after = dict(before)
    drafted = {one.indicator: _draft(place, run_id, one, references) for one in figures}
    for indicator in Indicator:
        cell = drafted.get(indicator.value) or Cell(_row(place, run_id, indicator, "no_data"), frozenset())
        after[(place.start, place.end, indicator.value)] = cell
    changed = 0
    for key in sorted(after):
        if key[:2] >= (place.start, place.end):
            cell = _developed(after, key)
            if key not in before or _differs(before[key], cell):
                _add(ctx, session, cell)
                changed += 1
    return changed


def _cells_in_force(session: Session, chain_id: str) -> dict[tuple[date, date, str], Cell]:
    rows = query.releases_in_force(session, chain_id)
    owners: dict[str, set[tuple[str, str, str]]] = {row.id: set() for row in rows.values()}
    for one in query.contributions_of(session, list(owners)):
        owners[one.release_id].add((one.dataset.id, one.field_group, one.dataset.organisation_id))
    return {key: Cell(row, frozenset(owners[row.id])) for key, row in rows.items()}


def _row(place: ChainPeriod, run_id: str, indicator: Indicator, status: str, **figures: Any) -> ReleaseRow:
    return ReleaseRow(
        id="",
        chain_id=place.chain_id,
        indicator=indicator.value,
        period_start=place.start,
        period_end=place.end,
        run_id=run_id,
        status=status,
        unit=indicator.unit.value,
        **figures,
    )


def _draft(
    place: ChainPeriod, run_id: str, figures: Figures, references: Mapping[str, DatasetReference]
) -> Cell:
    shares = figures.shares or (None, None, None, None)
    produced, bound = figures.productivity, figures.error_bound
    row = _row(
        place,
        run_id,
        Indicator(figures.indicator),
        "released",
        value=figures.total,
        per_unit=figures.per_unit,
        productivity=_cut(produced.value, bound),
        productivity_coverage=_cut(produced.coverage, bound),
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
        (dataset, group, references[dataset].owner_id) for dataset, group in figures.contributions
    )
    return Cell(row, owners)


def _detail(figures: Figures) -> dict[str, str | None]:
    produced, bound = figures.productivity, figures.error_bound
    return {
        "per_unit_of": figures.per_unit_of,
        "own": _text(figures.own),
        "upstream": _text(figures.upstream),
        "error_bound": _text(bound),
        "value_added": _text(_cut(produced.value_added, bound)),
        "covered_effect": _text(_cut(produced.effect, bound)),
        "price_basis": produced.price_basis.value if produced.price_basis else None,
        "productivity_hindrance": produced.hindrance.value if produced.hindrance else None,
    }


def _developed(cells: Mapping[tuple[date, date, str], Cell], key: tuple[date, date, str]) -> Cell:
    """The cell with its development against the chain's first and its previous period of its own length."""
    cell = cells[key]
    now = _standing(cell.row)
    if now is None:
        return cell
    earlier = _earlier(cells, key)
    detail = dict(cell.row.detail)
    for name, reference in zip(REFERENCES, (earlier[:1], earlier[-1:]), strict=True):
        row = reference[0].row if reference else None
        development = develop(now, _standing(row) if row else None)
        bound = _bound(cell.row) + (_bound(row) if row else 0)
        detail |= _development(name, development, row, bound)
    return replace(cell, row=ReleaseRow(**{**cell.row.model_dump(), "detail": detail}))


def _earlier(cells: Mapping[tuple[date, date, str], Cell], key: tuple[date, date, str]) -> list[Cell]:
    """What a cell may be compared with, oldest first; periods of another length only where there is no equal."""
    released = [
        (_length(other[0], other[1]), one)
        for other, one in sorted(cells.items())
        if other[2] == key[2] and other[:2] < key[:2] and one.row.status == "released"
    ]
    equal = [one for length, one in released if length == _length(key[0], key[1])]
    return equal or [one for _, one in released]


def _length(start: date, end: date) -> str:
    """A period's length in whole months where it has them, so that a leap year is a year, else in days."""
    if start.day == end.day:
        return f"{(end.year - start.year) * 12 + end.month - start.month} months"
    return f"{(end - start).days} days"


def _development(
    name: str, development: Development, reference: ReleaseRow | None, bound: Decimal
) -> dict[str, str | None]:
    return {
        f"{name}_start": reference.period_start.isoformat() if reference else None,
        f"{name}_end": reference.period_end.isoformat() if reference else None,
        f"{name}_effect_index": _text(_cut(development.effect_index, bound)),
        f"{name}_productivity_index": _text(_cut(development.productivity_index, bound)),
        f"{name}_decoupling": development.decoupling and development.decoupling.value,
        f"{name}_hindrance": development.hindrance and development.hindrance.value,
        f"{name}_changes": " ".join(development.changes) or None,
    }


def _standing(row: ReleaseRow) -> Standing | None:
    if row.status != "released" or row.value is None:
        return None
    basis, hindrance = row.detail.get("price_basis"), row.detail.get("productivity_hindrance")
    figure = Productivity(
        row.productivity,
        row.productivity_coverage,
        Decimal(row.detail["value_added"] or 0),
        Decimal(row.detail["covered_effect"] or 0),
        PriceBasis(basis) if basis else None,
        Hindrance(hindrance) if hindrance else None,
    )
    panel = Panel(
        row.panel["products"],
        row.panel["links"],
        row.panel["method"],
        row.panel["factors"],
        _length(row.period_start, row.period_end),
    )
    rounding = Decimal(1).scaleb(1 - promised_digits(float(_bound(row))))
    return Standing(row.value, figure, panel, row.panel["covered"], row.is_at_least, rounding=rounding)


def _bound(row: ReleaseRow) -> Decimal:
    return Decimal(row.detail["error_bound"] or 0)


def _differs(before: Cell, after: Cell) -> bool:
    same = all(getattr(before.row, name) == getattr(after.row, name) for name in COMPARED)
    return not same or before.contributions != after.contributions


def _add(ctx: Context, session: Session, cell: Cell) -> None:
    row = ReleaseRow(**{**cell.row.model_dump(), "id": ctx.new_id(), "created_at": ctx.now()})
    session.add(row)
    session.flush()
    for dataset_id, group, owner_id in sorted(cell.contributions):
        session.add(
            ReleaseContributionRow(
                release_id=row.id, dataset_id=dataset_id, field_group=group, owner_id=owner_id
            )
        )


def _cut(value: Decimal | None, error_bound: Decimal) -> Decimal | None:
    return None if value is None else rounded(float(value), promised_digits(float(error_bound)))


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
