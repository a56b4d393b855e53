"""The figures of one chain in one period, from a solved network (method sections 4 to 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from exchange.domain.development import Activity, Panel, PriceBasis, Productivity, productivity
from exchange.domain.linking import COLUMNS, HEADLINE, Gap, Node
from exchange.domain.linking.records import VALUE_ADDED
from exchange.domain.rounding import difference, promised_digits, rounded, shares_of_one
from exchange.engine.demand import final_demand
from exchange.services.rollup.chain_panel import chain_panel, digest, lasting
from exchange.services.rollup.network_build import Inputs
from exchange.services.rollup.solving import Solved

RECIPES = COLUMNS.index(VALUE_ADDED)  # never declared, so its activity follows every recipe


@dataclass(frozen=True)
class Figures:
    """One indicator of a chain in one period, rounded to the digits its certified `error_bound` promises.

    `own` and `upstream` are None where a target declares its footprint. `contributions` are (dataset, field
    group) pairs; `missing` says what makes the total "at least".
    """

    indicator: str
    total: Decimal
    per_unit: Decimal | None
    per_unit_of: str | None
    own: Decimal | None
    upstream: Decimal | None
    shares: tuple[Decimal, ...] | None
    coverage_mass: Decimal | None
    productivity: Productivity
    is_at_least: bool
    missing: tuple[Mapping[str, str | None], ...]
    panel: Panel
    covered: str
    error_bound: Decimal
    contributions: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class _Chain:
    solved: Solved
    demand: Sequence[float]
    targets: frozenset[int]
    lacking: tuple[str, ...]
    inputs: Inputs


def chain_figures(solved: Solved, amounts: Mapping[str, Decimal], inputs: Inputs) -> tuple[Figures, ...]:
    """The five indicators of a chain whose targets have these amounts; empty when no target has any data.

    An amount is output: what the product needs of itself is in it. Final demand is what leaves the set of
    targets, so a target inside another is not counted twice.
    """
    outputs = solved.linked.outputs
    wanted = {
        node: float(amount) * float(share)
        for product, amount in amounts.items()
        for node, share in outputs.get(product, ())
        if amount > 0
    }
    if not wanted:
        return ()
    demand = final_demand(solved.solution, wanted, RECIPES).tolist()
    lacking = tuple(sorted(product for product in amounts if product not in outputs))
    chain = _Chain(solved, demand, frozenset(wanted), lacking, inputs)
    activity = {
        column: solved.solution.activity(demand, column=pattern[0]).tolist()
        for pattern in solved.solution.network.patterns()
        for column in pattern
    }
    return tuple(_figures(chain, column, activity[column]) for column in range(len(HEADLINE)))


def _figures(chain: _Chain, column: int, activity: Sequence[float]) -> Figures:
    solved, indicator = chain.solved, COLUMNS[column]
    active = [node for node, amount in enumerate(activity) if amount > 0]
    exact = float(solved.solution.total(chain.demand)[column])
    error_bound = _error_bound(chain, column, exact)
    digits = promised_digits(error_bound)
    total, own = rounded(exact, digits), _own(chain, column, activity, digits)
    per_unit, unit = _per_unit(chain, exact, digits)
    gaps = [gap for gap in solved.linked.gaps if activity[gap.node] > 0 and indicator in gap.columns]
    is_at_least = bool(gaps or chain.lacking)
    produced, covered = _productivity(chain, column, activity, is_at_least)
    return Figures(
        indicator=indicator,
        total=total,
        per_unit=per_unit,
        per_unit_of=unit,
        own=own,
        upstream=None if own is None else difference(total, own, digits),
        shares=shares_of_one(chain.solved.quality.of_total(chain.demand)[column].tolist()),
        coverage_mass=_coverage(chain, indicator, activity),
        productivity=produced,
        is_at_least=is_at_least,
        missing=_missing(chain, gaps),
        panel=chain_panel(solved, chain.inputs, indicator, active),
        covered=covered,
        error_bound=Decimal(f"{error_bound:.2e}"),
        contributions=_contributions(chain, indicator, active),
    )


def _error_bound(chain: _Chain, column: int, total: float) -> float:
    """The certified relative error of a total.

    The solve bounds a footprint relative to itself, in a column with negative effects to the largest one.
    """
    solution = chain.solved.solution
    sizes = [abs(footprint) for footprint in solution.footprints[:, column].tolist()]
    if min(solution.network.effects[:, column].tolist()) < 0:
        sizes = [max(sizes)] * len(sizes)
    size = sum(amount * one for amount, one in zip(chain.demand, sizes, strict=True))
    return float(solution.error_bound[column]) * size / abs(total) if total else 0.0


def _own(chain: _Chain, column: int, activity: Sequence[float], digits: int) -> Decimal | None:
    nodes = chain.solved.linked.nodes
    if any(COLUMNS[column] in nodes[target].fixed for target in chain.targets):
        return None
    direct = chain.solved.solution.network.direct
    parts = [activity[target] * float(direct[target, column]) for target in sorted(chain.targets)]
    return rounded(sum(parts), digits)


def _per_unit(chain: _Chain, total: float, digits: int) -> tuple[Decimal | None, str | None]:
    """Per unit of what leaves the targets, where all are counted in one unit."""
    units = {chain.solved.linked.nodes[target].unit for target in chain.targets}
    leaving = sum(chain.demand)
    if len(units) != 1 or leaving <= 0:
        return None, None
    return rounded(total / leaving, digits), units.pop().value


def _coverage(chain: _Chain, indicator: str, activity: Sequence[float]) -> Decimal | None:
    """Share of the inputs' mass that comes from products with a figure, or stands behind a declared one."""
    nodes, linked = chain.solved.linked.nodes, chain.solved.linked
    stated = sum(activity[node] * float(one.input_mass or 0) for node, one in enumerate(nodes))
    lost = sum(
        activity[link.customer] * float(link.mass or 0)
        for link in linked.links
        if indicator not in nodes[link.customer].fixed and not _has_figure(nodes[link.supplier], indicator)
    )
    for gap in linked.gaps:
        if indicator in gap.columns and gap.mass is not None:
            lost += activity[gap.node] * float(gap.mass)
            stated += activity[gap.node] * float(gap.mass) if gap.reason == "recipe_missing" else 0.0
    return Decimal(f"{max(0.0, 1 - lost / stated):.6f}") if stated > 0 else None


def _has_figure(node: Node, indicator: str) -> bool:
    return indicator in node.own or indicator in node.fixed


def _productivity(
    chain: _Chain, column: int, activity: Sequence[float], is_at_least: bool
) -> tuple[Productivity, str]:
    """Over products with value added and own effect; a declared footprint is effect without value added."""
    nodes, effects = chain.solved.linked.nodes, chain.solved.solution.network.effects
    indicator = COLUMNS[column]
    parts, covered = [], []
    for node, one in enumerate(nodes):
        if activity[node] <= 0:
            continue
        effect = _exact(float(effects[node, column])) if _has_figure(one, indicator) else None
        has_value = VALUE_ADDED in one.own and indicator not in one.fixed
        value = _exact(float(one.own[VALUE_ADDED].amount)) if has_value else None
        basis = PriceBasis(one.price_basis) if has_value and one.price_basis else None
        parts.append(Activity(_exact(activity[node]), effect, value, basis))
        if effect is not None and value is not None:
            covered.append(lasting(one))
    return productivity(parts, is_at_least=is_at_least), digest(set(covered))


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))


def _missing(chain: _Chain, gaps: Iterable[Gap]) -> tuple[Mapping[str, str | None], ...]:
    """Each gap once: why, what, who could close it, and whose recipe or dataset it is in."""
    nodes = chain.solved.linked.nodes
    found = {
        (
            gap.reason,
            gap.name,
            gap.party or "",
            nodes[gap.node].organisation or "",
            nodes[gap.node].product or "",
        )
        for gap in gaps
    }
    found |= {("target_missing", "", "", "", product) for product in chain.lacking}
    members = ("reason", "name", "party", "holder", "holder_product")
    return tuple(dict(zip(members, one, strict=True)) for one in sorted(found))


def _contributions(chain: _Chain, indicator: str, active: Iterable[int]) -> frozenset[tuple[str, str]]:
    """Whose figures are inside: own or declared effects, and value added; a target's own always."""
    nodes = chain.solved.linked.nodes
    found = set()
    for node in active:
        one = nodes[node]
        for dataset in one.datasets:
            reference = chain.inputs.references[dataset]
            if node in chain.targets or (_has_figure(one, indicator) and "indicators" in reference.groups):
                found.add((dataset, "indicators"))
            if VALUE_ADDED in one.own and reference.kind == "product" and "commercial" in reference.groups:
                found.add((dataset, "commercial"))
    return frozenset(found)
