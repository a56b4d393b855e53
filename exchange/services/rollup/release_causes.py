"""Causes of a chain's change as parts of its release: worked out from both periods' networks, or left out.

They are given only where both networks still say what was released: one of them may be on its way to a new run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from exchange.domain.rounding import apportioned, last_digit, promised_digits
from exchange.services.rollup.chain_change import Change, chain_change
from exchange.services.rollup.chain_parts import Part
from exchange.services.rollup.chain_reach import Reach, reach
from exchange.services.rollup.part_kinds import UNSEEN, PartKind
from exchange.services.rollup.release_sources import Sources
from exchange.services.rollup.wanted import Wanted, wanted_of
from exchange.store import chains as query
from exchange.store.tables.rollup import ReleaseRow

SLACK_UNITS = 2  # of the last released digit: two ways to the same figure may round differently


@dataclass(frozen=True)
class Told:
    """The change of the five indicators as it is told to everybody, or to an organisation with an initiative."""

    organisation: str | None
    changes: tuple[Change, ...]


class Causes:
    """The causes of one chain's changes; `now` is its reach in the period rolled up, None without data."""

    def __init__(self, session: Session, wanted: Wanted, sources: Sources, now: Reach | None) -> None:
        self._session = session
        self._wanted = wanted
        self._sources = sources
        self._reaches: dict[Period, Reach | None] = {sources.rolled.period: now}
        self._changes: dict[tuple[Period, Period], tuple[Told, ...]] = {}

    def of(self, earlier: ReleaseRow, later: ReleaseRow) -> tuple[Part, ...]:
        """The parts of `later` that say why it is not `earlier`: what each cause changed, in a fixed order.

        Whoever has an initiative in the chain gets the same once more, with its own place apart; where the figures
        there are not measured, a part `unseen` says so.
        """
        parts: list[Part] = []
        for told in self._told(_period(earlier), _period(later)):
            parts += _parts(told, earlier, later)
        return tuple(parts)

    def _told(self, earlier: Period, later: Period) -> tuple[Told, ...]:
        key = (earlier, later)
        if key not in self._changes:
            before, after = self._reach(earlier), self._reach(later)
            told = self._decomposed(before, after, key) if before and after else ()
            self._changes[key] = tuple(told)
        return self._changes[key]

    def _decomposed(self, before: Reach, after: Reach, periods: tuple[Period, Period]) -> Iterator[Told]:
        makers = {node.organisation for node in after.nodes if node.organisation}
        earlier, later = periods
        places = query.places_of_initiatives(self._session, makers, earlier.start, later.start)
        inside = {node.product for node in after.nodes if node.product}
        for organisation, products in ((None, frozenset[str]()), *places.items()):
            where = products & inside
            if organisation is None or where:
                changes = chain_change(before, after, where)
                if changes is not None:
                    yield Told(organisation, changes)

    def _reach(self, period: Period) -> Reach | None:
        if period not in self._reaches:
            rolled = self._sources.of_period(period)
            wanted = wanted_of(self._session, [self._wanted.chain_id], period)
            found = reach(rolled, wanted[0], self._sources.contributors) if rolled and wanted else None
            self._reaches[period] = found
        return self._reaches[period]


def _parts(told: Told, earlier: ReleaseRow, later: ReleaseRow) -> list[Part]:
    if earlier.value is None or later.value is None:
        return []
    change = told.changes[list(Indicator).index(Indicator(later.indicator))]
    if not (_says(change.before, earlier) and _says(change.after, later)):
        return []
    if not change.is_measured:
        return [Part(PartKind.CAUSE, Decimal(0), UNSEEN, organisation=told.organisation)]
    unit = min(_unit(earlier), _unit(later))
    values = apportioned(list(change.by_cause.values()), later.value - earlier.value, unit)
    named = zip(change.by_cause, values, strict=True)
    return [
        Part(PartKind.CAUSE, value, cause.value, organisation=told.organisation)
        for cause, value in named
        if value
    ]


def _period(row: ReleaseRow) -> Period:
    return Period(row.period_start, row.period_end)


def _says(worked_out: float, row: ReleaseRow) -> bool:
    """Whether a total worked out again is the released one, to the digits that were released."""
    return abs(Decimal(repr(worked_out)) - (row.value or Decimal(0))) <= _unit(row) * SLACK_UNITS


def _unit(row: ReleaseRow) -> Decimal:
    """What the last digit of a released total is worth."""
    return last_digit(row.value or Decimal(0), promised_digits(float(row.detail.get("error_bound") or 0)))
