"""Random linked networks for property tests: each node drawn from its key and a seed, so that some can change."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from random import Random

from hypothesis import strategies as st

from exchange.domain.linking import COLUMNS, Effect, Gap, Link, LinkedNetwork, Node, NodeKind, Origin, Shares
from exchange.domain.linking.records import VALUE_ADDED
from exchange.domain.quantities import UnitCode

KEYS = [f"n{number:02d}" for number in range(14)]
SUPPLIERS_AT_MOST = 4


@st.composite
def seeds(draw: st.DrawFn, keys: tuple[str, ...] = tuple(KEYS)) -> dict[str, int]:
    """Which nodes there are, each with the seed of what is said of it; few seeds, so that much stays the same."""
    return draw(st.dictionaries(st.sampled_from(keys), st.integers(0, 2), min_size=1))


def linked_network(seed_of: Mapping[str, int]) -> LinkedNetwork:
    """The network of these nodes, sorted by key. Every recipe takes less than 9/10 of a unit, so no loop gains."""
    keys = sorted(seed_of)
    place = {key: position for position, key in enumerate(keys)}
    nodes, links, gaps = [], [], []
    for key in keys:
        random = Random(f"{key} {seed_of[key]}")
        nodes.append(_node(key, random))
        links += _links(place, key, random)
        gaps += _gaps(place[key], random)
    outputs = {f"product-{key}": ((place[key], Fraction(1)),) for key in keys if key < "n08"}
    pair = [key for key in keys if key >= "n08"]
    if pair:
        outputs["product-pair"] = tuple((place[key], Fraction(1, len(pair))) for key in pair)
    return LinkedNetwork(tuple(nodes), tuple(links), tuple(gaps), outputs, {})


def _node(key: str, random: Random) -> Node:
    declared = {column: _effect(random) for column in COLUMNS if random.random() < 0.2}
    return Node(
        key=key,
        kind=random.choice(list(NodeKind)),
        product=f"product-{key}" if key < "n08" else "product-pair",
        organisation=random.choice(["maker", "other", None]),
        name=random.choice(["Stål", "Brædt «å»", 'Say "so"']),
        unit=random.choice(list(UnitCode)),
        own={column: _effect(random) for column in COLUMNS if random.random() < 0.8},
        declared=declared,
        fixed=frozenset(column for column in declared if column != VALUE_ADDED and random.random() < 0.5),
        produced=random.choice([None, _fraction(random)]),
        mass=random.choice([None, _fraction(random)]),
        input_mass=random.choice([None, _fraction(random)]),
        price_basis=random.choice([None, "current"]),
        datasets=tuple(f"dataset-{number}" for number in range(random.randrange(3))),
    )


def _links(place: Mapping[str, int], customer: str, random: Random) -> list[Link]:
    """Parallel links among them, and now and then one of amount zero."""
    suppliers = [random.choice(KEYS) for _ in range(random.randrange(SUPPLIERS_AT_MOST + 1))]
    return [
        Link(
            place[supplier],
            place[customer],
            Fraction(random.randrange(9), 10 * SUPPLIERS_AT_MOST),
            Fraction(random.randrange(4), 3),
            random.choice(list(Origin)),
            line=str(random.randrange(9)),
            mass=random.choice([None, _fraction(random)]),
            key=random.choice(["", "turnover"]),
        )
        for supplier in suppliers
        if supplier in place
    ]


def _gaps(node: int, random: Random) -> list[Gap]:
    return [
        Gap(
            node,
            frozenset(random.sample(COLUMNS, random.randrange(1, 4))),
            random.choice(["no_delivery", "own_missing"]),
            "Wood",
            random.choice([None, "maker"]),
            mass=random.choice([None, _fraction(random)]),
        )
        for _ in range(random.choice([0, 0, 0, 1, 2]))
    ]


def _effect(random: Random) -> Effect:
    parts = [random.randrange(4) for _ in range(4)]
    whole = sum(parts) or 1
    return Effect(_fraction(random), Shares(*(Fraction(part, whole) for part in parts)))


def _fraction(random: Random) -> Fraction:
    return Fraction(random.randrange(1, 10**6), random.randrange(1, 10**4))
