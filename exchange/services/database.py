"""The database's schema: where it stands, and how it is brought forward without risking what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from exchange.config import Settings
from exchange.domain.errors import ConflictError, NotPermittedError
from exchange.services.backup import back_up
from exchange.services.context import Context
from exchange.store import migrate, occupancy


@dataclass(frozen=True)
class SchemaState:
    """The database's revision (None: never migrated) beside the one this code expects."""

    revision: str | None
    expected: str

    @property
    def is_current(self) -> bool:
        """True when they are the same."""
        return self.revision == self.expected


@dataclass(frozen=True)
class Upgrade:
    """From which revision to which, and where the backup made before lies (None when there was nothing to save)."""

    before: str | None
    after: str
    backup: Path | None


def schema_state(ctx: Context) -> SchemaState:
    """Where the database stands."""
    return SchemaState(migrate.current(ctx.store), migrate.head())


def state_without_database() -> SchemaState:
    """Where things stand before the first upgrade."""
    return SchemaState(None, migrate.head())


def absent_database(settings: Settings) -> Path | None:
    """The SQLite file that is not there yet; None when it is, or when the database is a server's.

    Opening a store makes the file: whoever only wants to look asks here first.
    """
    url = sa.make_url(settings.database)
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    path = Path(str(url.database))
    return None if path.exists() else path


def upgrade_database(ctx: Context, *, with_backup: bool = True) -> Upgrade:
    """Bring the database to the schema this code expects, after a backup of what is in it.

    Raises ConflictError (`database.newer`) when a later version of the exchange has been here.
    """
    state = schema_state(ctx)
    if state.revision is not None and state.revision > state.expected:
        raise ConflictError(
            f"The database has schema {state.revision}, this version knows up to {state.expected}.",
            code="database.newer",
            advice="Run the newer version, or restore the backup made before its upgrade.",
        )
    backup = None
    if with_backup and state.revision is not None and not state.is_current:
        name = f"before-{state.expected}-{ctx.now():%Y%m%dT%H%M%SZ}.backup"
        backup = back_up(ctx, ctx.settings.data_dir / "backups" / name).path
    if not state.is_current:
        migrate.upgrade(ctx.store.url.render_as_string(hide_password=False))
    return Upgrade(state.revision, state.expected, backup)


def require_schema(ctx: Context) -> None:
    """Raise ConflictError (`database.behind`) unless the database has the schema this code expects."""
    state = schema_state(ctx)
    if not state.is_current:
        raise ConflictError(
            f"The database {_name(ctx)} has schema {state.revision or 'none'}, this version needs {state.expected}.",
            code="database.behind",
            advice="Run: vcx db upgrade",
        )


def _name(ctx: Context) -> str:
    """The database's file, or a server's address without its password."""
    url = ctx.store.url
    return str(url.database) if ctx.store.is_sqlite else url.render_as_string(hide_password=True)


def refuse_public_demo(ctx: Context) -> None:
    """Raise NotPermittedError (`serve.demo_accounts`) where strangers could sign in with printed passwords."""
    if not ctx.settings.is_loopback:
        refuse_demo_accounts(ctx)


def refuse_demo_accounts(ctx: Context) -> None:
    """Raise NotPermittedError (`serve.demo_accounts`) when the database has any."""
    with ctx.store.read() as session:
        if occupancy.has_demo_accounts(session):
            raise NotPermittedError(
                "Demo accounts exist, whose passwords are printed: not served where others could sign in.",
                code="serve.demo_accounts",
                advice="Run vcx serve on 127.0.0.1, or start with a new data folder and no demo.",
            )


def write_revision(message: str) -> Path:
    """For developers: the next migration from what the tables have and the migrations lack."""
    return migrate.write_revision(message)
