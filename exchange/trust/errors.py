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


class TokenError(TrustError):
    """A token cannot be made, read or verified (all other codes)."""


class NotVerifiedError(TrustError):
    """Somebody tried to make a `VerifiedDataset` without verifying (code `dataset.not_verified`)."""
