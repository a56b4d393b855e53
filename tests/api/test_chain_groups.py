"""Groups, parts and causes of chains as the wire shows them."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from exchange.domain.periods import year
from exchange.services.context import Context
from exchange.services.rollup.running import run_rollup
from tests.api.conftest import Caller, caller
from tests.service.rollup_story import Story

PERIOD = {"start": "2025-01-01", "end": "2026-01-01"}


@pytest.fixture
def story(ctx: Context) -> Story:
    """Steel of one maker in chairs of another: 1 + 4 x 2 = 9 kg CO2e per chair."""
    made = Story.new(ctx)
    made.publish_all()
    made.grant_all()
    return made


@pytest.fixture
def facilitator(ctx: Context, client: FlaskClient, story: Story) -> Caller:
    return caller(ctx, client, party=story.facilitator)


def co2e(who: Caller, chain_id: str) -> dict[str, Any]:
    answer = who.get(f"/chains/{chain_id}/indicators").json
    assert answer is not None
    cell: dict[str, Any] = next(one for one in answer["cells"] if one["indicator"] == "co2e")
    return cell


def test_a_group_is_set_up_and_read(ctx: Context, facilitator: Caller, story: Story) -> None:
    members = [story.steel_maker.party.id, story.chair_maker.party.id]
    body = {"name": "Park", "kind": "place", "members": [{"period": PERIOD, "organisation_ids": members[:1]}]}
    made = facilitator.post("/chains", json=body)
    assert made.status_code == 201 and made.json is not None
    assert (made.json["kind"], [one["name"] for one in made.json["members"]]) == ("place", ["Granhøj Stål"])
    chain_id = made.json["id"]
    changed = facilitator.post(
        f"/chains/{chain_id}/members", json={"period": PERIOD, "organisation_ids": members}
    )
    assert changed.status_code == 200 and changed.json is not None
    assert len(changed.json["members"]) == 2
    run_rollup(ctx, year(2025).start, year(2025).end)
    cell = co2e(facilitator, chain_id)
    assert (cell["value"], cell["upstream"], cell["upstream_is_at_least"]) == ("2100", "0", False)
    assert {(one["kind"], one["name"], one["value"]) for one in cell["origin"]} == {
        ("organisation", "Granhøj Stål", "2000"),
        ("organisation", "Lindebo Møbler", "100"),
        ("product", "Steel wire", "2000"),
        ("product", "Chair", "100"),
    }


def test_a_product_chains_parts_and_readings_are_in_its_cells(
    ctx: Context, facilitator: Caller, story: Story
) -> None:
    chain = story.create_chain()
    run_rollup(ctx, year(2025).start, year(2025).end)
    cell = co2e(facilitator, chain.id)
    tiers = [(one["tier"], one["value"]) for one in cell["origin"] if one["kind"] == "tier"]
    assert tiers == [(0, "10"), (1, "80")]
    assert (cell["readings"], cell["previous"]) == ([], None)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"kind": "club"}, 422, "field.value"),
        ({"members": []}, 422, "chain.members"),
        ({"targets": [{"product_id": "own", "period": PERIOD, "amount": "1"}]}, 422, "field.value"),
        ({"members": [{"period": PERIOD, "organisation_ids": []}]}, 422, "field.value"),
    ],
)
def test_bad_groups_are_refused(facilitator: Caller, change: dict[str, Any], status: int, code: str) -> None:
    body = {"name": "Park", "kind": "group", "members": [], **change}
    answer = facilitator.post("/chains", json=body)
    assert (answer.status_code, answer.json and answer.json["code"]) == (status, code)
    assert facilitator.get("/chains").json == {"items": []}
