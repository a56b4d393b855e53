"""Attacks on a recipe by way of totals: who follows one without a grant to it reads no figure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest

from exchange.domain.groups import DatasetKind, FieldGroup, Purpose
from exchange.domain.linking import Prefer
from exchange.domain.periods import year
from exchange.services.chain_views import ChainView
from exchange.services.chains import Members, NewChain, Target, create_chain
from exchange.services.context import Context
from exchange.services.grants import NewGrant, give_grant
from exchange.services.products import Product
from exchange.services.rollup.wanted import ChainKind
from tests.datasets import product, quantity
from tests.factories import Party
from tests.service.rollup_story import Maker, Story, commercial, effects, line_of, maker_subject

D = Decimal
INDICATORS, PROCESS = FieldGroup.INDICATORS, FieldGroup.PROCESS


@dataclass(frozen=True)
class Attack:
    """Probe takes 1 kg of the victim's blend per kg, which takes 0.0371 kg of tracer, of 1 000 kg CO2e per kg.

    The blend states no CO2e. Probe and, unless told otherwise, tracer are the attacker's own.
    """

    story: Story
    attacker: Maker
    victim: Maker
    tracer_maker: Maker
    probe: Product
    blend: Product
    tracer: Product

    @classmethod
    def new(cls, story: Story, *, is_tracer_own: bool = True) -> Attack:
        attacker, victim = Maker.new(story.ctx, "Nordby Profil"), Maker.new(story.ctx, "Sandvig Kemi")
        tracer_maker = attacker if is_tracer_own else Maker.new(story.ctx, "Holm Pigment")
        tracer = _made(tracer_maker, "Tracer", effects(co2e="1000"))
        figures = effects(water="7")
        del figures["indicators"]["co2e"], figures["quality"]["co2e"]
        blend = _made(victim, "Blend", figures, (tracer, "0.0371"))
        probe = _made(attacker, "Probe", effects(co2e="1"), (blend, "1"))
        return cls(story, attacker, victim, tracer_maker, probe, blend, tracer)

    def grant(self, maker: Maker, about: Product, *groups: FieldGroup) -> None:
        """Open field groups of a product to the attacker."""
        until = self.story.grant(maker, about, *groups).valid_until
        new = NewGrant(
            self.attacker.party.id,
            DatasetKind.PRODUCT,
            about.id,
            frozenset(groups),
            Purpose.CHAIN_ROLLUP,
            until,
        )
        give_grant(maker.party.ctx, new)


def _made(maker: Maker, name: str, figures: dict[str, object], *inputs: tuple[Product, str]) -> Product:
    made = product(maker.party, name, category=name.lower())
    lines = [line_of(about, amount, str(at + 1)) for at, (about, amount) in enumerate(inputs)]
    more = {"process": {"inputs": lines}, "commercial": commercial("1", "1000", "KGM")}
    maker.publish(DatasetKind.PRODUCT, maker_subject(maker, made, 2025, figures, **more))
    return made


@pytest.fixture
def story(ctx: Context) -> Story:
    return Story.new(ctx)


def chain_of(owner: Party, prefer: Prefer = Prefer.LINKED, **amounts: tuple[Product, str]) -> ChainView:
    targets = tuple(Target(about.id, year(2025), D(amount)) for about, amount in amounts.values())
    return create_chain(owner.ctx, NewChain("Probe", targets, prefer))


def test_a_recipe_between_two_own_products_is_followed_only_with_a_grant_to_it(story: Story) -> None:
    attack = Attack.new(story)
    viewer = attack.attacker.party
    chain = chain_of(viewer, probe=(attack.probe, "1"))
    story.roll_up()
    assert story.cell(chain, viewer=viewer).status == "confidential"  # 37.1 of tracer would be 0.0371 kg
    attack.grant(attack.victim, attack.blend, PROCESS)
    assert story.cell(chain, viewer=viewer).value == D("38.1")


def test_a_recipe_upstream_of_a_group_is_followed_only_with_a_grant_to_it(story: Story) -> None:
    attack = Attack.new(story, is_tracer_own=False)
    viewer = attack.attacker.party
    attack.grant(attack.tracer_maker, attack.tracer, INDICATORS)
    members = (Members(year(2025), (viewer.id,)),)
    chain = create_chain(viewer.ctx, NewChain("Ours", kind=ChainKind.GROUP, members=members))
    story.roll_up()
    cell = story.cell(chain, viewer=viewer)
    assert (cell.value, cell.upstream) == (D(1000), None)
    attack.grant(attack.victim, attack.blend, PROCESS)
    assert story.cell(chain, viewer=viewer).upstream == D(37100)  # 1 000 kg x 0.0371 x 1 000


def test_indicators_alone_do_not_open_a_total_that_follows_a_recipe(story: Story) -> None:
    story.publish_all()
    chain = story.create_chain()
    story.grant_all(INDICATORS)
    story.roll_up()
    cell = story.cell(chain)
    assert (cell.status, cell.own, cell.upstream, cell.origin) == ("confidential", None, None, ())


def test_a_recipe_between_declared_targets_is_followed_to_what_leaves_them(story: Story) -> None:
    figures = effects(resources="5")
    figures["indicators"]["co2e"] = {"total": quantity("7", "KGM")}
    story.publish_all()
    story.publish_chair(**figures)
    chain = story.create_chain(chair="10", steel="50")
    story.grant_all(INDICATORS)
    story.roll_up()
    # 10 x 7 + (50 - 10 x 4) x 2 = 90: whoever knows 7, 2, 10 and 50 would read 4
    assert story.cell(chain).status == "confidential"
    story.grant(story.chair_maker, story.chair, PROCESS)
    assert story.cell(chain).value == D(90)


def test_a_declared_footprint_follows_no_recipe(story: Story) -> None:
    figures = effects(resources="5")
    figures["indicators"]["co2e"] = {"total": quantity("7", "KGM")}
    story.publish_all()
    story.publish_chair(**figures)
    chain = story.create_chain()
    story.grant(story.chair_maker, story.chair, INDICATORS)
    story.roll_up()
    assert story.cell(chain).value == D(70)
