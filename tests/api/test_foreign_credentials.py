"""Documents signed by others over the interface: raw bytes in, the verdict by steps, the same bytes out."""

from __future__ import annotations

from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.services.context import Context
from tests.api.conftest import Caller, caller
from tests.unit.trust.foreign.documents import ED25519, credential, did, signed, token, written
from workers.run_job import run_job

OCTETS = "application/octet-stream"


def send(who: Caller, content: bytes) -> dict[str, object]:
    answer = who.post("/foreign-credentials", data=content, content_type=OCTETS)
    assert answer.status_code == 202, answer.text
    assert answer.json is not None
    assert answer.headers["Location"] == f"/api/v1/foreign-credentials/{answer.json['id']}"
    return dict(answer.json)


def test_a_document_goes_in_is_judged_and_comes_back_byte_by_byte(supplier: Caller, worker: Exchange) -> None:
    content = written(signed())
    taken = send(supplier, content)
    assert (taken["state"], taken["form"], taken["issuer"]) == ("waiting", "eddsa-jcs-2022", did(ED25519))
    run_job(worker, str(taken["job_id"]))
    found = supplier.get(f"/foreign-credentials/{taken['id']}").json
    assert found is not None and found["state"] == "verified"
    assert found["steps"][5] == {
        "name": "signature",
        "outcome": "established",
        "code": "ok",
        "detail": "The named key signed the document (eddsa-jcs-2022).",
        "path": "/proof",
    }
    back = supplier.get(f"/foreign-credentials/{taken['id']}/content")
    assert (back.get_data(), back.content_type) == (content, OCTETS)
    assert back.headers["Content-Disposition"] == f'attachment; filename="{taken["id"]}.json"'
    assert back.headers["X-Content-Type-Options"] == "nosniff"
    listed = supplier.get("/foreign-credentials").json
    assert listed == {"items": [found], "next_cursor": None}
    assert send(supplier, content)["id"] == taken["id"]


def test_a_bare_token_is_taken_as_it_is(supplier: Caller) -> None:
    text = token(credential(did(ED25519)))
    assert send(supplier, text.encode())["form"] == "vc+jwt"


def test_what_is_no_signed_document_is_refused_with_its_code(supplier: Caller) -> None:
    answer = supplier.post("/foreign-credentials", data=b'{"a":1,"a":2}', content_type=OCTETS)
    assert answer.status_code == 422 and answer.json is not None
    assert (answer.json["code"], answer.json["path"]) == ("json.duplicate_key", "/a")
    large = supplier.post("/foreign-credentials", data=b"{" + b" " * 4 * 1024 * 1024, content_type=OCTETS)
    assert large.json is not None and large.json["code"] == "foreign.size"


def test_viewers_read_and_do_not_hand_in(ctx: Context, supplier: Caller) -> None:
    taken = send(supplier, written(signed()))
    viewer = caller(ctx, supplier.client, Role.VIEWER, party=supplier.party)
    assert viewer.get(f"/foreign-credentials/{taken['id']}").status_code == 200
    refused = viewer.post("/foreign-credentials", data=b"{}", content_type=OCTETS)
    assert refused.status_code == 403


def test_another_tenant_finds_neither_the_verdict_nor_the_bytes(supplier: Caller, customer: Caller) -> None:
    taken = send(supplier, written(signed()))
    for path in (f"/foreign-credentials/{taken['id']}", f"/foreign-credentials/{taken['id']}/content"):
        assert customer.get(path).status_code == 404
