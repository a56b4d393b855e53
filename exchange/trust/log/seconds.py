"""Instants in the log's documents: whole seconds in UTC, `2026-11-21T20:00:00Z`, one spelling each."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from exchange.trust.errors import LogError
from exchange.trust.instant import require_aware

_SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def floor_second(instant: datetime) -> datetime:
    """The second `instant` lies in, in UTC (of receiving and binding). TokenError `instant.naive`."""
    if instant.tzinfo is UTC:  # the many of a batch
        return instant.replace(microsecond=0) if instant.microsecond else instant
    return require_aware(instant, "The instant").replace(microsecond=0)


def ceil_second(instant: datetime) -> datetime:
    """The first whole second not before `instant`, in UTC. Raises TokenError `instant.naive`.

    For the end of a key's use: what was received before the end stays before it once both are whole seconds.
    """
    floor = floor_second(instant)
    return floor + timedelta(seconds=1) if floor < instant else floor


def format_second(instant: datetime) -> str:
    """`instant`, a whole second in UTC as the functions above give it, in its one spelling."""
    return f"{instant.isoformat()[:19]}Z"


def parse_second(text: object, code: str, *, path: str = "") -> datetime:
    """The instant that `text` spells. Raises LogError `code` for anything `format_second` would not write."""
    if isinstance(text, str) and _SECOND.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # e.g. the 31st of February, or second 60
    raise LogError(code, "This is not a whole second in UTC, like 2026-11-21T20:00:00Z.", path=path)
