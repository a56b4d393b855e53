"""Sets of days as periods in order that do not overlap: what datasets and deliveries are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from exchange.domain.periods import Period

Days = Sequence[Period]


def count(days: Days) -> int:
    """How many days there are."""
    return sum(part.days for part in days)


def common(one: Days, other: Days) -> list[Period]:
    """The days in both."""
    found, first, second = [], 0, 0
    while first < len(one) and second < len(other):
        left, right = one[first], other[second]
        start, end = max(left.start, right.start), min(left.end, right.end)
        if start < end:
            found.append(Period(start, end))
        if left.end <= right.end:
            first += 1
        else:
            second += 1
    return found


def without(days: Days, taken: Days) -> list[Period]:
    """The days that are not in `taken`."""
    found, place = [], 0
    for part in days:
        start = part.start
        while place < len(taken) and taken[place].end <= part.end:
            if start < taken[place].start:
                found.append(Period(start, taken[place].start))
            start = max(start, taken[place].end)
            place += 1
        if place < len(taken) and taken[place].start < part.end:
            if start < taken[place].start:
                found.append(Period(start, taken[place].start))
        elif start < part.end:
            found.append(Period(start, part.end))
    return found


def together(periods: Iterable[Period]) -> list[Period]:
    """The days of all periods, those that touch made one."""
    found: list[Period] = []
    for part in sorted(periods):
        if found and part.start <= found[-1].end:
            found[-1] = Period(found[-1].start, max(found[-1].end, part.end))
        else:
            found.append(part)
    return found
