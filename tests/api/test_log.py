"""The log over HTTP: what a monitor replays, what is cacheable, and nothing beyond the newest signed checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from exchange.api.log import BRIEFLY, FOR_EVER, LOOK_AGAIN
from exchange.bootstrap import Exchange
from exchange.services.transparency import appending, sequencing
from exchange.services.transparency.epochs import ensure_epoch, open_new_epoch
from exchange.services.transparency.outbox import note_document
from exchange.store import log as query
from exchange.store.tables.log import LogCheckpointRow, LogEntryRow
from exchange.trust.log.checkpoint import Checkpoint, read_checkpoint
from exchange.trust.log.entry import read_entry
from exchange.trust.log.merkle import Frontier, leaf_hash, verify_consistency, verify_inclusion
from exchange.trust.log.note import read_note, signers
from exchange.trust.log.spelling import decode_hash
from exchange.trust.log.tiles import decode_entries, entry_tiles_of, tiles_of
from exchange.trust.trust_root import read_trust_root
from tests import datasets, factories
from tests.working import work_off


@dataclass
class Monitor:
    """Knows nothing but addresses below a prefix; every byte it believes it has fetched itself."""

    client: FlaskClient
    prefix: str = "/log"

    def get(self, path: str, code: int = 200) -> TestResponse:
        """An answer of the log."""
        answer = self.client.get(f"{self.prefix}/{path}")
        assert answer.status_code == code, (path, answer.text)
        return answer

    def checkpoint(self) -> Checkpoint:
        """The newest checkpoint, signed by a log key of the served trust root."""
        note = read_note(self.get("checkpoint").text)
        checkpoint = read_checkpoint(note.text)
        trusted = read_trust_root(self.client.get("/.well-known/vcx-trust.json").data).log(checkpoint.origin)
        assert trusted is not None and signers(note, trusted.log_keys) == trusted.log_keys
        return checkpoint

    def entries(self, size: int) -> list[bytes]:
        """The first `size` entries, from entry tiles."""
        return [e for tile in entry_tiles_of(size) for e in decode_entries(self.get(tile.path).data)]

    def hashes(self, path: str) -> list[bytes]:
        """A proof."""
        return [decode_hash(line) for line in self.get(path).text.splitlines()]


@pytest.fixture
def monitor(client: FlaskClient) -> Monitor:
    """A monitor of the log that is added to."""
    return Monitor(client)


def grow(worker: Exchange, count: int, *, signed: bool = True) -> None:
    """Log so many documents more."""
    ctx = worker.context()
    with ctx.store.write() as session:
        for _ in range(count):
            note_document(ctx, session, "script", ctx.new_id(), ctx.now())
    if signed:
        sequencing.sequence(ctx)
    else:
        epoch = ensure_epoch(ctx)
        with ctx.store.read() as session:
            size = query.head_of(session, epoch.id).size
        appending.append_waiting(ctx, epoch, size)


def root_of(leaves: list[bytes]) -> bytes:
    edge = Frontier()
    edge.extend(leaves)
    return edge.root()


def test_a_monitor_replays_the_tiles_and_comes_to_the_root_of_every_checkpoint(
    worker: Exchange, monitor: Monitor
) -> None:
    seen: list[Checkpoint] = []
    for count in (1, 3, 250, 1, 280):
        grow(worker, count)
        seen.append(monitor.checkpoint())
    newest = seen[-1]
    leaves = [leaf_hash(entry) for entry in monitor.entries(newest.size)]
    assert len(leaves) == newest.size > 512
    for checkpoint in seen:
        assert root_of(leaves[: checkpoint.size]) == checkpoint.root
    for old, new in pairwise(seen):
        path = monitor.hashes(f"proof/consistency?old={old.size}&new={new.size}")
        verify_consistency(
            old_size=old.size, new_size=new.size, old_root=old.root, new_root=new.root, path=path
        )


def test_tiles_of_hashes_are_those_of_the_entries(worker: Exchange, monitor: Monitor) -> None:
    grow(worker, 600)
    size = monitor.checkpoint().size
    levels = {0: [leaf_hash(entry) for entry in monitor.entries(size)]}
    levels[1] = [root_of(levels[0][start : start + 256]) for start in range(0, size - 255, 256)]
    for tile in tiles_of(size):
        assert tile.level is not None
        hashes = levels[tile.level][tile.start : tile.start + tile.width]
        assert monitor.get(tile.path).data == b"".join(hashes), tile.path
    assert monitor.get("tile/1/000.p/2").data == b"".join(levels[1])


def test_every_entry_is_proven_in_the_newest_tree_and_in_an_older_one(
    worker: Exchange, monitor: Monitor
) -> None:
    grow(worker, 5)
    old = monitor.checkpoint()
    grow(worker, 12)
    new = monitor.checkpoint()
    leaves = [leaf_hash(entry) for entry in monitor.entries(new.size)]
    for tree in (old, new):
        for index in range(tree.size):
            path = monitor.hashes(f"proof/inclusion?index={index}&size={tree.size}")
            verify_inclusion(index=index, size=tree.size, leaf=leaves[index], path=path, root=tree.root)


def test_entries_hold_digests_and_nothing_of_anybody(worker: Exchange, monitor: Monitor) -> None:
    firm = factories.party(worker.context(), "Nørre Metal A/S")
    published = datasets.published(firm, datasets.product_subject(firm, datasets.product(firm)))
    work_off(worker)
    found = [read_entry(entry) for entry in monitor.entries(monitor.checkpoint().size)]
    assert ("publish", published.digest) in {(one.event, one.digest) for one in found}
    raw = b"".join(monitor.entries(monitor.checkpoint().size))
    for told in (firm.id, firm.organisation.name, published.dataset_id):
        assert told.encode() not in raw


def test_before_anything_is_signed_there_is_nothing(monitor: Monitor) -> None:
    for path in ("checkpoint", "tile/0/000.p/1", "proof/inclusion?index=0&size=1"):
        assert (monitor.get(path, 404).json or {})["code"] == "log.pending"
    answer = monitor.client.get("/.well-known/vcx-trust.json")
    assert (answer.status_code, (answer.json or {})["code"]) == (404, "trust_root.pending")


def test_what_is_stored_and_not_signed_is_shown_to_nobody(worker: Exchange, monitor: Monitor) -> None:
    grow(worker, 3)
    size = monitor.checkpoint().size
    grow(worker, 4, signed=False)
    assert len(datasets.rows(worker.store, LogEntryRow)) == size + 4
    assert monitor.checkpoint().size == size
    for path in (f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}"):
        monitor.get(path)
    for path in (
        f"tile/0/000.p/{size + 1}",
        f"tile/entries/000.p/{size + 1}",
        "tile/0/000",
        "tile/entries/000",
        "tile/1/000.p/1",
        f"proof/inclusion?index=0&size={size + 1}",
        f"proof/inclusion?index={size}&size={size + 1}",
        f"proof/consistency?old={size}&new={size + 1}",
    ):
        assert (monitor.get(path, 404).json or {})["code"] == "log.not_covered", path


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/x000/000", "tile/0/x000", "tile/0/001/067",
        "tile/00/000.p/1", "tile/64/000.p/1", "tile/-1/000.p/1", "tile/0/000.p/0", "tile/0/000.p/256",
        "tile/0/000.p/01", "tile/0/000.p/1/", "tile/0/000.p", "tile/0/000.P/1", "tile/0//000.p/1",
        "tile//0/000.p/1", "tile/entries/000.p/1.p/1", "tile/data/000.p/1", "tile/0/..%2f000.p/1",
        "tile/0/%F0%9F%98%80.p/1", "tile/0/٠٠٠.p/1", "tile/0/000.p/1%0a", "tile/0/000.p/1%00", "tile",
    ],
)  # fmt: skip
def test_a_tile_has_one_spelling(worker: Exchange, monitor: Monitor, path: str) -> None:
    grow(worker, 3)
    assert monitor.client.get(f"/log/{path}").status_code == 404


@pytest.mark.parametrize(
    ("proof", "code"),
    [
        ("inclusion", "query.malformed"),
        ("inclusion?index=0", "query.malformed"),
        ("inclusion?index=0&size=2&more=1", "query.malformed"),
        ("inclusion?index=0&index=1&size=2", "query.malformed"),
        ("inclusion?index=-1&size=2", "query.malformed"),
        ("inclusion?index=01&size=2", "query.malformed"),
        ("inclusion?index=+1&size=2", "query.malformed"),
        ("inclusion?index=%D9%A1&size=2", "query.malformed"),
        ("inclusion?index=1e0&size=2", "query.malformed"),
        ("inclusion?index=0&size=9223372036854775808", "query.malformed"),
        ("inclusion?index=2&size=2", "proof.index"),
        ("inclusion?index=0&size=0", "proof.index"),
        ("consistency?old=0&new=2", "proof.size"),
        ("consistency?old=2&new=1", "proof.size"),
    ],
)
def test_a_proof_that_cannot_be_is_refused_by_code(
    worker: Exchange, monitor: Monitor, proof: str, code: str
) -> None:
    grow(worker, 3)
    assert (monitor.get(f"proof/{proof}", 422).json or {})["code"] == code


def test_tiles_are_kept_for_ever_and_the_checkpoint_is_asked_for_again(
    worker: Exchange, monitor: Monitor
) -> None:
    grow(worker, 3)
    for path in ("tile/0/000.p/2", "tile/entries/000.p/2", "proof/inclusion?index=0&size=2"):
        assert monitor.get(path).headers["Cache-Control"] == BRIEFLY  # another epoch answers here one day
    first = monitor.get("checkpoint")
    assert first.headers["Cache-Control"] == LOOK_AGAIN
    same = monitor.client.get("/log/checkpoint", headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    grow(worker, 1)
    other = monitor.client.get("/log/checkpoint", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200 and other.data != first.data
    assert monitor.get("tile/0/000.p/2").content_type == "application/octet-stream"


def test_a_tile_asked_for_late_is_what_it_was(worker: Exchange, monitor: Monitor) -> None:
    grow(worker, 3)
    size = monitor.checkpoint().size
    before = monitor.get(f"tile/entries/000.p/{size}").data
    grow(worker, 300)
    assert monitor.get(f"tile/entries/000.p/{size}").data == before


def test_an_earlier_log_stays_where_its_origin_says(worker: Exchange, monitor: Monitor) -> None:
    grow(worker, 3)
    first = monitor.checkpoint()
    opened = open_new_epoch(worker.context(), replace_sound=True)
    sequencing.sequence(worker.context())
    assert monitor.checkpoint().origin == opened.origin != first.origin
    for origin in (first.origin, opened.origin):
        there = Monitor(monitor.client, "/" + origin.partition("/")[2])
        found = there.checkpoint()
        assert there.get(f"proof/inclusion?index=0&size={found.size}").headers["Cache-Control"] == FOR_EVER
        assert found.origin == origin
        assert root_of([leaf_hash(entry) for entry in there.entries(found.size)]) == found.root
    assert len(read_trust_root(monitor.client.get("/.well-known/vcx-trust.json").data).logs) == 2
    for unknown in ("0" * 16, "tile", "%00", "x" * 300, "%F0%9F%98%80"):
        assert monitor.client.get(f"/log/{unknown}/checkpoint").status_code == 404


def test_the_checkpoint_is_the_signed_one_byte_for_byte(worker: Exchange, monitor: Monitor) -> None:
    grow(worker, 3)
    newest = max(datasets.rows(worker.store, LogCheckpointRow), key=lambda row: row.size)
    assert monitor.get("checkpoint").text == newest.text


def test_nothing_of_the_log_can_be_written(monitor: Monitor) -> None:
    for path in ("checkpoint", "tile/0/000.p/1", "proof/inclusion"):
        assert monitor.client.post(f"/log/{path}").status_code == 405
