"""A new epoch says no more than is known of the one before it, and nothing is signed there once it is open."""

from __future__ import annotations

import json
import shutil
from itertools import product
from pathlib import Path

import pytest

from exchange.adapters.head_guard import GuardedHead, HeadGuard
from exchange.config import Settings
from exchange.domain.errors import ConflictError
from exchange.services.backup import back_up, restore
from exchange.services.context import Context
from exchange.services.transparency import epochs, exchange_keys, sequencing, signing
from exchange.services.transparency.epochs import open_new_epoch
from exchange.services.transparency.fsck import fsck
from exchange.services.transparency.standing import standing
from exchange.store import log as query
from exchange.store.tables.log import LogEntryRow, LogEpochRow
from tests.conftest import SERVER_URL
from tests.datasets import rows
from tests.service.transparency.faults import Faults, raise_broken
from tests.service.transparency.world import LogWorld, copied, digest, opened

pytestmark = pytest.mark.skipif(
    bool(SERVER_URL) and shutil.which("pg_dump") is None, reason="PostgreSQL's programs are not installed"
)


def previous_size(world: LogWorld) -> int:
    """How many entries the opening of the newest epoch says the one before it had signed."""
    return int(json.loads(world.epoch().opening)["previous"].split("\n")[1])


def old_and_new(world: LogWorld) -> tuple[LogEpochRow, LogEpochRow]:
    with world.store.read() as session:
        old, new = query.epochs(session)
    return old, new


def stored_size(world: LogWorld, epoch: LogEpochRow) -> int:
    with world.store.read() as session:
        newest = query.newest_checkpoint(session, epoch.id)
    return newest.size if newest else 0


@pytest.mark.parametrize("guard", ["missing", "damaged", "behind", "of another log"])
def test_what_a_guard_does_not_tell_is_unknown_and_not_nothing(
    settings: Settings, no_schemas: None, tmp_path: Path, guard: str
) -> None:
    with opened(settings) as world:
        world.note(1, 2)
        world.sequence()
        file = settings.head_guard_path / f"{world.epoch().id}.json"
        behind = file.read_bytes()
        world.note(3)
        world.sequence()
        back_up(world.ctx, tmp_path / "three.backup")
        world.note(4, 5)
        assert world.sequence().size == 5
        if guard == "of another log":
            open_new_epoch(world.ctx, replace_sound=True)
            world.sequence()
        restore(world.ctx, tmp_path / "three.backup", replace=True, rolls_back=True)
    with opened(settings) as world:
        if guard == "missing":
            file.unlink()
        elif guard != "of another log":
            file.write_bytes(behind if guard == "behind" else b"x")
        made = open_new_epoch(world.ctx)
        opening = json.loads(world.epoch().opening)
        assert (made.lost, opening["lost"], opening["restored_size"]) == (None, None, 3)
        world.note(6)
        assert world.sequence().size == 2


def test_a_head_that_is_signed_while_the_keys_are_made_is_in_the_opening(
    bare: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sequencer dies, or waits, between the guard and the store; then it goes on."""
    bare.note(1)
    bare.sequence()
    bare.note(2)
    held: list[tuple[LogEpochRow, GuardedHead]] = []

    def hold(_: Context, epoch: LogEpochRow, head: GuardedHead) -> None:
        held.append((epoch, head))
        raise RuntimeError

    real_release, real_key = signing.release, exchange_keys.make_key

    def slow(ctx: Context, purpose: object) -> object:
        if not held:
            with monkeypatch.context() as patch, pytest.raises(RuntimeError):
                patch.setattr(sequencing, "release", hold)
                bare.sequence()
        return real_key(ctx, purpose)  # type: ignore[arg-type]

    monkeypatch.setattr(epochs, "make_key", slow)
    made = open_new_epoch(bare.ctx, replace_sound=True)
    bare.sequence()
    real_release(bare.ctx, *held[0])
    old, _ = old_and_new(bare)
    assert (made.lost, previous_size(bare), stored_size(bare, old)) == ((), 2, 2)
    assert len({(row.event, row.digest) for row in rows(bare.store, LogEntryRow)}) == 3  # none is in both
    assert len(rows(bare.store, LogEntryRow)) == 3
    assert fsck(bare.ctx).problems == ()


def test_nothing_is_stored_or_signed_of_an_epoch_that_was_followed(bare: LogWorld) -> None:
    bare.note(1)
    bare.sequence()
    old = bare.epoch()
    guard = HeadGuard(bare.exchange.settings.head_guard_path)
    before = guard.read(old.id)
    assert before is not None
    bare.note(2)
    open_new_epoch(bare.ctx, replace_sound=True)
    closed = guard.read(old.id)
    assert closed is not None and closed.successor == bare.epoch().id
    assert not guard.swap(old.id, before, before)  # a sequencer that has signed and comes late
    late = GuardedHead(old.origin, 2, before.root, "two entries", before.state)
    signing.release(bare.ctx, old, late)
    assert stored_size(bare, old) == 1


def test_a_sequencer_that_signs_before_the_close_is_not_overwritten(
    bare: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.note(1)
    bare.sequence()
    old = bare.epoch()
    guard = HeadGuard(bare.exchange.settings.head_guard_path)
    real = epochs._open_after

    def overtaken(*given: object) -> object:
        head = guard.read(old.id)
        assert head is not None
        guard.swap(old.id, head, GuardedHead(head.origin, 1, head.root, head.checkpoint, "signed anew"))
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(epochs, "_open_after", overtaken)
    with pytest.raises(ConflictError) as caught:
        open_new_epoch(bare.ctx, replace_sound=True)
    assert caught.value.error_code == "log.rivals"
    assert bare.epoch().id == old.id
    assert bare.digests() == [digest(1)]


# A process that dies on the way


def crashed(world: LogWorld, *, replace_sound: bool = False) -> None:
    """A new epoch whose close is in the guard and whose transaction is not committed."""
    with pytest.MonkeyPatch.context() as patch, pytest.raises(RuntimeError):
        real = epochs.close

        def dying(*given: object) -> None:
            real(*given)  # type: ignore[arg-type]
            raise RuntimeError

        patch.setattr(epochs, "close", dying)
        open_new_epoch(world.ctx, replace_sound=replace_sound)


def test_after_a_crash_it_is_said_again_and_names_what_is_lost(
    settings: Settings, no_schemas: None, tmp_path: Path
) -> None:
    with opened(settings) as world:
        world.note(1, 2, 3)
        world.sequence()
        back_up(world.ctx, tmp_path / "three.backup")
        world.note(4, 5)
        world.sequence()
        restore(world.ctx, tmp_path / "three.backup", replace=True, rolls_back=True)
    for _ in range(2):  # a crash after a crash, too
        with opened(settings) as world:
            crashed(world)
            found = standing(world.ctx).refusal
            assert found is not None and found.error_code == "log.epoch_unfinished"
            assert "vcx log new-epoch" in found.advice
    with opened(settings) as world:
        assert open_new_epoch(world.ctx).lost == (3, 4)
        opening = json.loads(world.epoch().opening)
        assert (opening["lost"], opening["restored_size"], previous_size(world)) == ([3, 4], 3, 5)
        world.note(6)
        assert world.sequence().size == 2
        world.must_be_sound()


def test_after_a_crash_of_a_sound_logs_end_nothing_is_lost(
    bare: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.note(1)
    bare.sequence()
    bare.note(2)
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(sequencing, "release", lambda *_: 1 / 0)
        bare.sequence()  # the head of two is guarded, and not stored
    crashed(bare, replace_sound=True)
    made = open_new_epoch(bare.ctx)
    bare.sequence()
    old, _ = old_and_new(bare)
    assert (made.lost, previous_size(bare), stored_size(bare, old)) == ((), 2, 2)
    assert fsck(bare.ctx).problems == ()


def test_after_a_crash_what_was_unknown_stays_unknown(bare: LogWorld) -> None:
    bare.note(1)
    bare.sequence()
    (bare.exchange.settings.head_guard_path / f"{bare.epoch().id}.json").unlink()
    crashed(bare)
    assert open_new_epoch(bare.ctx).lost is None


@pytest.mark.parametrize("content", [b"x", None])
def test_what_was_signed_of_the_one_that_followed_makes_the_loss_unknown(
    settings: Settings, no_schemas: None, tmp_path: Path, content: bytes | None
) -> None:
    """Restored from before a new epoch that was signed: as its guard, whole or damaged, shows."""
    with opened(settings) as world:
        world.note(1)
        world.sequence()
        back_up(world.ctx, tmp_path / "one.backup")
        made = open_new_epoch(world.ctx, replace_sound=True)
        world.sequence()
        restore(world.ctx, tmp_path / "one.backup", replace=True, rolls_back=True)
    if content is not None:
        (settings.head_guard_path / f"{made.epoch_id}.json").write_bytes(content)
    with opened(settings) as world:
        found = standing(world.ctx).refusal
        assert found is not None and found.error_code == "log.rolled_back"
        assert open_new_epoch(world.ctx).lost is None


@pytest.mark.skipif(bool(SERVER_URL), reason="copies the database's file")
def test_each_step_of_a_new_epoch_may_fail(
    settings: Settings, no_schemas: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("copies")
    with opened(settings) as world:
        world.note(1, 2)
        world.sequence()
    whole = Faults(-1, "before", raise_broken)
    with opened(copied(settings, elsewhere / "whole")) as world, whole.installed(world.store):
        open_new_epoch(world.ctx, replace_sound=True)
    for number, when in product(range(len(whole.steps)), ("before", "after")):
        own = copied(settings, elsewhere / f"{number}-{when}")
        with opened(own) as world:
            faults = Faults(number, when, raise_broken)  # type: ignore[arg-type]
            with faults.installed(world.store), pytest.raises(Exception):  # noqa: B017
                open_new_epoch(world.ctx, replace_sound=True)
        with opened(own) as world:
            is_open = world.epoch().number == 2
            if not is_open:
                assert open_new_epoch(world.ctx, replace_sound=True).lost == ()
            world.note(3)
            assert world.sequence().size == 2
            assert json.loads(world.epoch().opening)["lost"] == []
            assert fsck(world.ctx).problems == ()
