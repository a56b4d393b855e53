"""What a reader may rely on: the signature of what was shown to it, checked again at that moment."""

from __future__ import annotations

from dataclasses import dataclass

from exchange.services.context import Context
from exchange.services.keys import owner_of, resolve
from exchange.services.reading import GrantedDataset
from exchange.trust import Policy, verify

POLICY = Policy(required=frozenset({"key_validity"}))


@dataclass(frozen=True)
class SignatureCheck:
    """Whether the signature and the shown field groups hold; `failure` is the code of what does not.

    `is_expired`: the signature holds, but the dataset's validity has ended. `by_owner`: the key is bound to
    the organisation the dataset speaks for.
    """

    holds: bool
    failure: str
    is_expired: bool
    by_owner: bool


def check_shown(ctx: Context, shown: GrantedDataset) -> SignatureCheck:
    """Verify the token a reader was shown, with its subset of disclosures (RFC 9901 section 7)."""
    with ctx.store.read() as session:
        verdict = verify(
            shown.token,
            resolve=lambda kid: resolve(session, kid),
            now=ctx.now(),
            policy=POLICY,
            received=shown.dataset.received_at,
        )
        owner = owner_of(session, shown.dataset.kid)
    failure = verdict.failures[0].code if verdict.failures else ""
    is_expired = verdict.step("time").code != "ok" and not failure
    return SignatureCheck(verdict.ok, failure, is_expired, owner == shown.dataset.organisation_id)
