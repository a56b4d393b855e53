"""Whatever order datasets and deliveries come in, the network is the same, and so is what is refused and why."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.domain.linking import CoProduct, Delivery, LinkedNetwork, ProductDataset
from tests.unit.domain.linking_cases import KG, PIECE, delivery, effects, everything, line, network, product
from tests.unit.domain.test_linking_flows import FIRST_HALF, SECOND_HALF

NAMES = ["ash", "oak", "pine", "elm"]
MAKERS = ["n", "n", "p", "e"]

small = st.integers(0, 12)
lines = st.lists(st.tuples(st.sampled_from([*NAMES, "wood"]), small, st.booleans()), max_size=3)
made = st.tuples(small, small, lines, st.sampled_from([None, FIRST_HALF, SECOND_HALF]), st.booleans())
sent = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(sorted(set(MAKERS))),
    small,
    st.booleans(),
    st.sampled_from(["", "1/2", "9"]),
)


def a_product(
    place: int, facts: tuple[int, int, list[tuple[str, int, bool]], object, bool]
) -> ProductDataset:
    own, size, wanted, period, has_by_product = facts
    named = [
        replace(line(of, amount, named=of != "wood", explains={"co2e": Fraction(own, 9)}), line=str(number))
        for number, (of, amount, _) in enumerate(wanted)
    ]
    more: dict[str, object] = {} if period is None else {"period": period}
    if has_by_product:
        more["co_products"] = (CoProduct(NAMES[(place + 1) % 4], Fraction(own, 10), "economic"),)
    return product(
        NAMES[place],
        MAKERS[place],
        category="wood",
        unit=PIECE if size == 7 else KG,
        own={} if own == 5 else everything(co2e=own),
        recipe=None if own == 5 else tuple(named),
        produced=Fraction(size * 10),
        datasets=(f"{place}",),
        **more,
    )


def a_delivery(place: int, facts: tuple[str, str, int, bool, str]) -> Delivery:
    of, to, size, returned, own = facts
    stated = {"own": effects(co2e=own)} if own else {}
    return delivery(of, to, size, source=f"d{place}", returned=returned, **stated)


def facts_of(linked: LinkedNetwork) -> tuple[object, ...]:
    """A network with its refusals in words, for errors are compared by identity."""
    refused = {
        product: (error.error_code, error.line, error.detail) for product, error in linked.refusals.items()
    }
    return (linked.nodes, linked.links, linked.gaps, linked.outputs, refused)


@settings(max_examples=120, deadline=None)
@given(st.lists(made, min_size=4, max_size=4), st.lists(sent, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_changes_nothing(
    products: list[tuple[int, int, list[tuple[str, int, bool]], object, bool]],
    deliveries: list[tuple[str, str, int, bool, str]],
    shuffled: random.Random,
) -> None:
    all_made = [a_product(place, facts) for place, facts in enumerate(products)]
    all_sent = [a_delivery(place, facts) for place, facts in enumerate(deliveries)]
    forth = network(*all_made, deliveries=tuple(all_sent))
    shuffled.shuffle(all_made)
    shuffled.shuffle(all_sent)
    assert facts_of(network(*all_made, deliveries=tuple(all_sent))) == facts_of(forth)
    # and what comes out is fit for arrays: whole parts of outputs, amounts above zero, own figures not below
    for parts in forth.outputs.values():
        assert sum(share for _, share in parts) == 1
    assert all(one.per_unit > 0 and 0 <= one.measured <= 1 for one in forth.links)
    assert all(
        effect.amount >= 0
        for one in forth.nodes
        for column, effect in one.own.items()
        if column != "value_added"
    )
