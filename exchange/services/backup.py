"""Backups of the running database, and of the keys apart from it: whoever has one lacks the other."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryDirectory

from exchange.domain.errors import ConflictError, InvalidError
from exchange.services.context import Context
from exchange.services.transparency.taking_back import refuse_taking_back
from exchange.store import migrate, occupancy, replacing
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


@dataclass(frozen=True)
class Restored:
    """The schema of the backup, and where the database that was there before lies now (None: nothing was in it)."""

    revision: str
    kept: Path | None


def restore(
    ctx: Context,
    source: Path,
    keys_source: Path | None = None,
    *,
    replace: bool = False,
    rolls_back: bool = False,
) -> Restored:
    """Put a backup in the database's place, at this code's schema; what was there is kept in `backups/`.

    Without `replace` only an empty database is filled; a backup that would take the log back is refused either
    way (ConflictError `restore.rolls_back`) unless `rolls_back` says that this is wanted. Raises ConflictError
    (`restore.not_empty`, `restore.keys_exist`), InvalidError (`restore.damaged`, `restore.newer`) and
    UnavailableError (`restore.in_use`) before anything is changed. Wherever a process dies, the old database or
    the new one is in place: SQLite's by one rename, PostgreSQL's by one transaction, whose schema is brought
    forward in a second one (`vcx db upgrade` does it after a crash in between).
    """
    revision = dumped_revision(ctx.store, source)
    _refuse_newer(revision)
    if not replace:
        _refuse_full(ctx)
    if not rolls_back:
        refuse_taking_back(ctx, source)
    if keys_source is None:
        return Restored(revision, _put_in_place(ctx, source))
    _refuse_other_keys(ctx)
    with _unpacked(ctx, keys_source) as unpacked:
        kept = _put_in_place(ctx, source)
        _restore_keys(ctx, unpacked)
    return Restored(revision, kept)


def _put_in_place(ctx: Context, source: Path) -> Path | None:
    """Everything that can fail comes before the one step that cannot be taken back."""
    kept = _free_name(ctx)
    if not ctx.store.is_sqlite:
        is_empty = migrate.current(ctx.store) is None
        kept_path = None if is_empty else back_up(ctx, kept).path
        load_dump(ctx.store, source)
        migrate.upgrade(ctx.store.url.render_as_string(hide_password=False))
        return kept_path
    database = Path(ctx.store.url.database or "")
    ctx.store.close()
    staged = replacing.stage(database, source)
    kept_path = replacing.set_aside(database, kept)
    replacing.put_in_place(database, staged)
    return kept_path


def _free_name(ctx: Context) -> Path:
    folder, stem = ctx.settings.data_dir / "backups", f"replaced-{ctx.now():%Y%m%dT%H%M%SZ}"
    endings = chain([""], (f"-{number}" for number in count(2)))
    names = (folder / f"{stem}{ending}.backup" for ending in endings)
    return next(name for name in names if not name.exists())


def _back_up_keys(ctx: Context, out: Path) -> None:
    master, custody = ctx.settings.master_key_path, ctx.settings.custody_path
    with _written_whole(out) as unfinished, tarfile.open(unfinished, "w") as archive:
        if master.exists():
            archive.add(master, MASTER_KEY_NAME)
        if custody.exists():
            archive.add(custody, CUSTODY_NAME)


@contextmanager
def _unpacked(ctx: Context, source: Path) -> Iterator[Path]:
    """The keys beside where they belong, so that they get there by renaming; InvalidError (`restore.damaged`)."""
    with TemporaryDirectory(dir=_made(ctx.settings.master_key_path.parent)) as scratch:
        try:
            with tarfile.open(source) as archive:
                archive.extractall(scratch, filter="data")
        except tarfile.TarError as error:
            raise InvalidError(f"{source} holds no keys: {error}.", code="restore.damaged") from error
        yield Path(scratch)


def _restore_keys(ctx: Context, unpacked: Path) -> None:
    if (unpacked / CUSTODY_NAME).exists():
        shutil.copytree(unpacked / CUSTODY_NAME, _made(ctx.settings.custody_path), dirs_exist_ok=True)
    if (unpacked / MASTER_KEY_NAME).exists():
        (unpacked / MASTER_KEY_NAME).chmod(0o600)
        (unpacked / MASTER_KEY_NAME).replace(ctx.settings.master_key_path)


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
            advice="Move that file away first, and leave the key store where it is: it tells which logs are yours.",
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
