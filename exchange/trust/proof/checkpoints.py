"""The checkpoint a proof rests on: signed by its log, cosigned by the verifier's witnesses, holding an entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from exchange.trust.errors import BundleError
from exchange.trust.log.checkpoint import Checkpoint, read_checkpoint
from exchange.trust.log.cosignature import check_cosignature
from exchange.trust.log.entry import LogEntry
from exchange.trust.log.merkle import leaf_hash, verify_inclusion
from exchange.trust.log.note import Note, NoteKey, read_note, signers
from exchange.trust.log.seconds import format_second
from exchange.trust.proof.verdict import Witness
from exchange.trust.trust_root import TrustedLog, TrustRoot
from exchange.trust.verdict import Finding, Outcome

NO_TRUST_ROOT = Finding(
    Outcome.NOT_CHECKED, "trust.none", "No trust root was given: whose log this is was not established."
)


def trusted_log(origin: str, trust: TrustRoot) -> TrustedLog:
    """The log called `origin` as the trust root knows it. Raises BundleError `trust.origin`."""
    known = trust.log(origin)
    if known is None:
        raise BundleError(
            "trust.origin",
            f"This is of the log {origin}, which is not one of your trust root.",
            advice="Get the trust root of that exchange by a way you trust, or refuse the file.",
        )
    return known


def signed_checkpoint(text: str, keys: Sequence[NoteKey]) -> tuple[Note, Checkpoint]:
    """The note `text` and its checkpoint, signed by one of the log's `keys` (at least one, all of one name).

    Raises LogError `note.*`, `checkpoint.*`, BundleError `checkpoint.other_log`, `checkpoint.unsigned`.
    """
    origin, note = keys[0].name, read_note(text)
    if not signers(note, keys):
        raise BundleError("checkpoint.unsigned", f"The key of the log {origin} did not sign this.")
    checkpoint = read_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise BundleError("checkpoint.other_log", "The checkpoint speaks of another log than its key.")
    return note, checkpoint


def require_included(body: bytes, index: int, path: Sequence[bytes], checkpoint: Checkpoint) -> None:
    """Refuse an entry `body` that the checkpoint's tree does not hold under number `index` (LogError `proof.*`)."""
    verify_inclusion(index=index, size=checkpoint.size, leaf=leaf_hash(body), path=path, root=checkpoint.root)


def require_past(entry: LogEntry, latest: datetime) -> None:
    """Refuse an entry that the log received after `latest` (BundleError `log.future`)."""
    if entry.received > latest:
        detail = f"The log received this at {entry.received.isoformat()}, which is yet to come."
        raise BundleError("log.future", detail)


def require_recent(
    entry: LogEntry, witnesses: Sequence[Witness], now: datetime, max_age: timedelta | None
) -> None:
    """Refuse a proof that shows nothing of the last `max_age` (None: any) before `now` (BundleError `status.old`).

    The newest it can show is the last cosignature by a witness of the trust root, or that the log received the entry.
    """
    newest = max([entry.received, *(witness.at for witness in witnesses)])
    if max_age is not None and now - newest > max_age:
        detail = f"The newest this file shows is of {format_second(newest)}; at most {max_age.days} days are allowed."
        raise BundleError("status.old", detail, advice="Download it again.")


def logged(entry: LogEntry, index: int, origin: str) -> Finding:
    """The finding that the log contains an entry."""
    received = format_second(entry.received)
    return Finding(Outcome.ESTABLISHED, "ok", f"Entry {index} of {origin}, received {received}.")


def witnesses_of(note: Note, trust: TrustRoot, latest: datetime) -> tuple[Witness, ...]:
    """The trust root's witnesses who cosigned the checkpoint, in the root's order; others are ignored.

    Raises LogError `cosignature.*` for a line that does not verify, BundleError `witnesses.future`.
    """
    found = tuple(Witness(key.name, check_cosignature(note, key)) for key in trust.witnesses if note.by(key))
    for witness in found:
        if witness.at > latest:
            raise BundleError("witnesses.future", f"{witness.name} cosigned at {witness.at.isoformat()}.")
    return found


def witnesses_finding(each: Sequence[Sequence[Witness]], trust: TrustRoot | None) -> Finding:
    """Whether each checkpoint's witnesses are as many as the trust root demands."""
    if trust is None:
        detail = "No trust root was given: nobody says which witnesses count."
        return Finding(Outcome.NOT_CHECKED, "witnesses.no_trust_root", detail)
    fewest = min(map(len, each))
    if fewest < trust.quorum:
        detail = (
            f"{fewest} of your trust root's witnesses cosigned the checkpoint; it demands {trust.quorum}."
            " A file from before a witness was named lacks it: get it anew."
        )
        return Finding(Outcome.FAILED, "witnesses.quorum", detail)
    if not trust.quorum:
        detail = "Your trust root demands no witness: that all see the same log is the log's own word."
        return Finding(Outcome.NOT_CHECKED, "witnesses.none_demanded", detail)
    return Finding(Outcome.ESTABLISHED, "ok", f"Cosigned by at least {trust.quorum} of your witnesses.")


def demanded(required: frozenset[str], trust: TrustRoot | None) -> frozenset[str]:
    """What is left of `required` where the trust root asks for no witness."""
    return required if trust is None or trust.quorum else required - {"witnesses"}
