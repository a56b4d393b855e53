"""What the verification of a receipt found."""

from __future__ import annotations

from dataclasses import dataclass

from exchange.trust.log.entry import LogEntry
from exchange.trust.proof.verdict import ProofVerdict

STEPS = ("receipt", "trust", "checkpoint", "witnesses", "log", "document")


@dataclass(frozen=True, slots=True)
class ReceiptVerdict(ProofVerdict):
    """What was shown of a receipt; `entry` is what it says was logged, to tell of and not to rely on."""

    entry: LogEntry | None = None
