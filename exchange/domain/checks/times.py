"""Periods run forward, and what happened in a dataset happened in its period."""

from __future__ import annotations

from functools import lru_cache

from exchange.domain.checks.check import REMEMBERED, Check, Path, Subject, at, entries, problem, such
from exchange.domain.errors import InvalidError, Problem
from exchange.domain.periods import Period, parse_period


def _order(subject: Subject) -> list[Problem]:
    found = []
    for path, member in such(subject, _is_backward):
        try:
            parse_period(member)
        except InvalidError as error:
            found.append(problem("period.order", path, error.detail, error.advice))
    return found


def _is_backward(one: Subject) -> bool:
    """Whether an object is a period, and one that is refused."""
    return "start" in one and one.keys() == {"start", "end"} and not _runs(one["start"], one["end"])


# Many datasets are about few periods.
@lru_cache(maxsize=REMEMBERED)
def _runs(start: str, end: str) -> bool:
    return _period({"start": start, "end": end}) is not None


def _period(value: object) -> Period | None:
    """The period, or None where it runs backward, which `period.order` reports."""
    try:
        return parse_period(value)
    except InvalidError:
        return None


def _windows(subject: Subject) -> list[Problem]:
    whole = _period(at(subject, "identity", "period"))
    lists: tuple[Path, ...] = (("commercial", "deliveries"), ("process", "activities"))
    return [
        problem(
            "delivery.window",
            (*path, "window"),
            "The window reaches outside the period of the dataset.",
            "Shorten the window, or publish it in the dataset of its own period.",
        )
        for name, member in lists
        for path, entry in entries(subject, str(name), str(member))
        if whole and (window := _period(entry["window"])) and not whole.contains(window)
    ]


CHECKS = (
    Check(
        "period.order",
        frozenset({"product", "delivery", "organisation", "stream", "effort", "request"}),
        "Each period has at least one day.",
        _order,
    ),
    Check(
        "delivery.window",
        frozenset({"delivery"}),
        "Deliveries and measured activities lie within the dataset's period.",
        _windows,
    ),
)
