"""Stretches of time that must not overlap, looked up rather than searched for."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date

from exchange.domain.periods import Period


@dataclass
class Stretches:
    """Stretches taken so far, by what they are of; those of one thing never overlap."""

    _taken: dict[Hashable, list[tuple[date, date, str]]] = field(default_factory=dict)

    def take(self, of: Hashable, period: Period, label: str) -> None:
        """Take a stretch in; `label` is how a message names it."""
        insort(self._taken.setdefault(of, []), (period.start, period.end, label))

    def clash(self, of: Hashable, period: Period) -> str | None:
        """The label of the latest stretch that shares a day with the period."""
        taken = self._taken.get(of, [])
        place = bisect_left(taken, (period.end,))
        if not place:
            return None
        _, end, label = taken[place - 1]
        return label if period.start < end else None
