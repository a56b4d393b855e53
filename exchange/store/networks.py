"""Queries on stored networks: nodes by number, and the pieces of arrays kept for the engine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from exchange.store.bulk import insert_rows
from exchange.store.fetching import fetch, fetch_large, is_postgresql
from exchange.store.tables.networks import NetworkArrayRow, NetworkNodeRow, NetworkNumbersRow, RunArrayRow
from exchange.store.tables.rollup import NetworkRow

_T = TypeVar("_T")

PIECE = 4_000_000  # bytes: no single value is huge
AT_ONCE = 10_000  # node numbers named in one statement
NODES_IN_A_CHUNK = 8_192  # a few MB at a time

_network, _number = col(NetworkNodeRow.network_number), col(NetworkNodeRow.node_number)
_numbers_network, _numbers_number = col(NetworkNumbersRow.network_number), col(NetworkNumbersRow.node_number)
_parts: list[sa.ColumnElement[bytes]] = [
    sa.inspect(NetworkNumbersRow).local_table.c[name] for name in ("effects", "declared", "suppliers")
]


@dataclass(frozen=True)
class StoredNode:
    """A row of `network_node`, in the order of its columns."""

    network_number: int
    node_number: int
    key: str
    product_id: str | None
    organisation_id: str | None
    is_present: bool
    facts: str
    links: str
    gaps: str
    digest: bytes


@dataclass(frozen=True)
class StoredNumbers:
    """A row of `network_numbers`, in the order of its columns."""

    network_number: int
    node_number: int
    effects: bytes
    declared: bytes
    suppliers: bytes


@dataclass(frozen=True)
class KnownNode:
    """A number that was given, and what of the node is stored under it."""

    key: str
    number: int
    digest: bytes
    is_present: bool


def lock_version(session: Session, network: int) -> int:
    """The network's version, nobody else's to raise until the transaction ends."""
    return session.exec(
        select(NetworkRow.version).where(NetworkRow.number == network).with_for_update()
    ).one()


def version_of(session: Session, network: int) -> int:
    """The network's version."""
    return session.exec(select(NetworkRow.version).where(NetworkRow.number == network)).one()


def set_version(session: Session, network: int, version: int) -> None:
    """Raise the network's version; a row of it that is loaded knows."""
    row = session.exec(select(NetworkRow).where(NetworkRow.number == network)).one()
    row.version = version
    session.add(row)
    session.flush()


def known_nodes(session: Session, network: int) -> list[KnownNode]:
    """Every number given in the network, ascending."""
    wanted = (
        NetworkNodeRow.key,
        NetworkNodeRow.node_number,
        NetworkNodeRow.digest,
        NetworkNodeRow.is_present,
    )
    rows = fetch(session, sa.select(*map(col, wanted)).where(_network == network).order_by(_number))
    return [KnownNode(key, number, bytes(digest), bool(present)) for key, number, digest, present in rows]


def replace_nodes(
    session: Session,
    network: int,
    nodes: Iterable[StoredNode],
    numbers: Iterable[StoredNumbers],
    old: Iterable[int],
) -> None:
    """Write nodes whole; the `old` among their numbers have something stored that goes."""
    for some in _chunks(old):
        for model in (NetworkNodeRow, NetworkNumbersRow):
            place = sa.inspect(model).local_table.c
            session.execute(
                sa.delete(model).where(place.network_number == network, _among(place.node_number, some)),
                execution_options={"synchronize_session": False},
            )
    insert_rows(session, NetworkNodeRow, [vars(node) for node in nodes])
    insert_rows(session, NetworkNumbersRow, [vars(one) for one in numbers])


def facts_of(session: Session, network: int, numbers: Iterable[int]) -> list[tuple[Any, ...]]:
    """(number, key, product, organisation, facts) of the nodes that are there."""
    return _read(session, network, numbers, "node_number", "key", "product_id", "organisation_id", "facts")


def links_of(session: Session, network: int, numbers: Iterable[int]) -> list[tuple[Any, ...]]:
    """(number, links) of the nodes that are there, by number."""
    return _read(session, network, numbers, "node_number", "links")


def gaps_of(session: Session, network: int, numbers: Iterable[int]) -> list[tuple[Any, ...]]:
    """(number, gaps) of the nodes that are there, by number."""
    return _read(session, network, numbers, "node_number", "gaps")


def numbers_of_products(session: Session, network: int, products: Collection[str]) -> list[tuple[str, int]]:
    """(product, number) of the products' nodes, by number, gone ones among them."""
    rows: list[tuple[str, int]] = []
    for some in _chunks(sorted(set(products))):
        statement = select(NetworkNodeRow.product_id, NetworkNodeRow.node_number).where(
            _network == network, col(NetworkNodeRow.product_id).in_(some)
        )
        rows += [(str(product), number) for product, number in session.exec(statement)]
    return sorted(rows, key=lambda row: row[1])


def numbers_of_organisations(session: Session, network: int, organisations: Collection[str]) -> list[int]:
    """The numbers of the organisations' nodes that are there, ascending."""
    numbers: list[int] = []
    for some in _chunks(sorted(set(organisations))):
        statement = select(NetworkNodeRow.node_number).where(
            _network == network,
            col(NetworkNodeRow.organisation_id).in_(some),
            col(NetworkNodeRow.is_present),
        )
        numbers += session.exec(statement).all()
    return sorted(numbers)


def numbers_given(session: Session, network: int) -> int:
    """How many numbers are given in the network."""
    last = session.execute(
        sa.select(sa.func.max(_numbers_number)).where(_numbers_network == network)
    ).scalar()
    return 0 if last is None else last + 1


def node_bytes(session: Session, network: int) -> Iterator[tuple[bytes, ...]]:
    """What the engine needs of every number, in chunks of ascending numbers, within a chunk in any order.

    A chunk is its nodes' `effects`, their `declared` and their `suppliers`, each one after another in the same
    order. PostgreSQL joins them itself; SQLite hands them out one by one.
    """
    for first in range(0, numbers_given(session, network), NODES_IN_A_CHUNK):
        some = _numbers_number.between(first, first + NODES_IN_A_CHUNK - 1)
        parts = _parts
        if is_postgresql(session):
            parts = [sa.func.string_agg(part, sa.literal_column("''::bytea")) for part in _parts]
        rows = fetch(session, sa.select(*parts).where(_numbers_network == network, some))
        yield tuple(b"".join(part for part in several if part) for several in zip(*rows, strict=True))


def array_contents(session: Session, network: int) -> list[tuple[int, bytearray]]:
    """(version, content) of the arrays kept and of what changed since, by version."""
    statement = (
        sa.select(col(NetworkArrayRow.version), col(NetworkArrayRow.content))
        .where(col(NetworkArrayRow.network_number) == network)
        .order_by(col(NetworkArrayRow.version), col(NetworkArrayRow.piece))
    )
    by_version = groupby(fetch_large(session, statement), key=lambda row: row[0])
    return [(version, _joined(content for _, content in pieces)) for version, pieces in by_version]


def array_sizes(session: Session, network: int) -> list[int]:
    """How many bytes each version kept of the network's arrays has, by version."""
    size = sa.func.sum(sa.func.length(col(NetworkArrayRow.content)))
    statement = (
        sa.select(size)
        .where(col(NetworkArrayRow.network_number) == network)
        .group_by(col(NetworkArrayRow.version))
        .order_by(col(NetworkArrayRow.version))
    )
    return [int(row[0]) for row in session.execute(statement)]


def add_array(session: Session, network: int, version: int, content: bytes) -> None:
    """Keep what changed in a network's arrays at a version."""
    owner = {"network_number": network, "version": version}
    insert_rows(session, NetworkArrayRow, [owner | piece for piece in _pieces(content)])


def replace_arrays(session: Session, network: int, version: int, content: bytes) -> None:
    """Keep the arrays of a network at a version in the place of all that is kept of it."""
    session.execute(sa.delete(NetworkArrayRow).where(col(NetworkArrayRow.network_number) == network))
    add_array(session, network, version, content)


def add_run_array(session: Session, run_id: str, content: bytes) -> None:
    """Keep the arrays of a run."""
    insert_rows(session, RunArrayRow, [{"run_id": run_id} | piece for piece in _pieces(content)])


def run_content(session: Session, run_id: str) -> bytearray:
    """The arrays of a run; nothing where none were kept."""
    statement = (
        sa.select(col(RunArrayRow.content))
        .where(col(RunArrayRow.run_id) == run_id)
        .order_by(col(RunArrayRow.piece))
    )
    return _joined(row[0] for row in fetch_large(session, statement))


def _read(session: Session, network: int, numbers: Iterable[int], *columns: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    table = sa.inspect(NetworkNodeRow).local_table
    for some in _chunks(sorted(set(numbers))):
        statement = sa.select(*(table.c[name] for name in columns)).where(
            _network == network, _among(_number, some), col(NetworkNodeRow.is_present)
        )
        rows += fetch(session, statement.order_by(_number))
    return rows


def _among(column: sa.ColumnElement[int] | Mapped[int], numbers: list[int]) -> sa.ColumnElement[bool]:
    """Node numbers written into the statement: thousands of parameters cost more than what they ask for."""
    return column.in_(sa.bindparam("numbers", numbers, sa.Integer, expanding=True, literal_execute=True))


def _pieces(content: bytes) -> Iterator[dict[str, Any]]:
    for piece, first in enumerate(range(0, len(content), PIECE)):
        yield {"piece": piece, "content": content[first : first + PIECE]}


def _joined(pieces: Iterable[bytes]) -> bytearray:
    whole = bytearray()
    for piece in pieces:
        whole += piece
    return whole


def _chunks(values: Iterable[_T]) -> Iterator[list[_T]]:
    waiting = iter(values)
    while some := list(islice(waiting, AT_ONCE)):
        yield some
