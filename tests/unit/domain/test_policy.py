"""Deny by default; a grant opens its field groups to its grantee, for its purpose, in its time, and no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.domain.groups import FieldGroup, Purpose
from exchange.domain.periods import Period, year
from exchange.domain.policy import Decision, Grant, Read, decide_read, is_valid

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OWNER, READER, STRANGER = "owner", "reader", "stranger"

READ = Read(READER, OWNER, "product", "bracket", year(2025), Purpose.CSRD_REPORTING)
GRANT = Grant(
    id="g1",
    owner_id=OWNER,
    grantee_id=READER,
    kind="product",
    subject_id="bracket",
    period=None,
    field_groups=frozenset({FieldGroup.INDICATORS}),
    purpose=Purpose.CSRD_REPORTING,
    resolution="exact",
    valid_from=NOW - DAY,
    valid_until=NOW + DAY,
    revoked_at=None,
)

# What keeps a grant from opening READ, each on its own.
SPOILERS: dict[str, dict[str, object]] = {
    "other_owner": {"owner_id": STRANGER},
    "other_grantee": {"grantee_id": STRANGER},
    "other_kind": {"kind": "delivery"},
    "other_subject": {"subject_id": "bolt"},
    "other_period": {"period": year(2024)},
    "part_of_the_period": {"period": Period(date(2025, 1, 1), date(2025, 12, 31))},
    "other_purpose": {"purpose": Purpose.AUDIT},
    "aggregate_only": {"resolution": "aggregate_only"},
    "banded": {"resolution": "banded"},
    "expired": {"valid_until": NOW},
    "not_yet_valid": {"valid_from": NOW + timedelta(microseconds=1)},
    "revoked": {"revoked_at": NOW},
    "revoked_in_the_future": {"revoked_at": NOW + DAY},
}

groups = st.frozensets(st.sampled_from(list(FieldGroup)), min_size=1)
valid_grants = st.builds(
    replace,
    st.just(GRANT),
    id=st.uuids().map(str),
    field_groups=groups,
    period=st.sampled_from([None, year(2025), Period(date(2024, 7, 1), date(2026, 7, 1))]),
)
useless_grants = st.builds(
    lambda grant, spoiler: replace(grant, **SPOILERS[spoiler]),  # type: ignore[arg-type]
    valid_grants,
    st.sampled_from(sorted(SPOILERS)),
)
any_grants = st.lists(st.one_of(valid_grants, useless_grants), max_size=6)


def test_without_any_grant_a_read_is_denied() -> None:
    assert decide_read(READ, [], NOW) == Decision(False, "no_grant")


def test_grant_opens_its_groups_and_identity_in_the_schemas_order() -> None:
    opened = replace(GRANT, field_groups=frozenset({FieldGroup.COMMERCIAL, FieldGroup.BREAKDOWN}))
    assert decide_read(READ, [opened], NOW) == Decision(
        True, "grant", (FieldGroup.IDENTITY, FieldGroup.BREAKDOWN, FieldGroup.COMMERCIAL), "g1"
    )


def test_owner_reads_everything_without_grant_or_purpose() -> None:
    own = replace(READ, organisation_id=OWNER, purpose=None)
    assert decide_read(own, [], NOW) == Decision(True, "owner", tuple(FieldGroup))


def test_reader_without_a_purpose_is_denied_whatever_it_was_granted() -> None:
    assert decide_read(replace(READ, purpose=None), [GRANT], NOW) == Decision(False, "purpose_missing")


@pytest.mark.parametrize("spoiler", sorted(SPOILERS))
def test_single_grant_that_does_not_fit_opens_nothing(spoiler: str) -> None:
    decision = decide_read(READ, [replace(GRANT, **SPOILERS[spoiler])], NOW)  # type: ignore[arg-type]
    assert (decision.allowed, decision.groups, decision.grant_id) == (False, (), None)


@pytest.mark.parametrize(
    ("spoiler", "reason"),
    [
        ("revoked", "grant_revoked"),
        ("expired", "grant_expired"),
        ("not_yet_valid", "grant_not_yet_valid"),
        ("other_purpose", "no_grant"),
        ("aggregate_only", "no_grant"),
    ],
)
def test_denial_names_why(spoiler: str, reason: str) -> None:
    assert decide_read(READ, [replace(GRANT, **SPOILERS[spoiler])], NOW).reason == reason  # type: ignore[arg-type]


def test_grant_for_a_period_does_not_open_a_dataset_without_one() -> None:
    bounded = replace(GRANT, period=year(2025))
    assert not decide_read(replace(READ, period=None), [bounded], NOW).allowed
    assert decide_read(replace(READ, period=None), [GRANT], NOW).allowed


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (-DAY, True),
        (-DAY - timedelta(microseconds=1), False),
        (DAY - timedelta(microseconds=1), True),
        (DAY, False),
    ],
)
def test_validity_is_half_open(offset: timedelta, expected: bool) -> None:
    assert is_valid(GRANT, NOW + offset) is expected


@given(st.lists(useless_grants, max_size=6))
def test_grants_that_do_not_fit_never_open_anything_together_either(grants: list[Grant]) -> None:
    decision = decide_read(READ, grants, NOW)
    assert not decision.allowed
    assert decision.groups == ()


@given(any_grants, st.sampled_from(list(FieldGroup)))
def test_disclosed_groups_are_exactly_what_valid_grants_name_plus_identity(
    grants: list[Grant], group: FieldGroup
) -> None:
    fitting = [grant for grant in grants if decide_read(READ, [grant], NOW).allowed]
    named = any(group in grant.field_groups for grant in fitting)
    expected = bool(fitting) if group is FieldGroup.IDENTITY else named
    assert (group in decide_read(READ, grants, NOW).groups) is expected


@given(any_grants, st.one_of(valid_grants, useless_grants))
def test_one_grant_more_never_shows_less(grants: list[Grant], more: Grant) -> None:
    before, after = decide_read(READ, grants, NOW), decide_read(READ, [*grants, more], NOW)
    assert set(before.groups) <= set(after.groups)
    assert before.allowed <= after.allowed


@given(any_grants, st.randoms())
def test_order_of_grants_does_not_matter(grants: list[Grant], random: object) -> None:
    shuffled = list(grants)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decide_read(READ, shuffled, NOW) == decide_read(READ, grants, NOW)


@given(any_grants)
def test_identity_is_always_with_the_rest_and_the_grant_is_named(grants: list[Grant]) -> None:
    decision = decide_read(READ, grants, NOW)
    assert decision.allowed is (FieldGroup.IDENTITY in decision.groups)
    assert (decision.grant_id is not None) is decision.allowed
    assert list(decision.groups) == [group for group in FieldGroup if group in decision.groups]


@given(any_grants)
def test_revoking_every_grant_denies_the_next_read(grants: list[Grant]) -> None:
    assert not decide_read(READ, [replace(grant, revoked_at=NOW) for grant in grants], NOW).allowed
