"""The keys of somebody else's issuer: its did:web document, fetched at most once and kept as it was."""

from __future__ import annotations

from datetime import datetime

from exchange.adapters.fetcher import Fetcher
from exchange.domain.errors import InvalidError, UnavailableError
from exchange.trust import did_web
from exchange.trust.did import split_kid
from exchange.trust.errors import ForeignError
from exchange.trust.foreign.verdict import VerificationMethod


class IssuerKeys:
    """Finds verification methods of `issuer` alone: a document must not make us fetch whatever it names.

    `document` holds the bytes that were relied on, None while none was needed.
    """

    def __init__(self, issuer: str, fetcher: Fetcher | None, now: datetime) -> None:
        self.document: bytes | None = None
        self._issuer = issuer
        self._fetcher = fetcher
        self._now = now
        self._refusal: ForeignError | None = None

    def find(self, identifier: str) -> VerificationMethod | None:
        """A resolver for `verify_foreign`: None for what is no did:web, `kid.foreign` for another's key.

        Raises TrustError (`did_web.*`, `fetch.*` …) for what will stay so, UnavailableError for what may change.
        """
        if not identifier.startswith("did:web:"):
            return None
        did, _ = split_kid(identifier)
        if did != self._issuer:
            raise ForeignError("kid.foreign", "The named key belongs to somebody other than the issuer.")
        key = did_web.assertion_key(self._fetched(did), identifier, self._now)
        return VerificationMethod(key, did)

    def _fetched(self, did: str) -> bytes:
        if self._fetcher is None:
            raise UnavailableError("This process fetches nothing.", code="fetch.closed")
        if self._refusal is not None:
            raise self._refusal
        if self.document is None:
            try:
                self.document = self._fetcher.get(
                    did_web.url_of(did),
                    media_types=did_web.MEDIA_TYPES,
                    max_bytes=did_web.MAX_DOCUMENT_BYTES,
                )
            except InvalidError as error:
                self._refusal = ForeignError(error.error_code, error.detail, advice=error.advice)
                raise self._refusal from error
        return self.document
