"""The order in which products are computed: suppliers first, so that one sweep carries an effect far.

An order is a hint for speed and nothing else: whatever it is, a sweep computes the same equations. It puts the
supplier before the customer on every link that is part of no loop.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, connected_components

from exchange.engine.network import Ids


def suppliers_first(matrix: sparse.csr_array) -> Ids:
    """`(n,)`: the products, each after its suppliers except within a loop, where the farthest comes first.

    The strongly connected parts come as scipy numbers them (a part after those it takes from); within a part
    its products are met along the suppliers of one of them, and come in the reverse order.
    """
    _, part = connected_components(matrix, directed=True, connection="strong")
    rows = np.repeat(np.arange(part.size), np.diff(matrix.indptr))
    inside = part[rows] == part[matrix.indices]
    loops = sparse.csr_array(
        (matrix.data[inside], (rows[inside], matrix.indices[inside])), shape=matrix.shape
    )
    place = np.empty(part.size, dtype=np.int64)
    place[met(loops, np.unique(part, return_index=True)[1])] = np.arange(part.size)
    return np.lexsort((-place, part))


def met(matrix: sparse.csr_array, roots: Ids) -> Ids:
    """The products met from the roots along their suppliers (the columns of their rows), nearest first."""
    size = matrix.shape[0]  # the number of one node more, which leads to all roots
    starts = np.concatenate([matrix.indptr, [matrix.nnz + roots.size]])
    links = (np.ones(starts[-1]), np.concatenate([matrix.indices, roots]), starts)
    graph = sparse.csr_array(links, shape=(size + 1, size + 1))
    found = breadth_first_order(graph, size, directed=True, return_predecessors=False)
    return np.asarray(found[1:])
