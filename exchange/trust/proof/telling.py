"""What is told of every proof file alike: instants, where the log has it, who cosigned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias

from exchange.trust.log.seconds import format_second
from exchange.trust.proof.verdict import ProofVerdict

Document: TypeAlias = "dict[str, Document] | list[Document] | str | int | bool | None"


def instant_words(instant: datetime | None) -> str:
    """An instant for people."""
    return instant.strftime("%Y-%m-%d %H:%M:%S UTC") if instant else "at an unknown time"


def instant_text(instant: datetime | None) -> str | None:
    """An instant for programs."""
    return format_second(instant) if instant else None


def origin_sentence(verdict: ProofVerdict) -> Iterator[str]:
    """The warning before all that a file says of itself."""
    if not verdict.origin_established:
        yield "What follows is the file's own word: it is not shown to come from a log you trust."


def logged_sentence(verdict: ProofVerdict) -> str:
    """Where and when the log has it."""
    if verdict.logged_at is None:
        return "Logged: not shown."
    where = f"as entry number {verdict.log_index} of the log {verdict.log_origin}"
    return f"Logged: {where}, received {instant_words(verdict.logged_at)}."


def witnesses_sentence(verdict: ProofVerdict) -> str:
    """Who saw the same checkpoint."""
    seen = [f"{witness.name} ({instant_words(witness.at)})" for witness in verdict.witnesses]
    return f"Witnesses of the checkpoint: {', '.join(seen) or 'none that your trust root names'}."


def proof_document(verdict: ProofVerdict) -> dict[str, Document]:
    """The same for programs."""
    return {
        "consistent": verdict.consistent,
        "origin_established": verdict.origin_established,
        "log": {
            "origin": verdict.log_origin or None,
            "index": verdict.log_index,
            "received": instant_text(verdict.logged_at),
        },
        "witnesses": [{"name": seen.name, "at": instant_text(seen.at)} for seen in verdict.witnesses],
    }
