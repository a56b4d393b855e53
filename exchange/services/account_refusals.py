"""Several things wrong with an entry at once: the first is the headline, all are told."""

from __future__ import annotations

from collections.abc import Iterable

from exchange.domain.errors import InvalidError, Problem


def refuse(problems: Iterable[Problem]) -> None:
    """Raise InvalidError with every problem; nothing happens when there is none."""
    found = tuple(problems)
    if found:
        first = found[0]
        raise InvalidError(
            first.detail, code=first.code, path=first.path, advice=first.advice, problems=found
        )
