"""Verification of a token in fixed steps, failing closed, and the only source of a `VerifiedDataset`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ParamSpec

from exchange.trust import checks, jws
from exchange.trust.checks import Resolver
from exchange.trust.dataset import _SEAL, VerifiedDataset
from exchange.trust.did import ResolvedKey
from exchange.trust.errors import TrustError
from exchange.trust.instant import require_aware
from exchange.trust.token import Token, read_token
from exchange.trust.verdict import SIGNATURE_STEPS, STEPS, DatasetCheck, Outcome, Policy, Step, Verdict

P = ParamSpec("P")

# Looking an outcome up costs as much as a small check.
_ESTABLISHED = Outcome.ESTABLISHED
_ALWAYS_REQUIRED = frozenset(SIGNATURE_STEPS)


def _established(name: str, detail: str) -> Step:
    return Step(name, _ESTABLISHED, "ok", detail)


# What always reads the same is made once.
_STRUCTURE = _established("structure", "The token is well formed.")
_HEADER = _established("header", "Only allowed header members.")
_SIGNATURE = _established("signature", "The named key signed the bytes.")
_PAYLOAD = _established("payload", "The payload is strict JSON.")
_CREDENTIAL = _established("credential", "The credential is well formed, its issuer signed.")
_TIME = _established("time", "The instant lies within the validity.")
_KEY_VALIDITY = _established("key_validity", "The key counted when the token came in.")
_NOT_CHECKED = {
    name: Step(name, Outcome.NOT_CHECKED, f"{name}.not_checked", detail)
    for name, detail in (
        ("status", "Revocation was not looked up: no status list was given."),
        ("log", "Inclusion in the transparency log was not checked: no proof was given."),
        ("issuer_identity", "Who stands behind the DID was not checked: a signature shows only the key."),
    )
}


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
    required = policy.required | _ALWAYS_REQUIRED
    steps: list[Step] = []
    try:
        dataset, key = _establish_signed(steps, token, resolve)
    except TrustError as error:
        return _ended(steps, error, required)
    steps += (
        _judged(_TIME, checks.check_time, dataset.claims, now, policy.leeway),
        _judged(_KEY_VALIDITY, checks.check_key_validity, key, taken_in),
        checks.schema_step(dataset, policy.schema),
        _checked("status", policy.status, dataset),
        _checked("log", policy.log, dataset),
        _checked("issuer_identity", policy.identity, dataset),
    )
    verdict = Verdict(tuple(steps), required, dataset)
    return verdict if verdict.ok else Verdict(verdict.steps, required)


def _establish_signed(
    steps: list[Step], given: Token | str | bytes, resolve: Resolver
) -> tuple[VerifiedDataset, ResolvedKey]:
    """Take the SIGNATURE_STEPS one by one, noting each that is established; the first refusal goes to the caller."""
    # A Token object may have been put together by hand, so it goes through the same reader as text.
    read = read_token(given.serialise() if isinstance(given, Token) else given)
    steps.append(_STRUCTURE)
    header = checks.read_header(read)
    steps.append(_HEADER)
    kid = header.kid
    key = checks.find_key(kid, resolve)
    steps.append(_established("key", f"The key is {kid}."))
    jws.check_algorithm(header, key.public_key)
    steps.append(_established("algorithm", f"{header.alg} fits the named key."))
    checks.check_signature(read, key)
    steps.append(_SIGNATURE)
    payload = read.compact.payload()
    steps.append(_PAYLOAD)
    claims = checks.claims_of(payload, kid)
    steps.append(_CREDENTIAL)
    credential = checks.disclose(payload, read)
    matching = f"Disclosed groups that match the token: {len(read.disclosures)}."
    steps.append(_established("disclosures", matching))
    groups = tuple(read.token.disclosures)
    return VerifiedDataset(
        read.token, claims.issuer, kid, groups, claims, credential, payload, seal=_SEAL
    ), key


def _ended(steps: list[Step], error: TrustError, required: frozenset[str]) -> Verdict:
    """The verdict where a signature step refused, which all later ones need: they say that they were not reached."""
    name, *missed = STEPS[len(steps) :]
    detail = f"Not reached: the step {name} failed."
    steps.append(_failed(name, error))
    steps += [Step(one, Outcome.NOT_CHECKED, "not_reached", detail) for one in missed]
    return Verdict(tuple(steps), required)


def _judged(established: Step, check: Callable[P, None], *given: P.args, **named: P.kwargs) -> Step:
    """The step as given when `check` lets pass, else its failure; the other steps go on either way."""
    try:
        check(*given, **named)
    except TrustError as error:
        return _failed(established.name, error)
    return established


def _checked(name: str, check: DatasetCheck | None, dataset: VerifiedDataset) -> Step:
    if check is None:
        return _NOT_CHECKED[name]
    try:
        found = check(dataset)
    except TrustError as error:
        return _failed(name, error)
    return Step(name, found.outcome, found.code, found.detail, found.path, found.problems)


def _failed(name: str, error: TrustError) -> Step:
    return Step(name, Outcome.FAILED, error.code, error.detail, error.path)
