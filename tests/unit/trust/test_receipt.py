"""What a receipt establishes by the verifier's trust root, and each reason for which one is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from exchange.trust import Outcome, Token, sign
from exchange.trust.errors import BundleError, LogError
from exchange.trust.judgement import Judgement, judge_file
from exchange.trust.keys import public_jwk
from exchange.trust.log.entry import LogEntry
from exchange.trust.log.key_events import fold_key_events, key_binding, read_key_event
from exchange.trust.log.merkle import path_of
from exchange.trust.log.note import sign_note, signed_note
from exchange.trust.log.tlog_proof import TlogProof
from exchange.trust.organisation_credential import Assurance
from exchange.trust.receipt.verdict import STEPS, ReceiptVerdict
from exchange.trust.receipt.verify import GivenDocument, looks_like_receipt, verify_receipt
from tests.unit.trust.bundles import COSIGNED, NOW, ORIGIN, RECEIVED, WITNESSES, Case, Log, key_of, trust_root
from tests.unit.trust.credentials import counting_salt, credential, disclosure, good_token
from tests.unit.trust.releases import Release

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
TOKEN = good_token()
DOCUMENT = GivenDocument(TOKEN.serialise())
DIGEST, OTHER = TOKEN.digest, f"sha256:{'b' * 64}"
FOREIGN = Log("other.example/log/1")


@dataclass(frozen=True)
class Receipt:
    """What a receipt is made of; the defaults make a good one."""

    log: Callable[[], Log] = lambda: Log(ORIGIN)
    digest: str = DIGEST
    received: datetime = RECEIVED
    cosigned: datetime = COSIGNED
    witnesses: Sequence[str] = tuple(WITNESSES)[:2]
    proof: Callable[[TlogProof], TlogProof] = lambda proof: proof

    def build(self) -> bytes:
        log = self.log()
        log.add("publish", self.digest, self.received)
        log.add("publish", OTHER, self.received)
        entry, index = log.wanted[0]
        note = log.note(self.witnesses, self.cosigned)
        made = TlogProof(index, path_of(index, log.leaves), note, entry.body())
        return self.proof(made).serialise().encode()


def judge(given: Receipt | bytes, **changes: Any) -> ReceiptVerdict:
    """The verdict at NOW with the usual trust root."""
    data = given.build() if isinstance(given, Receipt) else given
    return verify_receipt(data, **{"trust": trust_root(), "now": NOW, "document": DOCUMENT, **changes})


def reason(given: Receipt | bytes, **changes: Any) -> tuple[str, str]:
    verdict = judge(given, **changes)
    assert not verdict.ok
    return verdict.failures[0].name, verdict.failures[0].code


def test_a_good_receipt_establishes_every_step() -> None:
    verdict = judge(Receipt())
    assert [(step.name, step.code) for step in verdict.steps] == [(name, "ok") for name in STEPS]
    assert verdict.ok
    assert (verdict.log_origin, verdict.log_index, verdict.logged_at) == (ORIGIN, 5, RECEIVED)
    assert verdict.entry == LogEntry("publish", DIGEST, RECEIVED)
    assert [one.name for one in verdict.witnesses] == list(WITNESSES)[:2]


def test_whose_digest_it_is_is_demanded_only_where_a_document_is_given() -> None:
    verdict = judge(Receipt(), document=None)
    assert verdict.ok
    assert (verdict.step("document").outcome, verdict.step("document").code) == (
        Outcome.NOT_CHECKED,
        "document.none",
    )


def test_without_a_trust_root_it_is_consistent_and_no_more() -> None:
    verdict = judge(Receipt(), trust=None)
    assert verdict.consistent and not verdict.ok
    codes = {step.name: step.code for step in verdict.steps if step.outcome is not Outcome.ESTABLISHED}
    assert codes == {
        "trust": "trust.none",
        "checkpoint": "checkpoint.no_key",
        "witnesses": "witnesses.no_trust_root",
    }


def test_any_key_the_log_ever_had_may_have_signed() -> None:
    root = trust_root()
    (newest,) = [log for log in root.logs if log.origin == ORIGIN]
    older = Log(ORIGIN).trusted()
    stranger = replace(older.log_keys[0], public=key_of("a later key").public_key().public_bytes_raw())
    both = replace(newest, log_keys=(stranger, *newest.log_keys))
    assert judge(Receipt(), trust=replace(root, logs=(both,))).ok


def _by(name: str, key: str) -> Callable[[TlogProof], TlogProof]:
    """The proof under the same checkpoint, signed by another key alone."""

    def change(proof: TlogProof) -> TlogProof:
        text = proof.checkpoint_note.rpartition("\n\n")[0] + "\n"
        return replace(proof, checkpoint_note=signed_note(text, [sign_note(text, name, key_of(key))]))

    return change


WRONG: dict[str, tuple[Receipt, tuple[str, str]]] = {
    "no entry": (Receipt(proof=lambda p: replace(p, extra=b"")), ("receipt", "receipt.entry")),
    "entry that is none": (Receipt(proof=lambda p: replace(p, extra=b"{}")), ("receipt", "entry.form")),
    "log the trust root does not know": (Receipt(log=lambda: FOREIGN), ("trust", "trust.origin")),
    "checkpoint a stranger signed": (
        Receipt(proof=_by("someone.example", "stranger")), ("checkpoint", "checkpoint.unsigned"),
    ),
    "checkpoint under the log's name by a stranger": (
        Receipt(proof=_by(ORIGIN, "stranger")), ("checkpoint", "checkpoint.unsigned"),
    ),
    "checkpoint of another text": (
        Receipt(proof=lambda p: replace(p, checkpoint_note=p.checkpoint_note.replace("\n7\n", "\n8\n"))),
        ("checkpoint", "note.signature"),
    ),
    "one witness of two": (Receipt(witnesses=tuple(WITNESSES)[:1]), ("witnesses", "witnesses.quorum")),
    "witness of the future": (Receipt(cosigned=NOW + HOUR), ("witnesses", "witnesses.future")),
    "another entry's body": (
        Receipt(proof=lambda p: replace(p, extra=LogEntry("publish", OTHER, RECEIVED).body())),
        ("log", "proof.root"),
    ),
    "another number": (Receipt(proof=lambda p: replace(p, index=0)), ("log", "proof.root")),
    "received in the future": (Receipt(received=NOW + HOUR), ("log", "log.future")),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_receipt_with_one_thing_wrong_is_refused_with_its_own_code(name: str) -> None:
    given, expected = WRONG[name]
    assert reason(given) == expected


def test_a_receipt_of_another_document_is_refused() -> None:
    assert reason(Receipt(digest=OTHER)) == ("document", "document.other")


def _of(document: bytes, digest: str) -> Judgement:
    """The judgement of a receipt over `digest`, with `document` given to compare."""
    return judge_file(Receipt(digest=digest).build(), trust=trust_root(), now=NOW, document=document)


def _forged(token: Token) -> str:
    """The logged JWT beside a disclosure of somebody's own making."""
    first = next(iter(token.disclosures))
    return Token(token.jwt, {**token.disclosures, first: disclosure(first, {"amount": "1"})}).serialise()


def _another_signature(token: Token) -> str:
    signed, _, signature = token.jwt.rpartition(".")
    changed = f"{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    return Token(f"{signed}.{changed}", token.disclosures).serialise()


def test_a_document_whose_figures_are_forged_is_refused_in_every_form() -> None:
    forged = _forged(TOKEN)
    found = _of(forged.encode(), DIGEST)
    assert not found.verdict.ok and found.answer == "NOT established: do not rely on it."
    assert [(step.name, step.code) for step in found.verdict.failures] == [
        ("document", "disclosure.unreferenced")
    ]
    bundle, release = Case().build(), Release().build()
    for whole in (bundle, release):
        token = Token.parse(whole.token)
        altered = replace(whole, token=_forged(token))
        assert _of(whole.serialise(), token.digest).verdict.ok
        assert (
            _of(altered.serialise(), token.digest).verdict.step("document").code == "disclosure.unreferenced"
        )


def test_a_document_that_its_own_key_did_not_sign_is_refused() -> None:
    forged = _another_signature(TOKEN)
    digest = Token.parse(forged).digest
    assert reason(Receipt(digest=digest), document=GivenDocument(forged)) == ("document", "signature.invalid")
    assert reason(Receipt(), document=GivenDocument("a.b.c~"))[0] == "document"


def test_a_key_that_does_not_spell_itself_comes_from_the_document_s_bundle_and_from_nowhere_else() -> None:
    did, key = "did:web:metal.example", key_of("kept at its own domain")
    kid, public = f"{did}#key-1", key.public_key()
    (record,) = fold_key_events(
        [read_key_event(key_binding(kid=kid, public_jwk=public_jwk(public), custody=False, at=RECEIVED))]
    )
    token = sign(credential(issuer=did), groups=["indicators"], key=key, kid=kid, salt=counting_salt())
    case = Case().build()
    bundle = replace(case, token=token.serialise(), key=replace(case.key, record=record.value()))
    assert _of(bundle.serialise(), token.digest).verdict.ok
    assert _of(token.serialise().encode(), token.digest).verdict.step("document").code == "kid.unknown"
    unfit = replace(bundle, key=case.key)
    assert _of(unfit.serialise(), token.digest).verdict.step("document").code == "kid.unknown"


def test_the_answer_says_what_a_receipt_leaves_open() -> None:
    whole = _of(TOKEN.serialise().encode(), DIGEST).answer
    assert whole.startswith(
        "All that was asked for is established. Looked at: the document's signature and its"
    )
    assert whole.endswith("NOT looked at: revocation, identity of the issuer.")
    alone = judge_file(Receipt().build(), trust=trust_root(), now=NOW).answer
    assert "Looked at: the log alone. NOT looked at: revocation" in alone


def test_the_newest_it_shows_may_be_no_older_than_demanded() -> None:
    age = NOW - COSIGNED
    assert judge(Receipt(), max_age=age).ok
    assert reason(Receipt(), max_age=age - SECOND) == ("log", "status.old")
    # Without a witness the newest is what the log received.
    quiet = {"trust": trust_root(quorum=0), "max_age": NOW - RECEIVED}
    assert judge(Receipt(witnesses=()), **quiet).ok
    assert reason(Receipt(witnesses=()), **{**quiet, "max_age": NOW - RECEIVED - SECOND}) == (
        "log",
        "status.old",
    )


def test_what_is_no_text_or_of_another_version_is_refused() -> None:
    data = Receipt().build()
    assert reason(data + b"\xff") == ("receipt", "tlog_proof.form")
    newer = data.replace(b"@v1", b"@v2")
    assert looks_like_receipt(newer) and reason(newer) == ("receipt", "tlog_proof.version")


def test_every_changed_byte_is_refused_or_costs_no_more_than_a_witness() -> None:
    data = Receipt(witnesses=tuple(WITNESSES)).build()
    survivors = 0
    for position, here in enumerate(data):
        verdict = judge(data[:position] + bytes([here ^ 1]) + data[position + 1 :])
        if verdict.ok:
            survivors += 1
            assert len(verdict.witnesses) == 2, position
            assert (verdict.entry, verdict.log_index) == (LogEntry("publish", DIGEST, RECEIVED), 5)
    assert 0 < survivors < 250


def test_the_document_may_be_a_token_a_bundle_or_a_release_bundle() -> None:
    bundle, release = Case().build(), Release().build()
    for document, token in (
        (f" {TOKEN.serialise()}\n".encode(), TOKEN.serialise()),
        (bundle.serialise(), bundle.token),
        (release.serialise(), release.token),
        (release.token.encode(), release.token),
    ):
        assert _of(document, Token.parse(token).digest).verdict.ok
        assert _of(document, OTHER).verdict.step("document").code == "document.other"


def test_the_form_of_a_file_is_told_by_its_content() -> None:
    def verdict(data: bytes, **more: Any) -> str:
        return type(judge_file(data, trust=trust_root(), now=NOW, **more).verdict).__name__

    token = TOKEN.serialise().encode()
    assert verdict(Receipt().build()) == "ReceiptVerdict"
    assert verdict(Case().build().serialise()) == "BundleVerdict"
    assert verdict(Release().build().serialise()) == "ReleaseVerdict"
    assert verdict(token) == "Verdict"
    with pytest.raises(BundleError) as refused:
        judge_file(token, trust=trust_root(), now=NOW, document=token)
    assert refused.value.code == "verify.document"
    for file in (Receipt().build(), Release().build().serialise(), token):
        with pytest.raises(BundleError) as refused:
            verdict(file, assurance=Assurance.SELF_DECLARED)
        assert refused.value.code == "verify.assurance"
    assert verdict(Case().build().serialise(), assurance=Assurance.OWN_DOMAIN) == "BundleVerdict"
    with pytest.raises((BundleError, LogError)):
        judge_file(Receipt().build(), trust=trust_root(), now=NOW, document=b"{}")
