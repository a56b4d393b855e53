"""Schema files packed for a bundle: every byte counts, however zlib packs, and unpacking is bounded."""

from __future__ import annotations

import zlib
from hashlib import sha256

import pytest

from exchange.trust.bundle.packing import MAX_SCHEMA_BYTES, pack, unpack
from exchange.trust.errors import BundleError
from exchange.trust.log.spelling import decode_base64, encode_base64

# Runs and repetitions at even distances: what deflate can point to in more than one place.
TEXT = "{\n" + "".join(f'    "item{n}": {{ "type": "string" }},\n' for n in range(40)) + '    "ø": 1\n}\n'
HIGHEST = "x" * MAX_SCHEMA_BYTES


def under_digest(packed: bytes) -> str:
    return encode_base64(sha256(packed).digest() + packed)


@pytest.mark.parametrize("text", ["", "{}", TEXT, HIGHEST], ids=["empty", "small", "usual", "longest"])
def test_what_was_packed_comes_back(text: str) -> None:
    assert unpack(pack(text)) == text


def test_packing_is_the_digest_and_the_zlib_stream() -> None:
    assert pack("{}") == under_digest(zlib.compress(b"{}", 9))
    assert pack(TEXT) == pack(TEXT)


def test_another_release_of_zlib_may_pack_otherwise() -> None:
    for level in (0, 1, 6):
        assert unpack(under_digest(zlib.compress(TEXT.encode(), level))) == TEXT


def test_every_changed_bit_is_refused() -> None:
    data = decode_base64(pack(TEXT))
    for position in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[position] ^= 1 << bit
            with pytest.raises(BundleError) as refused:
                unpack(encode_base64(bytes(changed)))
            assert refused.value.code == "bundle.schema"


def test_other_bytes_that_unpack_alike_are_refused_under_the_digest_of_the_first() -> None:
    digest, packed = decode_base64(pack(TEXT))[:32], zlib.compress(TEXT.encode(), 9)
    # The header tells how hard it was tried (RFC 1950 section 2.2), which unpacking does not look at.
    alike = b"\x78\x01" + packed[2:]
    assert alike != packed
    assert zlib.decompress(alike) == TEXT.encode()
    assert unpack(under_digest(alike)) == TEXT
    with pytest.raises(BundleError) as refused:
        unpack(encode_base64(digest + alike))
    assert refused.value.code == "bundle.schema"


@pytest.mark.parametrize(
    "packed",
    [
        "",
        "no base64",
        pack(TEXT) + "\n",
        pack(TEXT)[:-4],
        encode_base64(zlib.compress(TEXT.encode(), 9)),
        under_digest(b""),
        under_digest(zlib.compress(TEXT.encode()) + b"\x00"),
        under_digest(zlib.compress(TEXT.encode()) * 2),
        under_digest(zlib.compress(TEXT.encode())[:-1]),
        under_digest(zlib.compress(TEXT.encode())[:-4] + b"\x00\x00\x00\x00"),
        under_digest(zlib.compress(TEXT.encode(), wbits=31)),
        under_digest(zlib.compress(TEXT.encode(), wbits=-15)),
        under_digest(zlib.compress(b"\xff\xfe")),
        under_digest(zlib.compress(HIGHEST.encode() + b"x")),
        under_digest(zlib.compress(b"\x00" * 100_000_000, 9)),
        "A" * 1_000_000,
    ],
    ids=[
        "empty", "no base64", "line break", "cut", "no digest", "nothing packed", "byte behind", "two streams",
        "one byte short", "wrong checksum", "gzip", "bare deflate", "no UTF-8", "too long", "bomb", "long text",
    ],
)  # fmt: skip
def test_what_is_not_one_whole_stream_under_its_digest_is_refused(packed: str) -> None:
    with pytest.raises(BundleError) as refused:
        unpack(packed)
    assert refused.value.code == "bundle.schema"


def test_schema_beyond_the_cap_is_not_packed() -> None:
    with pytest.raises(BundleError) as refused:
        pack(HIGHEST + "x")
    assert refused.value.code == "bundle.schema"
