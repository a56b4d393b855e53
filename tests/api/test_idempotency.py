"""A write repeated under one Idempotency-Key is done once and answered alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from exchange.adapters.clock import SteppingClock
from exchange.domain.errors import ConflictError
from exchange.services import idempotency
from exchange.services.context import Context
from exchange.store.tables.accounts import ApiClientRow
from exchange.store.tables.jobs import IdempotencyRow
from tests.api.conftest import Caller, caller

BODY = {"supplier_product_id": "P1", "name": "Bracket", "unit": "KGM", "category": "steel-part"}


def register(who: Caller, key: str, **changes: Any) -> Any:
    """Register a product under a key."""
    return who.post("/products", json=BODY | changes, headers={"Idempotency-Key": key})


def test_a_repeat_gets_the_first_answer_and_does_nothing(supplier: Caller) -> None:
    first, repeat = register(supplier, "k1"), register(supplier, "k1")
    assert (first.status_code, repeat.status_code) == (201, 201)
    assert repeat.json == first.json
    assert repeat.headers["Location"] == first.headers["Location"]
    assert repeat.headers["Content-Type"] == first.headers["Content-Type"]
    assert "Idempotent-Replayed" not in first.headers
    assert repeat.headers["Idempotent-Replayed"] == "true"
    listed = supplier.get("/products").json
    assert listed is not None and len(listed["items"]) == 1


def test_a_key_used_for_another_body_is_refused(supplier: Caller) -> None:
    register(supplier, "k1")
    other = register(supplier, "k1", supplier_product_id="P2")
    assert (other.status_code, other.json["code"]) == (422, "idempotency.mismatch")


def test_keys_of_two_organisations_do_not_meet(supplier: Caller, customer: Caller) -> None:
    assert register(supplier, "k1").json["id"] != register(customer, "k1").json["id"]


def test_another_client_of_the_organisation_is_another_request(
    ctx: Context, client: FlaskClient, supplier: Caller
) -> None:
    register(supplier, "k1")
    colleague = caller(ctx, client, party=supplier.party)
    assert register(colleague, "k1").json["code"] == "idempotency.mismatch"


def test_a_refused_write_frees_its_key(supplier: Caller) -> None:
    assert register(supplier, "k1", unit="GJ").status_code == 422
    assert register(supplier, "k1").status_code == 201


def test_a_repeat_while_the_first_runs_is_a_conflict(ctx: Context, supplier: Caller) -> None:
    mine = supplier.party.ctx
    assert idempotency.begin(mine, "k1", "digest") is None
    with pytest.raises(ConflictError) as caught:
        idempotency.begin(mine, "k1", "digest")
    assert caught.value.error_code == "idempotency.running"


def test_an_attempt_that_died_with_its_process_is_given_up_after_a_minute(
    supplier: Caller, clock: SteppingClock
) -> None:
    mine = supplier.party.ctx
    idempotency.begin(mine, "k1", "digest")
    clock.move(timedelta(seconds=61))
    assert idempotency.begin(mine, "k1", "digest") is None


def test_answers_are_forgotten_after_a_day(supplier: Caller, clock: SteppingClock) -> None:
    mine = supplier.party.ctx
    idempotency.begin(mine, "old", "digest")
    idempotency.finish(mine, "old", idempotency.StoredAnswer(201, {}, "{}"))
    clock.move(timedelta(hours=25))
    idempotency.begin(mine, "new", "digest")
    with mine.store.read() as session:
        assert [row.key for row in session.exec(select(IdempotencyRow)).all()] == ["new"]


@pytest.mark.parametrize("key", ["", "x" * 101, "with space", "æ"])
def test_a_malformed_key_is_refused(supplier: Caller, key: str) -> None:
    answer = register(supplier, key.encode().decode("latin-1"))
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency.key")


def test_an_answer_with_a_secret_is_never_kept(supplier: Caller) -> None:
    answer = supplier.post(
        "/api-clients", json={"name": "ERP", "roles": ["viewer"]}, headers={"Idempotency-Key": "k1"}
    )
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency.not_here")
    with supplier.party.ctx.store.read() as session:
        assert session.exec(select(IdempotencyRow)).all() == []
        assert len(session.exec(select(ApiClientRow)).all()) == 1  # the supplier's own
