"""A run's solved figures as rows: every column of every product, per declared unit."""

from __future__ import annotations

from collections.abc import Iterable

from exchange.domain.linking import COLUMNS, HEADLINE
from exchange.services.rollup.solving import Solved
from exchange.store.tables.rollup import RunFigureRow

KINDS = ("measured", "allocated", "secondary", "unknown")


def run_figures(run_id: str, solved: Solved) -> Iterable[RunFigureRow]:
    """One row per product and column. A product with measured deliveries is the mean of its nodes by output."""
    for product, parts in sorted(solved.linked.outputs.items()):
        weighed = [(node, float(share)) for node, share in parts]
        for column, name in enumerate(COLUMNS):
            yield _row(run_id, product, weighed, (column, name), solved)


def _row(
    run_id: str, product: str, parts: list[tuple[int, float]], column: tuple[int, str], solved: Solved
) -> RunFigureRow:
    position, name = column
    solution = solved.solution
    return RunFigureRow(
        run_id=run_id,
        product_id=product,
        column=name,
        own=sum(share * float(solution.network.direct[node, position]) for node, share in parts),
        footprint=sum(share * float(solution.footprints[node, position]) for node, share in parts),
        error_bound=float(solution.error_bound[position]),
        other_reading=_other_reading(parts, position, name, solved),
        is_at_least=any(node in solved.linked.at_least[name] for node, _ in parts),
        **(_shares(parts, position, solved) if name in HEADLINE else {}),
    )


def _other_reading(parts: list[tuple[int, float]], position: int, name: str, solved: Solved) -> float | None:
    """The footprint by the reading that does not count here, where the product states both."""
    network, nodes = solved.solution.network, solved.linked.nodes
    total = 0.0
    for node, share in parts:
        one = nodes[node]
        if name not in one.declared:
            return None
        if name not in one.fixed:
            total += share * float(one.declared[name].amount)
        elif name in one.own:
            supplied = network.amounts[[node]] @ solved.solution.footprints[:, position]
            total += share * (float(network.direct[node, position]) + float(supplied[0]))
        else:
            return None
    return total


def _shares(parts: list[tuple[int, float]], position: int, solved: Solved) -> dict[str, float | None]:
    sums = [
        sum(share * float(solved.quality.parts[node, position, kind]) for node, share in parts)
        for kind in range(len(KINDS))
    ]
    total = sum(sums)
    return {kind: amount / total if total > 0 else None for kind, amount in zip(KINDS, sums, strict=True)}
