"""What a witness remembers: the newest tree head it cosigned of each log, on disk before it answers.

One file per log, named by the SHA-256 of its origin and replaced as a whole. A witness that forgets can be shown
a second history, so a damaged file is a refusal, never a fresh start, and no backup of the folder is ever restored.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from exchange.adapters.durable_file import write_whole
from exchange.domain.errors import ExchangeError
from exchange.trust import TrustError, strict_json

ROOT_BYTES = 32
_MAX_FILE_BYTES = 4096
_VERSION = "vcx-witness-record/1"


class WitnessStateError(ExchangeError):
    """A record cannot be read or written (codes `witness.state_damaged`, `witness.state_unusable`)."""

    code = "witness.state_unusable"
    title = "The witness's memory cannot be used"


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The size of a log's tree and its root (32 bytes, RFC 6962 section 2.1)."""

    size: int
    root: bytes


@dataclass(slots=True)
class Held:
    """One log's record while its lock is held; `replace` has the new one on disk when it returns."""

    head: TreeHead | None
    _path: Path
    _origin: str

    def replace(self, head: TreeHead) -> None:
        """Put `head` in the place of the record; raises WitnessStateError and leaves the old one."""
        document = {
            "v": _VERSION,
            "origin": self._origin,
            "size": head.size,
            "root": base64.b64encode(head.root).decode(),
        }
        try:
            write_whole(self._path, strict_json.dumps(document))
        except OSError as error:
            raise WitnessStateError(
                f"The record of {self._origin} cannot be written: {error.strerror}.",
                advice="Make room in the state folder and let the log ask again.",
            ) from error
        self.head = head


class WitnessState:
    """The records in `folder` (made with mode 0700); several threads and processes may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def holding(self, origin: str) -> Iterator[Held]:
        """The record of the log `origin` (its head None before the first cosignature), locked for the block.

        Between two requests that come at once, the second sees what the first stored. Raises WitnessStateError.
        """
        name = hashlib.sha256(origin.encode()).hexdigest()
        path = self._folder / f"{name}.json"
        with _locked(self._folder / f"{name}.lock"):
            yield Held(_read(path, origin), path, origin)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    # Each opening has a lock of its own (flock(2)), so threads of one process exclude each other as well.
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise WitnessStateError(f"The state folder cannot be used: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(path: Path, origin: str) -> TreeHead | None:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WitnessStateError(f"The record of {origin} cannot be read: {error.strerror}.") from error
    try:
        value = strict_json.loads(data, max_bytes=_MAX_FILE_BYTES)
    except TrustError as error:
        raise _damaged(origin) from error
    return _head_of(value, origin)


def _head_of(value: strict_json.JsonValue, origin: str) -> TreeHead:
    members = value if isinstance(value, dict) else {}
    size, root = members.get("size"), members.get("root")
    is_ours = members.get("v") == _VERSION and members.get("origin") == origin
    if not is_ours or not isinstance(size, int) or isinstance(size, bool) or not isinstance(root, str):
        raise _damaged(origin)
    try:
        raw = base64.b64decode(root, validate=True)
    except binascii.Error as error:
        raise _damaged(origin) from error
    if len(raw) != ROOT_BYTES or size < 0:
        raise _damaged(origin)
    return TreeHead(size, raw)


def _damaged(origin: str) -> WitnessStateError:
    return WitnessStateError(
        f"The record of {origin} is damaged.",
        code="witness.state_damaged",
        advice="Take the size and root of the newest checkpoint this witness cosigned from a bundle or the log "
        "and compare before you remove the file: a witness that forgets can be shown another history.",
    )
