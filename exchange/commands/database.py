"""`vcx db`, `vcx backup`, `vcx restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from exchange.commands.opening import opened, settings_with
from exchange.commands.options import EXISTING, OUT
from exchange.commands.output import REFUSED, json_option, report

if TYPE_CHECKING:
    from exchange.services.database import SchemaState


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
@click.option("--no-backup", is_flag=True, help="Do not write a backup before changing the schema.")
@json_option
def upgrade(no_backup: bool) -> None:
    """Bring the database to this version's schema; a backup is written first."""
    from exchange.services.database import upgrade_database

    with opened() as exchange:
        done = upgrade_database(exchange.context(), with_backup=not no_backup)
    data = {"before": done.before, "after": done.after, "backup": done.backup and str(done.backup)}
    words = [f"The database has schema {done.after} (before: {done.before or 'none'})."]
    report(data, words + ([f"Backup made before: {done.backup}"] if done.backup else []))


@db.command()
@json_option
def check() -> None:
    """Tell whether the database has this version's schema; exit code 1 when it has not."""
    state, told = _look()
    report(
        {"revision": state.revision, "expected": state.expected, "is_current": state.is_current},
        [told, "All is well." if state.is_current else "Run: vcx db upgrade"],
    )
    if not state.is_current:
        click.get_current_context().exit(REFUSED)


def _look() -> tuple[SchemaState, str]:
    """The schema's state in data and in words, without making a database where there is none."""
    from exchange.services.database import absent_database, schema_state, state_without_database

    if absent := absent_database(settings_with()):
        return state_without_database(), f"There is no database at {absent}."
    with opened() as exchange:
        state = schema_state(exchange.context())
    return (
        state,
        f"The database has schema {state.revision or 'none'}, this version expects {state.expected}.",
    )


@db.command()
@click.argument("message")
@json_option
def revision(message: str) -> None:
    """For developers: write the next migration from what the tables have and the migrations lack."""
    from exchange.services.database import write_revision

    path = write_revision(message)
    report({"path": str(path)}, [f"Wrote {path}: read it, and give it data in a test."])


@click.command()
@click.argument("out", type=OUT)
@click.option(
    "--keys", "keys_out", type=OUT, help="Also write the master key and custody keys, to this file."
)
@json_option
def backup(out: Path, keys_out: Path | None) -> None:
    """Write the database, as it is at one instant, to OUT while the exchange runs on."""
    from exchange.services.backup import back_up

    with opened() as exchange:
        made = back_up(exchange.context(), out, keys_out)
    data = {
        "path": str(made.path),
        "bytes": made.size,
        "revision": made.revision,
        "keys": made.keys_path and str(made.keys_path),
    }
    keys_line = (
        f"Wrote the keys to {made.keys_path}: keep that file apart from the other, both together open everything."
        if made.keys_path
        else "The keys are not in it: --keys FILE writes them to a file of their own."
    )
    report(data, [f"Wrote {made.size} bytes, schema {made.revision}, to {made.path}.", keys_line])


@click.command()
@click.argument("source", type=EXISTING)
@click.option("--keys", "keys_source", type=EXISTING, help="The keys' backup to put back too.")
@click.option("--replace", is_flag=True, help="Put the backup in the place of the data that are there.")
@click.option(
    "--rolls-back",
    is_flag=True,
    help="Also where the log was signed further than the backup.",
)
@json_option
def restore(source: Path, keys_source: Path | None, replace: bool, rolls_back: bool) -> None:
    """Put the backup SOURCE in the database's place, and bring it to this version's schema.

    What was there is kept in the data folder's backups/.
    """
    from exchange.services.backup import restore as restore_backup
    from exchange.services.transparency.standing import standing

    with opened() as exchange:
        done = restore_backup(exchange.context(), source, keys_source, replace=replace, rolls_back=rolls_back)
        refusal = standing(exchange.context()).refusal
    data = {
        "restored": str(source),
        "revision": done.revision,
        "kept": done.kept and str(done.kept),
        "keys": keys_source and str(keys_source),
        "log": refusal and refusal.error_code,
    }
    words = [f"Restored {source} (schema {done.revision} when it was made)."]
    words += [f"What was there before lies in {done.kept}."] if done.kept else []
    words += [f"Restored the keys from {keys_source}."] if keys_source else []
    if refusal:
        words += [f"The worker will not start on it ({refusal.error_code}): {refusal.detail}", refusal.advice]
    report(data, words)
