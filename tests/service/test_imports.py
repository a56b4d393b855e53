"""Delivery tables: kept as they came, taken whole or refused whole, asked for once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from connectors.deliveries import read_deliveries
from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.domain.errors import (
    InvalidError,
    NotFoundError,
    NotPermittedError,
    RateLimitedError,
    UnavailableError,
)
from exchange.domain.groups import DatasetKind
from exchange.services import imports, jobs
from exchange.services.context import Context
from exchange.services.imports import ImportStatus, get_import, run_import, submit_import
from exchange.services.products import NewProduct, register_product
from exchange.services.publish import get_publication, sign_publication, submit_for_custody
from exchange.services.reading import list_datasets, read_dataset
from exchange.store import imports as import_query
from exchange.store.tables.imports import ImportFileRow
from tests.factories import CVRS, Party, acting, checked_party, operator, party

HEADER = "sku;customer;quantity;unit;from;to;returned\n"


@dataclass(frozen=True)
class Trade:
    """A supplier with a product, a customer, and the worker between them."""

    supplier: Party
    customer: Party
    product_id: str
    worker: Exchange

    def bring(self, rows: str, header: str = HEADER) -> ImportStatus:
        """Hand a table in and let the worker read it."""
        taken = submit_import(self.supplier.ctx, "deliveries", "d.csv", (header + rows).encode())
        run_import(self.worker.context(), taken.id, read_deliveries)
        return get_import(self.supplier.ctx, taken.id)

    def sign(self, status: ImportStatus) -> list[Mapping[str, Any]]:
        """Let the worker sign what the import asked for; returns the published contents."""
        contents = []
        for publication_id in status.publication_ids:
            sign_publication(self.worker.context(), publication_id)
            done = get_publication(self.supplier.ctx, publication_id)
            assert done.dataset_id is not None, done.problems
            contents.append(read_dataset(self.supplier.ctx, done.dataset_id, None).subject)
        return contents


@pytest.fixture
def trade(ctx: Context, worker: Exchange) -> Trade:
    """A firm that sells sheets by the kilogram to a customer with an approved CVR number."""
    staff = operator(ctx)
    supplier = party(ctx, "Sheet Maker A/S")
    customer = checked_party(ctx, staff, "Door Maker ApS", cvr=CVRS[1])
    product = register_product(supplier.ctx, NewProduct("S-1", "Steel sheet", "KGM", "steel-sheet"))
    return Trade(supplier, customer, product.id, worker)


def problems(status: ImportStatus) -> list[tuple[int | None, str]]:
    """The problems, short."""
    return [(problem.row, problem.code) for problem in status.problems]


def test_table_becomes_one_dataset_per_product_recipient_and_year(trade: Trade) -> None:
    status = trade.bring(
        f"S-1;{CVRS[1]};1000;kg;2024-01-01;2024-02-01;\n"
        f"S-1;Door Maker ApS;1,5;t;2024-06-01;2024-07-01;\n"
        f"S-1;{trade.customer.id};100;kg;2024-08-01;2024-08-02;yes\n"
        f"S-1;{CVRS[1]};700;kg;2025-01-01;2025-02-01;\n"
    )
    assert (status.state, status.row_count, problems(status)) == ("published", 4, [])
    assert len(status.publication_ids) == 2

    by_year = {content["identity"]["period"]["start"]: content for content in trade.sign(status)}
    assert set(by_year) == {"2024-01-01", "2025-01-01"}
    first = by_year["2024-01-01"]
    assert first["identity"]["recipient"] == {
        "id": f"urn:uuid:{trade.customer.id}",
        "name": "Door Maker ApS",
        "cvr": CVRS[1],
    }
    assert first["identity"]["product"]["id"] == f"urn:uuid:{trade.product_id}"
    assert first["commercial"]["deliveries"] == [
        {
            "quantity": {"amount": "1000", "unit": "KGM"},
            "window": {"start": "2024-01-01", "end": "2024-02-01"},
        },
        {
            "quantity": {"amount": "1.5", "unit": "TNE"},
            "window": {"start": "2024-06-01", "end": "2024-07-01"},
        },
        {
            "quantity": {"amount": "100", "unit": "KGM"},
            "window": {"start": "2024-08-01", "end": "2024-08-02"},
            "returned": True,
        },
    ]


def test_second_table_for_the_same_year_supersedes_the_first(trade: Trade) -> None:
    trade.sign(trade.bring(f"S-1;{CVRS[1]};1000;kg;2024-01-01;2025-01-01;\n"))
    trade.sign(trade.bring(f"S-1;{CVRS[1]};1100;kg;2024-01-01;2025-01-01;\n"))
    newest, oldest = list_datasets(trade.supplier.ctx).items
    assert (newest.version, newest.status) == (2, "active")
    assert (oldest.version, oldest.status) == (1, "superseded")
    assert newest.subject_id == oldest.subject_id


def test_table_continues_a_dataset_published_otherwise(trade: Trade) -> None:
    content = trade.sign(trade.bring(f"S-1;{CVRS[1]};1000;kg;2024-01-01;2025-01-01;\n"))[0]
    other = {**content, "id": "urn:uuid:019a0000-0000-7000-8000-00000000abcd"}
    other["identity"] = {**content["identity"], "period": {"start": "2025-01-01", "end": "2026-01-01"}}
    window = {"start": "2025-01-01", "end": "2026-01-01"}
    other["commercial"] = {"deliveries": [{"quantity": {"amount": "5", "unit": "KGM"}, "window": window}]}
    waiting = submit_for_custody(trade.supplier.ctx, DatasetKind.DELIVERY, other)
    sign_publication(trade.worker.context(), waiting.id)

    continued = trade.sign(trade.bring(f"S-1;{CVRS[1]};6;kg;2025-01-01;2026-01-01;\n"))[0]
    assert continued["id"] == other["id"]


def test_one_faulty_row_refuses_the_whole_table(trade: Trade) -> None:
    status = trade.bring(
        f"S-1;{CVRS[1]};1000;kg;2024-01-01;2024-02-01;\nS-9;{CVRS[1]};1;kg;2024-01-01;2024-02-01;\n"
    )
    assert (status.state, problems(status)) == ("refused", [(3, "product.unknown")])
    assert status.publication_ids == ()
    assert list_datasets(trade.supplier.ctx).items == ()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (f"S-1;{CVRS[2]};1;kg;2024-01-01;2024-02-01;", "recipient.unknown"),
        ("S-1;Nobody;1;kg;2024-01-01;2024-02-01;", "recipient.unknown"),
        ("S-1;Sheet Maker A/S;1;kg;2024-01-01;2024-02-01;", "recipient.self"),
        (f"S-1;{CVRS[1]};1;kWh;2024-01-01;2024-02-01;", "unit.dimension"),
        (f"S-1;{CVRS[1]};1;kg;2024-12-01;2025-02-01;", "window.two_years"),
        (f"S-1;{CVRS[1]};1,0000000000001;kg;2024-01-01;2024-02-01;", "quantity.amount"),
        (f"S-1;{CVRS[1]};1.234;kg;2024-01-01;2024-02-01;", "number.ambiguous"),
    ],
)
def test_row_that_cannot_be_taken_is_told(trade: Trade, row: str, code: str) -> None:
    status = trade.bring(row + "\n")
    assert problems(status) == [(2, code)]
    assert status.problems[0].detail


def test_name_that_two_organisations_have_is_refused(trade: Trade, ctx: Context) -> None:
    party(ctx, "Door Maker ApS")
    status = trade.bring("S-1;Door Maker ApS;1;kg;2024-01-01;2024-02-01;\n")
    assert problems(status) == [(2, "recipient.ambiguous")]


def test_claimed_cvr_number_names_nobody_until_it_is_approved(trade: Trade, ctx: Context) -> None:
    party(ctx, "Claimant", cvr=CVRS[3])
    assert problems(trade.bring(f"S-1;{CVRS[3]};1;kg;2024-01-01;2024-02-01;\n")) == [(2, "recipient.unknown")]


def test_run_broken_off_and_repeated_asks_for_nothing_twice(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = f"S-1;{CVRS[1]};1;kg;2024-01-01;2024-02-01;\nS-1;{CVRS[1]};1;kg;2025-01-01;2025-02-01;\n"
    taken = submit_import(trade.supplier.ctx, "deliveries", "d.csv", (HEADER + rows).encode())
    finish = imports._finish
    monkeypatch.setattr(imports, "_finish", lambda *_: (_ for _ in ()).throw(OSError("cut off")))
    with pytest.raises(OSError, match="cut off"):
        run_import(trade.worker.context(), taken.id, read_deliveries)
    first = get_import(trade.supplier.ctx, taken.id)
    monkeypatch.setattr(imports, "_finish", finish)
    run_import(trade.worker.context(), taken.id, read_deliveries)
    run_import(trade.worker.context(), taken.id, read_deliveries)
    second = get_import(trade.supplier.ctx, taken.id)
    assert (first.state, second.state) == ("waiting", "published")
    assert first.publication_ids == second.publication_ids
    assert len(second.publication_ids) == 2


def test_too_many_tables_are_told_to_wait_and_not_kept(trade: Trade) -> None:
    tight = trade.supplier.ctx.settings.model_copy(update={"rate_import": "1/minute"})
    ctx = replace(trade.supplier.ctx, settings=tight)
    submit_import(ctx, "deliveries", "d.csv", HEADER.encode())
    with pytest.raises(RateLimitedError) as refusal:
        submit_import(ctx, "deliveries", "d.csv", HEADER.encode())
    assert 1 <= refusal.value.retry_after <= 60
    with ctx.store.read() as session:
        assert len(session.exec(select(ImportFileRow)).all()) == 1


def test_import_that_uses_up_the_rate_goes_on_later(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = f"S-1;{CVRS[1]};1;kg;2024-01-01;2024-02-01;\nS-1;{CVRS[1]};1;kg;2025-01-01;2025-02-01;\n"
    taken = submit_import(trade.supplier.ctx, "deliveries", "d.csv", (HEADER + rows).encode())
    tight = trade.worker.settings.model_copy(update={"rate_import": "1/minute"})
    worker = replace(trade.worker, settings=tight)
    with pytest.raises(UnavailableError) as busy:
        run_import(worker.context(), taken.id, read_deliveries)
    assert busy.value.error_code == "import.busy"
    assert get_import(trade.supplier.ctx, taken.id).state == "waiting"
    run_import(trade.worker.context(), taken.id, read_deliveries)
    done = get_import(trade.supplier.ctx, taken.id)
    assert (done.state, len(done.publication_ids)) == ("published", 2)


def test_what_changed_between_check_and_submission_is_told(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise InvalidError("The recipient is not an organisation here.", code="delivery.recipient")

    monkeypatch.setattr(imports, "submit_for_custody", gone)
    status = trade.bring(f"S-1;{CVRS[1]};1;kg;2024-01-01;2024-02-01;\n")
    assert (status.state, problems(status)) == ("refused", [(None, "delivery.recipient")])


def test_file_is_kept_as_it_came_and_the_job_carries_its_id(trade: Trade) -> None:
    content = "sku;kunde;mængde\n".encode("cp1252")
    taken = submit_import(trade.supplier.ctx, "deliveries", "C:\\temp\\mine\x00.csv", content)
    assert (taken.state, taken.filename) == ("waiting", "mine.csv")
    assert jobs.get_job(trade.supplier.ctx, taken.job_id).kind == "import"
    with trade.worker.store.read() as session:
        stored = session.get_one(ImportFileRow, taken.id)
        assert stored.content == content
        assert import_query.publications_of(session, taken.id) == []


@pytest.mark.parametrize(
    ("source", "content", "code"),
    [
        ("bills", b"x", "import.source"),
        ("deliveries", b"", "import.empty"),
        ("deliveries", b"x" * 2000, "import.too_large"),
    ],
)
def test_file_that_cannot_be_taken_in_leaves_nothing(
    trade: Trade, source: str, content: bytes, code: str
) -> None:
    small = trade.supplier.ctx.settings.model_copy(update={"max_import_bytes": 1024})
    before = jobs.due(trade.worker.context())
    with pytest.raises(InvalidError) as refused:
        submit_import(replace(trade.supplier.ctx, settings=small), source, "d.csv", content)
    assert refused.value.error_code == code
    assert jobs.due(trade.worker.context()) == before


def test_only_a_signer_hands_tables_in(trade: Trade) -> None:
    with pytest.raises(NotPermittedError):
        submit_import(acting(trade.supplier, Role.EDITOR), "deliveries", "d.csv", b"x")


def test_import_of_another_organisation_is_not_found(trade: Trade) -> None:
    taken = submit_import(trade.supplier.ctx, "deliveries", "d.csv", b"x")
    with pytest.raises(NotFoundError):
        get_import(trade.customer.ctx, taken.id)


def test_too_many_datasets_are_refused(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exchange.services.delivery_drafts.MAX_DRAFTS", 1)
    rows = f"S-1;{CVRS[1]};1;kg;2024-01-01;2024-02-01;\nS-1;{CVRS[1]};1;kg;2025-01-01;2025-02-01;\n"
    assert problems(trade.bring(rows)) == [(None, "import.too_many")]


def test_measured_deliveries_are_not_replaced_by_bare_quantities(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade.sign(trade.bring(f"S-1;{CVRS[1]};1000;kg;2024-01-01;2025-01-01;\n"))
    monkeypatch.setattr(import_query, "has_group", lambda session, dataset_id, group: group == "indicators")
    status = trade.bring(f"S-1;{CVRS[1]};1100;kg;2024-01-01;2025-01-01;\n")
    assert problems(status) == [(2, "delivery.measured")]


def test_quantities_stay_exact(trade: Trade) -> None:
    content = trade.sign(trade.bring(f"S-1;{CVRS[1]};123456789,123456789012;kg;2024-01-01;2025-01-01;\n"))[0]
    amount = content["commercial"]["deliveries"][0]["quantity"]["amount"]
    assert Decimal(amount) == Decimal("123456789.123456789012")
