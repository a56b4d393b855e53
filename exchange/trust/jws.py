"""The JWS primitive (RFC 7515, compact): our header rules in front, joserfc behind."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, OKPKey

from exchange.trust import base64url, strict_json
from exchange.trust.errors import TokenError, TrustError
from exchange.trust.keys import PrivateKey, PublicKey, require_p256

SELECTIVE = "vc+sd-jwt"
PLAIN = "vc+jwt"
MAX_HEADER_BYTES = 2048
MAX_PAYLOAD_BYTES = 4 * 1024 * 1024
# Ed25519 (RFC 8032 section 5.1.6) and ES256 (RFC 7518 section 3.4) alike: two numbers of 32 bytes.
SIGNATURE_BYTES = 64
_CACHED = 1024

_EDDSA_NAMES = frozenset({"EdDSA", "Ed25519"})
_ES256_NAMES = frozenset({"ES256"})
_HEADER_NAMES = frozenset({"alg", "typ", "cty", "kid"})


class Header(NamedTuple):
    """A protected header of the one allowed form; `typ` is the media type's subtype, `cty` is always `vc`."""

    alg: str
    typ: str
    kid: str


class _PinnedRegistry(jws.JWSRegistry):
    """Our limits, one algorithm, and no deprecation warning.

    RFC 9864 renames `EdDSA` to `Ed25519`, and joserfc warns; the old name is the one every verifier knows, so
    it is used on purpose. Filtering warnings instead would change the state of the whole process.
    """

    max_header_length = 2 * MAX_HEADER_BYTES
    max_payload_length = 2 * MAX_PAYLOAD_BYTES
    max_signature_length = 2 * SIGNATURE_BYTES

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(f"Algorithm {name!r} is not allowed")
        return self.algorithms[name]


class Compact(NamedTuple):
    """A compact JWS taken apart once: its parts decoded, and the ASCII bytes that its signature is over."""

    protected: bytes
    content: bytes
    signature: bytes
    signing_input: bytes

    def header(self) -> Header:
        """The protected header, if it has exactly the allowed members. Raises JsonError or TokenError `header.*`.

        What is not on the list is refused, known or not: `crit`, `b64` and `zip` change what is signed, `jwk`,
        `jku`, `x5u` and `x5c` would let a token bring its own key.
        """
        return _read_header(self.protected)

    def payload(self) -> strict_json.JsonObject:
        """The payload, read strictly, signed or not. Raises JsonError or TokenError `payload.type`."""
        value = strict_json.loads(self.content, max_bytes=MAX_PAYLOAD_BYTES)
        if not isinstance(value, dict):
            raise TokenError("payload.type", "The payload is not a JSON object.")
        return value


def read_compact(jwt: str) -> Compact:
    """The parts of a compact JWS as received, each in canonical base64url.

    Raises TokenError (`token.parts`, `token.signature_length`, `token.size`) and EncodingError.
    """
    parts = jwt.split(".", 3)
    if len(parts) != 3 or not all(parts):
        raise TokenError(
            "token.parts", "A token has three parts with dots between: header, payload, signature."
        )
    header, payload, signature = parts
    if len(header) > MAX_HEADER_BYTES * 4 // 3 + 3 or len(payload) > MAX_PAYLOAD_BYTES * 4 // 3 + 3:
        raise TokenError("token.size", "The header or payload of the token is too large.")
    parts_read = (base64url.decode(header), base64url.decode(payload), base64url.decode(signature))
    if len(parts_read[2]) != SIGNATURE_BYTES:
        raise TokenError("token.signature_length", f"A signature has {SIGNATURE_BYTES} bytes.")
    return Compact(*parts_read, f"{header}.{payload}".encode("ascii"))


def split(jwt: str) -> tuple[str, str, str]:
    """Header, payload and signature of a compact JWS as received, checked as by `read_compact`."""
    read_compact(jwt)
    header, payload, signature = jwt.split(".")
    return header, payload, signature


def read_header(jwt: str) -> Header:
    """The header of a compact JWS. Raises as `read_compact` and `Compact.header`."""
    return read_compact(jwt).header()


# Whoever signs much does so under one header.
@lru_cache(maxsize=_CACHED)
def _read_header(protected: bytes) -> Header:
    return _header_of(strict_json.loads(protected, max_bytes=MAX_HEADER_BYTES, max_depth=2, max_nodes=32))


def _header_of(value: strict_json.JsonValue) -> Header:
    if not isinstance(value, dict):
        raise TokenError("header.type", "The header is not a JSON object.")
    for name in value:
        if name not in _HEADER_NAMES:
            raise TokenError("header.member", f"The header member {ascii(name)[:60]} is not allowed.")
    alg, typ, cty, kid = (value.get(name) for name in ("alg", "typ", "cty", "kid"))
    if not isinstance(alg, str) or alg not in _EDDSA_NAMES | _ES256_NAMES:
        raise TokenError("header.alg", "The algorithm must be EdDSA, Ed25519 or ES256.", path="/alg")
    if not isinstance(typ, str) or typ not in (SELECTIVE, PLAIN):
        raise TokenError("header.typ", f"The type must be {SELECTIVE} or {PLAIN}.", path="/typ")
    if cty != "vc":
        raise TokenError("header.cty", "The content type must be vc.", path="/cty")
    if not isinstance(kid, str):
        raise TokenError("header.kid", "The header names no key.", path="/kid")
    return Header(alg, typ, kid)


def named_kid(token: bytes) -> str | None:
    """The key id that the header of a token names, nothing being verified; None where there is none to read.

    For looking up many tokens' keys at once before each is verified.
    """
    head = token[: token.find(b".") + 1][:-1]
    try:
        return _read_header(base64url.decode(head.decode("ascii"))).kid
    except (TrustError, UnicodeDecodeError):
        return None


def check_algorithm(header: Header, key: PublicKey) -> None:
    """Refuse an algorithm that is not the key's own (`algorithm.mismatch`): the header does not decide."""
    if header.alg not in _names_for(key):
        raise TokenError(
            "algorithm.mismatch", f"{header.alg} does not fit the kind of the named key.", path="/alg"
        )


def has_valid_signature(jwt: str, key: PublicKey) -> bool:
    """Whether the signature over the received bytes is by `key`, with an algorithm of that key's kind.

    For a JWS whose header `read_header` does not take: joserfc judges what the header asks for.
    """
    registry = _PinnedRegistry(algorithms=_names_for(key))
    wrapped = (
        OKPKey.import_key(key) if isinstance(key, Ed25519PublicKey) else ECKey.import_key(require_p256(key))
    )
    try:
        jws.deserialize_compact(jwt, wrapped, registry=registry)
    except (JoseError, ValueError):
        return False
    return True


def sign_compact(payload: bytes, *, typ: str, kid: str, key: PrivateKey) -> str:
    """A compact JWS over `payload` by an Ed25519 key, with the header that `read_header` accepts."""
    registry = _PinnedRegistry(algorithms=_EDDSA_NAMES)
    return jws.serialize_compact(_header(typ, kid), payload, OKPKey.import_key(key), registry=registry)


def signing_input(payload: bytes, *, typ: str, kid: str) -> str:
    """The text `<header>.<payload>` whose ASCII bytes `sign_compact` would sign (RFC 7515 section 5.1)."""
    return f"{base64url.encode(strict_json.dumps(_header(typ, kid)))}.{base64url.encode(payload)}"


def payload_of(jwt: str) -> strict_json.JsonObject:
    """The payload of a compact JWS. Raises as `read_compact` and `Compact.payload`."""
    return read_compact(jwt).payload()


def _header(typ: str, kid: str) -> dict[str, str]:
    return {"alg": "EdDSA", "typ": typ, "cty": "vc", "kid": kid}


def _names_for(key: PublicKey) -> frozenset[str]:
    return _EDDSA_NAMES if isinstance(key, Ed25519PublicKey) else _ES256_NAMES
