"""Test keys and a signed checkpoint: fixed private keys, so that every byte is the same in every run."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exchange.trust.log.checkpoint import Checkpoint
from exchange.trust.log.cosignature import cosign
from exchange.trust.log.note import COSIGNATURE, ED25519, NoteKey, sign_note, signed_note

ORIGIN = "exchange.example/log/0a1b2c3d"
AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def private_key(label: str) -> Ed25519PrivateKey:
    """The test key of a label."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(label.encode()).digest())


def note_key(name: str, label: str, algorithm: int = ED25519) -> NoteKey:
    """The verifier key of a test key."""
    return NoteKey(name, algorithm, private_key(label).public_key().public_bytes_raw())


LOG = note_key(ORIGIN, "log")
WITNESS = note_key("witness.example/w1", "witness", COSIGNATURE)


def signed(checkpoint: Checkpoint, *, cosigned: bool = True) -> str:
    """The checkpoint signed by the log, and by the witness unless told otherwise."""
    text = checkpoint.text()
    lines = [sign_note(text, ORIGIN, private_key("log"))]
    if cosigned:
        lines.append(cosign(text, WITNESS.name, private_key("witness"), AT))
    return signed_note(text, lines)
