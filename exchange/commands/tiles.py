"""Where a log's tiles are read from: a web address or a folder."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from exchange.domain.errors import UnavailableError

TIMEOUT_SECONDS = 60
MAX_BYTES = 32 * 1024 * 1024  # more than 256 of the longest entries


def fetcher(source: str) -> Callable[[str], bytes]:
    """Reads paths below `source`; raises UnavailableError (`monitor.no_answer`)."""
    if not source.startswith(("http://", "https://")):
        return lambda path: _read(Path(source) / path)
    return lambda path: _get(f"{source.rstrip('/')}/{path}")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _no_answer(str(path), str(error.strerror)) from error


def _get(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            data: bytes = answer.read(MAX_BYTES)
            return data
    except (urllib.error.URLError, TimeoutError) as error:
        raise _no_answer(address, str(getattr(error, "reason", error))) from error


def _no_answer(place: str, why: str) -> UnavailableError:
    return UnavailableError(f"{place} cannot be read: {why}.", code="monitor.no_answer")
