"""Periods of a chain in addresses: several may begin on one day, so an address names both ends."""

from __future__ import annotations

from collections.abc import Iterable

from exchange.domain.periods import Period
from exchange.services.chain_views import ChainView


def period_key(period: Period) -> str:
    """The period as an address names it, `2025-01-01--2026-01-01`: an ISO 8601 interval, its end not included."""
    return f"{period.start.isoformat()}--{period.end.isoformat()}"


def find_period(periods: Iterable[Period], key: str) -> Period | None:
    """The period an address names; None where there is none of that name."""
    return next((one for one in periods if period_key(one) == key), None)


def periods_of(chain: ChainView) -> list[Period]:
    """The periods in which a chain of one's own has targets or members, in order."""
    targets, members = (one.period for one in chain.targets), (one.period for one in chain.members)
    return sorted({*targets, *members})
