"""Batches: order and doubles inside one, how many statements it takes, what a failure leaves, who may send it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from exchange.domain.actors import Role
from exchange.domain.errors import ExchangeError, InvalidError, NotPermittedError, RateLimitedError
from exchange.services import dataset_entry, publish_batch
from exchange.services.dataset_entry import Published
from exchange.services.rate_limits import _limiter
from exchange.services.revocation.status_entries import reserve
from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.log import LogPendingRow
from exchange.store.tables.rollup import NetworkRow
from tests.accounts import statements
from tests.datasets import (
    OwnKey,
    contents,
    full_subject,
    open_year,
    own_key,
    product,
    product_subject,
    rows,
    token_of,
)
from tests.factories import Party, acting
from tests.service.test_publish_atomic import failing_at

YEARS = (2023, 2024, 2025)


def batch(firm: Party, *tokens: str | bytes) -> list[publish_batch.Outcome]:
    """What becomes of the tokens published together."""
    given = [token.encode() if isinstance(token, str) else token for token in tokens]
    return list(publish_batch.publish_batch(firm.ctx, given))


def codes(outcomes: list[publish_batch.Outcome]) -> list[str]:
    """The code of each refusal, "" for what was taken."""
    return [one.error_code if isinstance(one, ExchangeError) else "" for one in outcomes]


@pytest.fixture
def key(firm: Party) -> OwnKey:
    return own_key(firm)


# Order and doubles


def test_versions_of_one_subject_in_a_batch_supersede_in_order(firm: Party, key: OwnKey) -> None:
    about = product(firm)
    outcomes = batch(firm, *(token_of(firm, key, product_subject(firm, about)) for _ in range(3)))
    assert [one.version for one in outcomes if isinstance(one, Published)] == [1, 2, 3]
    stored_rows = sorted(rows(firm.ctx.store, DatasetRow), key=lambda row: row.version)
    assert [row.status for row in stored_rows] == ["superseded", "superseded", "active"]
    assert [row.supersedes_id for row in stored_rows] == [None, stored_rows[0].id, stored_rows[1].id]
    events = [
        row.event for row in rows(firm.ctx.store, LogPendingRow) if row.event in {"publish", "supersede"}
    ]
    assert events == ["publish", "supersede", "supersede"]


def test_same_bytes_twice_are_stored_once_and_said_to_exist(firm: Party, key: OwnKey) -> None:
    token = token_of(firm, key, product_subject(firm, product(firm)))
    first, second = batch(firm, token, token)
    assert isinstance(first, Published)
    assert isinstance(second, Published)
    assert (first, first.is_new, second.is_new) == (second, True, False)
    assert len(rows(firm.ctx.store, DatasetRow)) == 1


def test_second_token_under_one_credential_id_says_that_the_dataset_exists(firm: Party, key: OwnKey) -> None:
    name = {"id": f"urn:uuid:{uuid.uuid4()}"}
    tokens = [token_of(firm, key, product_subject(firm, product(firm)), **name) for _ in range(2)]
    assert codes(batch(firm, *tokens)) == ["", "dataset.exists"]


def test_bad_token_spoils_none_of_the_others(firm: Party, key: OwnKey) -> None:
    good = [token_of(firm, key, product_subject(firm, product(firm))) for _ in range(2)]
    unread = InvalidError("No token.", code="batch.line")
    outcomes = list(
        publish_batch.publish_batch(firm.ctx, [good[0].encode(), b"\xff", unread, good[1].encode()])
    )
    assert codes(outcomes) == ["", "token.characters", "batch.line", ""]
    assert len(rows(firm.ctx.store, DatasetRow)) == 2


def test_nothing_is_asked_of_an_empty_batch(firm: Party) -> None:
    before = contents(firm.ctx.store)
    assert batch(firm) == []
    assert batch(firm, b"") != []
    assert contents(firm.ctx.store) == before


# Cost


def test_number_of_statements_does_not_grow_with_the_batch(firm: Party, key: OwnKey) -> None:
    about = [product(firm) for _ in range(4)]
    open_year(firm, 2025)

    def cost(size: int) -> int:
        members = [{"credentialStatus": reserve(firm.ctx)} for _ in range(size)]
        subjects = [product_subject(firm, about[number % 4]) for number in range(size)]
        tokens = [
            token_of(firm, key, *given[:1], **given[1]) for given in zip(subjects, members, strict=True)
        ]
        with statements(firm.ctx.store.writer) as written, statements(firm.ctx.store.reader) as read:
            assert codes(batch(firm, *tokens)) == [""] * size
        return len(written) + len(read)

    cost(1)  # asks for the jobs
    few = cost(5)
    assert few <= 25
    assert cost(500) - few <= 2


def test_batch_asks_for_one_roll_up_and_one_entry_of_the_log(firm: Party, key: OwnKey) -> None:
    for year in YEARS:
        open_year(firm, year)
    batch(firm, *(token_of(firm, key, product_subject(firm, product(firm), year=2024)) for _ in range(4)))
    kinds = [row.kind for row in rows(firm.ctx.store, JobRow) if row.state == "queued"]
    assert (kinds.count("rollup"), kinds.count("sequence_log")) == (1, 1)
    stale = {row.period_start.year for row in rows(firm.ctx.store, NetworkRow) if row.stale_since}
    assert stale == {2024}


# All or nothing


def test_failure_at_any_write_leaves_every_table_as_it_was(firm: Party, key: OwnKey) -> None:
    about = product(firm)
    assert codes(batch(firm, token_of(firm, key, product_subject(firm, about)))) == [""]
    open_year(firm, 2025)
    tokens = [token_of(firm, key, full_subject(firm, about)) for _ in range(2)]
    before, number = contents(firm.ctx.store), 0
    while True:
        number += 1
        with failing_at(firm.ctx.store, number) as seen:
            try:
                batch(firm, *tokens)
            except OSError:
                assert contents(firm.ctx.store) == before
            else:
                break
    tables = {statement.split()[2].strip('"') for statement in seen if statement.startswith("INSERT")}
    assert {"dataset", "disclosure", "figure", "log_pending", "audit", "job"} == tables
    assert len(rows(firm.ctx.store, DatasetRow)) == 3


def test_failure_in_a_later_chunk_leaves_whole_chunks_and_the_batch_can_be_sent_again(
    firm: Party, key: OwnKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish_batch, "MOST_AT_ONCE", 2)
    tokens = [token_of(firm, key, product_subject(firm, product(firm))) for _ in range(5)]
    enter: Callable[..., Any] = dataset_entry.enter_datasets
    calls = count(1)

    def die_at_second(*given: Any) -> Any:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return enter(*given)

    monkeypatch.setattr(publish_batch, "enter_datasets", die_at_second)
    with pytest.raises(KeyboardInterrupt):
        batch(firm, *tokens)
    assert len(rows(firm.ctx.store, DatasetRow)) == 2
    again = batch(firm, *tokens)
    assert [one.is_new for one in again if isinstance(one, Published)] == [False, False, True, True, True]


def test_chunk_has_no_more_bytes_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish_batch, "MOST_BYTES_AT_ONCE", 10)
    six, four, one, thirty = (b"x" * size for size in (6, 4, 1, 30))
    chunks = list(publish_batch._chunks([six, four, one, thirty, one]))
    assert chunks == [[six, four], [one], [thirty], [one]]


# Who may, and how often


def test_batch_takes_the_role_that_publishing_takes(firm: Party) -> None:
    with pytest.raises(NotPermittedError):
        publish_batch.publish_batch(acting(firm, Role.EDITOR), [])


def test_batch_counts_as_one_publication(firm: Party, key: OwnKey) -> None:
    _limiter.cache_clear()
    limited = replace(firm.ctx, settings=firm.ctx.settings.model_copy(update={"rate_import": "1/hour"}))
    tokens = [token_of(firm, key, product_subject(firm, product(firm))).encode() for _ in range(3)]
    assert len(list(publish_batch.publish_batch(limited, tokens))) == 3
    with pytest.raises(RateLimitedError):
        publish_batch.publish_batch(limited, tokens)
