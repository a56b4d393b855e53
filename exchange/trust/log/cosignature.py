"""Cosignatures of witnesses (C2SP tlog-cosignature, Ed25519, signature type 0x04).

A witness says: at this time, the largest tree I have seen of this log has this root, and it only ever grew.
"""

from __future__ import annotations

from datetime import UTC, datetime

from exchange.trust.errors import LogError
from exchange.trust.instant import require_aware
from exchange.trust.keys import PrivateKey
from exchange.trust.log.note import COSIGNATURE, Note, NoteKey, NoteSignature, is_signed

_TIME_BYTES = 8
_SIGNATURE_BYTES = 64
# The last second a datetime can hold; a witness of a later one has no clock.
_LAST_SECOND = 253_402_300_799


def cosign(checkpoint_text: str, name: str, key: PrivateKey, at: datetime) -> str:
    """The signature line of the witness `name` under a checkpoint's text, at the second of `at`; with its newline.

    Raises LogError `note.name` or `cosignature.time` (before 1970), TokenError `instant.naive`.
    """
    witness = NoteKey(name, COSIGNATURE, key.public_key().public_bytes_raw())
    time = int(require_aware(at, "The time of a cosignature").timestamp())
    if time < 0:
        raise LogError("cosignature.time", "A cosignature is not made before 1970.")
    signature = key.sign(_message(checkpoint_text, time))
    return NoteSignature(name, witness.key_id, time.to_bytes(_TIME_BYTES, "big") + signature).line()


def check_cosignature(note: Note, key: NoteKey) -> datetime:
    """When the witness `key` (type 0x04) last cosigned the checkpoint `note`; the time is the witness's own word.

    Raises LogError `cosignature.missing`, `cosignature.length`, `cosignature.time` or `cosignature.signature`
    (any line under this key that does not verify), `note.algorithm` for a key of another type.
    """
    if key.algorithm != COSIGNATURE:
        raise LogError("note.algorithm", "Only a key of type 4 cosigns a checkpoint.")
    times = [_time_of(note.text, key, signature) for signature in note.by(key)]
    if not times:
        raise LogError("cosignature.missing", f"{key.name} has not cosigned this checkpoint.")
    return datetime.fromtimestamp(max(times), UTC)


def _time_of(text: str, key: NoteKey, signature: bytes) -> int:
    if len(signature) != _TIME_BYTES + _SIGNATURE_BYTES:
        raise LogError("cosignature.length", "A cosignature has a time of 8 bytes and 64 bytes.")
    time = int.from_bytes(signature[:_TIME_BYTES], "big")
    if time > _LAST_SECOND:
        raise LogError("cosignature.time", f"The time of the cosignature by {key.name} is no date.")
    if not is_signed(key, _message(text, time), signature[_TIME_BYTES:]):
        raise LogError("cosignature.signature", f"The cosignature by {key.name} does not fit the checkpoint.")
    return time


def _message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()
