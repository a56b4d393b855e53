"""The totals of 10 000 chains of 20 products each after the solve, against one sparse pass over the network.

Run: python -m benchmarks.rollup_totals. Exits 1 where they take longer than the pass.
"""

from __future__ import annotations

import sys
import time
from os import cpu_count
from statistics import median

import numpy as np
from scipy import sparse

from benchmarks.networks import clustered
from exchange.engine import Network, solve

PRODUCTS, COLUMNS, CHAINS, TARGETS, RUNS = 100_000, 5, 10_000, 20, 21


def main() -> int:
    """Print both times and their ratio."""
    network = Network.from_edges(*clustered(PRODUCTS, COLUMNS))
    solution = solve(network)
    random = np.random.default_rng(2)
    targets = random.integers(0, PRODUCTS, CHAINS * TARGETS)
    starts = np.arange(0, targets.size + 1, TARGETS)
    demands = sparse.csr_array((random.random(targets.size), targets, starts), shape=(CHAINS, PRODUCTS))
    totals, passes = [], []
    for _ in range(RUNS):
        began = time.perf_counter()
        solution.total(demands)
        told = time.perf_counter()
        _ = network.amounts @ solution.footprints
        totals.append(told - began)
        passes.append(time.perf_counter() - told)
    share = median(totals) / median(passes)
    print(f"{cpu_count()} cores; {CHAINS} chains of {TARGETS} of {PRODUCTS} products, median of {RUNS}")
    print(f"totals {median(totals) * 1e3:.2f} ms, one pass {median(passes) * 1e3:.2f} ms: {share:.2f} passes")
    return 0 if share < 1 else 1


if __name__ == "__main__":
    sys.exit(main())
