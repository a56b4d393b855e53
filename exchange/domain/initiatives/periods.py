"""Which calculated periods an initiative is weighed by: the year before it, and two of equal length around it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from exchange.domain.periods import Period

MONTHS_OF_A_YEAR, DAYS_OF_A_MONTH = 12, 30
Length = tuple[int, int]  # whole months, or else days


def length_of(period: Period) -> Length:
    """How long a period is: in whole calendar months where it has them, else in days.

    So a leap year is as long as any other, and February as long as March.
    """
    start, end = period.start, period.end
    if start.day == end.day:
        return (end.year - start.year) * MONTHS_OF_A_YEAR + end.month - start.month, 0
    return 0, period.days


def year_before(periods: Collection[Period], day: date) -> Period | None:
    """The last twelve months that were calculated and end on that day at the latest."""
    whole = (one for one in periods if length_of(one) == (MONTHS_OF_A_YEAR, 0) and one.end <= day)
    return max(whole, key=lambda one: one.end, default=None)


def periods_around(periods: Collection[Period], day: date) -> tuple[Period, Period] | None:
    """The last whole period before the day and the first from it on, as long as each other, the longest there are.

    The longest, for a month says more of its season than of an initiative.
    """
    before, after = [one for one in periods if one.end <= day], [one for one in periods if one.start >= day]
    lengths = {length_of(one) for one in before} & {length_of(one) for one in after}
    if not lengths:
        return None
    longest = max(lengths, key=lambda length: length[0] * DAYS_OF_A_MONTH + length[1])
    return (
        max((one for one in before if length_of(one) == longest), key=lambda one: one.end),
        min((one for one in after if length_of(one) == longest), key=lambda one: one.start),
    )
