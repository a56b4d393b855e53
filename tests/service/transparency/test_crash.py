"""Whatever write step of the sequencer fails or dies, the next process goes on with one history that proves itself."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from exchange.adapters import durable_file
from exchange.config import Settings
from exchange.domain.errors import UnavailableError
from tests.conftest import SERVER_URL
from tests.service.transparency.faults import When, die_at, fail_at, steps_of
from tests.service.transparency.recovering import fresh, recover
from tests.service.transparency.world import LogWorld, copied, digest, opened

STEPS = ["commit", "commit", "write_exclusively", "rename", "sync_directory", "commit"]
BEFORE_AND_AFTER: tuple[When, ...] = ("before", "after")
FAULTS = [(number, when) for number in range(len(STEPS)) for when in BEFORE_AND_AFTER]
on_copies = pytest.mark.skipif(bool(SERVER_URL), reason="copies the database's file")


@on_copies
def test_a_batch_has_these_write_steps(at_size: Callable[[int], Settings]) -> None:
    with opened(at_size(1)) as world:
        world.note(100)
        assert steps_of(world) == STEPS


def one_more(base: Settings, folder: Path) -> Iterator[tuple[Settings, int, When]]:
    """For each fault a copy of the log, in which one more entry waits to be signed."""
    for number, when in FAULTS:
        settings = copied(base, folder / f"{number}-{when}")
        with opened(settings) as world:
            world.note(world.checkpoints()[-1].size)
        yield settings, number, when


@on_copies
@pytest.mark.parametrize("size", [1, 255, 256, 257])
def test_each_step_fails_before_or_after_it_took_effect(
    at_size: Callable[[int], Settings], tmp_path: Path, size: int
) -> None:
    for settings, number, when in one_more(at_size(size), tmp_path):
        fail_at(settings, number, when)
        with opened(copied(settings, tmp_path / f"{number}-{when}-same")) as world:
            recover(world.exchange.settings)
            assert world.digests()[-1] == digest(size)
        recover(settings, size + 1)


@on_copies
@pytest.mark.parametrize("size", [1, 256])
def test_the_process_is_killed_at_each_step(
    at_size: Callable[[int], Settings], tmp_path: Path, size: int
) -> None:
    for settings, number, when in one_more(at_size(size), tmp_path):
        die_at(settings, number, when)
        recover(settings, size + 1)


@pytest.mark.parametrize("act", [fail_at, die_at])
def test_faults_one_after_another_on_the_same_log(
    settings: Settings, no_schemas: None, act: Callable[[Settings, int, When], None]
) -> None:
    with opened(settings) as world:
        world.note(*range(250))
        world.sequence()
    for turn, (number, when) in enumerate(FAULTS):
        with opened(settings) as world:
            world.note(1000 + turn)
        act(settings, number, when)
        recover(settings, 2000 + turn)
    with opened(settings) as world:
        assert world.checkpoints()[-1].size == 250 + 2 * len(FAULTS)


@on_copies
def test_opening_the_log_survives_a_fault_at_each_of_its_steps(tmp_path: Path, template: str) -> None:
    with opened(fresh(template, tmp_path / "whole")) as world:
        world.note(1)
        steps = steps_of(world)
    for number in range(len(steps)):
        for when in BEFORE_AND_AFTER:
            settings = fresh(template, tmp_path / f"{number}-{when}")
            with opened(settings) as world:
                world.note(1)
            fail_at(settings, number, when)
            with opened(settings) as world:
                world.sequence()
                world.must_be_sound()
                assert world.digests().count(digest(1)) == 1


# Full disks


@on_copies
def test_a_full_database_disk_stops_the_log_and_tears_nothing(at_size: Callable[[int], Settings]) -> None:
    settings = at_size(300)
    with opened(settings) as world:
        world.note(*range(1000, 1400))
    refused = 0
    for spare in range(200):
        with opened(settings) as world:
            limit_pages(world, spare)
            try:
                world.sequence()
                break
            except sa.exc.OperationalError as error:
                assert "full" in str(error)
                refused += 1
        with opened(settings) as world:
            assert world.guarded() in world.checkpoints() or world.guarded().size == 700
    assert refused > 10
    recover(settings, 5000)
    with opened(settings) as world:
        assert world.checkpoints()[-1].size == 701


def limit_pages(world: LogWorld, spare: int) -> None:
    """Leave SQLite room for so many more pages: a disk that is really full, as far as it can tell."""
    with world.store.read() as session:
        pages = session.execute(sa.text("PRAGMA page_count")).scalar_one()

    @event.listens_for(world.store.writer, "connect")
    def _limit(connection, record) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + spare}")


def test_a_full_guard_disk_signs_nothing_that_is_seen(settings: Settings, no_schemas: None) -> None:
    with opened(settings) as world:
        world.note(1)
        world.sequence()
        world.note(2)
        whole = durable_file.write_exclusively

        def torn(path: Path, data: bytes) -> None:
            whole(path, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")

        with pytest.MonkeyPatch.context() as patch, pytest.raises(UnavailableError) as caught:
            patch.setattr(durable_file, "write_exclusively", torn)
            world.sequence()
        assert caught.value.error_code == "log.guard_unusable"
        assert "No space left" in caught.value.detail
        assert [one.size for one in world.checkpoints()] == [1]
        assert world.guarded().size == 1
        assert not [path for path in settings.head_guard_path.iterdir() if path.name.startswith(".")]
    recover(settings)
