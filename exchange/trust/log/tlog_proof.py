"""Transparency log proofs (C2SP tlog-proof): an entry's index, inclusion path and checkpoint in one text file."""

from __future__ import annotations

from dataclasses import dataclass

from exchange.trust.errors import LogError
from exchange.trust.log.note import MAX_NOTE_BYTES, read_note
from exchange.trust.log.spelling import decode_base64, decode_hash, encode_base64, read_decimal

VERSION = "c2sp.org/tlog-proof@v1"
MAX_PATH = 63
MAX_PROOF_LENGTH = MAX_NOTE_BYTES + 4096


@dataclass(frozen=True, slots=True)
class TlogProof:
    """Entry `index`, its inclusion `path` (32 bytes each, leaf's sibling first), and the signed checkpoint.

    `extra`: what the record is made from, here the entry's own bytes; nothing but its leaf hash authenticates it.
    Nothing is verified by reading one: check the note's signatures, then `verify_inclusion`.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint_note: str
    extra: bytes = b""

    def serialise(self) -> str:
        """The text of the `.tlog-proof` file; `read_tlog_proof` gives the same proof back."""
        extra = (f"extra {encode_base64(self.extra)}",) if self.extra else ()
        lines = (VERSION, *extra, f"index {self.index}", *map(encode_base64, self.path), "")
        return "".join(f"{line}\n" for line in lines) + self.checkpoint_note


def read_tlog_proof(text: str) -> TlogProof:
    """The proof that `text` is.

    Raises LogError `tlog_proof.size`, `tlog_proof.form`, `tlog_proof.version`, `tlog_proof.extra` (an empty one),
    `tlog_proof.index`, `tlog_proof.path`, `proof.hash_length`, `base64.invalid`, or what `read_note` raises.
    """
    if len(text) > MAX_PROOF_LENGTH:
        raise LogError("tlog_proof.size", f"A proof has at most {MAX_PROOF_LENGTH} characters.")
    head, blank, note = text.partition("\n\n")
    version, *lines = head.split("\n")
    if version != VERSION:
        raise LogError("tlog_proof.version", f"The first line of a proof is {VERSION}.")
    if not blank or not lines:
        raise LogError("tlog_proof.form", "A proof has an index, a path, an empty line and a checkpoint.")
    extra = _extra(lines.pop(0)) if lines[0].startswith("extra ") else b""
    index = _index(lines[0] if lines else "")
    if len(lines) - 1 > MAX_PATH:
        raise LogError("tlog_proof.path", f"A path has at most {MAX_PATH} hashes.")
    read_note(note)
    return TlogProof(index, tuple(decode_hash(line) for line in lines[1:]), note, extra)


def _extra(line: str) -> bytes:
    extra = decode_base64(line.removeprefix("extra "))
    if not extra:
        raise LogError("tlog_proof.extra", "A proof without extra data has no line for it.")
    return extra


def _index(line: str) -> int:
    word, _, number = line.partition(" ")
    if word != "index":
        raise LogError("tlog_proof.index", "The second line of a proof is its index.")
    return read_decimal(number, "tlog_proof.index")
