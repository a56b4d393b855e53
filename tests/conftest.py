"""An exchange of its own for every test: a copy of one migrated database, a clock that steps, seeded bytes.

With `VCX_TEST_DATABASE_URL` (PostgreSQL) the copies are databases made from a template; else SQLite files.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

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

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SERVER_URL = os.environ.get("VCX_TEST_DATABASE_URL", "")


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords() -> Iterator[None]:
    """The same algorithm with the least work: tests make hundreds of accounts."""
    patch = pytest.MonkeyPatch()
    patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._decoy.cache_clear()
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
    _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def database_copy(template: str, folder: Path) -> Iterator[str]:
    """The URL of a migrated, empty database that is there for a while."""
    if not SERVER_URL:
        path = folder / "exchange.db"
        shutil.copy(template, path)
        yield f"sqlite:///{path}"
        return
    name = f"vcx_test_{uuid.uuid4().hex[:12]}"
    _on_server(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _server_url(name)
    _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


def settings_over(folder: Path, database_url: str) -> Settings:
    """Settings over a folder and a database; limits out of the way."""
    return Settings(
        data_dir=folder,
        database_url=database_url,
        rate_sign_in="10000/minute",
        rate_token="10000/minute",
        rate_import="10000/minute",
        rate_denied="10000/minute",
    )


@contextmanager
def web_process(settings: Settings, clock: SteppingClock) -> Iterator[Exchange]:
    """The web process for a while: it can sign nothing."""
    opened = open_exchange(settings, "web", clock=clock, entropy=SeededEntropy("web"))
    with closing(opened.store):
        yield opened


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
    """The worker process on the same database, with the custody keys."""
    opened = open_exchange(settings, "worker", clock=clock, entropy=SeededEntropy("worker"))
    yield opened
    opened.store.close()


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
