"""Arrays of networks from rows of nodes: made anew or spliced they are the same; gaps reach what they are in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.engine.errors import DamagedError, ShapeError
from exchange.engine.gap_reach import at_least
from exchange.engine.network_arrays import NetworkArrays
from exchange.engine.node_rows import ENTRY, Layout, NodeBytes, NodeRow
from exchange.engine.splicing import ChangedNodes, splice
from tests.unit.engine.network_arrays import LAYOUT, arrays, made, nodes

UNKNOWN = (0.0, 0.0, 0.0, 1.0)


def plain(number: int, *suppliers: tuple[int, float], **facts: object) -> NodeBytes:
    """A node with an own effect of 1 in every column."""
    row: dict[str, object] = {
        "number": number,
        "own": [1.0, 1.0, 1.0],
        "stated": [None, None, None],
        "fixed": (),
        "gaps": (),
        "own_shares": [UNKNOWN, UNKNOWN],
        "declared_shares": [UNKNOWN, UNKNOWN],
        "produced": 1.0,
        "output_share": 1.0,
        "entries": [(supplier, amount, 0.0) for supplier, amount in suppliers],
    }
    return LAYOUT.pack(NodeRow(**(row | facts)))  # type: ignore[arg-type]


DECLARING = plain(1, stated=[1.0, None, None])


def assert_same(one: NetworkArrays, other: NetworkArrays) -> None:
    """To the last bit, and of the same kind."""
    for matrix, with_ in ((one.network.amounts, other.network.amounts), (one.measured, other.measured)):
        for part in ("indptr", "indices", "data"):
            mine, theirs = getattr(matrix, part), getattr(with_, part)
            assert mine.dtype == theirs.dtype
            assert np.array_equal(mine, theirs)
    for name in ("own_shares", "declared_shares", "produced", "stated", "has_own", "gaps", "output_share"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=name == "stated")
    assert np.array_equal(one.network.direct, other.network.direct)
    assert np.array_equal(one.network.fixed, other.network.fixed, equal_nan=True)


def test_rows_become_arrays_by_number() -> None:
    steel = plain(0, own=[2.0, None, 0.0], stated=[None, 7.0, 3.0], fixed=[1], gaps=[2], produced=40.0)
    chair = plain(1, (0, 4.0), own_shares=[(0.5, 0.25, 0.25, 0.0), UNKNOWN], output_share=0.25)
    found = arrays([steel, chair])
    assert (found.size, found.headline) == (2, 2)
    assert found.network.amounts.toarray().tolist() == [[0.0, 0.0], [4.0, 0.0]]
    assert found.network.direct.tolist() == [[2.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
    assert np.array_equal(found.network.fixed, [[np.nan, 7.0, np.nan], [np.nan] * 3], equal_nan=True)
    assert np.array_equal(found.stated, [[np.nan, 7.0, 3.0], [np.nan] * 3], equal_nan=True)
    assert found.has_own.tolist() == [[True, False, True], [True, True, True]]
    assert found.gaps.tolist() == [[False, False, True], [False, False, False]]
    assert found.own_shares[1, 0].tolist() == [0.5, 0.25, 0.25, 0.0]
    assert (found.produced.tolist(), found.output_share.tolist()) == ([40.0, 1.0], [1.0, 0.25])


def test_a_node_that_is_gone_is_a_number_with_nothing_in_it() -> None:
    found = arrays([LAYOUT.absent(0), plain(1)])
    assert found.network.direct.tolist() == [[0.0] * 3, [1.0] * 3]
    assert (found.produced[0], found.output_share[0], found.has_own[0].any(), found.gaps[0].any()) == (
        0,
        0,
        0,
        0,
    )
    assert np.isnan(found.stated[0]).all()
    assert (found.own_shares[0] == UNKNOWN).all()
    assert (found.declared_shares[0] == UNKNOWN).all()


@given(data=st.data(), before=nodes())
def test_splicing_what_changed_is_making_it_anew(data: st.DataObject, before: list[NodeBytes]) -> None:
    size = len(before) + data.draw(st.integers(0, 3))
    changed = data.draw(st.sets(st.integers(0, len(before) - 1))) | set(range(len(before), size))
    after = dict(enumerate(before)) | {
        number: LAYOUT.absent(number) if data.draw(st.booleans()) else made(number, size, seed=-1)
        for number in sorted(changed)
    }
    several = [after[number] for number in sorted(changed)]
    change = ChangedNodes(NodeBytes.together(several), size)
    found = splice(arrays(before), ChangedNodes.unpack(change.pack()), LAYOUT)
    assert_same(found, arrays([after[number] for number in range(size)]))


@pytest.mark.parametrize(
    ("change", "size"),
    [
        ([plain(2)], 2),  # a number that is not given
        ([plain(2)], 4),  # a number given to nothing
        ([plain(1), plain(0)], 2),  # out of order
        ([plain(1), plain(1)], 2),  # twice
        ([plain(0)], 1),  # a number taken back
        ([plain(1, (2, 1.0))], 2),  # a supplier that is not there
        ([plain(1)._replace(suppliers=plain(0, (0, 1.0)).suppliers)], 2),  # an entry too many
        ([plain(1, (0, 1.0))._replace(suppliers=b"")], 2),  # an entry too few
        ([DECLARING._replace(declared=b"")], 2),  # a declaration too few
        ([plain(1)._replace(declared=DECLARING.declared)], 2),  # a declaration too many
    ],
)
def test_a_change_that_does_not_fit_is_refused(change: list[NodeBytes], size: int) -> None:
    before = arrays([plain(0), plain(1)])
    with pytest.raises(DamagedError):
        splice(before, ChangedNodes(NodeBytes.together(change), size), LAYOUT)
    assert_same(before, arrays([plain(0), plain(1)]))


def test_a_change_of_other_columns_is_refused() -> None:
    with pytest.raises(DamagedError):
        splice(arrays([plain(0)]), ChangedNodes(NodeBytes(b"", b"", b""), 1), Layout(columns=4, headline=2))


@pytest.mark.parametrize(
    "suppliers",
    [
        ((1, 1.0), (0, 1.0)),
        ((0, 1.0), (0, 1.0)),
        ((2, 1.0),),
        ((-1, 1.0),),
        ((0, 0.0),),
        ((0, -1.0),),
        ((0, np.inf),),
        ((0, np.nan),),
    ],
)
def test_entries_that_no_node_can_have_are_refused(suppliers: tuple[tuple[int, float], ...]) -> None:
    with pytest.raises(DamagedError):
        arrays([plain(0, *suppliers), plain(1)])


def test_more_measured_than_there_is_is_refused() -> None:
    with pytest.raises(DamagedError):
        arrays([plain(0), plain(1, entries=[(0, 1.0, 1.1)])])


@given(data=st.data(), some=nodes())
def test_nodes_may_come_in_any_order(data: st.DataObject, some: list[NodeBytes]) -> None:
    assert_same(arrays(data.draw(st.permutations(some))), arrays(some))


def test_nodes_may_come_in_chunks() -> None:
    several = [
        plain(0),
        plain(1, (0, 1.0)),
        DECLARING._replace(effects=plain(2, stated=[1.0, None, None]).effects),
    ]
    found = NetworkArrays.from_rows(LAYOUT, (NodeBytes.together([one]) for one in several), 3)
    assert_same(found, arrays(several))
    for size in (0, 2, 4):
        with pytest.raises(DamagedError, match="missing"):
            NetworkArrays.from_rows(LAYOUT, several, size)


def test_nodes_that_are_missing_there_twice_or_cut_off_are_refused() -> None:
    with pytest.raises(DamagedError, match="missing"):
        arrays([plain(0), plain(2)])
    with pytest.raises(DamagedError, match="twice"):
        arrays([plain(0), plain(0)])
    with pytest.raises(DamagedError, match="cut off"):
        arrays([plain(0)._replace(effects=plain(0).effects[:-1])])
    with pytest.raises(DamagedError, match="cut off"):
        arrays([plain(0)._replace(suppliers=bytes(ENTRY.itemsize - 1))])


def test_arrays_of_different_lengths_are_refused() -> None:
    one = arrays([plain(0), plain(1)])
    with pytest.raises(ShapeError):
        replace(one, produced=one.produced[:1])


def test_a_gap_reaches_downstream_until_a_declared_footprint() -> None:
    """0 -> 1 -> 2 -> 3 with a gap at 0; 2 declares the middle column; 4 is apart and has a gap of its own."""
    found = at_least(
        arrays(
            [
                plain(0, gaps=[0, 1]),
                plain(1, (0, 1.0)),
                plain(2, (1, 1.0), stated=[None, 5.0, None], fixed=[1]),
                plain(3, (2, 1.0)),
                plain(4, gaps=[2]),
            ]
        )
    )
    assert found.tolist() == [
        [True, True, False],
        [True, True, False],
        [True, False, False],
        [True, False, False],
        [False, False, True],
    ]


@given(some=nodes())
def test_gaps_reach_what_a_walk_finds(some: list[NodeBytes]) -> None:
    network = arrays(some)
    amounts, declared = network.network.amounts.toarray(), network.network.declared
    for column in range(LAYOUT.columns):
        reached = set(np.flatnonzero(network.gaps[:, column]).tolist())
        waiting = list(reached)
        while waiting:
            supplier = waiting.pop()
            for customer in range(network.size):
                if (
                    amounts[customer, supplier] > 0
                    and not declared[customer, column]
                    and customer not in reached
                ):
                    reached.add(customer)
                    waiting.append(customer)
        assert set(np.flatnonzero(at_least(network)[:, column]).tolist()) == reached
