"""A monitor believes nothing: every hash is made again, and each lie has its own name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from exchange.trust.errors import LogError
from exchange.trust.keys import new_private_key
from exchange.trust.log.checkpoint import Checkpoint
from exchange.trust.log.entry import LogEntry
from exchange.trust.log.merkle import Frontier, leaf_hash
from exchange.trust.log.note import read_vkey, sign_note, signed_note, vkey_of
from exchange.trust.log.replay import replay
from exchange.trust.log.tiles import Tile, encode_entries

ORIGIN = "exchange.example/log/1"
KEY = new_private_key()
VKEY = read_vkey(vkey_of(ORIGIN, KEY.public_key()))
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def path(level: int | None, index: int, width: int = 256) -> str:
    return Tile(level, index, width).path


def body(number: int) -> bytes:
    return LogEntry("publish" if number % 3 else "revoke", f"sha256:{number:064x}", AT).body()


def checkpoint_of(count: int) -> Checkpoint:
    frontier = Frontier()
    frontier.extend([leaf_hash(body(number)) for number in range(count)])
    return Checkpoint(ORIGIN, count, frontier.root())


def signed(checkpoint: Checkpoint) -> bytes:
    text = checkpoint.text()
    return signed_note(text, [sign_note(text, ORIGIN, KEY)]).encode()


def three() -> dict[str, bytes]:
    """A log of three entries as its files."""
    bodies = [body(number) for number in range(3)]
    return {
        "checkpoint": signed(checkpoint_of(3)),
        path(0, 0, 3): b"".join(map(leaf_hash, bodies)),
        path(None, 0, 3): encode_entries(bodies),
    }


def refused(files: dict[str, bytes], seen: Checkpoint | None = None) -> str:
    with pytest.raises(LogError) as caught:
        replay(files.__getitem__, [VKEY], seen)
    return caught.value.code


def test_a_true_log_is_counted() -> None:
    found = replay(three().__getitem__, [VKEY])
    assert found.checkpoint == checkpoint_of(3)
    assert found.events == {"revoke": 1, "publish": 2}


@pytest.mark.parametrize("size", [1, 2, 3])
def test_it_begins_with_what_was_seen(size: int) -> None:
    assert replay(three().__getitem__, [VKEY], checkpoint_of(size)).checkpoint.size == 3


@pytest.mark.parametrize("size", [1, 2, 3])
def test_another_beginning_is_told(size: int) -> None:
    assert refused(three(), replace(checkpoint_of(size), root=bytes(32))) == "replay.rewritten"


def test_a_smaller_log_than_seen_is_told() -> None:
    assert refused(three(), checkpoint_of(4)) == "replay.shrunk"


def test_another_log_than_seen_is_told() -> None:
    assert refused(three(), replace(checkpoint_of(3), origin="other.example/log")) == "replay.origin"


def test_a_strangers_checkpoint_is_told() -> None:
    stranger = read_vkey(vkey_of("other.example/log", new_private_key().public_key()))
    with pytest.raises(LogError) as caught:
        replay(three().__getitem__, [stranger])
    assert caught.value.code == "replay.unsigned"


def test_a_checkpoint_of_another_origin_under_the_key_is_told() -> None:
    text = replace(checkpoint_of(3), origin="other.example/log").text()
    files = three() | {"checkpoint": signed_note(text, [sign_note(text, ORIGIN, KEY)]).encode()}
    assert refused(files) == "replay.origin"


def test_missing_entries_are_told() -> None:
    assert refused(three() | {path(None, 0, 3): encode_entries([body(0), body(1)])}) == "replay.entries"


def test_other_hashes_than_the_entries_give_are_told() -> None:
    assert refused(three() | {path(0, 0, 3): bytes(96)}) == "replay.tile"


def test_a_signed_root_that_the_entries_do_not_give_is_told() -> None:
    files = three() | {"checkpoint": signed(replace(checkpoint_of(3), root=bytes(32)))}
    assert refused(files) == "replay.root"


def test_levels_above_the_first_are_compared_too() -> None:
    bodies = [body(number) for number in range(257)]
    frontier = Frontier()
    nodes = {(level, place): value for level, place, value in frontier.extend([*map(leaf_hash, bodies)])}
    files = {
        "checkpoint": signed(Checkpoint(ORIGIN, 257, frontier.root())),
        path(0, 0): b"".join(map(leaf_hash, bodies[:256])),
        path(0, 1, 1): leaf_hash(bodies[256]),
        path(1, 0, 1): nodes[8, 0],
        path(None, 0): encode_entries(bodies[:256]),
        path(None, 1, 1): encode_entries(bodies[256:]),
    }
    assert replay(files.__getitem__, [VKEY], checkpoint_of(200)).checkpoint.size == 257
    assert refused(files | {path(1, 0, 1): bytes(32)}) == "replay.tile"
