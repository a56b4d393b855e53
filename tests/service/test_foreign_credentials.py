"""Documents signed by others: kept byte by byte, judged by the worker, seen by their own organisation alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from exchange.adapters.clock import SteppingClock
from exchange.adapters.fetcher import FetchFailedError, FetchRefusedError
from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.domain.errors import (
    ExchangeError,
    InvalidError,
    NotFoundError,
    NotPermittedError,
    RateLimitedError,
    UnavailableError,
)
from exchange.services import foreign_credentials as service
from exchange.services import jobs
from exchange.services.context import Context
from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.foreign import ForeignCredentialRow
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.requests import AuditRow
from exchange.trust.keys import public_jwk
from tests.factories import Party, acting, party
from tests.unit.trust.foreign.documents import (
    ED25519,
    OTHER,
    Key,
    credential,
    did,
    enveloped,
    prove,
    signed,
    token,
    written,
)
from workers.run_job import run_job

OWNER = "did:web:passports.example:works"
NAME = f"{OWNER}#key-0"
ADDRESS = "https://passports.example/works/did.json"


def did_document(key: Key = ED25519, **more: Any) -> bytes:
    method = {
        "id": NAME,
        "type": "JsonWebKey",
        "controller": OWNER,
        "publicKeyJwk": public_jwk(key.public_key()),
    }
    document = {"id": OWNER, "verificationMethod": [method], "assertionMethod": [NAME]}
    return json.dumps({**document, **more}, indent=1).encode()


@dataclass
class Web:
    """What stands on the internet, and what was asked of it."""

    pages: dict[str, bytes | ExchangeError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, *, media_types: frozenset[str], max_bytes: int) -> bytes:
        self.asked.append(url)
        found = self.pages.get(url) or FetchRefusedError("Status 404.", code="fetch.status")
        if isinstance(found, ExchangeError):
            raise found
        return found


@pytest.fixture
def web() -> Web:
    return Web({ADDRESS: did_document()})


@pytest.fixture
def firm(ctx: Context) -> Party:
    return party(ctx)


@pytest.fixture
def outside(worker: Exchange, web: Web) -> Exchange:
    """The worker with this internet."""
    return replace(worker, fetcher=web)


def passport() -> bytes:
    return written(enveloped(token({**credential(OWNER), "iat": "2026-01-01"}, name=NAME)))


def judged(firm: Party, outside: Exchange, content: bytes) -> service.ForeignCredential:
    taken = service.submit_foreign_credential(firm.ctx, content)
    run_job(outside, taken.job_id)
    return service.get_foreign_credential(firm.ctx, taken.id)


def failures(found: service.ForeignCredential) -> list[tuple[str, str]]:
    return [(step.name, step.code) for step in found.steps if step.outcome == "failed"]


def row(ctx: Context) -> ForeignCredentialRow:
    with ctx.store.read() as session:
        return session.exec(select(ForeignCredentialRow)).one()


def test_a_document_waits_then_is_verified_and_its_bytes_come_back(
    firm: Party, outside: Exchange, web: Web
) -> None:
    content = written(signed())
    taken = service.submit_foreign_credential(firm.ctx, content)
    assert (taken.state, taken.steps, taken.verified_at) == ("waiting", (), None)
    assert (taken.form, taken.issuer) == ("eddsa-jcs-2022", did(ED25519))
    assert run_job(outside, taken.job_id) == "done"
    found = service.get_foreign_credential(firm.ctx, taken.id)
    assert (found.state, failures(found)) == ("verified", [])
    assert found.verified_at is not None
    kept = service.foreign_content(firm.ctx, taken.id)
    assert (kept.content, kept.filename) == (content, f"{taken.id}.json")
    assert web.asked == []  # a did:key needs no look at the internet


def test_a_passport_of_did_web_is_judged_by_the_document_that_is_kept(
    firm: Party, outside: Exchange, web: Web
) -> None:
    found = judged(firm, outside, passport())
    assert (found.state, found.form, found.issuer) == ("verified", "vc+jwt", OWNER)
    assert web.asked == [ADDRESS]
    assert row(firm.ctx).key_document == did_document()


def test_the_document_of_the_keys_is_fetched_once_for_all_proofs(
    firm: Party, outside: Exchange, web: Web
) -> None:
    plain = credential(OWNER)
    proofs = [prove(plain, verificationMethod=NAME) for _ in range(3)]
    assert judged(firm, outside, written({**plain, "proof": proofs})).state == "verified"
    assert web.asked == [ADDRESS]


def test_nothing_but_the_claimed_issuers_own_address_is_fetched(
    firm: Party, outside: Exchange, web: Web
) -> None:
    plain = credential(did(ED25519))
    elsewhere = "did:web:internal.example#key-0"
    found = judged(firm, outside, written({**plain, "proof": prove(plain, verificationMethod=elsewhere)}))
    assert (found.state, failures(found)[0]) == ("refused", ("key", "kid.foreign"))
    assert web.asked == []


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (FetchRefusedError("It leads on.", code="fetch.redirect"), "fetch.redirect"),
        (did_document(assertionMethod=[]), "did_web.not_for_assertion"),
        (did_document(id="did:web:other.example"), "did_web.id"),
        (did_document(OTHER), "signature.invalid"),
        (b"<html>", "json.syntax"),
    ],
)
def test_what_the_issuers_document_does_not_say_is_not_believed(
    firm: Party, outside: Exchange, web: Web, page: bytes | ExchangeError, code: str
) -> None:
    web.pages[ADDRESS] = page
    found = judged(firm, outside, passport())
    assert (found.state, failures(found)[0][1]) == ("refused", code)
    assert len(web.asked) == 1


def test_an_issuer_that_does_not_answer_is_asked_again_until_the_job_is_given_up(
    firm: Party, outside: Exchange, web: Web, clock: SteppingClock
) -> None:
    web.pages[ADDRESS] = FetchFailedError("No answer.", code="fetch.timeout")
    taken = service.submit_foreign_credential(firm.ctx, passport())
    states = []
    for _ in range(jobs.MAX_ATTEMPTS):
        states.append(run_job(outside, taken.job_id))
        clock.move(timedelta(seconds=jobs.LONGEST_PAUSE_SECONDS))
    assert states == ["queued"] * (jobs.MAX_ATTEMPTS - 1) + ["dead"]
    found = service.get_foreign_credential(firm.ctx, taken.id)
    assert (found.state, failures(found)) == ("refused", [("key", "fetch.timeout")])


def test_the_same_bytes_are_the_same_document(firm: Party, outside: Exchange) -> None:
    content = written(signed())
    first = service.submit_foreign_credential(firm.ctx, content)
    assert service.submit_foreign_credential(firm.ctx, content) == first
    run_job(outside, first.job_id)
    again = service.submit_foreign_credential(firm.ctx, content)
    assert (again.id, again.state, again.job_id) == (first.id, "verified", first.job_id)
    assert len(service.list_foreign_credentials(firm.ctx).items) == 1
    other = service.submit_foreign_credential(party(firm.ctx.acting_as(None)).ctx, content)
    assert other.id != first.id


def test_the_same_bytes_at_the_same_instant_are_one_document(
    firm: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = written(signed())
    first = service.submit_foreign_credential(firm.ctx, content)
    find = service.query.find_by_digest

    def too_early(*arguments: Any) -> None:  # as before the other transaction committed
        monkeypatch.setattr(service.query, "find_by_digest", find)

    monkeypatch.setattr(service.query, "find_by_digest", too_early)
    assert service.submit_foreign_credential(firm.ctx, content) == first
    assert row(firm.ctx).id == first.id


def test_a_refused_document_is_judged_anew_when_it_is_handed_in_again(
    firm: Party, outside: Exchange, web: Web
) -> None:
    web.pages[ADDRESS] = did_document(assertionMethod=[])
    first = judged(firm, outside, passport())
    web.pages[ADDRESS] = did_document()
    again = service.submit_foreign_credential(firm.ctx, passport())
    assert (again.id, again.state, again.steps) == (first.id, "waiting", ())
    assert again.job_id != first.job_id
    run_job(outside, again.job_id)
    assert service.get_foreign_credential(firm.ctx, first.id).state == "verified"


def test_a_changed_document_is_refused_with_its_step(firm: Party, outside: Exchange) -> None:
    document = signed()
    document["credentialSubject"]["carbon"] = 0.01
    found = judged(firm, outside, written(document))
    assert (found.state, failures(found)) == (
        "refused",
        [("signature", "signature.invalid"), ("proof", "integrity.set")],
    )


def test_judging_twice_changes_nothing(firm: Party, outside: Exchange) -> None:
    found = judged(firm, outside, written(signed()))
    service.verify_foreign_credential(outside.context(), found.id)
    assert service.get_foreign_credential(firm.ctx, found.id) == found


def test_a_process_without_a_way_out_judges_no_did_web(firm: Party, ctx: Context) -> None:
    taken = service.submit_foreign_credential(firm.ctx, passport())
    with pytest.raises(UnavailableError) as refusal:
        service.verify_foreign_credential(ctx, taken.id)
    assert refusal.value.error_code == "fetch.closed"
    assert service.get_foreign_credential(firm.ctx, taken.id).state == "waiting"
    with pytest.raises(NotFoundError):
        service.verify_foreign_credential(ctx, "01986e2f-1f00-7000-8000-000000000000")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "foreign.form"),
        (b"%PDF-1.7", "foreign.form"),
        (written(credential()), "foreign.unsecured"),
        (written(signed(cryptosuite="eddsa-rdfc-2022")), "integrity.cryptosuite"),
        (b"{" + b" " * 4 * 1024 * 1024, "foreign.size"),
        (written({"type": "EnvelopedVerifiablePresentation", "id": "data:,"}), "enveloped.presentation"),
    ],
)
def test_what_is_no_signed_document_is_not_taken_in(firm: Party, content: bytes, code: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        service.submit_foreign_credential(firm.ctx, content)
    assert refusal.value.error_code == code
    assert service.list_foreign_credentials(firm.ctx).items == ()


def test_editors_hand_in_and_viewers_read(firm: Party) -> None:
    viewer, editor = acting(firm, Role.VIEWER), acting(firm, Role.EDITOR)
    with pytest.raises(NotPermittedError):
        service.submit_foreign_credential(viewer, written(signed()))
    taken = service.submit_foreign_credential(editor, written(signed()))
    assert service.get_foreign_credential(viewer, taken.id) == taken
    assert service.foreign_content(viewer, taken.id).content == written(signed())


def test_another_organisation_finds_nothing(firm: Party) -> None:
    taken = service.submit_foreign_credential(firm.ctx, written(signed()))
    stranger = party(firm.ctx.acting_as(None)).ctx
    for read in (service.get_foreign_credential, service.foreign_content):
        with pytest.raises(NotFoundError):
            read(stranger, taken.id)
    assert service.list_foreign_credentials(stranger).items == ()


def test_the_list_is_newest_first_and_paged(firm: Party) -> None:
    ids = [
        service.submit_foreign_credential(firm.ctx, written(signed(credential(name=str(number))))).id
        for number in range(3)
    ]
    first = service.list_foreign_credentials(firm.ctx, limit=2)
    assert [one.id for one in first.items] == [ids[2], ids[1]]
    rest = service.list_foreign_credentials(firm.ctx, first.next_cursor)
    assert ([one.id for one in rest.items], rest.next_cursor) == ([ids[0]], None)


def test_it_stays_evidence(firm: Party, outside: Exchange) -> None:
    judged(firm, outside, written(signed()))
    with firm.ctx.store.read() as session:
        assert session.exec(select(DatasetRow)).all() == []
        assert {job.kind for job in session.exec(select(JobRow)).all()} == {service.JOB_KIND}
        actions = [one.action for one in session.exec(select(AuditRow)).all()]
    assert actions.count("foreign_credential.submit") == 1


def test_documents_are_taken_in_at_a_pace_of_their_own(firm: Party) -> None:
    limits = firm.ctx.settings.model_copy(update={"rate_foreign": "2/minute"})
    tight = replace(firm.ctx, settings=limits)
    for _ in range(2):
        service.submit_foreign_credential(tight, passport())
    with pytest.raises(RateLimitedError):
        service.submit_foreign_credential(tight, passport())
