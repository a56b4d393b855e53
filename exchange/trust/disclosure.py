"""Selective disclosure by field group (RFC 9901): one salted digest in the token, one disclosure per group.

Only members of `credentialSubject` are disclosable, and nothing inside them: no nested digests, no array
elements, no decoys to resolve. Everything RFC 9901 section 7.1 lets a verifier reject is rejected.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from exchange.trust import base64url, strict_json
from exchange.trust.errors import JsonError, TokenError
from exchange.trust.json_decoding import check_shape
from exchange.trust.repertoire import check_identifier
from exchange.trust.strict_json import JsonObject, JsonValue

SALT_BYTES = 16
MAX_DISCLOSURES = 64
MAX_DISCLOSURE_BYTES = 2 * 1024 * 1024
# Of all disclosures of a token together, as of one document: each alone would multiply what a stranger's file costs.
MAX_VALUES = strict_json.MAX_NODES
DIGESTS = "_sd"
ALGORITHM = "_sd_alg"
_ELEMENT = "..."
_NESTED = (dict, list)
_RESERVED = frozenset({DIGESTS, ALGORITHM, _ELEMENT})
# `id` says whom the dataset is about and always stays open.
_NEVER_DISCLOSABLE = _RESERVED | {"id"}
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
# 128 bits in base64url (RFC 9901 section 9.3).
_MIN_SALT_LENGTH = 22


class Disclosure(NamedTuple):
    """A disclosure read from its exact text; `name` is the field group, `digest` what the token must hold."""

    text: str
    name: str
    value: JsonValue
    digest: str


def make_disclosure(salt: bytes, name: str, value: JsonValue) -> Disclosure:
    """The disclosure of member `name` (RFC 9901 section 4.2.1), `salt` 16 bytes. Raises as read_disclosure."""
    return make_disclosures([(salt, name, value)])[0]


def make_disclosures(members: Iterable[tuple[bytes, str, JsonValue]]) -> list[Disclosure]:
    """As `make_disclosure`, those of one token, each from its salt, name and value. Raises as read_disclosures."""
    return read_disclosures(
        [
            base64url.encode(strict_json.dumps([base64url.encode(salt), name, value]))
            for salt, name, value in members
        ]
    )


def digest_of(text: str) -> str:
    """The base64url SHA-256 over the ASCII of a disclosure as it stands (RFC 9901 section 4.2.3)."""
    return base64url.encode(hashlib.sha256(text.encode("ascii")).digest())


def read_disclosure(text: str) -> Disclosure:
    """The parts of one disclosure. Raises EncodingError, JsonError or TokenError `disclosure.*`."""
    return read_disclosures([text])[0]


def read_disclosures(texts: Sequence[str]) -> list[Disclosure]:
    """The parts of each disclosure of a token. Raises as `read_disclosure`, and TokenError `disclosure.values`."""
    documents = [base64url.decode(text) for text in texts]
    joined = b" ".join(documents)
    if len(joined) > MAX_VALUES:  # each value takes a byte
        _require_few_values(joined)
    arrays = strict_json.loads_each(documents, max_bytes=MAX_DISCLOSURE_BYTES)
    # Without one of these (the last begins an escape) there is no reserved name to be found.
    is_open = b"_sd" in joined or b"..." in joined or b"\\" in joined
    return [_disclosure(text, array, is_open) for text, array in zip(texts, arrays, strict=True)]


def _require_few_values(joined: bytes) -> None:
    """Count the values on the raw bytes; what is no JSON and so counted wrongly is refused when it is read."""
    try:
        check_shape(joined, len(joined), MAX_VALUES)
    except JsonError:
        detail = f"The disclosures of a token hold more than {MAX_VALUES} values together."
        raise TokenError("disclosure.values", detail) from None


def _disclosure(text: str, array: JsonValue, is_open: bool) -> Disclosure:
    if not isinstance(array, list) or len(array) != 3:
        raise TokenError("disclosure.form", "A disclosure is an array of salt, name and value.")
    salt, name, value = array
    if not isinstance(salt, str) or len(salt) < _MIN_SALT_LENGTH:
        raise TokenError(
            "disclosure.salt", "The salt of a disclosure is no text of at least 128 bits.", path="/0"
        )
    if not isinstance(name, str) or name in _NEVER_DISCLOSABLE:
        raise TokenError("disclosure.name", "This cannot be the name of a disclosed member.", path="/1")
    check_identifier(name, "/1")
    if is_open:
        refuse_reserved(value, "/2")
    return Disclosure(text, name, value, digest_of(text))


def conceal(subject: JsonObject, disclosures: Iterable[Disclosure]) -> JsonObject:
    """`subject` with the disclosed members replaced by their sorted digests (the order must tell nothing)."""
    hidden = list(disclosures)
    names = {disclosure.name for disclosure in hidden}
    open_members = {name: value for name, value in subject.items() if name not in names}
    return {**open_members, DIGESTS: [*sorted(disclosure.digest for disclosure in hidden)]}


def separate(payload: JsonObject) -> tuple[JsonObject, frozenset[str]]:
    """The payload without `_sd` and `_sd_alg`, and the digests it held. Raises TokenError `disclosure.*`.

    Digests anywhere but in `credentialSubject` are refused, as is any algorithm but SHA-256.
    """
    subject = payload.get("credentialSubject")
    if payload.get(ALGORITHM) != "sha-256":
        raise TokenError(
            "disclosure.algorithm", "The digest algorithm must be sha-256.", path=f"/{ALGORITHM}"
        )
    if not isinstance(subject, dict):
        raise TokenError("credential.subject", "A credential here speaks of exactly one subject.")
    digests = _digests(subject.get(DIGESTS))
    open_subject: JsonValue = {name: value for name, value in subject.items() if name != DIGESTS}
    plain = {**payload, "credentialSubject": open_subject}
    del plain[ALGORITHM]
    refuse_reserved(plain, "")
    return plain, digests


def reveal(plain: JsonObject, digests: frozenset[str], disclosures: Iterable[Disclosure]) -> JsonObject:
    """`plain` with each disclosed member put into its subject. Raises TokenError `disclosure.*`.

    Every disclosure must be referenced by exactly one of `digests` and must not overwrite anything.
    """
    subject = plain["credentialSubject"]
    merged: JsonObject = dict(subject) if isinstance(subject, dict) else {}
    unused = set(digests)
    for disclosure in disclosures:
        if disclosure.digest not in unused:
            raise TokenError(
                "disclosure.unreferenced",
                f"The part {disclosure.name[:80]} is not, or no longer, what the token was signed over.",
            )
        unused.remove(disclosure.digest)
        if disclosure.name in merged:
            raise TokenError("disclosure.name_taken", f"The member {disclosure.name} is already there.")
        merged[disclosure.name] = disclosure.value
    return {**plain, "credentialSubject": merged}


def refuse_reserved(value: JsonValue, path: str) -> None:
    """Refuse the names `_sd`, `_sd_alg`, `...` at any depth below `path` (TokenError `disclosure.nested`)."""
    if isinstance(value, dict):
        if not _RESERVED.isdisjoint(value):
            detail = f"The name {min(_RESERVED.intersection(value))} is not allowed at or below this place."
            raise TokenError("disclosure.nested", detail, path=path)
        for member in value.values():
            if isinstance(member, _NESTED):
                refuse_reserved(member, path)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, _NESTED):
                refuse_reserved(item, path)


def _digests(value: JsonValue) -> frozenset[str]:
    items = value if isinstance(value, list) else []
    digests = frozenset([item for item in items if isinstance(item, str) and _DIGEST.fullmatch(item)])
    if not items or len(digests) != len(items) or len(items) > MAX_DISCLOSURES:
        detail = f"The subject must hold 1 to {MAX_DISCLOSURES} different digests."
        raise TokenError("disclosure.digests", detail, path="/credentialSubject/_sd")
    return digests
