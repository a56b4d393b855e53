"""Groups and places: the members' own effects, what stands beside them, who may see which, and what is missing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlmodel import select

from exchange.domain.errors import InvalidError, NotFoundError
from exchange.domain.groups import DatasetKind, FieldGroup
from exchange.domain.indicators import Indicator
from exchange.domain.periods import year
from exchange.services.chain_views import ChainView
from exchange.services.chains import (
    Members,
    NewChain,
    Target,
    add_targets,
    create_chain,
    list_chains,
    set_members,
)
from exchange.services.context import Context
from exchange.services.organisations import set_rollup_consent
from exchange.services.rollup.wanted import ChainKind
from exchange.store import rollups
from exchange.store.tables.rollup import ReleaseRow
from tests.datasets import product, quantity
from tests.factories import Party, party
from tests.service.rollup_story import Story, commercial, effects, line_of, maker_subject

D = Decimal
INDICATORS, COMMERCIAL = FieldGroup.INDICATORS, FieldGroup.COMMERCIAL


@pytest.fixture
def story(ctx: Context) -> Story:
    """1 000 kg of steel at 2 kg CO2e, of which 400 kg go into 100 chairs at 1 kg CO2e each."""
    made = Story.new(ctx)
    made.publish_all()
    return made


def group(story: Story, *members: Party, in_year: int = 2025) -> ChainView:
    ids = tuple(one.id for one in members)
    new = NewChain("Park", kind=ChainKind.PLACE, members=(Members(year(in_year), ids),))
    return create_chain(story.facilitator.ctx, new)


def test_a_groups_total_is_what_its_members_did_themselves(story: Story) -> None:
    chain = group(story, story.steel_maker.party, story.chair_maker.party)
    story.grant_all()
    story.roll_up()
    cell = story.cell(chain)
    # 1 000 kg x 2 + 100 chairs x 1; the steel in the chairs is in the steel maker's 2 000 already
    assert (cell.value, cell.own, cell.per_unit, cell.is_at_least) == (D(2100), D(2100), None, False)
    assert (cell.upstream, cell.upstream_is_at_least) == (D(0), False)
    assert (cell.measured, cell.unknown) == (D(1), D(0))
    # 1 000 x 3 + 100 x 20 DKK over 2 100 kg
    assert (cell.productivity, cell.productivity_coverage) == (D("2.38095238"), D(1))
    # 100 chairs x (5 - 4) kg of resources after netting, 1 000 kg x 1
    assert story.cell(chain, Indicator.RESOURCES).value == D(1100)


def test_what_comes_from_outside_stands_beside_and_is_not_added(story: Story) -> None:
    chain = group(story, story.chair_maker.party)
    story.grant_all()
    story.roll_up()
    cell = story.cell(chain)
    assert (cell.value, cell.upstream) == (D(100), D(800))  # 100 x 1; 100 x 4 kg x 2
    assert cell.measured == D(1)  # its own; that half of the steel's amount was spread by a key is upstream


def test_upstream_is_behind_grants_of_its_own(story: Story) -> None:
    chain = group(story, story.chair_maker.party)
    story.grant(story.chair_maker, story.chair, INDICATORS, COMMERCIAL)
    story.roll_up()
    cell = story.cell(chain)
    assert (cell.status, cell.value, cell.upstream) == ("released", D(100), None)
    story.grant(story.steel_maker, story.steel, INDICATORS)
    assert story.cell(chain).upstream is None  # 800 / 2 / 100 would be 4 kg of steel per chair
    story.grant(story.chair_maker, story.chair, FieldGroup.PROCESS)
    assert story.cell(chain).upstream == D(800)


def test_output_is_in_the_total_so_who_may_not_know_output_reads_confidential(story: Story) -> None:
    chain = group(story, story.steel_maker.party, story.chair_maker.party)
    story.grant_all(INDICATORS)
    story.roll_up()
    assert story.cell(chain).status == "confidential"
    story.grant_all(COMMERCIAL)
    assert story.cell(chain).status == "released"


def test_one_member_does_not_learn_the_others(story: Story) -> None:
    chain = group(story, story.steel_maker.party, story.chair_maker.party)
    story.roll_up()
    for member in (story.steel_maker.party, story.chair_maker.party):
        assert story.cell(chain, viewer=member).status == "confidential"
    assert story.cell(group_of_one(story), viewer=story.steel_maker.party).value == D(2000)


def group_of_one(story: Story) -> ChainView:
    chain = group(story, story.steel_maker.party)
    story.roll_up()
    return chain


def test_a_member_without_data_makes_the_total_at_least_and_its_chains_owner_may_know(story: Story) -> None:
    absent = party(story.ctx, "Nordhavn Maskiner")
    chain = group(story, story.steel_maker.party, absent)
    story.grant_all()
    story.roll_up()
    cell = story.cell(chain)
    assert (cell.value, cell.is_at_least, cell.productivity_hindrance) == (D(2000), True, "at_least")
    (missing,) = cell.missing
    assert (missing.reason, missing.name, missing.party_id) == (
        "member_missing",
        "Nordhavn Maskiner",
        absent.id,
    )
    seen = story.cell(chain, viewer=story.steel_maker.party).missing
    assert [(one.reason, one.name, one.party_id) for one in seen] == [("member_missing", None, None)]


def test_whoever_takes_no_part_in_roll_ups_is_missing_from_a_group(story: Story) -> None:
    chain = group(story, story.steel_maker.party, story.chair_maker.party)
    set_rollup_consent(story.chair_maker.party.ctx, False)
    story.grant_all()
    story.roll_up()
    assert [one.reason for one in story.cell(chain).missing] == ["member_missing"]


def test_a_product_without_output_is_a_gap_by_its_name(story: Story) -> None:
    story.publish_chair(commercial={"value_added": commercial("20", "100", "H87")["value_added"]})
    chain = group(story, story.steel_maker.party, story.chair_maker.party)
    story.grant_all()
    story.roll_up()
    cell = story.cell(chain, viewer=story.facilitator)
    assert (cell.value, cell.is_at_least) == (D(2000), True)
    assert "output_missing" in {one.reason for one in cell.missing}


def test_a_declared_footprint_is_not_an_own_effect(story: Story) -> None:
    figures = effects(resources="1")
    figures["indicators"]["co2e"] = {"total": quantity("1.5", "KGM")}
    story.publish_steel(**figures)
    chain = group(story, story.steel_maker.party)
    story.grant_all()
    story.roll_up()
    cell = story.cell(chain)
    assert (cell.value, cell.is_at_least, cell.upstream) == (D(0), True, None)
    assert [one.reason for one in cell.missing] == ["own_missing"]


def test_a_group_without_any_data_has_no_data(story: Story) -> None:
    absent = party(story.ctx)
    chain = group(story, absent)
    story.roll_up()
    assert story.cell(chain, viewer=absent).status == "no_data"


def test_who_could_not_see_data_does_not_learn_whether_there_are_any(ctx: Context) -> None:
    story = Story.new(ctx)
    spy = story.facilitator
    chain = group(story, spy, story.steel_maker.party)
    seen = []
    for publish in (lambda: None, story.publish_steel):
        publish()
        story.roll_up()
        seen.append(story.cell(chain, viewer=spy).status)
    assert seen == ["confidential", "confidential"]


def test_a_grant_from_every_member_tells_that_there_are_no_data(ctx: Context) -> None:
    story = Story.new(ctx)
    chain = group(story, story.steel_maker.party, story.chair_maker.party)
    story.roll_up()
    story.grant(story.steel_maker, story.steel, INDICATORS)
    assert story.cell(chain).status == "confidential"
    story.grant(story.chair_maker, story.chair, INDICATORS)
    assert story.cell(chain).status == "no_data"


def test_a_members_product_without_output_is_not_upstream_of_its_own_group(story: Story) -> None:
    maker = story.chair_maker
    rod = product(maker.party, "Steel rod", category="steel-rod")
    maker.publish(
        DatasetKind.PRODUCT, maker_subject(maker, rod, 2025, effects(co2e="3"), process={"inputs": []})
    )
    story.publish_chair(process={"inputs": [line_of(rod, "2"), line_of(story.steel, "4", "2")]})
    chain = group(story, maker.party)
    story.grant_all()
    story.roll_up()
    cell = story.cell(chain, viewer=story.facilitator)
    # 100 x 1; upstream 100 x 4 kg of steel at 2, without the 100 x 2 rods at 3 the maker made itself
    assert (cell.value, cell.upstream, cell.is_at_least) == (D(100), D(800), True)
    assert "output_missing" in {one.reason for one in cell.missing}


def test_other_members_in_a_further_period_are_a_change_of_membership(story: Story) -> None:
    story.publish_all(in_year=2024)
    chain = group(story, story.steel_maker.party, in_year=2024)
    both = (story.steel_maker.party.id, story.chair_maker.party.id)
    set_members(story.facilitator.ctx, chain.id, Members(year(2025), both))
    story.grant_all()
    story.roll_up(2024)
    story.roll_up(2025)
    change = story.cell(chain).previous
    assert change is not None
    assert (change.effect_index, change.changes[0]) == (None, "membership")
    assert [(one.cause, one.value) for one in change.causes] == [("membership", D(100))]


def test_members_of_a_period_are_stated_anew_and_shown_to_the_owner_only(story: Story) -> None:
    chain = group(story, story.steel_maker.party, story.chair_maker.party)
    changed = set_members(story.facilitator.ctx, chain.id, Members(year(2025), (story.chair_maker.party.id,)))
    assert [one.name for one in changed.members] == ["Lindebo Møbler"]
    (listed,) = list_chains(story.chair_maker.party.ctx)
    assert (listed.id, listed.kind, listed.members) == (chain.id, "place", ())
    assert list_chains(story.steel_maker.party.ctx) == ()
    with pytest.raises(NotFoundError):
        set_members(story.chair_maker.party.ctx, chain.id, Members(year(2025), (story.chair_maker.party.id,)))


def test_a_group_has_members_and_a_product_chain_has_targets(story: Story) -> None:
    ctx, target = story.facilitator.ctx, (Target(story.chair.id, year(2025), D(1)),)
    members = (Members(year(2025), (story.steel_maker.party.id,)),)
    for wrong in (
        NewChain("Park", target, kind=ChainKind.GROUP),
        NewChain("Chairs", members=members),
        NewChain("Both", target, kind=ChainKind.GROUP, members=members),
    ):
        with pytest.raises(InvalidError) as refusal:
            create_chain(ctx, wrong)
        assert refusal.value.error_code == "chain.kind"
    chain = group(story, story.steel_maker.party)
    with pytest.raises(InvalidError):
        add_targets(ctx, chain.id, target)


@pytest.mark.parametrize("count", [0, 2, 501])
def test_members_are_named_once_each_and_are_not_too_many(story: Story, count: int) -> None:
    ids = (story.steel_maker.party.id,) * count
    with pytest.raises(InvalidError) as refusal:
        create_chain(
            story.facilitator.ctx, NewChain("Park", kind=ChainKind.GROUP, members=(Members(year(2025), ids),))
        )
    assert refusal.value.error_code == "chain.members"


def test_an_organisation_that_is_not_there_is_no_member(story: Story) -> None:
    new = NewChain("Park", kind=ChainKind.GROUP, members=(Members(year(2025), ("nobody",)),))
    with pytest.raises(NotFoundError):
        create_chain(story.facilitator.ctx, new)


def test_what_stands_beside_a_total_is_kept_apart_from_what_a_statement_says(story: Story) -> None:
    chain = group(story, story.chair_maker.party)
    story.roll_up()
    with story.ctx.store.read() as session:
        row = session.exec(
            select(ReleaseRow).where(ReleaseRow.chain_id == chain.id, ReleaseRow.indicator == "co2e")
        ).one()
        inside = {
            (one.dataset.subject_id, one.field_group) for one in rollups.contributions_of(session, [row.id])
        }
    assert (row.detail["upstream"], row.detail["beside_upstream"]) == (None, "800")
    assert inside == {
        (story.chair.id, "indicators"),
        (story.chair.id, "output"),
        (story.chair.id, "commercial"),
        (story.chair.id, "beside_process"),
        (story.steel.id, "beside"),
    }
