"""Periods run forward, and what happened in a dataset happened in its period."""

from __future__ import annotations

from exchange.domain.checks.check import Check, Path, Subject, at, entries, objects, problem
from exchange.domain.errors import InvalidError, Problem
from exchange.domain.periods import Period, parse_period


def _order(subject: Subject) -> list[Problem]:
    found = []
    for path, member in objects(subject):
        if member.keys() != {"start", "end"}:
            continue
        try:
            parse_period(member)
        except InvalidError as error:
            found.append(problem("period.order", path, error.detail, error.advice))
    return found


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
