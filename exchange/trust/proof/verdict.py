"""What the verification of any proof file adds up to: its steps, those demanded, and where the log has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exchange.trust.errors import BundleError
from exchange.trust.verdict import Outcome, Step


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness of the trust root and the newest instant at which it cosigned the checkpoint."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ProofVerdict:
    """The steps in order and those demanded; the rest tells what a reader wants to know, as far as it was shown.

    `log_origin`, `log_index`, `logged_at`: the log, number and instant of the entry that was proven.
    """

    steps: tuple[Step, ...]
    required: frozenset[str]
    log_origin: str = ""
    log_index: int | None = None
    logged_at: datetime | None = None
    witnesses: tuple[Witness, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every demanded step is established and the verifier's own trust root was the measure."""
        return self.origin_established and not self.failures

    @property
    def consistent(self) -> bool:
        """Whether no step failed: the parts fit together, whoever made them."""
        return all(step.outcome is not Outcome.FAILED for step in self.steps)

    @property
    def origin_established(self) -> bool:
        """Whether the log is one of the verifier's trust root and its key signed the checkpoint."""
        return all(self.step(name).outcome is Outcome.ESTABLISHED for name in ("trust", "checkpoint"))

    @property
    def failures(self) -> tuple[Step, ...]:
        """The demanded steps that are not established, in order: the reasons of a refusal."""
        return tuple(
            s for s in self.steps if s.name in self.required and s.outcome is not Outcome.ESTABLISHED
        )

    def step(self, name: str) -> Step:
        """The step called `name`; raises BundleError `policy.unknown_step` for a name there is none of."""
        for step in self.steps:
            if step.name == name:
                return step
        raise BundleError("policy.unknown_step", f"There is no step called {name}.")
