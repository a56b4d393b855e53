"""Releases: chain cells written once and never changed; a new figure is a new row (method section 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

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
from exchange.domain.periods import Period
from exchange.domain.rounding import promised_digits
from exchange.services.context import Context
from exchange.services.rollup.chain_figures import chain_figures
from exchange.services.rollup.chain_parts import Part
from exchange.services.rollup.chain_reach import reach
from exchange.services.rollup.part_kinds import PartKind
from exchange.services.rollup.release_causes import Causes
from exchange.services.rollup.release_cells import (
    RELEASED,
    Cell,
    CellKey,
    cells_in_force,
    cut,
    drafted_cell,
    empty_cell,
    store_cell,
    text_of,
    uncertain_cell,
)
from exchange.services.rollup.release_sources import Sources
from exchange.services.rollup.wanted import Wanted
from exchange.store.tables.rollup import ReleaseRow

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
class DraftedChain:
    """A chain's cells of the period rolled up, by indicator, ready to be released, and why they changed.

    `causes` by the compared cells, earlier and later: parts of the later one.
    """

    chain_id: str
    period: Period
    cells: Mapping[str, Cell]
    causes: Mapping[tuple[CellKey, CellKey], tuple[Part, ...]]


def draft_chain(session: Session, wanted: Wanted, sources: Sources) -> DraftedChain:
    """Work out all that releasing a chain needs of the period rolled up; writes nothing."""
    place = sources.rolled
    found = reach(place, wanted, sources.contributors)
    cells = {one.value: empty_cell(wanted.chain_id, place, one) for one in Indicator}
    if found is not None:
        cells = {one.value: uncertain_cell(wanted.chain_id, place, one) for one in Indicator}
        for figures in chain_figures(found, place.factors):
            cells[figures.indicator] = drafted_cell(wanted.chain_id, place, figures, found.contributors)
    drafted = DraftedChain(wanted.chain_id, place.period, cells, {})
    after = cells_in_force(session, wanted.chain_id) | _placed(drafted)
    causes, compared = Causes(session, wanted, sources, found), _compared(after, place.period)
    return replace(drafted, causes={pair: causes.of(*(after[key].row for key in pair)) for pair in compared})


def release_chain(ctx: Context, session: Session, drafted: DraftedChain) -> int:
    """Release a chain's figures of one period, and what they change in later ones; returns how many rows.

    A cell that stays what it was gets no new row.
    """
    before = cells_in_force(session, drafted.chain_id)
    after = before | _placed(drafted)
    later = [key for key in sorted(after) if key[:2] >= (drafted.period.start, drafted.period.end)]
    cells = {key: _developed(after, key, drafted) for key in later}
    changed = [cell for key, cell in cells.items() if key not in before or _differs(before[key], cell)]
    for cell in changed:
        store_cell(ctx, session, cell)
    return len(changed)


def _placed(drafted: DraftedChain) -> dict[CellKey, Cell]:
    start, end = drafted.period.start, drafted.period.end
    return {(start, end, indicator): cell for indicator, cell in drafted.cells.items()}


def _compared(cells: Mapping[CellKey, Cell], period: Period) -> list[tuple[CellKey, CellKey]]:
    """The cells told apart from their previous one of equal length, where either is of this period."""
    released = [key for key in sorted(cells) if _is_released(cells[key])]
    pairs = [(earlier[-1], key) for key in released if (earlier := _earlier(cells, key))]
    place = (period.start, period.end)
    return [pair for pair in pairs if place in {pair[0][:2], pair[1][:2]} and _are_equal(*pair)]


def _are_equal(one: CellKey, other: CellKey) -> bool:
    return _length(*one[:2]) == _length(*other[:2])


def _developed(cells: Mapping[CellKey, Cell], key: CellKey, drafted: DraftedChain) -> Cell:
    """The cell with its development against the chain's first and its previous period of its own length."""
    cell = cells[key]
    now = _standing(cell.row)
    if now is None:
        return cell
    earlier = _earlier(cells, key)
    detail = dict(cell.row.detail)
    for name, reference in zip(REFERENCES, (earlier[:1], earlier[-1:]), strict=True):
        row = cells[reference[0]].row if reference else None
        development = develop(now, _standing(row) if row else None)
        bound = _bound(cell.row) + (_bound(row) if row else 0)
        detail |= _development(name, development, row, bound)
    row = ReleaseRow(**{**cell.row.model_dump(), "detail": detail})
    return replace(cell, row=row, parts=_with_causes(cell, earlier, key, drafted))


def _with_causes(cell: Cell, earlier: list[CellKey], key: CellKey, drafted: DraftedChain) -> tuple[Part, ...]:
    """The cell's parts with the causes of its change: those drafted, or the ones it has where nothing is new."""
    others = tuple(part for part in cell.parts if part.kind is not PartKind.CAUSE)
    if not earlier:
        return others
    place = (drafted.period.start, drafted.period.end)
    if place not in {earlier[-1][:2], key[:2]}:
        return cell.parts
    return others + drafted.causes.get((earlier[-1], key), ())


def _earlier(cells: Mapping[CellKey, Cell], key: CellKey) -> list[CellKey]:
    """What a cell may be compared with, oldest first; periods of another length only where there is no equal."""
    released = [
        other
        for other, one in sorted(cells.items(), key=lambda item: item[0])
        if other[2] == key[2] and other[:2] < key[:2] and _is_released(one)
    ]
    equal = [one for one in released if _are_equal(one, key)]
    return equal or released


def _is_released(cell: Cell) -> bool:
    return cell.row.status == RELEASED


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
        f"{name}_effect_index": text_of(cut(development.effect_index, bound)),
        f"{name}_productivity_index": text_of(cut(development.productivity_index, bound)),
        f"{name}_decoupling": development.decoupling and development.decoupling.value,
        f"{name}_hindrance": development.hindrance and development.hindrance.value,
        f"{name}_changes": " ".join(development.changes) or None,
    }


def _standing(row: ReleaseRow) -> Standing | None:
    if row.status != RELEASED or row.value is None:
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
    return not same or (before.contributions, before.parts) != (after.contributions, after.parts)
