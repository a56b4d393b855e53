"""The Merkle tree of RFC 6962 section 2.1 (SHA-256): hashes, proofs, and the growing right edge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import TypeAlias

from exchange.trust.errors import LogError
from exchange.trust.log.spelling import HASH_BYTES

EMPTY_ROOT = sha256(b"").digest()
Node: TypeAlias = tuple[int, int]
"""Level and index of a perfect subtree: `(0, i)` is leaf i, `(l, i)` covers the leaves [i·2^l, (i+1)·2^l)."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf with these bytes: SHA-256(0x00 ‖ entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The hash over adjoining perfect subtrees, left to right and each smaller than the one before it.

    This is the root of a tree whose `root_plan` they fill; at least one hash is needed.
    """
    *left, result = hashes
    for sibling in reversed(left):
        result = node_hash(sibling, result)
    return result


def verify_inclusion(*, index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf with hash `leaf` stands at `index` of the tree (`size`, `root`), RFC 9162 2.1.3.2.

    `path` runs from the leaf's sibling to the root's child. The size must come from the same signed checkpoint
    as the root: some sizes share a path's shape. Raises LogError `proof.index`, `proof.length`,
    `proof.hash_length` or `proof.root`.
    """
    if not 0 <= index < size:
        raise LogError("proof.index", f"The index {index} lies outside a tree of {size} leaves.")
    _require_hashes((leaf, root, *path))
    inner = _inner(index, size)
    _require_length(path, inner + (index >> inner).bit_count())
    result = _climb(leaf, path[:inner], index)
    for sibling in path[inner:]:
        result = node_hash(sibling, result)
    if result != root:
        raise LogError("proof.root", "The inclusion proof does not lead to this root.")


def verify_consistency(
    *, old_size: int, new_size: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Check that the new tree only adds leaves to the old one (RFC 9162 section 2.1.4.2).

    The old tree must not be empty: nothing can be proven of it. Raises LogError `proof.size`, `proof.length`,
    `proof.hash_length` or `proof.root`.
    """
    if not 0 < old_size <= new_size:
        raise LogError("proof.size", f"There is no consistency proof from {old_size} to {new_size} leaves.")
    _require_hashes((old_root, new_root, *path))
    if _roots_of(old_size, new_size, old_root, path) != (old_root, new_root):
        raise LogError("proof.root", "The consistency proof does not lead to both roots.")


def root_plan(size: int) -> tuple[Node, ...]:
    """The perfect subtrees, left to right, whose hashes `fold` to the root of a tree of `size` leaves."""
    return _cover(0, size)


def inclusion_plan(index: int, size: int) -> tuple[tuple[Node, ...], ...]:
    """For each element of the inclusion path, the perfect subtrees it is folded from. LogError `proof.index`."""
    if not 0 <= index < size:
        raise LogError("proof.index", f"The index {index} lies outside a tree of {size} leaves.")
    path: list[tuple[Node, ...]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_cover(middle, end))
            end = middle
        else:
            path.append(_cover(start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_plan(old_size: int, new_size: int) -> tuple[tuple[Node, ...], ...]:
    """For each element of the consistency proof, the perfect subtrees it is folded from. LogError `proof.size`."""
    if not 0 < old_size <= new_size:
        raise LogError("proof.size", f"There is no consistency proof from {old_size} to {new_size} leaves.")
    path: list[tuple[Node, ...]] = []
    start, end = 0, new_size
    # RFC 6962 section 2.1.2, SUBPROOF: down to the subtree where the old tree ends.
    while old_size < end:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(_cover(middle, end))
            end = middle
        else:
            path.append(_cover(start, middle))
            start = middle
    # The old root itself is known to the verifier, any other subtree is not.
    if start:
        path.append(_cover(start, end))
    return tuple(reversed(path))


def path_of(index: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """The inclusion path of leaf `index` in the small tree of these leaf hashes. LogError `proof.index`."""
    return paths_of([index], leaves)[0]


def paths_of(indices: Iterable[int], leaves: Sequence[bytes]) -> list[tuple[bytes, ...]]:
    """The inclusion path of each of several leaves of one small tree, which is hashed once. LogError `proof.index`."""
    nodes = {(0, place): leaf for place, leaf in enumerate(leaves)}
    nodes |= {(level, place): value for level, place, value in Frontier().extend(leaves)}
    plans = [inclusion_plan(index, len(leaves)) for index in indices]
    return [tuple(fold([nodes[node] for node in element]) for element in plan) for plan in plans]


class Frontier:
    """The right edge of a growing tree: its `size` and the `hashes` of its perfect subtrees, left to right.

    Enough to add leaves and to know the root; made from the hashes at `root_plan(size)`, or empty.
    """

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        """Raises LogError `proof.length` or `proof.hash_length` when `hashes` are not those of the size."""
        self.size = size
        self.hashes = tuple(hashes)
        _require_hashes(self.hashes)
        _require_length(self.hashes, size.bit_count())

    def root(self) -> bytes:
        """The root of the tree so far."""
        return fold(self.hashes) if self.hashes else EMPTY_ROOT

    def extend(self, leaf_hashes: Sequence[bytes]) -> list[tuple[int, int, bytes]]:
        """Add leaves; return the perfect subtrees of level 1 or more that they complete: level, index, hash."""
        made: list[tuple[int, int, bytes]] = []
        edge: list[bytes] = []
        hashes, added, level, place = list(self.hashes), list(leaf_hashes), 0, self.size
        while added:
            if place & 1:  # a subtree of this level waits for its right sibling
                added.insert(0, hashes.pop())
            if len(added) & 1:
                edge.append(added.pop())
            level, place = level + 1, place >> 1
            added = [
                sha256(b"\x01" + left + right).digest()
                for left, right in zip(added[::2], added[1::2], strict=True)
            ]
            made += [(level, index, value) for index, value in enumerate(added, place)]
        self.size += len(leaf_hashes)
        self.hashes = (*hashes, *reversed(edge))
        return made


def _split(size: int) -> int:
    # The largest power of two smaller than `size` (RFC 6962 section 2.1).
    return 1 << (size - 1).bit_length() - 1


def _cover(start: int, end: int) -> tuple[Node, ...]:
    # The perfect subtrees of [start, end), where `start` is a multiple of the largest of them.
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return tuple(nodes)


def _inner(index: int, size: int) -> int:
    # How many levels the path of `index` climbs before it joins that of the last leaf.
    return (index ^ (size - 1)).bit_length()


def _climb(value: bytes, path: Sequence[bytes], index: int) -> bytes:
    for level, sibling in enumerate(path):
        value = node_hash(sibling, value) if index >> level & 1 else node_hash(value, sibling)
    return value


def _roots_of(old_size: int, new_size: int, old_root: bytes, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    # Both roots from the largest subtree that ends where the old tree ends; that is the old tree itself when it
    # is perfect, and then it is left out of the path.
    if old_size == new_size:
        _require_length(path, 0)
        return old_root, old_root
    level = (old_size & -old_size).bit_length() - 1
    place = (old_size - 1) >> level
    seeds = 0 if old_size == 1 << level else 1
    inner = _inner(old_size - 1, new_size) - level
    _require_length(path, seeds + inner + (place >> inner).bit_count())
    seed = path[0] if seeds else old_root
    climb, border = path[seeds : seeds + inner], path[seeds + inner :]
    left = [sibling for height, sibling in enumerate(climb) if place >> height & 1]
    return fold([*reversed([*left, *border]), seed]), fold([*reversed(border), _climb(seed, climb, place)])


def _require_length(path: Sequence[bytes], length: int) -> None:
    if len(path) != length:
        raise LogError("proof.length", f"The proof has {len(path)} hashes; {length} are needed.")


def _require_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise LogError("proof.hash_length", f"Every hash has {HASH_BYTES} bytes.")
