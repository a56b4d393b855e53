"""Revocation over the wire: entries, lists for everybody by number and date, and what readers are told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.domain.groups import FieldGroup
from exchange.domain.revocation import RevocationReason
from exchange.services.revocation.revoking import revoke_dataset
from exchange.services.revocation.status_lists import issue_status_list
from exchange.trust.jws import payload_of
from exchange.trust.status_list import decode_list
from tests import datasets
from tests.api.conftest import Caller, caller
from tests.datasets import OwnKey, granted, own_key, product_subject, token_of
from tests.factories import bearer

SD_JWT = {"Content-Type": "application/vc+sd-jwt"}


def reserve(who: Caller) -> dict[str, str]:
    """A status entry as the API hands it out."""
    answer = who.post("/status-entries")
    assert answer.status_code == 201 and answer.json is not None
    found: dict[str, str] = answer.json["credential_status"]
    return found


def publish(who: Caller, key: OwnKey, about: object, **members: object) -> dict[str, Any]:
    """The answer to a token published."""
    subject = product_subject(who.party, about)  # type: ignore[arg-type]
    token = token_of(who.party, key, subject, **members)
    answer = who.post("/datasets", data=token, headers=SD_JWT)
    return {**(answer.json or {}), "status": answer.status_code}


def test_entry_is_reserved_named_and_revoked(
    supplier: Caller, customer: Caller, client: FlaskClient, worker: Exchange
) -> None:
    status, about, key = reserve(supplier), datasets.product(supplier.party), own_key(supplier.party)
    assert status["statusListCredential"] == "http://127.0.0.1:8000/status/1"
    found = publish(supplier, key, about, credentialStatus=status)
    assert found["status"] == 201
    granted(supplier.party, customer.party, about, FieldGroup.INDICATORS)
    path = f"/datasets/{found['dataset_id']}"
    answer = supplier.post(f"{path}/revocation", json={"reason": "wrong_figures"})
    assert answer.status_code == 201
    for seen in (
        answer.json,
        (supplier.get(path).json or {})["dataset"],
        (customer.get(f"{path}?purpose=CSRD_REPORTING").json or {})["dataset"],
        (customer.get("/granted-datasets").json or {})["items"][0],
    ):
        assert seen is not None
        assert (seen["status"], seen["revocation_reason"]) == ("withdrawn", "wrong_figures")
        assert seen["revoked_at"].startswith("2026-03-02T08:00:0")
    issue_status_list(worker.context(), 1)
    jwt = client.get("/status/1").get_data(as_text=True)
    subject = payload_of(jwt)["credentialSubject"]
    assert isinstance(subject, dict)
    position = int(status["statusListIndex"])
    bits = decode_list(str(subject["encodedList"]))
    assert bits[position // 8] == 0x80 >> position % 8
    assert sum(byte.bit_count() for byte in bits) == 1


def test_second_token_for_one_entry_is_a_conflict(supplier: Caller) -> None:
    status, about, key = reserve(supplier), datasets.product(supplier.party), own_key(supplier.party)
    assert publish(supplier, key, about, credentialStatus=status)["status"] == 201
    again = publish(supplier, key, about, credentialStatus=status)
    assert (again["status"], again["code"]) == (409, "status.used")


def test_entry_of_another_organisation_is_refused(supplier: Caller, customer: Caller) -> None:
    about, key = datasets.product(supplier.party), own_key(supplier.party)
    refused = publish(supplier, key, about, credentialStatus=reserve(customer))
    assert (refused["status"], refused["code"]) == (422, "status.foreign")


def test_revoking_twice_or_without_a_known_reason_is_refused(supplier: Caller) -> None:
    found = publish(supplier, own_key(supplier.party), datasets.product(supplier.party))
    path = f"/datasets/{found['dataset_id']}/revocation"
    for body in ({}, {"reason": "because"}, {"reason": "other", "note": "x"}):
        assert supplier.post(path, json=body).status_code == 422
    assert supplier.post(path, json={"reason": "other"}).status_code == 201
    again = supplier.post(path, json={"reason": "other"})
    assert (again.status_code, (again.json or {})["code"]) == (409, "dataset.revoked")


def test_repeated_revocation_with_its_key_is_answered_from_memory(supplier: Caller) -> None:
    found = publish(supplier, own_key(supplier.party), datasets.product(supplier.party))
    path, key = f"/datasets/{found['dataset_id']}/revocation", {"Idempotency-Key": "once-0000000001"}
    first = supplier.post(path, json={"reason": "other"}, headers=dict(key))
    again = supplier.post(path, json={"reason": "other"}, headers=dict(key))
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_only_signers_reserve_and_revoke(supplier: Caller, client: FlaskClient, role: Role) -> None:
    found = publish(supplier, own_key(supplier.party), datasets.product(supplier.party))
    weak = Caller(supplier.party, client, bearer(supplier.party, role))
    assert weak.post("/status-entries").status_code == 403
    path = f"/datasets/{found['dataset_id']}/revocation"
    assert weak.post(path, json={"reason": "other"}).status_code == 403
    assert (supplier.get(f"/datasets/{found['dataset_id']}").json or {})["dataset"]["status"] == "active"


# The lists, for everybody


@pytest.fixture
def lists(ctx: object, supplier: Caller, worker: Exchange, clock: SteppingClock) -> list[datetime]:
    """Three instants: before the first issue, after it, and after the second, days apart."""
    instants = [worker.context().now()]
    about, key = datasets.product(supplier.party), own_key(supplier.party)
    found = publish(supplier, key, about, credentialStatus=reserve(supplier))
    clock.move(timedelta(days=1))
    issue_status_list(worker.context(), 1)
    clock.move(timedelta(days=1))
    instants.append(worker.context().now())
    revoke_dataset(supplier.party.ctx, found["dataset_id"], RevocationReason.OTHER)
    issue_status_list(worker.context(), 1)
    clock.move(timedelta(days=1))
    return [*instants, worker.context().now()]


def wire(instant: datetime) -> str:
    """As the query writes it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_newest_list_is_for_anybody_and_kept_for_a_minute(client: FlaskClient, lists: list[datetime]) -> None:
    answer = client.get("/status/1")
    assert (answer.status_code, answer.content_type) == (200, "application/vc+jwt")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers
    again = client.get("/status/1", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_old_lists_by_date(client: FlaskClient, lists: list[datetime]) -> None:
    before, between, after = map(wire, lists)
    newest = client.get("/status/1").data
    assert client.get(f"/status/1?at={before}").status_code == 404
    old, new = client.get(f"/status/1?at={between}"), client.get(f"/status/1?at={after}")
    assert old.data != newest == new.data
    assert old.headers["Cache-Control"] == "public, max-age=86400"
    assert new.headers["Cache-Control"] == "public, max-age=60"
    assert old.headers["ETag"] != new.headers["ETag"]


@pytest.mark.parametrize("number", ["0", "2", "01", "-1", "1e1", "99999999999999999999", "x", "%00"])
def test_list_that_is_not_there_is_a_problem_and_no_failure(
    client: FlaskClient, lists: list[datetime], number: str
) -> None:
    answer = client.get(f"/status/{number}")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("at=", "status.instant"),
        ("at=yesterday", "status.instant"),
        ("at=2026-02-30T00:00:00Z", "status.instant"),
        ("at=2026-03-02T08:00:00", "status.instant"),
        ("at=9999-12-31T23:59:59Z", "status.future"),
        ("at=2026-03-02T08:00:00Z&at=2026-03-02T08:00:00Z", "query.malformed"),
        ("at=2026-03-02T08:00:00Z&position=7", "query.malformed"),
        ("now=1", "query.malformed"),
    ],
)
def test_question_that_is_not_one_is_refused(
    client: FlaskClient, lists: list[datetime], query: str, code: str
) -> None:
    answer = client.get(f"/status/1?{query}")
    assert (answer.status_code, (answer.json or {})["code"]) == (422, code)


def test_instant_long_ago_is_before_the_first(client: FlaskClient, lists: list[datetime]) -> None:
    assert client.get("/status/1?at=0001-01-01T00:00:00Z").status_code == 404


def test_stranger_cannot_tell_whose_dataset_it_is(ctx: object, supplier: Caller, client: FlaskClient) -> None:
    found = publish(supplier, own_key(supplier.party), datasets.product(supplier.party))
    stranger = caller(supplier.party.ctx.acting_as(None), client)
    foreign = stranger.post(f"/datasets/{found['dataset_id']}/revocation", json={"reason": "other"})
    unknown = stranger.post(
        "/datasets/01986e2f-1f00-7000-8000-000000000000/revocation", json={"reason": "other"}
    )
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert (foreign.json or {})["detail"] == (unknown.json or {})["detail"]
