"""Errors the exchange answers with: a stable code, what is wrong, where, and the way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input.

    `code` is stable (other systems branch on it), `path` is a JSON pointer (RFC 6901) into the input
    or "", `detail` and `advice` are sentences for a person.
    """

    code: str
    detail: str
    path: str = ""
    advice: str = ""


class ExchangeError(Exception):
    """Base of every refusal. `code` is stable; `detail` says what, `advice` the way out."""

    code: ClassVar[str] = "exchange.error"
    title: ClassVar[str] = "The exchange refused this"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        path: str = "",
        advice: str = "",
        problems: tuple[Problem, ...] = (),
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.error_code = code or self.code
        self.path = path
        self.advice = advice
        self.problems = problems


class InvalidError(ExchangeError):
    """The input breaks a rule; nothing was stored."""

    code = "invalid"
    title = "The input is not valid"


def refuse(problems: Iterable[Problem]) -> None:
    """Raise InvalidError with every problem, the first of them as its headline; nothing happens when there is none."""
    found = tuple(problems)
    if found:
        first = found[0]
        raise InvalidError(
            first.detail, code=first.code, path=first.path, advice=first.advice, problems=found
        )


class NotFoundError(ExchangeError):
    """No such thing, or not one this reader may know of: the two look the same from outside.

    `is_recorded`: whoever raised it has written the access record already.
    """

    code = "not_found"
    title = "Nothing here"

    def __init__(
        self, detail: str = "There is nothing here that you may read.", *, is_recorded: bool = False
    ) -> None:
        super().__init__(detail, advice="Check the id, or ask the owner for a grant.")
        self.is_recorded = is_recorded


class NotPermittedError(ExchangeError):
    """The actor is known but lacks the role or mandate for this act."""

    code = "not_permitted"
    title = "Not permitted"


class NotAuthenticatedError(ExchangeError):
    """No valid session or access token came with the request."""

    code = "not_authenticated"
    title = "Sign in first"


class ConflictError(ExchangeError):
    """The act does not fit the present state; `advice` names what does."""

    code = "conflict"
    title = "Not possible in the present state"


class RateLimitedError(ExchangeError):
    """Too many tries; `retry_after` is the wait in whole seconds (RFC 9110 section 10.2.3)."""

    code = "rate_limited"
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail, advice=f"Try again in {retry_after} seconds.")
        self.retry_after = retry_after


class UnavailableError(ExchangeError):
    """A part the act needs does not answer; trying again later is right."""

    code = "unavailable"
    title = "Not available right now"
