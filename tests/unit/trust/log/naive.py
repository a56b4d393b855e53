"""RFC 6962 section 2.1 word for word, slow and recursive: what the quick tree is held against."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

Entries = Sequence[bytes]


def entries(count: int) -> list[bytes]:
    """Different small leaves."""
    return [f"leaf {number}".encode() for number in range(count)]


def mth(leaves: Entries) -> bytes:
    """The Merkle tree hash MTH(D[n])."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = _k(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Entries) -> list[bytes]:
    """The audit path PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = _k(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def proof(m: int, leaves: Entries) -> list[bytes]:
    """The consistency proof PROOF(m, D[n])."""
    return _subproof(m, leaves, whole=True)


def flipped(data: bytes, bit: int) -> bytes:
    """`data` with one bit changed."""
    number = int.from_bytes(data, "big") ^ (1 << bit % (8 * len(data)))
    return number.to_bytes(len(data), "big")


def mutations(text: str) -> Iterator[str]:
    """`text` with one character left out, doubled or replaced, at every place."""
    for place, character in enumerate(text):
        before, after = text[:place], text[place + 1 :]
        yield before + after
        yield before + character + character + after
        for other in ("0", "A", "+", "=", " ", "\n", "\x00", "é", chr(ord(character) ^ 1)):
            if other != character:
                yield before + other + after


def _subproof(m: int, leaves: Entries, *, whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = _k(len(leaves))
    if m <= k:
        return [*_subproof(m, leaves[:k], whole=whole), mth(leaves[k:])]
    return [*_subproof(m - k, leaves[k:], whole=False), mth(leaves[:k])]


def _k(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k
