"""Publishing is all or nothing, whatever fails and whoever publishes at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from exchange.services import publish
from exchange.services.context import Context
from exchange.store.engine import Store
from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.jobs import JobRow
from tests.datasets import (
    OwnKey,
    contents,
    full_subject,
    open_year,
    own_key,
    product,
    product_subject,
    published,
    rows,
    token_of,
)
from tests.factories import Party, party


@pytest.fixture
def firm(ctx: Context) -> Party:
    return party(ctx, "Nordvind Metal")


@pytest.fixture
def key(firm: Party) -> OwnKey:
    return own_key(firm)


@contextmanager
def failing_at(store: Store, number: int) -> Iterator[list[str]]:
    """Let the `number`-th change of the database (or, past the last one, the commit) fail; tells if it came."""
    seen: list[str] = []

    def before(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.split()[0] in {"INSERT", "UPDATE", "DELETE"}:
            seen.append(statement)
            if len(seen) == number:
                raise OSError("power cut")

    def commit(conn: Any) -> None:
        if len(seen) == number - 1:
            seen.append("COMMIT")
            raise OSError("power cut")

    sa.event.listen(store.writer, "before_cursor_execute", before)
    sa.event.listen(store.writer, "commit", commit)
    try:
        yield seen
    finally:
        sa.event.remove(store.writer, "before_cursor_execute", before)
        sa.event.remove(store.writer, "commit", commit)


def test_failure_at_any_write_leaves_every_table_as_it_was(firm: Party, key: OwnKey) -> None:
    about = product(firm)
    published(firm, product_subject(firm, about), key)
    open_year(firm, 2025)
    token = token_of(firm, key, full_subject(firm, about))
    before = contents(firm.ctx.store)
    number = 0
    while True:
        number += 1
        with failing_at(firm.ctx.store, number) as seen:
            try:
                publish.publish_token(firm.ctx, token)
            except OSError:
                assert contents(firm.ctx.store) == before
            else:
                break
    assert seen[-1] != "COMMIT"
    tables = {statement.split()[2] for statement in seen if statement.startswith("INSERT")}
    assert {"dataset", "disclosure", "figure", "log_pending", "audit", "job"} == tables
    assert number > len(seen) > 7
    assert len(rows(firm.ctx.store, DatasetRow)) == 2


def test_publishers_of_one_subject_at_once_lose_no_dataset_and_leave_one_in_force(
    firm: Party, key: OwnKey
) -> None:
    about = product(firm)
    tokens = [token_of(firm, key, product_subject(firm, about)) for _ in range(6)]
    stores = [firm.ctx.store, Store(firm.ctx.settings.database)]
    start = threading.Barrier(6)

    def compete(number: int) -> publish.Published:
        start.wait()
        return publish.publish_token(replace(firm.ctx, store=stores[number % 2]), tokens[number])

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(compete, range(6)))
    stores[1].close()
    assert sorted(outcome.version for outcome in outcomes) == [1, 2, 3, 4, 5, 6]
    stored = rows(firm.ctx.store, DatasetRow)
    assert sorted(row.digest for row in stored) == sorted(outcome.digest for outcome in outcomes)
    assert [row.version for row in stored if row.status == "active"] == [6]
    chain = {row.supersedes_id for row in stored}
    assert len(chain) == 6  # each names another one, the first none


def test_same_bytes_published_at_once_are_stored_once(firm: Party, key: OwnKey) -> None:
    token = token_of(firm, key, product_subject(firm, product(firm)))
    start = threading.Barrier(4)

    def compete(_: int) -> publish.Published:
        start.wait()
        return publish.publish_token(firm.ctx, token)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(compete, range(4)))) == 1
    assert len(rows(firm.ctx.store, DatasetRow)) == 1


def test_publishers_of_different_organisations_do_not_break_each_others_roll_up(ctx: Context) -> None:
    """All of them mark one period stale."""
    firms = [party(ctx) for _ in range(4)]
    open_year(firms[0], 2025)
    tokens = [token_of(firm, own_key(firm), product_subject(firm, product(firm))) for firm in firms]
    start = threading.Barrier(4)

    def compete(number: int) -> publish.Published:
        start.wait()
        return publish.publish_token(firms[number].ctx, tokens[number])

    with ThreadPoolExecutor(4) as pool:
        assert [outcome.version for outcome in pool.map(compete, range(4))] == [1, 1, 1, 1]
    jobs = rows(firms[0].ctx.store, JobRow)
    shared = sorted((job.kind, job.state) for job in jobs if job.kind in {"rollup", "sequence_log"})
    assert shared == [("rollup", "queued"), ("sequence_log", "queued")]
