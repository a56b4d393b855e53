"""Somebody else's signed document, whatever its form: told apart, then verified by the reader of that form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exchange.trust import strict_json
from exchange.trust.errors import ForeignError
from exchange.trust.foreign.claims import issuer_of, texts_of
from exchange.trust.foreign.data_integrity import CRYPTOSUITES, proofs_of, verify_document
from exchange.trust.foreign.enveloped import (
    ENVELOPED_CREDENTIAL,
    PRESENTATIONS,
    Enveloped,
    claimed_payload,
    open_envelope,
    read_token,
    verify_enveloped,
)
from exchange.trust.foreign.verdict import ForeignVerdict, MethodResolver
from exchange.trust.instant import require_aware
from exchange.trust.strict_json import JsonObject
from exchange.trust.verdict import Outcome, Step

MAX_FOREIGN_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ForeignDocument:
    """What kind of document it is and whose it claims to be; nothing of it is verified.

    `token` is None for a document with Data Integrity proofs of its own.
    """

    content: bytes
    form: str
    issuer: str
    has_status: bool
    token: Enveloped | None


def read_foreign(content: bytes) -> ForeignDocument:
    """Tell the form of `content`: a JSON document with proofs, an enveloped credential, or a bare token.

    Raises TrustError for what is none of them: `foreign.size`, `foreign.form`, `foreign.unsecured`,
    `integrity.cryptosuite` where no proof is of a known suite, `enveloped.*`, `token.*`, `json.*`.
    """
    if len(content) > MAX_FOREIGN_BYTES:
        raise ForeignError("foreign.size", f"A document has at most {MAX_FOREIGN_BYTES} bytes.")
    if not content.lstrip(b" \t\r\n").startswith(b"{"):
        return _of_token(content, _bare_token(content))
    document = strict_json.loads(content, max_bytes=MAX_FOREIGN_BYTES)
    if not isinstance(document, dict):
        raise ForeignError("foreign.form", "The document is not a JSON object.")
    if {ENVELOPED_CREDENTIAL, *PRESENTATIONS}.intersection(texts_of(document.get("type"))):
        return _of_token(content, open_envelope(document))
    if "proof" not in document:
        raise ForeignError("foreign.unsecured", "The document carries no signature.", path="/proof")
    return ForeignDocument(
        content, _suite(document), issuer_of(document), "credentialStatus" in document, None
    )


def verify_foreign(document: ForeignDocument, *, resolve: MethodResolver, now: datetime) -> ForeignVerdict:
    """Check `document` in ordered steps; never raises for a bad one.

    `resolve` knows verification methods other than did:key; `now` decides validity. Raises TokenError
    `instant.naive`.
    """
    now = require_aware(now, "now")
    if document.token is None:
        steps = verify_document(document.content, resolve=resolve, now=now)
    else:
        steps = verify_enveloped(document.token, resolve=resolve, now=now)
    return ForeignVerdict(document.form, document.issuer, (*steps, _status(document)))


def _bare_token(content: bytes) -> Enveloped:
    try:
        text = content.decode("ascii").strip()
    except UnicodeDecodeError:
        text = ""
    if text.partition("~")[0].count(".") != 2:
        raise ForeignError(
            "foreign.form",
            "This is neither a JSON document nor a token (JWS).",
            advice="Hand in the signed file as it came, not a printout or an archive of it.",
        )
    return read_token(text)


def _of_token(content: bytes, token: Enveloped) -> ForeignDocument:
    payload = claimed_payload(token)
    return ForeignDocument(content, token.form, issuer_of(payload), "credentialStatus" in payload, token)


def _suite(document: JsonObject) -> str:
    """The first known cryptosuite among the proofs; a document signed in none of them cannot be judged."""
    named = [proof.get("cryptosuite") for _, proof in proofs_of(document)]
    for suite in CRYPTOSUITES:
        if suite in named:
            return suite
    raise ForeignError(
        "integrity.cryptosuite",
        f"Only the cryptosuites {' and '.join(CRYPTOSUITES)} are verified.",
        path="/proof",
    )


def _status(document: ForeignDocument) -> Step:
    if document.has_status:
        detail = "Whether its issuer has withdrawn the document was not looked up."
        return Step("status", Outcome.NOT_CHECKED, "status.not_checked", detail, "/credentialStatus")
    detail = "The document names no list on which its issuer could withdraw it."
    return Step("status", Outcome.NOT_CHECKED, "status.none", detail)
