"""Arrays as bytes and back: the same to the last bit, and any other bytes are refused with a code."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.engine import solve
from exchange.engine.array_bytes import DIGEST, MARK, START, AnyArray, from_bytes, to_bytes
from exchange.engine.errors import DamagedError
from exchange.engine.node_rows import NodeBytes
from exchange.engine.packing import pack, unpack
from exchange.engine.quality import quality
from exchange.engine.run_arrays import RunArrays, pack_solution, run_arrays, unpack_solution
from exchange.engine.splicing import ChangedNodes
from tests.unit.engine.network_arrays import arrays, made, nodes
from tests.unit.engine.test_network_arrays import assert_same, plain

SOME = [made(number, 6, seed=number) for number in range(6)]


def solved(some: list[NodeBytes]) -> RunArrays:
    network = arrays(some)
    split = quality(network.network, network.measured, *padded(network.own_shares, network.declared_shares))
    return run_arrays(network, solve(network.network), split)


def padded(*shares: AnyArray) -> list[AnyArray]:
    """Shares for all columns: unknown where there are none."""
    unknown = np.broadcast_to([0.0, 0.0, 0.0, 1.0], (shares[0].shape[0], 1, 4))
    return [np.concatenate([one, unknown], axis=1) for one in shares]


@given(some=nodes())
def test_a_network_comes_back_as_it_was(some: list[NodeBytes]) -> None:
    assert_same(unpack(pack(arrays(some))), arrays(some))
    assert_same(unpack(bytearray(pack(arrays(some)))), arrays(some))


@given(some=nodes())
def test_what_a_run_solved_comes_back_as_it_was(some: list[NodeBytes]) -> None:
    run = solved(some)
    back = unpack_solution(pack_solution(run))
    for field in fields(RunArrays):
        assert np.array_equal(
            getattr(run, field.name), getattr(back, field.name), equal_nan=field.name == "other"
        )
    solution = back.solution(arrays(some))
    demand = np.ones(len(some))
    assert solution.contributions(demand).sum(axis=0) == pytest.approx(run.footprints.sum(axis=0))


def test_a_run_is_read_by_numbers_and_by_a_network_that_has_more_of_them() -> None:
    some = [plain(0, own=[2.0, 1.0, 1.0]), plain(1, (0, 3.0))]
    run = solved(some)
    assert run.footprints[:, 0].tolist() == pytest.approx([2, 7])
    moved = run.numbered([3, 1], 5)
    assert moved.footprints[:, 0].tolist() == pytest.approx([0, 7, 0, 2, 0])
    assert moved.output_share.tolist() == [0, 1, 0, 1, 0]
    assert (moved.upper > 0).all()
    later = [plain(0), plain(1, (3, 3.0)), plain(2), plain(3, own=[2.0, 1.0, 1.0]), plain(4), plain(5)]
    solution = moved.solution(arrays(later))
    assert solution.activity([0.0, 1.0, 0.0, 0.0, 0.0, 0.0], column=0).tolist() == [0, 1, 0, 3, 0, 0]
    assert moved.quality(arrays(later)).parts.shape == (6, 3, 4)


def test_a_product_of_several_nodes_is_their_mean_by_output() -> None:
    run = solved(
        [
            plain(0, own=[2.0, 1.0, 1.0], output_share=0.25, gaps=[0]),
            plain(1, own=[6.0, 1.0, 1.0], output_share=0.75),
            plain(2, output_share=0.0),
        ]
    )
    figure = run.figure([0, 1, 2, 9], 0)
    assert figure is not None
    assert (figure.own, figure.footprint, figure.is_at_least) == (pytest.approx(5), pytest.approx(5), True)
    assert figure.kinds == pytest.approx((0, 0, 0, 5))
    assert figure.other is None
    assert run.figure([2, 9], 0) is None


def test_both_readings_are_kept_where_both_are_known() -> None:
    both = {"own": [1.0, 1.0, None], "stated": [12.0, 12.0, 12.0], "fixed": [1, 2]}
    run = solved([plain(0, own=[2.0, 2.0, 2.0]), plain(1, (0, 4.0), **both)])
    assert run.footprints[1].tolist() == pytest.approx([9, 12, 12])
    # the recipe counts: declared 12 beside it; declared counts: 1 + 4 x 2 beside it; without an own effect no reading
    assert run.other[1].tolist() == pytest.approx([12, 9, np.nan], nan_ok=True)
    assert np.isnan(run.other[0]).all()


@pytest.mark.parametrize(
    "content",
    [pack(arrays(SOME)), pack_solution(solved(SOME)), ChangedNodes(NodeBytes(b"", b"", b""), 3).pack()],
)
@given(data=st.data())
def test_a_changed_cut_or_lengthened_value_is_refused(content: bytes, data: st.DataObject) -> None:
    place, bit = data.draw(st.integers(0, len(content) - 1)), 1 << data.draw(st.integers(0, 7))
    changed = content[:place] + bytes([content[place] ^ bit]) + content[place + 1 :]
    for other in (changed, content[:place], content + b"\0", b""):
        for read in (unpack, unpack_solution, ChangedNodes.unpack):
            with pytest.raises(DamagedError) as refusal:
                read(other)
            assert refusal.value.error_code == "engine.damaged"


def sealed(header: object, body: bytes = b"") -> bytes:
    """Bytes of somebody who knows how they are made."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    start = MARK + len(text).to_bytes(8, "little") + text
    content = start + bytes(-len(start) % 8) + body
    return content + hashlib.sha256(content).digest()


@pytest.mark.parametrize(
    "content",
    [
        sealed(b"no json"),
        sealed(b"[" * 100_000),
        sealed({"a": 1}),
        sealed([["a", "<f8"]]),
        sealed([["a", "|O", [1]]], bytes(8)),
        sealed([["a", "<f8", [-1]]]),
        sealed([["a", "<f8", [True]]], bytes(8)),
        sealed([["a", "<f8", [2**30]]]),
        sealed([["a", "<f8", [2**30, 2**30, 2**30, 0]]]),
        sealed([["a", "<f8", [1]], ["a", "<f8", [1]]], bytes(16)),
        sealed([["a", "<f8", [1]]], bytes(16)),
        sealed([["a", "<f8", [2]]], bytes(8)),
    ],
)
def test_headers_that_say_more_than_there_is_are_refused(content: bytes) -> None:
    with pytest.raises(DamagedError):
        from_bytes(content)


def test_a_header_longer_than_everything_is_refused() -> None:
    content = MARK + (2**63).to_bytes(8, "little")
    assert len(content) == START
    with pytest.raises(DamagedError):
        from_bytes(content + hashlib.sha256(content).digest())
    assert DIGEST == 32


def test_objects_are_never_written() -> None:
    with pytest.raises(DamagedError):
        to_bytes({"a": np.array([object()])})


@given(data=st.data())
def test_arrays_that_do_not_make_a_network_are_refused(data: st.DataObject) -> None:
    """Any one array of a network in another shape, of another kind, or with senseless values."""
    named = dict(from_bytes(pack(arrays(SOME))))
    name = data.draw(st.sampled_from(sorted(named)))
    other = named[name].copy()
    how = data.draw(st.sampled_from(["left out", "shorter", "flat", "large", "negative", "doubles"]))
    match how:
        case "shorter" if other.size > 1:
            named[name] = other[:-1]
        case "flat":
            named[name] = other.reshape(1, -1, 1, 1, 1)
        case "large" if other.dtype.kind == "i":
            named[name] = other + 10**6
        case "negative" if other.dtype.kind == "i":
            named[name] = other - 10**6
        case "doubles" if other.dtype.kind == "i":
            named[name] = other + 0.5
        case _ if other.dtype.kind == "f":
            named[name] = np.full_like(other, np.inf)
        case _:
            del named[name]
    with pytest.raises(DamagedError):
        unpack(to_bytes(named))
