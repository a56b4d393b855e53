"""How many networks the chains of one organisation may ask for."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from exchange.domain.errors import InvalidError
from exchange.domain.linking import Prefer
from exchange.domain.periods import Period
from exchange.services.chains import MOST_NETWORKS, NewChain, Target, add_targets, create_chain
from exchange.services.context import Context
from tests.datasets import product
from tests.factories import party


def periods(first: int, count: int) -> list[Period]:
    start = date(2025, 1, 1)
    return [Period(start, start + timedelta(days=days)) for days in range(first + 1, first + count + 1)]


def test_an_organisation_asks_about_sixty_networks_at_most_whatever_the_number_of_its_chains(
    ctx: Context,
) -> None:
    owner = party(ctx, "Mange Perioder")
    chair = product(owner, "Chair")

    def new(name: str, asked: list[Period], prefer: Prefer = Prefer.LINKED) -> NewChain:
        return NewChain(name, tuple(Target(chair.id, one, Decimal(1)) for one in asked), prefer=prefer)

    first = create_chain(owner.ctx, new("One", periods(0, 40)))
    create_chain(owner.ctx, new("Two", periods(20, 40)))  # 20 of them are those of the first
    assert MOST_NETWORKS == 60
    for more in (new("Three", periods(60, 1)), new("Three", periods(0, 1), Prefer.DECLARED)):
        with pytest.raises(InvalidError) as refusal:
            create_chain(owner.ctx, more)
        assert refusal.value.error_code == "chain.periods"
        assert "at most 60 different periods" in refusal.value.detail
    create_chain(owner.ctx, new("Three", periods(59, 1)))  # one that is solved anyway
    add_targets(owner.ctx, first.id, [Target(chair.id, periods(0, 1)[0], Decimal(2))])
    other = party(ctx, "Nabo")
    mine = product(other, "Table")
    create_chain(other.ctx, NewChain("Mine", (Target(mine.id, periods(60, 1)[0], Decimal(1)),)))
