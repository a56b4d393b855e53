"""Datasets signed under an older version of their schema go on being taken, verified, read and linked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import schemas
from exchange.domain.errors import InvalidError
from exchange.domain.groups import DatasetKind, FieldGroup
from exchange.services import dataset_gate, publish, reading, verification
from exchange.services.context import Context
from exchange.store.tables.datasets import DatasetRow
from schemas import SchemaId
from tests.datasets import full_subject, granted, own_key, product, quantity, rows, token_of
from tests.factories import party
from tests.service.rollup_story import MEASURED, Story, commercial, effects, maker_subject, scrap

FIRST = SchemaId("product", "0.1.0")
SIGNED_UNDER_FIRST = {
    "credentialSchema": {"id": FIRST.url, "type": "JsonSchema", "digestSRI": schemas.digest_sri(FIRST)}
}


@pytest.fixture
def story(ctx: Context) -> Story:
    return Story.new(ctx)


def publish_as_before(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish everything as when 0.1.0 was the newest version of every schema."""
    with monkeypatch.context() as then:
        then.setattr(schemas, "latest", lambda kind: SchemaId(kind, "0.1.0"))
        story.publish_all()


def schema_versions(story: Story) -> list[str]:
    return sorted(schemas.find(row.schema_id).version for row in rows(story.ctx.store, DatasetRow))


def test_a_chain_of_datasets_of_the_first_version_has_the_figures_it_had(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_as_before(story, monkeypatch)
    assert schema_versions(story) == ["0.1.0", "0.1.0", "0.1.0"]
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    # 10 chairs x (1 + 4 kg x 2) = 90
    assert story.cell(chain).value == Decimal(90)


def test_a_newer_dataset_links_to_one_of_the_first_version(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_as_before(story, monkeypatch)
    story.publish_chair(co2e="2")
    assert schema_versions(story) == ["0.1.0", "0.1.0", "0.1.0", "0.3.0"]
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    # 10 chairs x (2 + 4 kg x 2) = 100
    assert story.cell(chain).value == Decimal(100)


def test_what_the_second_version_adds_does_not_disturb_the_linking(story: Story) -> None:
    """The steel maker digs its own ore and says what its figure lacks: 10 x (1 + 4 x 2) = 90 all the same."""
    figures = effects(co2e="2", resources="1")
    figures["quality"] = figures["quality"] | {
        "co2e": MEASURED | {"missing": [{"name": "Steam: no factor"}], "is_at_least": True}
    }
    parts = scrap("1")
    parts["resources"]["extracted"] = quantity("0", "KGM")
    parts["co2e"] = {"scope1": quantity("2", "KGM"), "basis": ["combustion"]}
    line = {
        "line": "1",
        "category": "scrap",
        "name": "Scrap",
        "amount": quantity("1", "KGM"),
        "measured_share": "1",
        "material": "steel",
        "origin": "DK",
        "recycled_fraction": "1",
        "bio_based_fraction": "0",
        "explains_scope2_market": quantity("0", "KGM"),
    }
    subject = maker_subject(
        story.steel_maker,
        story.steel,
        2025,
        figures,
        process={"inputs": [line]},
        breakdown=parts,
        commercial=commercial("3", "1000", "KGM"),
    )
    story.steel_maker.publish(DatasetKind.PRODUCT, subject)
    story.publish_chair()
    story.publish_delivery()
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    assert story.cell(chain).value == Decimal(90)


def test_a_token_of_the_first_version_is_taken_verified_and_read(ctx: Context) -> None:
    owner, customer = party(ctx, "Nordvind Metal"), party(ctx, "Havn Byg")
    about = product(owner)
    subject = full_subject(owner, about)
    done = publish.publish_token(owner.ctx, token_of(owner, own_key(owner), subject, **SIGNED_UNDER_FIRST))
    grant = granted(owner, customer, about, FieldGroup.INDICATORS, FieldGroup.QUALITY)
    shown = reading.read_dataset(customer.ctx, done.dataset_id, grant.purpose)
    assert shown.dataset.schema_id == FIRST.url
    assert shown.subject["indicators"] == subject["indicators"]
    check = verification.check_shown(customer.ctx, shown)
    assert (check.holds, check.by_owner) == (True, True)


def test_a_token_is_judged_by_the_version_it_names(ctx: Context) -> None:
    owner = party(ctx, "Nordvind Metal")
    about, key = product(owner), own_key(owner)
    subject: dict[str, Any] = full_subject(owner, about)
    subject["breakdown"]["resources"] = {"extracted": quantity("1", "KGM")}
    with pytest.raises(InvalidError) as refused:
        publish.publish_token(owner.ctx, token_of(owner, key, subject, **SIGNED_UNDER_FIRST))
    assert [one.path for one in refused.value.problems] == ["/breakdown/resources/extracted"]
    assert publish.publish_token(owner.ctx, token_of(owner, key, subject)).dataset_id


def test_the_bytes_of_one_version_are_not_another(ctx: Context) -> None:
    newest = schemas.latest("product")
    subject = full_subject(party_ := party(ctx, "Nordvind Metal"), product(party_))
    assert dataset_gate.schema_check(FIRST.url, schemas.digest_sri(FIRST), subject) == []
    assert dataset_gate.schema_check(newest.url, schemas.digest_sri(newest), subject) == []
    assert dataset_gate.schema_check(FIRST.url, schemas.digest_sri(newest), subject) is None
