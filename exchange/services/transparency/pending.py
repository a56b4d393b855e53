"""What will be there shortly: asked for before the log covers it."""

from __future__ import annotations

from exchange.domain.errors import ExchangeError, NotFoundError


class NotLoggedYetError(NotFoundError):
    """No signed checkpoint covers it yet (codes `*.pending`); whoever asks may know that it will come."""

    title = "Not in the log yet"

    def __init__(self, detail: str, *, code: str) -> None:
        ExchangeError.__init__(
            self, detail, code=code, advice="Ask again in a few seconds: the worker is about to log it."
        )
        self.is_recorded = True  # the read itself was allowed
