"""Ten columns of effect instead of five on the clustered network of 100 000 products, certificate included.

Run: python -m benchmarks.rollup_columns. Exits 1 where ten take more than 1.9 times as long as five.
"""

from __future__ import annotations

import sys
import time
from os import cpu_count
from statistics import median

from benchmarks.networks import Links, clustered
from exchange.engine import Network, solve

PRODUCTS, RUNS = 100_000, 11
RATIO = 1.9


def main() -> int:
    """Print both times and their ratio."""
    ten = clustered(PRODUCTS, 10)
    five = ten._replace(direct=ten.direct[:, :5])
    _seconds(ten)  # compiles the loops, or loads them
    runs = [(_seconds(five), _seconds(ten)) for _ in range(RUNS)]
    ratio = median(wide / narrow for narrow, wide in runs)
    print(f"{cpu_count()} cores; {PRODUCTS} products, links to certified footprints, median of {RUNS}")
    print(
        f"five {median(run[0] for run in runs) * 1e3:.0f} ms, ten {median(run[1] for run in runs) * 1e3:.0f} ms"
    )
    print(f"{ratio:.2f} times, at most {RATIO} wanted")
    return 0 if ratio <= RATIO else 1


def _seconds(links: Links) -> float:
    began = time.perf_counter()
    solve(Network.from_edges(*links))
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
