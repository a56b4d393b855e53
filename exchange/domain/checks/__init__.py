"""What a schema cannot say: a list of named checks with stable codes.

Checks read documents that satisfy their schema. A check whose field groups were not disclosed finds nothing.
"""

from __future__ import annotations

from functools import cache

from exchange.domain.checks import at_least, calculation, codes, minimum, statements, sums, times, units
from exchange.domain.checks.check import Check, Document, Subject
from exchange.domain.errors import Problem

CHECKS: tuple[Check, ...] = (
    *minimum.CHECKS,
    *times.CHECKS,
    *codes.CHECKS,
    *units.CHECKS,
    *sums.CHECKS,
    *statements.CHECKS,
    *at_least.CHECKS,
    *calculation.CHECKS,
)

__all__ = ["CHECKS", "Check", "run_checks"]


def run_checks(kind: str, subject: Subject, *, publishing: bool) -> list[Problem]:
    """Everything the checks of a kind find wrong with a schema-valid subject (or request), in their order.

    `publishing` adds the checks on what must be there, which a reader of some groups could not satisfy.
    """
    document = Document(subject)
    return [
        found
        for check in _checks_of(str(kind), publishing)
        if not check.group or check.group in document
        for found in check.find(document)
    ]


@cache
def _checks_of(kind: str, publishing: bool) -> tuple[Check, ...]:
    return tuple(
        check for check in CHECKS if kind in check.kinds and (publishing or not check.publishing_only)
    )
