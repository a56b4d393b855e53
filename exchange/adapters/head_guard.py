"""The last head of the log that was signed, kept apart from the database and from every backup of it.

A restored backup that is appended to would be a second history under the same origin. So whoever signs a head
must first take its place here by compare-and-swap, and a database that is not where this says is refused.
One file per epoch (JCS) in a folder of mode 0700, replaced whole and on disk before anybody sees the head.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from exchange.adapters.durable_file import write_whole
from exchange.domain.errors import ConflictError, UnavailableError
from exchange.trust import TrustError, strict_json

_VERSION = "vcx-head/1"
_MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class GuardedHead:
    """What was signed last of an epoch: `checkpoint` and `state` are signed notes.

    `successor` is the id of the epoch that took this one's place, "" while it is added to. `is_last` is False
    where it was closed without knowing whether more had been signed of it. `log_kid` is the key that signed it:
    several exchanges may share a folder, and an exchange's own heads are those whose key is in its key store.
    """

    origin: str
    size: int
    root: str  # standard base64, as in the checkpoint
    checkpoint: str
    state: str
    successor: str = ""
    is_last: bool = True
    log_kid: str = ""


class HeadGuard:
    """The heads in `folder`, one per epoch id."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, epoch_id: str) -> GuardedHead | None:
        """The epoch's head, or None where none was ever signed.

        Raises ConflictError (`log.guard_damaged`) and UnavailableError (`log.guard_unusable`).
        """
        path = self._path(epoch_id)
        try:
            return _parse(path, path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unusable(path, error) from error

    def heads(self, but: str = "") -> dict[str, GuardedHead | None]:
        """Every head in the folder by its epoch's id, `but` one, also of other exchanges; None for a damaged one.

        Raises UnavailableError (`log.guard_unusable`).
        """
        try:
            names = sorted(path.stem for path in self.folder.iterdir() if path.suffix == ".json")
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise _unusable(self.folder, error) from error
        wanted = (name for name in names if name != but and name.isascii() and name.isalnum())
        return {name: self._read_or_none(name) for name in wanted}

    def _read_or_none(self, epoch_id: str) -> GuardedHead | None:
        try:
            return self.read(epoch_id)
        except ConflictError:
            return None

    def swap(self, epoch_id: str, expected: GuardedHead | None, new: GuardedHead) -> bool:
        """Put `new` in the place of `expected`, on disk when this returns; False when another head is there."""
        path = self._path(epoch_id)
        try:
            with self._locked(epoch_id):
                if self.read(epoch_id) != expected:
                    return False
                write_whole(path, _written(new))
                return True
        except OSError as error:
            raise _unusable(path, error) from error

    def put_over_damaged(self, epoch_id: str, new: GuardedHead) -> bool:
        """Put `new` in the place of a file that is no head, which is kept as `.damaged`; False where it is one."""
        path = self._path(epoch_id)
        try:
            with self._locked(epoch_id):
                if not path.exists() or self._read_or_none(epoch_id) is not None:
                    return False
                write_whole(path.with_suffix(".damaged"), path.read_bytes())
                write_whole(path, _written(new))
                return True
        except OSError as error:
            raise _unusable(path, error) from error

    @contextmanager
    def _locked(self, epoch_id: str) -> Iterator[None]:
        """Alone among all processes of this machine; the system lets go when the process dies."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.folder / f"{epoch_id}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _path(self, epoch_id: str) -> Path:
        if not (epoch_id.isascii() and epoch_id.isalnum()):
            raise ValueError("an epoch's id becomes a file name: letters and digits alone")
        return self.folder / f"{epoch_id}.json"


def _written(head: GuardedHead) -> bytes:
    document = {"v": _VERSION, **asdict(head)}
    if head.is_last:
        del document["is_last"]
    if not head.log_kid:
        del document["log_kid"]
    return strict_json.dumps(document)


def _parse(path: Path, data: bytes) -> GuardedHead:
    try:
        value = strict_json.loads(data, max_bytes=_MAX_BYTES)
        if isinstance(value, dict) and value.pop("v", None) == _VERSION:
            head = GuardedHead(**value)  # type: ignore[arg-type]
            if _written(head) == data and type(head.size) is int and type(head.is_last) is bool:
                return head
    except (TrustError, TypeError):
        pass
    raise ConflictError(
        f"{path} is not a head that was written by the exchange.",
        code="log.guard_damaged",
        advice="Put the file back from the disk's own copy, or open a new log: vcx log new-epoch",
    )


def _unusable(path: Path, error: OSError) -> UnavailableError:
    return UnavailableError(
        f"The head guard {path} cannot be used: {error.strerror}.",
        code="log.guard_unusable",
        advice="Make the folder in VCX_HEAD_GUARD writable for the worker, with room on its disk.",
    )
