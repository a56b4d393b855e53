"""Tiles (C2SP tlog-tiles): where the hashes and entries of a log are fetched, and how entries are packed.

A full tile holds 256 hashes of one level in steps of eight tree levels, or 256 entries; only the rightmost tile of
a level is partial.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from exchange.trust.errors import LogError

WIDTH = 256
HEIGHT = 8
MAX_LEVEL = 63
# Of an entry in a bundle: its length is written in 16 bits.
MAX_ENTRY_BYTES = 0xFFFF

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class Tile:
    """Tile `index` of `level` (None: of entries), with its first `width` hashes or entries; 256 is a full one.

    Raises LogError `tile.level`, `tile.index` or `tile.width`.
    """

    level: int | None
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if self.level is not None and not 0 <= self.level <= MAX_LEVEL:
            raise LogError("tile.level", f"The level of a tile lies between 0 and {MAX_LEVEL}.")
        if not 0 <= self.index < 1000**6:
            raise LogError("tile.index", "The index of a tile lies between 0 and 10^18 - 1.")
        if not 1 <= self.width <= WIDTH:
            raise LogError("tile.width", f"A tile holds 1 to {WIDTH} hashes or entries.")

    @property
    def path(self) -> str:
        """The tile's path below the log's prefix, e.g. `tile/0/x001/067.p/112` or `tile/entries/273`."""
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_index_path(self.index)}{partial}"

    @property
    def start(self) -> int:
        """The place of its first hash or entry among all of its level."""
        return self.index * WIDTH


def read_tile_path(path: str) -> Tile:
    """The tile of a path below the log's prefix; `read_tile_path(path).path == path`.

    Raises LogError `tile.path`, `tile.level` or `tile.width`.
    """
    found = _PATH.fullmatch(path)
    if found is None:
        raise LogError("tile.path", "There is no tile of this name (C2SP tlog-tiles).")
    level = None if found["level"] == "entries" else int(found["level"])
    width = WIDTH if found["width"] is None else int(found["width"])
    tile = Tile(level, int(found["index"].replace("x", "").replace("/", "")), width)
    if tile.path != path:  # leading zero groups, or the full width written out
        raise LogError("tile.path", "This is not the one spelling of the tile's path.")
    return tile


def width_of(level: int | None, index: int, size: int) -> int:
    """How many hashes or entries tile `index` of `level` holds in a tree of `size` leaves: 0 to 256."""
    count = size >> (HEIGHT * (level or 0))
    return max(0, min(WIDTH, count - index * WIDTH))


def tiles_of(size: int) -> Iterator[Tile]:
    """All tiles of hashes of a tree of `size` leaves, level by level, left to right."""
    level = 0
    while count := size >> (HEIGHT * level):
        yield from _row(level, count)
        level += 1


def entry_tiles_of(size: int) -> Iterator[Tile]:
    """All tiles of entries of a log of `size` entries, left to right."""
    yield from _row(None, size)


def encode_entries(entries: Iterable[bytes]) -> bytes:
    """A tile of entries: each with its length before it in 16 bits, big-endian. Raises LogError `tile.entry`."""
    packed = bytearray()
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise LogError("tile.entry", f"A log entry has at most {MAX_ENTRY_BYTES} bytes.")
        packed += len(entry).to_bytes(2, "big") + entry
    return bytes(packed)


def decode_entries(data: bytes) -> tuple[bytes, ...]:
    """The entries of a tile, at most 256. Raises LogError `tile.truncated` or `tile.width`."""
    entries: list[bytes] = []
    place = 0
    while place < len(data):
        end = place + 2 + int.from_bytes(data[place : place + 2], "big")
        if end > len(data):  # so also when the length itself is cut off
            raise LogError("tile.truncated", "The tile ends within an entry.")
        if len(entries) == WIDTH:
            raise LogError("tile.width", f"A tile holds at most {WIDTH} entries.")
        entries.append(data[place + 2 : end])
        place = end
    return tuple(entries)


def _row(level: int | None, count: int) -> Iterator[Tile]:
    for index in range(-(-count // WIDTH)):
        yield Tile(level, index, min(WIDTH, count - index * WIDTH))


def _index_path(index: int) -> str:
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    return "/".join(reversed(groups))
