"""Numbers only: networks of products in arrays, their footprints, quality and checks.

Nothing here knows a database, a dataset or a person; it can be used without the rest of the exchange.
"""

from __future__ import annotations

from exchange.engine.network import Network
from exchange.engine.solve import Solution, solve

__all__ = ["Network", "Solution", "solve"]
