"""Keys over the API: bound through did:web, ended, and what the registrar says of their identifiers."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.services.key_rotation import end_key
from exchange.services.keys import list_keys
from exchange.services.organisations import declare_domain
from exchange.trust.keys import PrivateKey, new_private_key
from tests import datasets, factories
from tests.api.conftest import Caller
from tests.api.test_sessions import signed_in
from tests.service.identities.did_documents import DID, DOMAIN, KID, URL, Web, proof_of
from tests.service.identities.registrar import work


@pytest.fixture
def key() -> PrivateKey:
    """A key the supplier holds."""
    return new_private_key()


def bind(supplier: Caller, key: PrivateKey, kid: str = KID) -> tuple[int, dict[str, object]]:
    """Ask for the key; status and body."""
    answer = supplier.post(
        "/keys/did-web", json={"kid": kid, "proof": proof_of(supplier.party, key, kid=kid)}
    )
    return answer.status_code, dict(answer.json or {})


def test_a_did_web_key_is_bound_used_like_any_other_and_named_by_the_registrar(
    supplier: Caller, key: PrivateKey, worker: Exchange
) -> None:
    declared = supplier._send("PUT", "/organisation/domain", {"json": {"domain": DOMAIN}})
    assert declared.json is not None and declared.json["domain"] == DOMAIN
    status, binding = bind(supplier, key)
    assert (status, binding["state"], binding["kid"], binding["url"]) == (202, "waiting", KID, URL)
    web = Web()
    web.serve(key_1=key)
    work(web.worker(worker))
    found = supplier.get(f"/keys/did-web/{binding['id']}").json
    assert found is not None and (found["state"], found["problems"]) == ("bound", [])
    assert supplier.get("/keys/did-web").json == {"items": [found]}
    listed = supplier.get("/keys").json
    assert listed is not None and [one["kid"] for one in listed["items"]] == [KID]
    said = supplier.get("/organisation/credentials").json
    assert said is not None and [(one["did"], one["revoked_at"]) for one in said["items"]] == [(DID, None)]
    path, password = f"/api/v1/keys/{KID.replace('#', '%23')}", {"password": factories.PASSWORD}
    machine = supplier.post(path.removeprefix("/api/v1") + "/retirement", json=password)
    assert (machine.status_code, (machine.json or {})["code"]) == (403, "person.only")
    signed_in(supplier.party.ctx, supplier.client, supplier.party)
    wrong = supplier.client.post(f"{path}/retirement", json={"password": "another password"})
    assert (wrong.status_code, (wrong.json or {})["path"]) == (422, "/password")
    retired = supplier.client.post(f"{path}/retirement", json=password)
    assert retired.status_code == 200 and retired.json is not None and retired.json["retired_at"]
    since = {"since": "2026-03-01T10:00:00+01:00"}
    assert (supplier.client.post(f"{path}/compromise", json=since).json or {})["code"] == "field.missing"
    compromised = supplier.client.post(f"{path}/compromise", json=since | password)
    assert compromised.json is not None
    assert compromised.json["compromised_since"] == "2026-03-01T09:00:00Z"


@pytest.mark.parametrize(
    ("kid", "code"),
    [
        ("did:web:other.example#key-1", "did_web.foreign_domain"),
        ("did:web:169.254.169.254#key-1", "did_web.host"),
        ("did:key:zX#zX", "did_web.method"),
        (DID, "kid.malformed"),
    ],
)
def test_a_key_elsewhere_is_refused_at_its_field(
    supplier: Caller, key: PrivateKey, kid: str, code: str
) -> None:
    declare_domain(supplier.party.ctx, DOMAIN)
    status, problem = bind(supplier, key, kid)
    assert (status, problem["code"]) == (422, code)


def test_why_nothing_was_bound_is_told(supplier: Caller, key: PrivateKey, worker: Exchange) -> None:
    declare_domain(supplier.party.ctx, DOMAIN)
    _, binding = bind(supplier, key)
    web = Web()
    web.serve(key_2=key)
    work(web.worker(worker))
    found = supplier.get(f"/keys/did-web/{binding['id']}").json
    assert found is not None
    assert (found["state"], [one["code"] for one in found["problems"]]) == (
        "refused",
        ["did_web.key_missing"],
    )


def test_binding_takes_a_signer_and_a_domain_an_administrator(supplier: Caller, key: PrivateKey) -> None:
    declare_domain(supplier.party.ctx, DOMAIN)
    editor = Caller(supplier.party, supplier.client, factories.bearer(supplier.party, Role.EDITOR))
    assert bind(editor, key)[0] == 403
    signer = Caller(supplier.party, supplier.client, factories.bearer(supplier.party, Role.SIGNER))
    assert signer._send("PUT", "/organisation/domain", {"json": {"domain": "a.example"}}).status_code == 403
    assert signer.post("/keys/custody", json={"password": factories.PASSWORD}).status_code == 403


def test_a_new_custody_key_is_asked_for_only_after_the_last_has_ended(
    supplier: Caller, worker: Exchange
) -> None:
    signed_in(supplier.party.ctx, supplier.client, supplier.party)
    password = {"password": factories.PASSWORD}

    def ask() -> TestResponse:
        return supplier.client.post("/api/v1/keys/custody", json=password)

    assert (ask().status_code, (ask().json or {})["code"]) == (409, "custody.open")
    body = {
        "kind": "product",
        "subject": datasets.product_subject(supplier.party, datasets.product(supplier.party)),
    }
    supplier.post("/datasets", json=body)
    work(worker)
    (first,) = (supplier.get("/keys").json or {})["items"]
    end_key(supplier.party.ctx, first["kid"], factories.PASSWORD)
    stopped = supplier.post("/datasets", json=body)
    assert (stopped.status_code, (stopped.json or {})["code"]) == (409, "custody.retired")
    machine = supplier.post("/keys/custody", json=password)
    assert (machine.status_code, (machine.json or {})["code"]) == (403, "person.only")
    asked = ask()
    assert (
        asked.status_code == 202 and supplier.get(f"/jobs/{(asked.json or {})['job_id']}").status_code == 200
    )
    work(worker)
    assert supplier.post("/datasets", json=body).status_code == 202


@pytest.mark.parametrize("act", ["retirement", "compromise"])
def test_a_person_ends_no_other_firms_key_and_learns_nothing_of_it(
    supplier: Caller, customer: Caller, act: str
) -> None:
    theirs = datasets.own_key(supplier.party).kid
    signed_in(customer.party.ctx, customer.client, customer.party)
    body = {"password": factories.PASSWORD}
    body |= {"since": "2026-03-01T10:00:00Z"} if act == "compromise" else {}
    answers = [
        customer.client.post(f"/api/v1/keys/{kid.replace('#', '%23')}/{act}", json=body)
        for kid in (theirs, "did:key:zUnknown#zUnknown")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    said = [{k: v for k, v in (answer.json or {}).items() if k != "request_id"} for answer in answers]
    assert said[0] == said[1]
    assert list_keys(supplier.party.ctx)[0].retired_at is None
