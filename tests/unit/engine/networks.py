"""Random networks for property tests, and the dense answer they are held against."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from exchange.engine import Network
from exchange.engine.network import Floats, Ids


@dataclass(frozen=True)
class Parts:
    """Arrays a network is made of, so that a test may change one and build again."""

    supplier: Ids
    customer: Ids
    per_unit: Floats
    direct: Floats
    fixed: Floats

    def network(self) -> Network:
        return Network.from_edges(self.supplier, self.customer, self.per_unit, self.direct, self.fixed)


@st.composite
def parts(draw: st.DrawFn, declared: float = 0.15) -> Parts:
    """A network of 1 to 12 products with loops, its gain held below 0.9 by scaling; units far apart."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size, columns = draw(st.integers(1, 12)), draw(st.integers(1, 4))
    edges = draw(st.integers(0, 3 * size))
    supplier, customer = random.integers(0, size, edges), random.integers(0, size, edges)
    per_unit = random.random(edges)
    dense = np.zeros((size, size))
    np.add.at(dense, (supplier, customer), per_unit)
    gain = np.abs(np.linalg.eigvals(dense)).max() if edges else 0.0
    per_unit *= min(1.0, draw(st.sampled_from([0.3, 0.6, 0.9, 0.99])) / gain) if gain > 0 else 1.0
    unit = 10.0 ** random.uniform(-4, 4, size)
    per_unit *= unit[customer] / unit[supplier] if edges else 1.0
    direct = random.random((size, columns)) * unit[:, None] * (random.random((size, columns)) < 0.8)
    given = random.random((size, columns)) < declared
    fixed = np.where(given, random.random((size, columns)) * unit[:, None] * 3, np.nan)
    return Parts(supplier, customer, per_unit, direct, fixed)


def dense_footprints(network: Network) -> Floats:
    """The same system by `numpy.linalg.solve`, column by column."""
    amounts = network.amounts.toarray()
    result = np.empty_like(network.direct)
    for column in range(network.columns):
        kept = np.where(network.declared[:, [column]], 0.0, amounts)
        result[:, column] = _dense(kept, network.effects[:, column])
    return result


def _dense(amounts: Floats, effects: Floats) -> Floats:
    """Solved once in the units given, and again in units in which every footprint is about 1.

    Elimination rounds to the largest entry; so each is rounded relative to itself. What no effect reaches is 0.
    """
    reached = effects != 0
    for _ in range(effects.size):
        reached = reached | ((amounts > 0) @ reached)
    size = np.abs(np.linalg.solve(np.eye(effects.size) - amounts, np.abs(effects)))
    size = np.where(size > 0, size, 1.0)
    scaled = np.eye(effects.size) - amounts * size / size[:, None]
    return np.where(reached, np.linalg.solve(scaled, effects / size) * size, 0.0)


def exact_footprints(network: Network) -> list[list[Fraction]]:
    """The same system without any rounding: elimination with fractions, column by column."""
    amounts = network.amounts.toarray()
    columns = [
        _eliminate(np.where(network.declared[:, [column]], 0.0, amounts), network.effects[:, column])
        for column in range(network.columns)
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _eliminate(amounts: Floats, right: Floats) -> list[Fraction]:
    size = len(right)
    rows = [
        [Fraction(int(i == j)) - Fraction(float(amounts[i, j])) for j in range(size)]
        + [Fraction(float(right[i]))]
        for i in range(size)
    ]
    for pivot in range(size):  # a nonsingular M-matrix: no pivot is ever zero
        for other in range(size):
            if other != pivot and rows[other][pivot]:
                factor = rows[other][pivot] / rows[pivot][pivot]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[pivot], strict=True)]
    return [rows[i][size] / rows[i][i] for i in range(size)]


def close(found: Floats, truth: Floats, tolerance: float = 1e-8) -> bool:
    """Whether each entry `(n, k)` is close to what a dense solve says, which rounds to its column's largest."""
    scale = np.abs(truth) + 1e-5 * np.abs(truth).max(axis=0, initial=0.0)
    return bool((np.abs(found - truth) <= tolerance * scale).all())
