"""Celery for a scaled-out exchange: a message carries a job's id, the job table is the truth."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence

from celery import Celery
from kombu import Queue

from exchange.bootstrap import Exchange, open_exchange
from exchange.config import Settings
from exchange.services import jobs
from workers.relay import Send
from workers.run_job import run_job
from workers.tasks import HANDLERS, Handler

TASK = "workers.run_job"
# Below the 30 minutes after which RabbitMQ takes an unacknowledged message from its consumer.
TASK_LIMIT_SECONDS = 25 * 60


class PerProcess:
    """Opens the exchange at its first use in each process: connections must not cross a fork."""

    def __init__(self, opener: Callable[[], Exchange]) -> None:
        self._opener = opener
        self._lock = threading.Lock()
        self._opened: tuple[int, Exchange] | None = None

    def get(self) -> Exchange:
        """This process's exchange."""
        with self._lock:
            if self._opened is None or self._opened[0] != os.getpid():
                self._opened = (os.getpid(), self._opener())
            return self._opened[1]


def make_celery(
    settings: Settings,
    opener: Callable[[], Exchange] | None = None,
    handlers: Mapping[str, Handler] = HANDLERS,
) -> Celery:
    """The Celery application with its one task; `opener` replaces how worker processes open the exchange."""
    app = Celery("exchange", broker=settings.broker_url, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        result_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_queues=[Queue(queue.value) for queue in jobs.Queue],
        task_default_queue=jobs.Queue.PUBLISH.value,
        task_create_missing_queues=False,
        task_time_limit=TASK_LIMIT_SECONDS,
        task_publish_retry=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_pool="workers.celery_pool:ListeningTaskPool",
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_soft_shutdown_timeout=10.0,
        broker_connection_retry_on_startup=True,
        broker_transport_options=_transport_options(settings.broker_url),
    )
    processes = PerProcess(opener or (lambda: open_exchange(settings, "worker")))

    def run(job_id: str) -> None:
        run_job(processes.get(), job_id, handlers)

    app.task(name=TASK, shared=False)(run)
    return app


def _transport_options(broker_url: str) -> dict[str, float]:
    """Redis hands an unacknowledged message out again after twice the longest job."""
    match broker_url.partition(":")[0]:
        case "redis" | "rediss":
            return {"visibility_timeout": TASK_LIMIT_SECONDS * 2, "unacked_restore_throttle": 1}
        case "memory":
            return {"polling_interval": 0.01}
        case _:
            return {}


def sender(app: Celery) -> Send:
    """How the relay puts a job's id on its queue."""

    def send(job_id: str, queue: str) -> None:
        app.send_task(TASK, args=[job_id], queue=queue)

    return send


def work(app: Celery, queues: Sequence[str], concurrency: int) -> None:
    """Be a Celery worker for these queues until SIGTERM or SIGINT."""
    app.worker_main(
        [
            "worker",
            f"--queues={','.join(queues)}",
            f"--concurrency={concurrency}",
            "--without-gossip",
            "--without-mingle",
            "--loglevel=WARNING",
        ]
    )
