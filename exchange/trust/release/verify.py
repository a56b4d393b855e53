"""Verification of a release bundle: log, token, statement, inputs, each step told; nothing is fetched or stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.trust.dataset import VerifiedDataset
from exchange.trust.did import resolve_did_key
from exchange.trust.errors import BundleError, LogError, ReleaseError
from exchange.trust.instant import require_aware
from exchange.trust.log.checkpoint import Checkpoint
from exchange.trust.log.entry import LogEntry, read_entry
from exchange.trust.log.note import NoteKey, read_vkey
from exchange.trust.proof import checkpoints
from exchange.trust.proof.steps import Steps, Stop
from exchange.trust.proof.verdict import Witness
from exchange.trust.release.content import EVENT, ReleaseContent, read_content
from exchange.trust.release.document import ReleaseBundle, read_release_bundle
from exchange.trust.release.inputs import InputProof, check_input
from exchange.trust.release.statement import registered, require_registrar
from exchange.trust.release.verdict import STEPS, ReleaseVerdict, of_a_statement
from exchange.trust.trust_root import TrustRoot
from exchange.trust.verdict import Finding, Outcome, Policy
from exchange.trust.verify import verify

LEEWAY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Given:
    """What is judged, and by what."""

    bundle: ReleaseBundle
    entry: LogEntry
    key: NoteKey
    trust: TrustRoot | None
    now: datetime
    max_age: timedelta | None


@dataclass
class _Found(Steps):
    """What was shown so far, for the verdict."""

    given: _Given | None = None
    witnesses: tuple[Witness, ...] = ()
    is_logged: bool = False
    signed: VerifiedDataset | None = None
    content: ReleaseContent | None = None
    own_inputs: tuple[InputProof, ...] = ()


def verify_release(
    data: bytes, *, trust: TrustRoot | None, now: datetime, max_age: timedelta | None = None
) -> ReleaseVerdict:
    """Check the release bundle in `data` in the order of STEPS; never raises for a bad one.

    `trust` is the verifier's own trust root; without one the answer is at best "consistent, origin not
    established". `now` is an aware instant: what is dated more than LEEWAY later is refused, and `max_age` before
    it what is older (None: of any age). Raises TokenError `instant.naive`.
    """
    now = require_aware(now, "now")
    found = _Found()
    try:
        given = found.establish(
            "bundle", lambda: _read(data, trust, now, max_age), "The bundle is well formed."
        )
        found.given = given
        checkpoint = _checkpoint(found, given)
        dataset = _token(found, given, checkpoint)
        found.content = found.establish(
            "statement", lambda: read_content(dataset), "It states a chain's released figures of a period."
        )
        found.judge("inputs", lambda: _inputs(found, given, dataset))
    except Stop:
        found.close(STEPS)
    return _verdict(found, trust)


def _read(data: bytes, trust: TrustRoot | None, now: datetime, max_age: timedelta | None) -> _Given:
    bundle = read_release_bundle(data)
    entry = read_entry(bundle.log.entry.body.encode())
    try:
        key = read_vkey(bundle.log.key)
    except LogError as error:
        raise BundleError("bundle.keys", f"The key of the log cannot be read: {error.detail}") from None
    return _Given(bundle, entry, key, trust, now, max_age)


def _checkpoint(found: _Found, given: _Given) -> Checkpoint:
    trust = given.trust
    found.judge("trust", lambda: _trust(given))
    whose = "your trust root" if found.steps[-1].outcome is Outcome.ESTABLISHED else "the bundle itself"
    note, checkpoint = found.establish(
        "checkpoint",
        lambda: checkpoints.signed_checkpoint(given.bundle.log.checkpoint, [given.key]),
        f"The checkpoint of {given.key.name} is signed by the key that {whose} names.",
    )

    def witnesses() -> Finding:
        found.witnesses = checkpoints.witnesses_of(note, trust, given.now + LEEWAY) if trust else ()
        return checkpoints.witnesses_finding([found.witnesses], trust)

    found.judge("witnesses", witnesses)
    return checkpoint


def _trust(given: _Given) -> Finding:
    if given.trust is None:
        return checkpoints.NO_TRUST_ROOT
    if given.key not in checkpoints.trusted_log(given.key.name, given.trust).log_keys:
        detail = f"Your trust root knows the log {given.key.name} by other keys."
        raise BundleError("trust.keys", detail)
    return Finding(Outcome.ESTABLISHED, "ok", "The log and its key are those of your trust root.")


def _token(found: _Found, given: _Given, checkpoint: Checkpoint) -> VerifiedDataset:
    policy = Policy(
        required=frozenset(),
        leeway=LEEWAY,
        log=lambda dataset: _log(found, given, checkpoint, dataset),
        identity=lambda dataset: _identity(given.trust, dataset),
    )
    verdict = verify(given.bundle.token, resolve=resolve_did_key, now=given.now, policy=policy)
    found.steps.extend(of_a_statement(verdict.steps))
    if verdict.dataset is None:
        raise Stop
    found.signed = verdict.dataset
    return verdict.dataset


def _log(found: _Found, given: _Given, checkpoint: Checkpoint, dataset: VerifiedDataset) -> Finding:
    bundled, entry = given.bundle.log.entry, given.entry
    if (entry.event, entry.digest) != (EVENT, dataset.digest):
        raise BundleError("log.not_logged", "The log entry in the bundle is not of this statement.")
    checkpoints.require_included(bundled.body.encode(), bundled.index, bundled.path, checkpoint)
    found.is_logged = True
    checkpoints.require_past(entry, given.now + LEEWAY)
    checkpoints.require_recent(entry, found.witnesses, given.now, given.max_age)
    return checkpoints.logged(entry, bundled.index, checkpoint.origin)


def _identity(trust: TrustRoot | None, dataset: VerifiedDataset) -> Finding:
    if trust is None:
        detail = f"{dataset.issuer} signed, but without a trust root no registrar's word counts."
        return Finding(Outcome.NOT_CHECKED, "issuer_identity.no_trust_root", detail)
    require_registrar(dataset, trust)
    return Finding(Outcome.ESTABLISHED, "ok", f"{dataset.issuer} is a registrar of your trust root.")


def _inputs(found: _Found, given: _Given, dataset: VerifiedDataset) -> Finding:
    proofs = given.bundle.inputs
    if not proofs:
        detail = "The bundle brings no proof of an input, so none was looked for."
        return Finding(Outcome.NOT_CHECKED, "inputs.none", detail)
    is_by_registrar = found.steps[STEPS.index("issuer_identity")].outcome is Outcome.ESTABLISHED
    if given.trust is None or not is_by_registrar:
        detail = "Only what a registrar of your trust root signed is worth asking what it counted."
        return Finding(Outcome.NOT_CHECKED, "inputs.no_registrar", detail)
    if len({one.input.digest for one in proofs}) != len(proofs):
        raise ReleaseError("release.doubled", "The bundle proves the same input twice.", path="/inputs")
    statement = registered(dataset, given.trust)
    for proof in proofs:
        check_input(statement, proof)
    found.own_inputs = proofs
    counted = f"{len(proofs)} of the {statement.content.size} inputs counted are proven in this bundle."
    return Finding(Outcome.ESTABLISHED, "ok", counted)


def _verdict(found: _Found, trust: TrustRoot | None) -> ReleaseVerdict:
    given = found.given
    required = frozenset(STEPS) if given and given.bundle.inputs else frozenset(STEPS) - {"inputs"}
    is_logged = given is not None and found.is_logged
    return ReleaseVerdict(
        steps=tuple(found.steps),
        required=checkpoints.demanded(required, trust),
        log_origin=given.key.name if given and is_logged else "",
        log_index=given.bundle.log.entry.index if given and is_logged else None,
        logged_at=given.entry.received if given and is_logged else None,
        witnesses=found.witnesses,
        signed=found.signed,
        content=found.content,
        own_inputs=found.own_inputs,
    )
