"""What releasing a chain reads beside its own period: whose datasets are inside, and the chain's other periods."""

from __future__ import annotations

from collections.abc import Callable

from exchange.domain.periods import Period
from exchange.services.rollup.contributors import Contributors
from exchange.services.rollup.rolled import Rolled


class Sources:
    """The sources of one transaction that releases chains from `rolled`: each is read once, for all chains.

    `other` gives the solved network of another period under the same policy, None where it is not stored or its
    run is not in force.
    """

    def __init__(
        self, rolled: Rolled, contributors: Contributors, other: Callable[[Period], Rolled | None]
    ) -> None:
        self.rolled = rolled
        self.contributors = contributors
        self._other = other
        self._known: dict[Period, Rolled | None] = {rolled.period: rolled}

    def of_period(self, period: Period) -> Rolled | None:
        """The solved network of a period, this one's or another's."""
        if period not in self._known:
            self._known[period] = self._other(period)
        return self._known[period]
