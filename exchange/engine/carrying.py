"""What effects bring to every product through amounts: further columns over a network that is solved.

A column of its own footprint has a certified bound. Parts of a footprint, and what one product is in another,
are judged beside such footprints and need none; they may differ by hundreds of orders of magnitude from product to
product, where a bound relative to each of them would say nothing. As nothing is negative nothing cancels, and
every entry is as exact, relative to itself, as sweeping makes it.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from exchange.engine.acceleration import accelerate
from exchange.engine.certificate import refusal
from exchange.engine.kernels import compiled_kernels
from exchange.engine.network import Flags, Floats
from exchange.engine.sweeps import Equations, Sweep, settle, sweep

FINE = 1e-13
SHORT = 1 - 1e-6


def carried(amounts: sparse.csr_array, effects: Floats, held: Flags) -> Floats:
    """`X (n, m)` with `X = effects + amounts X`, and `X = effects` where `held (n, m)`; none may be negative.

    All columns in one go. Raises `LoopError` or `NotConvergedError` where a loop of effects gains 1 or more.
    """
    kernels = compiled_kernels(effects.shape[0])
    if kernels is None:
        result = _settled(Equations(amounts, effects, held, ()), sweep)
    else:
        order, result = kernels.suppliers_first(amounts), np.empty_like(effects)
        ordered = kernels.rearranged(amounts, order)
        equations = Equations(ordered, effects[order], held[order], kernels.stretches(ordered))
        result[order] = _settled(equations, kernels.sweep)
    if not (np.isfinite(result).all() and (result >= effects * SHORT).all()):
        raise refusal(amounts)  # a loop that gains takes more than there is
    return result


def _settled(equations: Equations, sweeping: Sweep) -> Floats:
    with np.errstate(all="ignore"):
        settled = settle(equations, sweeping, FINE)
        return settled.values if settled.done else accelerate(equations, settled.values)
