"""`vcx serve`, `vcx worker`, `vcx scheduler`: the processes of an exchange."""

from __future__ import annotations

import signal
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from exchange import logs
from exchange.commands.opening import opened

if TYPE_CHECKING:
    from exchange.bootstrap import Exchange
    from exchange.config import Settings

WEB_THREADS = 8


@click.command()
@click.option("--host", help="Address to listen on; default VCX_HOST or 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; default VCX_PORT or 8000.")
def serve(host: str | None, port: int | None) -> None:
    """Serve pages and API. Refuses an address others can reach while demo accounts exist."""
    import waitress

    from exchange.app import create_app
    from exchange.services.database import refuse_public_demo, require_schema
    from exchange.services.transparency.witnesses import configured

    with opened("web", host=host, port=port) as exchange:
        logs.configure(exchange.settings.log_level)
        require_schema(exchange.context())
        refuse_public_demo(exchange.context())
        configured(exchange.settings)  # refuses a setting that names no witnesses
        app = create_app(exchange)
        signal.signal(signal.SIGTERM, _leave)
        waitress.serve(app, **waitress_options(exchange.settings), _quiet=True)


def waitress_options(settings: Settings) -> dict[str, Any]:
    """How the web server listens, and whose word it takes for where a request came from."""
    options = {
        "host": settings.host,
        "port": settings.port,
        "threads": WEB_THREADS,
        "ident": "",
        "max_request_body_size": 2 * settings.max_import_bytes,
        "clear_untrusted_proxy_headers": True,
    }
    if settings.trusted_proxy:
        options |= {
            "trusted_proxy": settings.trusted_proxy,
            "trusted_proxy_headers": "x-forwarded-for x-forwarded-proto",
        }
    return options


@click.command()
@click.option("--queue", "queues", multiple=True, help="A queue to work on; default all of them.")
@click.option("--concurrency", type=click.IntRange(1), default=2, show_default=True, help="Celery processes.")
def worker(queues: tuple[str, ...], concurrency: int) -> None:
    """Do the work that publishing, imports and roll-ups ask for; through Celery when VCX_BROKER_URL is set."""
    from exchange.services.database import require_schema
    from exchange.services.jobs import Queue
    from exchange.services.transparency.starting import start_log

    known = [queue.value for queue in Queue]
    for name in queues:
        if name not in known:
            raise click.UsageError(f"There is no queue {name!r}: the queues are {', '.join(known)}.")
    with opened("worker") as exchange:
        logs.configure(exchange.settings.log_level)
        require_schema(exchange.context())
        start_log(exchange.context())
        if not exchange.settings.broker_url:
            _work_embedded(exchange, queues)
            return
        settings = exchange.settings
    from workers.celery_app import make_celery, work

    work(make_celery(settings), queues or known, concurrency)


def _work_embedded(exchange: Exchange, queues: tuple[str, ...]) -> None:
    from workers.embedded import EmbeddedWorker

    if queues:
        raise click.UsageError("--queue is for Celery: without VCX_BROKER_URL one worker does all jobs.")
    EmbeddedWorker(exchange).loop().run_until_signalled()


@click.command()
def scheduler() -> None:
    """Tell the broker which jobs are due and take back those of dead workers. One process is enough."""
    from exchange.services.database import require_schema
    from workers.celery_app import make_celery, sender
    from workers.relay import Relay

    with opened("web") as exchange:
        if not exchange.settings.broker_url:
            raise click.UsageError(
                "The scheduler needs VCX_BROKER_URL; without a broker the worker does its part."
            )
        logs.configure(exchange.settings.log_level)
        require_schema(exchange.context())
        Relay(exchange, sender(make_celery(exchange.settings))).loop().run_until_signalled()


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
