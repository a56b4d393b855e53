"""A figure with something left out says so: what is missing is named, and no total is made of it."""

from __future__ import annotations

from exchange.domain.checks.check import Check, Subject, at, problem
from exchange.domain.errors import Problem


def _at_least(subject: Subject) -> list[Problem]:
    found = []
    for name, shares in (at(subject, "quality") or {}).items():
        if "is_at_least" in shares and "missing" not in shares:
            detail = "The figure is called at least, and nothing says what is missing from it."
            advice = "Name what is missing, or leave is_at_least out."
            found.append(problem("quality.at_least", ("quality", name, "missing"), detail, advice))
        if "missing" in shares and "is_at_least" not in shares:
            detail = "Something is missing from the figure, and it is not called at least."
            advice = "Add is_at_least: true."
            found.append(problem("quality.at_least", ("quality", name, "is_at_least"), detail, advice))
    return found


def _totals(subject: Subject) -> list[Problem]:
    """`upstream` beside an own figure counts too: the two are read as a declared total."""
    return [
        problem(
            "total.at_least",
            ("indicators", name, part),
            "The own figure is at least that much, so nothing may be declared from cradle to gate.",
            "Give the own figure alone, or find what is missing from it.",
        )
        for name, slices in (at(subject, "indicators") or {}).items()
        for part in ("upstream", "total")
        if part in slices and at(subject, "quality", name, "is_at_least")
    ]


_PRODUCT = frozenset({"product"})
CHECKS = (
    Check(
        "quality.at_least",
        _PRODUCT,
        "A figure that is at least names what is missing, and only such a figure does.",
        _at_least,
    ),
    Check(
        "total.at_least",
        _PRODUCT,
        "A figure that is at least is not declared from cradle to gate.",
        _totals,
    ),
)
