"""The Merkle tree: known roots, every proof of small trees, random larger ones, and every changed bit refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.trust.errors import LogError
from exchange.trust.log.merkle import (
    EMPTY_ROOT,
    Frontier,
    Node,
    consistency_plan,
    fold,
    inclusion_plan,
    leaf_hash,
    path_of,
    root_plan,
    verify_consistency,
    verify_inclusion,
)
from tests.unit.trust.log import naive
from tests.unit.trust.log.naive import flipped

# The leaves and roots that Certificate Transparency implementations have shared since 2013.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
TREES = st.integers(1, 200)


def hashes_of(count: int) -> list[bytes]:
    return [leaf_hash(entry) for entry in naive.entries(count)]


def code_of(call: object, **arguments: object) -> str:
    with pytest.raises(LogError) as caught:
        call(**arguments)  # type: ignore[operator]
    return caught.value.code


def is_refused(call: object, **arguments: object) -> bool:
    try:
        call(**arguments)  # type: ignore[operator]
    except LogError:
        return True
    return False


@pytest.mark.parametrize("size", ROOTS)
def test_the_roots_of_the_shared_leaves(size: int) -> None:
    frontier = Frontier()
    frontier.extend([leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size]])
    assert frontier.root().hex() == ROOTS[size]
    assert Frontier().root() == EMPTY_ROOT


def test_a_path_of_the_shared_leaves_worked_out_by_hand() -> None:
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:3]]
    # Three leaves: the sibling of the last is the root over the first two.
    assert path_of(2, leaves) == (bytes.fromhex(ROOTS[2]),)
    root = bytes.fromhex(ROOTS[3])
    verify_inclusion(index=2, size=3, leaf=leaves[2], path=[bytes.fromhex(ROOTS[2])], root=root)
    verify_consistency(
        old_size=2, new_size=3, old_root=bytes.fromhex(ROOTS[2]), new_root=root, path=[leaves[2]]
    )


def test_every_inclusion_proof_of_small_trees_is_that_of_the_rfc() -> None:
    for size in range(1, 34):
        entries, leaves = naive.entries(size), hashes_of(size)
        root = naive.mth(entries)
        for index in range(size):
            path = path_of(index, leaves)
            assert list(path) == naive.path(index, entries)
            verify_inclusion(index=index, size=size, leaf=leaves[index], path=path, root=root)


def test_every_consistency_proof_of_small_trees_is_that_of_the_rfc() -> None:
    for size in range(1, 34):
        nodes = all_nodes(hashes_of(size))
        entries = naive.entries(size)
        for old in range(1, size + 1):
            path = [fold([nodes[node] for node in element]) for element in consistency_plan(old, size)]
            assert path == naive.proof(old, entries)
            verify_consistency(
                old_size=old,
                new_size=size,
                old_root=naive.mth(entries[:old]),
                new_root=naive.mth(entries),
                path=path,
            )


def all_nodes(leaves: list[bytes]) -> dict[Node, bytes]:
    made = {(level, index): value for level, index, value in Frontier().extend(leaves)}
    return made | {(0, index): leaf for index, leaf in enumerate(leaves)}


def changes_of(number: int) -> list[int]:
    return [number ^ (1 << bit) for bit in range(number.bit_length() + 2)]


@settings(max_examples=60)
@given(size=TREES, place=st.integers(0, 10_000), bit=st.integers(0, 255), element=st.integers(0, 100))
def test_one_changed_bit_of_an_inclusion_proof_is_refused(
    size: int, place: int, bit: int, element: int
) -> None:
    index = place % size
    leaves = hashes_of(size)
    good = {
        "index": index,
        "size": size,
        "leaf": leaves[index],
        "path": list(path_of(index, leaves)),
        "root": naive.mth(naive.entries(size)),
    }
    assert not is_refused(verify_inclusion, **good)
    assert is_refused(verify_inclusion, **good | {"leaf": flipped(leaves[index], bit)})
    assert is_refused(verify_inclusion, **good | {"root": flipped(good["root"], bit)})
    if good["path"]:
        chosen = element % len(good["path"])
        broken = [flipped(value, bit) if n == chosen else value for n, value in enumerate(good["path"])]
        assert is_refused(verify_inclusion, **good | {"path": broken})
        assert is_refused(verify_inclusion, **good | {"path": good["path"][:-1]})
    assert is_refused(verify_inclusion, **good | {"path": [*good["path"], good["root"]]})
    for other in changes_of(index):
        assert is_refused(verify_inclusion, **good | {"index": other})
    for other in changes_of(size):
        # A size with the same shape of path gives the same root: it is the signed checkpoint that binds the size.
        same_shape = index < other and sides(index, other) == sides(index, size)
        assert is_refused(verify_inclusion, **good | {"size": other}) is not same_shape


def sides(index: int, size: int) -> list[bool]:
    """Whether each element of the path stands to the left, from the leaf to the root (RFC 6962 section 2.1.1)."""
    if size == 1:
        return []
    k = 1 << (size - 1).bit_length() - 1
    return [*sides(index, k), False] if index < k else [*sides(index - k, size - k), True]


@settings(max_examples=60)
@given(sizes=st.tuples(TREES, TREES), bit=st.integers(0, 255), element=st.integers(0, 100))
def test_one_changed_bit_of_a_consistency_proof_is_refused(
    sizes: tuple[int, int], bit: int, element: int
) -> None:
    old, new = sorted(sizes)
    entries = naive.entries(new)
    good = {
        "old_size": old,
        "new_size": new,
        "old_root": naive.mth(entries[:old]),
        "new_root": naive.mth(entries),
        "path": naive.proof(old, entries),
    }
    assert not is_refused(verify_consistency, **good)
    for root in ("old_root", "new_root"):
        assert is_refused(verify_consistency, **good | {root: flipped(good[root], bit)})
    if good["path"]:
        chosen = element % len(good["path"])
        broken = [flipped(value, bit) if n == chosen else value for n, value in enumerate(good["path"])]
        assert is_refused(verify_consistency, **good | {"path": broken})
        assert is_refused(verify_consistency, **good | {"path": good["path"][:-1]})
    assert is_refused(verify_consistency, **good | {"path": [*good["path"], good["new_root"]]})
    for name, other in [(n, c) for n in ("old_size", "new_size") for c in changes_of(good[n])]:
        changed = good | {name: other}
        # As above: only a size whose proof has the same shape passes, and the checkpoints bind both sizes.
        same_shape = 0 < changed["old_size"] <= changed["new_size"] and shape(
            changed["old_size"], changed["new_size"]
        ) == shape(old, new)
        assert is_refused(verify_consistency, **changed) is not same_shape


def shape(old: int, new: int) -> tuple[bool, list[bool]]:
    """Whether the old root starts the climb, and which elements belong to the old tree (RFC 6962 section 2.1.2)."""
    elements = consistency_plan(old, new)
    return (old & (old - 1) == 0 or old == new), [covered(element)[0] < old for element in elements]


@settings(max_examples=60)
@given(batches=st.lists(st.integers(0, 70), max_size=6))
def test_a_frontier_grown_in_any_batches_has_the_roots_and_nodes_of_the_rfc(batches: list[int]) -> None:
    entries = naive.entries(sum(batches))
    frontier, nodes = Frontier(), {}
    for batch in batches:
        start = frontier.size
        made = frontier.extend([leaf_hash(entry) for entry in entries[start : start + batch]])
        nodes |= {(level, index): value for level, index, value in made}
        assert frontier.root() == naive.mth(entries[: start + batch])
        # What is stored is enough to go on from.
        known = nodes | {(0, index): leaf_hash(entry) for index, entry in enumerate(entries)}
        frontier = Frontier(frontier.size, [known[node] for node in root_plan(frontier.size)])
    assert set(nodes) == {
        (level, index)
        for level in range(1, len(entries).bit_length())
        for index in range(len(entries) >> level)
    }
    for (level, index), value in nodes.items():
        assert value == naive.mth(entries[index << level : index + 1 << level])


def covered(plan: tuple[Node, ...]) -> list[int]:
    return [leaf for level, index in plan for leaf in range(index << level, index + 1 << level)]


@settings(max_examples=100)
@given(size=st.integers(1, 3000), place=st.integers(0, 10_000))
def test_plans_cover_every_leaf_once(size: int, place: int) -> None:
    index = place % size
    assert covered(root_plan(size)) == list(range(size))
    others = [covered(element) for element in inclusion_plan(index, size)]
    assert all(part == list(range(part[0], part[-1] + 1)) for part in others)
    assert sorted([index, *(leaf for part in others for leaf in part)]) == list(range(size))
    old = index + 1
    parts = [leaf for element in consistency_plan(old, size) for leaf in covered(element)]
    # The old tree itself is left out where its root is a node of the new one, or all of it.
    is_node = old & (old - 1) == 0 or old == size
    assert sorted(parts) == list(range(old if is_node else 0, size))


def test_at_a_million_leaves_a_proof_needs_at_most_forty_nodes() -> None:
    for index in (0, 1, 524_287, 524_288, 999_998, 999_999):
        assert sum(map(len, inclusion_plan(index, 1_000_000))) <= 40
    assert root_plan(0) == ()
    assert root_plan(7) == ((2, 0), (1, 2), (0, 6))
    assert inclusion_plan(0, 7) == (((0, 1),), ((1, 1),), ((1, 2), (0, 6)))
    assert consistency_plan(3, 7) == (((0, 2),), ((0, 3),), ((1, 0),), ((1, 2), (0, 6)))
    assert consistency_plan(4, 7) == (((1, 2), (0, 6)),)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"index": -1}, "proof.index"),
        ({"index": 3}, "proof.index"),
        ({"size": 0}, "proof.index"),
        ({"path": []}, "proof.length"),
        ({"path": [b"x" * 32] * 2}, "proof.length"),
        ({"path": [b"x" * 31]}, "proof.hash_length"),
        ({"leaf": b""}, "proof.hash_length"),
        ({"root": b"x" * 33}, "proof.hash_length"),
        ({"root": b"x" * 32}, "proof.root"),
    ],
)
def test_what_is_wrong_with_an_inclusion_proof_has_its_code(change: dict[str, object], code: str) -> None:
    leaves = hashes_of(3)
    good = {
        "index": 2,
        "size": 3,
        "leaf": leaves[2],
        "path": path_of(2, leaves),
        "root": naive.mth(naive.entries(3)),
    }
    assert code_of(verify_inclusion, **good | change) == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"old_size": 0}, "proof.size"),
        ({"old_size": 4}, "proof.size"),
        ({"old_size": -1}, "proof.size"),
        ({"path": []}, "proof.length"),
        ({"old_size": 3}, "proof.length"),
        ({"path": [b"x"]}, "proof.hash_length"),
        ({"old_root": b"x" * 32}, "proof.root"),
        ({"new_root": b"x" * 32}, "proof.root"),
        ({"old_size": 3, "path": []}, "proof.root"),
    ],
)
def test_what_is_wrong_with_a_consistency_proof_has_its_code(change: dict[str, object], code: str) -> None:
    entries = naive.entries(3)
    good = {
        "old_size": 2,
        "new_size": 3,
        "old_root": naive.mth(entries[:2]),
        "new_root": naive.mth(entries),
        "path": naive.proof(2, entries),
    }
    assert code_of(verify_consistency, **good | change) == code


def test_plans_and_frontiers_of_impossible_trees_are_refused() -> None:
    for index, size in ((0, 0), (-1, 3), (3, 3)):
        assert code_of(inclusion_plan, index=index, size=size) == "proof.index"
    for old, new in ((0, 3), (4, 3), (-1, 3)):
        assert code_of(consistency_plan, old_size=old, new_size=new) == "proof.size"
    assert code_of(Frontier, size=3, hashes=[b"x" * 32]) == "proof.length"
    assert code_of(Frontier, size=1, hashes=[b"x" * 31]) == "proof.hash_length"
