"""Verification of a receipt: its log by the verifier's trust root, the entry in it, and whose digest that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.trust.checks import Resolver
from exchange.trust.did import resolve_did_key
from exchange.trust.errors import BundleError, LogError
from exchange.trust.instant import require_aware
from exchange.trust.log.checkpoint import Checkpoint, read_checkpoint
from exchange.trust.log.entry import LogEntry, read_entry
from exchange.trust.log.note import read_note
from exchange.trust.log.tlog_proof import VERSION, TlogProof, read_tlog_proof
from exchange.trust.proof import checkpoints
from exchange.trust.proof.steps import Steps, Stop
from exchange.trust.proof.verdict import Witness
from exchange.trust.receipt.verdict import STEPS, ReceiptVerdict
from exchange.trust.trust_root import TrustedLog, TrustRoot
from exchange.trust.verdict import Finding, Outcome, Policy
from exchange.trust.verify import verify

LEEWAY = timedelta(minutes=5)
_FAMILY = VERSION.rpartition("@")[0].encode()


@dataclass(frozen=True, slots=True)
class GivenDocument:
    """The signed document that a receipt must be of: its token, and what gives the key under its key id."""

    token: str | bytes
    resolve: Resolver = resolve_did_key


@dataclass(frozen=True, slots=True)
class _Measure:
    """What a receipt is judged by."""

    trust: TrustRoot | None
    now: datetime
    document: GivenDocument | None
    max_age: timedelta | None

    @property
    def latest(self) -> datetime:
        """What is dated later is yet to come."""
        return self.now + LEEWAY


@dataclass(frozen=True, slots=True)
class _Read:
    """A receipt taken apart; nobody vouches for the checkpoint yet."""

    proof: TlogProof
    entry: LogEntry
    checkpoint: Checkpoint


@dataclass
class _Found(Steps):
    """What was shown so far, for the verdict."""

    read: _Read | None = None
    witnesses: tuple[Witness, ...] = ()
    is_logged: bool = False


def looks_like_receipt(data: bytes) -> bool:
    """Whether `data` is meant as a receipt of some version, well formed or not."""
    return data.startswith(_FAMILY)


def verify_receipt(
    data: bytes,
    *,
    trust: TrustRoot | None,
    now: datetime,
    document: GivenDocument | None = None,
    max_age: timedelta | None = None,
) -> ReceiptVerdict:
    """Check the receipt in `data` in the order of STEPS; never raises for a bad one.

    `trust` is the verifier's own trust root, which alone says with which key a log signs; `document` what the
    receipt must be of, of which the signature steps are taken too, None: it is not demanded. `now` is an aware
    instant: what is dated more than LEEWAY later is refused, and `max_age` before it what is older (None: of any age).
    Raises TokenError `instant.naive`.
    """
    measure = _Measure(trust, require_aware(now, "now"), document, max_age)
    found = _Found()
    try:
        read = found.establish("receipt", lambda: _take_apart(data), "The receipt is well formed.")
        found.read = read
        _vouched(found, read, measure)
        found.judge("log", lambda: _log(found, read, measure))
        found.judge("document", lambda: _document(read.entry, measure))
    except Stop:
        found.close(STEPS)
    required = frozenset(STEPS) if document is not None else frozenset(STEPS) - {"document"}
    return _verdict(found, checkpoints.demanded(required, trust))


def _take_apart(data: bytes) -> _Read:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise LogError("tlog_proof.form", "A proof is text in UTF-8.") from None
    proof = read_tlog_proof(text)
    if not proof.extra:
        raise BundleError(
            "receipt.entry",
            "The receipt lacks the entry it is about (the line `extra`).",
            advice="Download the receipt again, or check the bundle of the same dataset.",
        )
    return _Read(proof, read_entry(proof.extra), read_checkpoint(read_note(proof.checkpoint_note).text))


def _vouched(found: _Found, read: _Read, measure: _Measure) -> None:
    """The steps `trust`, `checkpoint`, `witnesses`."""
    trust = measure.trust
    origin = read.checkpoint.origin
    known = trust.log(origin) if trust else None

    def judge_trust() -> Finding:
        if trust is None:
            return checkpoints.NO_TRUST_ROOT
        checkpoints.trusted_log(origin, trust)
        return Finding(Outcome.ESTABLISHED, "ok", "The log is one of your trust root.")

    def judge_witnesses() -> Finding:
        note = read_note(read.proof.checkpoint_note)
        found.witnesses = checkpoints.witnesses_of(note, trust, measure.latest) if trust else ()
        return checkpoints.witnesses_finding([found.witnesses], trust)

    found.judge("trust", judge_trust)
    if known is None:
        detail = f"Only a trust root that names the log {origin} says with which key it signs."
        found.note("checkpoint", Finding(Outcome.NOT_CHECKED, "checkpoint.no_key", detail))
    else:
        _check_signed(found, read, known)
    found.judge("witnesses", judge_witnesses)


def _check_signed(found: _Found, read: _Read, known: TrustedLog) -> None:
    found.establish(
        "checkpoint",
        lambda: checkpoints.signed_checkpoint(read.proof.checkpoint_note, known.log_keys),
        f"The checkpoint of {known.origin} is signed by a key that your trust root names.",
    )


def _log(found: _Found, read: _Read, measure: _Measure) -> Finding:
    proof = read.proof
    checkpoints.require_included(proof.extra, proof.index, proof.path, read.checkpoint)
    found.is_logged = True
    checkpoints.require_past(read.entry, measure.latest)
    checkpoints.require_recent(read.entry, found.witnesses, measure.now, measure.max_age)
    return checkpoints.logged(read.entry, proof.index, read.checkpoint.origin)


def _document(entry: LogEntry, measure: _Measure) -> Finding:
    given = measure.document
    if given is None:
        detail = "No document was given, so whose fingerprint this is was not checked."
        return Finding(Outcome.NOT_CHECKED, "document.none", detail)
    # The digest is over the JWT alone: without these steps what is disclosed beside it could be anything.
    verdict = verify(given.token, resolve=given.resolve, now=measure.now, policy=Policy(required=frozenset()))
    if verdict.dataset is None:
        wrong = verdict.failures[0]
        return Finding(Outcome.FAILED, wrong.code, f"The document does not hold: {wrong.detail}", wrong.path)
    if entry.digest != (digest := verdict.dataset.digest):
        raise BundleError("document.other", f"The receipt is of {entry.digest}, the document is {digest}.")
    detail = (
        "The entry's fingerprint is the document's, whose signature holds and which shows what was signed."
    )
    return Finding(Outcome.ESTABLISHED, "ok", detail)


def _verdict(found: _Found, required: frozenset[str]) -> ReceiptVerdict:
    read = found.read
    is_logged = read is not None and found.is_logged
    return ReceiptVerdict(
        steps=tuple(found.steps),
        required=required,
        log_origin=read.checkpoint.origin if read and is_logged else "",
        log_index=read.proof.index if read and is_logged else None,
        logged_at=read.entry.received if read and is_logged else None,
        witnesses=found.witnesses,
        entry=read.entry if read else None,
    )
