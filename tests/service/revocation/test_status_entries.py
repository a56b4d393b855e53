"""Status entries: random, one organisation's, named by one credential, and refused in every other way."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.actors import Actor, Role
from exchange.domain.errors import (
    ConflictError,
    ExchangeError,
    InvalidError,
    NotPermittedError,
    RateLimitedError,
)
from exchange.services import publish
from exchange.services.context import Context
from exchange.services.revocation import status_entries
from exchange.services.revocation.status_entries import POSITIONS, reserve, reserve_for
from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.revocation import StatusEntryRow, StatusListAddressRow
from tests.datasets import contents, keep_key, product_subject, published, rows
from tests.factories import Party, party
from tests.service.revocation.conftest import Publisher


def test_reserved_entry_is_the_object_the_standard_describes(firm: Publisher) -> None:
    status = reserve(firm.ctx)
    (row,) = rows(firm.ctx.store, StatusEntryRow)
    assert status == {
        "id": f"http://127.0.0.1:8000/status/1#{row.position}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(row.position),
        "statusListCredential": "http://127.0.0.1:8000/status/1",
    }
    assert 0 <= row.position < POSITIONS == 131072
    assert (row.organisation_id, row.credential_digest, row.revoked_at) == (firm.party.id, None, None)


def test_first_entry_of_a_list_asks_for_its_first_issue_once(firm: Publisher) -> None:
    for _ in range(3):
        reserve(firm.ctx)
    jobs = [job for job in rows(firm.ctx.store, JobRow) if job.kind == status_entries.JOB_KIND]
    assert [(job.payload, job.dedupe_key, job.queue) for job in jobs] == [
        ({"list_number": "1"}, "status-list:1", "log")
    ]


def test_positions_differ_and_tell_no_order(firm: Publisher) -> None:
    taken = [int(str(reserve(firm.ctx)["statusListIndex"])) for _ in range(40)]
    assert len(set(taken)) == 40
    assert taken != sorted(taken)
    assert max(taken) - min(taken) > POSITIONS // 4


class Repeating:
    """Gives the same bytes a few times, then others: as if chance hit taken positions."""

    def __init__(self, *positions: int) -> None:
        self._positions = list(positions)

    def take(self, count: int) -> bytes:
        """The next position; ids and salts get what is left of it."""
        position = self._positions.pop(0) if count == 4 else 7
        return position.to_bytes(count, "big")


def test_taken_position_is_never_handed_out_again(firm: Publisher) -> None:
    chance = Repeating(5, 5, 5, 9)
    ctx = replace(firm.ctx, entropy=chance)
    with ctx.store.write() as session:
        positions = [reserve_for(ctx, session, firm.party.id)["statusListIndex"] for _ in range(2)]
    assert positions == ["5", "9"]


def test_next_list_begins_when_one_is_half_full(firm: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_entries, "MOST_PER_LIST", 3)
    lists = [reserve(firm.ctx)["statusListCredential"] for _ in range(7)]
    base = "http://127.0.0.1:8000/status/"
    assert lists == [base + "1"] * 3 + [base + "2"] * 3 + [base + "3"]
    asked = [job.payload for job in rows(firm.ctx.store, JobRow) if job.kind == status_entries.JOB_KIND]
    assert asked == [{"list_number": number} for number in "123"]


def test_list_keeps_its_address_when_the_exchange_moves(firm: Publisher) -> None:
    old = reserve(firm.ctx)
    moved = replace(
        firm.ctx,
        settings=firm.ctx.settings.model_copy(update={"public_url": "https://exchange.example/"}),
    )
    assert reserve(moved)["statusListCredential"] == "https://exchange.example/status/2"
    assert [row.url for row in rows(firm.ctx.store, StatusListAddressRow)] == [
        "http://127.0.0.1:8000/status/1",
        "https://exchange.example/status/2",
    ]
    publish.publish_token(moved, firm.token(old))


def test_only_a_signer_reserves(firm: Publisher) -> None:
    editor = firm.ctx.acting_as(Actor(firm.party.id, frozenset({Role.EDITOR})))
    with pytest.raises(NotPermittedError):
        reserve(editor)


def test_who_leaves_entries_unused_gets_the_oldest_of_them_again(
    ctx: Context, firm: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_entries, "MOST_UNUSED", 2)
    publish.publish_token(firm.ctx, firm.token(reserve(firm.ctx)))
    first, second = reserve(firm.ctx), reserve(firm.ctx)
    assert [reserve(firm.ctx) for _ in range(3)] == [first, second, first]
    assert len(rows(firm.ctx.store, StatusEntryRow)) == 3
    publish.publish_token(firm.ctx, firm.token(second, year=2024))
    assert refused(firm, second).error_code == "status.used"
    assert reserve(firm.ctx) not in (first, second)
    assert reserve(party(ctx).ctx) not in (first, second)


def test_reservations_are_counted_with_publications(firm: Publisher) -> None:
    limited = replace(firm.ctx, settings=firm.ctx.settings.model_copy(update={"rate_import": "2/minute"}))
    reserve(limited)
    reserve(limited)
    with pytest.raises(RateLimitedError):
        reserve(limited)


def test_many_reserve_at_once_and_no_two_get_the_same(firm: Publisher) -> None:
    start = threading.Barrier(6)

    def compete(_: int) -> object:
        start.wait()
        return reserve(firm.ctx)["id"]

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(compete, range(6)))) == 6
    assert len(rows(firm.ctx.store, StatusListAddressRow)) == 1


# The publish gate


def refused(firm: Publisher, status: object) -> ExchangeError:
    """Publishing a token that names this status stores nothing."""
    token = firm.token(status)
    before = contents(firm.ctx.store)
    with pytest.raises(ExchangeError) as refusal:
        publish.publish_token(firm.ctx, token)
    assert contents(firm.ctx.store) == before
    return refusal.value


def test_published_dataset_has_its_entry(firm: Publisher) -> None:
    found = firm.publish()
    (row,) = rows(firm.ctx.store, StatusEntryRow)
    assert row.credential_digest == found.digest


def test_same_bytes_again_answer_the_same(firm: Publisher) -> None:
    token = firm.token(reserve(firm.ctx))
    first = publish.publish_token(firm.ctx, token)
    before = contents(firm.ctx.store)
    assert publish.publish_token(firm.ctx, token) == first
    assert contents(firm.ctx.store) == before


def test_token_without_a_status_stays_accepted(firm: Publisher) -> None:
    assert publish.publish_token(firm.ctx, firm.token()).version == 1
    assert rows(firm.ctx.store, StatusEntryRow) == []


def test_entry_of_another_organisation_looks_like_one_that_is_not_there(
    ctx: Context, firm: Publisher
) -> None:
    theirs = reserve(party(ctx).ctx)
    free = {**theirs, "id": f"{theirs['statusListCredential']}#3", "statusListIndex": "3"}
    foreign, unknown = refused(firm, theirs), refused(firm, free)
    assert isinstance(foreign, InvalidError)
    assert (foreign.error_code, foreign.path) == ("status.foreign", "/credentialStatus")
    assert (foreign.detail, foreign.advice) == (unknown.detail, unknown.advice)


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/status/1", "http://127.0.0.1:8000/status/01", "http://127.0.0.1:8000"]
)
def test_list_of_another_place_is_refused(firm: Publisher, url: str) -> None:
    status = reserve(firm.ctx)
    other = {**status, "statusListCredential": url, "id": f"{url}#{status['statusListIndex']}"}
    assert refused(firm, other).error_code == "status.foreign"


@pytest.mark.parametrize("position", [POSITIONS, 4_294_967_296])
def test_position_beyond_the_list_is_refused(firm: Publisher, position: int) -> None:
    status = reserve(firm.ctx)
    url = status["statusListCredential"]
    beyond = {**status, "id": f"{url}#{position}", "statusListIndex": str(position)}
    assert refused(firm, beyond).error_code == "status.foreign"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "StatusList2021Entry"}, "status.form"),
        ({"extra": 1}, "status.form"),
        ({"id": "http://127.0.0.1:8000/status/1#1"}, "status.form"),
        ({"statusListCredential": "javascript:1"}, "status.form"),
        ({"statusPurpose": "suspension"}, "status.purpose"),
        ({"statusListIndex": "-1"}, "status.index"),
        ({"statusListIndex": "1e3"}, "status.index"),
        ({"statusListIndex": "９"}, "status.index"),
    ],
)
def test_malformed_status_is_refused(firm: Publisher, change: dict[str, Any], code: str) -> None:
    assert refused(firm, {**reserve(firm.ctx), **change}).error_code == code


def test_several_statuses_are_refused(firm: Publisher) -> None:
    both = [reserve(firm.ctx), reserve(firm.ctx)]
    assert refused(firm, both).error_code == "status.form"


def test_used_entry_serves_no_second_credential(firm: Publisher) -> None:
    status = reserve(firm.ctx)
    firm.publish(status)
    refusal = refused(firm, status)
    assert isinstance(refusal, ConflictError)
    assert refusal.error_code == "status.used"


def test_of_two_tokens_that_race_for_one_entry_one_wins_whole(firm: Publisher) -> None:
    status = reserve(firm.ctx)
    tokens = [firm.token(status, year=year) for year in (2024, 2025)]
    start = threading.Barrier(2)

    def compete(token: str) -> str:
        start.wait()
        try:
            return publish.publish_token(firm.ctx, token).digest
        except ConflictError as error:
            return error.error_code

    with ThreadPoolExecutor(2) as pool:
        outcomes = set(pool.map(compete, tokens))
    assert "status.used" in outcomes
    (dataset,) = rows(firm.ctx.store, DatasetRow)
    (entry,) = rows(firm.ctx.store, StatusEntryRow)
    assert outcomes == {"status.used", dataset.digest}
    assert entry.credential_digest == dataset.digest


def test_custody_publication_gets_an_entry_of_its_own(
    firm: Publisher, worker: Exchange, ctx: Context
) -> None:
    other: Party = party(ctx)
    keep_key(firm.party, worker)
    subject = product_subject(firm.party, firm.product)
    waiting = publish.submit_for_custody(firm.ctx, publish.DatasetKind.PRODUCT, subject)
    publish.sign_publication(worker.context(), waiting.id)
    (row,) = rows(firm.ctx.store, DatasetRow)
    (entry,) = rows(firm.ctx.store, StatusEntryRow)
    assert (entry.organisation_id, entry.credential_digest) == (firm.party.id, row.digest)
    assert other.id != entry.organisation_id


def test_stray_datasets_name_no_entry(firm: Publisher) -> None:
    published(firm.party, product_subject(firm.party, firm.product), firm.key)
    assert rows(firm.ctx.store, StatusEntryRow) == []
