"""What a proof bundle establishes, and each reason for which one is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange.trust import Outcome, TokenError, TrustError
from exchange.trust.bundle import STEPS, BundlePolicy, BundleVerdict, Witness, read_bundle
from tests.unit.trust.bundles import (
    AS_OF,
    BOUND,
    COSIGNED,
    IDENTITY,
    NOW,
    OLD_ORIGIN,
    ORIGIN,
    RECEIVED,
    REGISTRAR_DID,
    SUPPLIER_DID,
    WITNESSES,
    Case,
    judge,
    key_of,
    trust_root,
)

SECOND = timedelta(seconds=1)
STRANGER = key_of("stranger")


def reason(verdict: BundleVerdict) -> tuple[str, str]:
    """Name and code of the first demanded step that is not established."""
    assert not verdict.ok
    assert verdict.dataset is None
    step = verdict.failures[0]
    return step.name, step.code


@pytest.mark.parametrize(("epochs", "origin"), [(1, ORIGIN), (2, OLD_ORIGIN)])
def test_good_bundle_establishes_every_step_and_tells_who_what_and_when(epochs: int, origin: str) -> None:
    verdict = judge(Case(epochs=epochs))
    assert [(step.name, step.code) for step in verdict.steps] == [(name, "ok") for name in STEPS]
    assert verdict.ok
    assert verdict.origin_established
    assert verdict.dataset is not None
    assert verdict.dataset.issuer == SUPPLIER_DID
    assert verdict.organisation == IDENTITY
    assert (verdict.registrar, verdict.key_bound, verdict.custody) == (REGISTRAR_DID, BOUND, False)
    assert (verdict.log_origin, verdict.log_index, verdict.logged_at) == (origin, 6, RECEIVED)
    assert (verdict.revoked, verdict.as_of) == (False, AS_OF)
    assert verdict.witnesses == tuple(Witness(name, COSIGNED) for name in list(WITNESSES)[:2])


def test_bundle_reads_back_to_itself() -> None:
    bundle = Case(epochs=2).build()
    assert read_bundle(bundle.serialise()) == bundle


def test_holder_of_few_groups_proves_those() -> None:
    verdict = judge(Case(groups=["quality"]))
    assert verdict.ok
    assert verdict.dataset is not None
    assert set(verdict.dataset.credential["credentialSubject"]) == {"id", "quality"}  # type: ignore[arg-type]


def test_without_a_trust_root_a_bundle_is_consistent_and_never_established() -> None:
    verdict = judge(Case(), trust=None, policy=BundlePolicy(required=frozenset()))
    assert verdict.consistent
    assert not verdict.origin_established
    assert not verdict.ok
    assert verdict.dataset is None
    codes = {step.name: step.code for step in verdict.steps if step.outcome is not Outcome.ESTABLISHED}
    assert codes == {
        "trust": "trust.none",
        "witnesses": "witnesses.no_trust_root",
        "schema": "schema.not_checked",
        "issuer_identity": "issuer_identity.no_trust_root",
    }


def test_trust_root_without_quorum_demands_no_witness_and_the_step_says_so() -> None:
    verdict = judge(Case(witnesses=()), trust=trust_root(quorum=0))
    assert verdict.ok
    assert (verdict.step("witnesses").outcome, verdict.step("witnesses").code) == (
        Outcome.NOT_CHECKED,
        "witnesses.none_demanded",
    )


def test_the_checkpoint_is_not_said_to_be_of_the_trust_root_where_that_knows_other_logs() -> None:
    known, other = judge(Case()), judge(Case(), trust=trust_root(origins=[OLD_ORIGIN]))
    assert known.step("checkpoint").detail.endswith("is signed by the key that your trust root names.")
    assert other.step("trust").code == "trust.origin"
    assert other.step("checkpoint").detail.endswith("is signed by the key that the bundle itself names.")


def test_what_was_received_in_the_second_of_the_state_counts() -> None:
    assert judge(Case(received=AS_OF + SECOND / 2, as_of=AS_OF + SECOND / 4)).ok


@pytest.mark.parametrize(("days", "code"), [(None, "ok"), (1, "ok"), (0, "status.old")])
def test_the_age_of_what_the_log_knew_is_bounded_where_it_is_demanded(days: int | None, code: str) -> None:
    policy = BundlePolicy(max_age=None if days is None else timedelta(days=days))
    assert judge(Case(), policy=policy).step("status").code == code


def test_a_step_that_does_not_exist_cannot_be_demanded_or_read() -> None:
    with pytest.raises(TrustError):
        BundlePolicy(required=frozenset({"witness"}))
    with pytest.raises(TrustError):
        judge(Case()).step("witness")


def test_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(TokenError):
        judge(Case(), now=NOW.replace(tzinfo=None))
