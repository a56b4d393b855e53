"""Networks that are stored, changed and loaded say what the linked network says, whatever happened before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import count

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from exchange.bootstrap import Exchange
from exchange.domain.linking import Gap, Link, LinkedNetwork
from exchange.engine import Network
from exchange.engine.errors import DamagedError
from exchange.engine.network_arrays import NetworkArrays
from exchange.engine.packing import pack
from exchange.services.rollup import network_view, stored_network
from exchange.services.rollup.network_view import LinkedView, StoredView
from exchange.services.rollup.solving import arrays_of, solve_arrays
from exchange.services.rollup.stored_network import (
    StoredVersion,
    load_arrays,
    rebuild_arrays,
    store_network,
)
from exchange.store import networks as query
from exchange.store.engine import Store
from exchange.store.tables.networks import NetworkArrayRow, NetworkNodeRow, NetworkNumbersRow
from exchange.store.tables.rollup import NetworkRow
from tests.conftest import database_copy
from tests.unit.domain.linked_networks import KEYS, linked_network, seeds

ALL = dict.fromkeys(KEYS, 0)
numbers_given = count(1)


@pytest.fixture
def store(exchange: Exchange) -> Store:
    return exchange.store


def opened(session: Session) -> int:
    """The number of a network that has nothing in it."""
    number = next(numbers_given)
    start = date(2000, 1, 1) + timedelta(days=number)
    session.add(NetworkRow(period_start=start, period_end=start + timedelta(days=1), number=number))
    session.flush()
    return number


def stored(store: Store, *networks: LinkedNetwork) -> tuple[int, list[StoredVersion]]:
    """A network stored in each of these states, one after another."""
    with store.write() as session:
        number = opened(session)
    versions = []
    for linked in networks:
        with store.write() as session:
            versions.append(store_network(session, number, linked))
    return number, versions


def assert_equal(one: NetworkArrays, other: NetworkArrays) -> None:
    """To the last bit."""
    pairs = [
        (one.network.amounts.toarray(), other.network.amounts.toarray()),
        (one.measured.toarray(), other.measured.toarray()),
        (one.network.direct, other.network.direct),
        (one.network.fixed, other.network.fixed),
        (one.own_shares, other.own_shares),
        (one.declared_shares, other.declared_shares),
        (one.produced, other.produced),
        (one.stated, other.stated),
        (one.has_own, other.has_own),
        (one.gaps, other.gaps),
        (one.output_share, other.output_share),
    ]
    for mine, theirs in pairs:
        assert np.array_equal(mine, theirs, equal_nan=mine.dtype.kind == "f")


def renumbered(links_or_gaps: list[Link] | list[Gap], numbers: tuple[int, ...]) -> set[object]:
    """What is said of positions, said of node numbers."""
    found: set[object] = set()
    for one in links_or_gaps:
        if isinstance(one, Link):
            found.add(replace(one, supplier=numbers[one.supplier], customer=numbers[one.customer]))
        else:
            found.add(replace(one, node=numbers[one.node]))
    return found


@pytest.fixture(scope="module")
def shared(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One database for the examples of a property: each has a network of its own in it."""
    with database_copy(template, tmp_path_factory.mktemp("networks")) as url:
        one = Store(url)
        yield one
        one.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(states=st.lists(seeds(), min_size=1, max_size=5))
def test_whatever_was_stored_before_arrays_and_views_are_those_of_the_linked_network(
    shared: Store, states: list[dict[str, int]]
) -> None:
    networks = [linked_network(state) for state in states]
    number, versions = stored(shared, *networks)
    linked, numbers, fresh = networks[-1], versions[-1].numbers, arrays_of(networks[-1])
    with shared.read() as session:
        loaded, rebuilt = load_arrays(session, number), rebuild_arrays(session, number)
        view, there = StoredView(session, number), LinkedView(linked)
        assert_equal(loaded, rebuilt)
        found = solve_arrays(loaded).solution.footprints[list(numbers)]
        assert found == pytest.approx(solve_arrays(fresh).solution.footprints, rel=1e-12, abs=1e-300)
        everyone = range(-1, loaded.size + 1)
        assert view.nodes(everyone) == {numbers[place]: node for place, node in enumerate(linked.nodes)}
        assert set(view.links_into(everyone)) == renumbered(list(linked.links), numbers)
        assert set(view.gaps(everyone)) == renumbered(list(linked.gaps), numbers)
        products = [*linked.outputs, "product-of-nobody"]
        assert view.outputs(products) == {
            product: tuple(sorted((numbers[place], share) for place, share in parts))
            for product, parts in there.outputs(products).items()
        }
        assert view.of_organisations(["maker", "nobody"]) == sorted(
            numbers[place] for place in there.of_organisations(["maker"])
        )


@settings(max_examples=30, deadline=None)
@given(states=st.lists(seeds(), min_size=1, max_size=6))
def test_a_key_keeps_its_number_and_nobody_else_gets_it(shared: Store, states: list[dict[str, int]]) -> None:
    networks = [linked_network(state) for state in states]
    _, versions = stored(shared, *networks)
    given_to: dict[int, str] = {}
    for linked, version in zip(networks, versions, strict=True):
        for node, number in zip(linked.nodes, version.numbers, strict=True):
            assert given_to.setdefault(number, node.key) == node.key
        assert len(set(version.numbers)) == len(linked.nodes)
    assert sorted(given_to) == list(range(versions[-1].size))
    assert len(set(given_to.values())) == len(given_to)


def test_the_same_network_again_changes_nothing(store: Store) -> None:
    _, versions = stored(store, linked_network(ALL), linked_network(ALL))
    assert [(one.version, one.changed) for one in versions] == [(1, len(KEYS)), (1, 0)]
    assert versions[0].numbers == versions[1].numbers


def test_only_what_changed_is_written(store: Store) -> None:
    _, versions = stored(store, linked_network(ALL), linked_network(ALL | {"n03": 1}))
    assert [(one.version, one.changed) for one in versions] == [(1, 14), (2, 1)]


def test_what_is_gone_keeps_its_number_with_nothing_in_it_and_can_come_back(store: Store) -> None:
    whole, without = linked_network(ALL), linked_network({key: 0 for key in KEYS if key != "n13"})
    customers = {link.customer for link in whole.links if link.supplier == 13}
    touched = customers | set(range(8, 14))  # those that share a product's output make up more of it
    number, versions = stored(store, whole, without, whole)
    assert [one.changed for one in versions] == [14, len(touched), len(touched)]
    assert versions[2].numbers == versions[0].numbers
    number, _ = stored(store, whole, without)
    with store.read() as session:
        gone = session.exec(
            select(NetworkNodeRow).where(
                col(NetworkNodeRow.network_number) == number, col(NetworkNodeRow.key) == "n13"
            )
        ).one()
        assert (gone.node_number, gone.is_present, gone.links, gone.gaps) == (13, False, "[]", "[]")
        arrays = load_arrays(session, number)
        assert StoredView(session, number).nodes([13]) == {}
        assert "product-pair" in StoredView(session, number).outputs(["product-pair"])
    assert (arrays.network.direct[13] == 0).all()
    assert arrays.network.amounts[[13]].nnz == arrays.network.amounts[:, [13]].nnz == 0
    assert arrays.produced[13] == 0


def test_small_changes_are_kept_apart_and_now_and_then_all_is_written_anew(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_network, "LARGE_CHANGE", 0)
    monkeypatch.setattr(stored_network, "CHANGES_AT_MOST", 2)
    states = [linked_network(ALL | {"n03": step % 2}) for step in range(5)]
    kept = []
    with store.write() as session:
        number = opened(session)
    for linked in states:
        with store.write() as session:
            store_network(session, number, linked)
            kept.append([version for version, _ in query.array_contents(session, number)])
            assert_equal(load_arrays(session, number), rebuild_arrays(session, number))
    assert kept == [[1], [1, 2], [1, 2, 3], [4], [4, 5]]


def test_values_of_many_pieces_are_put_together_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "PIECE", 100)
    monkeypatch.setattr(query, "NODES_IN_A_CHUNK", 3)
    monkeypatch.setattr(query, "AT_ONCE", 2)
    number, _ = stored(store, linked_network(ALL), linked_network(dict.fromkeys(KEYS, 1)))
    with store.read() as session:
        pieces = session.exec(
            select(sa.func.count())
            .select_from(NetworkArrayRow)
            .where(NetworkArrayRow.network_number == number)
        ).one()
        assert pieces > 10
        assert_equal(load_arrays(session, number), rebuild_arrays(session, number))
        assert len(StoredView(session, number).nodes(range(14))) == 14


Pieces = dict[tuple[int, int], NetworkArrayRow]  # by version and piece


def changed_bit(session: Session, pieces: Pieces) -> None:
    row = pieces[1, 1]
    row.content = row.content[:40] + bytes([row.content[40] ^ 1]) + row.content[41:]


def cut_off(session: Session, pieces: Pieces) -> None:
    pieces[2, 0].content = pieces[2, 0].content[:-1]


def missing_piece(session: Session, pieces: Pieces) -> None:
    session.delete(pieces[1, 1])


def missing_change(session: Session, pieces: Pieces) -> None:
    session.execute(sa.delete(NetworkArrayRow).where(col(NetworkArrayRow.version) == 2))


def missing_end(session: Session, pieces: Pieces) -> None:
    session.execute(sa.delete(NetworkArrayRow).where(col(NetworkArrayRow.version) == 3))


def missing_all(session: Session, pieces: Pieces) -> None:
    session.execute(sa.delete(NetworkArrayRow))


def of_other_columns(session: Session, pieces: Pieces) -> None:
    narrow = pack(fewer_columns(arrays_of(linked_network(ALL))))
    query.replace_arrays(session, pieces[1, 0].network_number, 3, narrow)


@pytest.mark.parametrize(
    "damage",
    [changed_bit, cut_off, missing_piece, missing_change, missing_end, missing_all, of_other_columns],
)
def test_damaged_arrays_are_made_anew_from_the_nodes(
    store: Store, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Session, Pieces], None]
) -> None:
    monkeypatch.setattr(query, "PIECE", 500)
    monkeypatch.setattr(stored_network, "LARGE_CHANGE", 0)
    networks = [linked_network(ALL | {"n03": step}) for step in range(3)]
    number, _ = stored(store, *networks)
    with store.write() as session:
        rows = session.exec(select(NetworkArrayRow).where(NetworkArrayRow.network_number == number)).all()
        pieces = {(row.version, row.piece): row for row in rows}
        assert {version for version, _ in pieces} == {1, 2, 3}
        damage(session, pieces)
    with store.read() as session:
        assert_equal(load_arrays(session, number), arrays_of(networks[-1]))


def fewer_columns(arrays: NetworkArrays) -> NetworkArrays:
    """What a version of the exchange with one column less would have stored."""
    network = arrays.network
    return replace(
        arrays,
        network=Network(network.amounts, network.direct[:, :-1], network.fixed[:, :-1]),
        stated=arrays.stated[:, :-1],
        has_own=arrays.has_own[:, :-1],
        gaps=arrays.gaps[:, :-1],
    )


def test_damaged_nodes_give_no_arrays_at_all(store: Store) -> None:
    number, _ = stored(store, linked_network(ALL))
    with store.write() as session:
        session.execute(sa.delete(NetworkArrayRow))
        session.execute(sa.delete(NetworkNumbersRow).where(col(NetworkNumbersRow.node_number) == 5))
    with store.read() as session, pytest.raises(DamagedError, match="missing"):
        load_arrays(session, number)


def test_nothing_is_stored_when_the_transaction_ends_in_an_error(store: Store) -> None:
    number, _ = stored(store, linked_network(ALL))
    with pytest.raises(ZeroDivisionError), store.write() as session:
        store_network(session, number, linked_network(dict.fromkeys(KEYS, 1)))
        raise ZeroDivisionError
    with store.read() as session:
        assert query.version_of(session, number) == 1
        assert_equal(load_arrays(session, number), arrays_of(linked_network(ALL)))


def test_a_fraction_of_thousands_of_digits_comes_back_as_it_was(store: Store) -> None:
    linked = linked_network({"n00": 0})
    odd = replace(linked.nodes[0], mass=Fraction(10**6000 + 1, 3**12000))
    number, _ = stored(store, replace(linked, nodes=(odd,)))
    with store.read() as session:
        assert StoredView(session, number).nodes([0]) == {0: odd}


def test_a_view_remembers_a_stated_number_of_nodes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_view, "REMEMBERED", 3)
    linked = linked_network(ALL)
    number, _ = stored(store, linked)
    with store.read() as session:
        view = StoredView(session, number)
        for some in ([0, 1], [1, 2], [2, 3, 4, 5], [0], range(14)):
            assert view.nodes(some) == {place: linked.nodes[place] for place in some}


@pytest.mark.parametrize("size", [5, 50])
def test_the_number_of_statements_does_not_depend_on_the_number_of_nodes(store: Store, size: int) -> None:
    one = linked_network({"n00": 0})
    nodes = tuple(replace(one.nodes[0], key=f"key-{place}", product=f"p-{place}") for place in range(size))
    linked = replace(one, nodes=nodes, links=(), gaps=(), outputs={})
    with store.write() as session:
        number = opened(session)
    statements: list[str] = []
    sa.event.listen(store.writer, "before_cursor_execute", lambda *given: statements.append(given[2]))
    with store.write() as session:
        store_network(session, number, linked)
    assert len([text for text in statements if "network" in text]) <= 10
