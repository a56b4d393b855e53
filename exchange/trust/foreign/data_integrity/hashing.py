"""What a proof signs: SHA-256 of its options, then SHA-256 of the document, both in canonical form.

vc-di-eddsa 1.0 section 3.3 and vc-di-ecdsa 1.0 section 3.3 (P-256) say the same. JCS (RFC 8785) writes every number
as the double it stands for; the strict reader admits none that would come out as another number.
"""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256

from exchange.trust.errors import ForeignError
from exchange.trust.foreign.claims import contexts_of
from exchange.trust.strict_json import JsonObject, JsonValue, canonical


class SecuredDocument:
    """A document with its proofs taken off, put into canonical form once for all of them.

    Only its context differs from proof to proof: what stands before and after it in canonical order is kept.
    """

    def __init__(self, document: JsonObject) -> None:
        self._contexts = contexts_of(document.get("@context"))
        self._unsecured = {name: value for name, value in document.items() if name != "proof"}

    def hash_data(self, proof: JsonObject) -> bytes:
        """The 64 bytes under the signature of `proof`.

        Where the proof has a context, the document's must begin with it, and only that much of it is signed
        (vc-di-eddsa section 3.3.2 step 4). Raises ForeignError `integrity.context`, JsonError.
        """
        options = {name: value for name, value in proof.items() if name != "proofValue"}
        if "@context" not in proof:
            return sha256(canonical(options)).digest() + self._hash_under(self._unsecured.get("@context"))
        signed = contexts_of(proof["@context"])
        if self._contexts[: len(signed)] != signed:
            detail = "The document's context does not begin with the one that was signed."
            raise ForeignError("integrity.context", detail, path="/@context")
        return sha256(canonical(options)).digest() + self._hash_under(proof["@context"])

    def _hash_under(self, context: JsonValue) -> bytes:
        before, after = self._around_context
        return sha256(before + canonical({"@context": context})[1:-1] + after).digest()

    @cached_property
    def _around_context(self) -> tuple[bytes, bytes]:
        own = _utf16("@context")
        before = canonical({name: value for name, value in self._unsecured.items() if _utf16(name) < own})
        after = canonical({name: value for name, value in self._unsecured.items() if _utf16(name) > own})
        return (
            before[:-1] + b"," if len(before) > len(b"{}") else b"{",
            b"," + after[1:] if len(after) > len(b"{}") else b"}",
        )


def _utf16(name: str) -> bytes:
    """Member names stand in the order of their UTF-16 code units (RFC 8785 section 3.2.3)."""
    return name.encode("utf-16-be", "surrogatepass")
