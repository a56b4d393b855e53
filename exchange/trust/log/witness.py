"""What a witness answers to `add-checkpoint` (C2SP tlog-witness), decided without touching anything.

`receive` reads a request; the caller then locks its record of that log, asks `decide`, stores the new record
durably, and only then signs. Between the record read and the record stored nothing else may be decided.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from exchange.trust.errors import LogError
from exchange.trust.log.checkpoint import Checkpoint, read_checkpoint
from exchange.trust.log.merkle import verify_consistency
from exchange.trust.log.note import MAX_NOTE_BYTES, Note, NoteKey, read_note, signers
from exchange.trust.log.spelling import decode_hash, read_decimal
from exchange.trust.log.tlog_proof import MAX_PATH

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"
MAX_REQUEST_BYTES = MAX_NOTE_BYTES + 4096
Record: TypeAlias = tuple[int, bytes]
"""Size and root of the newest checkpoint a witness cosigned of a log."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A request whose checkpoint is signed by its log: the record it builds on, the proof from there, the note."""

    old_size: int
    path: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Decision:
    """The HTTP status, body and media type of the answer, and the record to store before it is sent.

    With status 200 the body is empty and `record` is set: the witness's cosignature line becomes the body.
    """

    status: int
    body: str
    media_type: str = TEXT
    record: Record | None = None


def receive(body: bytes, logs: Mapping[str, Collection[NoteKey]]) -> Submission | Decision:
    """The submission in a request, or why not: 400 (malformed, or a tree that shrinks), 404 (a log this witness
    does not know), 403 (not signed by one of that log's keys). `logs` holds the keys of each origin."""
    try:
        submission = _read(body)
    except LogError as error:
        return Decision(400, f"{error}\n")
    origin = submission.checkpoint.origin
    if origin not in logs:
        return Decision(404, "this witness does not know that log\n")
    if not _is_signed_by_log(submission.note, logs[origin]):
        return Decision(403, "the checkpoint is not signed by a key of its log\n")
    if submission.old_size > submission.checkpoint.size:
        return Decision(400, "the old size is larger than the checkpoint's\n")
    return submission


def decide(submission: Submission, stored: Record | None) -> Decision:
    """Whether to cosign, given what was last cosigned of this log (None: nothing yet, which counts as size 0).

    409 with that size when the submission builds on another; 422 when the proof does not hold, or another root is
    shown for the same size; else 200 with the record to store. From size 0 the proof must be empty.
    """
    size, root = stored or (0, b"")
    if submission.old_size != size:
        return Decision(409, f"{size}\n", SIZE)
    checkpoint = submission.checkpoint
    try:
        if size:
            verify_consistency(
                old_size=size,
                new_size=checkpoint.size,
                old_root=root,
                new_root=checkpoint.root,
                path=submission.path,
            )
        elif submission.path:
            raise LogError("proof.length", "From an empty tree the proof is empty.")
    except LogError as error:
        return Decision(422, f"{error}\n")
    return Decision(200, "", record=(checkpoint.size, checkpoint.root))


def _read(body: bytes) -> Submission:
    if len(body) > MAX_REQUEST_BYTES:
        raise LogError("witness.size", f"A request has at most {MAX_REQUEST_BYTES} bytes.")
    try:
        head, blank, text = body.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError:
        raise LogError("witness.form", "The request is not UTF-8.") from None
    first, *lines = head.split("\n")
    word, _, number = first.partition(" ")
    if word != "old" or not blank:
        detail = "A request has the line `old <size>`, proof lines, an empty line and a checkpoint."
        raise LogError("witness.form", detail)
    if len(lines) > MAX_PATH:
        raise LogError("witness.path", f"A proof has at most {MAX_PATH} hashes.")
    note = read_note(text)
    path = tuple(decode_hash(line) for line in lines)
    return Submission(read_decimal(number, "witness.old_size"), path, note, read_checkpoint(note.text))


def _is_signed_by_log(note: Note, keys: Collection[NoteKey]) -> bool:
    try:
        return bool(signers(note, keys))
    except LogError:
        return False
