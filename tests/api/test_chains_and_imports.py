"""Chains as the wire shows them, and tables handed in."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from exchange.domain.periods import year
from exchange.services.context import Context
from exchange.services.rollup.running import run_rollup
from exchange.store.tables.requests import AccessRecordRow
from tests import datasets
from tests.api.conftest import Caller, caller
from tests.service.rollup_story import Story

PERIOD = {"start": "2025-01-01", "end": "2026-01-01"}


@pytest.fixture
def story(ctx: Context) -> Story:
    """Steel of one maker in chairs of another: 1 + 4 x 2 = 9 kg CO2e per chair."""
    made = Story.new(ctx)
    made.publish_all()
    return made


def target(product_id: str, amount: str = "10") -> dict[str, Any]:
    """A target of the year 2025."""
    return {"product_id": product_id, "period": PERIOD, "amount": amount}


def cells(who: Caller, chain_id: str) -> dict[str, dict[str, Any]]:
    """The cells of a chain by indicator."""
    answer = who.get(f"/chains/{chain_id}/indicators")
    assert answer.status_code == 200 and answer.json is not None
    assert set(answer.json) == {"chain", "cells", "stale"}
    return {cell["indicator"]: cell for cell in answer.json["cells"]}


def test_a_chains_cells_are_released_to_whom_everything_in_them_is_granted(
    ctx: Context, client: FlaskClient, story: Story
) -> None:
    facilitator = caller(ctx, client, party=story.facilitator)
    answer = facilitator.post("/chains", json={"name": "Chairs", "targets": [target(story.chair.id)]})
    assert answer.status_code == 201 and answer.json is not None
    chain_id = answer.json["id"]
    assert answer.headers["Location"] == f"/api/v1/chains/{chain_id}/indicators"
    assert {cell["status"] for cell in cells(facilitator, chain_id).values()} == {"no_data"}
    run_rollup(ctx, year(2025).start, year(2025).end)
    closed = cells(facilitator, chain_id)["co2e"]
    assert (closed["status"], closed["value"], closed["measured"]) == ("confidential", None, None)
    story.grant_all()
    opened = cells(facilitator, chain_id)
    assert list(opened) == ["resources", "water", "co2e", "energy", "waste"]
    co2e = opened["co2e"]
    assert (co2e["status"], co2e["value"], co2e["unit"], co2e["per_unit"]) == ("released", "90", "KGM", "9")
    assert co2e["period"] == PERIOD
    listed = facilitator.get("/chains").json
    assert listed is not None
    assert [target["amount"] for target in listed["items"][0]["targets"]] == ["10"]


def test_an_unknown_chain_is_404_and_recorded(ctx: Context, supplier: Caller) -> None:
    unknown = "01986e2f-1f00-7000-8000-000000000000"
    assert supplier.get(f"/chains/{unknown}/indicators").status_code == 404
    with ctx.store.read() as session:
        row = session.exec(select(AccessRecordRow)).one()
    assert (row.action, row.target_id, row.decision) == ("chain.read", unknown, "denied")


def test_whoever_has_nothing_to_do_with_a_chain_does_not_learn_that_it_exists(
    ctx: Context, supplier: Caller, story: Story
) -> None:
    chain = story.create_chain()
    story.roll_up()
    assert supplier.get(f"/chains/{chain.id}/indicators").status_code == 404
    listed = supplier.get("/chains").json
    assert listed is not None and listed["items"] == []


def test_a_contributor_sees_the_chain_but_no_figure_and_no_target(
    ctx: Context, client: FlaskClient, story: Story
) -> None:
    chain = story.create_chain()
    story.roll_up()
    contributor = caller(ctx, client, party=story.steel_maker.party)
    answer = contributor.get(f"/chains/{chain.id}/indicators").json
    assert answer is not None
    assert answer["chain"]["targets"] == []
    assert answer["stale"] == []  # the roll-up asked for still waits, but not for this viewer to know
    assert {cell["status"] for cell in answer["cells"]} == {"confidential"}
    assert all(cell["value"] is None and cell["missing"] == [] for cell in answer["cells"])


@pytest.mark.parametrize(
    ("targets", "code"),
    [
        ([], "chain.targets"),
        ([{"product_id": "x", "period": PERIOD, "amount": "1"}], "field.value"),
        (["own", {"amount": "-1"}], "quantity.negative"),
        (["own", {"amount": "1e3"}], "quantity.amount"),
        (["own", {"amount": "0"}], "chain.amount"),
        (["own", {"period": {"start": "2026-01-01", "end": "2025-01-01"}}], "period.order"),
    ],
)
def test_bad_targets_are_refused(supplier: Caller, targets: list[Any], code: str) -> None:
    if targets and targets[0] == "own":
        targets = [{**target(datasets.product(supplier.party).id), **targets[1]}]
    answer = supplier.post("/chains", json={"name": "Chain", "targets": targets})
    assert (answer.status_code, answer.json and answer.json["code"]) == (422, code)
    assert supplier.get("/chains").json == {"items": []}


def test_a_table_is_taken_in_and_its_state_read_back(supplier: Caller) -> None:
    answer = supplier.post(
        "/imports?source=deliveries&filename=d.csv", data=b"sku;customer\n", content_type="text/csv"
    )
    assert answer.status_code == 202 and answer.json is not None
    assert (answer.json["state"], answer.json["filename"]) == ("waiting", "d.csv")
    path = answer.headers["Location"].removeprefix("/api/v1")
    assert supplier.get(path).json == answer.json
    job = supplier.get(f"/jobs/{answer.json['job_id']}").json
    assert job is not None and job["state"] == "queued"


@pytest.mark.parametrize(
    ("path", "content_type", "status", "code"),
    [
        ("/imports", "text/csv", 422, "field.missing"),
        ("/imports?source=recipes", "text/csv", 422, "import.source"),
        ("/imports?source=deliveries", "image/png", 415, "body.media_type"),
    ],
)
def test_a_table_of_no_known_kind_is_refused(
    supplier: Caller, path: str, content_type: str, status: int, code: str
) -> None:
    answer = supplier.post(path, data=b"a;b\n1;2\n", content_type=content_type)
    assert (answer.status_code, answer.json and answer.json["code"]) == (status, code)


def test_a_table_may_be_larger_than_other_bodies_but_not_without_end(supplier: Caller) -> None:
    settings = supplier.party.ctx.settings
    path = "/imports?source=deliveries"
    row = b"x" * settings.max_body_bytes + b"\n"
    assert supplier.post(path, data=row, content_type="text/csv").status_code == 202
    too_much = b"x" * (settings.max_import_bytes + 1)
    answer = supplier.post(path, data=too_much, content_type="text/csv")
    assert (answer.status_code, answer.json and answer.json["code"]) == (413, "body.too_large")
