"""Checkpoints (C2SP tlog-checkpoint): origin, tree size and root hash as the text of a signed note."""

from __future__ import annotations

import re
from dataclasses import dataclass

from exchange.trust.errors import LogError
from exchange.trust.log.merkle import EMPTY_ROOT
from exchange.trust.log.spelling import HASH_BYTES, MAX_DECIMAL, decode_hash, encode_base64, read_decimal

MAX_ORIGIN_LENGTH = 255
MAX_EXTENSIONS = 16

_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tree head of the log `origin`: number of leaves and RFC 6962 root.

    `extensions` are further lines of the text; this log writes none and nothing here gives them a meaning.
    Raises LogError `checkpoint.origin`, `checkpoint.size`, `checkpoint.root` or `checkpoint.extension`.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _is_line(self.origin, MAX_ORIGIN_LENGTH):
            raise LogError("checkpoint.origin", "The first line of a checkpoint names its log.")
        if not 0 <= self.size <= MAX_DECIMAL:
            raise LogError("checkpoint.size", "The size of a tree lies between 0 and 2^63 - 1.")
        if len(self.root) != HASH_BYTES or (self.size == 0 and self.root != EMPTY_ROOT):
            raise LogError("checkpoint.root", "This cannot be the root of a tree of this size.")
        lines = self.extensions
        if len(lines) > MAX_EXTENSIONS or not all(_is_line(line, 4 * MAX_ORIGIN_LENGTH) for line in lines):
            raise LogError("checkpoint.extension", "The further lines of this checkpoint cannot be read.")

    def text(self) -> str:
        """The text that is signed; `read_checkpoint` gives the same checkpoint back."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint of a note's text; `read_checkpoint(text).text() == text`.

    Raises LogError `checkpoint.form`, `checkpoint.origin`, `checkpoint.size`, `checkpoint.root` or
    `checkpoint.extension`.
    """
    *lines, rest = text.split("\n")
    if rest or len(lines) < 3:
        detail = "A checkpoint has a line each for its origin, tree size and root hash."
        raise LogError("checkpoint.form", detail)
    origin, size, root, *extensions = lines
    count = read_decimal(size, "checkpoint.size")
    return Checkpoint(origin, count, _root(root), tuple(extensions))


def _root(line: str) -> bytes:
    try:
        return decode_hash(line)
    except LogError as error:
        raise LogError("checkpoint.root", f"The root hash cannot be read: {error.detail}") from None


def _is_line(line: str, length: int) -> bool:
    return 0 < len(line) <= length and not _CONTROL.search(line)
