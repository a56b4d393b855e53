"""Where a total is "at least": every node with a gap at itself or upstream (method section 4).

A declared footprint stops a gap on its way, for it stands in place of the recipe.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order

from exchange.engine.network_arrays import Flags, NetworkArrays


def at_least(arrays: NetworkArrays) -> Flags:
    """`(n, k)`: nodes whose footprint has a gap in it, by column; columns that are alike are walked once."""
    reached = np.zeros_like(arrays.gaps)
    declared = arrays.network.declared
    found: dict[bytes, Flags] = {}
    onwards = sparse.csr_array(arrays.network.amounts.T)
    for column in range(arrays.network.columns):
        gaps, stops = arrays.gaps[:, column], declared[:, column]
        alike = gaps.tobytes() + stops.tobytes()
        if alike not in found:
            found[alike] = _downstream(onwards, gaps, stops)
        reached[:, column] = found[alike]
    return reached


def _downstream(onwards: sparse.csr_array, gaps: Flags, stops: Flags) -> Flags:
    """From all gaps at once: a further node leads to each of them, and nothing leads into a stop."""
    n = gaps.size
    reached = gaps.copy()
    if not gaps.any():
        return reached
    open_ = ~stops[onwards.indices]
    kept = np.concatenate([[0], np.cumsum(open_)])[onwards.indptr]
    sources = np.flatnonzero(gaps).astype(onwards.indices.dtype)
    suppliers = np.concatenate([onwards.indices[open_], sources])
    starts = np.concatenate([kept, [kept[-1] + sources.size]])
    graph = sparse.csr_array((np.ones(suppliers.size), suppliers, starts), shape=(n + 1, n + 1))
    order = breadth_first_order(graph, n, return_predecessors=False)
    reached[order[order < n]] = True
    return reached
