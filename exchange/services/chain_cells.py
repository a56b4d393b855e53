"""The one reader of releases: what of a chain this viewer may see, decided at every read (method section 10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from exchange.domain.errors import NotFoundError
from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from exchange.services.access import Access, record_access
from exchange.services.chain_access import chain_access, chain_accesses
from exchange.services.chain_parts_view import CauseView, OriginView, PartViews, ReadingView
from exchange.services.chain_viewing import BEHIND, NO_DATA, CellKey, Sight, Viewing
from exchange.services.chain_views import ChainView, present_chains
from exchange.services.context import Context
from exchange.services.rate_limits import limit
from exchange.services.rollup.standing import Renewal, renewals_of
from exchange.store import chains as chain_query
from exchange.store.tables.rollup import ReleaseRow

CONFIDENTIAL = "confidential"


@dataclass(frozen=True)
class MissingPart:
    """What makes a total "at least". `party` could close the gap; None where the viewer may not know who.

    `is_beside`: it is missing from what stands beside a group's total, upstream of it.
    """

    reason: str
    name: str | None
    party_id: str | None
    is_beside: bool = False


@dataclass(frozen=True)
class Change:
    """A cell against a reference period: indices (reference = 100), class, and why any is missing.

    `causes` of the change since the previous period sum to the difference of the two totals; none where they could
    not be told apart. `initiative_unseen`: the viewer has an initiative in the chain whose place is not measured.
    """

    reference: Period
    effect_index: Decimal | None
    productivity_index: Decimal | None
    decoupling: str | None
    hindrance: str | None
    changes: tuple[str, ...]
    causes: tuple[CauseView, ...] = ()
    initiative_unseen: bool = False


@dataclass(frozen=True)
class ChainCell:
    """One indicator of a chain in one period. All figures are None unless `status` is `released`.

    The value of a group or place is its members' own effect; `upstream` then stands beside it, where the viewer
    may see what it is made of. `origin` holds the value's parts, `readings` products that declare a figure and
    show a recipe.

    Productivity is DKK of value added per unit of the indicator; what is built on value added is None with
    `productivity_hidden` where the viewer lacks a grant of `commercial` to some contribution.
    """

    indicator: Indicator
    period: Period
    status: str
    unit: str
    value: Decimal | None = None
    is_at_least: bool = False
    per_unit: Decimal | None = None
    per_unit_of: str | None = None
    own: Decimal | None = None
    upstream: Decimal | None = None
    upstream_is_at_least: bool = False
    measured: Decimal | None = None
    allocated: Decimal | None = None
    secondary: Decimal | None = None
    unknown: Decimal | None = None
    coverage_mass: Decimal | None = None
    productivity: Decimal | None = None
    productivity_coverage: Decimal | None = None
    productivity_hindrance: str | None = None
    productivity_hidden: bool = False
    price_basis: str | None = None
    base: Change | None = None
    previous: Change | None = None
    missing: tuple[MissingPart, ...] = ()
    origin: tuple[OriginView, ...] = ()
    readings: tuple[ReadingView, ...] = ()
    released_at: datetime | None = None


@dataclass(frozen=True)
class ChainCells:
    """A chain with its cells, by period and indicator.

    `renewals`: periods whose figures are out of date, of those the viewer sees a figure of; to others it would tell
    when somebody published. `pending`: to the chain's owner, who asked for them, the periods of which nothing was
    released yet, or only that there are no data.
    """

    chain: ChainView
    cells: tuple[ChainCell, ...]
    renewals: Mapping[Period, Renewal]
    pending: Mapping[Period, Renewal]


def chain_cells(ctx: Context, chain_id: str) -> ChainCells:
    """Every cell of a chain as the actor may see it.

    A cell is released to a viewer who owns, or holds an exact grant for CHAIN_ROLLUP to, every contribution: of
    `indicators`, of `process` where its recipe is followed, and in a group or place of `commercial` too, for output is
    in its total. Everybody else reads `confidential`, also where there are no data, unless it could see them. Grants
    are looked up now, so a revoked one closes the cell. The access records are committed before this returns. Raises
    NotFoundError for a chain that is not there, or that the actor has nothing to do with: it neither owns it, nor is a
    member, nor has a target or figures in it, nor was ever granted any of them.
    """
    with ctx.store.write() as session:
        row = chain_query.find_related_chain(session, ctx.who.organisation_id, chain_id)
        if row is not None:
            view = Viewing.of(ctx, session, chain_id)
            record_access(ctx, session, _accesses(chain_id, view))
            parts = PartViews.of(session, _opened(view))
            renewals = renewals_of(session, row)
            return ChainCells(
                present_chains(ctx, session, [row])[0],
                tuple(_cell(view, parts, key) for key in sorted(view.keys, key=_order)),
                {one: at for one, at in renewals.items() if view.sees_period(one.start, one.end)},
                {one: at for one, at in renewals.items() if view.awaits_period(one.start, one.end)},
            )
        record_access(ctx, session, [chain_access(chain_id, "denied", "unknown")])
    limit(ctx, "denied", ctx.who.organisation_id)
    raise NotFoundError(is_recorded=True)


def _accesses(chain_id: str, view: Viewing) -> Iterable[Access]:
    """One record per dataset inside the cells; allowed when some cell it is in was shown."""
    shown: dict[str, set[str]] = {}
    for key, row in view.rows.items():
        for one in view.shown.contributions.get(row.id, ()):
            sight, group = BEHIND[one.field_group]
            if view.is_open(key, Sight.FIGURES) and view.is_open(key, sight):
                shown.setdefault(one.dataset.id, set()).add(group.value)
    return chain_accesses(chain_id, view.shown, shown)


def _opened(view: Viewing) -> list[str]:
    """The releases whose figures are open."""
    return [row.id for key, row in view.rows.items() if view.is_open(key, Sight.FIGURES)]


def _cell(view: Viewing, parts: PartViews, key: CellKey) -> ChainCell:
    indicator, period = Indicator(key[2]), Period(key[0], key[1])
    row = view.rows.get(key)
    if row is not None and not view.is_open(key, Sight.FIGURES):
        return ChainCell(indicator, period, CONFIDENTIAL, indicator.unit.value)
    if row is None or row.status == NO_DATA:
        return ChainCell(indicator, period, NO_DATA, indicator.unit.value)
    priced, beside = view.is_open(key, Sight.VALUE_ADDED), view.is_open(key, Sight.BESIDE)
    detail = row.detail
    return ChainCell(
        indicator,
        period,
        row.status,
        row.unit,
        value=row.value,
        is_at_least=row.is_at_least,
        per_unit=row.per_unit,
        per_unit_of=row.detail.get("per_unit_of"),
        own=_decimal(row.detail.get("own")),
        upstream=_decimal(detail.get("upstream") or (detail.get("beside_upstream") if beside else None)),
        upstream_is_at_least=row.is_at_least or bool(detail.get("beside_at_least")),
        measured=row.measured,
        allocated=row.allocated,
        secondary=row.secondary,
        unknown=row.unknown,
        coverage_mass=row.coverage_mass,
        productivity=row.productivity if priced else None,
        productivity_coverage=row.productivity_coverage if priced else None,
        productivity_hindrance=row.detail.get("productivity_hindrance") if priced else None,
        productivity_hidden=not priced,
        price_basis=row.detail.get("price_basis") if priced else None,
        base=_change(view, row, "base"),
        previous=_with_causes(view, parts, row, _change(view, row, "previous")),
        missing=_missing(view, row),
        origin=parts.origin(row.id),
        readings=parts.readings(row.id, with_beside=beside),
        released_at=row.created_at,
    )


def _with_causes(view: Viewing, parts: PartViews, row: ReleaseRow, change: Change | None) -> Change | None:
    if change is None:
        return None
    causes, unseen = parts.causes(row.id, view.viewer), parts.is_unseen(row.id, view.viewer)
    return replace(change, causes=causes, initiative_unseen=unseen)


def _change(view: Viewing, row: ReleaseRow, name: str) -> Change | None:
    """Against a reference whose own cell the viewer may see too: an index tells the one from the other."""
    start, end = row.detail.get(f"{name}_start"), row.detail.get(f"{name}_end")
    if not start or not end:
        return None
    reference = (date.fromisoformat(start), date.fromisoformat(end), row.indicator)
    now = (row.period_start, row.period_end, row.indicator)
    if not view.is_open(reference, Sight.FIGURES):
        return None
    priced = view.is_open(reference, Sight.VALUE_ADDED) and view.is_open(now, Sight.VALUE_ADDED)
    index = _decimal(row.detail.get(f"{name}_effect_index"))
    return Change(
        Period(reference[0], reference[1]),
        index,
        _decimal(row.detail.get(f"{name}_productivity_index")) if priced else None,
        row.detail.get(f"{name}_decoupling") if priced else None,
        row.detail.get(f"{name}_hindrance") if priced or index is None else None,
        tuple((row.detail.get(f"{name}_changes") or "").split()),
    )


def _missing(view: Viewing, row: ReleaseRow) -> tuple[MissingPart, ...]:
    parts = []
    key = (row.period_start, row.period_end, row.indicator)
    for one in row.missing:
        is_beside = one.get("part") == Sight.BESIDE
        if is_beside and not view.is_open(key, Sight.BESIDE):
            continue
        known = view.may_know(one)
        parts.append(
            MissingPart(
                one.get("reason") or "",
                (one.get("name") or None) if known else None,
                (one.get("party") or None) if known else None,
                is_beside,
            )
        )
    return tuple(dict.fromkeys(parts))


def _order(key: CellKey) -> tuple[date, date, int]:
    return key[0], key[1], list(Indicator).index(Indicator(key[2]))


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
