"""Two tenants: whatever one asks of the other's looks exactly like nothing there, and is recorded."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import col, select
from werkzeug.test import TestResponse

from exchange import api
from exchange.api.operation import Operation
from exchange.domain.actors import Role
from exchange.domain.groups import DatasetKind
from exchange.domain.periods import year
from exchange.services import api_clients, jobs, publish
from exchange.services.chains import NewChain, Target, create_chain
from exchange.services.context import Context
from exchange.services.imports import submit_import
from exchange.services.invitations import invite
from exchange.store.tables.requests import AccessRecordRow
from tests import datasets, factories
from tests.api.conftest import Caller
from tests.service.rollup_story import Maker, delivery_subject

UNKNOWN = "01986e2f-1f00-7000-8000-000000000000"
# The directory and the schemas are for all.
PUBLIC = {"organisations_get", "products_list_of", "schemas_get"}
BY_ID: list[Operation] = [
    operation
    for resource in api.RESOURCES
    for operation in resource.operations
    if operation.path_types
    and operation.name not in PUBLIC
    and not {"organisation_id", "session_id"} & set(operation.path_types)  # the latter: see test_sessions
]


def things_of(ctx: Context, owner: Caller, other: Caller) -> dict[str, str]:
    """An id of everything the owner can have, by the name its path gives it."""
    party = owner.party
    about = datasets.product(party)
    key = datasets.own_key(party)
    dataset = datasets.published(party, datasets.product_subject(party, about), key)
    publication = publish.submit_for_custody(
        party.ctx, DatasetKind.PRODUCT, datasets.product_subject(party, about, year=2024)
    )
    grant = datasets.granted(party, other.party, about)
    asked = datasets.product(other.party)
    request = datasets.sent(party, other.party, datasets.request_line(asked))
    table = b"sku;customer;quantity;unit;from;to\n"
    chain = create_chain(party.ctx, NewChain("Chain", (Target(about.id, year(2025), Decimal(10)),)))
    return {
        "product_id": about.id,
        "dataset_id": dataset.dataset_id,
        "publication_id": publication.id,
        "job_id": publication.job_id,
        "grant_id": grant.id,
        "request_id": request.id,
        "line_id": request.lines[0].id,
        "user_id": str(party.actor.user_id),
        "client_id": api_clients.create_api_client(party.ctx, "ERP", {Role.VIEWER}).client_id,
        "kid": key.kid,
        "invitation_id": invite(party.ctx, "new@people.example", {Role.VIEWER}).invitation.id,
        "import_id": submit_import(party.ctx, "deliveries", "d.csv", table).id,
        "chain_id": chain.id,
        "supplier_id": supplier_of(owner, key, other),
    }


def supplier_of(owner: Caller, key: datasets.OwnKey, other: Caller) -> str:
    """The other organisation once it has published a delivery to the owner."""
    sender = Maker(other.party, datasets.own_key(other.party))
    about = datasets.product(other.party)
    subject = delivery_subject(sender, Maker(owner.party, key), about, "1", year(2025))
    sender.publish(DatasetKind.DELIVERY, subject)
    return other.party.id


BODIES: dict[str, dict[str, Any]] = {
    "users_set_roles": {"roles": ["viewer"]},
    "keys_compromise": {"since": "2026-01-01T00:00:00Z"},
    "requests_answer": {
        "answers": {"indicators/co2e": "not_available"},
        "valid_until": "2027-01-01T00:00:00Z",
    },
    "requests_decline": {"reason": "cost"},
    "grants_revoke": {"reason": ""},
    "chains_add_targets": {
        "targets": [
            {"product_id": UNKNOWN, "period": {"start": "2025-01-01", "end": "2026-01-01"}, "amount": "1"}
        ]
    },
}


@pytest.mark.parametrize("operation", BY_ID, ids=lambda operation: operation.name)
def test_a_foreign_id_is_answered_like_an_unknown_one_and_recorded(
    ctx: Context, supplier: Caller, customer: Caller, operation: Operation
) -> None:
    third = Caller(stranger := factories.party(ctx), supplier.client, factories.bearer(stranger))
    foreign = things_of(ctx, supplier, customer)
    (name,) = operation.path_types
    unknown = "did:key:zUnknown#zUnknown" if name == "kid" else UNKNOWN
    body = BODIES.get(operation.name)
    before = _records(ctx, third)
    to_foreign = _call(third, operation, name, foreign[name], body)
    to_unknown = _call(third, operation, name, unknown, body)
    assert (to_foreign.status_code, to_unknown.status_code) == (404, 404)
    assert _without_request_id(to_foreign) == _without_request_id(to_unknown)
    made = _records(ctx, third)[len(before) :]
    assert [(row.decision, row.target_id) for row in made] == [
        ("denied", foreign[name][:80]),
        ("denied", unknown[:80]),
    ]


def test_the_owners_own_ids_are_found(ctx: Context, supplier: Caller, customer: Caller) -> None:
    own = things_of(ctx, supplier, customer)
    for operation in BY_ID:
        if operation.method == "GET":
            (name,) = operation.path_types
            assert _call(supplier, operation, name, own[name], None).status_code == 200, operation.name


def test_lists_hold_only_ones_own(ctx: Context, supplier: Caller, customer: Caller) -> None:
    things_of(ctx, supplier, customer)
    stranger = factories.party(ctx)
    third = Caller(stranger, supplier.client, factories.bearer(stranger))
    for path in (
        "/products",
        "/datasets",
        "/granted-datasets",
        "/requests",
        "/requests?box=outbox",
        "/suppliers",
        "/grants",
        "/grants?side=received",
        "/access-records",
        "/access-records?side=actor",
    ):
        page = third.get(path).json
        assert page == {"items": [], "next_cursor": None}, path
    assert third.get("/keys").json == {"items": []}


def test_the_job_of_a_publication_is_its_owners(ctx: Context, supplier: Caller) -> None:
    about = datasets.product(supplier.party)
    body = {"kind": "product", "subject": datasets.product_subject(supplier.party, about)}
    answer = supplier.post("/datasets", json=body)
    assert answer.status_code == 202 and answer.json is not None
    waiting = supplier.client.get(
        answer.headers["Location"], headers={"Authorization": f"Bearer {supplier.token}"}
    )
    assert waiting.json == answer.json
    job = supplier.get(f"/jobs/{answer.json['job_id']}").json
    assert job is not None and (job["kind"], job["state"]) == (publish.JOB_KIND, "queued")
    assert supplier.delete(f"/jobs/{answer.json['job_id']}").status_code == 204
    assert jobs.get_job(supplier.party.ctx, answer.json["job_id"]).state == "cancelled"


def _call(
    who: Caller, operation: Operation, name: str, value: str, body: dict[str, Any] | None
) -> TestResponse:
    path = operation.path.replace(f"{{{name}}}", value.replace("#", "%23"))
    query = "?purpose=CSRD_REPORTING" if operation.query is not None and "dataset" in path else ""
    return who._send(operation.method, path + query, {"json": body} if body is not None else {})


def _without_request_id(answer: TestResponse) -> dict[str, Any]:
    document = dict(answer.json or {})
    document.pop("request_id")
    return document


def _records(ctx: Context, who: Caller) -> list[AccessRecordRow]:
    with ctx.store.read() as session:
        return list(
            session.exec(
                select(AccessRecordRow)
                .where(AccessRecordRow.actor_organisation_id == who.party.id)
                .order_by(col(AccessRecordRow.at), col(AccessRecordRow.id))
            ).all()
        )
