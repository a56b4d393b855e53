"""A monitor's work: fetch a whole log as its tiles, and make every hash of it again (C2SP tlog-tiles)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from exchange.trust.errors import LogError
from exchange.trust.log.checkpoint import Checkpoint, read_checkpoint
from exchange.trust.log.entry import read_entry
from exchange.trust.log.merkle import Frontier, leaf_hash
from exchange.trust.log.note import NoteKey, read_note, signers
from exchange.trust.log.tiles import HEIGHT, Tile, decode_entries, entry_tiles_of, tiles_of

Fetch = Callable[[str], bytes]


@dataclass
class _Hashes:
    """The hashes of every level that tiles hold, in order."""

    levels: dict[int, list[bytes]] = field(default_factory=dict)

    def add(self, level: int, value: bytes) -> None:
        if level % HEIGHT == 0:
            self.levels.setdefault(level // HEIGHT, []).append(value)


@dataclass(frozen=True, slots=True)
class Replayed:
    """The checkpoint that was found to be true, its signed note, and how many entries of each event it covers."""

    checkpoint: Checkpoint
    note: str
    events: dict[str, int]


def replay(fetch: Fetch, keys: Iterable[NoteKey], seen: Checkpoint | None = None) -> Replayed:
    """Fetch `checkpoint` and every tile below the log's prefix, recompute every hash from the entries, compare.

    `seen` is a checkpoint verified earlier: the log must still begin with it. Raises LogError `replay.unsigned`
    (by none of `keys`), `replay.origin`, `replay.shrunk`, `replay.rewritten`, `replay.entries`, `replay.tile` or
    `replay.root`, what the readers of notes, tiles and entries raise, and whatever `fetch` raises.
    """
    text = fetch("checkpoint").decode("utf-8", "replace")
    checkpoint = _checkpoint(text, keys)
    if seen is not None and seen.origin != checkpoint.origin:
        raise LogError("replay.origin", "The checkpoint seen before is of another log.")
    if seen is not None and seen.size > checkpoint.size:
        raise LogError(
            "replay.shrunk", f"The log has shown {seen.size} entries and now has {checkpoint.size}."
        )
    hashes, frontier, events = _Hashes(), Frontier(), dict[str, int]()
    for tile in entry_tiles_of(checkpoint.size):
        entries = decode_entries(fetch(tile.path))
        if len(entries) != tile.width:
            raise LogError("replay.entries", f"{tile.path} does not hold {tile.width} entries.")
        for event in (read_entry(entry).event for entry in entries):
            events[event] = events.get(event, 0) + 1
        _grow(frontier, hashes, list(map(leaf_hash, entries)), seen)
    for tile in tiles_of(checkpoint.size):
        _compare(tile, hashes, fetch(tile.path))
    if frontier.root() != checkpoint.root:
        raise LogError("replay.root", "The entries give another root than was signed.")
    return Replayed(checkpoint, text, events)


def _checkpoint(text: str, keys: Iterable[NoteKey]) -> Checkpoint:
    note = read_note(text)
    signed_by = signers(note, keys)
    if not signed_by:
        raise LogError("replay.unsigned", "The checkpoint is signed by none of the keys given.")
    checkpoint = read_checkpoint(note.text)
    if checkpoint.origin not in {key.name for key in signed_by}:
        raise LogError("replay.origin", "The checkpoint is of another log than its key.")
    return checkpoint


def _grow(frontier: Frontier, hashes: _Hashes, leaves: list[bytes], seen: Checkpoint | None) -> None:
    """Add leaves, and look at the root where the tree passes the size seen before."""
    for leaf in leaves:
        hashes.add(0, leaf)
    cut = seen.size - frontier.size if seen is not None else 0
    for part in (leaves[:cut], leaves[cut:]) if 0 < cut <= len(leaves) else (leaves,):
        for level, _, value in frontier.extend(part):
            hashes.add(level, value)
        if seen is not None and frontier.size == seen.size and frontier.root() != seen.root:
            raise LogError("replay.rewritten", f"The first {seen.size} entries are not those seen before.")


def _compare(tile: Tile, hashes: _Hashes, data: bytes) -> None:
    expected = hashes.levels.get(tile.level or 0, [])[tile.start : tile.start + tile.width]
    if b"".join(expected) != data:
        raise LogError("replay.tile", f"{tile.path} holds other hashes than its entries give.")
