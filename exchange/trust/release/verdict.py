"""What the verification of a release bundle found."""

from __future__ import annotations

from dataclasses import dataclass

from exchange.trust.dataset import VerifiedDataset
from exchange.trust.proof.verdict import ProofVerdict
from exchange.trust.release.content import ReleaseContent
from exchange.trust.release.inputs import InputProof
from exchange.trust.verdict import SIGNATURE_STEPS, Step

# Of the steps of a token those that a statement has: it names no schema and no status list, and its key is the
# registrar's, which the trust root names and no log binds.
TOKEN_STEPS = (*SIGNATURE_STEPS, "time", "log", "issuer_identity")
STEPS = ("bundle", "trust", "checkpoint", "witnesses", *TOKEN_STEPS, "statement", "inputs")


@dataclass(frozen=True, slots=True)
class ReleaseVerdict(ProofVerdict):
    """What was shown of a statement.

    `signed`: the statement whose signature holds, and `content` what it says, both kept also when something else
    failed: to tell of, not to rely on. `own_inputs`: the datasets of which it was shown that they are counted.
    """

    signed: VerifiedDataset | None = None
    content: ReleaseContent | None = None
    own_inputs: tuple[InputProof, ...] = ()


def of_a_statement(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Those of a token's steps that a statement has."""
    return tuple(step for step in steps if step.name in TOKEN_STEPS)
