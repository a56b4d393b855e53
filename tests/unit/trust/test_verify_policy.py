"""Time, key validity, schema and what a policy may demand or do without."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exchange.trust import (
    STEPS,
    Outcome,
    Policy,
    ResolvedKey,
    TokenError,
    TrustError,
    resolve_did_key,
    sign,
    strict_json,
    verify,
)
from tests.unit.trust.credentials import (
    CREDENTIAL,
    GROUPS,
    KEY,
    KID,
    NOW,
    PLAIN,
    POLICY,
    b64,
    check,
    good_token,
    reason,
    without,
)

LEEWAY = timedelta(minutes=5)
SECOND = timedelta(seconds=1)
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (START - LEEWAY - SECOND, "time.not_yet_valid"),
        (START - LEEWAY, None),
        (END + LEEWAY - SECOND, None),
        (END + LEEWAY, "time.expired"),
    ],
)
def test_validity_is_half_open_with_five_minutes_leeway(now: datetime, code: str | None) -> None:
    verdict = check(good_token(), now=now)
    assert verdict.step("time").code == (code or "ok")
    assert verdict.ok is (code is None)


def test_the_instant_may_come_in_any_zone_but_not_without_one() -> None:
    zone = (END + LEEWAY - SECOND).astimezone(tz=None)
    assert check(good_token(), now=zone).ok
    for naive in ({"now": NOW.replace(tzinfo=None)}, {"received": NOW.replace(tzinfo=None)}):
        with pytest.raises(TokenError) as caught:
            check(good_token(), **naive)
        assert caught.value.code == "instant.naive"


def key_with(**times: datetime) -> Callable[[str], ResolvedKey | None]:
    return lambda kid: ResolvedKey(KEY.public_key(), **times)


@pytest.mark.parametrize(
    ("times", "code"),
    [
        ({"valid_from": NOW}, "ok"),
        ({"valid_from": NOW + SECOND}, "key_validity.not_yet"),
        ({"retired_at": NOW + SECOND}, "ok"),
        ({"retired_at": NOW}, "key_validity.retired"),
        ({"compromised_since": NOW + SECOND}, "ok"),
        ({"compromised_since": NOW}, "key_validity.compromised"),
    ],
)
def test_a_key_counts_from_its_binding_until_it_is_retired_or_compromised(
    times: dict[str, Any], code: str
) -> None:
    verdict = check(good_token(), resolve=key_with(**times))
    assert verdict.step("key_validity").code == code
    assert verdict.ok is (code == "ok")


def test_what_came_in_before_the_key_was_retired_stays_valid() -> None:
    retired = key_with(retired_at=NOW - timedelta(days=1))
    assert check(good_token(), resolve=retired, received=NOW - timedelta(days=2)).ok
    assert not check(good_token(), resolve=retired).ok


def with_schema(answer: object) -> Policy:
    return Policy(schema=lambda schema_id, digest, subject: answer)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    ("answer", "code"), [([], "ok"), (None, "schema.unknown"), (["too heavy", "too blue"], "schema.invalid")]
)
def test_the_schema_step_follows_the_schema_check(answer: object, code: str) -> None:
    verdict = check(good_token(), policy=with_schema(answer))
    assert verdict.step("schema").code == code
    assert verdict.step("schema").problems == tuple(answer or ())  # type: ignore[arg-type]
    assert verdict.ok is (code == "ok")


def test_the_schema_check_sees_the_named_schema_and_the_disclosed_subject_only() -> None:
    seen: list[object] = []

    def look(schema_id: str, digest: str, subject: strict_json.JsonObject) -> list[object]:
        seen.append((schema_id, digest, copy.deepcopy(subject)))
        subject.clear()
        return []

    verdict = check(good_token().present(["quality"]), policy=Policy(schema=look))
    subject = CREDENTIAL["credentialSubject"]
    expected = {"id": subject["id"], "quality": subject["quality"]}
    named = CREDENTIAL["credentialSchema"]
    assert seen == [(named["id"], named["digestSRI"], expected)]
    assert verdict.dataset is not None
    assert verdict.dataset.credential["credentialSubject"] == expected


def test_a_credential_without_a_schema_fails_where_schemas_are_checked() -> None:
    document = without("credentialSchema")
    token = sign(document, groups=GROUPS, key=KEY, kid=KID)
    assert reason(check(token, policy=with_schema([]))) == ("schema", "schema.missing")


def test_by_default_a_schema_is_demanded() -> None:
    assert reason(check(good_token(), policy=Policy())) == ("schema", "schema.not_checked")


@pytest.mark.parametrize("name", ["status", "log", "issuer_identity"])
def test_demanding_what_is_not_checked_in_this_version_fails_closed(name: str) -> None:
    verdict = check(good_token(), policy=Policy(required=frozenset({name})))
    assert reason(verdict) == (name, f"{name}.not_checked")
    assert verdict.dataset is None


def test_a_policy_may_do_without_validity_but_never_without_the_signature() -> None:
    lenient = Policy(required=frozenset())
    expired = check(good_token(), now=END + timedelta(days=1), policy=lenient)
    assert expired.ok
    assert expired.step("time").outcome is Outcome.FAILED
    head, body, _ = PLAIN.split(".")
    assert not check(f"{head}.{body}.{b64(bytes(64))}", policy=lenient).ok


def test_after_a_failed_signature_nothing_later_counts_as_checked() -> None:
    head, body, _ = PLAIN.split(".")
    verdict = check(f"{head}.{body}.{b64(bytes(64))}")
    later = verdict.steps[STEPS.index("signature") + 1 :]
    assert {(step.outcome, step.code) for step in later} == {(Outcome.NOT_CHECKED, "not_reached")}


def test_all_reasons_after_the_signature_are_told_at_once() -> None:
    verdict = verify(
        good_token(),
        resolve=key_with(retired_at=NOW),
        now=END + timedelta(days=1),
        received=NOW,
        policy=with_schema(["wrong"]),
    )
    assert [step.code for step in verdict.failures] == [
        "time.expired",
        "key_validity.retired",
        "schema.invalid",
    ]


def test_a_step_that_does_not_exist_cannot_be_demanded_or_read() -> None:
    with pytest.raises(TrustError):
        Policy(required=frozenset({"signatur"}))
    with pytest.raises(TrustError):
        check(good_token()).step("signatur")


def test_every_verdict_names_all_steps_in_order() -> None:
    for text in ("", PLAIN, PLAIN + "~", good_token().serialise()):
        assert tuple(step.name for step in check(text).steps) == STEPS


def test_the_default_policy_is_the_strict_one() -> None:
    assert Policy().required == {"time", "key_validity", "schema"}
    assert Policy().leeway == LEEWAY
    assert POLICY.schema is None
    assert resolve_did_key(KID) is not None
