"""HTTPS GET of addresses that others chose, without reaching what only this machine can reach (SSRF).

Port 443 and a host name only, no user information, no redirect. The name is resolved once, every address of the
answer must be public, and the connection goes to a checked address, with the name kept for TLS and the Host header:
a second, different answer of the name service (rebinding) is never asked for. One deadline for all of it.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol, cast

from exchange.adapters.public_addresses import is_public_address
from exchange.domain.errors import InvalidError, UnavailableError

MAX_URL_LENGTH = 2048
MAX_ADDRESSES_TRIED = 3
HEADER_BYTES = 64 * 1024

Resolve = Callable[[str], Sequence[str]]  # host name -> addresses; OSError when there are none
Connect = Callable[[str, float], socket.socket]  # address, seconds -> connected to its port 443; OSError

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<target>(?:/[!-~]*)?)", re.ASCII
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?")


class Fetcher(Protocol):
    """Gets a document from the public internet."""

    def get(self, url: str, *, media_types: frozenset[str], max_bytes: int) -> bytes:
        """The content at `url`.

        Raises InvalidError (`fetch.*`) for what will not change by itself and UnavailableError (`fetch.*`) for
        what may.
        """
        ...


class FetchRefusedError(InvalidError):
    """The address must not be fetched, or what stands there is not what was asked for (codes `fetch.*`)."""

    code = "fetch.refused"
    title = "The document cannot be fetched"


class FetchFailedError(UnavailableError):
    """The other side did not answer as it should; it may do so later (codes `fetch.*`)."""

    code = "fetch.failed"
    title = "The document cannot be fetched now"


@dataclass(frozen=True, slots=True)
class _Place:
    host: str
    target: str


class HttpsFetcher:
    """The one way out. `resolve`, `connect` and `tls` are replaced by tests only."""

    def __init__(
        self,
        *,
        resolve: Resolve | None = None,
        connect: Connect | None = None,
        tls: ssl.SSLContext | None = None,
        seconds: float = 10.0,
    ) -> None:
        self._resolve = resolve or _addresses_of
        self._connect = connect or _connected
        self._tls = tls
        self._seconds = seconds

    def get(self, url: str, *, media_types: frozenset[str], max_bytes: int) -> bytes:
        """See Fetcher. Codes: `fetch.url`, `.scheme`, `.userinfo`, `.port`, `.host`, `.address`, `.certificate`,
        `.redirect`, `.status`, `.media_type`, `.encoding`, `.size`; and of FetchFailedError `fetch.name`,
        `.connection`, `.timeout`, `.protocol`, `.server`.
        """
        place = _place_of(url)
        deadline = _Deadline(self._seconds)
        addresses = self._checked_addresses(place.host, deadline)
        try:
            with self._open(addresses, place.host, deadline) as connection:
                return _exchange(connection, place, media_types, max_bytes, deadline)
        except TimeoutError:
            _fail("timeout", f"{place.host} did not answer within {self._seconds:g} seconds.")
        except ssl.SSLCertVerificationError as error:
            detail = f"The certificate of {place.host} does not hold: {error.verify_message}."
            raise FetchRefusedError(detail, code="fetch.certificate") from None
        except http.client.HTTPException:
            _fail("protocol", f"{place.host} does not speak HTTP as it should.")
        except OSError:
            _fail("connection", f"The connection to {place.host} failed.")

    def _checked_addresses(self, host: str, deadline: _Deadline) -> Sequence[str]:
        addresses = _within(deadline, lambda: self._resolve(host), host)
        if not addresses:
            _fail("name", f"The name {host} has no address.")
        if not all(map(is_public_address, addresses)):
            _refuse("address", f"The name {host} leads to an address that is not of the public internet.")
        return addresses[:MAX_ADDRESSES_TRIED]

    def _open(self, addresses: Sequence[str], host: str, deadline: _Deadline) -> ssl.SSLSocket:
        """A TLS connection to the first address that takes one."""
        for last, address in enumerate(addresses, start=1 - len(addresses)):
            try:
                plain = self._connect(address, deadline.left())
            except OSError:
                if last == 0:
                    raise
                continue
            try:
                plain.settimeout(deadline.left())
                tls = self._tls or ssl.create_default_context()
                return tls.wrap_socket(plain, server_hostname=host, suppress_ragged_eofs=False)
            except BaseException:
                plain.close()
                raise
        raise AssertionError("there is an address")


class _Deadline:
    """One instant by which everything must be done, however slowly bytes drip in."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left; TimeoutError when there are none."""
        seconds = self._at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


class _Incoming(io.RawIOBase):
    """What comes in over a connection: within the deadline, and no more than a number of bytes."""

    def __init__(self, connection: ssl.SSLSocket, deadline: _Deadline, budget: int) -> None:
        self._connection = connection
        self._deadline = deadline
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._budget <= 0:
            _refuse_size()
        self._connection.settimeout(self._deadline.left())
        count = self._connection.recv_into(buffer)
        self._budget -= count
        return count

    def makefile(self, mode: str) -> io.BufferedReader:
        """What http.client asks a socket for."""
        return io.BufferedReader(self)


def _exchange(
    connection: ssl.SSLSocket,
    place: _Place,
    media_types: frozenset[str],
    max_bytes: int,
    deadline: _Deadline,
) -> bytes:
    connection.settimeout(deadline.left())
    connection.sendall(_request(place, media_types))
    # Chunked content is longer on the wire than what it carries; endless headers end here too.
    incoming = _Incoming(connection, deadline, 2 * max_bytes + HEADER_BYTES)
    answer = http.client.HTTPResponse(cast(socket.socket, incoming), method="GET")
    answer.begin()
    _check_answer(answer, media_types, max_bytes)
    content = answer.read(max_bytes + 1)
    if len(content) > max_bytes:
        _refuse_size()
    if answer.length:
        raise http.client.IncompleteRead(content, answer.length)
    return content


def _request(place: _Place, media_types: frozenset[str]) -> bytes:
    lines = (
        f"GET {place.target} HTTP/1.1",
        f"Host: {place.host}",
        f"Accept: {', '.join(sorted(media_types))}",
        "Accept-Encoding: identity",
        "User-Agent: value-chain-exchange",
        "Connection: close",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _check_answer(answer: http.client.HTTPResponse, media_types: frozenset[str], max_bytes: int) -> None:
    if answer.status >= 500 or answer.status == 429:
        _fail("server", f"The server answered with status {answer.status}.")
    if 300 <= answer.status < 400:
        _refuse("redirect", "The address leads on to another one.", "Serve the document at its own address.")
    if answer.status != 200:
        _refuse("status", f"The server answered with status {answer.status}.")
    if answer.getheader("Content-Encoding", "identity").strip().lower() != "identity":
        _refuse("encoding", "The document comes in an encoding that was not asked for.")
    media_type = answer.getheader("Content-Type", "").partition(";")[0].strip().lower()
    if media_type not in media_types:
        _refuse("media_type", "The document is of another media type.", f"Serve it as {min(media_types)}.")
    if answer.length is not None and answer.length > max_bytes:
        _refuse_size()


def _place_of(url: str) -> _Place:
    found = _URL.fullmatch(url) if len(url) <= MAX_URL_LENGTH else None
    if found is None or "\\" in url or "#" in url:
        _refuse("url", "This is not an address on the web.")
    if found["scheme"] != "https":
        _refuse("scheme", "Only addresses with https: are fetched.")
    if "@" in found["authority"]:
        _refuse("userinfo", "An address with a user's name in it is not fetched.")
    host, _, port = found["authority"].partition(":") if "[" not in found["authority"] else ("", "", "")
    if port not in {"", "443"}:
        _refuse("port", "Only port 443 is fetched from.")
    if _HOST.fullmatch(host) is None:
        _refuse("host", "Only full host names in lower case are fetched from, never addresses.")
    return _Place(host, found["target"] or "/")


def _within(deadline: _Deadline, look_up: Callable[[], Sequence[str]], host: str) -> Sequence[str]:
    """The name service's answer in time; it has no time limit of its own, so a thread waits for it."""
    answers: list[Sequence[str] | None] = []

    def ask() -> None:
        try:
            answers.append(look_up())
        except (OSError, UnicodeError):
            answers.append(None)

    thread = threading.Thread(target=ask, name="name-service", daemon=True)
    thread.start()
    thread.join(deadline.left())
    if not answers:
        _fail("timeout", "The name service did not answer in time.")
    if answers[0] is None:
        _fail("name", f"The name {host} has no address.")
    return answers[0]


def _addresses_of(host: str) -> Sequence[str]:
    found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _connected(address: str, seconds: float) -> socket.socket:
    return socket.create_connection((address, 443), timeout=seconds)


def _refuse(code: str, detail: str, advice: str = "") -> NoReturn:
    raise FetchRefusedError(detail, code=f"fetch.{code}", advice=advice)


def _refuse_size() -> NoReturn:
    _refuse("size", "The document is larger than what is read.")


def _fail(code: str, detail: str) -> NoReturn:
    raise FetchFailedError(detail, code=f"fetch.{code}", advice="Try again later.") from None
