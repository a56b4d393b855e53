"""A log entry: what happened, to which digest, received when. Digests only: the log is public.

The bytes are the canonical JSON (RFC 8785) of `{"digest","event","received","v":"vcx-log-entry/1"}`; the tree's
leaf is their hash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from exchange.trust.errors import LogError
from exchange.trust.log.seconds import floor_second, format_second, parse_second
from exchange.trust.log.spelling import is_digest

VERSION = "vcx-log-entry/1"
EVENTS = (
    "publish",
    "supersede",
    "revoke",
    "key-binding",
    "key-retirement",
    "key-compromise",
    "did-document",
    "organisation-credential",
    "schema",
    "status-list",
    "rollup",
    "script",
    "epoch",
)
MAX_BYTES = 256

_BODY = re.compile(r'\{"digest":"([^"\\]*)","event":"([^"\\]*)","received":"([^"\\]*)","v":"([^"\\]*)"\}')


@dataclass(frozen=True, slots=True)
class LogEntry:
    """`event` is one of EVENTS, `digest` is `sha256:<hex>`, `received` is kept to the second below.

    Raises LogError `entry.event` or `entry.digest`, TokenError `instant.naive`.
    """

    event: str
    digest: str
    received: datetime

    def __post_init__(self) -> None:
        if self.event not in EVENTS:
            raise LogError("entry.event", "No such event is logged.", path="/event")
        if not is_digest(self.digest):
            raise LogError("entry.digest", "A digest is sha256: and 64 hexadecimal digits.", path="/digest")
        if (received := floor_second(self.received)) is not self.received:
            object.__setattr__(self, "received", received)

    def body(self) -> bytes:
        """The entry's bytes. No member needs an escape, so the template below is their canonical form."""
        received = format_second(self.received)
        return (
            f'{{"digest":"{self.digest}","event":"{self.event}","received":"{received}","v":"{VERSION}"}}'
        ).encode("ascii")


def read_entry(data: bytes) -> LogEntry:
    """The entry that these bytes are; `read_entry(data).body() == data`.

    Raises LogError `entry.size`, `entry.form`, `entry.version`, `entry.event`, `entry.digest` or
    `entry.received`.
    """
    if len(data) > MAX_BYTES:
        raise LogError("entry.size", f"A log entry has at most {MAX_BYTES} bytes.")
    found = _BODY.fullmatch(data.decode("ascii", "replace"))
    if found is None:
        raise LogError("entry.form", "This is not a log entry in canonical form.")
    digest, event, received, version = found.groups()
    if version != VERSION:
        raise LogError("entry.version", f"This log entry is not of version {VERSION}.", path="/v")
    return LogEntry(event, digest, parse_second(received, "entry.received", path="/received"))
