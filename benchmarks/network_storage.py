"""A network that is stored: made anew from its rows, loaded for the solve, and refreshed after a change.

A clustered network of 1 000 000 links over 158 000 nodes (`benchmarks.networks`) is stored in PostgreSQL as the roll-up
stores it; nine in ten own effects are stated, each of two kinds, and one node in ten declares.
No linking is in any figure: that goes before, from datasets to nodes and links.

- rebuild: `rebuild_arrays`, every node's effects, shares, gaps and links from the rows of `network_node`, checked, to
  the matrices that the solve takes. Rival: ADBC's read of supplier, customer and amount of the same links from a
  plain table of three columns into Arrow, and nothing else. At most 2 times.
- load: `load_arrays`, the arrays kept beside the rows, checked by their digest and for sense. Against `solve_arrays`,
  what they are loaded for: footprints with certificate, quality and checks. At most half. The share of `solve` alone,
  which needs less than half of what is loaded, is told beside it.
- refresh: 1 000 nodes with all their links change. In memory: `ChangedNodes.unpack` and `splice` into the loaded
  arrays, against `rebuild_arrays`. In the database: `store_changes`, which writes their rows and keeps what changed for
  the engine, committed, against the same of all nodes. Each at most 5 %.

Needs PostgreSQL, named by VCX_TEST_DATABASE_URL, whose database it makes and drops one of its own beside; and the
dependency group `rivals`. Run: python -m benchmarks.network_storage [--quick]. Exits 1 where a figure is over;
a small network (--quick) shows that it runs, its ratios say nothing.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from os import cpu_count
from platform import python_version
from statistics import median

import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import sqlalchemy as sa
from scipy import sparse

from benchmarks.networks import clustered
from exchange.domain.linking import COLUMNS
from exchange.engine import solve
from exchange.engine.node_rows import ENTRY, NodeBytes
from exchange.engine.splicing import ChangedNodes, splice
from exchange.services.rollup.node_facts import LAYOUT
from exchange.services.rollup.solving import solve_arrays
from exchange.services.rollup.stored_network import WholeNode, load_arrays, rebuild_arrays, store_changes
from exchange.store import migrate
from exchange.store.engine import Store
from exchange.store.networks import StoredNode
from exchange.store.tables.rollup import NetworkRow

PRODUCTS, QUICK_PRODUCTS = 158_000, 8_000
CHANGED, RUNS = 1_000, 7
REBUILD, LOAD, REFRESH = 2.0, 0.5, 0.05
NETWORK = 1
STATED = 0.9
CHANGES_STORED, ALL_STORED = "store_changes of 1 000 nodes", "store_changes of all nodes (once)"
FACTS = json.dumps(
    {"name": "A product", "datasets": ["d" * 36], "own": {column: ["1f/a"] * 5 for column in COLUMNS}}
)
LINE = json.dumps([123456, "1f/3e8", "1", "delivery", "12", "1f/3e8", "turnover"])


def main() -> int:
    """Print the figures and their ratios."""
    size = QUICK_PRODUCTS if "--quick" in sys.argv[1:] else PRODUCTS
    with database() as url:
        store = Store(url)
        nodes = whole_nodes(size)
        whole = fill(store, nodes)
        warm_up(store)
        found = [measured(store, url, nodes, run) for run in range(RUNS)]
        store.close()
    times = {name: median(one[name] for one in found) for name in found[0]} | {ALL_STORED: whole}
    links = sum(len(node.numbers.suppliers) for node in nodes) // ENTRY.itemsize
    print(
        f"Python {python_version()}, {cpu_count()} cores; {size:,} nodes, {links:,} links, {len(COLUMNS)} columns"
    )
    for name, seconds in times.items():
        print(f"{name:60} median {seconds * 1e3:9.1f} ms")
    exceeded = report(times)
    return 0 if size < PRODUCTS else exceeded


def report(times: dict[str, float]) -> int:
    """Print the ratios; 1 where one is over."""
    figures = [
        ("rebuild against ADBC's read", times["rebuild_arrays"] / times["ADBC, three columns"], REBUILD),
        ("load against the solve", times["load_arrays"] / times["solve_arrays"], LOAD),
        ("refresh in memory against rebuild", times["unpack and splice"] / times["rebuild_arrays"], REFRESH),
        ("refresh in the database against storing all", times[CHANGES_STORED] / times[ALL_STORED], REFRESH),
    ]
    print(f"load against solve alone: {times['load_arrays'] / times['solve, certified']:.3f}")
    for name, ratio, limit in figures:
        print(f"{name}: {ratio:.3f}, at most {limit} wanted")
    return 1 if any(ratio > limit for _, ratio, limit in figures) else 0


@contextmanager
def database() -> Iterator[str]:
    """The URL of a migrated PostgreSQL database that is there for a while."""
    server = sa.make_url(os.environ["VCX_TEST_DATABASE_URL"])
    name = f"vcx_benchmark_{os.getpid()}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    url = server.set(database=name).render_as_string(hide_password=False)
    try:
        migrate.upgrade(url)
        yield url
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def whole_nodes(size: int, seed: int = 1) -> list[WholeNode]:
    """The nodes of a clustered network; a tenth declares its footprint in a column."""
    links = clustered(size, len(COLUMNS), seed)
    amounts = sparse.csr_array((links.per_unit, (links.customer, links.supplier)), shape=(size, size))
    amounts.sum_duplicates()
    random = np.random.default_rng(seed)
    entries = np.empty(amounts.nnz, dtype=ENTRY)
    entries["supplier"], entries["amount"] = amounts.indices, amounts.data
    entries["measured"] = amounts.data * random.integers(0, 2, amounts.nnz)
    counts = np.diff(amounts.indptr)
    effects = effect_rows(links.direct, random, counts)
    declared = np.zeros(1, LAYOUT.declared)
    declared["stated"], declared["stated"][0, 0], declared["shares"] = np.nan, 1.0, [0.0, 0.0, 0.0, 1.0]
    declared["fixed"][0, 0] = 1
    return [
        whole_node(
            number,
            NodeBytes(
                effects[number].tobytes(),
                declared.tobytes() if effects[number]["declares"] else b"",
                entries[first : first + counts[number]].tobytes(),
            ),
        )
        for number, first in enumerate(amounts.indptr[:-1])
    ]


def whole_node(number: int, numbers: NodeBytes) -> WholeNode:
    """A node with texts of the length they have."""
    links = f"[{','.join([LINE] * (len(numbers.suppliers) // ENTRY.itemsize))}]"
    owners = (f"key-{number}", f"product-{number}", f"maker-{number // 5}")
    return WholeNode(StoredNode(NETWORK, number, *owners, True, FACTS, links, "[]", bytes(32)), numbers)


def effect_rows(direct: np.ndarray, random: np.random.Generator, counts: np.ndarray) -> np.ndarray:
    """What the engine knows of each node but its links and what it declares."""
    table = np.zeros(direct.shape[0], dtype=LAYOUT.effects)
    table["number"], table["own"], table["suppliers"] = np.arange(table.size), direct, counts
    table["own"][random.random(direct.shape) >= STATED] = np.nan
    table["produced"], table["output_share"] = 1000.0, 1.0
    table["declares"] = random.random(table.size) < 0.1
    shares = random.dirichlet([1.0] * 2, (table.size, LAYOUT.headline))
    table["own_shares"][..., 0], table["own_shares"][..., 2] = shares[..., 0], shares[..., 1]
    table["gaps"] = random.random((table.size, LAYOUT.columns)) < 0.02
    return table


def fill(store: Store, nodes: list[WholeNode]) -> float:
    """Store the network, which takes so many seconds, and the rival's table of the same links."""
    with store.write() as session:
        session.add(NetworkRow(period_start=date(2025, 1, 1), period_end=date(2026, 1, 1), number=NETWORK))
    taken = seconds(lambda: store_nodes(store, nodes, [], nodes))
    with store.write() as session:
        connection = session.connection()
        connection.execute(sa.text("CREATE TABLE rival (supplier int, customer int, amount float8)"))
        cursor = connection.connection.cursor()
        with cursor.copy("COPY rival FROM STDIN") as copy:
            for node in nodes:
                for entry in np.frombuffer(node.numbers.suppliers, dtype=ENTRY):
                    copy.write_row((int(entry["supplier"]), node.said.node_number, float(entry["amount"])))
    with store.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    return taken


def store_nodes(store: Store, changed: list[WholeNode], old: list[int], nodes: list[WholeNode]) -> None:
    """Store nodes that changed, and commit."""
    with store.write() as session:
        store_changes(session, NETWORK, changed, old, len(nodes), nodes)


def warm_up(store: Store) -> None:
    """What a process does once: compile the solve, fill the database's caches."""
    with store.read() as session:
        solve_arrays(rebuild_arrays(session, NETWORK))


def measured(store: Store, url: str, nodes: list[WholeNode], run: int) -> dict[str, float]:
    """Seconds of each part, one after another, in one run."""
    times: dict[str, float] = {}
    changed = altered(nodes, run)
    content = ChangedNodes(NodeBytes.together(node.numbers for node in changed), len(nodes)).pack()
    numbers = [node.said.node_number for node in changed]
    with adbc.connect(url.replace("+psycopg", "")) as connection:
        times["ADBC, three columns"] = seconds(partial(read_by_adbc, connection))
    with store.read() as session:
        times["rebuild_arrays"] = seconds(lambda: rebuild_arrays(session, NETWORK))
        times["load_arrays"] = seconds(lambda: load_arrays(session, NETWORK))
        arrays = load_arrays(session, NETWORK)
    times["solve, certified"] = seconds(lambda: solve(arrays.network))
    times["solve_arrays"] = seconds(lambda: solve_arrays(arrays))
    times["unpack and splice"] = seconds(lambda: splice(arrays, ChangedNodes.unpack(content), LAYOUT))
    times[CHANGES_STORED] = seconds(lambda: store_nodes(store, changed, numbers, nodes))
    return times


def altered(nodes: list[WholeNode], seed: int) -> list[WholeNode]:
    """Some nodes with other amounts, ascending."""
    random = np.random.default_rng(seed + 100)
    several = sorted(random.choice(len(nodes), min(CHANGED, len(nodes) // 10), replace=False).tolist())
    result = []
    for number in several:
        numbers = nodes[number].numbers
        entries = np.frombuffer(numbers.suppliers, dtype=ENTRY).copy()
        entries["amount"] *= 0.99
        entries["measured"] *= 0.99
        result.append(whole_node(number, numbers._replace(suppliers=entries.tobytes())))
    return result


def read_by_adbc(connection: adbc.Connection) -> int:
    """The rival: three columns of all links as an Arrow table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT supplier, customer, amount FROM rival")
        return int(cursor.fetch_arrow_table().num_rows)


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
