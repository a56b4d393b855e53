"""What the verification of a bundle found: its own steps before those of the token, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.trust import verdict as token_verdict
from exchange.trust.dataset import VerifiedDataset
from exchange.trust.errors import BundleError
from exchange.trust.organisation_credential import Assurance, OrganisationIdentity
from exchange.trust.proof.verdict import ProofVerdict

BUNDLE_STEPS = ("bundle", "trust", "checkpoint", "witnesses", "key_state")
STEPS = BUNDLE_STEPS + token_verdict.STEPS
_KNOWN = frozenset(STEPS)


@dataclass(frozen=True, slots=True)
class BundlePolicy:
    """What the caller demands of a bundle: `required` names of STEPS; the quorum is the trust root's.

    `schemas`: digests (SRI) of the only schema files that may be run, for a service to which strangers bring
    their own trust roots; None: those that the trust root's log vouches for. `assurance`: how well the
    organisation's identity must have been checked at least; `leeway`: tolerated difference between the clocks
    of the caller, the issuers and the log; `max_age`: how old the log's knowledge of revocations (`as_of`) may be at
    most, None: any age.
    """

    required: frozenset[str] = frozenset(STEPS)
    schemas: frozenset[str] | None = None
    assurance: Assurance = Assurance.OPERATOR_CHECKED
    leeway: timedelta = timedelta(minutes=5)
    max_age: timedelta | None = None

    def __post_init__(self) -> None:
        if unknown := sorted(self.required - _KNOWN):
            raise BundleError("policy.unknown_step", f"There is no step called {', '.join(unknown)}.")


@dataclass(frozen=True, slots=True)
class BundleVerdict(ProofVerdict):
    """What was shown of a dataset.

    `signed`: the dataset whose signature holds, kept also when something else failed: to tell of, not to rely
    on. `key_bound` and `custody` are the key record's; `as_of` the instant the log vouches for key and
    revocation; `revoked` None = not shown.
    """

    signed: VerifiedDataset | None = None
    organisation: OrganisationIdentity | None = None
    registrar: str = ""
    key_bound: datetime | None = None
    custody: bool | None = None
    as_of: datetime | None = None
    revoked: bool | None = None

    @property
    def dataset(self) -> VerifiedDataset | None:
        """The dataset to rely on; None unless `ok`."""
        return self.signed if self.ok else None
