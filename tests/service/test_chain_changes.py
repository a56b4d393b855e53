"""Why a chain's total changed from one period to the next: a line for each cause, summing to the difference."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange.domain.groups import DatasetKind, FieldGroup, Purpose
from exchange.domain.indicators import Indicator
from exchange.domain.initiatives import EffortIndicator, Initiative, Motive, Place
from exchange.domain.periods import year
from exchange.services.chain_views import ChainView
from exchange.services.chains import Target, add_targets
from exchange.services.context import Context
from exchange.services.grants import NewGrant, give_grant
from exchange.services.initiatives import add_initiative
from exchange.services.site_products import set_site_product
from exchange.services.sites import NewSite, create_site
from tests.datasets import product_subject, quantity
from tests.factories import Party
from tests.service.rollup_story import Story, effects

D = Decimal


@pytest.fixture
def story(ctx: Context) -> Story:
    """2024 and 2025 alike, ten chairs in each: 10 x (1 + 4 x 2) = 90 kg CO2e; 2024 is rolled up."""
    made = Story.new(ctx)
    made.publish_all(in_year=2024)
    made.publish_all()
    made.grant_all()
    return made


def two_years(story: Story) -> ChainView:
    chain = story.create_chain(2024, 2025)
    story.roll_up(2024)
    return chain


def causes(story: Story, chain: ChainView, indicator: Indicator = Indicator.CO2E) -> dict[str, Decimal]:
    story.roll_up()
    change = story.cell(chain, indicator).previous
    assert change is not None
    return {one.cause: one.value for one in change.causes}


def recipe(amount: str) -> dict[str, Any]:
    line = {
        "line": "1",
        "category": "steel-wire",
        "name": "Steel wire",
        "amount": quantity(amount, "KGM"),
        "measured_share": "0.5",
        "explains": {"resources": quantity(amount, "KGM")},
    }
    return {"inputs": [line]}


def test_where_nothing_changed_there_is_no_cause(story: Story) -> None:
    assert causes(story, two_years(story)) == {}


def test_volume_and_intensity_share_what_they_did_together(story: Story) -> None:
    chain = two_years(story)
    add_targets(story.facilitator.ctx, chain.id, (Target(story.chair.id, year(2025), D(12)),))
    story.publish_steel(co2e="1.5")
    # 12 x (1 + 4 x 1.5) - 90 = -6. Volume first 2 x 9 = 18, last 2 x 7 = 14: 16; intensity -20 and -24: -22
    assert causes(story, chain) == {"volume": D(16), "intensity": D(-22)}


def test_another_recipe_is_mix_where_it_was_linked_in_both_periods(story: Story) -> None:
    chain = two_years(story)
    story.publish_chair(process=recipe("3"))
    assert causes(story, chain) == {"mix": D(-20)}  # 10 x 1 kg less steel x 2
    # resources: 10 kg of steel less arrive, and 10 kg more of what the chairs use is explained by nothing
    assert causes(story, chain, Indicator.RESOURCES) == {"mix": D(-10), "intensity": D(10)}


def test_volume_is_what_leaves_the_targets_and_not_what_is_asked_for(story: Story) -> None:
    chain = story.create_chain(2024, 2025, chair="10", steel="100")
    story.roll_up(2024)
    story.publish_chair(process=recipe("5"))
    # 10 x 9 + (100 - 40) x 2 = 210 becomes 10 x 11 + (100 - 50) x 2 = 210
    assert causes(story, chain) == {"volume": D(-20), "mix": D(20)}
    assert story.cell(chain).value == D(210)


def test_linking_more_is_no_development(ctx: Context) -> None:
    story = Story.new(ctx)
    story.publish_steel(in_year=2024)
    story.publish_chair(in_year=2024)
    story.publish_all()
    story.grant_all()
    chain = two_years(story)
    assert causes(story, chain) == {"data_basis": D(80)}  # 10 kg before, 90 with the steel linked
    assert causes(story, chain, Indicator.RESOURCES) == {}  # 50 kg in both: netted and linked at once


def test_declaring_instead_of_showing_a_recipe_is_method(story: Story) -> None:
    chain = two_years(story)
    figures = effects(resources="1")
    figures["indicators"]["co2e"] = {"total": quantity("1.5", "KGM")}
    story.publish_steel(**figures)
    assert causes(story, chain) == {"method": D(-20)}


def test_another_gwp_set_is_factors_in_co2e(story: Story) -> None:
    chain = two_years(story)
    subject = product_subject(story.steel_maker.party, story.steel, year=2025)
    story.publish_steel(co2e="1.5", identity={**subject["identity"], "gwp_set": "AR5"})
    assert causes(story, chain) == {"factors": D(-20)}


def test_a_target_of_one_period_only_is_membership(story: Story) -> None:
    chain = two_years(story)
    add_targets(story.facilitator.ctx, chain.id, (Target(story.steel.id, year(2025), D(50)),))
    assert causes(story, chain) == {"membership": D(20)}  # 50 kg, of which 40 are in the chairs


def test_a_new_figure_of_the_earlier_period_renews_the_causes_of_the_later(story: Story) -> None:
    chain = two_years(story)
    story.publish_steel(co2e="1.5")
    assert causes(story, chain) == {"intensity": D(-20)}
    story.publish_steel(in_year=2024, co2e="1.8")
    story.roll_up(2024)
    change = story.cell(chain).previous
    assert change is not None
    assert [(one.cause, one.value) for one in change.causes] == [("intensity", D(-12))]  # 40 x (1.5 - 1.8)


def test_causes_are_told_only_to_who_sees_both_periods(ctx: Context) -> None:
    story = Story.new(ctx)
    story.publish_all(in_year=2024)
    story.publish_all()
    story.grant_all(FieldGroup.INDICATORS, FieldGroup.PROCESS, period=year(2025))
    chain = two_years(story)
    story.roll_up()
    assert (story.cell(chain).status, story.cell(chain).previous) == ("released", None)


def start_initiative(story: Story, in_force: date) -> None:
    """The steel maker does something about its steel; the chair maker does nothing of the kind."""
    ctx = story.steel_maker.party.ctx
    site = create_site(ctx, NewSite("Works"))
    set_site_product(ctx, site.id, story.steel.id, None)
    add_initiative(
        ctx,
        Initiative(
            title="Heat recovery",
            effort=EffortIndicator.INVESTMENT,
            in_force=in_force,
            place=Place(site.id, product=story.steel.id),
            motive=Motive.COST_SAVINGS,
        ),
    )


def told(story: Story, chain: ChainView, viewer: Party) -> tuple[dict[str, Decimal], bool]:
    change = story.cell(chain, viewer=viewer).previous
    assert change is not None
    return {one.cause: one.value for one in change.causes}, change.initiative_unseen


def steel_makers_view(story: Story) -> None:
    """The steel maker may see the chairs' figures too, and so the chain's."""
    until = story.ctx.now() + timedelta(days=365)
    opened = frozenset({FieldGroup.INDICATORS, FieldGroup.PROCESS})
    give_grant(
        story.chair_maker.party.ctx,
        NewGrant(
            story.steel_maker.party.id,
            DatasetKind.PRODUCT,
            story.chair.id,
            opened,
            Purpose.CHAIN_ROLLUP,
            until,
        ),
    )


@pytest.mark.parametrize("in_force", [date(2024, 1, 2), date(2025, 1, 1)])
def test_an_initiatives_place_is_told_apart_to_its_owner_alone(story: Story, in_force: date) -> None:
    start_initiative(story, in_force)
    steel_makers_view(story)
    chain = two_years(story)
    story.publish_steel(co2e="1.5")
    story.publish_chair(co2e="0.9")
    story.roll_up()
    # 40 kg x -0.5 and 10 chairs x -0.1; together -21
    assert told(story, chain, story.facilitator) == ({"intensity": D(-21)}, False)
    own = {"intensity_where": D(-20), "intensity_elsewhere": D(-1)}
    assert told(story, chain, story.steel_maker.party) == (own, False)


@pytest.mark.parametrize("in_force", [date(2024, 1, 1), date(2025, 1, 2)])
def test_an_initiative_of_another_time_is_not_told_apart(story: Story, in_force: date) -> None:
    start_initiative(story, in_force)
    steel_makers_view(story)
    chain = two_years(story)
    story.publish_steel(co2e="1.5")
    story.roll_up()
    assert told(story, chain, story.steel_maker.party) == ({"intensity": D(-20)}, False)


def test_on_an_allocated_figure_an_initiative_cannot_be_seen(story: Story) -> None:
    start_initiative(story, date(2025, 1, 1))
    steel_makers_view(story)
    chain = two_years(story)
    key = {"method": "physical_mass", "key": "mass", "scope": "site"}
    allocated = {"measured": "0.9", "allocated": "0.1", "secondary": "0", "unknown": "0", "allocation": key}
    story.publish_steel(co2e="1.5", quality={one.value: allocated for one in Indicator})
    story.roll_up()
    assert told(story, chain, story.steel_maker.party) == ({"intensity": D(-20)}, True)
    assert told(story, chain, story.facilitator) == ({"intensity": D(-20)}, False)
