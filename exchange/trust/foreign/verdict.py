"""What the verification of somebody else's signed document found: evidence with its steps, never a dataset.

Wider than our own profile (any credential of the W3C data model, several proofs), hence types of its own: nothing
here leads to a `VerifiedDataset`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from exchange.trust.did import MAX_KID_LENGTH, resolve_did_key, split_kid
from exchange.trust.errors import ForeignError, TrustError
from exchange.trust.keys import PublicKey
from exchange.trust.verdict import Outcome, Step

T = TypeVar("T")

STEPS = ("structure", "header", "key", "signature", "payload", "issuer", "time", "proof", "status")
# What may stay unchecked: a second proof inside an envelope, and whether the issuer withdrew the document.
OPTIONAL_STEPS = frozenset({"proof", "status"})
LEEWAY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class VerificationMethod:
    """A key that its controller (a DID or URL) lists for assertions (W3C Controlled Identifiers 1.0 section 2.2)."""

    public_key: PublicKey
    controller: str


# Given the identifier of a verification method: the method, or None for one that is not known.
MethodResolver = Callable[[str], VerificationMethod | None]


@dataclass(frozen=True, slots=True)
class ForeignVerdict:
    """The steps in the order they were taken; of several proofs each has its own, told apart by `path`.

    `form` is `eddsa-jcs-2022`, `ecdsa-jcs-2019`, `vc+jwt` or `vc+sd-jwt`; `issuer` what the document claims.
    """

    form: str
    issuer: str
    steps: tuple[Step, ...]

    @property
    def ok(self) -> bool:
        """Whether no step failed and all but the optional ones are established."""
        return all(
            step.outcome is Outcome.ESTABLISHED
            or (step.name in OPTIONAL_STEPS and step.outcome is Outcome.NOT_CHECKED)
            for step in self.steps
        )

    @property
    def failures(self) -> tuple[Step, ...]:
        """The steps that failed, in order."""
        return tuple(step for step in self.steps if step.outcome is Outcome.FAILED)


class StepFailedError(Exception):
    """A step failed that the later ones of its section need."""


class Section:
    """Steps that build on each other: those of the document (path ""), or those of one proof in it."""

    def __init__(self, names: Sequence[str], path: str = "") -> None:
        self._names = names
        self._path = path
        self._steps: list[Step] = []

    def establish(self, name: str, check: Callable[[], T], detail: str) -> T:
        """Run `check`; when it refuses, note that and raise StepFailedError."""
        try:
            value = check()
        except TrustError as error:
            self.add(name, Outcome.FAILED, error.code, error.detail, error.path)
            raise StepFailedError from error
        self.add(name, Outcome.ESTABLISHED, "ok", detail)
        return value

    def add(self, name: str, outcome: Outcome, code: str, detail: str, path: str = "") -> None:
        """Note how a step ended; `path` is relative to the section's."""
        self._steps.append(Step(name, outcome, code, detail, self._path + path))

    def close(self) -> tuple[Step, ...]:
        """The steps, those that were not reached included."""
        done = {step.name for step in self._steps}
        for name in self._names:
            if name not in done:
                detail = "Not reached: a step before it failed."
                self.add(name, Outcome.NOT_CHECKED, "not_reached", detail)
        return tuple(self._steps)


def find_method(identifier: str, resolve: MethodResolver) -> VerificationMethod:
    """The verification method under `identifier`; a did:key spells its own out, `resolve` knows the others.

    Raises KeyFormatError `kid.*` or `key.*`, and ForeignError `kid.unknown`.
    """
    if identifier.startswith("did:key:"):
        resolved = resolve_did_key(identifier)
        if resolved is not None:
            return VerificationMethod(resolved.public_key, split_kid(identifier)[0])
    found = resolve(identifier) if len(identifier) <= MAX_KID_LENGTH else None
    if found is None:
        raise ForeignError("kid.unknown", "No key is known under this name.")
    return found


def check_issuer(method: VerificationMethod, issuer: str) -> None:
    """The key's controller is the claimed issuer (`issuer.mismatch`): else anybody could sign as anybody."""
    if method.controller != issuer:
        raise ForeignError("issuer.mismatch", "The key does not belong to the issuer the document names.")
