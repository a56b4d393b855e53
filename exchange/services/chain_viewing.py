"""What one read of a chain looks at: the cells in force, whose figures they hold, and what the viewer holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from exchange.domain.groups import FieldGroup, Purpose
from exchange.domain.indicators import Indicator
from exchange.domain.periods import period_of
from exchange.domain.policy import Decision, Grant, Read, decide_read
from exchange.services.context import Context
from exchange.store import chains as chain_query
from exchange.store import grants as grant_query
from exchange.store import rollups as query
from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.rollup import ReleaseRow

RELEASED = "released"
CellKey = tuple[date, date, str]


GROUPS = (FieldGroup.INDICATORS, FieldGroup.COMMERCIAL)


@dataclass(frozen=True)
class Shown:
    """Of some releases: whose figures they hold, and which groups of which release are open to the viewer."""

    contributions: Mapping[str, Sequence[query.Contribution]]
    decisions: Mapping[str, Decision]
    datasets: Mapping[str, DatasetRow]
    open: frozenset[tuple[str, FieldGroup]]

    @classmethod
    def of(cls, ctx: Context, session: Session, rows: Iterable[ReleaseRow]) -> Shown:
        viewer, rows = ctx.who.organisation_id, tuple(rows)
        contributions: dict[str, list[query.Contribution]] = {}
        for one in query.contributions_of(session, [row.id for row in rows]):
            contributions.setdefault(one.release_id, []).append(one)
        datasets = {one.dataset.id: one.dataset for several in contributions.values() for one in several}
        subjects = sorted({dataset.subject_id for dataset in datasets.values()})
        granted = grant_query.grants_to(session, viewer, Purpose.CHAIN_ROLLUP.value, subjects)
        decisions = {one.id: _decide(viewer, one, granted, ctx.now()) for one in datasets.values()}
        opened = frozenset(
            (row.id, group)
            for row in rows
            for group in GROUPS
            if row.status == RELEASED and _all_shown(contributions.get(row.id, ()), group, decisions)
        )
        return cls(contributions, decisions, datasets, opened)


@dataclass(frozen=True)
class Viewing:
    """The cells of a chain by period and indicator, the datasets in them, and which groups are open to the viewer."""

    viewer: str
    keys: frozenset[CellKey]
    rows: Mapping[CellKey, ReleaseRow]
    shown: Shown
    open: frozenset[tuple[CellKey, FieldGroup]]

    @classmethod
    def of(cls, ctx: Context, session: Session, chain_id: str) -> Viewing:
        rows = query.releases_in_force(session, chain_id)
        keys = set(rows)
        for target in chain_query.targets_of(session, [chain_id]):
            keys |= {(target.period_start, target.period_end, one.value) for one in Indicator}
        shown = Shown.of(ctx, session, rows.values())
        opened = frozenset(
            (key, group) for key, row in rows.items() for group in GROUPS if (row.id, group) in shown.open
        )
        return cls(ctx.who.organisation_id, frozenset(keys), rows, shown, opened)

    def is_open(self, key: CellKey, group: FieldGroup) -> bool:
        """Whether every contribution of a group in a cell is the viewer's own or granted to it exactly."""
        return (key, group) in self.open

    def sees_period(self, start: date, end: date) -> bool:
        """Whether some figure of a period is open to the viewer."""
        return any(self.is_open((start, end, one.value), FieldGroup.INDICATORS) for one in Indicator)

    def may_know(self, missing: Mapping[str, str | None]) -> bool:
        """The party itself, whose recipe lacks it, and whoever may read that recipe know who is missing."""
        if self.viewer in {missing.get("party"), missing.get("holder")}:
            return True
        return any(
            dataset.subject_id == missing.get("holder_product")
            and _shows(self.shown.decisions[dataset.id], FieldGroup.PROCESS)
            for dataset in self.shown.datasets.values()
        )


def _shows(decision: Decision, group: FieldGroup) -> bool:
    return decision.allowed and group in decision.groups


def _all_shown(
    contributions: Iterable[query.Contribution], group: FieldGroup, decisions: Mapping[str, Decision]
) -> bool:
    return all(
        _shows(decisions[one.dataset.id], group) for one in contributions if one.field_group == group.value
    )


def _decide(viewer: str, dataset: DatasetRow, granted: Iterable[Grant], now: datetime) -> Decision:
    period = period_of(dataset.period_start, dataset.period_end)
    read = Read(
        viewer, dataset.organisation_id, dataset.kind, dataset.subject_id, period, Purpose.CHAIN_ROLLUP
    )
    return decide_read(read, granted, now)
