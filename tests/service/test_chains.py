"""Chains and who may see their cells: decided at every read, recorded before anything is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from exchange.adapters.clock import SteppingClock
from exchange.domain.actors import Role
from exchange.domain.errors import InvalidError, NotFoundError, NotPermittedError, RateLimitedError
from exchange.domain.groups import FieldGroup, Purpose
from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period, year
from exchange.services.chain_cells import Change, chain_cells
from exchange.services.chain_views import ChainView
from exchange.services.chains import NewChain, Target, add_targets, create_chain, list_chains
from exchange.services.context import Context
from exchange.services.grants import revoke_grant
from exchange.services.organisations import set_rollup_consent
from exchange.services.rollup.running import run_rollup
from exchange.store.tables.requests import AccessRecordRow
from tests.datasets import product, product_subject, quantity
from tests.factories import acting, party
from tests.service.rollup_story import Story, effects

D = Decimal
INDICATORS, COMMERCIAL, PROCESS = FieldGroup.INDICATORS, FieldGroup.COMMERCIAL, FieldGroup.PROCESS


@pytest.fixture
def story(ctx: Context) -> Story:
    made = Story.new(ctx)
    made.publish_all()
    return made


def records(story: Story) -> list[AccessRecordRow]:
    with story.ctx.store.read() as session:
        found = session.exec(select(AccessRecordRow).where(AccessRecordRow.action == "chain.read")).all()
        return list(found)


def test_a_viewer_without_grants_reads_confidential_and_no_figure(story: Story) -> None:
    chain = story.create_chain()
    story.roll_up()
    cell = story.cell(chain)
    assert cell.status == "confidential"
    assert (cell.value, cell.per_unit, cell.measured, cell.productivity, cell.missing) == (
        None,
        None,
        None,
        None,
        (),
    )


def test_a_grant_to_all_but_one_contribution_is_not_enough(story: Story) -> None:
    story.grant(story.chair_maker, story.chair, INDICATORS)
    chain = story.create_chain()
    story.roll_up()
    assert story.cell(chain).status == "confidential"
    story.grant(story.steel_maker, story.steel, INDICATORS)
    assert story.cell(chain).status == "confidential"  # (90 - 10) / 10 / 2 would be 4 kg of steel per chair
    story.grant(story.chair_maker, story.chair, PROCESS)
    assert story.cell(chain).status == "released"  # the steel's recipe is empty


def test_the_owner_of_one_contribution_does_not_learn_the_other(story: Story) -> None:
    chain = story.create_chain()
    story.roll_up()
    assert story.cell(chain, viewer=story.chair_maker.party).status == "confidential"


def test_a_revoked_grant_closes_the_next_read(story: Story) -> None:
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    assert story.cell(chain).status == "released"
    revoke_grant(story.steel_maker.party.ctx, story.grants[story.steel.id].id)
    assert story.cell(chain).status == "confidential"


def test_an_expired_grant_closes_the_next_read(story: Story, clock: SteppingClock) -> None:
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    clock.move(timedelta(days=366))
    assert story.cell(chain).status == "confidential"


@pytest.mark.parametrize("wrong", [{"purpose": Purpose.CSRD_REPORTING}, {"resolution": "aggregate_only"}])
def test_only_an_exact_grant_for_the_roll_up_opens_a_cell(story: Story, wrong: dict[str, object]) -> None:
    story.grant(story.chair_maker, story.chair, INDICATORS)
    story.grant(story.steel_maker, story.steel, INDICATORS, **wrong)
    chain = story.create_chain()
    story.roll_up()
    assert story.cell(chain).status == "confidential"


def test_without_commercial_what_is_built_on_value_added_stays_hidden(story: Story) -> None:
    story.grant_all(INDICATORS, PROCESS)
    chain = story.create_chain()
    story.roll_up()
    cell = story.cell(chain)
    assert (cell.status, cell.value) == ("released", D(90))
    assert (cell.productivity, cell.productivity_coverage, cell.price_basis) == (None, None, None)
    assert cell.productivity_hidden
    story.grant_all(COMMERCIAL)
    assert story.cell(chain).productivity == D("3.55555556")


def test_an_index_is_shown_only_where_its_reference_may_be_seen(story: Story) -> None:
    story.publish_all(in_year=2024)
    story.grant_all(period=year(2025))
    chain = story.create_chain(2024, 2025)
    story.roll_up(2024)
    story.roll_up(2025)
    assert story.cell(chain, at=2024).status == "confidential"
    assert story.cell(chain).status == "released"
    assert story.cell(chain).base is None
    story.grant_all()
    base = story.cell(chain).base
    assert base is not None
    assert base.effect_index == 100


def test_every_read_is_recorded_with_its_outcome_for_each_owner(story: Story) -> None:
    grant = story.grant(story.chair_maker, story.chair, INDICATORS)
    chain = story.create_chain()
    story.roll_up()
    story.cell(chain)
    by_owner = {record.owner_id: record for record in records(story)}
    closed, missing = by_owner[story.steel_maker.party.id], by_owner[story.chair_maker.party.id]
    assert (closed.decision, closed.reason, closed.field_groups) == ("denied", "no_grant", [])
    assert (missing.decision, missing.reason, missing.grant_id) == (
        "denied",
        "contribution_missing",
        grant.id,
    )
    assert {record.target_id for record in records(story)} == {chain.id}


def test_an_allowed_read_names_grant_digest_and_groups(story: Story) -> None:
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    story.cell(chain)
    groups = {record.owner_id: record.field_groups for record in records(story)}
    assert groups[story.chair_maker.party.id] == ["indicators", "process", "commercial"]
    assert groups[story.steel_maker.party.id] == ["indicators", "commercial"]  # its recipe has no line
    for record in records(story):
        assert (record.decision, record.reason, record.purpose) == ("allowed", "grant", "CHAIN_ROLLUP")
        assert record.grant_id in {grant.id for grant in story.grants.values()}
        assert record.dataset_digest
        assert record.dataset_digest.startswith("sha256:")
    assert len(records(story)) == 2


def test_an_unknown_chain_is_not_found_and_leaves_a_record(story: Story) -> None:
    with pytest.raises(NotFoundError):
        chain_cells(story.facilitator.ctx, "00000000-0000-7000-8000-000000000001")
    (record,) = records(story)
    assert (record.decision, record.owner_id) == ("denied", None)


def test_before_the_first_roll_up_there_is_no_data(story: Story) -> None:
    chain = story.create_chain()
    seen = chain_cells(story.facilitator.ctx, chain.id)
    assert {cell.status for cell in seen.cells} == {"no_data"}
    assert [cell.indicator.value for cell in seen.cells] == ["resources", "water", "co2e", "energy", "waste"]
    assert seen.renewals == {}
    assert {one: at.state for one, at in seen.pending.items()} == {year(2025): "waiting"}
    assert chain_cells(story.chair_maker.party.ctx, chain.id).pending == {}
    story.roll_up()
    story.publish_steel(co2e="1.5")
    assert chain_cells(story.facilitator.ctx, chain.id).pending == {}


def test_only_whoever_sees_a_figure_of_a_period_learns_that_newer_data_came_in(story: Story) -> None:
    chain = story.create_chain()
    story.roll_up()
    story.publish_steel(co2e="1.5")
    for viewer in (story.facilitator, story.steel_maker.party, story.chair_maker.party):
        assert chain_cells(viewer.ctx, chain.id).renewals == {}
    story.grant_all(INDICATORS, PROCESS)
    assert list(chain_cells(story.facilitator.ctx, chain.id).renewals) == [year(2025)]
    assert chain_cells(story.chair_maker.party.ctx, chain.id).renewals == {}


def test_what_is_not_known_has_no_productivity(story: Story) -> None:
    story.grant_all()
    chain = story.create_chain()
    set_rollup_consent(story.steel_maker.party.ctx, False)
    story.roll_up()
    cell = story.cell(chain)
    # 10 x 20 kr over the chairs' own 10 kg would be 20 kr/kg, with 80 of 90 kg left out
    assert (cell.value, cell.is_at_least) == (D(10), True)
    assert (cell.productivity, cell.productivity_coverage) == (None, None)
    assert cell.productivity_hindrance == "at_least"


def two_years(story: Story) -> ChainView:
    """The chain of 2024 and 2025, 2024 rolled up; 2025 is still to be told."""
    story.publish_all(in_year=2024)
    story.grant_all()
    chain = story.create_chain(2024, 2025)
    story.roll_up(2024)
    return chain


def base(story: Story, chain: ChainView, indicator: Indicator = Indicator.CO2E) -> Change:
    story.roll_up()
    found = story.cell(chain, indicator).base
    assert found is not None
    return found


def test_an_effect_that_stays_while_value_added_rises_is_absolute_decoupling(story: Story) -> None:
    chain = two_years(story)
    story.publish_chair(value="25")
    change = base(story, chain)
    assert (change.effect_index, change.decoupling) == (D(100), "absolute")


def test_going_over_from_own_figures_to_declared_ones_is_a_change_of_method(story: Story) -> None:
    chain = two_years(story)
    figures = effects(resources="1")
    figures["indicators"]["co2e"] = {"total": quantity("1.5", "KGM")}
    story.publish_steel(**figures)
    change = base(story, chain)
    assert (change.effect_index, change.productivity_index, change.decoupling) == (None, None, None)
    assert (change.hindrance, change.changes) == ("panel_changed", ("method",))
    resources = base(story, chain, Indicator.RESOURCES)
    assert (resources.effect_index, resources.changes) == (D(100), ())


def test_a_share_stated_for_a_by_product_is_a_change_of_method(story: Story) -> None:
    chain = two_years(story)
    dust = product(story.steel_maker.party, "Mill scale", category="mill-scale")
    share = {"product": f"urn:uuid:{dust.id}", "share": "0.1", "rule": "economic"}
    story.publish_steel(process={"inputs": [], "co_products": [share]})
    change = base(story, chain)
    assert (change.effect_index, change.changes) == (None, ("method",))


def test_another_gwp_set_is_a_change_of_factors_for_co2e_only(story: Story) -> None:
    chain = two_years(story)
    subject = product_subject(story.steel_maker.party, story.steel, year=2025)
    story.publish_steel(identity={**subject["identity"], "gwp_set": "AR5"})
    assert base(story, chain).changes == ("factors",)
    assert base(story, chain, Indicator.RESOURCES).effect_index == D(100)


def test_a_quarter_is_not_compared_with_a_year(story: Story) -> None:
    chain = two_years(story)
    quarter = Period(date(2024, 10, 1), date(2025, 1, 1))
    add_targets(story.facilitator.ctx, chain.id, (Target(story.chair.id, quarter, D(2)),))
    run_rollup(story.ctx, quarter.start, quarter.end)
    story.roll_up()
    previous = story.cell(chain).previous
    assert previous is not None
    assert (previous.reference, previous.effect_index) == (year(2024), D(100))  # passing over the quarter
    seen = chain_cells(story.facilitator.ctx, chain.id).cells
    (cell,) = [one for one in seen if (one.indicator, one.period) == (Indicator.CO2E, quarter)]
    assert (cell.value, cell.previous) == (D(18), cell.base)
    assert cell.base is not None
    assert (cell.base.effect_index, cell.base.changes) == (None, ("period",))


def test_a_chain_whose_targets_have_no_dataset_has_no_data(story: Story) -> None:
    other = product(story.chair_maker.party, "Table")
    chain = create_chain(story.facilitator.ctx, NewChain("Tables", (Target(other.id, year(2025), D(3)),)))
    story.roll_up()
    seen = [
        {cell.status for cell in chain_cells(viewer.ctx, chain.id).cells}
        for viewer in (story.facilitator, story.chair_maker.party)
    ]
    assert seen == [{"confidential"}, {"no_data"}]  # only the maker could see data if there were any


def test_missing_parties_are_named_only_to_those_who_may_know_them(ctx: Context) -> None:
    story = Story.new(ctx)
    story.publish_chair()
    story.publish_delivery()
    story.grant_all(INDICATORS)
    chain = story.create_chain()
    story.roll_up()
    (hidden,) = story.cell(chain).missing
    assert (hidden.reason, hidden.name, hidden.party_id) == ("no_dataset", None, None)
    (own,) = story.cell(chain, viewer=story.chair_maker.party).missing
    assert (own.name, own.party_id) == ("Steel wire", story.steel_maker.party.id)
    story.grant(story.chair_maker, story.chair, PROCESS)
    (read,) = story.cell(chain).missing
    assert read.name == "Steel wire"


def test_targets_are_shown_to_the_chains_owner_only(story: Story) -> None:
    chain = story.create_chain()
    story.roll_up()
    (target,) = chain.targets
    assert (target.product_name, target.amount, target.unit) == ("Chair", D(10), "H87")
    for maker in (story.chair_maker, story.steel_maker):
        (listed,) = list_chains(maker.party.ctx)
        assert (listed.id, listed.is_own, listed.targets) == (chain.id, False, ())
    assert list_chains(party(story.ctx).ctx) == ()


def test_further_periods_are_added_and_an_amount_is_replaced(story: Story) -> None:
    chain = story.create_chain()
    more = (Target(story.chair.id, year(2026), D(5)), Target(story.chair.id, year(2025), D(12)))
    added = add_targets(story.facilitator.ctx, chain.id, more)
    assert [(one.period, one.amount) for one in added.targets] == [(year(2025), D(12)), (year(2026), D(5))]
    with pytest.raises(NotFoundError):
        add_targets(story.chair_maker.party.ctx, chain.id, more)


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity"])
def test_an_amount_that_is_no_amount_is_refused(story: Story, amount: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        story.create_chain(chair=amount)
    assert refusal.value.error_code == "chain.amount"


def test_a_chain_names_each_product_once_per_period_and_at_least_one(story: Story) -> None:
    target = Target(story.chair.id, year(2025), D(1))
    for targets in ((), (target, target)):
        with pytest.raises(InvalidError) as refusal:
            create_chain(story.facilitator.ctx, NewChain("Chairs", targets))
        assert refusal.value.error_code == "chain.targets"


def test_a_chain_has_at_most_forty_periods_however_they_come(story: Story) -> None:
    first = tuple(Target(story.chair.id, year(number), D(1)) for number in range(2001, 2041))
    chain = create_chain(story.facilitator.ctx, NewChain("Chairs", first))
    with pytest.raises(InvalidError) as refusal:
        add_targets(story.facilitator.ctx, chain.id, (Target(story.chair.id, year(2041), D(1)),))
    assert refusal.value.error_code == "chain.periods"
    add_targets(story.facilitator.ctx, chain.id, (Target(story.chair.id, year(2040), D(2)),))


@pytest.mark.parametrize("number", [1999, 2101])
def test_periods_lie_in_this_century(story: Story, number: int) -> None:
    target = Target(story.chair.id, year(number), D(1))
    with pytest.raises(InvalidError) as refusal:
        create_chain(story.facilitator.ctx, NewChain("Chairs", (target,)))
    assert refusal.value.error_code == "chain.periods"


def test_chains_and_targets_are_limited_per_organisation(story: Story) -> None:
    chain = story.create_chain()
    ctx = story.facilitator.ctx
    tight = replace(ctx, settings=ctx.settings.model_copy(update={"rate_import": "2/minute"}))
    target = (Target(story.chair.id, year(2025), D(1)),)
    with pytest.raises(RateLimitedError):
        for _ in range(2):
            add_targets(tight, chain.id, target)
            create_chain(tight, NewChain("Chairs", target))


def test_too_many_looks_at_chains_that_are_not_there_are_told_to_wait(story: Story) -> None:
    ctx = story.facilitator.ctx
    tight = replace(ctx, settings=ctx.settings.model_copy(update={"rate_denied": "2/minute"}))
    for _ in range(2):
        with pytest.raises(NotFoundError):
            chain_cells(tight, "unknown")
    with pytest.raises(RateLimitedError):
        chain_cells(tight, "unknown")


def test_products_nobody_may_ask_about_are_no_targets(story: Story) -> None:
    secret = product(story.chair_maker.party, "Prototype", listed=False)
    target = (Target(secret.id, year(2025), D(1)),)
    with pytest.raises(NotFoundError):
        create_chain(story.facilitator.ctx, NewChain("Chairs", target))
    assert create_chain(story.chair_maker.party.ctx, NewChain("Ours", target)).is_own


def test_a_viewer_may_not_set_up_a_chain(story: Story) -> None:
    ctx = acting(story.facilitator, Role.VIEWER)
    with pytest.raises(NotPermittedError):
        create_chain(ctx, NewChain("Chairs", (Target(story.chair.id, year(2025), D(1)),)))
