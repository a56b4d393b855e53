"""`vcx db`, `backup`, `restore`, `operator`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from exchange.config import Settings
from exchange.services.accounts import list_users
from exchange.services.context import Context
from exchange.services.organisations import find_organisations
from exchange.store import migrate
from exchange.store.engine import Store
from tests.factories import party


def test_upgrade_brings_an_empty_folder_to_the_schema(vcx, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("VCX_DATABASE_URL", f"sqlite:///{tmp_path / 'new' / 'exchange.db'}")
    behind = vcx.json("db", "check", code=1)
    assert (behind["revision"], behind["is_current"]) == (None, False)
    assert behind["expected"] == migrate.head()
    assert vcx.json("db", "upgrade") == {"before": None, "after": migrate.head(), "backup": None}
    assert vcx.json("db", "check")["is_current"] is True
    assert "schema" in vcx("db", "upgrade").stdout


def test_check_makes_no_database_where_there_is_none(vcx, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("VCX_DATABASE_URL", "")
    monkeypatch.setenv("VCX_DATA_DIR", str(tmp_path / "new"))
    told = vcx("db", "check", code=1).stdout
    assert told == f"There is no database at {tmp_path / 'new' / 'exchange.db'}.\nRun: vcx db upgrade\n"
    assert not (tmp_path / "new").exists()


def test_upgrade_of_data_writes_a_backup_first(vcx, tmp_path: Path, monkeypatch) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    monkeypatch.setenv("VCX_DATABASE_URL", url)
    migrate.upgrade(url, "0001")
    done = vcx.json("db", "upgrade")
    assert done["before"] == "0001"
    saved = Store(f"sqlite:///{done['backup']}")
    assert migrate.current(saved) == "0001"
    saved.close()


@pytest.mark.parametrize(
    "command", [("rollup", "2024-01-01", "2025-01-01"), ("demo",), ("worker",), ("serve",)]
)
def test_nothing_runs_on_a_database_that_is_behind(vcx, tmp_path: Path, monkeypatch, command) -> None:
    monkeypatch.setenv("VCX_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    result = vcx(*command, code=1)
    assert "database.behind" in result.stderr
    assert f"The database {tmp_path / 'empty.db'} has schema none" in result.stderr
    assert "vcx db upgrade" in result.stderr


def test_backup_and_restore_round_trip(vcx, ctx: Context, tmp_path: Path, settings: Settings) -> None:
    party(ctx, "Kept A/S")
    out, keys = tmp_path / "out.backup", tmp_path / "keys.tar"
    made = vcx.json("backup", out, "--keys", keys)
    assert (made["path"], made["keys"], made["revision"]) == (str(out), str(keys), migrate.head())
    assert made["bytes"] == out.stat().st_size
    viewer = party(ctx, "Late A/S")
    assert vcx.refused("restore", out) == "restore.not_empty"
    assert vcx.refused("backup", out) == "backup.exists"
    ctx.store.close()
    assert vcx.json("restore", out, "--replace")["revision"] == migrate.head()
    names = [one.name for one in find_organisations(viewer.ctx, "A/S").items]
    assert names == ["Kept A/S"]


def test_restore_says_whether_it_restored_keys(vcx, tmp_path: Path, settings: Settings, monkeypatch) -> None:
    settings.master_key_path.parent.mkdir(parents=True, exist_ok=True)
    settings.master_key_path.write_bytes(b"key")
    out, keys = tmp_path / "out.backup", tmp_path / "keys.tar"
    vcx("backup", out, "--keys", keys)
    monkeypatch.setenv("VCX_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere' / 'exchange.db'}")
    monkeypatch.setenv("VCX_DATA_DIR", str(tmp_path / "elsewhere"))
    told = vcx("restore", out).stdout
    assert "keys" not in told.replace(str(keys), "") and "What was there before" not in told
    assert not (tmp_path / "elsewhere" / "backups").exists()
    assert f"Restored the keys from {keys}." in vcx("restore", out, "--keys", keys, "--replace").stdout
    assert (tmp_path / "elsewhere" / "keys" / "master.key").read_bytes() == b"key"


def test_backup_says_that_the_keys_are_apart(vcx, tmp_path: Path) -> None:
    assert "keys are not in it" in vcx("backup", tmp_path / "out.backup").stdout


def test_operator_gets_an_account_of_their_own_never_somebody_elses(
    vcx, ctx: Context, tmp_path: Path
) -> None:
    secret = tmp_path / "password"
    secret.write_text("a long enough pass phrase\n")
    vcx("operator", "add", "op@staff.example", "--name", "Op", "--password-file", secret)
    member = party(ctx)
    again = ("operator", "add", member.email, "--name", "Op", "--password-file", secret)
    assert vcx.refused(*again) == "operator.exists_as_person"
    assert [user.email for user in list_users(member.ctx)] == [member.email]


def test_operators_password_may_be_typed(vcx) -> None:
    typed = "a long enough pass phrase\n" * 2
    assert "is an operator" in vcx("operator", "add", "op@staff.example", "--name", "Op", given=typed).stdout


def test_wrong_usage_ends_with_2(vcx, tmp_path: Path, monkeypatch) -> None:
    vcx("backup", code=2)
    vcx("no-such-command", code=2)
    vcx("restore", tmp_path / "missing", code=2)
    vcx("worker", "--queue", "nonsense", code=2)
    vcx("worker", "--queue", "rollup", code=2)  # without a broker one worker does it all
    vcx("scheduler", code=2)
    monkeypatch.setenv("VCX_PORT", "70000")
    result = vcx("db", "check", code=2)
    assert "VCX_PORT" in result.stderr


def test_two_ways_to_say_one_secret_are_refused(vcx, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("VCX_DATABASE_URL_FILE", str(tmp_path / "url"))
    result = vcx("db", "check", code=2)
    assert result.stderr == "VCX_DATABASE_URL and VCX_DATABASE_URL_FILE are both set: keep one\n"


def test_unusable_setting_is_told_by_its_name_and_what_is_wrong(vcx, monkeypatch) -> None:
    monkeypatch.setenv("VCX_LOG_LEVEL", "loud")
    result = vcx("db", "check", code=2)
    assert result.stderr == "VCX_LOG_LEVEL: log_level is debug, info, warning or error\n"


def test_revision_writes_what_the_tables_have_and_the_migrations_lack(
    vcx, tmp_path: Path, monkeypatch
) -> None:
    copy = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "FOLDER", copy)
    head = int(migrate.head())
    table = sa.Table("fresh", migrate.metadata, sa.Column("id", sa.String(36), primary_key=True))
    try:
        path = Path(vcx.json("db", "revision", "Add fresh things")["path"])
    finally:
        migrate.metadata.remove(table)
    assert path.name == f"{head + 1:04d}_add_fresh_things.py"
    text = path.read_text()
    assert "op.create_table('fresh'" in text
    assert "op.drop_table('fresh')" in text
