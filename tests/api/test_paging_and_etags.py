"""Pages by cursor, and answers that say whether anything changed."""

from __future__ import annotations

from sqlmodel import select

from exchange.services.context import Context
from exchange.store.tables.requests import AccessRecordRow
from tests import datasets
from tests.api.conftest import Caller


def test_cursors_lead_through_everything_once_newest_first(supplier: Caller) -> None:
    made = [datasets.product(supplier.party).id for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = supplier.get(f"/products?limit=2{cursor}").json
        assert page is not None and len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == made[::-1]


def test_a_row_added_meanwhile_neither_doubles_nor_skips_one(supplier: Caller) -> None:
    made = [datasets.product(supplier.party).id for _ in range(3)]
    first = supplier.get("/products?limit=2").json
    datasets.product(supplier.party)
    assert first is not None
    second = supplier.get(f"/products?limit=2&cursor={first['next_cursor']}").json
    assert second is not None
    assert [item["id"] for item in first["items"] + second["items"]] == made[::-1]


def test_an_unchanged_answer_is_304_and_a_changed_one_is_not(supplier: Caller) -> None:
    first = supplier.get("/products")
    assert first.headers["Cache-Control"] == "private, no-cache"
    known = {"If-None-Match": first.headers["ETag"]}
    again = supplier.get("/products", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    datasets.product(supplier.party)
    assert supplier.get("/products", headers=known).status_code == 200


def test_a_304_on_a_dataset_leaves_its_access_record_too(
    ctx: Context, supplier: Caller, customer: Caller
) -> None:
    about = datasets.product(supplier.party)
    dataset = datasets.published(supplier.party, datasets.product_subject(supplier.party, about))
    grant = datasets.granted(supplier.party, customer.party, about)
    path = f"/datasets/{dataset.dataset_id}?purpose=CSRD_REPORTING"
    first = customer.get(path)
    assert first.json is not None and set(first.json["subject"]) == {"id", "identity", "indicators"}
    known = {"If-None-Match": first.headers["ETag"]}
    assert customer.get(path, headers=known).status_code == 304
    supplier.post(f"/grants/{grant.id}/revocation", json={"reason": "done"})
    assert customer.get(path, headers=known).status_code == 404
    with ctx.store.read() as session:
        rows = session.exec(select(AccessRecordRow).where(AccessRecordRow.action == "dataset.read")).all()
    assert sorted(row.decision for row in rows) == ["allowed", "allowed", "denied"]


def test_the_token_itself_is_served_by_accept_and_has_an_etag_of_its_own(supplier: Caller) -> None:
    about = datasets.product(supplier.party)
    dataset = datasets.published(supplier.party, datasets.product_subject(supplier.party, about))
    as_json = supplier.get(f"/datasets/{dataset.dataset_id}")
    as_token = supplier.get(f"/datasets/{dataset.dataset_id}", headers={"Accept": "application/vc+sd-jwt"})
    assert as_json.json is not None
    assert as_token.mimetype == "application/vc+sd-jwt"
    assert as_token.text == as_json.json["token"]
    assert as_token.headers["ETag"] != as_json.headers["ETag"]
    assert "Accept" in as_token.headers["Vary"]
