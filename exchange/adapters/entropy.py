"""Random bytes and the identifiers made from them, behind a protocol so that the demo is reproducible."""

from __future__ import annotations

import hashlib
import secrets
import threading
import uuid
from datetime import datetime
from typing import Protocol


class Entropy(Protocol):
    """A source of random bytes."""

    def take(self, count: int) -> bytes:
        """`count` bytes nobody can guess (or, seeded, that everybody can repeat)."""
        ...


class SystemEntropy:
    """The operating system's generator."""

    def take(self, count: int) -> bytes:
        """`count` unguessable bytes."""
        return secrets.token_bytes(count)


class SeededEntropy:
    """Repeatable bytes: SHA-256 over seed and counter. For demo data and tests, never for secrets in use."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._counter = 0
        self._lock = threading.Lock()

    def take(self, count: int) -> bytes:
        """The next `count` bytes of the stream."""
        out = b""
        with self._lock:
            while len(out) < count:
                out += hashlib.sha256(self._seed + self._counter.to_bytes(8, "big")).digest()
                self._counter += 1
        return out[:count]


def uuid7(now: datetime, entropy: Entropy) -> str:
    """A UUID version 7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then random bits."""
    milliseconds = int(now.timestamp() * 1000)
    value = (milliseconds << 80) | int.from_bytes(entropy.take(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(uuid.UUID(int=value))
