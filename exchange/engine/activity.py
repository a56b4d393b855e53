"""Activities `y = w + A y`: how many units of each product a final demand sets in motion.

What is asked for waits at its product and is passed on to the suppliers until nothing visible waits any more.
What still waits is known exactly, and the certificate says how much it could at most bring.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from exchange.engine.acceleration import accelerate
from exchange.engine.certificate import Certificate
from exchange.engine.kernels import compiled_kernels
from exchange.engine.network import Flags, Floats, Ids, without_rows
from exchange.engine.sweeps import SWEEPS_AT_MOST, Equations

VISIBLE = 1e-14

Spread = Callable[[sparse.csr_array, Flags, Ids, Floats, Floats], None]


def spread(matrix: sparse.csr_array, held: Flags, order: Ids, waiting: Floats, activity: Floats) -> None:
    """Book what waits at each product `(n,)` as its activity and pass it on to its suppliers, in place.

    Nobody passes on what is asked of a product that is held. Here all at once, whatever the `order`.
    """
    activity += waiting
    waiting[:] = matrix.T @ np.where(held, 0.0, waiting)


def activity_of(
    matrix: sparse.csr_array,
    held: Flags,
    demand: Floats,
    certificate: Certificate,
    *,
    compiled: bool | None = None,
) -> Floats:
    """`y (n,)` for a demand `(n,)`; `held (n,)`: products whose recipe is not followed; `compiled` as for `solve`."""
    kernels = compiled_kernels(demand.size, compiled)
    spreading: Spread = spread if kernels is None else kernels.spread
    order = np.empty(0, dtype=np.int32) if kernels is None else kernels.cone(matrix, demand)
    waiting, activity = demand.copy(), np.zeros_like(demand)
    visible = VISIBLE * _weighed(certificate, demand)
    for _ in range(SWEEPS_AT_MOST):
        spreading(matrix, held, order, waiting, activity)
        if _weighed(certificate, waiting) <= visible:
            return activity + waiting
    forward = sparse.csr_array(without_rows(matrix, held).T)
    return accelerate(Equations.of_column(forward, demand), activity[:, None])[:, 0]


def _weighed(certificate: Certificate, waiting: Floats) -> float:
    """What waits, each product with its weight; not by BLAS, whose threads take longer to meet than to add this up."""
    return float(np.einsum("i,i->", certificate.upper, np.abs(waiting)))
