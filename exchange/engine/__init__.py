"""Numbers only: networks of products in arrays, their footprints, quality, explanation and checks.

Nothing here knows a database, a dataset or a person; it can be used without the rest of the exchange.
"""

from __future__ import annotations

from exchange.engine.attribution import by_input, by_label, by_tier
from exchange.engine.change import change
from exchange.engine.decomposition import decompose
from exchange.engine.network import Network
from exchange.engine.paths import paths
from exchange.engine.reconciliation import reconcile
from exchange.engine.solve import Solution, solve
from exchange.engine.switches import State, Switch
from exchange.engine.uncertainty import interval, variance

__all__ = [
    "Network",
    "Solution",
    "State",
    "Switch",
    "by_input",
    "by_label",
    "by_tier",
    "change",
    "decompose",
    "interval",
    "paths",
    "reconcile",
    "solve",
    "variance",
]
