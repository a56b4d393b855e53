"""What stands behind a product: everything upstream of it, and the network of that part alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from exchange.engine.errors import ShapeError
from exchange.engine.network import Flags, Ids, Network, link_matrix


def upstream(network: Network, products: ArrayLike, column: int | None = None) -> Ids:
    """The products themselves and all that goes into them, ascending.

    A recipe is followed where the product is not declared: in `column`, or in any column where None.
    """
    declared = network.declared
    stops = declared.all(axis=1) if column is None else declared[:, column]
    return reached([network.amounts], np.asarray(stops), products)


def reached(matrices: Sequence[sparse.csr_array], stops: Flags, products: ArrayLike) -> Ids:
    """What the links of any of the matrices (rows = customers) lead to from `products`, ascending.

    Nothing is followed behind a product in `stops (n,)`.
    """
    seen, last = np.zeros(stops.size, dtype=bool), np.empty(stops.size, dtype=np.int64)
    front = np.unique(np.asarray(products, dtype=np.int64))
    while front.size:
        seen[front] = True
        followed = front[~stops[front]]
        suppliers = [matrix.indices[entries(matrix.indptr, followed)] for matrix in matrices]
        found = np.concatenate(suppliers).astype(np.int64)
        found = found[~seen[found]]
        place = np.arange(found.size)
        last[found] = place  # each supplier once, without sorting: where it was written last
        front = found[last[found] == place]
    return np.flatnonzero(seen)


def entries(starts: NDArray[np.signedinteger], rows: Ids) -> Ids:
    """Positions of all entries of the `rows` of a compressed matrix, row after row (`starts`: its indptr)."""
    begin, count = starts[rows].astype(np.int64), (starts[rows + 1] - starts[rows]).astype(np.int64)
    offset = np.cumsum(count) - count
    return np.repeat(begin - offset, count) + np.arange(int(count.sum()), dtype=np.int64)


def part(network: Network, products: Ids) -> Network:
    """The network of these products alone, numbered in their order; links to others are left out.

    Nothing is lost where the products are closed upstream, as `upstream` gives them.
    """
    amounts = sparse.csr_array(network.amounts[products][:, products])
    return Network(amounts, network.direct[products], network.fixed[products])


def placed(network: Network, places: Mapping[int, int], size: int) -> Network:
    """The network with other numbers: product `p` becomes `places[p]` of `size`; others are left out.

    Products of `size` that nobody becomes are empty: no recipe, no effect. For networks of two periods
    that are to share numbers. Raises `ShapeError` where two products get one place, a place is outside
    `size`, or a product that is kept needs one that is not.
    """
    old = np.fromiter(places, dtype=np.int64, count=len(places))
    new = np.fromiter(places.values(), dtype=np.int64, count=len(places))
    _check_places(network, old, new, size)
    place = np.full(network.size, -1, dtype=np.int64)
    place[old] = new
    links = sparse.coo_array(network.amounts[old])
    supplier, customer = place[links.coords[1]], new[links.coords[0]]
    lost = (supplier < 0) & ~network.declared[old[links.coords[0]]].all(axis=1)
    if lost.any():
        raise ShapeError(
            "A product that is kept needs a product that is left out.",
            nodes=tuple(np.unique(links.coords[1][lost]).tolist()),
            advice="Place everything upstream of the products that are kept.",
        )
    kept = supplier >= 0
    amounts = link_matrix(supplier[kept], customer[kept], links.data[kept], size)
    direct, fixed = np.zeros((size, network.columns)), np.full((size, network.columns), np.nan)
    direct[new], fixed[new] = network.direct[old], network.fixed[old]
    return Network(amounts, direct, fixed)


def _check_places(network: Network, old: Ids, new: Ids, size: int) -> None:
    if old.size and (old.min() < 0 or old.max() >= network.size or new.min() < 0 or new.max() >= size):
        raise ShapeError("A product or its place lies outside the network.")
    if np.unique(new).size != new.size:
        raise ShapeError("Two products must not have one place.")
