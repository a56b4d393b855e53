"""Evidence: the digest of a document beside its bill; the document is not kept, and a changed one is told."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError, NotPermittedError
from exchange.services.bills import BillView, Evidence, list_bills, withdraw_bill
from exchange.services.context import Context
from exchange.services.evidence import attach_evidence, check_evidence
from exchange.services.site_accounts import load_account
from tests.accounts import YEAR, bill, flow, month, site
from tests.datasets import contents
from tests.factories import Party, acting, party

PHOTO = b"a photo of the bill for January"
DIGEST = hashlib.sha256(PHOTO).hexdigest()


@pytest.fixture
def january(firm: Party) -> BillView:
    return bill(firm, flow(firm, site(firm)), month(1))


def test_digest_name_and_size_are_noted_and_the_file_is_not(
    ctx: Context, firm: Party, january: BillView
) -> None:
    assert attach_evidence(firm.ctx, january.id, "C:\\scan\\jan\x00.jpg", PHOTO) == DIGEST
    (noted,) = list_bills(firm.ctx, january.site_id, YEAR)
    assert noted.evidence == (Evidence(DIGEST, "jan.jpg", 31),)
    assert PHOTO.decode() not in str(contents(ctx.store))
    assert load_account(firm.ctx, january.site_id, YEAR).bills[0].evidence == (DIGEST,)


def test_same_document_is_noted_once_and_several_may_stand_beside_a_bill(
    firm: Party, january: BillView
) -> None:
    for content in (PHOTO, PHOTO, b"page 2"):
        attach_evidence(firm.ctx, january.id, "scan", content)
    (noted,) = list_bills(firm.ctx, january.site_id, YEAR)
    assert [one.size for one in noted.evidence] == [31, 6]


def test_document_finds_the_bills_that_cite_it(ctx: Context, firm: Party, january: BillView) -> None:
    stranger = party(ctx)
    attach_evidence(firm.ctx, january.id, "jan.jpg", PHOTO)
    foreign = bill(stranger, flow(stranger, site(stranger)), month(1))
    attach_evidence(stranger.ctx, foreign.id, "jan.jpg", PHOTO)
    assert [one.id for one in check_evidence(firm.ctx, PHOTO)] == [january.id]
    assert check_evidence(firm.ctx, PHOTO + b".") == ()
    withdraw_bill(firm.ctx, january.id)
    assert check_evidence(firm.ctx, PHOTO)[0].withdrawn_at is not None


def test_document_that_cannot_be_taken_is_refused(firm: Party, january: BillView) -> None:
    small = replace(firm.ctx, settings=firm.ctx.settings.model_copy(update={"max_import_bytes": 1024}))
    for content, code in ((b"", "evidence.empty"), (b"x" * 1025, "evidence.too_large")):
        for act in (
            lambda content=content: attach_evidence(small, january.id, "scan", content),
            lambda content=content: check_evidence(small, content),
        ):
            with pytest.raises(InvalidError) as refusal:
                act()
            assert refusal.value.error_code == code


def test_bill_has_a_bounded_number_of_documents_and_a_withdrawn_one_gets_none(
    firm: Party, january: BillView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exchange.services.evidence.MAX_DOCUMENTS", 1)
    attach_evidence(firm.ctx, january.id, "1", b"1")
    with pytest.raises(ConflictError) as refusal:
        attach_evidence(firm.ctx, january.id, "2", b"2")
    assert refusal.value.error_code == "evidence.too_many"
    withdraw_bill(firm.ctx, january.id)
    with pytest.raises(ConflictError) as refusal:
        attach_evidence(firm.ctx, january.id, "3", b"3")
    assert refusal.value.error_code == "row.withdrawn"


def test_another_organisations_bill_is_not_found_and_a_viewer_attaches_nothing(
    ctx: Context, firm: Party, january: BillView
) -> None:
    before = contents(ctx.store)
    with pytest.raises(NotFoundError):
        attach_evidence(party(ctx).ctx, january.id, "mine", PHOTO)
    with pytest.raises(NotPermittedError):
        attach_evidence(acting(firm, Role.VIEWER), january.id, "mine", PHOTO)
    assert contents(ctx.store)["bill"] == before["bill"]
