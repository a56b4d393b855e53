"""Periods: half-open local dates [start, end) in Europe/Copenhagen, and the instants they span."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from exchange.domain.errors import InvalidError

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
MONTHS_OF_YEAR = 12
SHORTEST_MONTH = 28
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, order=True)
class Period:
    """The local dates from `start` up to, not including, `end`; at least one day."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise InvalidError(
                "The period ends before it starts, or on the same day.",
                code="period.order",
                advice="The end is the day after the last day: the year 2025 is 2025-01-01 to 2026-01-01.",
            )

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.end - self.start).days

    @property
    def months(self) -> int | None:
        """How many whole months the period is, from a day to the same day; None where it is not."""
        if self.start.day != self.end.day:
            return None
        return (self.end.year - self.start.year) * MONTHS_OF_YEAR + self.end.month - self.start.month

    def is_as_long_as(self, other: Period) -> bool:
        """Whether both are as many whole months, so that a leap year is a year, else as many days."""
        if self.months is None or other.months is None:
            return self.days == other.days
        return self.months == other.months

    def following(self) -> Period:
        """The period right after this one and as long: as many whole months where it has them, else days.

        OverflowError where it would end after the year 9999.
        """
        if self.months is None or self.end.day > SHORTEST_MONTH:
            return Period(self.end, self.end + (self.end - self.start))
        years, month = divmod(self.end.month - 1 + self.months, MONTHS_OF_YEAR)
        if self.end.year + years > date.max.year:
            raise OverflowError("the next period ends after the calendar does")
        return Period(self.end, date(self.end.year + years, month + 1, self.end.day))

    def contains(self, other: Period) -> bool:
        """Whether the whole of the other period lies inside this one."""
        return self.start <= other.start and other.end <= self.end

    def covers(self, day: date) -> bool:
        """Whether the day is one of the period's days."""
        return self.start <= day < self.end

    def overlap_days(self, other: Period) -> int:
        """How many days the two periods share; 0 where they only touch."""
        return max(0, (min(self.end, other.end) - max(self.start, other.start)).days)

    def instants(self) -> tuple[datetime, datetime]:
        """The UTC instants at which the period begins and ends in Copenhagen."""
        return _midnight(self.start), _midnight(self.end)

    def to_wire(self) -> dict[str, str]:
        """The wire form `{"start", "end"}`."""
        return {"start": self.start.isoformat(), "end": self.end.isoformat()}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), COPENHAGEN).astimezone(UTC)


def local_date(instant: datetime) -> date:
    """The Copenhagen date of an aware instant."""
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone has no date")
    return instant.astimezone(COPENHAGEN).date()


def year(number: int) -> Period:
    """The calendar year as a period."""
    return Period(date(number, 1, 1), date(number + 1, 1, 1))


def period_of(start: date | None, end: date | None) -> Period | None:
    """The period of two dates; None where either is unknown, as of what is about no period."""
    return Period(start, end) if start is not None and end is not None else None


def day_after(day: date) -> date:
    """The exclusive end of a period whose last day is known, as bills print it."""
    return day + timedelta(days=1)


def parse_date(text: object, path: str = "") -> date:
    """The date of `YYYY-MM-DD` (ISO 8601 calendar date, extended form); `InvalidError` `date.invalid`."""
    if isinstance(text, str) and _DATE.fullmatch(text) and text.isascii():
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise InvalidError(
        "This is not a date of the calendar.",
        code="date.invalid",
        path=path,
        advice="Write year-month-day, such as 2025-01-31.",
    )


def parse_period(value: object, path: str = "") -> Period:
    """The period of `{"start", "end"}`; `InvalidError` `period.shape`, `date.invalid` or `period.order`."""
    if not isinstance(value, dict) or set(value) != {"start", "end"}:
        raise InvalidError(
            "A period has exactly a start and an end.",
            code="period.shape",
            path=path,
            advice='Write it like {"start": "2025-01-01", "end": "2026-01-01"}.',
        )
    start, end = parse_date(value["start"], f"{path}/start"), parse_date(value["end"], f"{path}/end")
    try:
        return Period(start, end)
    except InvalidError as error:
        raise InvalidError(error.detail, code=error.error_code, path=path, advice=error.advice) from None
