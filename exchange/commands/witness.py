"""`vcx witness`: cosign the checkpoints of logs one watches, so that nobody is shown another history."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from exchange.commands.options import EXISTING, FOLDER
from exchange.domain.errors import InvalidError, UnavailableError

if TYPE_CHECKING:
    from types import FrameType

    from exchange.trust.log.note import NoteKey

IDLE_SECONDS = 10  # a connection that says nothing for so long is closed
MOST_CONNECTIONS = 100


@click.command()
@click.option("--name", required=True, help="Name of this witness, for instance witness.example/w1.")
@click.option(
    "--key",
    "key_file",
    required=True,
    type=EXISTING,
    help="Ed25519 key made with `vcx keys new`, for this alone.",
)
@click.option(
    "--state", "folder", required=True, type=FOLDER, help="Folder of what was cosigned. Never restore a copy."
)
@click.option("--listen", required=True, metavar="HOST:PORT", help="Address to listen on; port 0 takes any.")
@click.option(
    "--log", "logs", multiple=True, metavar="VKEY[@ORIGIN]",
    help="A log to watch; its trust root names the verifier key. Several times for several.",
)  # fmt: skip
@click.option(
    "--trust", type=EXISTING, help="A trust root whose logs, and no others, to watch, in place of --log."
)
def witness(
    name: str, key_file: Path, folder: Path, listen: str, logs: tuple[str, ...], trust: Path | None
) -> None:
    """Answer `POST /add-checkpoint` (C2SP tlog-witness) until Ctrl-C. Put a proxy with TLS in front of it."""
    import waitress

    from exchange import logs as logging
    from exchange.adapters.clock import SystemClock
    from exchange.adapters.witness import Witness
    from exchange.adapters.witness_app import WitnessApp
    from exchange.adapters.witness_state import WitnessState
    from exchange.commands.keys import read_key
    from exchange.trust.log.witness import MAX_REQUEST_BYTES

    if bool(logs) == (trust is not None):
        raise click.UsageError("Say which logs to watch: --log, or --trust.")
    host, port = _address(listen)
    watched = _logs_of(trust) if trust is not None else _read_logs(logs)
    serving = Witness(name, read_key(key_file), watched, WitnessState(folder), SystemClock())
    vkey = serving.vkey
    logging.configure("info")
    try:
        server = waitress.create_server(
            WitnessApp(serving.add_checkpoint),
            host=host,
            port=port,
            ident="",
            max_request_body_size=MAX_REQUEST_BYTES,
            max_request_header_size=16_384,
            channel_timeout=IDLE_SECONDS,
            cleanup_interval=IDLE_SECONDS,
            connection_limit=MOST_CONNECTIONS,
            clear_untrusted_proxy_headers=True,
        )
    except (OSError, ValueError) as error:  # taken, not this machine's, or none that can be found
        raise UnavailableError(
            f"The witness cannot listen at {listen}.",
            code="witness.listen",
            advice="Stop what listens there, or name another address.",
        ) from error
    signal.signal(signal.SIGTERM, _leave)
    click.echo(f"Verifier key: {vkey}")
    click.echo(f"Listening at http://{server.effective_host}:{server.effective_port}")
    server.run()


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65_535):
        raise click.UsageError("--listen is HOST:PORT, for instance 127.0.0.1:8100.")
    return host, int(port)


def _read_logs(texts: Sequence[str]) -> dict[str, list[NoteKey]]:
    """The keys by origin; a log whose key changed is named once for each key."""
    from exchange.trust.log.note import ED25519, read_vkey

    logs: dict[str, list[NoteKey]] = {}
    for text in texts:
        vkey, _, origin = text.partition("@")
        key = read_vkey(vkey)
        if key.algorithm != ED25519:
            raise InvalidError(f"The key of {key.name} is none a log signs with.", code="witness.log")
        logs.setdefault(origin or key.name, []).append(key)
    return logs


def _logs_of(trust: Path) -> dict[str, list[NoteKey]]:
    from exchange.trust.trust_root import read_trust_root

    return {one.origin: list(one.log_keys) for one in read_trust_root(trust.read_bytes()).logs}


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
