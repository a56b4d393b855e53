"""A database that cannot be read is no consent: then the guard itself must say that a backup is the newest."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from exchange.config import Settings
from exchange.domain.errors import ConflictError
from exchange.services.backup import back_up, restore
from exchange.services.transparency.epochs import open_new_epoch
from tests.conftest import SERVER_URL
from tests.service.transparency.world import opened

pytestmark = pytest.mark.skipif(bool(SERVER_URL), reason="about SQLite's file")


def refused(settings: Settings, archive: Path) -> str:
    """Why the backup is not put in the database's place."""
    with opened(settings) as world, pytest.raises(ConflictError) as caught:
        restore(world.ctx, archive, replace=True)
    assert caught.value.error_code == "restore.rolls_back"
    return caught.value.detail


@pytest.fixture
def unreadable(settings: Settings, no_schemas: None, tmp_path: Path) -> Path:
    """A folder of the backups `none`, `three` and `five`; the database of five signed entries is damaged."""
    with opened(settings) as world:
        back_up(world.ctx, tmp_path / "none.backup")
        world.note(1, 2, 3)
        world.sequence()
        back_up(world.ctx, tmp_path / "three.backup")
        world.note(4, 5)
        world.sequence()
        back_up(world.ctx, tmp_path / "five.backup")
    damage(settings)
    return tmp_path


def damage(settings: Settings) -> None:
    """The beginning of the database is overwritten."""
    database = settings.data_dir / "exchange.db"
    database.write_bytes(b"x" * 200 + database.read_bytes()[200:])
    for ending in ("-wal", "-shm"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


def test_a_damaged_database_is_no_consent(settings: Settings, unreadable: Path) -> None:
    assert "It knows nothing of the log" in refused(settings, unreadable / "none.backup")
    assert "Entries 3 to 4" in refused(settings, unreadable / "three.backup")
    with opened(settings) as world:  # the newest comes back unasked
        restore(world.ctx, unreadable / "five.backup", replace=True)
        assert world.checkpoints()[-1].size == 5
        world.note(6)
        assert world.sequence().size == 6


def test_a_backup_from_before_a_new_log_is_not_the_newest(settings: Settings, unreadable: Path) -> None:
    with opened(settings) as world:
        restore(world.ctx, unreadable / "five.backup", replace=True)
        open_new_epoch(world.ctx, replace_sound=True)  # and nothing is signed of it yet
    damage(settings)
    assert "cannot be told" in refused(settings, unreadable / "five.backup")


@pytest.mark.parametrize("backup", ["none", "three", "five"])
def test_a_damaged_database_without_its_guard_cannot_be_told(
    settings: Settings, unreadable: Path, backup: str
) -> None:
    shutil.rmtree(settings.head_guard_path)
    assert "cannot be told" in refused(settings, unreadable / f"{backup}.backup")
