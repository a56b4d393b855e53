"""Verification of a document with Data Integrity proofs: every proof has its own verdict, all must hold."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from exchange.trust import strict_json
from exchange.trust.errors import ForeignError
from exchange.trust.foreign.claims import check_validity, read_foreign_claims
from exchange.trust.foreign.data_integrity.hashing import SecuredDocument
from exchange.trust.foreign.data_integrity.options import CRYPTOSUITES, ProofOptions, proofs_of, read_options
from exchange.trust.foreign.verdict import (
    LEEWAY,
    MethodResolver,
    Section,
    StepFailedError,
    VerificationMethod,
    check_issuer,
    find_method,
)
from exchange.trust.raw_signature import is_signed_by
from exchange.trust.strict_json import JsonObject
from exchange.trust.verdict import Outcome, Step

PROOF_STEPS = ("header", "key", "signature", "issuer", "time")
_DOCUMENT_STEPS = ("structure", "payload", "time")
MAX_DOCUMENT_BYTES = 1024 * 1024


def verify_document(content: bytes, *, resolve: MethodResolver, now: datetime) -> tuple[Step, ...]:
    """Check the credential `content` and each of its proofs; never raises for a bad document.

    `resolve` knows verification methods other than did:key, `now` (aware) decides validity. The steps: structure,
    payload and time of the document, then PROOF_STEPS once per proof (their path tells which), then `proof`.
    """
    whole = Section(_DOCUMENT_STEPS)
    try:
        document = whole.establish(
            "structure", lambda: read_document(content), "The document is strict JSON."
        )
        proofs = proofs_of(document)
        claims = whole.establish(
            "payload", lambda: read_foreign_claims(document), "It is a credential of data model 2.0."
        )
    except StepFailedError:
        return whole.close()
    with suppress(StepFailedError):
        whole.establish("time", lambda: check_validity(claims, now), "The instant lies within its validity.")
    secured = SecuredDocument(document)
    judged = [
        verify_proof(secured, (path, proof), claims.issuer, resolve=resolve, now=now)
        for path, proof in proofs
    ]
    held = sum(all(step.outcome is Outcome.ESTABLISHED for step in steps) for steps in judged)
    return (*whole.close(), *(step for steps in judged for step in steps), _summary(held, len(judged)))


def read_document(content: bytes) -> JsonObject:
    """The JSON object `content` with its proofs. Raises JsonError, ForeignError `foreign.form`, `integrity.proof`."""
    document = strict_json.loads(content, max_bytes=MAX_DOCUMENT_BYTES)
    if not isinstance(document, dict):
        raise ForeignError("foreign.form", "The document is not a JSON object.")
    proofs_of(document)
    return document


def verify_proof(
    document: SecuredDocument,
    located: tuple[str, JsonObject],
    issuer: str,
    *,
    resolve: MethodResolver,
    now: datetime,
) -> tuple[Step, ...]:
    """The PROOF_STEPS of one proof, given with its path, of a document whose claimed issuer is `issuer`."""
    path, proof = located
    section = Section(PROOF_STEPS, path)
    with suppress(StepFailedError):
        options = section.establish("header", lambda: read_options(proof), "The proof's members are known.")
        method = section.establish("key", lambda: _method(options, resolve), f"The key is {options.method}.")
        section.establish(
            "signature",
            lambda: _check_signature(document, proof, options, method),
            f"The named key signed the document ({options.cryptosuite}).",
        )
        section.establish("issuer", lambda: check_issuer(method, issuer), "The key is the issuer's.")
        section.establish("time", lambda: _check_time(options, now), "The proof counts at this instant.")
    return section.close()


def _method(options: ProofOptions, resolve: MethodResolver) -> VerificationMethod:
    method = find_method(options.method, resolve)
    if not isinstance(method.public_key, CRYPTOSUITES[options.cryptosuite]):
        detail = f"The key is of another kind than {options.cryptosuite} signs with."
        raise ForeignError("integrity.key_type", detail, path="/verificationMethod")
    return method


def _check_signature(
    document: SecuredDocument, proof: JsonObject, options: ProofOptions, method: VerificationMethod
) -> None:
    if not is_signed_by(method.public_key, options.signature, document.hash_data(proof)):
        raise ForeignError("signature.invalid", "The signature is not the named key's over this document.")


def _check_time(options: ProofOptions, now: datetime) -> None:
    if options.created is not None and now + LEEWAY < options.created:
        raise ForeignError("time.created", "The proof says it was made in the future.", path="/created")
    if options.expires is not None and now - LEEWAY >= options.expires:
        raise ForeignError("time.proof_expired", "The proof has expired.", path="/expires")


def _summary(held: int, count: int) -> Step:
    if held == count:
        return Step("proof", Outcome.ESTABLISHED, "ok", f"Proofs that hold: all {count}.", "/proof")
    detail = f"Of {count} proofs {count - held} do not hold."
    return Step("proof", Outcome.FAILED, "integrity.set", detail, "/proof")
