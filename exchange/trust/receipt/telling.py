"""A receipt told: what the log holds, where, since when."""

from __future__ import annotations

from collections.abc import Iterator

from exchange.trust.proof.telling import (
    Document,
    logged_sentence,
    origin_sentence,
    proof_document,
    witnesses_sentence,
)
from exchange.trust.receipt.verdict import ReceiptVerdict


def receipt_sentences(verdict: ReceiptVerdict) -> Iterator[str]:
    """Which event of which document, as far as the receipt shows it."""
    yield from origin_sentence(verdict)
    if verdict.entry is None or verdict.logged_at is None:
        yield "Logged: not shown."
        return
    yield f"Receipt of the event {verdict.entry.event} of the document {verdict.entry.digest}."
    yield logged_sentence(verdict)
    yield witnesses_sentence(verdict)


def receipt_document(verdict: ReceiptVerdict) -> dict[str, Document]:
    """The same for programs."""
    entry = verdict.entry
    return {
        **proof_document(verdict),
        "digest": entry.digest if entry else None,
        "event": entry.event if entry else None,
    }
