"""What one read of a chain looks at: the cells in force, whose figures they hold, and what the viewer holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session

from exchange.domain.groups import FieldGroup, Purpose
from exchange.domain.indicators import Indicator
from exchange.domain.periods import period_of
from exchange.domain.policy import Decision, Grant, Read, decide_read
from exchange.services.chain_prospects import periods_in_prospect
from exchange.services.context import Context
from exchange.store import chains as chain_query
from exchange.store import grants as grant_query
from exchange.store import rollups as query
from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.rollup import ReleaseRow

RELEASED, NO_DATA = "released", "no_data"
CellKey = tuple[date, date, str]


class Sight(StrEnum):
    """What of a released cell may be open: its figures; what is built on value added; what stands beside it."""

    FIGURES = "figures"
    VALUE_ADDED = "value_added"
    BESIDE = "beside"


# what a contribution stands behind, and the field group that opens it: see `release_contribution` in docs/data-model.md
BEHIND: Mapping[str, tuple[Sight, FieldGroup]] = {
    "indicators": (Sight.FIGURES, FieldGroup.INDICATORS),
    "output": (Sight.FIGURES, FieldGroup.COMMERCIAL),
    "commercial": (Sight.VALUE_ADDED, FieldGroup.COMMERCIAL),
    "beside": (Sight.BESIDE, FieldGroup.INDICATORS),
    "beside_process": (Sight.BESIDE, FieldGroup.PROCESS),
    "process": (Sight.FIGURES, FieldGroup.PROCESS),
}


@dataclass(frozen=True)
class Shown:
    """Of some releases: whose figures they hold, and what of which release is open to the viewer.

    That there are no data is open to who could see them.
    """

    contributions: Mapping[str, Sequence[query.Contribution]]
    decisions: Mapping[str, Decision]
    datasets: Mapping[str, DatasetRow]
    open: frozenset[tuple[str, Sight]]

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
        empty = {row.chain_id for row in rows if row.status == NO_DATA}
        known = periods_in_prospect(ctx, session, empty) if empty else frozenset()
        opened = frozenset(
            (row.id, sight)
            for row in rows
            for sight in Sight
            if (row.status == RELEASED or (row.chain_id, row.period_start, row.period_end) in known)
            and _all_shown(contributions.get(row.id, ()), sight, decisions)
        )
        return cls(contributions, decisions, datasets, opened)


@dataclass(frozen=True)
class Viewing:
    """The cells of a chain by period and indicator, the datasets in them, and what of them is open to the viewer."""

    viewer: str
    is_owner: bool
    keys: frozenset[CellKey]
    rows: Mapping[CellKey, ReleaseRow]
    shown: Shown
    open: frozenset[tuple[CellKey, Sight]]

    @classmethod
    def of(cls, ctx: Context, session: Session, chain_id: str) -> Viewing:
        rows = query.releases_in_force(session, chain_id)
        keys = set(rows)
        for start, end in chain_query.periods_of(session, chain_id):
            keys |= {(start, end, one.value) for one in Indicator}
        shown = Shown.of(ctx, session, rows.values())
        opened = frozenset(
            (key, sight) for key, row in rows.items() for sight in Sight if (row.id, sight) in shown.open
        )
        chain, viewer = chain_query.find_chain(session, chain_id), ctx.who.organisation_id
        is_owner = chain is not None and chain.owner_id == viewer
        return cls(viewer, is_owner, frozenset(keys), rows, shown, opened)

    def is_open(self, key: CellKey, sight: Sight) -> bool:
        """Whether every contribution behind that part of a cell is the viewer's own or granted to it exactly."""
        return (key, sight) in self.open

    def sees_period(self, start: date, end: date) -> bool:
        """Whether some figure of a period is open to the viewer."""
        keys = ((start, end, one.value) for one in Indicator)
        return any(self.is_open(key, Sight.FIGURES) and self.rows[key].status == RELEASED for key in keys)

    def awaits_period(self, start: date, end: date) -> bool:
        """Whether the viewer asks about a period of its own chain of which it reads no figure, and none is closed."""
        keys = {(start, end, one.value) for one in Indicator}
        empty = {
            key
            for key, row in self.rows.items()
            if row.status == NO_DATA and (key, Sight.FIGURES) in self.open
        }
        return self.is_owner and keys <= self.keys and not keys & (set(self.rows) - empty)

    def may_know(self, missing: Mapping[str, str | None]) -> bool:
        """Who is missing is known to the party itself, to whose recipe lacks it and who may read that recipe.

        Which of a group's members has no data the chain's owner may know, who named them.
        """
        if self.is_owner and missing.get("reason") == "member_missing":
            return True
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
    contributions: Iterable[query.Contribution], sight: Sight, decisions: Mapping[str, Decision]
) -> bool:
    behind = ((one, *BEHIND[one.field_group]) for one in contributions)
    return all(_shows(decisions[one.dataset.id], group) for one, opens, group in behind if opens is sight)


def _decide(viewer: str, dataset: DatasetRow, granted: Iterable[Grant], now: datetime) -> Decision:
    period = period_of(dataset.period_start, dataset.period_end)
    read = Read(
        viewer, dataset.organisation_id, dataset.kind, dataset.subject_id, period, Purpose.CHAIN_ROLLUP
    )
    return decide_read(read, granted, now)
