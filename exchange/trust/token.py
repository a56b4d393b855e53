"""The token: an issuer-signed JWT with the disclosures that go with it, as exact text."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from exchange.trust import base64url, jws, strict_json
from exchange.trust.credential import Claims, read_claims
from exchange.trust.did import did_key_kid, split_kid
from exchange.trust.disclosure import (
    ALGORITHM,
    MAX_DISCLOSURES,
    SALT_BYTES,
    Disclosure,
    conceal,
    make_disclosures,
    read_disclosures,
    refuse_reserved,
)
from exchange.trust.errors import TokenError
from exchange.trust.keys import PrivateKey, PublicKey
from exchange.trust.strict_json import JsonObject, JsonValue

MAX_TOKEN_BYTES = 8 * 1024 * 1024
_SEPARATOR = "~"


@dataclass(frozen=True)
class Token:
    """An issuer-signed JWT and its disclosures by field group, in order; says nothing of their truth.

    `selective` False: a plain `vc+jwt` without disclosures and without the closing tilde.
    """

    # Neither shows in a representation, for those end up in logs and these are business secrets.
    jwt: str = field(repr=False)
    disclosures: Mapping[str, str] = field(default_factory=dict, repr=False)
    selective: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "disclosures", MappingProxyType(dict(self.disclosures)))

    @classmethod
    def parse(cls, serialised: str | bytes) -> Token:
        """Read `<jwt>~<disclosure>~…~` (RFC 9901 section 4) or a plain JWT. Checks form, not signature.

        Raises TokenError (`token.*`, `disclosure.*`), EncodingError or JsonError.
        """
        return read_token(serialised).token

    def serialise(self) -> str:
        """The text that `parse` reads, ASCII."""
        return _SEPARATOR.join([self.jwt, *self.disclosures.values(), ""]) if self.selective else self.jwt

    def present(self, groups: Collection[str]) -> Token:
        """The same JWT with the stored disclosures of `groups` only; a group the token lacks adds nothing."""
        shown = {name: text for name, text in self.disclosures.items() if name in groups}
        return Token(self.jwt, shown, self.selective)

    @property
    def digest(self) -> str:
        """`sha256:<hex>` over the ASCII of the JWT alone: the same for every presentation."""
        return "sha256:" + hashlib.sha256(self.jwt.encode()).hexdigest()


class ReadToken(NamedTuple):
    """A token and its parts as they were read, so that nothing has to be decoded twice."""

    token: Token
    compact: jws.Compact
    disclosures: tuple[Disclosure, ...]


def read_token(serialised: str | bytes) -> ReadToken:
    """The token that `Token.parse` gives, taken apart. Raises as that does."""
    # No further than tells that there are too many: millions of small pieces would fill the memory.
    jwt, *rest = _ascii(serialised).split(_SEPARATOR, MAX_DISCLOSURES + 2)
    compact = jws.read_compact(jwt)
    if not rest:
        return ReadToken(Token(jwt, {}, selective=False), compact, ())
    ending = rest.pop()
    if len(rest) > MAX_DISCLOSURES:
        raise TokenError("token.disclosures", f"A token carries at most {MAX_DISCLOSURES} disclosures.")
    if ending != "":
        raise TokenError("token.ending", "A token with disclosures ends with ~ and carries no key binding.")
    found: dict[str, Disclosure] = {}
    for disclosure in read_disclosures(rest):
        if disclosure.name in found:
            raise TokenError("disclosure.doubled", f"The member {disclosure.name} is disclosed twice.")
        found[disclosure.name] = disclosure
    token = Token(jwt, {name: disclosure.text for name, disclosure in found.items()})
    return ReadToken(token, compact, tuple(found.values()))


def random_salt() -> bytes:
    """128 random bits from the operating system."""
    return secrets.token_bytes(SALT_BYTES)


def sign(
    credential: Mapping[str, JsonValue],
    *,
    groups: Sequence[str],
    key: PrivateKey,
    kid: str,
    salt: Callable[[], bytes] = random_salt,
) -> Token:
    """Sign `credential` as `vc+sd-jwt` with one disclosure per name in `groups` (members of its subject).

    Without groups it becomes a plain `vc+jwt`. `kid` is `<issuer DID>#<fragment>`; `salt` gives 16 bytes per
    call, in the order of `groups`. Refuses what `verify` would refuse for its form: TokenError, JsonError,
    KeyFormatError. Method: RFC 9901 section 4, W3C VC-JOSE-COSE section 3.
    """
    claims = _checked(credential)
    _check_signer(claims.issuer, key.public_key(), kid)
    if not groups:
        payload = strict_json.dumps(dict(credential))
        return Token(jws.sign_compact(payload, typ=jws.PLAIN, kid=kid, key=key), {}, selective=False)
    payload, disclosures = _concealed(credential, groups, salt)
    return Token(jws.sign_compact(payload, typ=jws.SELECTIVE, kid=kid, key=key), disclosures)


@dataclass(frozen=True)
class Unsigned:
    """What a key kept elsewhere is to sign: the ASCII of `text`, which is `<header>.<payload>`.

    `disclosures` by field group, in order, exactly as they will follow the signed JWT.
    """

    text: str = field(repr=False)
    disclosures: Mapping[str, str] = field(repr=False)

    def complete(self, signature: bytes) -> Token:
        """The token with its 64 bytes of signature, which are not checked here."""
        return Token(f"{self.text}.{base64url.encode(signature)}", self.disclosures)


def prepare(
    credential: Mapping[str, JsonValue],
    *,
    groups: Sequence[str],
    key: PublicKey,
    kid: str,
    salt: Callable[[], bytes] = random_salt,
) -> Unsigned:
    """What the private half of the Ed25519 `key` has to sign so that `sign` need not be asked.

    At least one group; otherwise as `sign`, and with the same salts the same bytes.
    """
    _check_signer(_checked(credential).issuer, key, kid)
    if not groups:
        raise TokenError("token.groups", "A dataset has at least one group that can be disclosed.")
    payload, disclosures = _concealed(credential, groups, salt)
    return Unsigned(jws.signing_input(payload, typ=jws.SELECTIVE, kid=kid), disclosures)


def _checked(credential: Mapping[str, JsonValue]) -> Claims:
    document: JsonObject = dict(credential)
    refuse_reserved(document, "")
    return read_claims(document)


def _concealed(
    credential: Mapping[str, JsonValue], groups: Sequence[str], salt: Callable[[], bytes]
) -> tuple[bytes, Mapping[str, str]]:
    """The payload with the groups' digests in their place, and the disclosures by group."""
    member = credential["credentialSubject"]
    subject: JsonObject = member if isinstance(member, dict) else {}
    disclosures = _disclosures(subject, groups, salt)
    concealed = conceal(subject, disclosures)
    payload = strict_json.dumps({**credential, "credentialSubject": concealed, ALGORITHM: "sha-256"})
    return payload, {disclosure.name: disclosure.text for disclosure in disclosures}


def _ascii(serialised: str | bytes) -> str:
    if len(serialised) > MAX_TOKEN_BYTES:
        raise TokenError("token.size", f"A token has at most {MAX_TOKEN_BYTES} bytes.")
    try:
        data = serialised.encode("ascii") if isinstance(serialised, str) else serialised
        return data.decode("ascii")
    except UnicodeError:
        raise TokenError("token.characters", "A token consists of ASCII characters only.") from None


def _check_signer(issuer: str, key: PublicKey, kid: str) -> None:
    did, _ = split_kid(kid)
    if issuer != did:
        raise TokenError(
            "credential.issuer_mismatch", "The issuer is not the owner of the key.", path="/issuer"
        )
    if did.startswith("did:key:") and kid != did_key_kid(key):
        raise TokenError("kid.key_mismatch", "The key id names another key than the one that signs.")


def _disclosures(subject: JsonObject, groups: Sequence[str], salt: Callable[[], bytes]) -> list[Disclosure]:
    if len(set(groups)) != len(groups) or len(groups) > MAX_DISCLOSURES:
        raise TokenError("token.groups", f"At most {MAX_DISCLOSURES} different groups can be disclosed.")
    for name in groups:
        if name not in subject:
            raise TokenError("token.groups", f"The subject has no member {name}.", path="/credentialSubject")
    return make_disclosures([(salt(), name, subject[name]) for name in groups])
