"""Instants on the wire: RFC 3339 in UTC, written with Z."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from exchange.trust.errors import TokenError

# The years a file may be judged in: beside them a leeway or an age would leave the years there are.
JUDGED_YEARS = range(1970, 9999)
MOST_DAYS = 36_500  # the largest age to be demanded
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z", re.ASCII)


def parse_instant(text: object, path: str) -> datetime:
    """The instant of `2026-01-31T12:00:00Z` (up to microseconds). Raises TokenError `credential.instant`."""
    if isinstance(text, str) and _INSTANT.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # e.g. the 31st of February, or second 60
    raise TokenError("credential.instant", "This is not an RFC 3339 instant in UTC (with Z).", path=path)


def require_aware(instant: datetime, name: str) -> datetime:
    """`instant` in UTC. Raises TokenError `instant.naive` when it has no time zone and so means nothing."""
    if instant.utcoffset() is None:
        raise TokenError(
            "instant.naive", f"{name} has no time zone.", advice="Pass an aware instant, best in UTC."
        )
    return instant.astimezone(UTC)
