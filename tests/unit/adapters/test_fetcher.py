"""The fetcher reaches public hosts over HTTPS and nothing else, within its time and size."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from exchange.adapters.fetcher import HttpsFetcher
from exchange.domain.errors import ExchangeError, InvalidError, UnavailableError
from tests.unit.adapters.test_public_addresses import NOT_PUBLIC
from tests.unit.adapters.tls_server import HOST, Answer, TlsServer, page, sending, tls_server

URL = f"https://{HOST}/.well-known/did.json"
PUBLIC = "93.184.215.14"
TYPES = frozenset({"application/did+json", "application/json"})
MAX_BYTES = 1000


class World:
    """A name service and connections that lead to the test's server; both note what they were asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers or [[PUBLIC]])
        self.asked: list[str] = []
        self.connected: list[str] = []
        self.port = 0

    def resolve(self, host: str) -> Sequence[str]:
        """The next answer; the last one for ever."""
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def connect(self, address: str, seconds: float) -> socket.socket:
        """A connection to the server, whatever address it was to be."""
        self.connected.append(address)
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)


def fetch(world: World, server: TlsServer | None = None, url: str = URL, seconds: float = 5.0) -> bytes:
    """What is got from the server in this world."""
    world.port = server.port if server else 0
    fetcher = HttpsFetcher(
        resolve=world.resolve, connect=world.connect, tls=server.trust if server else None, seconds=seconds
    )
    return fetcher.get(url, media_types=TYPES, max_bytes=MAX_BYTES)


def refusal(world: World, server: TlsServer | None = None, url: str = URL, seconds: float = 5.0) -> str:
    """The code with which fetching is refused."""
    with pytest.raises(ExchangeError) as caught:
        fetch(world, server, url, seconds)
    return caught.value.error_code


def test_a_document_is_fetched_under_its_own_name(tmp_path: Path) -> None:
    world = World()
    with tls_server(tmp_path, sending(page(b'{"id":"x"}'))) as server:
        assert fetch(world, server) == b'{"id":"x"}'
    assert (world.asked, world.connected, server.names) == ([HOST], [PUBLIC], [HOST])
    head = server.requests[0].decode().split("\r\n")
    assert head[0] == "GET /.well-known/did.json HTTP/1.1"
    assert "Host: firm.example" in head and "Accept: application/did+json, application/json" in head


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"http://{HOST}/", "fetch.scheme"),
        ("file:///etc/passwd", "fetch.scheme"),
        (f"gopher://{HOST}/", "fetch.scheme"),
        (f"HTTPS://{HOST}/", "fetch.scheme"),
        (f"https://user@{HOST}/", "fetch.userinfo"),
        (f"https://user:secret@{HOST}/", "fetch.userinfo"),
        ("https://firm.example@127.0.0.1/", "fetch.userinfo"),
        (f"https://{HOST}:8443/", "fetch.port"),
        (f"https://{HOST}:22/", "fetch.port"),
        (f"https://{HOST}:0443/", "fetch.port"),
        ("https://127.0.0.1/", "fetch.host"),
        ("https://127.1/", "fetch.host"),
        ("https://2130706433/", "fetch.host"),
        ("https://0x7f000001/", "fetch.host"),
        ("https://0177.0.0.1/", "fetch.host"),
        ("https://93.184.215.14/", "fetch.host"),
        ("https://[::1]/", "fetch.host"),
        ("https://[::ffff:169.254.169.254]/", "fetch.host"),
        ("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", "fetch.host"),
        ("https://localhost/", "fetch.host"),
        ("https://intranet/", "fetch.host"),
        ("https://Firm.example/", "fetch.host"),
        ("https://firm.example./", "fetch.host"),
        ("https://firm%2eexample/", "fetch.host"),
        ("https:///x", "fetch.host"),
        (f"https://{'a.' * 127}example/", "fetch.host"),
        (f"//{HOST}/", "fetch.url"),
        ("", "fetch.url"),
        (f"https://{HOST}/a b", "fetch.url"),
        (f"https://{HOST}/\r\nX: y", "fetch.url"),
        (f"https://{HOST}/æ", "fetch.url"),
        (f"https://{HOST}\\@127.0.0.1/", "fetch.url"),
        (f"https://{HOST}/#x", "fetch.url"),
        (f"https://{HOST}?x", "fetch.url"),
        (f"https://{HOST}/{'a' * 2048}", "fetch.url"),
    ],
)
def test_an_odd_address_is_refused_before_anything_is_asked(url: str, code: str) -> None:
    world = World()
    assert refusal(world, url=url) == code
    assert (world.asked, world.connected) == ([], [])


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_connection_is_made_to_what_is_not_public(address: str) -> None:
    world = World([address])
    assert refusal(world) == "fetch.address"
    assert world.connected == []


@pytest.mark.parametrize(
    "mixed", [[PUBLIC, "10.0.0.1"], ["::1", "2a00:1450:400f::1"], [PUBLIC] * 9 + ["127.0.0.1"]]
)
def test_one_private_address_among_public_ones_refuses_the_name(mixed: list[str]) -> None:
    world = World(mixed)
    assert refusal(world) == "fetch.address"
    assert world.connected == []


def test_the_name_is_asked_once_so_a_second_answer_changes_nothing(tmp_path: Path) -> None:
    world = World([PUBLIC], ["127.0.0.1"])
    with tls_server(tmp_path, sending(page(b"{}"))) as server:
        assert fetch(world, server) == b"{}"
    assert (world.asked, world.connected) == ([HOST], [PUBLIC])


def test_the_next_address_is_tried_where_one_takes_no_connection(tmp_path: Path) -> None:
    world = World(["93.184.215.15", PUBLIC])
    reach = world.connect

    def connect(address: str, seconds: float) -> socket.socket:
        if address != PUBLIC:
            raise ConnectionRefusedError
        return reach(address, seconds)

    world.connect = connect  # type: ignore[method-assign]
    with tls_server(tmp_path, sending(page(b"{}"))) as server:
        assert fetch(world, server) == b"{}"


def served(folder: Path, answer: Answer, seconds: float = 5.0) -> str:
    """The code with which an answer of the server is refused."""
    with tls_server(folder, answer) as server:
        return refusal(World(), server, seconds=seconds)


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
ANSWERS = {
    "moved": (page(b"", "Location: https://other.example/", status="301 Moved"), "fetch.redirect"),
    "moved inwards": (page(b"", "Location: http://127.0.0.1/", status="302 Found"), "fetch.redirect"),
    "moved with another method": (page(b"", "Location: /x", status="308 Permanent Redirect"), "fetch.redirect"),
    "not there": (page(b"{}", status="404 Not Found"), "fetch.status"),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", "fetch.status"),
    "a part": (page(b"{}", status="206 Partial Content"), "fetch.status"),
    "overloaded": (page(b"{}", status="503 Service Unavailable"), "fetch.server"),
    "asked too often": (page(b"{}", status="429 Too Many Requests"), "fetch.server"),
    "a page": (page(b"{}", media_type="text/html; charset=utf-8"), "fetch.media_type"),
    "no type": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "fetch.media_type"),
    "packed": (page(b"\x1f\x8b", "Content-Encoding: gzip"), "fetch.encoding"),
    "announced too large": (page(b" " * (MAX_BYTES + 1)), "fetch.size"),
    "too large without saying": (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + b" " * (MAX_BYTES + 1), "fetch.size"),
    "too large in chunks": (CHUNKED + b"3e9\r\n" + b" " * (MAX_BYTES + 1) + b"\r\n0\r\n\r\n", "fetch.size"),
    "less than announced": (page(b"{}").replace(b"Length: 2", b"Length: 3"), "fetch.protocol"),
    "a broken chunk": (CHUNKED + b"zz\r\n", "fetch.protocol"),
    "not HTTP": (b"SSH-2.0-OpenSSH_9\r\n\r\n", "fetch.protocol"),
    "nothing": (b"", "fetch.protocol"),
    "endless headers": (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200_000, "fetch.protocol"),
    "endless provisional answers": (b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000, "fetch.size"),
    "an endless line": (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000, "fetch.protocol"),
}  # fmt: skip


@pytest.mark.parametrize("what", ANSWERS)
def test_an_answer_wrong_in_one_way_is_refused(tmp_path: Path, what: str) -> None:
    answer, code = ANSWERS[what]
    assert served(tmp_path, sending(answer)) == code


def test_the_largest_document_and_a_chunked_one_are_read_whole(tmp_path: Path) -> None:
    largest = b" " * (MAX_BYTES - 2) + b"{}"
    with tls_server(tmp_path, sending(page(largest))) as server:
        assert fetch(World(), server) == largest
    with tls_server(tmp_path, sending(CHUNKED + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")) as server:
        assert fetch(World(), server) == b"{}"


def dripping(first: bytes, drop: bytes) -> Answer:
    """An answer that goes on slowly, each drop well before any time limit of a single read."""

    def answer(connection: ssl.SSLSocket) -> None:
        connection.sendall(first)
        for _ in range(100):
            connection.sendall(drop)
            time.sleep(0.05)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        dripping(b"", b"H"),
        dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        dripping(page(b" " * 900)[:-900], b" "),
        dripping(CHUNKED, b"1\r\n \r\n"),
    ],
    ids=["the status", "headers", "content", "chunks"],
)
def test_bytes_that_drip_in_do_not_lengthen_the_deadline(tmp_path: Path, answer: Answer) -> None:
    started = time.monotonic()
    assert served(tmp_path, answer, seconds=0.4) == "fetch.timeout"
    assert time.monotonic() - started < 2


def test_a_server_that_says_nothing_and_one_without_a_handshake_time_out(tmp_path: Path) -> None:
    assert served(tmp_path, lambda connection: time.sleep(2), seconds=0.3) == "fetch.timeout"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        world = World()
        trust = ssl.create_default_context()
        assert refusal(world, TlsServer(silent.getsockname()[1], trust), seconds=0.3) == "fetch.timeout"


def test_a_name_service_that_does_not_answer_times_out() -> None:
    world, released = World(), threading.Event()

    def resolve(host: str) -> Sequence[str]:
        released.wait(5)
        return [PUBLIC]

    world.resolve = resolve  # type: ignore[method-assign]
    assert refusal(world, seconds=0.2) == "fetch.timeout"
    released.set()
    assert world.connected == []


@pytest.mark.parametrize("failure", [socket.gaierror(-2, "unknown"), UnicodeError(), None])
def test_a_name_without_address_fails(failure: Exception | None) -> None:
    world = World([])

    def resolve(host: str) -> Sequence[str]:
        if failure is not None:
            raise failure
        return []

    world.resolve = resolve  # type: ignore[method-assign]
    assert refusal(world) == "fetch.name"


def test_another_hosts_certificate_and_an_unknown_authority_are_refused(tmp_path: Path) -> None:
    with tls_server(tmp_path, sending(page(b"{}")), host="other.example") as server:
        assert refusal(World(), server) == "fetch.certificate"
    with tls_server(tmp_path, sending(page(b"{}"))) as server:
        assert refusal(World(), TlsServer(server.port, ssl.create_default_context())) == "fetch.certificate"
        assert server.requests == []


def test_a_connection_cut_in_the_middle_fails(tmp_path: Path) -> None:
    def cut(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{")
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    assert served(tmp_path, cut) == "fetch.connection"


def test_what_may_change_is_told_from_what_will_not(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        fetch(World([]))
    with pytest.raises(InvalidError):
        fetch(World(["10.0.0.1"]))
