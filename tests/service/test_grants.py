"""Grants open one's own subjects to another organisation, until a date, and can be taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from exchange.adapters.clock import SteppingClock
from exchange.domain.actors import Actor, Role
from exchange.domain.errors import ConflictError, ExchangeError, NotFoundError, NotPermittedError
from exchange.domain.groups import DatasetKind, FieldGroup, Purpose
from exchange.domain.periods import year
from exchange.services import grants
from exchange.services.context import Context
from exchange.services.grants import NewGrant
from exchange.store.tables.requests import AuditRow
from tests.datasets import contents, granted, product, product_subject, published
from tests.factories import CVRS, Party, checked_party, operator, party


@pytest.fixture
def owner(ctx: Context) -> Party:
    return party(ctx, "Nordvind Metal")


@pytest.fixture
def customer(ctx: Context) -> Party:
    return party(ctx, "Havn Byg")


@pytest.fixture
def new(owner: Party, customer: Party) -> NewGrant:
    return NewGrant(
        customer.id,
        DatasetKind.PRODUCT,
        product(owner).id,
        frozenset({FieldGroup.COMMERCIAL, FieldGroup.INDICATORS}),
        Purpose.CBAM,
        owner.ctx.now() + timedelta(days=30),
        year(2025),
    )


def test_grant_says_who_may_read_what_for_which_purpose_until_when(
    owner: Party, customer: Party, new: NewGrant
) -> None:
    view = grants.give_grant(owner.ctx, new)
    assert (view.owner_name, view.grantee_name, view.grantee_assurance) == (
        "Nordvind Metal", "Havn Byg", "self_declared",
    )  # fmt: skip
    assert (view.kind, view.subject_id, view.subject_name, view.period) == (
        "product", new.subject_id, "Steel bracket", year(2025),
    )  # fmt: skip
    assert view.field_groups == (FieldGroup.IDENTITY, FieldGroup.INDICATORS, FieldGroup.COMMERCIAL)
    assert (view.purpose, view.resolution, view.state) == (Purpose.CBAM, "exact", "active")
    assert view.valid_until == new.valid_until
    with owner.ctx.store.read() as session:
        (entry,) = session.exec(select(AuditRow).where(AuditRow.action == "grant.give")).all()
    assert (entry.target_id, entry.actor_user_id) == (view.id, owner.actor.user_id)
    assert entry.detail == {
        "grantee": customer.id, "purpose": "CBAM", "groups": "identity indicators commercial",
    }  # fmt: skip


def test_grantee_is_shown_with_its_assurance(ctx: Context, owner: Party, new: NewGrant) -> None:
    checked = checked_party(ctx, operator(ctx), cvr=CVRS[2])
    view = grants.give_grant(owner.ctx, replace(new, grantee_id=checked.id))
    assert view.grantee_assurance == "operator_checked"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"valid_until": timedelta(0)}, "grant.until"),
        ({"valid_until": timedelta(days=-1)}, "grant.until"),
        ({"valid_until": timedelta(days=732)}, "grant.until"),
        ({"grantee_id": "owner"}, "grant.to_oneself"),
        ({"grantee_id": "nobody"}, "not_found"),
        ({"resolution": "banded"}, "grant.resolution"),
        ({"subject_id": "unknown"}, "grant.subject"),
        ({"subject_id": "foreign"}, "grant.subject"),
        ({"kind": DatasetKind.DELIVERY}, "grant.subject"),
        ({"kind": DatasetKind.ORGANISATION}, "grant.subject"),
        ({"kind": DatasetKind.DELIVERY, "subject_id": "owner"}, "grant.subject"),
    ],
)
def test_grant_that_makes_no_sense_is_refused_and_nothing_stored(
    owner: Party, customer: Party, new: NewGrant, change: dict[str, object], code: str
) -> None:
    names = {"owner": owner.id, "foreign": product(customer).id}
    meant = {
        name: owner.ctx.now() + value if isinstance(value, timedelta) else names.get(str(value), value)
        for name, value in change.items()
    }
    published(owner, product_subject(owner, product(owner)))
    before = contents(owner.ctx.store)
    with pytest.raises(ExchangeError) as refusal:
        grants.give_grant(owner.ctx, replace(new, **meant))  # type: ignore[arg-type]
    assert refusal.value.error_code == code
    assert contents(owner.ctx.store) == before


@pytest.mark.parametrize("kind", [DatasetKind.ORGANISATION, DatasetKind.EFFORT])
def test_own_organisation_is_a_subject_to_grant(owner: Party, new: NewGrant, kind: DatasetKind) -> None:
    assert grants.give_grant(owner.ctx, replace(new, kind=kind, subject_id=owner.id)).state == "active"


def test_grant_ends_at_its_date(owner: Party, new: NewGrant, clock: SteppingClock) -> None:
    grants.give_grant(owner.ctx, new)
    clock.move(timedelta(days=30))
    (view,) = grants.page_grants(owner.ctx, "given").items
    assert view.state == "expired"


def test_revoked_grant_stays_visible_with_its_reason_to_both(
    owner: Party, customer: Party, new: NewGrant
) -> None:
    grant = grants.give_grant(owner.ctx, new)
    assert grants.revoke_grant(owner.ctx, grant.id, "contract ended").state == "revoked"
    for view in (
        grants.page_grants(owner.ctx, "given").items[0],
        grants.page_grants(customer.ctx, "received").items[0],
    ):
        assert (view.id, view.state, view.revoke_reason) == (grant.id, "revoked", "contract ended")


def test_grant_is_revoked_once_also_when_two_do_it_at_the_same_time(owner: Party, new: NewGrant) -> None:
    grant = grants.give_grant(owner.ctx, new)

    def revoke(reason: str) -> str:
        try:
            return grants.revoke_grant(owner.ctx, grant.id, reason).revoke_reason
        except ConflictError as error:
            return error.error_code

    with ThreadPoolExecutor(2) as pool:
        outcomes = set(pool.map(revoke, ["one", "two"]))
    assert "grant.revoked" in outcomes
    (view,) = grants.page_grants(owner.ctx, "given").items
    assert outcomes == {"grant.revoked", view.revoke_reason}


def test_only_the_owner_revokes(owner: Party, customer: Party, new: NewGrant) -> None:
    grant = grants.give_grant(owner.ctx, new)
    for asked in (grant.id, "unknown"):
        with pytest.raises(NotFoundError):
            grants.revoke_grant(customer.ctx, asked)


def test_only_a_signer_gives_and_revokes(owner: Party, new: NewGrant) -> None:
    grant = grants.give_grant(owner.ctx, new)
    editor = owner.ctx.acting_as(Actor(owner.id, frozenset({Role.EDITOR})))
    with pytest.raises(NotPermittedError):
        grants.give_grant(editor, new)
    with pytest.raises(NotPermittedError):
        grants.revoke_grant(editor, grant.id)


def test_grants_are_listed_by_side_subject_and_page(ctx: Context, owner: Party, customer: Party) -> None:
    one, other = product(owner), product(owner, "Bolt")
    ids = [granted(owner, customer, about).id for about in (one, other, one)]
    first = grants.page_grants(owner.ctx, "given", limit=2)
    second = grants.page_grants(owner.ctx, "given", first.next_cursor, 2)
    assert [view.id for view in (*first.items, *second.items)] == ids[::-1]
    assert second.next_cursor is None
    assert [v.id for v in grants.page_grants(customer.ctx, "received", subject_id=other.id).items] == [ids[1]]
    assert grants.page_grants(customer.ctx, "given").items == ()
    assert grants.page_grants(party(ctx).ctx, "received").items == ()
