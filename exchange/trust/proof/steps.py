"""The steps of a proof in their order: each is run and told, and one that all later ones need can end the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from exchange.trust.errors import TrustError
from exchange.trust.verdict import Finding, Outcome, Step

T = TypeVar("T")


class Stop(Exception):
    """A step failed that all later ones need."""


@dataclass
class Steps:
    """What was found so far, in order."""

    steps: list[Step] = field(default_factory=list)

    def establish(self, name: str, check: Callable[[], T], detail: str) -> T:
        """Run `check`; when it refuses, note that and end the verification by raising Stop."""
        try:
            value = check()
        except TrustError as error:
            self.note(name, failure(error))
            raise Stop from error
        self.note(name, Finding(Outcome.ESTABLISHED, "ok", detail))
        return value

    def judge(self, name: str, check: Callable[[], Finding]) -> None:
        """Note what `check` finds, or that it refuses; the other steps go on either way."""
        try:
            self.note(name, check())
        except TrustError as error:
            self.note(name, failure(error))

    def note(self, name: str, found: Finding) -> None:
        """Add a step."""
        self.steps.append(Step(name, found.outcome, found.code, found.detail, found.path, found.problems))

    def close(self, names: Sequence[str]) -> None:
        """Add those of `names` that were not reached, because the last step that failed ended it."""
        last = next(step.name for step in reversed(self.steps) if step.outcome is Outcome.FAILED)
        detail = f"Not reached: the step {last} failed."
        missed = names[len(self.steps) :]
        self.steps += [Step(name, Outcome.NOT_CHECKED, "not_reached", detail) for name in missed]


def failure(error: TrustError) -> Finding:
    """A refusal as the finding of its step."""
    return Finding(Outcome.FAILED, error.code, error.detail, error.path)
