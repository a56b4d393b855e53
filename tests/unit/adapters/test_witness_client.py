"""The HTTP client for witnesses: bounded in time and size, and it follows nobody elsewhere."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from exchange.adapters.witness_client import MAX_ANSWER_BYTES, add_checkpoint
from exchange.domain.errors import InvalidError, UnavailableError


@contextmanager
def server(*pieces: bytes, pause: float = 0.0) -> Iterator[tuple[str, list[bytes]]]:
    """Answers one connection with the pieces, pausing between them; gives its address and what it was sent."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with suppress(OSError):
                connection, _ = listening.accept()
                with connection:
                    request = connection.recv(65_536)
                    while b"Content-Length: 6" in request and not request.endswith(b"old 0\n"):
                        request += connection.recv(65_536)
                    received.append(request)
                    for piece in pieces:
                        connection.sendall(piece)
                        time.sleep(pause)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", received
    thread.join(timeout=5)


def test_it_posts_below_the_address_and_returns_what_came() -> None:
    head = b"HTTP/1.1 409 Conflict\r\nContent-Type: text/x.tlog.size; x=y\r\nContent-Length: 2\r\n\r\n"
    with server(head + b"8\n") as (url, received):
        answer = add_checkpoint(f"{url}/w1/", b"old 0\n")
    assert (answer.status, answer.media_type, answer.body) == (409, "text/x.tlog.size", b"8\n")
    assert received[0].startswith(b"POST /w1/add-checkpoint HTTP/1.1\r\n")
    assert received[0].endswith(b"\r\n\r\nold 0\n")


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["head", "body"])
def test_a_witness_that_trickles_is_cut_off(head: bytes) -> None:
    """Each byte comes in time; all of them together do not."""
    began = time.monotonic()
    with server(head, *[b"x"] * 100, pause=0.1) as (url, _), suppress(UnavailableError):
        assert len(add_checkpoint(url, b"old 0\n", seconds=0.5).body) < 100
    assert time.monotonic() - began < 3


def test_a_redirect_is_an_answer_and_no_way() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    with server(head) as (url, _):
        assert add_checkpoint(url, b"").status == 302


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_http_is_no_answer(said: bytes) -> None:
    with server(said) as (url, _), pytest.raises(UnavailableError) as refused:
        add_checkpoint(url, b"")
    assert refused.value.error_code == "witness.unreachable"


def test_an_answer_that_goes_on_is_refused() -> None:
    answer = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MAX_ANSWER_BYTES + 1)
    with server(answer) as (url, _), pytest.raises(UnavailableError) as refused:
        add_checkpoint(url, b"")
    assert refused.value.error_code == "witness.answer_size"


def test_where_nobody_listens_it_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(UnavailableError) as refused:
        add_checkpoint(f"http://127.0.0.1:{port}", b"")
    assert refused.value.error_code == "witness.unreachable"


@pytest.mark.parametrize(
    "url",
    ["", "one.example", "ftp://one.example", "http://", "http://u:p@one.example", "http://one.example/?a=b",
     "http://one.example/#x", "http://one.example:99999", "http://[::1"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidError) as refused:
        add_checkpoint(url, b"")
    assert refused.value.error_code == "witness.url"
