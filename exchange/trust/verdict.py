"""What a verification found: every step with its outcome, never one boolean for "signed" and "trusted"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from exchange.trust.dataset import VerifiedDataset
from exchange.trust.errors import TokenError
from exchange.trust.strict_json import JsonObject

# The steps in their order. The first group decides whether there is a signed document at all: each needs the
# one before, and no policy can do without them.
SIGNATURE_STEPS = (
    "structure",
    "header",
    "key",
    "algorithm",
    "signature",
    "payload",
    "credential",
    "disclosures",
)
VALIDITY_STEPS = ("time", "key_validity", "schema", "status", "log", "issuer_identity")
STEPS = SIGNATURE_STEPS + VALIDITY_STEPS
_KNOWN = frozenset(STEPS)

# Given schema id, digestSRI and the disclosed subject: the problems found, or None for an unknown schema. A
# TrustError it raises is the step's failure.
SchemaCheck = Callable[[str, str, JsonObject], Sequence[object] | None]


class Outcome(StrEnum):
    """How a step ended; `not_checked` is never a pass."""

    ESTABLISHED = "established"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


# Looking an outcome up costs as much as a small check.
_ESTABLISHED = Outcome.ESTABLISHED


class Step(NamedTuple):
    """One step: `code` is stable (`ok`, `not_reached` or the refusal's code), `detail` a sentence.

    `path` is a JSON pointer into the document, `problems` what the schema check returned.
    """

    name: str
    outcome: Outcome
    code: str
    detail: str
    path: str = ""
    problems: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of the caller's found out for its step; the fields are those of Step."""

    outcome: Outcome
    code: str
    detail: str
    path: str = ""
    problems: tuple[object, ...] = ()


# Given the dataset whose signature holds, what the caller's own means say of it. A TrustError it raises is
# that step's failure.
DatasetCheck = Callable[[VerifiedDataset], Finding]


@dataclass(frozen=True, slots=True)
class Policy:
    """What the caller demands beyond the signature steps, and the means to check it.

    `required`: names of steps that must be established; `schema`: see SchemaCheck; `status`, `log` and
    `identity` (the step `issuer_identity`): see DatasetCheck. None leaves that step unchecked. `leeway`:
    tolerated difference of clocks for validFrom and validUntil.
    """

    required: frozenset[str] = frozenset({"time", "key_validity", "schema"})
    schema: SchemaCheck | None = None
    leeway: timedelta = timedelta(minutes=5)
    status: DatasetCheck | None = None
    log: DatasetCheck | None = None
    identity: DatasetCheck | None = None

    def __post_init__(self) -> None:
        if unknown := sorted(self.required - _KNOWN):
            raise TokenError("policy.unknown_step", f"There is no step called {', '.join(unknown)}.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The steps in order, those the policy demands, and the dataset if all of these are established."""

    steps: tuple[Step, ...]
    required: frozenset[str]
    dataset: VerifiedDataset | None = None

    @property
    def ok(self) -> bool:
        """Whether every demanded step is established: a summary of `steps`, nothing more."""
        return not self.failures

    @property
    def failures(self) -> tuple[Step, ...]:
        """The demanded steps that are not established, in order: the reasons of a refusal."""
        return tuple([s for s in self.steps if s.outcome is not _ESTABLISHED and s.name in self.required])

    def step(self, name: str) -> Step:
        """The step called `name`; raises TokenError `policy.unknown_step` for a name not in STEPS."""
        for step in self.steps:
            if step.name == name:
                return step
        raise TokenError("policy.unknown_step", f"There is no step called {name}.")
