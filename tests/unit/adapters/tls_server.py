"""A TLS server on this machine that answers as a test wants, under a certificate of its own authority."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "firm.example"
Answer = Callable[[ssl.SSLSocket], None]


@dataclass
class TlsServer:
    """Where it listens, what it was asked, and the contexts of a client that trusts it."""

    port: int
    trust: ssl.SSLContext
    requests: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)


@contextmanager
def tls_server(folder: Path, answer: Answer, host: str = HOST) -> Iterator[TlsServer]:
    """A server for `host` whose answers `answer` writes after the request's head was read."""
    chain = _certificate(folder, host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = TlsServer(listening.getsockname()[1], ssl.create_default_context(cafile=str(chain)))
        context.sni_callback = lambda _, name, __: server.names.append(name)
        threading.Thread(target=_serve, args=(listening, context, server, answer), daemon=True).start()
        yield server


def sending(*parts: bytes) -> Answer:
    """An answer of these bytes, after which the connection is closed properly."""

    def answer(connection: ssl.SSLSocket) -> None:
        for part in parts:
            connection.sendall(part)
        connection.unwrap()

    return answer


def page(
    body: bytes, *headers: str, status: str = "200 OK", media_type: str = "application/did+json"
) -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", f"Content-Length: {len(body)}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def _serve(listening: socket.socket, context: ssl.SSLContext, server: TlsServer, answer: Answer) -> None:
    while True:
        try:
            plain, _ = listening.accept()
        except OSError:  # the test is over
            return
        threading.Thread(target=_talk, args=(plain, context, server, answer), daemon=True).start()


def _talk(plain: socket.socket, context: ssl.SSLContext, server: TlsServer, answer: Answer) -> None:
    try:
        with context.wrap_socket(plain, server_side=True) as connection:
            connection.settimeout(5)
            head = b""
            while b"\r\n\r\n" not in head and (part := connection.recv(4096)):
                head += part
            server.requests.append(head)
            answer(connection)
    except OSError:  # the client went away, as several tests want
        plain.close()


def _certificate(folder: Path, host: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return path
