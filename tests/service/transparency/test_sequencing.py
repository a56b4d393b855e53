"""What waits is logged, once, in order, in exactly these bytes; what is signed is what anybody computes from them."""

from __future__ import annotations

import base64
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlmodel import select

import schemas
from exchange.adapters.clock import SteppingClock
from exchange.adapters.head_guard import GuardedHead, HeadGuard
from exchange.bootstrap import Exchange
from exchange.config import Settings
from exchange.domain.errors import UnavailableError
from exchange.services.context import Context
from exchange.services.transparency import sequencing
from exchange.services.transparency.appending import append_waiting
from exchange.services.transparency.outbox import note, note_document
from exchange.services.transparency.sequencing import sequence
from exchange.services.transparency.standing import standing
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.log import LogEntryRow, LogEpochRow, LoggedDocumentRow, LogPendingRow
from exchange.trust.log.note import read_note, read_vkey, signers
from tests.conftest import START
from tests.datasets import own_key, product, product_subject, published, rows
from tests.factories import party
from tests.service.transparency.world import (
    LogWorld,
    digest,
    opened,
    stored_checkpoints,
    tree_root,
)

# The outbox


def test_a_note_waits_with_one_job_for_all(ctx: Context) -> None:
    for number in range(3):
        with ctx.store.write() as session:
            note(ctx, session, "revoke", digest(number), START)
    assert [(row.event, row.digest, row.received_at) for row in rows(ctx.store, LogPendingRow)] == [
        ("revoke", digest(number), START) for number in range(3)
    ]
    (job,) = rows(ctx.store, JobRow)
    assert (job.kind, job.queue, job.dedupe_key, job.payload) == ("sequence_log", "log", "log", {})


def test_a_note_is_undone_with_its_deed(ctx: Context) -> None:
    with pytest.raises(RuntimeError), ctx.store.write() as session:
        note(ctx, session, "revoke", digest(1), START)
        raise RuntimeError
    assert rows(ctx.store, LogPendingRow) == []
    assert rows(ctx.store, JobRow) == []


def test_a_document_is_kept_once_and_logged_as_often_as_it_is_noted(ctx: Context) -> None:
    for _ in range(2):
        with ctx.store.write() as session:
            found = note_document(ctx, session, "script", '{"a":"ø"}', START)
    # printf '{"a":"\xc3\xb8"}' | sha256sum
    assert found == "sha256:" + sha256(b'{"a":"\xc3\xb8"}').hexdigest()
    (kept,) = rows(ctx.store, LoggedDocumentRow)
    assert (kept.digest, kept.event, kept.text) == (found, "script", '{"a":"ø"}')
    assert [row.digest for row in rows(ctx.store, LogPendingRow)] == [found, found]


# The tree, by hand


def test_two_entries_give_these_bytes_this_root_and_this_checkpoint(bare: LogWorld) -> None:
    with bare.store.write() as session:
        note(bare.ctx, session, "revoke", digest(1), START + timedelta(milliseconds=999))
        note(bare.ctx, session, "rollup", digest(2), START + timedelta(seconds=1))
    assert bare.sequence().appended == 2
    bodies = [
        f'{{"digest":"{digest(1)}","event":"revoke","received":"2026-03-02T08:00:00Z","v":"vcx-log-entry/1"}}',
        f'{{"digest":"{digest(2)}","event":"rollup","received":"2026-03-02T08:00:01Z","v":"vcx-log-entry/1"}}',
    ]
    stored = rows(bare.store, LogEntryRow)
    assert [(row.seq, row.body) for row in stored] == list(enumerate(bodies))
    leaves = [sha256(b"\x00" + body.encode()).digest() for body in bodies]
    root = sha256(b"\x01" + leaves[0] + leaves[1]).digest()
    epoch = bare.epoch()
    (row,) = stored_checkpoints(bare.store)
    signed = read_note(row.text)
    assert signed.text == f"{epoch.origin}\n2\n{base64.b64encode(root).decode()}\n"
    assert signers(signed, [read_vkey(epoch.log_vkey)])
    assert rows(bare.store, LogPendingRow) == []


def test_the_state_beside_it_says_what_holds_and_has_its_own_key(world: LogWorld) -> None:
    world.sequence()
    epoch = world.epoch()
    (row,) = stored_checkpoints(world.store)
    state = read_note(row.state)
    assert signers(state, [read_vkey(epoch.state_vkey)])
    assert not signers(state, [read_vkey(epoch.log_vkey)])
    version, text, _ = state.text.split("\n")
    value = json.loads(text)
    assert version == value["v"] == "vcx-state/1"
    assert (value["origin"], value["size"]) == (epoch.origin, len(schemas.released()))
    assert value["keys"] == {"size": 0, "root": base64.b64encode(sha256(b"").digest()).decode()}
    assert value["schemas"] == {one.url: schemas.digest_sri(one) for one in schemas.released()}
    assert value["status_lists"] == {}


def test_the_origin_is_an_address_of_its_own(world: LogWorld) -> None:
    world.sequence()
    epoch = world.epoch()
    assert epoch.origin == f"127.0.0.1:8000/log/{epoch.id}"
    assert len(epoch.id) == 16
    assert epoch.log_vkey.startswith(f"{epoch.origin}+")
    assert epoch.state_vkey.startswith(f"{epoch.origin}/state+")
    assert epoch.log_kid != epoch.state_kid


def test_the_log_opens_with_every_schema_and_once(world: LogWorld) -> None:
    first, second = world.sequence(), world.sequence()
    assert (first.appended, second.appended) == (len(schemas.released()), 0)
    assert sorted(world.digests()) == sorted(f"sha256:{schemas.sha256(one)}" for one in schemas.released())
    assert len(stored_checkpoints(world.store)) == 1


def test_a_thousand_at_a_time_in_the_order_they_were_noted(bare: LogWorld) -> None:
    with bare.store.write() as session:
        session.add_all(
            LogPendingRow(event="revoke", digest=digest(number), received_at=START) for number in range(2100)
        )
    assert bare.sequence().appended == 2100
    assert bare.digests() == [digest(number) for number in range(2100)]
    assert [one.size for one in bare.checkpoints()] == [1000, 2000, 2100]
    bare.must_be_sound(every=211)


def test_sizes_grow_by_one_and_every_root_is_right(bare: LogWorld) -> None:
    for number in range(20):
        bare.note(number)
        assert bare.sequence().size == number + 1
    leaves = bare.leaves()
    assert [one.root for one in bare.checkpoints()] == [tree_root(leaves[:size]) for size in range(1, 21)]


# What is published


def test_a_published_dataset_is_logged_by_the_worker(world: LogWorld, ctx: Context) -> None:
    firm = party(ctx)
    key = own_key(firm)
    about = product(firm)
    first = published(firm, product_subject(firm, about), key)
    world.sequence()
    second = published(firm, product_subject(firm, about), key)
    world.sequence()
    logged = {row.digest: row for row in rows(world.store, LogEntryRow)}
    assert (logged[first.digest].event, logged[second.digest].event) == ("publish", "supersede")
    world.must_be_sound()


def test_state_is_as_of_what_is_in_it(bare: LogWorld, clock: SteppingClock) -> None:
    """What was noted and is not yet logged must not look as if it had been considered."""
    early = clock.now()
    with bare.store.write() as session:
        session.add_all(
            LogPendingRow(event="revoke", digest=digest(number), received_at=early) for number in range(1001)
        )
    clock.move(timedelta(hours=1))
    bare.sequence()
    instants = [
        json.loads(read_note(row.state).text.split("\n")[1])["as_of"]
        for row in stored_checkpoints(bare.store)
    ]
    assert instants == ["2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z"]


# Who may


def test_the_web_process_can_open_no_log_and_sign_nothing(ctx: Context, exchange: Exchange) -> None:
    with pytest.raises(UnavailableError) as caught:
        sequence(ctx)
    assert caught.value.error_code == "custody.closed"
    assert not exchange.settings.head_guard_path.exists()


def test_guard_files_are_our_users_alone(bare: LogWorld) -> None:
    bare.note(1)
    bare.sequence()
    folder = bare.exchange.settings.head_guard_path
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


# Several at once


def test_sequencers_at_once_make_one_log(settings: Settings, no_schemas: None) -> None:
    with opened(settings) as world:
        world.note(0)
        world.sequence()
    start = threading.Barrier(4, timeout=30)

    def work(number: int) -> None:
        with opened(settings, SteppingClock(START)) as mine:
            start.wait()
            for turn in range(8):
                mine.note(1000 * (number + 1) + turn)
                mine.sequence()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with opened(settings) as world:
        world.sequence()
        world.must_be_sound()
        assert world.checkpoints()[-1].size == 33
        assert sorted(world.digests()) == sorted(
            digest(n) for n in [0, *(1000 * (k + 1) + t for k in range(4) for t in range(8))]
        )
        assert world.guarded() == world.checkpoints()[-1]


def test_a_sequencer_that_loses_to_others_again_and_again_ends_all_the_same(
    bare: LogWorld, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slowest of several is never the one that signs what all of them stored: others' entries are theirs."""
    bare.note(0)
    bare.sequence()
    numbers = iter(range(1000, 2000))
    real = sequencing.sign_head

    with opened(settings) as rival:

        def outrun(ctx: Context, epoch: LogEpochRow, guarded: GuardedHead | None) -> GuardedHead | None:
            if ctx.store is rival.store:
                return real(ctx, epoch, guarded)
            size = rival.sequence().size
            rival.note(next(numbers))
            append_waiting(rival.ctx, epoch, size)  # and it has stored more, unsigned
            return real(ctx, epoch, guarded)

        monkeypatch.setattr(sequencing, "sign_head", outrun)
        bare.note(1)
        assert bare.sequence().size == 2
    bare.must_be_sound()


@pytest.mark.parametrize("is_early", [False, True], ids=["guard-first", "snapshot-first"])
def test_what_others_sign_between_looking_at_guard_and_database_is_no_rollback(
    bare: LogWorld, settings: Settings, monkeypatch: pytest.MonkeyPatch, is_early: bool
) -> None:
    """Two sequencers at once: the job of the slower one was refused for good (`log.guard_behind`)."""
    bare.note(0)
    bare.sequence()
    real, looks = HeadGuard.read, iter(range(100))
    with opened(settings) as rival:

        def overtaken(self: HeadGuard, epoch_id: str) -> GuardedHead | None:
            if next(looks):
                return real(self, epoch_id)
            found = None if is_early else real(self, epoch_id)
            rival.note(1)
            rival.sequence()
            return real(self, epoch_id) if is_early else found

        with monkeypatch.context() as patch:
            patch.setattr(HeadGuard, "read", overtaken)
            if is_early:
                assert standing(bare.ctx).refusal is None
            else:
                assert bare.sequence().size == 2
    bare.must_be_sound()


def test_logs_opened_at_once_are_one(settings: Settings) -> None:
    start = threading.Barrier(3, timeout=30)
    with opened(settings):
        pass  # the master key is there

    def work(number: int) -> str:
        with opened(settings) as mine:
            start.wait()
            return mine.sequence().epoch_id

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(work, range(3)))) == 1
    with opened(settings) as world:
        world.must_be_sound()
        with world.store.read() as session:
            keys = session.exec(select(LogEntryRow.digest)).all()
        assert len(keys) == len(schemas.released())
