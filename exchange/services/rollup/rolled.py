"""What figures of chains are read from: a period's network, who is in it, and its solution."""

from __future__ import annotations

from dataclasses import dataclass

from exchange.domain.periods import Period
from exchange.services.rollup.network_view import NetworkView
from exchange.services.rollup.solving import Solved


@dataclass(frozen=True, eq=False)
class Rolled:
    """The network of a period as a run solved it; `solved` is None where no product takes part.

    `factors` names the factor set of the run.
    """

    period: Period
    prefer: str
    run_id: str
    factors: str
    view: NetworkView
    solved: Solved | None
