"""Backups of the running database, and of the keys apart from it: whoever has one lacks the other."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from exchange.domain.errors import ConflictError, InvalidError
from exchange.services.context import Context
from exchange.store import migrate, occupancy
from exchange.store.dumps import dumped_revision, load_dump, write_dump

MASTER_KEY_NAME = "master.key"
CUSTODY_NAME = "custody"


@dataclass(frozen=True)
class Backup:
    """What was written: the database's file, its size in bytes, its schema, the keys' file if asked for."""

    path: Path
    size: int
    revision: str | None
    keys_path: Path | None


def back_up(ctx: Context, out: Path, keys_out: Path | None = None) -> Backup:
    """Write the database as it is at one instant, while others go on reading and writing.

    The database comes first: a key made meanwhile is then in the keys' file and missing in neither.
    Raises ConflictError (`backup.exists`), UnavailableError (`backup.tool_missing`, `backup.failed`).
    """
    _refuse_existing(out)
    _refuse_existing(keys_out)
    revision = migrate.current(ctx.store)
    with _written_whole(out) as unfinished:
        write_dump(ctx.store, unfinished)
    if keys_out is not None:
        _back_up_keys(ctx, keys_out)
    return Backup(out, out.stat().st_size, revision, keys_out)


def restore(ctx: Context, source: Path, keys_source: Path | None = None, *, replace: bool = False) -> str:
    """Put a backup in the database's place and bring it to this code's schema; returns the backup's revision.

    Without `replace` only an empty database is filled. Raises ConflictError (`restore.not_empty`,
    `restore.keys_exist`) and InvalidError (`restore.damaged`, `restore.newer`) before anything is changed.
    """
    revision = dumped_revision(ctx.store, source)
    _refuse_newer(revision)
    if not replace:
        _refuse_full(ctx)
    if keys_source is not None:
        _refuse_other_keys(ctx)
    load_dump(ctx.store, source)
    if keys_source is not None:
        _restore_keys(ctx, keys_source)
    migrate.upgrade(ctx.store.url.render_as_string(hide_password=False))
    return revision


def _back_up_keys(ctx: Context, out: Path) -> None:
    master, custody = ctx.settings.master_key_path, ctx.settings.custody_path
    with _written_whole(out) as unfinished, tarfile.open(unfinished, "w") as archive:
        if master.exists():
            archive.add(master, MASTER_KEY_NAME)
        if custody.exists():
            archive.add(custody, CUSTODY_NAME)


def _restore_keys(ctx: Context, source: Path) -> None:
    master, custody = ctx.settings.master_key_path, ctx.settings.custody_path
    with TemporaryDirectory(dir=_made(master.parent)) as scratch:
        try:
            with tarfile.open(source) as archive:
                archive.extractall(scratch, filter="data")
        except tarfile.TarError as error:
            raise InvalidError(f"{source} holds no keys: {error}.", code="restore.damaged") from error
        unpacked = Path(scratch)
        if (unpacked / CUSTODY_NAME).exists():
            shutil.copytree(unpacked / CUSTODY_NAME, _made(custody), dirs_exist_ok=True)
        if (unpacked / MASTER_KEY_NAME).exists():
            (unpacked / MASTER_KEY_NAME).chmod(0o600)
            (unpacked / MASTER_KEY_NAME).replace(master)


def _refuse_newer(revision: str) -> None:
    if revision > migrate.head():
        raise InvalidError(
            f"The backup has schema {revision}, this version of the exchange knows up to {migrate.head()}.",
            code="restore.newer",
            advice="Restore it with the version that made it, or a later one.",
        )


def _refuse_full(ctx: Context) -> None:
    if migrate.current(ctx.store) is None:
        return
    with ctx.store.read() as session:
        if occupancy.has_organisations(session):
            raise ConflictError(
                "The database holds data already.",
                code="restore.not_empty",
                advice="Restore into an empty one, or say --replace to put the backup in its place.",
            )


def _refuse_other_keys(ctx: Context) -> None:
    master = ctx.settings.master_key_path
    if master.exists():
        raise ConflictError(
            f"{master} exists already, and restoring over it would lose the keys under it.",
            code="restore.keys_exist",
            advice="Move the present keys away first.",
        )


def _refuse_existing(path: Path | None) -> None:
    if path is not None and path.exists():
        raise ConflictError(
            f"{path} exists already and was not touched.", code="backup.exists", advice="Name another file."
        )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


@contextmanager
def _written_whole(path: Path) -> Iterator[Path]:
    """A file of mode 0600 that takes its name only when it is complete and on disk."""
    _made(path.parent)
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield unfinished
        with unfinished.open("rb+") as written:
            os.fsync(written.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
