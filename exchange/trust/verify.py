"""Verification of a token in fixed steps, failing closed, and the only source of a `VerifiedDataset`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from typing import TypeVar

from exchange.trust import checks, jws, strict_json
from exchange.trust.checks import Resolver
from exchange.trust.credential import Claims
from exchange.trust.did import ResolvedKey
from exchange.trust.errors import NotVerifiedError, TrustError
from exchange.trust.instant import require_aware
from exchange.trust.strict_json import JsonObject, copy_of
from exchange.trust.token import Token
from exchange.trust.verdict import SIGNATURE_STEPS, STEPS, Outcome, Policy, Step, Verdict

T = TypeVar("T")

_SEAL = object()
_NOT_IN_THIS_VERSION = {
    "status": "Revocation was not looked up: this version does not read status lists.",
    "log": "Inclusion in the transparency log was not checked: this version does not read log proofs.",
    "issuer_identity": "Who stands behind the DID was not checked: a signature shows only the key.",
}


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

    @property
    def digest(self) -> str:
        """`sha256:<hex>` of the issuer-signed JWT (see Token.digest)."""
        return self.token.digest

    @property
    def content_digest(self) -> str:
        """`sha256:<hex>` of the payload's canonical form (RFC 8785), to find duplicates; proves nothing.

        An ES256 signature can be altered into a second valid one, so a JWT's digest is not unique to its
        content.
        """
        return strict_json.sha256(self._payload)


class _Stop(Exception):
    """A step failed that all later ones need."""


class _Record:
    """Collects the steps in order."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def establish(self, name: str, check: Callable[[], T], detail: str) -> T:
        """Run `check`; when it refuses, note that and end the verification."""
        try:
            value = check()
        except TrustError as error:
            self.steps.append(_failed(name, error))
            raise _Stop from error
        self.steps.append(Step(name, Outcome.ESTABLISHED, "ok", detail))
        return value

    def judge(self, name: str, check: Callable[[], None], detail: str) -> None:
        """Run `check` and note how it ended; the other steps go on either way."""
        try:
            check()
        except TrustError as error:
            self.steps.append(_failed(name, error))
        else:
            self.steps.append(Step(name, Outcome.ESTABLISHED, "ok", detail))

    def close(self, required: frozenset[str], dataset: VerifiedDataset | None = None) -> Verdict:
        """The verdict. Unreached steps say so; the dataset is kept back unless all is established."""
        detail = f"Not reached: the step {self.steps[-1].name} failed."
        missed = STEPS[len(self.steps) :]
        steps = (*self.steps, *(Step(name, Outcome.NOT_CHECKED, "not_reached", detail) for name in missed))
        verdict = Verdict(steps, required)
        return Verdict(steps, required, dataset) if verdict.ok else verdict


def verify(
    token: Token | str | bytes,
    *,
    resolve: Resolver,
    now: datetime,
    policy: Policy,
    received: datetime | None = None,
) -> Verdict:
    """Check `token` in the order of STEPS and tell what is established; never raises for a bad token.

    `resolve` gives the key that belongs to a key id (`resolve_did_key` for self-resolving ids alone), `now`
    the aware instant for validFrom and validUntil, `received` the instant the exchange or log took the token
    in, which decides whether its key counted (default `now`). Raises TokenError `instant.naive`.
    """
    now = require_aware(now, "now")
    taken_in = now if received is None else require_aware(received, "received")
    required = policy.required | frozenset(SIGNATURE_STEPS)
    record = _Record()
    try:
        dataset, key = _establish_signed(record, token, resolve)
    except _Stop:
        return record.close(required)
    claims = dataset.claims
    record.judge(
        "time", lambda: checks.check_time(claims, now, policy.leeway), "The instant lies within the validity."
    )
    record.judge(
        "key_validity",
        lambda: checks.check_key_validity(key, taken_in),
        "The key counted when the token came in.",
    )
    record.steps.append(checks.schema_step(claims.schema, dataset.credential, policy.schema))
    for name, why in _NOT_IN_THIS_VERSION.items():
        record.steps.append(Step(name, Outcome.NOT_CHECKED, f"{name}.not_checked", why))
    return record.close(required, dataset)


def _establish_signed(
    record: _Record, given: Token | str | bytes, resolve: Resolver
) -> tuple[VerifiedDataset, ResolvedKey]:
    # A Token object may have been put together by hand, so it goes through the same reader as text.
    serialised = given.serialise() if isinstance(given, Token) else given
    token = record.establish("structure", lambda: Token.parse(serialised), "The token is well formed.")
    header = record.establish("header", lambda: checks.read_header(token), "Only allowed header members.")
    kid = header.kid
    key = record.establish("key", lambda: checks.find_key(kid, resolve), f"The key is {kid}.")
    public_key = key.public_key
    record.establish(
        "algorithm", lambda: jws.check_algorithm(header, public_key), f"{header.alg} fits the named key."
    )
    record.establish(
        "signature", lambda: checks.check_signature(token, key), "The named key signed the bytes."
    )
    payload = record.establish("payload", lambda: jws.payload_of(token.jwt), "The payload is strict JSON.")
    claims = record.establish(
        "credential",
        lambda: checks.claims_of(payload, kid),
        "The credential is well formed, its issuer signed.",
    )
    credential = record.establish(
        "disclosures",
        lambda: checks.disclose(payload, token),
        f"Disclosed groups that match the token: {len(token.disclosures)}.",
    )
    groups = tuple(token.disclosures)
    return VerifiedDataset(token, claims.issuer, kid, groups, claims, credential, payload, seal=_SEAL), key


def _failed(name: str, error: TrustError) -> Step:
    return Step(name, Outcome.FAILED, error.code, error.detail, error.path)
