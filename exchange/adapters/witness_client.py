"""Asks a witness for its cosignature: one POST (C2SP tlog-witness, `add-checkpoint`), small and bounded in time.

The operator chooses the witnesses, so plain HTTP and private addresses are allowed; a redirect is not followed.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from exchange.domain.errors import InvalidError, UnavailableError

SECONDS = 5.0  # for the whole exchange, however slowly the witness trickles
MAX_ANSWER_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """What a witness answered: HTTP status, media type without parameters, body."""

    status: int
    media_type: str
    body: bytes


def add_checkpoint(url: str, body: bytes, *, seconds: float = SECONDS) -> WitnessAnswer:
    """POST `body` to `<url>/add-checkpoint` and return the answer, whatever its status.

    Raises UnavailableError `witness.unreachable` (no answer in time, or none that is HTTP) and
    `witness.answer_size`; InvalidError `witness.url` for an address that is not http(s).
    """
    parts = _parts(url)
    try:
        with _connection(parts, seconds) as connection:
            path = f"{parts.path.rstrip('/')}/add-checkpoint"
            connection.request("POST", path, body, {"Content-Type": "text/plain; charset=utf-8"})
            with closing(connection.getresponse()) as response:
                return _read(response)
    except (OSError, HTTPException, ValueError) as error:
        raise UnavailableError(
            f"The witness at {url} does not answer ({type(error).__name__}).", code="witness.unreachable"
        ) from error


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or parts.username is not None or parts.query or parts.fragment:
        raise InvalidError(
            "The address of a witness is http(s)://HOST[:PORT][/PATH].",
            code="witness.url",
            advice="Correct VCX_WITNESSES: <verifier key>@<url>, separated by spaces.",
        )
    return parts


@contextmanager
def _connection(parts: SplitResult, seconds: float) -> Iterator[HTTPConnection]:
    """A connection that is cut when the time is up: a time limit per read would let each byte take as long."""
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    with closing(kind(str(parts.hostname), parts.port, timeout=seconds)) as connection:
        connection.connect()
        deadline = threading.Timer(seconds, _cut, [connection.sock])  # the connection lets go of it early
        deadline.daemon = True
        deadline.start()
        try:
            yield connection
        finally:
            deadline.cancel()


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _read(response: HTTPResponse) -> WitnessAnswer:
    body = response.read(MAX_ANSWER_BYTES + 1)
    if len(body) > MAX_ANSWER_BYTES:
        raise UnavailableError(
            "The witness answers more than any cosignature needs.", code="witness.answer_size"
        )
    return WitnessAnswer(response.status, response.headers.get_content_type(), body)
