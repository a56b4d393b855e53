"""Verification of a proof bundle: the log first, then the token, each step told; nothing is fetched or stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange.trust.bundle.document import Bundle, read_bundle
from exchange.trust.bundle.key_state import KeyState, establish_key_state
from exchange.trust.bundle.logs import (
    Evidence,
    LogKeys,
    OpenedLog,
    check_trust,
    open_checkpoint,
    read_keys,
)
from exchange.trust.bundle.registrar import Measure
from exchange.trust.bundle.token_checks import TokenChecks
from exchange.trust.bundle.verdict import STEPS, BundlePolicy, BundleVerdict
from exchange.trust.errors import BundleError, TrustError
from exchange.trust.instant import require_aware
from exchange.trust.proof.checkpoints import NO_TRUST_ROOT, demanded, witnesses_finding, witnesses_of
from exchange.trust.proof.steps import Steps, Stop, failure
from exchange.trust.proof.verdict import Witness
from exchange.trust.trust_root import TrustRoot
from exchange.trust.verdict import Finding, Outcome, Step


@dataclass
class _Found(Steps):
    """What was shown so far, for the verdict."""

    witnesses: tuple[Witness, ...] = ()
    key: KeyState | None = None
    token: TokenChecks | None = None


def verify_bundle(
    data: bytes, *, trust: TrustRoot | None, now: datetime, policy: BundlePolicy | None = None
) -> BundleVerdict:
    """Check the bundle in `data` in the order of STEPS and tell what is established; never raises for a bad one.

    `trust` is the verifier's own trust root; without one the answer is at best "consistent, origin not
    established". `now` is an aware instant: what is dated later is refused. Raises TokenError `instant.naive`.
    """
    measure = Measure(trust, require_aware(now, "now"), policy or BundlePolicy())
    found = _Found()
    try:
        bundle, keys, evidence = found.establish("bundle", lambda: _read(data), "The bundle is well formed.")
        found.key = key = _establish_log(found, bundle, keys, evidence, measure)
        is_vouched = found.steps[STEPS.index("trust")].outcome is Outcome.ESTABLISHED
        found.token = TokenChecks(bundle, evidence, key, measure, run_schemas=is_vouched)
        found.steps.extend(found.token.run())
        _check_used(found, found.token)
    except Stop:
        found.close(STEPS)
    return _verdict(found, measure)


def _read(data: bytes) -> tuple[Bundle, list[LogKeys], Evidence]:
    bundle = read_bundle(data)
    keys = [read_keys(log) for log in bundle.logs]
    if len({one.origin for one in keys}) != len(keys):
        raise BundleError("bundle.keys", "Two logs of the bundle have one origin.", path="/logs")
    return bundle, keys, Evidence(bundle)


def _establish_log(
    found: _Found, bundle: Bundle, keys: Sequence[LogKeys], evidence: Evidence, measure: Measure
) -> KeyState:
    found.judge("trust", lambda: _trust(keys, measure.trust))
    is_known = found.steps[-1].outcome is Outcome.ESTABLISHED
    whose = "your trust root" if is_known else "the bundle itself"
    opened = found.establish(
        "checkpoint",
        lambda: [open_checkpoint(log, key) for log, key in zip(bundle.logs, keys, strict=True)],
        f"The checkpoint of {keys[-1].origin} is signed by the key that {whose} names.",
    )
    evidence.rest_on(opened)
    found.judge("witnesses", lambda: _witnesses(found, opened, measure))
    return found.establish(
        "key_state",
        lambda: establish_key_state(bundle, evidence, keys[-1], opened[-1], measure.latest),
        "The log vouches for the record of the issuer's key, and its binding is logged.",
    )


def _trust(keys: Sequence[LogKeys], trust: TrustRoot | None) -> Finding:
    if trust is None:
        return NO_TRUST_ROOT
    check_trust(keys, trust)
    return Finding(Outcome.ESTABLISHED, "ok", "Logs and keys are those of your trust root.")


def _witnesses(found: _Found, opened: Sequence[OpenedLog], measure: Measure) -> Finding:
    trust = measure.trust
    each = [witnesses_of(log.note, trust, measure.latest) for log in opened] if trust else []
    found.witnesses = each[-1] if each else ()
    return witnesses_finding(each, trust)


def _check_used(found: _Found, token: TokenChecks) -> None:
    # What a failed step did not get to ask for is not idle, so only a bundle that holds together is searched.
    if Outcome.FAILED in [step.outcome for step in found.steps]:
        return
    try:
        token.check_used()
    except TrustError as error:
        failed = failure(error)
        found.steps[0] = Step(STEPS[0], failed.outcome, failed.code, failed.detail, failed.path)


def _verdict(found: _Found, measure: Measure) -> BundleVerdict:
    key, token = found.key, found.token
    return BundleVerdict(
        steps=tuple(found.steps),
        required=demanded(measure.policy.required, measure.trust),
        signed=token.signed if token else None,
        organisation=token.organisation if token else None,
        registrar=token.registrar_did if token else "",
        key_bound=key.record.bound if key else None,
        custody=key.record.custody if key else None,
        log_origin=token.entry.origin if token and token.entry else "",
        log_index=token.entry.index if token and token.entry else None,
        logged_at=token.entry.entry.received if token and token.entry else None,
        as_of=key.state.as_of if key else None,
        revoked=token.revoked if token else None,
        witnesses=found.witnesses,
    )
