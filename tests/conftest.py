"""An exchange of its own for every test: a copy of one migrated database, a clock that steps, seeded bytes.

With `VCX_TEST_DATABASE_URL` (PostgreSQL) the copies are databases made from a template; else SQLite files.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from exchange.adapters.clock import SteppingClock
from exchange.adapters.entropy import SeededEntropy
from exchange.bootstrap import Exchange, open_exchange
from exchange.config import Settings
from exchange.services import passwords, rate_limits
from exchange.services.context import Context
from exchange.store import migrate
from exchange.store.types import metadata

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SERVER_URL = os.environ.get("VCX_TEST_DATABASE_URL", "")
_emptied: list[
    str
] = []  # databases on the server whose test is over: to make one takes longer than most tests
MEMORY, ROOM = Path("/dev/shm"), 2 * 1024**3


def pytest_configure() -> None:
    """Tests keep their files in memory where it serves: waiting for a disk was a quarter of their time.

    With `VCX_REPEATABLE` the examples of property tests are the same every time: then a failure tells of the change
    that is checked, and not of what chance found today.
    """
    if os.environ.get("VCX_REPEATABLE"):
        hypothesis.settings.register_profile("repeatable", derandomize=True)
        hypothesis.settings.load_profile("repeatable")
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and _serves(MEMORY):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def _serves(folder: Path) -> bool:
    """Whether programs run from there and it has room: tests make environments of their own."""
    runs = not os.statvfs(folder).f_flag & os.ST_NOEXEC
    return runs and shutil.disk_usage(folder).free > ROOM


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords() -> Iterator[None]:
    """The same algorithm with the least work: tests make hundreds of accounts."""
    patch = pytest.MonkeyPatch()
    patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._decoy.cache_clear()
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def _own_state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test leaves a head of its log with the user's; processes that a test starts inherit it."""
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def _statements_compiled_once() -> Iterator[None]:
    """SQLAlchemy compiles a statement once per engine: a process has two, a test run thousands."""
    create, compiled = sa.create_engine, {}

    def sharing(url: str | sa.URL, **options: Any) -> sa.Engine:
        engine = create(url, **options)
        if "isolation_level" in options:  # such an engine's dialect is another
            return engine
        if engine.dialect.driver not in compiled:
            first = create(url)
            first.connect().close()  # reads from the server what the dialect must know of it
            first.dispose()
            compiled[engine.dialect.driver] = first
        first = compiled[engine.dialect.driver]
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
        return engine

    patch = pytest.MonkeyPatch()
    patch.setattr(sa, "create_engine", sharing)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    rate_limits._limiter.cache_clear()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The migrated database every test's own is copied from: a file's path or a database's URL."""
    if not SERVER_URL:
        path = tmp_path_factory.mktemp("template") / "exchange.db"
        migrate.upgrade(f"sqlite:///{path}")
        yield str(path)
        return
    name = f"vcx_template_{uuid.uuid4().hex[:12]}"
    _on_server(f'CREATE DATABASE "{name}"')
    migrate.upgrade(_server_url(name))
    yield name
    for database in (*_emptied, name):
        _on_server(f'DROP DATABASE "{database}" WITH (FORCE)')


@contextmanager
def database_copy(template: str, folder: Path) -> Iterator[str]:
    """The URL of a migrated, empty database that is there for a while."""
    if not SERVER_URL:
        path = folder / "exchange.db"
        shutil.copy(template, path)
        yield f"sqlite:///{path}"
        return
    name = _emptied.pop() if _emptied else ""
    if not name:
        name = f"vcx_test_{uuid.uuid4().hex[:12]}"
        _on_server(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _server_url(name)
    if _empty(_server_url(name)):
        _emptied.append(name)
    else:
        _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


def settings_over(folder: Path, database_url: str) -> Settings:
    """Settings over a folder and a database; limits out of the way."""
    return Settings(
        data_dir=folder,
        head_guard=folder / "heads",
        database_url=database_url,
        rate_sign_in="10000/minute",
        rate_token="10000/minute",
        rate_import="10000/minute",
        rate_foreign="10000/minute",
        rate_denied="10000/minute",
    )


@contextmanager
def web_process(settings: Settings, clock: SteppingClock) -> Iterator[Exchange]:
    """The web process for a while: it can sign nothing."""
    opened = open_exchange(settings, "web", clock=clock, entropy=SeededEntropy("web"))
    with closing(opened.store):
        yield opened


@contextmanager
def worker_process(settings: Settings, clock: SteppingClock) -> Iterator[Exchange]:
    """The worker process for a while, with the custody keys."""
    opened = open_exchange(settings, "worker", clock=clock, entropy=SeededEntropy("worker"))
    with closing(opened.store):
        yield replace(opened, fetcher=None)  # no test reaches out: those that fetch bring a web of their own


@pytest.fixture
def database_url(template: str, tmp_path: Path) -> Iterator[str]:
    """The URL of this test's own migrated, empty database."""
    with database_copy(template, tmp_path) as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings over the test's own folder and database."""
    return settings_over(tmp_path, database_url)


@pytest.fixture
def clock() -> SteppingClock:
    """Starts on 2 March 2026, 08:00 UTC and moves a millisecond at every look."""
    return SteppingClock(START)


@pytest.fixture
def exchange(settings: Settings, clock: SteppingClock) -> Iterator[Exchange]:
    """The test's own web process."""
    with web_process(settings, clock) as opened:
        yield opened


@pytest.fixture
def worker(settings: Settings, clock: SteppingClock) -> Iterator[Exchange]:
    """The worker process on the same database."""
    with worker_process(settings, clock) as opened:
        yield opened


@pytest.fixture
def ctx(exchange: Exchange) -> Context:
    """A Context with nobody signed in; `ctx.acting_as(actor)` gives it somebody."""
    return exchange.context(request_id="test-request")


def _server_url(database: str) -> str:
    return sa.make_url(SERVER_URL).set(database=database).render_as_string(hide_password=False)


def _on_server(statement: str) -> None:
    engine = sa.create_engine(SERVER_URL, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def _empty(url: str) -> bool:
    """Take every row out of a test's database; False where it cannot be used again."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            if version != migrate.head():
                return False
            # No triggers: append-only tables are emptied too, and in any order.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql(";".join(f'DELETE FROM "{table}"' for table in metadata.tables))
            for sequence in connection.exec_driver_sql("SELECT sequencename FROM pg_sequences").scalars():
                connection.exec_driver_sql(f'ALTER SEQUENCE "{sequence}" RESTART')
    except sa.exc.SQLAlchemyError:
        return False
    return True
