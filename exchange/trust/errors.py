"""What the trust layer refuses with: one base, stable codes, a pointer and the way out."""

from __future__ import annotations


class TrustError(Exception):
    """Base of every refusal in this package; any other exception from it is a fault of ours.

    `code` is stable (systems branch on it), `detail` says what is wrong, `path` is a JSON pointer
    (RFC 6901) into the document or "" where none is known, `advice` says the way out.
    """

    def __init__(self, code: str, detail: str, *, path: str = "", advice: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.path = path
        self.advice = advice


class JsonError(TrustError):
    """The bytes are not JSON that every reader understands alike (codes `json.*`)."""


class EncodingError(TrustError):
    """A text is not canonical base64url (code `base64url.invalid`)."""


class KeyFormatError(TrustError):
    """A key, JWK, DID or key id is malformed or of a kind not used here (codes `key.*`, `kid.*`)."""


class DidWebError(TrustError):
    """A did:web identifier or its document says nothing that can be relied on (codes `did_web.*`)."""


class TokenError(TrustError):
    """A token cannot be made, read or verified (all other codes)."""


class LogError(TrustError):
    """Something of the transparency log is malformed or does not prove what it claims.

    Codes `proof.*`, `entry.*`, `note.*`, `vkey.*`, `checkpoint.*`, `cosignature.*`, `tlog_proof.*`, `tile.*`,
    `key_event.*`, `key_record.*`, `state.*`, `witness.*`, `replay.*`, `base64.invalid`.
    """


class NotVerifiedError(TrustError):
    """Somebody tried to make a `VerifiedDataset` without verifying (code `dataset.not_verified`)."""


class StatusError(TrustError):
    """A status entry or status list is malformed (codes `status.*`)."""


class IdentityError(TrustError):
    """An organisation credential does not say what it must (codes `organisation.*`)."""


class TrustRootError(TrustError):
    """A trust root is malformed (codes `trust_root.*`)."""


class BundleError(TrustError):
    """A proof bundle or receipt is malformed or does not hold together.

    Codes `bundle.*`, `receipt.*`, `trust.*`, `checkpoint.*`, `witnesses.*`, `key_state.*`, `document.*` …
    """


class ForeignError(TrustError):
    """Somebody else's signed document is malformed or does not verify.

    Codes `foreign.*`, `integrity.*`, `enveloped.*`, and the steps' own (`issuer.mismatch`, `time.*` …).
    """


class ReleaseError(TrustError):
    """A signed release or the proof of one of its inputs does not hold (codes `release.*`)."""
