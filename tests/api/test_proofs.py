"""Bundle and receipt over the API: the rights, the record and the answers of reading the dataset itself."""

from __future__ import annotations

import json

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.groups import FieldGroup
from exchange.services import grants
from exchange.services.context import Context
from exchange.store.tables.requests import AccessRecordRow
from exchange.trust.bundle.document import read_bundle
from exchange.trust.log.tlog_proof import read_tlog_proof
from exchange.trust.trust_root import read_trust_root
from tests import datasets
from tests.api.conftest import Caller
from tests.working import work_off

PURPOSE = "?purpose=CSRD_REPORTING"
KINDS = ["bundle", "receipt"]


@pytest.fixture
def shared(supplier: Caller, customer: Caller, worker: Exchange) -> tuple[str, str]:
    """Ids of a logged dataset and of the customer's grant on its indicators."""
    about = datasets.product(supplier.party)
    published = datasets.published(supplier.party, datasets.full_subject(supplier.party, about))
    grant = datasets.granted(supplier.party, customer.party, about, FieldGroup.INDICATORS)
    work_off(worker)
    return published.dataset_id, grant.id


def records(ctx: Context) -> int:
    return len(datasets.rows(ctx.store, AccessRecordRow))


def test_both_come_as_files_of_their_kind(supplier: Caller, shared: tuple[str, str]) -> None:
    dataset_id, _ = shared
    bundle = supplier.get(f"/datasets/{dataset_id}/bundle")
    assert bundle.content_type == "application/json" and read_bundle(bundle.data)
    assert bundle.headers["Content-Disposition"] == f'attachment; filename="{dataset_id}.vcx.json"'
    receipt = supplier.get(f"/datasets/{dataset_id}/receipt")
    assert receipt.content_type == "text/plain; charset=utf-8" and read_tlog_proof(receipt.text)
    assert receipt.headers["Content-Disposition"] == f'attachment; filename="{dataset_id}.tlog-proof"'


@pytest.mark.parametrize("kind", KINDS)
def test_each_read_is_recorded_also_one_that_is_answered_with_not_modified(
    ctx: Context, customer: Caller, shared: tuple[str, str], kind: str
) -> None:
    path = f"/datasets/{shared[0]}/{kind}{PURPOSE}"
    first = customer.get(path)
    assert first.status_code == 200
    before = records(ctx)
    again = customer.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, records(ctx)) == (304, b"", before + 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_revoked_grant_ends_it_even_for_who_has_the_tag(
    supplier: Caller, customer: Caller, shared: tuple[str, str], kind: str
) -> None:
    dataset_id, grant_id = shared
    path = f"/datasets/{dataset_id}/{kind}{PURPOSE}"
    tag = customer.get(path).headers["ETag"]
    grants.revoke_grant(supplier.party.ctx, grant_id, "")
    assert customer.get(path, headers={"If-None-Match": tag}).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_purpose_another_s_dataset_is_not_there(
    customer: Caller, shared: tuple[str, str], kind: str
) -> None:
    assert customer.get(f"/datasets/{shared[0]}/{kind}").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_reads_it_without_a_token(supplier: Caller, shared: tuple[str, str], kind: str) -> None:
    assert supplier.client.get(f"/api/v1/datasets/{shared[0]}/{kind}").status_code == 401


def test_until_it_is_logged_the_answer_says_so(supplier: Caller) -> None:
    about = datasets.product(supplier.party)
    published = datasets.published(supplier.party, datasets.product_subject(supplier.party, about))
    for kind in KINDS:
        answer = supplier.get(f"/datasets/{published.dataset_id}/{kind}")
        assert (answer.status_code, (answer.json or {})["code"]) == (404, f"{kind}.pending")


def test_the_trust_root_is_for_everybody_and_names_this_log(
    supplier: Caller, shared: tuple[str, str]
) -> None:
    answer = supplier.client.get("/.well-known/vcx-trust.json")
    root = read_trust_root(answer.data)
    assert answer.content_type == "application/json"
    bundle = read_bundle(supplier.get(f"/datasets/{shared[0]}/bundle").data)
    (log,) = root.logs
    assert [key.vkey for key in log.log_keys] == [bundle.logs[-1].log_key]
    assert [key.vkey for key in log.state_keys] == [bundle.logs[-1].state_key]
    assert json.loads(answer.data)["quorum"] == 0 and root.witnesses == ()
