"""`did:web`: from an identifier to the address of its document, and from the document to a key. No I/O.

did:web method specification section 3.2; W3C DID Core 1.0 section 5; W3C Controlled Identifiers 1.0 section 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NoReturn
from urllib.parse import unquote_to_bytes

from exchange.trust import strict_json
from exchange.trust.did import public_key_of_did_key, split_kid
from exchange.trust.errors import DidWebError, KeyFormatError
from exchange.trust.instant import parse_instant
from exchange.trust.keys import PublicKey, public_jwk, public_key_from_jwk
from exchange.trust.strict_json import JsonObject, JsonValue, pointer

MAX_DOCUMENT_BYTES = 64 * 1024
# DID Core section 6 and what web servers send for a file called did.json.
MEDIA_TYPES = frozenset(
    {
        "application/did",
        "application/did+json",
        "application/did+ld+json",
        "application/ld+json",
        "application/json",
    }
)
JWK_TYPES = frozenset({"JsonWebKey", "JsonWebKey2020"})
MULTIKEY = "Multikey"

_PREFIX = "did:web:"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label starts with a letter: no IPv4 address in any of its spellings passes.
_HOST = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?")
_MAX_HOST = 253
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_PATH_SEGMENT = re.compile(r"(?:[A-Za-z0-9._-]|%[0-9A-F]{2})+")
# Encoded, these would be another spelling of the same identifier, or end a path segment for some servers.
# (A tilde may stand in a path but not in a DID, so there it is encoded.)
_NEVER_ENCODED = re.compile(rb"[A-Za-z0-9._/\\%\x00-\x1f\x7f-]")


def host_of(did: str) -> str:
    """The host name a did:web identifier stands on, without its port. Raises DidWebError as `url_of` does."""
    return _split(did)[0]


def url_of(did: str) -> str:
    """The HTTPS address of the document of a did:web identifier.

    Raises DidWebError: `did_web.method` (no did:web), `did_web.host` (not a full domain name in lower case;
    IP addresses are not allowed), `did_web.port`, `did_web.path` (empty, `.`, `..`, or not canonical).
    """
    host, port, path = _split(did)
    place = "/".join(path) if path else ".well-known"
    return f"https://{host}{f':{port}' if port else ''}/{place}/did.json"


def assertion_key(document: bytes, kid: str, now: datetime) -> PublicKey:
    """The key that the document of a DID lists for assertions under the key id `kid`.

    `now` is the instant at which it must not have expired. Raises JsonError, KeyFormatError (`key.*`, `kid.*`)
    and DidWebError: `did_web.document` (not of the form of a DID document), `did_web.id` (another DID's),
    `did_web.key_missing`, `did_web.ambiguous` (two methods of one id), `did_web.not_for_assertion`,
    `did_web.controller`, `did_web.key_type`, `did_web.key_material`, `did_web.key_use`, `did_web.multibase`,
    `did_web.revoked`, `did_web.expired`.
    """
    did, _ = split_kid(kid)
    url_of(did)
    value = strict_json.loads(document, max_bytes=MAX_DOCUMENT_BYTES)
    if not isinstance(value, dict):
        _refuse("document", "The DID document is not a JSON object.")
    if value.get("id") != did:
        _refuse("id", f"The document is not that of {did}.", "/id")
    method, path = _method(value, did, kid)
    _check_method(method, did, path, now)
    return _key_of(method, path)


def did_document(kid: str, key: PublicKey) -> JsonObject:
    """The DID document to serve at `url_of` so that `assertion_key` finds `key` under `kid`.

    Raises KeyFormatError (`kid.malformed`) and DidWebError as `url_of` does.
    """
    did, _ = split_kid(kid)
    url_of(did)
    method: JsonObject = {
        "id": kid,
        "type": "JsonWebKey",
        "controller": did,
        "publicKeyJwk": {**public_jwk(key)},
    }
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": did,
        "verificationMethod": [method],
        "assertionMethod": [kid],
    }


def _refuse(code: str, detail: str, path: str = "", advice: str = "") -> NoReturn:
    raise DidWebError(f"did_web.{code}", detail, path=path, advice=advice)


def _split(did: str) -> tuple[str, str, list[str]]:
    """Host, port or "", and path segments."""
    if not did.startswith(_PREFIX):
        _refuse("method", "This is not a did:web identifier.")
    domain, *path = did.removeprefix(_PREFIX).split(":")
    host, encoded_colon, port = domain.partition("%3A")
    if len(host) > _MAX_HOST or _HOST.fullmatch(host) is None:
        _refuse("host", "A did:web stands on a full domain name in lower case, not on an address.")
    if encoded_colon and (_PORT.fullmatch(port) is None or int(port) > 65535):
        _refuse("port", "The port of a did:web is a number, with %3A before it.")
    for segment in path:
        if _PATH_SEGMENT.fullmatch(segment) is None or segment in {".", ".."} or _is_oddly_encoded(segment):
            _refuse("path", "A part of the path is empty, leads elsewhere or is not in its plain spelling.")
    return host, port, path


def _is_oddly_encoded(segment: str) -> bool:
    octets = re.findall(r"%[0-9A-F]{2}", segment)
    return any(_NEVER_ENCODED.fullmatch(unquote_to_bytes(octet)) for octet in octets)


def _method(document: JsonObject, did: str, kid: str) -> tuple[JsonObject, str]:
    """The one verification method called `kid`, if it may assert, and where it stands."""
    listed = list(_members(document, "verificationMethod"))
    asserting = list(_members(document, "assertionMethod"))
    references = {_absolute(item, did) for item, _ in asserting if isinstance(item, str)}
    embedded = [(item, path) for item, path in asserting if isinstance(item, dict)]
    named = [(item, path) for item, path in _objects(listed) if _absolute(item.get("id"), did) == kid]
    inside = [(item, path) for item, path in embedded if _absolute(item.get("id"), did) == kid]
    if len(named) + len(inside) > 1:
        _refuse("ambiguous", f"The document has two verification methods called {kid}.")
    if not named and not inside:
        _refuse(
            "key_missing", f"The document has no verification method called {kid}.", "/verificationMethod"
        )
    if named and kid not in references:
        _refuse(
            "not_for_assertion",
            f"The document does not list {kid} as an assertion method.",
            "/assertionMethod",
            "List the key under assertionMethod.",
        )
    return (named or inside)[0]


def _members(document: JsonObject, name: str) -> Iterator[tuple[JsonValue, str]]:
    items = document.get(name, [])
    if not isinstance(items, list):
        _refuse("document", f"The member {name} is not a list.", f"/{name}")
    for index, item in enumerate(items):
        yield item, pointer(f"/{name}", index)


def _objects(items: list[tuple[JsonValue, str]]) -> Iterator[tuple[JsonObject, str]]:
    for item, path in items:
        if not isinstance(item, dict):
            _refuse("document", "A verification method is an object.", path)
        yield item, path


def _absolute(reference: JsonValue, did: str) -> str:
    """A DID URL, or one relative to the document's DID (DID Core section 3.2.2), in full."""
    if not isinstance(reference, str):
        return ""
    return did + reference if reference.startswith("#") else reference


def _check_method(method: JsonObject, did: str, path: str, now: datetime) -> None:
    if method.get("controller") != did:
        _refuse("controller", "The verification method is controlled by another DID.", f"{path}/controller")
    # Controlled Identifiers 1.0 section 2.2.
    if "revoked" in method:
        _refuse("revoked", "The document says that this key is revoked.", f"{path}/revoked")
    if "expires" in method and parse_instant(method["expires"], f"{path}/expires") <= now:
        _refuse("expired", "The document says that this key has expired.", f"{path}/expires")


def _key_of(method: JsonObject, path: str) -> PublicKey:
    kind, jwk, multibase = method.get("type"), method.get("publicKeyJwk"), method.get("publicKeyMultibase")
    if not isinstance(kind, str) or kind not in JWK_TYPES | {MULTIKEY}:
        _refuse(
            "key_type",
            "The verification method is of a type not used here.",
            f"{path}/type",
            "Use JsonWebKey with publicKeyJwk, or Multikey with publicKeyMultibase.",
        )
    if kind == MULTIKEY and isinstance(multibase, str) and jwk is None:
        return _multikey(multibase, f"{path}/publicKeyMultibase")
    if kind != MULTIKEY and isinstance(jwk, dict) and multibase is None:
        return _json_web_key(jwk, f"{path}/publicKeyJwk")
    _refuse("key_material", f"A {kind} has its key in one member, the one of its type.", path)


def _json_web_key(jwk: JsonObject, path: str) -> PublicKey:
    if jwk.get("use", "sig") != "sig":
        _refuse("key_use", "The key is not one for signatures.", f"{path}/use")
    try:
        return public_key_from_jwk(jwk)
    except KeyFormatError as error:
        raise KeyFormatError(error.code, error.detail, path=path + error.path, advice=error.advice) from error


def _multikey(multibase: str, path: str) -> PublicKey:
    """Multikey (Controlled Identifiers 1.0 section 2.2.2): spelled as in did:key."""
    try:
        return public_key_of_did_key(f"did:key:{multibase}")
    except KeyFormatError as error:
        detail = "This is not an Ed25519 or P-256 key in base58btc multibase."
        raise DidWebError("did_web.multibase", detail, path=path) from error
