"""`vcx up`: web and worker of one machine as two processes that start and stop together."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

import click

from exchange.commands.opening import settings_with
from exchange.commands.options import FOLDER
from exchange.config import Settings
from exchange.domain.errors import ConflictError, UnavailableError

READY_SECONDS = 60.0
STOP_SECONDS = 15.0
WATCH_SECONDS = 0.2
DEATHS_WINDOW_SECONDS = 60.0
MOST_DEATHS = 5


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; default VCX_PORT or 8000.")
@click.option("--data", type=FOLDER, help="Data folder; default VCX_DATA_DIR.")
@click.option("--no-demo", is_flag=True, help="Do not load the demo's organisations and accounts.")
def up(port: int | None, data: Path | None, no_demo: bool) -> None:
    """Set up the database, load the demo, and run web and worker until Ctrl-C."""
    settings = settings_with(port=port, data_dir=data)
    if "public_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"public_url": f"http://{settings.host}:{settings.port}"})
    refuse_taken_port(settings)
    logins = _prepare(settings, with_demo=not no_demo)
    environment = {
        "VCX_LOG_LEVEL": "warning",  # unless asked for: whoever tries it out wants to read the log-ins
        **os.environ,
        "VCX_PORT": str(settings.port),
        "VCX_DATA_DIR": str(settings.data_dir),
        "VCX_PUBLIC_URL": settings.public_url,
    }
    try:
        with running(["serve", "worker"], environment) as processes:
            wait_until_ready(settings, processes)
            click.echo(f"The exchange is at {settings.public_url}/")
            if logins:
                click.echo("Sign in to the demo as")
            for login in logins:
                click.echo(f"  {login}")
            click.echo("Ctrl-C stops it.")
            watch(processes, lambda: start("worker", environment))
    except KeyboardInterrupt:
        click.echo("Stopped.")


def refuse_taken_port(settings: Settings) -> None:
    """Raise ConflictError (`port.taken`) when somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise ConflictError(
                f"Port {settings.port} cannot be used: {error.strerror}.",
                code="port.taken",
                advice=f"Choose another, for instance --port {settings.port + 1}.",
            ) from error


@contextlib.contextmanager
def running(
    commands: list[str], environment: Mapping[str, str]
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """`vcx` commands as processes of their own, all ended when the block is left, however that happens."""
    processes: dict[str, subprocess.Popen[bytes]] = {}
    # SIGINT too: a shell that starts us in the background would have it ignored
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        for command in commands:
            processes[command] = start(command, environment)
        yield processes
    finally:
        stop(processes)


def start(command: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """A `vcx` command as a process of its own."""
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "exchange.cli", command],
        env=dict(environment),
        start_new_session=True,  # Ctrl-C reaches us alone, and we end them in order
    )


def stop(processes: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Ask every process to end, and end those that do not within 15 seconds."""
    for process in processes.values():
        process.terminate()
    end = time.monotonic() + STOP_SECONDS
    for process in processes.values():
        try:
            process.wait(timeout=max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_ready(settings: Settings, processes: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Wait for the web process to listen; UnavailableError (`start.failed`, `start.slow`) when it does not."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        for name, process in processes.items():
            if process.poll() is not None:
                raise UnavailableError(f"The {name} process ended at once: see above.", code="start.failed")
        with (
            contextlib.suppress(OSError),
            socket.create_connection((settings.host, settings.port), timeout=1),
        ):
            return
        time.sleep(0.05)
    raise UnavailableError(f"Nothing answers after {READY_SECONDS:.0f} s.", code="start.slow")


def watch(
    processes: dict[str, subprocess.Popen[bytes]], start_worker: Callable[[], subprocess.Popen[bytes]]
) -> NoReturn:
    """Look on until Ctrl-C or SIGTERM, and put a new worker in the place of one that ends.

    UnavailableError (`process.ended`) when the web process ends, or the fifth worker within a minute: what
    kills workers that fast needs a person.
    """
    deaths: list[float] = []
    while True:
        if processes["serve"].poll() is not None:
            raise _ended("serve", processes["serve"])
        worker = processes["worker"]
        if worker.poll() is not None:
            now = time.monotonic()
            deaths = [at for at in deaths if now - at < DEATHS_WINDOW_SECONDS] + [now]
            if len(deaths) >= MOST_DEATHS:
                raise _ended("worker", worker)
            pause = 2.0 ** (len(deaths) - 1)
            click.echo(
                f"The worker ended with code {worker.returncode}; another starts in {pause:.0f} s.", err=True
            )
            _pause(pause, processes["serve"])
            processes["worker"] = start_worker()
        time.sleep(WATCH_SECONDS)


def _pause(seconds: float, web: subprocess.Popen[bytes]) -> None:
    """Wait, unless the web process ends."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        web.wait(timeout=seconds)
        raise _ended("serve", web)


def _ended(name: str, process: subprocess.Popen[bytes]) -> UnavailableError:
    return UnavailableError(f"The {name} process ended with code {process.returncode}.", code="process.ended")


def _prepare(settings: Settings, *, with_demo: bool) -> list[str]:
    """The database at this version's schema, and the demo in it; returns the log-ins to print."""
    from exchange.bootstrap import open_exchange
    from exchange.services.database import upgrade_database
    from exchange.services.demo_accounts import refuse_public_loading
    from exchange.services.transparency.guarding import require_guarded

    if with_demo:
        refuse_public_loading(settings)
    exchange = open_exchange(settings, "worker")
    try:
        was_there = upgrade_database(exchange.context()).before is not None
        require_guarded(exchange.context())  # told here once: the worker would refuse to start five times
        if not with_demo:
            return []
        from exchange import demo
        from exchange.demo.result import read_result

        result = read_result(settings.data_dir) if was_there else None
        if result is None or result.url != settings.public_url:
            result = demo.load(exchange)  # which loads every service, so not when all is as it was
        return [login.line for login in result.logins]
    finally:
        exchange.store.close()
