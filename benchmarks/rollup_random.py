"""A random network of 1 000 000 products and 7 million links solved for five indicators, in passes over the network.

The rival is scipy's sparse product of the network with five columns, the least any sweep could do, in the same run.
Ours runs from the bare links to certified footprints. Run: python -m benchmarks.rollup_random [--quick]. Exits 1 where
it takes more than 40 passes, or the process more than 2 GB at its peak.
"""

from __future__ import annotations

import resource
import sys
import time
from os import cpu_count
from statistics import median

from benchmarks.networks import clustered, scattered
from exchange.engine import Network, solve
from exchange.engine.kernels import COMPILED_FROM

PRODUCTS, COLUMNS, RUNS = 1_000_000, 5, 3
PASSES, BYTES = 40, 2e9


def main(products: int) -> int:
    """Print the time of a pass, of building and of solving, and the peak."""
    links = scattered(products, COLUMNS)
    solve(Network.from_edges(*clustered(COMPILED_FROM, COLUMNS)))  # compiles the loops, or loads them
    one_pass, building, solving = [], [], []
    for _ in range(RUNS):
        began = time.perf_counter()
        network = Network.from_edges(*links)
        built = time.perf_counter()
        solution = solve(network)
        solved = time.perf_counter()
        _ = network.amounts @ network.direct
        one_pass.append(time.perf_counter() - solved)
        building.append(built - began)
        solving.append(solved - built)
    passes = median(
        (built + solved) / once for once, built, solved in zip(one_pass, building, solving, strict=True)
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        f"{cpu_count()} cores; {products} products, {network.amounts.nnz} links, {COLUMNS} indicators, median of {RUNS}"
    )
    print(f"one pass {median(one_pass) * 1e3:.0f} ms; build {median(building) * 1e3:.0f} ms")
    print(
        f"solve {median(solving) * 1e3:.0f} ms in {solution.sweeps} sweeps, "
        f"error at most {solution.error_bound.max():.1e}"
    )
    print(f"{passes:.1f} passes in all, at most {PASSES} wanted; peak of the process {peak / 1e9:.2f} GB")
    return 0 if passes <= PASSES and peak < BYTES else 1


if __name__ == "__main__":
    sys.exit(main(PRODUCTS // 10 if "--quick" in sys.argv else PRODUCTS))
