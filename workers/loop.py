"""Does a step again and again until told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger("workers")


class Loop:
    """Calls `step`; when it says there was nothing to do, waits `pause_seconds` before the next call."""

    def __init__(
        self, step: Callable[[], bool], pause_seconds: float, pause_after_error_seconds: float = 2.0
    ) -> None:
        self._step = step
        self._pause_seconds = pause_seconds
        self._pause_after_error_seconds = pause_after_error_seconds
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End after the present step."""
        self._stopped.set()

    def run(self) -> None:
        """Go on until `stop`; an error of a step is logged and the next step tried after a pause."""
        while not self._stopped.is_set():
            try:
                pause = 0.0 if self._step() else self._pause_seconds
            except Exception:  # a database or broker that went away comes back; the loop outlives it
                log.exception("loop.step_failed")
                pause = self._pause_after_error_seconds
            self._stopped.wait(pause)

    def run_until_signalled(self) -> None:
        """`run` until SIGTERM or SIGINT; a job under way is finished first. Main thread only."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        self.run()
