"""Readers get the granted groups as stored bytes, after their read is on record; the rest cannot tell a thing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from exchange.adapters.clock import SteppingClock
from exchange.domain.actors import Actor
from exchange.domain.errors import InvalidError, NotFoundError, NotPermittedError, RateLimitedError
from exchange.domain.groups import DatasetKind, FieldGroup, Purpose
from exchange.domain.periods import year
from exchange.services import access, grants, publish, reading
from exchange.services.context import Context
from exchange.services.grants import NewGrant
from exchange.services.products import Product
from exchange.services.rate_limits import _limiter
from exchange.services.reading import GrantedDataset
from exchange.store.tables.requests import AccessRecordRow
from exchange.trust import Policy, Token, resolve_did_key, verify
from exchange.trust.disclosure import read_disclosure
from tests.datasets import full_subject, granted, own_key, product, product_subject, published, signed
from tests.factories import Party, party

CSRD = Purpose.CSRD_REPORTING


@dataclass(frozen=True)
class Case:
    """A published dataset, its owner, a customer and a stranger."""

    owner: Party
    customer: Party
    stranger: Party
    about: Product
    subject: dict[str, Any]
    token: Token
    dataset_id: str

    def read(self, purpose: Purpose | None = CSRD) -> GrantedDataset:
        """What the customer gets."""
        return reading.read_dataset(self.customer.ctx, self.dataset_id, purpose)

    def records(self) -> list[AccessRecordRow]:
        """All access records, oldest first."""
        with self.owner.ctx.store.read() as session:
            return list(session.exec(select(AccessRecordRow).order_by(AccessRecordRow.at)).all())


@pytest.fixture
def case(ctx: Context) -> Case:
    owner, customer, stranger = (party(ctx, name) for name in ("Nordvind Metal", "Havn Byg", "Skov Data"))
    about = product(owner)
    subject = full_subject(owner, about)
    token = signed(own_key(owner), subject, at=ctx.now())
    outcome = publish.publish_token(owner.ctx, token.serialise())
    return Case(owner, customer, stranger, about, subject, token, outcome.dataset_id)


# What a reader gets


def test_owner_reads_everything_it_published(case: Case) -> None:
    found = reading.read_dataset(case.owner.ctx, case.dataset_id)
    assert found.subject == case.subject
    assert found.withheld == 0
    assert set(found.token.split("~")) == set(case.token.serialise().split("~"))


def test_customer_gets_the_signed_bytes_with_only_the_granted_disclosures(case: Case) -> None:
    grant = granted(case.owner, case.customer, case.about, FieldGroup.QUALITY, FieldGroup.INDICATORS)
    found = case.read()
    names = ("identity", "indicators", "quality")
    assert found.token == "~".join([case.token.jwt, *(case.token.disclosures[name] for name in names), ""])
    assert found.groups == (FieldGroup.IDENTITY, FieldGroup.INDICATORS, FieldGroup.QUALITY)
    assert found.withheld == len(case.token.disclosures) - 3
    assert found.subject == {name: case.subject[name] for name in ("id", *names)}
    assert case.records()[-1].grant_id == grant.id


def test_what_the_customer_got_verifies_offline_by_the_issuers_key_alone(case: Case) -> None:
    granted(case.owner, case.customer, case.about, FieldGroup.COMPOSITION)
    verdict = verify(
        case.read().token,
        resolve=resolve_did_key,
        now=case.owner.ctx.now(),
        policy=Policy(required=frozenset({"time"})),
    )
    assert verdict.dataset is not None
    assert verdict.dataset.digest == case.token.digest
    assert verdict.dataset.groups == ("identity", "composition")
    assert verdict.dataset.credential["credentialSubject"] == {
        name: case.subject[name] for name in ("id", "identity", "composition")
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
@given(st.lists(st.frozensets(st.sampled_from(list(FieldGroup)), min_size=1, max_size=3), max_size=3))
def test_keys_disclosed_are_exactly_the_keys_granted(case: Case, opened: list[frozenset[FieldGroup]]) -> None:
    reader = party(case.owner.ctx)
    for groups in opened:
        granted(case.owner, reader, case.about, *groups)
    try:
        found = reading.read_dataset(reader.ctx, case.dataset_id, CSRD)
    except NotFoundError:
        assert not opened
        return
    wanted = {group.value for group in frozenset().union(*opened)} | {"identity"}
    there = set(case.token.disclosures)
    disclosed = {read_disclosure(text).name for text in found.token.split("~")[1:-1]}
    assert disclosed == set(found.subject) - {"id"} == {g.value for g in found.groups} == wanted & there


def test_etag_tells_apart_what_was_shown_and_whether_it_is_still_in_force(case: Case) -> None:
    granted(case.owner, case.customer, case.about, FieldGroup.INDICATORS)
    first = case.read().etag
    assert case.read().etag == first
    granted(case.owner, case.customer, case.about, FieldGroup.QUALITY)
    more = case.read().etag
    published(case.owner, product_subject(case.owner, case.about))
    assert len({first, more, case.read().etag}) == 3


# Records


def test_each_read_leaves_its_full_record(case: Case) -> None:
    grant = granted(case.owner, case.customer, case.about, FieldGroup.INDICATORS)
    mandated = replace(case.customer.actor, mandate_id="mandate-1")
    ctx = replace(case.customer.ctx.acting_as(mandated), request_id="request-7")
    reading.read_dataset(ctx, case.dataset_id, CSRD)
    (record,) = case.records()
    assert (record.actor_user_id, record.actor_organisation_id, record.mandate_id) == (
        case.customer.actor.user_id, case.customer.id, "mandate-1",
    )  # fmt: skip
    assert (record.owner_id, record.target_id, record.dataset_digest) == (
        case.owner.id, case.dataset_id, case.token.digest,
    )  # fmt: skip
    assert (record.purpose, record.grant_id, record.field_groups) == (
        "CSRD_REPORTING", grant.id, ["identity", "indicators"],
    )  # fmt: skip
    assert (record.action, record.decision, record.reason, record.request_id) == (
        "dataset.read", "allowed", "grant", "request-7",
    )  # fmt: skip


def test_record_names_only_groups_the_dataset_has(case: Case) -> None:
    granted(case.owner, case.customer, case.about, FieldGroup.TAXONOMY, FieldGroup.SITE)
    assert case.read().subject == {name: case.subject[name] for name in ("id", "identity")}
    assert case.records()[-1].field_groups == ["identity"]


def test_record_is_committed_before_data_leave(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    granted(case.owner, case.customer, case.about)

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(reading, "record_access", full)
    with pytest.raises(OSError, match="disk full"):
        case.read()
    monkeypatch.undo()

    def broken(_: object) -> None:
        raise OSError("power cut")

    writer = case.owner.ctx.store.writer
    sa.event.listen(writer, "commit", broken)
    with pytest.raises(OSError, match="power cut"):
        case.read()
    sa.event.remove(writer, "commit", broken)
    assert case.records() == []
    assert case.read().groups == (FieldGroup.IDENTITY, FieldGroup.INDICATORS)
    assert len(case.records()) == 1


# Denied, foreign, unknown


@dataclass
class Trace:
    """Statements a block ran, parameters left out."""

    statements: list[str] = field(default_factory=list)


@contextmanager
def tracing(ctx: Context) -> Iterator[Trace]:
    trace = Trace()

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        trace.statements.append(statement)

    for engine in (ctx.store.writer, ctx.store.reader):
        sa.event.listen(engine, "before_cursor_execute", note)
    yield trace
    for engine in (ctx.store.writer, ctx.store.reader):
        sa.event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("purpose", [CSRD, None])
def test_unknown_and_foreign_ids_run_the_same_statements_and_get_the_same_answer(
    case: Case, purpose: Purpose | None
) -> None:
    outcomes = []
    for asked in (case.dataset_id, "01890000-0000-7000-8000-000000000000"):
        with tracing(case.stranger.ctx) as trace, pytest.raises(NotFoundError) as refusal:
            reading.read_dataset(case.stranger.ctx, asked, purpose)
        error = refusal.value
        outcomes.append((trace.statements, error.detail, error.error_code, error.path, error.advice))
    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0][0]) >= 3
    foreign, unknown = case.records()
    assert (foreign.decision, foreign.owner_id) == ("denied", case.owner.id)
    assert (unknown.decision, unknown.owner_id, unknown.reason) == ("denied", None, "unknown")
    assert foreign.field_groups == unknown.field_groups == []


def test_subjects_unknown_and_foreign_look_the_same_too(case: Case) -> None:
    outcomes = []
    for asked in (case.about.id, "01890000-0000-7000-8000-000000000000"):
        with tracing(case.stranger.ctx) as trace:
            found = reading.find_dataset_for(case.stranger.ctx, asked, year(2025), CSRD)
        outcomes.append((trace.statements, found))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][1] is None


def test_read_without_purpose_is_denied_in_spite_of_a_grant(case: Case) -> None:
    granted(case.owner, case.customer, case.about)
    with pytest.raises(NotFoundError):
        case.read(None)
    assert case.records()[-1].reason == "purpose_missing"


def test_grant_for_one_purpose_opens_no_other(case: Case) -> None:
    granted(case.owner, case.customer, case.about, purpose=Purpose.CBAM)
    with pytest.raises(NotFoundError):
        case.read(CSRD)
    assert case.read(Purpose.CBAM).groups


def test_revoked_grant_denies_the_next_read(case: Case) -> None:
    grant = granted(case.owner, case.customer, case.about)
    assert case.read().groups
    grants.revoke_grant(case.owner.ctx, grant.id, "contract ended")
    with pytest.raises(NotFoundError):
        case.read()
    assert [record.reason for record in case.records()] == ["grant", "grant_revoked"]
    assert reading.list_granted(case.customer.ctx).items == ()


def test_expired_grant_denies_the_next_read(case: Case, clock: SteppingClock) -> None:
    granted(case.owner, case.customer, case.about, days=10)
    clock.move(timedelta(days=9))
    assert case.read().groups
    clock.move(timedelta(days=1))
    with pytest.raises(NotFoundError):
        case.read()
    assert case.records()[-1].reason == "grant_expired"
    assert reading.list_granted(case.customer.ctx).items == ()


def test_aggregate_only_grant_shows_nothing(case: Case) -> None:
    until = case.owner.ctx.now() + timedelta(days=10)
    new = NewGrant(
        case.customer.id, DatasetKind.PRODUCT, case.about.id, frozenset(FieldGroup), CSRD, until,
        resolution="aggregate_only",
    )  # fmt: skip
    grants.give_grant(case.owner.ctx, new)
    with pytest.raises(NotFoundError):
        case.read()
    assert reading.list_granted(case.customer.ctx).items == ()


def test_too_many_denied_reads_are_told_to_wait_and_allowed_ones_go_on(case: Case) -> None:
    granted(case.owner, case.customer, case.about)
    limits = case.customer.ctx.settings.model_copy(update={"rate_denied": "2/minute"})
    ctx = replace(case.customer.ctx, settings=limits)
    _limiter.cache_clear()
    for _ in range(2):
        with pytest.raises(NotFoundError):
            reading.read_dataset(ctx, "unknown", CSRD)
    with pytest.raises(RateLimitedError) as refusal:
        reading.read_dataset(ctx, "unknown", CSRD)
    assert 1 <= refusal.value.retry_after <= 60
    assert reading.read_dataset(ctx, case.dataset_id, CSRD).groups
    assert [record.decision for record in case.records()] == ["denied"] * 3 + ["allowed"]


def test_somebody_without_any_role_reads_nothing(case: Case) -> None:
    nobody = case.owner.ctx.acting_as(Actor(case.owner.id, frozenset()))
    with pytest.raises(NotPermittedError):
        reading.read_dataset(nobody, case.dataset_id)


# Finding what to read


def test_customer_finds_the_version_in_force(case: Case) -> None:
    granted(case.owner, case.customer, case.about)
    second = published(case.owner, product_subject(case.owner, case.about))
    assert reading.find_dataset_for(case.customer.ctx, case.about.id, year(2025), CSRD) == second.dataset_id
    assert reading.find_dataset_for(case.customer.ctx, case.about.id, year(2024), CSRD) is None


def test_lists_show_own_datasets_and_granted_ones_page_by_page(case: Case) -> None:
    for one in (2021, 2022, 2023, 2024):
        published(case.owner, product_subject(case.owner, case.about, year=one))
    granted(case.owner, case.customer, case.about)
    for pages in (
        lambda cursor: reading.list_datasets(case.owner.ctx, cursor, 2),
        lambda cursor: reading.list_granted(case.customer.ctx, cursor, 2),
    ):
        seen, cursor = [], None
        while True:
            page = pages(cursor)
            seen += [view.period.start.year for view in page.items if view.period]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == [2024, 2023, 2022, 2021, 2025]
    assert reading.list_datasets(case.customer.ctx).items == ()
    assert reading.list_granted(case.stranger.ctx).items == ()


def test_grant_for_a_period_lists_only_datasets_inside_it(case: Case) -> None:
    published(case.owner, product_subject(case.owner, case.about, year=2024))
    until = case.owner.ctx.now() + timedelta(days=10)
    new = NewGrant(
        case.customer.id, DatasetKind.PRODUCT, case.about.id, frozenset({FieldGroup.INDICATORS}), CSRD,
        until, period=year(2024),
    )  # fmt: skip
    grants.give_grant(case.owner.ctx, new)
    (view,) = reading.list_granted(case.customer.ctx).items
    assert view.period == year(2024)
    with pytest.raises(NotFoundError):
        case.read()


@pytest.mark.parametrize(
    "cursor", ["!", "e30", "WzEsMl0", "W10", "WzEsICJcdWQ4MDAiXQ", "WzEsICJcdTAwMDAiXQ", "é"]
)
def test_cursor_not_made_here_is_refused(case: Case, cursor: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        reading.list_datasets(case.owner.ctx, cursor)
    assert refusal.value.error_code == "paging.cursor"


@pytest.mark.parametrize("limit", [0, 201, -1])
def test_page_size_has_bounds(case: Case, limit: int) -> None:
    with pytest.raises(InvalidError) as refusal:
        access.page_access_records(case.owner.ctx, None, limit)
    assert refusal.value.error_code == "paging.limit"
