"""Status, log and identity are judged by the caller's own means, and fail closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from exchange.trust import Finding, Outcome, Policy, TokenError, VerifiedDataset, verify
from exchange.trust.did import resolve_did_key
from tests.unit.trust.credentials import DID, NOW, PLAIN, check, good_token, reason

# The member of Policy and the step it decides.
CHECKS = [("status", "status"), ("log", "log"), ("identity", "issuer_identity")]


def policy(member: str, step: str, answer: Callable[[VerifiedDataset], Finding] | None) -> Policy:
    means: dict[str, Any] = {member: answer}
    return Policy(required=frozenset({step}), **means)


@pytest.mark.parametrize(("member", "step"), CHECKS)
def test_finding_becomes_the_step(member: str, step: str) -> None:
    found = Finding(Outcome.ESTABLISHED, "ok", "It is so.", "/x", ("a", "b"))
    verdict = check(good_token(), policy=policy(member, step, lambda dataset: found))
    told = verdict.step(step)
    assert (told.outcome, told.code, told.detail, told.path, told.problems) == (
        Outcome.ESTABLISHED, "ok", "It is so.", "/x", ("a", "b"),
    )  # fmt: skip
    assert verdict.ok


@pytest.mark.parametrize(("member", "step"), CHECKS)
@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.NOT_CHECKED])
def test_anything_but_established_refuses_where_it_is_demanded(
    member: str, step: str, outcome: Outcome
) -> None:
    verdict = check(good_token(), policy=policy(member, step, lambda dataset: Finding(outcome, "x.y", "No.")))
    assert reason(verdict) == (step, "x.y")
    assert verdict.dataset is None


@pytest.mark.parametrize(("member", "step"), CHECKS)
def test_refusal_by_the_means_is_that_steps_failure(member: str, step: str) -> None:
    def refuse(dataset: VerifiedDataset) -> Finding:
        raise TokenError("x.refused", "Not this one.", path="/here")

    verdict = check(good_token(), policy=policy(member, step, refuse))
    assert (verdict.step(step).outcome, verdict.step(step).path) == (Outcome.FAILED, "/here")
    assert reason(verdict) == (step, "x.refused")


def test_schema_check_may_refuse_too() -> None:
    def refuse(*_: object) -> list[object]:
        raise TokenError("schema.file", "The schema cannot be used.")

    assert reason(check(good_token(), policy=Policy(schema=refuse))) == ("schema", "schema.file")


def test_means_see_the_dataset_only_once_its_signature_holds() -> None:
    seen: list[str] = []

    def look(dataset: VerifiedDataset) -> Finding:
        seen.append(dataset.issuer)
        return Finding(Outcome.ESTABLISHED, "ok", "Seen.")

    demanded = Policy(required=frozenset(), status=look, log=look, identity=look)
    verify(f"{PLAIN[:-8]}AAAAAAAA", resolve=resolve_did_key, now=NOW, policy=demanded)
    assert seen == []
    verify(PLAIN, resolve=resolve_did_key, now=NOW, policy=demanded)
    assert seen == [DID] * 3
