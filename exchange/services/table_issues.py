"""What is wrong with the rows of an account table, collected, so that a sender is told everything at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from exchange.domain.calculation.account_table import RowIssue
from exchange.domain.errors import InvalidError, Problem


@dataclass
class Issues:
    """The issues found so far, in the order they were found."""

    found: list[RowIssue] = field(default_factory=list)

    def add(self, place: str, problems: Iterable[Problem]) -> bool:
        """Note problems of a row; True when there was any."""
        before = len(self.found)
        self.found += [RowIssue(one.code, f"{one.detail} {one.advice}".strip(), place) for one in problems]
        return len(self.found) > before

    def refuse(self, place: str, code: str, detail: str) -> None:
        """Note one problem of a row."""
        self.found.append(RowIssue(code, detail, place))

    def note(self, place: str, error: InvalidError) -> None:
        """Note a refusal of a row."""
        problems = error.problems or (Problem(error.error_code, error.detail, error.path, error.advice),)
        self.add(place, problems)
