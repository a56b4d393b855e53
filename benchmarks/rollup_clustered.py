"""A clustered network of 100 000 products solved for five indicators, against Brightway with PARDISO.

The rival is bw2calc's `FastScoresOnlyMultiLCA(direction="adjoint")`, the scores of all products at once, on the same
links in its own datapackage, which is made before its clock starts. Ours runs from the bare links to certified
footprints. Each works in a process of its own, in turn; memory is the peak above what the process held when the
clock started, with links, imports and compiled loops in place.
Run: python -m benchmarks.rollup_clustered [--quick] (dependency group `rivals`). Exits 1 where the roll-up is less
than 20 times as fast, needs more than a fifth of the memory or differs by more than 1e-8.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.networks import Floats, Links, clustered

PRODUCTS, COLUMNS, RUNS = 100_000, 5, 5
FASTER, SMALLER, EQUAL = 20, 5, 1e-8
FIRST_FLOW = 10_000_000  # Brightway numbers products and flows in one range


def main(products: int, runs: int) -> int:
    """Print both times and peaks, their ratios, and how far the figures lie apart."""
    with tempfile.TemporaryDirectory() as folder:
        results: dict[str, list[dict[str, float]]] = {"ours": [], "brightway": []}
        for _ in range(runs):
            for name, found in results.items():
                found.append(_in_a_process(name, products, Path(folder)))
        apart = _apart(*(np.load(Path(folder) / f"{name}.npy") for name in results))
    seconds = {name: median(run["seconds"] for run in found) for name, found in results.items()}
    peaks = {name: median(run["bytes"] for run in found) for name, found in results.items()}
    faster = median(
        rival["seconds"] / our["seconds"]
        for our, rival in zip(results["ours"], results["brightway"], strict=True)
    )
    smaller = peaks["brightway"] / peaks["ours"]
    packages = ", ".join(f"{name} {version(name)}" for name in ("numba", "scipy", "bw2calc", "pypardiso"))
    print(
        f"{cpu_count()} cores, {packages}; {products} products, {COLUMNS} indicators, median of {runs} runs"
    )
    for name in results:
        print(f"{name:10} {seconds[name] * 1e3:8.0f} ms {peaks[name] / 2**20:8.0f} MiB")
    print(
        f"{faster:.1f} times as fast, at least {FASTER} wanted; at {smaller:.1f} times less memory, {SMALLER}"
    )
    print(f"relative difference of any footprint at most {apart:.1e}, {EQUAL:.0e} allowed")
    return 0 if faster >= FASTER and smaller >= SMALLER and apart <= EQUAL else 1


def _apart(ours: Floats, theirs: Floats) -> float:
    return float(np.max(np.abs(ours / theirs - 1)))


def _in_a_process(name: str, products: int, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.rollup_clustered", name, str(products), str(folder)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(told.splitlines()[-1]))


def measured(name: str, products: int, folder: Path) -> None:
    """Solve in this process; print seconds and peak bytes, leave the footprints in a file."""
    links = clustered(products, COLUMNS)
    work = {"ours": ours, "brightway": brightway}[name](links)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins here
    before, began = _status("VmRSS"), time.perf_counter()
    footprints = work()
    seconds = time.perf_counter() - began
    peak = _status("VmHWM") - before
    np.save(folder / f"{name}.npy", footprints)
    print(json.dumps({"seconds": seconds, "bytes": peak}))


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


def ours(links: Links) -> Callable[[], Floats]:
    """The whole of it, with the loops compiled or loaded before."""
    from exchange.engine import Network, solve
    from exchange.engine.kernels import COMPILED_FROM

    solve(Network.from_edges(*clustered(COMPILED_FROM, COLUMNS)))
    return lambda: solve(Network.from_edges(*links)).footprints


def brightway(links: Links) -> Callable[[], Floats]:
    """Loading the datapackage and calculating the scores of all products."""
    from bw2calc import PYPARDISO
    from bw2calc.fast_scores import FastScoresOnlyMultiLCA

    if not PYPARDISO:
        raise SystemExit("PARDISO is not there: install the dependency group `rivals`.")
    package, methods = _datapackage(links)

    def work() -> Floats:
        config = {"impact_categories": methods}
        lca = FastScoresOnlyMultiLCA(
            demands={"one": {0: 1}}, method_config=config, data_objs=[package], direction="adjoint"
        )
        next(lca)
        scores = lca.product_scores
        return np.asarray(scores.sel(products=np.arange(len(links.direct))).values.T)

    return work


def _datapackage(links: Links) -> tuple[Any, list[tuple[str, str]]]:
    """The links as Brightway takes them: one unit out of each process, inputs flipped; one flow per indicator."""
    import bw_processing as bwp

    def pairs(rows: Any, columns: Any) -> Any:
        table = np.empty(len(rows), dtype=bwp.INDICES_DTYPE)
        table["row"], table["col"] = rows, columns
        return table

    package = bwp.create_datapackage()
    size, columns = links.direct.shape
    ids, flows = np.arange(size), FIRST_FLOW + np.arange(columns)
    package.add_persistent_vector(
        matrix="technosphere_matrix",
        name="links",
        indices_array=np.concatenate([pairs(ids, ids), pairs(links.supplier, links.customer)]),
        data_array=np.concatenate([np.ones(size), links.per_unit]),
        flip_array=np.arange(size + links.supplier.size) >= size,
    )
    package.add_persistent_vector(
        matrix="biosphere_matrix",
        name="own effects",
        indices_array=pairs(np.tile(flows, size), np.repeat(ids, columns)),
        data_array=links.direct.ravel(),
    )
    methods = [("indicator", str(column)) for column in range(columns)]
    for flow, method in zip(flows, methods, strict=True):
        package.add_persistent_vector(
            matrix="characterization_matrix",
            name=method[1],
            identifier=list(method),
            global_index=0,
            indices_array=pairs([flow], [0]),
            data_array=np.ones(1),
        )
    return package, methods


if __name__ == "__main__":
    if len(sys.argv) == 4:
        measured(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
    else:
        quick = "--quick" in sys.argv
        sys.exit(main(PRODUCTS // 10 if quick else PRODUCTS, 1 if quick else RUNS))
