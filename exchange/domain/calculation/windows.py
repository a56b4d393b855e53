"""In which stretches of time a flow is spread: the shortest that cut no bill, reading or production record.

Monthly bills over monthly production are spread month by month; one yearly production figure makes the whole
year one window; a bill from the 15th to the 14th joins the two months it runs over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from exchange.domain.periods import Period


def windows(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The periods joined wherever they share a day, in order of time."""
    joined: list[list[date]] = []
    for start, end in sorted({(period.start, period.end) for period in periods}):
        if joined and start < joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return tuple(Period(start, end) for start, end in joined)


def clipped(period: Period, inside: Period) -> Period | None:
    """The part of a period that lies inside another, None where none does."""
    start, end = max(period.start, inside.start), min(period.end, inside.end)
    return Period(start, end) if start < end else None


def pieces(period: Period, boundaries: Iterable[date]) -> tuple[Period, ...]:
    """The period cut at every boundary inside it: stretches of time within which no factor changes."""
    inside = {one for one in boundaries if period.start < one < period.end}
    cuts = sorted(inside | {period.start, period.end})
    return tuple(Period(start, end) for start, end in pairwise(cuts))
