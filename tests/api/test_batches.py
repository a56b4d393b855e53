"""Batches over the wire: a line for each token, an answer for each, within the limits of an upload."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from exchange.api.v1 import dataset_batches
from exchange.domain.actors import Role
from exchange.services.context import Context
from exchange.store.tables.datasets import DatasetRow
from tests.api.conftest import Caller, caller
from tests.datasets import OwnKey, contents, own_key, product, product_subject, rows, token_of

PATH = "/dataset-batches"


@pytest.fixture
def key(supplier: Caller) -> OwnKey:
    return own_key(supplier.party)


def token(of: Caller, key: OwnKey, **groups: Any) -> str:
    """A token about a new product."""
    return token_of(of.party, key, product_subject(of.party, product(of.party), **groups))


def ndjson(*values: object) -> bytes:
    """A line for each value."""
    return b"\n".join(json.dumps(value).encode() for value in values)


def post(of: Caller, data: bytes, content_type: str = "application/x-ndjson", **more: Any) -> TestResponse:
    """The batch as a machine would send it."""
    return of.post(PATH, data=data, headers={"Content-Type": content_type, **more})


def test_each_line_gets_its_answer_in_order(supplier: Caller, key: OwnKey) -> None:
    first, last = token(supplier, key), token(supplier, key)
    shares = {"measured": "0.5", "allocated": "0", "secondary": "0", "unknown": "0"}
    faulty = token(supplier, key, quality={"co2e": shares})
    lines = ndjson(first, faulty, first, 7, last).replace(b"\n7\n", b"\n7\n{\n") + b"\n"
    answer = post(supplier, lines)
    assert answer.status_code == 200
    assert answer.json is not None
    items = answer.json["items"]
    assert [item["state"] for item in items] == [
        "published", "refused", "exists", "refused", "refused", "published",
    ]  # fmt: skip
    refused = [item["problem"]["code"] for item in items if item["problem"]]
    assert refused == ["quality.sum", "batch.line", "json.syntax"]
    assert items[1]["problems"][0]["path"] == "/quality/co2e"
    assert (answer.json["published"], answer.json["refused"]) == (2, 3)
    assert items[0]["dataset"] == items[2]["dataset"]
    stored = {row.id: row.digest for row in rows(supplier.party.ctx.store, DatasetRow)}
    told = {item["dataset"]["dataset_id"]: item["dataset"]["digest"] for item in items if item["dataset"]}
    assert told == stored


def test_refusal_in_a_batch_is_that_of_the_token_alone(
    supplier: Caller, key: OwnKey, customer: Caller
) -> None:
    foreign = token(customer, key)
    alone = supplier.post("/datasets", data=foreign, headers={"Content-Type": "application/vc+sd-jwt"}).json
    (item,) = (post(supplier, ndjson(foreign)).json or {})["items"]
    assert alone is not None
    assert item["problem"] == {name: alone.get(name, "") for name in ("code", "detail", "path", "advice")}


def test_empty_batch_is_answered_with_nothing(supplier: Caller) -> None:
    assert post(supplier, b"").json == {"published": 0, "refused": 0, "items": []}


def test_batch_repeated_under_its_key_gets_the_first_answer(supplier: Caller, key: OwnKey) -> None:
    lines, once = ndjson(token(supplier, key)), {"Idempotency-Key": "batch-1"}
    first, second = post(supplier, lines, **once), post(supplier, lines, **once)
    assert first.json == second.json
    assert second.headers["Idempotent-Replayed"] == "true"


def test_batch_of_too_many_lines_is_refused_whole(
    supplier: Caller, key: OwnKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset_batches, "MOST_TOKENS", 2)
    lines = ndjson(*(token(supplier, key) for _ in range(3)))
    before = contents(supplier.party.ctx.store)
    for body in (lines, lines + b"\n"):
        answer = post(supplier, body)
        assert (answer.status_code, (answer.json or {})["code"]) == (422, "batch.too_many")
    assert contents(supplier.party.ctx.store) == before
    assert post(supplier, ndjson(1, 2) + b"\n").status_code == 200


def test_body_beyond_the_limit_of_uploads_is_refused(supplier: Caller, ctx: Context) -> None:
    most = ctx.settings.max_import_bytes
    assert post(supplier, b" " * (ctx.settings.max_body_bytes + 1)).status_code == 200
    answer = post(supplier, b" " * (most + 1))
    assert (answer.status_code, (answer.json or {})["code"]) == (413, "body.too_large")


def test_batch_takes_a_signer_and_lines(supplier: Caller, ctx: Context, client: Any) -> None:
    assert post(caller(ctx, client, Role.EDITOR), b"").status_code == 403
    assert post(supplier, b"[]", "application/json").status_code == 415
