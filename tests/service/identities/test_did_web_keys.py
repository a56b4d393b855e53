"""A did:web key is bound once the organisation's own domain lists it, and then nothing on the web changes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.domain.errors import (
    ConflictError,
    ExchangeError,
    InvalidError,
    NotFoundError,
    NotPermittedError,
    RateLimitedError,
    UnavailableError,
)
from exchange.services import jobs, keys, organisations, publish
from exchange.services.context import Context
from exchange.services.identities import did_web
from exchange.services.key_rotation import end_key
from exchange.store.tables.accounts import SigningKeyRow
from exchange.store.tables.identities import DidDocumentRow
from exchange.store.tables.log import LogPendingRow
from exchange.trust.keys import PrivateKey, new_private_key, public_jwk
from tests.datasets import OwnKey, product, product_subject, rows, signed
from tests.factories import PASSWORD, Party, acting, party
from tests.service.identities.did_documents import DID, DOMAIN, KID, URL, Web, proof_of, request
from tests.service.identities.registrar import identity
from workers.run_job import run_job


@pytest.fixture
def mill(ctx: Context) -> Party:
    """A firm that says this domain is its own."""
    return party(ctx, "Vestmølle A/S", domain=DOMAIN)


@pytest.fixture
def key() -> PrivateKey:
    """A key its web server lists."""
    return new_private_key()


@pytest.fixture
def web(key: PrivateKey) -> Web:
    """Its web server."""
    found = Web()
    found.serve(key_1=key)
    return found


def state(firm: Party, binding: did_web.KeyBinding) -> tuple[str, list[str]]:
    """How a request stands, and the codes of what was wrong."""
    found = did_web.get_binding(firm.ctx, binding.id)
    return found.state, [problem.code for problem in found.problems]


def bind(worker: Exchange, web: Web, firm: Party, key: PrivateKey, kid: str = KID) -> tuple[str, list[str]]:
    """Ask for a key and let the worker look."""
    binding = request(firm, key, kid)
    run_job(web.worker(worker), binding.job_id)
    return state(firm, binding)


def test_the_worker_looks_keeps_the_bytes_and_binds(
    mill: Party, key: PrivateKey, web: Web, worker: Exchange
) -> None:
    binding = request(mill, key)
    assert (binding.state, binding.url, binding.kid) == ("waiting", URL, KID)
    assert keys.list_keys(mill.ctx) == () and web.asked == []
    assert run_job(web.worker(worker), binding.job_id) == "done"
    assert state(mill, binding) == ("bound", [])
    (bound,) = keys.list_keys(mill.ctx)
    assert (bound.kid, bound.did, bound.custody) == (KID, DID, False)
    assert bound.public_jwk == public_jwk(key.public_key())
    (snapshot,) = rows(worker.store, DidDocumentRow)
    assert snapshot.document == web.documents[URL]
    assert snapshot.digest == f"sha256:{sha256(web.documents[URL]).hexdigest()}"
    noted = [(row.event, row.digest) for row in rows(worker.store, LogPendingRow)]
    assert noted[0] == ("did-document", snapshot.digest)
    assert [event for event, _ in noted] == ["did-document", "key-binding"]
    for job in jobs.due(worker.context()):
        run_job(worker, job)
    named = identity(worker, DID)
    assert named is not None and named.organisation == f"urn:uuid:{mill.id}"


def test_a_dataset_signed_with_it_is_published(
    mill: Party, key: PrivateKey, web: Web, worker: Exchange
) -> None:
    bind(worker, web, mill, key)
    token = signed(OwnKey(key, KID, DID), product_subject(mill, product(mill)), at=mill.ctx.now())
    assert publish.publish_token(mill.ctx, token.serialise()).dataset_id


def test_a_document_that_changes_later_unbinds_nothing_and_is_not_looked_at_again(
    mill: Party, key: PrivateKey, web: Web, worker: Exchange
) -> None:
    bind(worker, web, mill, key)
    hijacker = new_private_key()
    web.serve(key_1=hijacker)
    token = signed(OwnKey(key, KID, DID), product_subject(mill, product(mill)), at=mill.ctx.now())
    publish.publish_token(mill.ctx, token.serialise())
    web.documents.clear()
    forged = signed(OwnKey(hijacker, KID, DID), product_subject(mill, product(mill)), at=mill.ctx.now())
    with pytest.raises(InvalidError) as refused:
        publish.publish_token(mill.ctx, forged.serialise())
    assert refused.value.error_code == "signature.invalid"
    with pytest.raises(ConflictError) as pinned:
        request(mill, hijacker)
    assert pinned.value.error_code == "did_web.pinned"
    assert web.asked == [URL]


def test_a_new_key_of_the_same_identifier_takes_a_request_of_its_own(
    mill: Party, key: PrivateKey, web: Web, worker: Exchange
) -> None:
    bind(worker, web, mill, key)
    fresh = new_private_key()
    web.serve(key_2=fresh)  # the document no longer lists the first
    unbound = signed(
        OwnKey(fresh, f"{DID}#key-2", DID), product_subject(mill, product(mill)), at=mill.ctx.now()
    )
    with pytest.raises(InvalidError) as refused:
        publish.publish_token(mill.ctx, unbound.serialise())
    assert refused.value.error_code == "kid.unknown"
    assert bind(worker, web, mill, fresh, f"{DID}#key-2") == ("bound", [])
    assert [one.retired_at for one in keys.list_keys(mill.ctx)] == [None, None]
    assert end_key(mill.ctx, KID, PASSWORD).retired_at is not None
    with pytest.raises(ConflictError) as spent:
        request(mill, key)
    assert spent.value.error_code == "did_web.pinned"


def test_whoever_gets_the_domain_later_gets_no_identity(
    ctx: Context, mill: Party, key: PrivateKey, web: Web, worker: Exchange
) -> None:
    bind(worker, web, mill, key)
    thief = party(ctx, "Vestmølle ApS", domain=DOMAIN)
    stolen = new_private_key()
    web.serve(key_2=stolen)
    with pytest.raises(ConflictError) as refused:
        request(thief, stolen, f"{DID}#key-2")
    assert refused.value.error_code == "key.bound_elsewhere"


def test_two_organisations_that_race_for_a_domain_do_not_share_it(
    ctx: Context, mill: Party, key: PrivateKey, web: Web, worker: Exchange
) -> None:
    thief, stolen = party(ctx, domain=DOMAIN), new_private_key()
    web.serve(key_1=key, key_2=stolen)
    second = request(thief, stolen, f"{DID}#key-2")
    assert bind(worker, web, mill, key) == ("bound", [])
    run_job(web.worker(worker), second.job_id)
    assert state(thief, second) == ("refused", ["key.bound_elsewhere"])
    assert {row.organisation_id for row in rows(worker.store, SigningKeyRow)} == {mill.id}


@pytest.mark.parametrize(
    ("kid", "code"),
    [
        ("did:web:other.example#key-1", "did_web.foreign_domain"),
        (f"did:web:sub.{DOMAIN}#key-1", "did_web.foreign_domain"),
        ("did:web:127.0.0.1#key-1", "did_web.host"),
        (f"did:web:{DOMAIN}:..#key-1", "did_web.path"),
        ("did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp#z", "did_web.method"),
        (DID, "kid.malformed"),
        (f"did:web:{DOMAIN}:{'a' * 380}#key-1", "kid.malformed"),
        (f"{DID}#{'a' * 480}", "kid.malformed"),
        ("", "kid.malformed"),
    ],
)
def test_a_key_elsewhere_than_on_ones_own_domain_is_refused_at_once(
    mill: Party, key: PrivateKey, web: Web, kid: str, code: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        request(mill, key, kid)
    assert (refused.value.error_code, refused.value.path) == (code, "/kid")
    assert did_web.list_bindings(mill.ctx) == () and web.asked == []


def test_an_organisation_without_a_domain_declares_one_first(
    firm: Party, key: PrivateKey, web: Web, worker: Exchange
) -> None:
    with pytest.raises(InvalidError) as refused:
        request(firm, key)
    assert refused.value.error_code == "did_web.no_domain"
    organisations.declare_domain(firm.ctx, DOMAIN)
    assert bind(worker, web, firm, key) == ("bound", [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"kid": f"{DID}#key-2"},
        {"kid": None},
        {"audience": "https://elsewhere.example"},
        {"organisation_id": "someone-else"},
    ],
)
def test_a_proof_for_something_else_is_refused_before_anything_is_fetched(
    mill: Party, key: PrivateKey, wrong: dict[str, str]
) -> None:
    with pytest.raises(InvalidError) as refused:
        did_web.request_binding(mill.ctx, KID, proof_of(mill, key, **wrong))
    assert refused.value.error_code == "key.proof"


def test_a_proof_longer_than_any_is_refused(mill: Party, key: PrivateKey) -> None:
    with pytest.raises(InvalidError) as refused:
        did_web.request_binding(mill.ctx, KID, proof_of(mill, key) + "A" * 4000)
    assert refused.value.error_code == "key.proof"
    assert "at most 4000" in refused.value.detail


def test_a_stale_proof_is_refused(mill: Party, key: PrivateKey) -> None:
    with pytest.raises(InvalidError) as refused:
        request(mill, key, now=mill.ctx.now() - timedelta(seconds=301))
    assert refused.value.error_code == "key.proof"


def test_a_key_one_does_not_hold_is_not_bound(mill: Party, web: Web, worker: Exchange) -> None:
    assert bind(worker, web, mill, new_private_key()) == ("refused", ["key.proof"])
    assert keys.list_keys(mill.ctx) == () and rows(worker.store, DidDocumentRow) == []


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"<html>", "json.syntax"),
        (b"{}", "did_web.id"),
        (b'{"id":"did:web:other.example"}', "did_web.id"),
        (b'{"id":"did:web:vestmoelle.example"}', "did_web.key_missing"),
    ],
)
def test_a_document_that_does_not_list_the_key_refuses_it(
    mill: Party, key: PrivateKey, web: Web, worker: Exchange, document: bytes, code: str
) -> None:
    web.documents[URL] = document
    assert bind(worker, web, mill, key) == ("refused", [code])
    web.serve(key_1=key)
    assert bind(worker, web, mill, key) == ("bound", [])  # mended, and asked for again


def test_an_address_that_leads_inwards_is_refused_and_one_that_is_silent_is_tried_again(
    mill: Party, key: PrivateKey, web: Web, worker: Exchange, clock: SteppingClock
) -> None:
    binding, right = request(mill, key), web.documents.pop(URL)
    assert run_job(web.worker(worker), binding.job_id) == "queued"
    assert state(mill, binding) == ("waiting", [])
    clock.move(timedelta(minutes=1))
    web.documents[URL] = right
    assert run_job(web.worker(worker), binding.job_id) == "done"
    assert state(mill, binding) == ("bound", [])


def test_a_server_that_never_answers_ends_the_request(
    mill: Party, key: PrivateKey, worker: Exchange, clock: SteppingClock
) -> None:
    binding = request(mill, key)
    with pytest.raises(ConflictError) as waiting:
        request(mill, key)
    assert waiting.value.error_code == "did_web.waiting"
    for _ in range(jobs.MAX_ATTEMPTS):
        run_job(Web().worker(worker), binding.job_id)
        clock.move(timedelta(minutes=10))
    assert state(mill, binding) == ("refused", ["fetch.connection"])
    assert request(mill, key).state == "waiting"


def test_a_process_without_a_way_out_fetches_nothing(mill: Party, key: PrivateKey, worker: Exchange) -> None:
    with pytest.raises(UnavailableError) as refused:
        did_web.bind_did_web_key(replace(worker, fetcher=None).context(), request(mill, key).id)
    assert refused.value.error_code == "fetch.closed"


def test_one_organisation_causes_ten_fetches_an_hour(
    mill: Party, web: Web, worker: Exchange, clock: SteppingClock
) -> None:
    for _ in range(did_web.MOST_PER_HOUR):
        assert bind(worker, web, mill, new_private_key())[0] == "refused"
    with pytest.raises(RateLimitedError):
        request(mill, new_private_key())
    clock.move(timedelta(hours=1))
    assert request(mill, new_private_key()).state == "waiting"


def test_a_domain_given_up_while_the_worker_looks_binds_nothing(
    mill: Party, key: PrivateKey, web: Web, worker: Exchange
) -> None:
    web.meanwhile = lambda: organisations.declare_domain(mill.ctx, "else.example")
    assert bind(worker, web, mill, key) == ("refused", ["did_web.foreign_domain"])


def test_a_doubled_job_binds_once(mill: Party, key: PrivateKey, web: Web, worker: Exchange) -> None:
    binding = request(mill, key)
    again = web.worker(worker).context()
    web.meanwhile = lambda: len(web.asked) == 1 and did_web.bind_did_web_key(again, binding.id)
    did_web.bind_did_web_key(again, binding.id)
    did_web.bind_did_web_key(again, binding.id)
    assert web.asked == [URL, URL]
    assert len(rows(worker.store, DidDocumentRow)) == len(rows(worker.store, SigningKeyRow)) == 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("name", ["assertion_key", "bind_key", "note", "_bind"])
def test_a_worker_that_dies_at_any_point_leaves_one_key_in_the_end(
    mill: Party,
    key: PrivateKey,
    web: Web,
    worker: Exchange,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    after: bool,
) -> None:
    real, calls = getattr(did_web, name), []

    def dying(*given: object, **named: object) -> object:
        calls.append(None)
        outcome = real(*given, **named) if after or len(calls) > 1 else None
        if len(calls) == 1:
            raise KeyboardInterrupt
        return outcome

    binding, ctx = request(mill, key), web.worker(worker).context()
    monkeypatch.setattr(did_web, name, dying)
    with pytest.raises(KeyboardInterrupt):
        did_web.bind_did_web_key(ctx, binding.id)
    did_web.bind_did_web_key(ctx, binding.id)
    assert state(mill, binding) == ("bound", [])
    assert len(rows(worker.store, DidDocumentRow)) == len(rows(worker.store, SigningKeyRow)) == 1


def test_each_organisation_sees_its_own_requests_only(ctx: Context, mill: Party, key: PrivateKey) -> None:
    binding, other = request(mill, key), party(ctx)
    assert did_web.list_bindings(mill.ctx) == (binding,) and did_web.list_bindings(other.ctx) == ()
    with pytest.raises(NotFoundError):
        did_web.get_binding(other.ctx, binding.id)


def test_asking_takes_a_signer(mill: Party, key: PrivateKey) -> None:
    with pytest.raises(NotPermittedError):
        request(replace(mill, ctx=acting(mill, Role.EDITOR)), key)


def test_unknown_requests_are_nothing_to_do(worker: Exchange, web: Web) -> None:
    with pytest.raises(ExchangeError):
        did_web.bind_did_web_key(web.worker(worker).context(), "unknown")
    assert web.asked == []
