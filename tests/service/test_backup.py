"""Backups are whole though others write meanwhile; restoring gives back exactly what was there."""

from __future__ import annotations

import sqlite3
import stat
import tarfile
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.bootstrap import Exchange, open_exchange
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from exchange.services.backup import back_up, restore
from exchange.services.context import Context
from exchange.services.database import schema_state, upgrade_database
from exchange.services.organisations import find_organisations, get_organisation
from exchange.store import dumps, migrate
from tests.factories import party


def mode(path: Path) -> int:
    """Who may read the file."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def on_sqlite(exchange: Exchange) -> None:
    """For what only the embedded database does."""
    if not exchange.store.is_sqlite:
        pytest.skip("about SQLite")


def test_restored_database_is_the_one_that_was_backed_up(ctx: Context, tmp_path: Path) -> None:
    kept = party(ctx, "Kept A/S")
    made = back_up(ctx, tmp_path / "one.backup")
    assert (made.revision, made.size) == (migrate.head(), (tmp_path / "one.backup").stat().st_size)
    assert mode(made.path) == 0o600
    late = party(ctx, "Late A/S")

    assert restore(ctx, made.path, replace=True).revision == migrate.head()

    assert get_organisation(kept.ctx, kept.id).name == "Kept A/S"
    with pytest.raises(NotFoundError):
        get_organisation(kept.ctx, late.id)
    assert party(kept.ctx, "Next A/S").organisation.name == "Next A/S"  # and it can be written again


def test_backup_taken_while_others_write_holds_whole_transactions(ctx: Context, tmp_path: Path) -> None:
    stop = threading.Event()
    founded: list[str] = []

    def write() -> None:
        while not stop.is_set():
            founded.append(party(ctx).id)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(founded) < 3:
            stop.wait(0.01)
        before = len(founded)
        made = back_up(ctx, tmp_path / "busy.backup")
        done = len(founded)
        while len(founded) < done + 2:  # the writer was not locked out for good
            stop.wait(0.01)
    finally:
        stop.set()
        writer.join()
    viewer = party(ctx, "Viewer")
    restore(ctx, made.path, replace=True)
    names = set()
    for organisation_id in founded:
        try:
            names.add(get_organisation(viewer.ctx, organisation_id).id)
        except NotFoundError:
            break
    assert names == set(founded[: len(names)])  # an unbroken beginning, nothing from the middle missing
    assert before <= len(names) <= done + 1


def test_database_with_data_is_not_replaced_unasked(ctx: Context, tmp_path: Path) -> None:
    organisation = party(ctx)
    made = back_up(ctx, tmp_path / "one.backup")
    with pytest.raises(ConflictError) as refused:
        restore(ctx, made.path)
    assert refused.value.error_code == "restore.not_empty"
    assert get_organisation(organisation.ctx, organisation.id).id == organisation.id


def test_backup_is_never_written_over_a_file(ctx: Context, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    with pytest.raises(ConflictError) as refused:
        back_up(ctx, tmp_path / "new.backup", taken)
    assert refused.value.error_code == "backup.exists"
    assert taken.read_text() == "mine"
    assert not (tmp_path / "new.backup").exists()


def test_damaged_backup_is_refused_and_nothing_changes(ctx: Context, tmp_path: Path) -> None:
    organisation = party(ctx)
    good = back_up(ctx, tmp_path / "good.backup").path
    data = bytearray(good.read_bytes())
    data[200 : len(data)] = bytes(len(data) - 200)
    bad = tmp_path / "bad.backup"
    bad.write_bytes(data)
    with pytest.raises(InvalidError) as refused:
        restore(ctx, bad, replace=True)
    assert refused.value.error_code == "restore.damaged"
    assert get_organisation(organisation.ctx, organisation.id).id == organisation.id


def test_backup_of_a_newer_schema_is_refused(
    ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = back_up(ctx, tmp_path / "one.backup")
    monkeypatch.setattr(migrate, "head", lambda: "0000")
    with pytest.raises(InvalidError) as refused:
        restore(ctx, made.path, replace=True)
    assert refused.value.error_code == "restore.newer"


@pytest.mark.usefixtures("on_sqlite")
def test_backup_of_an_older_schema_is_brought_forward(ctx: Context, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    migrate.upgrade(f"sqlite:///{old}", "0001")
    assert restore(ctx, old, replace=True).revision == "0001"
    assert schema_state(ctx).is_current


def test_keys_go_to_a_file_of_their_own_and_come_back(worker: Exchange, tmp_path: Path) -> None:
    ctx = worker.context()
    assert ctx.custody is not None
    key = ctx.custody.create("org-1")
    made = back_up(ctx, tmp_path / "data.backup", tmp_path / "keys.tar")
    assert made.keys_path is not None
    assert mode(made.keys_path) == 0o600
    secret = ctx.settings.master_key_path.read_bytes().strip()
    assert secret not in made.path.read_bytes()
    with tarfile.open(made.keys_path) as archive:
        assert {name.split("/")[0] for name in archive.getnames()} == {"master.key", "custody"}

    elsewhere = ctx.settings.model_copy(update={"data_dir": tmp_path / "elsewhere"})
    restore(replace(ctx, settings=elsewhere), made.path, made.keys_path, replace=True)
    again = open_exchange(elsewhere, "worker")
    assert again.custody is not None
    assert again.custody.load(key.kid, "org-1").private_bytes_raw() == (
        ctx.custody.load(key.kid, "org-1").private_bytes_raw()
    )
    assert mode(elsewhere.master_key_path) == 0o600
    again.store.close()


def test_keys_in_use_are_never_replaced(worker: Exchange, tmp_path: Path) -> None:
    ctx = worker.context()
    made = back_up(ctx, tmp_path / "data.backup", tmp_path / "keys.tar")
    with pytest.raises(ConflictError) as refused:
        restore(ctx, made.path, made.keys_path, replace=True)
    assert refused.value.error_code == "restore.keys_exist"


def test_missing_program_is_named(ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dumps.shutil, "which", lambda name: None)
    monkeypatch.setattr(ctx.store, "is_sqlite", False)
    with pytest.raises(UnavailableError) as refused:
        back_up(ctx, tmp_path / "one.backup")
    assert refused.value.error_code == "backup.tool_missing"
    assert list(tmp_path.glob("one.backup*")) == []


@pytest.mark.usefixtures("on_sqlite")
def test_upgrade_makes_a_backup_of_what_it_changes(ctx: Context) -> None:
    url = ctx.store.url.render_as_string()
    organisation = party(ctx)
    migrate.downgrade(url, "0001")
    done = upgrade_database(ctx)
    assert (done.before, done.after) == ("0001", migrate.head())
    assert done.backup is not None
    with closing(sqlite3.connect(done.backup)) as saved:
        assert saved.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert saved.execute("SELECT id FROM organisation").fetchall() == [(organisation.id,)]


def test_upgrade_of_a_current_database_does_nothing(ctx: Context) -> None:
    done = upgrade_database(ctx)
    assert (done.before, done.after, done.backup) == (migrate.head(), migrate.head(), None)


def test_database_of_a_newer_version_is_left_alone(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "head", lambda: "0001")
    with pytest.raises(ConflictError) as refused:
        upgrade_database(ctx)
    assert refused.value.error_code == "database.newer"


def test_directory_still_answers_after_a_restore(ctx: Context, tmp_path: Path) -> None:
    viewer = party(ctx, "Only One")
    made = back_up(ctx, tmp_path / "one.backup")
    restore(ctx, made.path, replace=True)
    assert [o.name for o in find_organisations(viewer.ctx, "Only").items] == ["Only One"]
