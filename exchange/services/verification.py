"""What a reader may rely on: the signature of what was shown to it, checked again at that moment, step by step."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from exchange.domain.actors import Assurance
from exchange.services.context import Context
from exchange.services.keys import owner_of, resolve
from exchange.services.reading import DatasetView, GrantedDataset
from exchange.services.revocation.status_lists import is_listed
from exchange.store import identities, parties
from exchange.store.log_serving import signed_entries
from exchange.trust import Policy, Step, VerifiedDataset, verify
from exchange.trust.verdict import Finding, Outcome

REQUIRED = frozenset({"key_validity"})
PUBLISHED = frozenset({"publish", "supersede"})
CHECKED = frozenset({Assurance.OPERATOR_CHECKED.value, Assurance.OWN_DOMAIN.value})


@dataclass(frozen=True)
class SignatureCheck:
    """Every step as `exchange.trust.verify` names it, and what pages say in their first sentence.

    `holds`: signature and shown field groups hold; `failure` is the code of what does not. `is_expired`: it
    holds, but the dataset's validity has ended. `by_owner`: the key is bound to the organisation the dataset
    speaks for. `is_revoked`: its owner took it back.
    """

    steps: tuple[Step, ...]
    holds: bool
    failure: str
    is_expired: bool
    by_owner: bool
    is_revoked: bool


def check_shown(ctx: Context, shown: GrantedDataset) -> SignatureCheck:
    """Verify the token a reader was shown, with its subset of disclosures (RFC 9901 section 7).

    Status, log and identity are answered from the exchange's own tables: its word, which a bundle proves.
    """
    with ctx.store.read() as session:
        verdict = verify(
            shown.token,
            resolve=lambda kid: resolve(session, kid),
            now=ctx.now(),
            policy=_policy(session, shown.dataset),
            received=shown.dataset.received_at,
        )
        owner = owner_of(session, shown.dataset.kid)
    failure = verdict.failures[0].code if verdict.failures else ""
    return SignatureCheck(
        steps=verdict.steps,
        holds=verdict.ok,
        failure=failure,
        is_expired=verdict.step("time").code != "ok" and not failure,
        by_owner=owner == shown.dataset.organisation_id,
        is_revoked=shown.dataset.revoked_at is not None or verdict.step("status").code == "status.revoked",
    )


def _policy(session: Session, dataset: DatasetView) -> Policy:
    return Policy(
        required=REQUIRED,
        status=lambda verified: _status(session, dataset, verified),
        log=lambda verified: _log(session, verified),
        identity=lambda verified: _identity(session, dataset, verified),
    )


def _status(session: Session, dataset: DatasetView, verified: VerifiedDataset) -> Finding:
    """The exchange's own record first: the list's next issue may still wait for the worker."""
    listed = is_listed(session, verified.digest)
    if dataset.revoked_at is not None or listed:
        return Finding(Outcome.FAILED, "status.revoked", "Its owner has revoked it.", "/credentialStatus")
    if verified.member("credentialStatus") is None:
        return Finding(Outcome.NOT_CHECKED, "status.none", "The credential names no status list.")
    if listed is None:
        return Finding(Outcome.NOT_CHECKED, "status.not_issued", "The status list is not signed yet.")
    return Finding(Outcome.ESTABLISHED, "ok", "The newest status list does not revoke it.")


def _log(session: Session, verified: VerifiedDataset) -> Finding:
    entry = next((one for one in signed_entries(session, [verified.digest]) if one.event in PUBLISHED), None)
    if entry is None:
        return Finding(Outcome.NOT_CHECKED, "log.pending", "No signed checkpoint covers it yet.")
    return Finding(Outcome.ESTABLISHED, "ok", f"A signed checkpoint covers it, as entry {entry.seq}.")


def _identity(session: Session, dataset: DatasetView, verified: VerifiedDataset) -> Finding:
    owner = parties.organisations_by_id(session, {dataset.organisation_id})[dataset.organisation_id]
    if owner_of(session, verified.kid) != owner.id:
        detail = "The key is not bound to the organisation the dataset is of."
        return Finding(Outcome.FAILED, "issuer_identity.foreign", detail, "/issuer")
    if owner.assurance not in CHECKED:
        detail = f"Nobody has checked who the issuer is: {owner.assurance}."
        return Finding(Outcome.NOT_CHECKED, "issuer_identity.unchecked", detail)
    stated = identities.find_credential(session, verified.issuer)
    if stated is None or stated.organisation_id != owner.id:
        detail = "The registrar's credential on the issuer is not signed yet."
        return Finding(Outcome.NOT_CHECKED, "issuer_identity.not_issued", detail)
    return Finding(Outcome.ESTABLISHED, "ok", f"How the issuer was checked: {owner.assurance}.")
