"""Random arrays of networks for property tests, node by node, so that a test may change some and build again."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from exchange.engine.network_arrays import NetworkArrays
from exchange.engine.node_rows import Layout, NodeBytes, NodeRow

LAYOUT = Layout(columns=3, headline=2)


def arrays(nodes: list[NodeBytes]) -> NetworkArrays:
    """The arrays of all nodes."""
    return NetworkArrays.from_rows(LAYOUT, [NodeBytes.together(nodes)], len(nodes))


def made(number: int, size: int, seed: int) -> NodeBytes:
    """A node drawn from its number, how many there are, and a seed; its suppliers' amounts sum to less than 1."""
    random = Random(f"{number} {seed}")
    suppliers = sorted(random.sample(range(size), random.randrange(min(size, 4) + 1)))
    entries = [(one, amount := random.uniform(0.001, 0.2), amount * random.random()) for one in suppliers]
    stated = [random.choice([None, random.uniform(0, 9)]) for _ in range(LAYOUT.columns)]
    return LAYOUT.pack(
        NodeRow(
            number=number,
            own=[random.choice([None, 0.0, random.uniform(-1, 9)]) for _ in range(LAYOUT.columns)],
            stated=stated,
            fixed=[column for column, one in enumerate(stated) if one is not None and random.random() < 0.5],
            gaps=[column for column in range(LAYOUT.columns) if random.random() < 0.2],
            own_shares=[_shares(random) for _ in range(LAYOUT.headline)],
            declared_shares=[
                _shares(random) if stated[column] is not None else (0.0, 0.0, 0.0, 1.0)
                for column in range(LAYOUT.headline)
            ],
            produced=random.uniform(0.5, 100),
            output_share=random.choice([0.0, 0.5, 1.0]),
            entries=entries,
        )
    )


@st.composite
def nodes(draw: st.DrawFn, size: int | None = None) -> list[NodeBytes]:
    """1 to 12 nodes."""
    many = size or draw(st.integers(1, 12))
    return [made(number, many, draw(st.integers(0, 2**16))) for number in range(many)]


def _shares(random: Random) -> tuple[float, ...]:
    return random.choice([(1.0, 0.0, 0.0, 0.0), (0.25, 0.5, 0.0, 0.25), (0.0, 0.0, 0.0, 1.0)])
