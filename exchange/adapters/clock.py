"""The time of day, behind a protocol so that tests and the demo can hold it still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime:
        """The present instant."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)


class SteppingClock:
    """Starts at a given instant and moves on by `step` at every look: the same run gives the same times."""

    def __init__(self, start: datetime, step: timedelta = timedelta(milliseconds=1)) -> None:
        self._now = start
        self._step = step

    def now(self) -> datetime:
        """The next instant."""
        self._now += self._step
        return self._now

    def move(self, by: timedelta) -> None:
        """Jump ahead."""
        self._now += by
