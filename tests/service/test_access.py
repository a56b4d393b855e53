"""Who read what: the owner sees every try, the reader its own, and a denied reader learns nothing from it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from exchange.domain.actors import Actor
from exchange.domain.errors import NotFoundError, NotPermittedError
from exchange.domain.groups import FieldGroup, Purpose
from exchange.domain.periods import year
from exchange.services import access, reading
from exchange.services.access import AccessRecord
from exchange.services.context import Context
from exchange.services.products import Product
from exchange.store.tables.requests import AccessRecordRow
from tests.datasets import granted, product, product_subject, published
from tests.factories import Party, party

CSRD = Purpose.CSRD_REPORTING


@pytest.fixture
def owner(ctx: Context) -> Party:
    return party(ctx, "Nordvind Metal")


@pytest.fixture
def customer(ctx: Context) -> Party:
    return party(ctx, "Havn Byg")


@pytest.fixture
def about(owner: Party) -> Product:
    return product(owner)


@pytest.fixture
def dataset_id(owner: Party, about: Product) -> str:
    return published(owner, product_subject(owner, about)).dataset_id


def denied(reader: Party, asked: str) -> None:
    with pytest.raises(NotFoundError):
        reading.read_dataset(reader.ctx, asked, CSRD)


def records(who: Party, as_: str = "owner") -> tuple[AccessRecord, ...]:
    return access.page_access_records(who.ctx, as_=as_).items  # type: ignore[arg-type]


def test_owner_sees_its_own_and_others_reads_denied_and_allowed_newest_first(
    owner: Party, customer: Party, about: Product, dataset_id: str
) -> None:
    denied(customer, dataset_id)
    reading.read_dataset(owner.ctx, dataset_id)
    grant = granted(owner, customer, about, FieldGroup.QUALITY)
    reading.read_dataset(customer.ctx, dataset_id, CSRD)
    allowed, own, refused = records(owner)
    assert (own.actor_name, own.reason, own.purpose) == ("Nordvind Metal", "owner", None)
    assert (allowed.decision, allowed.grant_id, allowed.field_groups) == (
        "allowed", grant.id, ("identity", "quality"),
    )  # fmt: skip
    assert (refused.decision, refused.reason, refused.field_groups) == ("denied", "no_grant", ())
    for record in (allowed, refused):
        assert (record.actor_organisation_id, record.actor_name) == (customer.id, "Havn Byg")
        assert (record.target_id, record.target_name) == (dataset_id, "Steel bracket")
        assert record.purpose == "CSRD_REPORTING"
        assert record.dataset_digest is not None


def test_denied_reader_cannot_tell_from_its_records_whether_anything_is_there(
    owner: Party, customer: Party, dataset_id: str
) -> None:
    denied(customer, dataset_id)
    denied(customer, "01890000-0000-7000-8000-000000000000")
    unknown, foreign = records(customer, "actor")
    assert foreign.target_id == dataset_id
    told = [
        (r.target_name, r.dataset_digest, r.reason, r.grant_id, r.field_groups, r.target_type, r.decision)
        for r in (unknown, foreign)
    ]
    assert told == [("", None, "", None, (), "dataset", "denied")] * 2


def test_looking_for_what_may_be_read_is_no_read_and_leaves_no_record(
    owner: Party, customer: Party, about: Product, dataset_id: str
) -> None:
    assert reading.find_dataset_for(customer.ctx, about.id, year(2025), CSRD) is None
    granted(owner, customer, about)
    assert reading.find_dataset_for(customer.ctx, about.id, year(2025), CSRD) == dataset_id
    assert records(owner) == records(customer, "actor") == ()


def test_reader_sees_what_it_was_shown(
    owner: Party, customer: Party, about: Product, dataset_id: str
) -> None:
    granted(owner, customer, about)
    reading.read_dataset(customer.ctx, dataset_id, CSRD)
    (record,) = records(customer, "actor")
    assert (record.target_name, record.reason) == ("Steel bracket", "grant")


def test_a_read_names_the_period_and_version_but_a_denied_reader_learns_neither(
    owner: Party, customer: Party, dataset_id: str
) -> None:
    denied(customer, dataset_id)
    (seen,) = records(owner)
    assert (seen.period, seen.version) == (year(2025), 1)
    (blind,) = records(customer, "actor")
    assert (blind.period, blind.version) == (None, None)


def test_own_reads_and_other_products_are_left_out_before_paging(
    owner: Party, customer: Party, about: Product, dataset_id: str
) -> None:
    denied(customer, dataset_id)
    for _ in range(3):
        reading.read_dataset(owner.ctx, dataset_id)
    page = access.page_access_records(owner.ctx, limit=1, others_only=True)
    assert [record.actor_name for record in page.items] == ["Havn Byg"]
    assert page.next_cursor is None
    assert len(access.page_access_records(owner.ctx, subject_id=about.id).items) == 4
    assert access.page_access_records(owner.ctx, subject_id=dataset_id).items == ()


def test_nobody_else_sees_a_read(ctx: Context, owner: Party, customer: Party, dataset_id: str) -> None:
    denied(customer, dataset_id)
    stranger = party(ctx)
    assert records(stranger) == records(stranger, "actor") == ()
    assert records(customer) == ()  # it owns nothing that was read
    assert records(owner, "actor") == ()


def test_tries_at_what_is_not_there_belong_to_no_owner(
    owner: Party, customer: Party, dataset_id: str
) -> None:
    denied(customer, "unknown")
    assert records(owner) == ()
    assert len(records(customer, "actor")) == 1


def test_records_come_in_pages_without_gap_or_double(owner: Party, customer: Party, dataset_id: str) -> None:
    for _ in range(5):
        denied(customer, dataset_id)
    seen, cursor = [], None
    for _ in range(3):
        page = access.page_access_records(owner.ctx, cursor, 2)
        seen += [record.id for record in page.items]
        cursor = page.next_cursor
    assert cursor is None
    assert seen == [record.id for record in records(owner)]
    assert len(set(seen)) == 5


@pytest.mark.parametrize(
    "statement",
    [sa.update(AccessRecordRow).values(decision="allowed"), sa.delete(AccessRecordRow)],
    ids=["update", "delete"],
)
def test_records_cannot_be_changed_or_deleted(
    owner: Party, customer: Party, dataset_id: str, statement: sa.Executable
) -> None:
    denied(customer, dataset_id)
    with (
        pytest.raises(sa.exc.DBAPIError, match="append-only"),
        owner.ctx.store.write() as session,
    ):
        session.execute(statement)
    assert len(records(owner)) == 1


def test_somebody_without_a_role_sees_no_records(owner: Party) -> None:
    with pytest.raises(NotPermittedError):
        access.page_access_records(owner.ctx.acting_as(Actor(owner.id, frozenset())))
