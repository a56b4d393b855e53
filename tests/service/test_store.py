"""The database keeps what it was given, and threads that read, change and write lose nothing."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.domain.errors import InvalidError
from exchange.services.context import Context
from exchange.store.engine import Store
from exchange.store.tables.accounts import OrganisationRow, SessionRow
from exchange.store.tables.rollup import ChainRow
from exchange.store.types import DecimalText, UtcDateTime
from tests.factories import party

DIALECT = sa.create_engine("sqlite://").dialect
PRAGMAS = ("synchronous", "journal_mode")


def organisation(number: int, employees: int = 0) -> OrganisationRow:
    at = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    return OrganisationRow(id=f"organisation-{number}", name="Firm", employees=employees, created_at=at)


def test_eight_threads_that_read_change_and_write_lose_no_increment(exchange) -> None:
    store: Store = exchange.store
    with store.write() as session:
        session.add(organisation(1))

    def add_twenty(_: int) -> None:
        for _ in range(20):
            with store.write() as session:
                row = session.get_one(OrganisationRow, "organisation-1", with_for_update=True)
                row.employees = (row.employees or 0) + 1
                session.add(row)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_twenty, range(8)))
    with store.read() as session:
        assert session.get_one(OrganisationRow, "organisation-1").employees == 160


def test_two_stores_on_one_file_wait_for_each_other(exchange) -> None:
    """As web and worker process do: each has its own lock, the file's decides."""
    stores = [exchange.store, Store(exchange.settings.database)]
    with stores[0].write() as session:
        session.add(organisation(1))

    def add_twenty(store: Store) -> None:
        for _ in range(20):
            with store.write() as session:
                row = session.get_one(OrganisationRow, "organisation-1", with_for_update=True)
                row.employees = (row.employees or 0) + 1
                session.add(row)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add_twenty, stores * 2))
    with stores[1].read() as session:
        assert session.get_one(OrganisationRow, "organisation-1").employees == 80
    stores[1].close()


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("postgresql+psycopg://user:secret@localhost/vcx", "database.driver", "extra `scale`"),
        ("postgresql+psycopg2://user:secret@localhost/vcx", "database.driver", "postgresql+psycopg2"),
        ("nosuch://user:secret@localhost/vcx", "database.driver", "nosuch"),
        ("user:secret@localhost/vcx", "database.url", "not the address"),
    ],
)
def test_a_database_no_driver_is_there_for_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, url: str, code: str, words: str
) -> None:
    for driver in ("psycopg", "psycopg2"):
        monkeypatch.setitem(sys.modules, driver, None)  # importing it fails as where it is not installed
    with pytest.raises(InvalidError) as refusal:
        Store(url)
    assert refusal.value.error_code == code
    assert words in refusal.value.detail
    assert "secret" not in f"{refusal.value.detail} {refusal.value.advice}"
    assert refusal.value.advice


def test_read_sees_one_snapshot_while_others_write(exchange) -> None:
    store: Store = exchange.store
    count = sa.select(sa.func.count()).select_from(OrganisationRow)
    with store.read() as session:
        assert session.execute(count).scalar() == 0
        with store.write() as other:
            other.add(organisation(1))
        assert session.execute(count).scalar() == 0
    with store.read() as session:
        assert session.execute(count).scalar() == 1


def test_database_and_its_companions_are_for_our_user_alone(tmp_path: Path) -> None:
    """Also where the umask would let others read, and where an older version has let them."""
    folder = tmp_path / "new"
    before = os.umask(0o022)
    try:
        store = Store(f"sqlite:///{folder / 'exchange.db'}")
        with store.write() as session:
            session.execute(sa.text("CREATE TABLE one (two)"))
        kept = {one.name: one.stat().st_mode & 0o777 for one in folder.iterdir()}
        assert kept == dict.fromkeys(("exchange.db", "exchange.db-wal", "exchange.db-shm"), 0o600)
        assert folder.stat().st_mode & 0o777 == 0o700
        store.close()
        (folder / "exchange.db").chmod(0o644)
        Store(f"sqlite:///{folder / 'exchange.db'}").close()
        assert (folder / "exchange.db").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


def test_reader_cannot_write(exchange) -> None:
    with pytest.raises(sa.exc.DBAPIError), exchange.store.read() as session:
        session.add(organisation(1))
        session.flush()


def test_write_that_raises_leaves_nothing_behind(exchange) -> None:
    with pytest.raises(ZeroDivisionError), exchange.store.write() as session:
        session.add(organisation(1))
        session.flush()
        1 / 0  # noqa: B018
    with exchange.store.read() as session:
        assert session.get(OrganisationRow, "organisation-1") is None


def test_foreign_keys_are_enforced(exchange) -> None:
    at = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    with pytest.raises(sa.exc.IntegrityError), exchange.store.write() as session:
        session.add(ChainRow(id="chain-1", owner_id="nobody", name="Chain", created_at=at))


def test_what_was_answered_survives_a_power_cut(tmp_path: Path) -> None:
    """SQLite syncs at every commit (2 is FULL), beside readers that do not wait (WAL)."""
    store = Store(f"sqlite:///{tmp_path / 'exchange.db'}")
    with store.write() as session:
        pragmas = [session.connection().exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS]
    store.close()
    assert pragmas == [2, "wal"]


def test_write_lock_is_free_again_after_a_failure(exchange) -> None:
    done = threading.Event()

    def write() -> None:
        with exchange.store.write() as session:
            session.add(organisation(2))
        done.set()

    with pytest.raises(ZeroDivisionError), exchange.store.write():
        1 / 0  # noqa: B018
    thread = threading.Thread(target=write)
    thread.start()
    thread.join(5)
    assert done.is_set()


@given(st.decimals(allow_nan=False, allow_infinity=False, places=18, min_value=-(10**15), max_value=10**15))
def test_decimal_comes_back_digit_by_digit_and_without_exponent(amount: Decimal) -> None:
    kept = DecimalText().process_bind_param(amount, DIALECT)
    assert kept is not None
    assert "E" not in kept
    back = DecimalText().process_result_value(kept, DIALECT)
    assert back is not None
    assert back.as_tuple() == amount.as_tuple()


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-14, 14))
def test_instant_comes_back_as_the_same_instant_in_utc(instant: datetime, hours: int) -> None:
    try:
        local = instant.astimezone(timezone(timedelta(hours=hours)))
    except OverflowError:
        return
    kept = UtcDateTime().process_bind_param(local, DIALECT)
    back = UtcDateTime().process_result_value(kept, DIALECT)
    assert back == instant
    assert back is not None
    assert back.tzinfo is UTC


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10, deadline=None)
@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_instant_survives_the_database_to_the_microsecond(exchange, instant: datetime) -> None:
    row = organisation(1)
    with exchange.store.write() as session:
        session.merge(OrganisationRow(**{**row.model_dump(), "created_at": instant}))
    with exchange.store.read() as session:
        assert session.get_one(OrganisationRow, row.id).created_at == instant


def test_instant_without_zone_is_refused(ctx: Context) -> None:
    firm = party(ctx)
    naive = replace(ctx, clock=ctx.clock).now().replace(tzinfo=None)
    session_row = SessionRow(
        id="s", secret_hash="h", user_id=firm.actor.user_id or "", organisation_id=firm.id,
        created_at=naive, expires_at=naive,
    )  # fmt: skip
    with pytest.raises(sa.exc.StatementError, match="needs its zone"), ctx.store.write() as session:
        session.add(session_row)
