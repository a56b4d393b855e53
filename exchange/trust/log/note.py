"""Signed notes (C2SP signed-note): a text, a blank line, and one line per signature.

Keys are Ed25519: type 0x01 signs the text, type 0x04 signs a checkpoint with a time (see `cosignature`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from exchange.trust.errors import KeyFormatError, LogError
from exchange.trust.keys import PrivateKey, ed25519_public_key
from exchange.trust.log.spelling import decode_base64, encode_base64

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_NOTE_BYTES = 64 * 1024
MAX_SIGNATURES = 16
MAX_NAME_LENGTH = 255

_ID_BYTES = 4
_CACHED = 1024
_MARK = "— "
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A verifier key: `algorithm` is 0x01 (Ed25519) or 0x04 (cosignature), `public` has 32 bytes.

    Raises LogError `note.name` or `vkey.algorithm`, KeyFormatError `key.*`.
    """

    name: str
    algorithm: int
    public: bytes

    def __post_init__(self) -> None:
        require_name(self.name)
        if self.algorithm not in (ED25519, COSIGNATURE):
            raise LogError("vkey.algorithm", "Only Ed25519 keys (types 1 and 4) are used here.")
        ed25519_public_key(self.public)

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name ‖ newline ‖ type ‖ public key)."""
        return _key_id(self.name, self._typed())

    @property
    def vkey(self) -> str:
        """The key's text: `<name>+<hex of key id>+<base64 of type ‖ public key>`."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(self._typed())}"

    def public_key(self) -> Ed25519PublicKey:
        """The key that verifies."""
        return ed25519_public_key(self.public)

    def _typed(self) -> bytes:
        return bytes([self.algorithm]) + self.public


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: the key's name and id, and the bytes that follow the id."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """The line with its newline."""
        return f"{_MARK}{self.name} {encode_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and its signature lines in their order."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def serialise(self) -> str:
        """The note as it is sent; `read_note` gives the same note back."""
        return signed_note(self.text, (signature.line() for signature in self.signatures))

    def by(self, key: NoteKey) -> tuple[bytes, ...]:
        """The signatures of the lines that carry the name and id of `key`, not yet verified."""
        key_id = key.key_id
        return tuple(s.signature for s in self.signatures if s.name == key.name and s.key_id == key_id)


def vkey_of(name: str, public_key: Ed25519PublicKey, algorithm: int = ED25519) -> str:
    """The text of a verifier key. Raises as `NoteKey`."""
    return NoteKey(name, algorithm, public_key.public_bytes_raw()).vkey


@lru_cache(maxsize=_CACHED)
def read_vkey(text: str) -> NoteKey:
    """The key of `<name>+<id>+<base64>`.

    Raises LogError `vkey.form`, `vkey.id`, `vkey.algorithm`, `vkey.key`, `note.name` or `base64.invalid`.
    """
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise LogError("vkey.form", "A verifier key is <name>+<key id>+<base64>.")
    name, key_id, encoded = parts
    typed = decode_base64(encoded)
    if not typed:
        raise LogError("vkey.form", "This verifier key holds no key.")
    try:
        key = NoteKey(name, typed[0], typed[1:])
    except KeyFormatError as error:
        raise LogError("vkey.key", error.detail) from None
    if key.key_id.hex() != key_id:
        raise LogError("vkey.id", "The key id does not belong to this name and key.")
    return key


def read_note(text: str, *, max_bytes: int = MAX_NOTE_BYTES) -> Note:
    """The note that `text` is; `read_note(text).serialise() == text`.

    Raises LogError `note.size`, `note.character`, `note.form`, `note.signature_line`, `note.signatures`,
    `note.name` or `base64.invalid`.
    """
    _require_plain(text)
    if len(text.encode()) > max_bytes:
        raise LogError("note.size", f"A signed note here has at most {max_bytes} bytes.")
    body, _, lines = text.rpartition("\n\n")
    if not body.strip("\n"):
        raise LogError("note.form", "A signed note is a text, an empty line and signature lines.")
    return Note(f"{body}\n", _signatures(lines))


def read_signature_lines(lines: str) -> tuple[NoteSignature, ...]:
    """The signatures of 1 to 16 lines, each with its newline. Raises LogError as `read_note`."""
    _require_plain(lines)
    return _signatures(lines)


def _signatures(lines: str) -> tuple[NoteSignature, ...]:
    *signed, rest = lines.split("\n")
    if rest:
        raise LogError("note.form", "A signature line ends in a newline.")
    if not 1 <= len(signed) <= MAX_SIGNATURES:
        raise LogError("note.signatures", f"A signed note has 1 to {MAX_SIGNATURES} signature lines.")
    return tuple(map(_signature, signed))


def sign_note(text: str, name: str, private_key: PrivateKey) -> str:
    """The signature line (type 0x01) of `name` under `text`, with its newline.

    Raises LogError `note.text`, `note.character` or `note.name`.
    """
    _require_plain(text)
    if not text.strip("\n") or not text.endswith("\n"):
        raise LogError("note.text", "The text of a note is not empty and ends in a newline.")
    key = NoteKey(name, ED25519, private_key.public_key().public_bytes_raw())
    return NoteSignature(name, key.key_id, private_key.sign(text.encode())).line()


def signed_note(text: str, lines: Iterable[str]) -> str:
    """The note of `text` and signature lines (each with its newline)."""
    return f"{text}\n{''.join(lines)}"


def signers(note: Note, keys: Iterable[NoteKey]) -> tuple[NoteKey, ...]:
    """Which of `keys` (of type 0x01) signed the note; lines of other keys are ignored.

    The text means nothing unless this is not empty. Raises LogError `note.signature` when a line under one of
    `keys` does not verify, `note.algorithm` for a key of another type.
    """
    found = []
    for key in keys:
        if key.algorithm != ED25519:
            raise LogError("note.algorithm", "Only a key of type 1 signs a note's text as it is.")
        signatures = note.by(key)
        for signature in signatures:
            if not is_signed(key, note.text.encode(), signature):
                raise LogError("note.signature", f"The signature of {key.name} does not fit the note.")
        if signatures:
            found.append(key)
    return tuple(found)


def is_signed(key: NoteKey, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is the key's Ed25519 signature (RFC 8032) of `message`."""
    try:
        key.public_key().verify(signature, message)
    except InvalidSignature:
        return False
    return True


def require_name(name: str) -> None:
    """Refuse what cannot name a key: empty, too long, with a space, plus or control character. `note.name`."""
    if (
        not 0 < len(name) <= MAX_NAME_LENGTH
        or "+" in name
        or not name.isprintable()
        or name.split() != [name]
    ):
        raise LogError("note.name", "A key name is printable and holds neither spaces nor a plus sign.")


# The same few logs and witnesses come again and again.
@lru_cache(maxsize=_CACHED)
def _key_id(name: str, typed: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + typed).digest()[:_ID_BYTES]


def _require_plain(text: str) -> None:
    # Printable (by Python's rule) is narrower and much faster to test.
    if not text.replace("\n", "").isprintable() and _CONTROL.search(text):
        detail = "A note holds no control character but newline and no half of a surrogate pair."
        raise LogError("note.character", detail)


def _signature(line: str) -> NoteSignature:
    parts = line.split(" ")
    if len(parts) != 3 or f"{parts[0]} " != _MARK:
        raise LogError("note.signature_line", "A signature line is an em dash, a name and base64.")
    _, name, encoded = parts
    require_name(name)
    data = decode_base64(encoded)
    if len(data) <= _ID_BYTES:
        raise LogError("note.signature_line", "A signature line holds a key id and a signature.")
    return NoteSignature(name, data[:_ID_BYTES], data[_ID_BYTES:])
