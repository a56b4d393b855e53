"""A restore compares before it replaces, keeps what it replaces, and wherever it dies one database is whole."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from exchange.config import Settings
from exchange.domain.errors import ConflictError, UnavailableError
from exchange.services.backup import back_up, restore
from exchange.services.transparency import sequencing
from exchange.services.transparency.epochs import open_new_epoch
from exchange.services.transparency.standing import adopt_head
from exchange.store import log, replacing
from tests.conftest import SERVER_URL
from tests.service.transparency.world import opened

pytestmark = pytest.mark.skipif(
    bool(SERVER_URL) and shutil.which("pg_dump") is None, reason="PostgreSQL's programs are not installed"
)

on_sqlite = pytest.mark.skipif(bool(SERVER_URL), reason="about SQLite's file")


@pytest.fixture
def archive(settings: Settings, no_schemas: None, tmp_path: Path) -> Path:
    """A backup of three signed entries; two more were signed since."""
    with opened(settings) as world:
        world.note(1, 2, 3)
        world.sequence()
        back_up(world.ctx, tmp_path / "three.backup")
        world.note(4, 5)
        assert world.sequence().size == 5
    return tmp_path / "three.backup"


def size(settings: Settings) -> int:
    """How many entries the database says are signed."""
    with opened(settings) as world:
        return world.checkpoints()[-1].size


def refused(settings: Settings, archive: Path) -> ConflictError:
    with opened(settings) as world, pytest.raises(ConflictError) as caught:
        restore(world.ctx, archive, replace=True)
    assert caught.value.error_code == "restore.rolls_back"
    return caught.value


# Compared first


@pytest.mark.parametrize("witnessed_by", ["both", "guard", "database"])
def test_a_restore_that_takes_the_log_back_is_refused_and_changes_nothing(
    settings: Settings, archive: Path, tmp_path: Path, witnessed_by: str
) -> None:
    if witnessed_by == "guard":
        with opened(settings) as world:
            restore(world.ctx, archive, replace=True, rolls_back=True)
    if witnessed_by == "database":
        shutil.rmtree(settings.head_guard_path)
    before = size(settings)
    found = refused(settings, archive)
    with opened(settings) as world:
        origin = world.epoch().origin
    assert f"Entries 3 to 4 of {origin} are signed and would be lost." in found.detail
    assert found.detail.count("Entries") == 1
    assert "--rolls-back" in found.advice and "vcx log new-epoch" in found.advice
    assert size(settings) == before


def test_on_purpose_it_is_done_and_what_was_there_is_kept(settings: Settings, archive: Path) -> None:
    with opened(settings) as world:
        first = restore(world.ctx, archive, replace=True, rolls_back=True)
        assert world.checkpoints()[-1].size == 3
        assert first.kept is not None and first.kept.parent == settings.data_dir / "backups"
        assert first.kept.stat().st_mode & 0o777 == 0o600
        second = restore(world.ctx, first.kept, replace=True)  # the newest comes back unasked
        assert world.checkpoints()[-1].size == 5
        assert second.kept not in {None, first.kept}
        world.note(6)
        assert world.sequence().size == 6
        world.must_be_sound()


def test_a_log_that_the_backup_does_not_know_is_named(settings: Settings, archive: Path) -> None:
    with opened(settings) as world:
        made = open_new_epoch(world.ctx, replace_sound=True)
        world.sequence()
    found = refused(settings, archive)
    assert f"It knows nothing of the log {made.origin} with 1 signed entries." in found.detail
    assert "Entries 3 to 4" in found.detail


def test_another_history_of_the_same_size_is_refused(
    settings: Settings, archive: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "heads"
    with opened(settings) as world:
        shutil.copytree(settings.head_guard_path, tmp_path / "true")
        restore(world.ctx, archive, replace=True, rolls_back=True)
        shutil.rmtree(kept)
        adopt_head(world.ctx)
        world.note(6, 7)
        assert world.sequence().size == 5
        back_up(world.ctx, tmp_path / "other.backup")
        shutil.rmtree(kept)
        shutil.copytree(tmp_path / "true", kept)
    assert "another tree of 5 entries" in refused(settings, tmp_path / "other.backup").detail


def test_a_guard_that_cannot_be_read_is_no_consent(settings: Settings, archive: Path) -> None:
    for file in settings.head_guard_path.glob("*.json"):
        file.write_bytes(b"x")
    assert "cannot be told" in refused(settings, archive).detail
    with opened(settings) as world:
        restore(world.ctx, archive, replace=True, rolls_back=True)
    assert size(settings) == 3


def test_a_backup_from_between_appending_and_signing_loses_nothing(
    settings: Settings, no_schemas: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(settings) as world:
        world.note(1)
        world.sequence()
        world.note(2)
        real = sequencing.sign_head

        def saved_first(*given: object) -> object:
            back_up(world.ctx, tmp_path / "between.backup")
            return real(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(sequencing, "sign_head", saved_first)
        assert world.sequence().size == 2
        restore(world.ctx, tmp_path / "between.backup", replace=True)
        assert world.checkpoints()[-1].size == 1
        assert world.sequence().size == 2  # the guard's head is stored, and nothing is signed twice
        world.must_be_sound()


def test_a_backup_without_any_log_is_compared_too(
    settings: Settings, no_schemas: None, tmp_path: Path
) -> None:
    with opened(settings) as world:
        back_up(world.ctx, tmp_path / "none.backup")
        world.note(1)
        world.sequence()
        origin = world.epoch().origin
    assert f"nothing of the log {origin}" in refused(settings, tmp_path / "none.backup").detail


def test_what_a_new_log_has_named_as_lost_does_not_refuse_its_own_backups(
    settings: Settings, archive: Path, tmp_path: Path
) -> None:
    with opened(settings) as world:
        restore(world.ctx, archive, replace=True, rolls_back=True)
        open_new_epoch(world.ctx)
        world.sequence()
        back_up(world.ctx, tmp_path / "new.backup")
        restore(world.ctx, tmp_path / "new.backup", replace=True)
        world.note(6)
        assert world.sequence().size == 2


def test_an_empty_database_is_no_consent(settings: Settings, archive: Path) -> None:
    """Without --replace, into a database that holds no organisation, the log is asked as well."""
    with opened(settings) as world:
        with pytest.raises(ConflictError) as caught:
            restore(world.ctx, archive)
        assert caught.value.error_code == "restore.rolls_back"
        assert "Entries 3 to 4" in caught.value.detail
        assert world.checkpoints()[-1].size == 5
        restore(world.ctx, archive, rolls_back=True)
        assert world.checkpoints()[-1].size == 3


# Replaced by one step


@on_sqlite
def test_a_database_that_others_have_open_is_left_alone(
    settings: Settings, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacing, "_SECONDS", 0.1)
    with opened(settings) as serving, opened(settings) as world:
        with serving.store.read() as session:
            log.backlog(session)
            with pytest.raises(UnavailableError) as caught:
                restore(world.ctx, archive, replace=True, rolls_back=True)
        assert caught.value.error_code == "restore.in_use"
        assert world.checkpoints()[-1].size == 5


@on_sqlite
def test_a_damaged_database_is_kept_as_it_lies(settings: Settings, archive: Path) -> None:
    database = settings.data_dir / "exchange.db"
    database.write_bytes(b"not a database at all" * 100)
    database.with_name("exchange.db-wal").write_bytes(b"its wal")
    with opened(settings) as world:
        kept = restore(world.ctx, archive, replace=True, rolls_back=True).kept
    assert kept is not None and kept.read_bytes().startswith(b"not a database")
    assert kept.with_name(kept.name + "-wal").read_bytes() == b"its wal"
    assert size(settings) == 3


@on_sqlite
@pytest.mark.parametrize("tables", [0, 1])
def test_a_database_without_any_table_is_nothing_to_keep(tmp_path: Path, tables: int) -> None:
    database, kept = tmp_path / "exchange.db", tmp_path / "backups" / "kept.backup"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")  # as opening a store does: a page, and nothing on it
        for number in range(tables):
            connection.execute(f"CREATE TABLE t{number} (id)")
    assert database.stat().st_size
    assert replacing.set_aside(database, kept) == (kept if tables else None)
    assert kept.parent.exists() == bool(tables)


@on_sqlite
def test_a_database_whose_list_of_tables_was_wiped_is_kept(tmp_path: Path) -> None:
    database, kept = tmp_path / "exchange.db", tmp_path / "kept.backup"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE t (id)")
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("DELETE FROM sqlite_master")
        connection.commit()
    assert replacing.set_aside(database, kept) == kept


@on_sqlite
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["stage", "_sync", "set_aside", "put_in_place"])
def test_a_restore_that_is_killed_leaves_the_old_database_or_the_new_one(
    settings: Settings, archive: Path, step: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = os.fork()
    if child == 0:
        try:
            monkeypatch.setattr(replacing, step, killed(getattr(replacing, step), when))
            with opened(settings) as world:
                restore(world.ctx, archive, replace=True, rolls_back=True)
        finally:
            os._exit(0)  # it should have been dead by now
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    is_new = (step, when) == ("put_in_place", "after")
    assert size(settings) == (3 if is_new else 5)
    with closing(sqlite3.connect(settings.data_dir / "exchange.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with opened(settings) as world:  # and it can be said again
        kept = restore(world.ctx, archive, replace=True, rolls_back=True).kept
        assert world.checkpoints()[-1].size == 3
    every = list((settings.data_dir / "backups").glob("*.backup"))
    assert kept in every and 5 in {signed_in(one) for one in every}


def killed(act: Callable[..., object], when: str) -> Callable[..., object]:
    """`act`, in which the process dies."""

    def acted(*given: object) -> object:
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        act(*given)
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    return acted


def signed_in(path: Path) -> int:
    """The size of the newest checkpoint of a kept database."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT max(size) FROM log_checkpoint").fetchone()[0])


@on_sqlite
def test_a_restore_that_cannot_bring_the_schema_forward_changes_nothing(
    settings: Settings, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(url: str) -> None:
        raise sa.exc.OperationalError("ALTER", {}, Exception("no room"))

    monkeypatch.setattr(replacing.migrate, "upgrade", broken)
    with opened(settings) as world, pytest.raises(sa.exc.OperationalError):
        restore(world.ctx, archive, replace=True, rolls_back=True)
    assert size(settings) == 5
