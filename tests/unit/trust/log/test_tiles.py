"""Tiles: the specification's examples, one spelling per path, and entries packed and unpacked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust.errors import LogError
from exchange.trust.log.tiles import (
    Tile,
    decode_entries,
    encode_entries,
    entry_tiles_of,
    read_tile_path,
    tiles_of,
    width_of,
)


def code_of(call: object, *arguments: object) -> str:
    with pytest.raises(LogError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 67, 112, "tile/0/067.p/112"),
        (1, 1067, 256, "tile/1/x001/067"),
        (0, 1_234_067, 1, "tile/0/x001/x234/067.p/1"),  # the index is the specification's example
        (63, 999, 255, "tile/63/999.p/255"),
        (None, 273, 112, "tile/entries/273.p/112"),
    ],
)
def test_the_path_of_a_tile(level: int | None, index: int, width: int, path: str) -> None:
    assert Tile(level, index, width).path == path
    assert read_tile_path(path) == Tile(level, index, width)


@given(
    st.none() | st.integers(0, 63),
    st.integers(0, 5000) | st.integers(0, 10**18 - 1),
    st.integers(1, 256),
)
def test_a_path_is_read_back_as_its_tile(level: int | None, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert read_tile_path(tile.path) == tile


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("tile/0/0", "tile.path"),
        ("tile/0/0000", "tile.path"),
        ("tile/00/000", "tile.path"),
        ("tile/-1/000", "tile.path"),
        ("tile/0/x000/000", "tile.path"),
        ("tile/0/001/000", "tile.path"),
        ("tile/0/x001", "tile.path"),
        ("tile/0/000.p/0", "tile.path"),
        ("tile/0/000.p/01", "tile.path"),
        ("tile/0/000.p/256", "tile.path"),
        ("tile/0/000.p/257", "tile.width"),
        ("tile/64/000", "tile.level"),
        ("tile/0/000\n", "tile.path"),
        ("/tile/0/000", "tile.path"),
        ("tile/0/٠٠٠", "tile.path"),
        ("tile/0/" + "x001/" * 6 + "000", "tile.path"),
        ("tile/data/000", "tile.path"),
        ("", "tile.path"),
    ],
)
def test_any_other_spelling_is_refused(path: str, code: str) -> None:
    assert code_of(read_tile_path, path) == code


def test_a_tile_has_a_possible_level_index_and_width() -> None:
    assert code_of(Tile, 64, 0) == "tile.level"
    assert code_of(Tile, -1, 0) == "tile.level"
    assert code_of(Tile, 0, -1) == "tile.index"
    assert code_of(Tile, 0, 10**18) == "tile.index"
    assert code_of(Tile, 0, 0, 0) == "tile.width"
    assert code_of(Tile, 0, 0, 257) == "tile.width"


def test_the_tiles_of_the_specifications_tree_of_seventy_thousand() -> None:
    tiles = list(tiles_of(70_000))
    assert [tile for tile in tiles if tile.level == 0 and tile.width == 256] == [
        Tile(0, n) for n in range(273)
    ]
    assert tiles[273:] == [Tile(0, 273, 112), Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(entry_tiles_of(70_000))[-1] == Tile(None, 273, 112)
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == list(entry_tiles_of(0)) == []
    assert Tile(0, 273).start == 69_888


@given(st.integers(0, 200_000))
def test_tiles_cover_each_level_and_say_their_width(size: int) -> None:
    for tile in (*tiles_of(size), *entry_tiles_of(size)):
        assert width_of(tile.level, tile.index, size) == tile.width
    assert sum(tile.width for tile in entry_tiles_of(size)) == size
    assert width_of(0, size // 256 + 1, size) == 0


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_entries_are_unpacked_as_they_were_packed(entries: list[bytes]) -> None:
    assert decode_entries(encode_entries(entries)) == tuple(entries)


def test_packed_entries_have_their_length_before_them() -> None:
    assert encode_entries([b"ab", b"", b"c"]) == b"\x00\x02ab\x00\x00\x00\x01c"
    assert len(encode_entries([b"x" * 65_535])) == 65_537
    assert code_of(encode_entries, [b"x" * 65_536]) == "tile.entry"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x00", "tile.truncated"),
        (b"\x00\x02a", "tile.truncated"),
        (b"\x00\x01a\x00", "tile.truncated"),
        (b"\x00\x00" * 257, "tile.width"),
    ],
)
def test_a_broken_tile_of_entries_is_refused(data: bytes, code: str) -> None:
    assert code_of(decode_entries, data) == code
