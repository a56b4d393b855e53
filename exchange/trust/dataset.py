"""The verified dataset: a type that only a verification can make, so that unsigned data cannot pass for it."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field

from exchange.trust import strict_json
from exchange.trust.credential import Claims
from exchange.trust.disclosure import DIGESTS
from exchange.trust.errors import NotVerifiedError
from exchange.trust.strict_json import JsonObject, JsonValue, copy_of
from exchange.trust.token import Token

# Known to `verify` alone, which is what makes the type a promise.
_SEAL = object()


@dataclass(frozen=True, slots=True)
class VerifiedDataset:
    """A credential whose signature and disclosures were verified. Only `verify` can make one.

    `issuer` is the DID, `groups` the disclosed members in the token's order, `digest` that of the JWT.
    """

    token: Token
    issuer: str
    kid: str
    groups: tuple[str, ...]
    claims: Claims
    _credential: JsonObject = field(repr=False)
    _payload: JsonObject = field(repr=False)
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise NotVerifiedError("dataset.not_verified", "A verified dataset comes from verify() only.")

    @property
    def credential(self) -> JsonObject:
        """The credential with the disclosed groups in its subject; a fresh copy each time."""
        return {name: copy_of(member) for name, member in self._credential.items()}

    def member(self, name: str) -> JsonValue:
        """One top-level member of the credential, a fresh copy; None where it has no such member."""
        return copy_of(self._credential.get(name))

    def subject(self) -> JsonObject:
        """The disclosed subject to look at: a fresh object whose values are shared and must not be changed."""
        subject = self._credential["credentialSubject"]
        return dict(subject) if isinstance(subject, dict) else {}

    @property
    def digest(self) -> str:
        """`sha256:<hex>` of the issuer-signed JWT (see Token.digest)."""
        return self.token.digest

    @property
    def hidden(self) -> int:
        """How many field groups the token holds digests of and does not disclose."""
        subject = self._payload["credentialSubject"]
        digests = subject.get(DIGESTS) if self.token.selective and isinstance(subject, dict) else None
        return len(digests) - len(self.token.disclosures) if isinstance(digests, list) else 0

    @property
    def content_digest(self) -> str:
        """`sha256:<hex>` of the payload's canonical form (RFC 8785), to find duplicates; proves nothing.

        An ES256 signature can be altered into a second valid one, so a JWT's digest is not unique to its
        content.
        """
        return strict_json.sha256(self._payload)
