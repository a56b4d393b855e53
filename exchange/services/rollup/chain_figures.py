"""The figures of one chain in one period, from a solved network (method sections 4 to 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from exchange.domain.development import Activity, Panel, PriceBasis, Productivity, productivity
from exchange.domain.linking import COLUMNS, HEADLINE
from exchange.domain.linking.records import VALUE_ADDED
from exchange.domain.rounding import difference, promised_digits, rounded, shares_of_one
from exchange.services.rollup.chain_panel import chain_panel, digest, lasting
from exchange.services.rollup.chain_parts import Part, origin_parts, readings
from exchange.services.rollup.chain_reach import UPSTREAM_GAPS, Missing, Reach, Units, missing_of
from exchange.services.rollup.contributions import Contributions, contributions

BESIDE = "beside"


@dataclass(frozen=True)
class Figures:
    """One indicator of a chain in one period, rounded to the digits its certified `error_bound` promises.

    `own` and `upstream` are None where a target or member declares its footprint. `contributions` are (dataset,
    field group) pairs; `missing` says what makes the total "at least". In a group or place `total` is the members'
    own effect, `upstream` what stands beside it, and `is_upstream_at_least` whether something of that is missing.
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
    missing: tuple[Missing, ...]
    panel: Panel
    covered: str
    error_bound: Decimal
    contributions: Contributions
    parts: tuple[Part, ...] = ()
    is_group: bool = False
    is_upstream_at_least: bool = False


def chain_figures(reach: Reach, factors: str) -> tuple[Figures, ...]:
    """The five indicators of a chain; `factors` names the factor set of the run.

    One of which no digit is certain is left out: it is not released (method section 4).
    An amount of a target is output: what the product needs of itself is in it. Final demand is what leaves the set
    of targets, so a target inside another is not counted twice.
    """
    found = (_figures(reach, column, factors) for column in range(len(HEADLINE)))
    return tuple(one for one in found if one is not None)


def _figures(reach: Reach, column: int, factors: str) -> Figures | None:
    indicator, counted = COLUMNS[column], reach.counted[column]
    exact, widest = _total(reach, column)
    bound = Decimal(f"{widest:.2e}")
    digits = promised_digits(float(bound))
    if not digits:
        return None
    total = rounded(exact, digits)
    own, upstream = _own_and_upstream(reach, column, total, digits)
    per_unit, unit = _per_unit(reach, exact, digits)
    missing = _missing(reach, column)
    is_at_least = any(one["part"] != BESIDE for one in missing)
    produced, covered = _productivity(reach, column, is_at_least)
    beside = readings(reach, column, digits)
    return Figures(
        indicator=indicator,
        total=total,
        per_unit=per_unit,
        per_unit_of=unit,
        own=own,
        upstream=upstream,
        shares=_shares(reach, column),
        coverage_mass=_coverage(reach, indicator, counted),
        productivity=produced,
        is_at_least=is_at_least,
        missing=missing,
        panel=chain_panel(reach, column, factors),
        covered=covered,
        error_bound=bound,
        contributions=contributions(reach, column, beside),
        parts=(*origin_parts(reach, column, total, digits), *beside.parts),
        is_group=reach.is_group,
        is_upstream_at_least=any(one["part"] == BESIDE for one in missing),
    )


def _total(reach: Reach, column: int) -> tuple[float, float]:
    """The total with its certified relative error.

    The solve bounds a footprint relative to itself, in a column with negative effects to the largest one. A
    group's total is a plain sum of what members state: nothing in it was solved.
    """
    if reach.demand is None:
        return sum(amount * reach.effect(one, column) for one, amount in reach.core.items()), 0.0
    solution = reach.part.solution
    total = float(solution.total(reach.demand)[column])
    largest = float(reach.part.largest[column]) if reach.part.has_negatives[column] else None
    size = sum(
        float(reach.demand[one])
        * (abs(float(solution.footprints[one, column])) if largest is None else largest)
        for one in reach.core
    )
    return total, float(solution.error_bound[column]) * size / abs(total) if total else 0.0


def _own_and_upstream(
    reach: Reach, column: int, total: Decimal, digits: int
) -> tuple[Decimal | None, Decimal | None]:
    declares = any(COLUMNS[column] in reach.nodes[one].fixed for one in reach.core)
    if reach.is_group:
        effects = reach.part.solution.network.effects
        outside = sum(amount * float(effects[one, column]) for one, amount in reach.beside[column].items())
        return total, None if declares else rounded(outside, digits)
    if declares:
        return None, None
    counted = reach.counted[column]
    own = rounded(
        sum(counted.get(one, 0.0) * reach.effect(one, column) for one in sorted(reach.core)), digits
    )
    return own, difference(total, own, digits)


def _per_unit(reach: Reach, total: float, digits: int) -> tuple[Decimal | None, str | None]:
    """Per unit of what leaves the targets, where all are counted in one unit."""
    units = {reach.nodes[one].unit for one in reach.core}
    leaving = 0.0 if reach.demand is None else float(reach.demand.sum())
    if len(units) != 1 or leaving <= 0:
        return None, None
    return rounded(total / leaving, digits), units.pop().value


def _shares(reach: Reach, column: int) -> tuple[Decimal, ...] | None:
    if reach.demand is not None:
        return shares_of_one(reach.part.quality.of_total(reach.demand)[column].tolist())
    sums = [0.0] * 4
    for one, amount in reach.core.items():
        size = abs(amount * reach.effect(one, column))
        for kind, share in enumerate(reach.part.arrays.own_shares[one, column].tolist()):
            sums[kind] += size * share
    return shares_of_one(sums)


def _coverage(reach: Reach, indicator: str, counted: Units) -> Decimal | None:
    """Share of the inputs' mass that comes from products with a figure, or stands behind a declared one."""
    stated = sum(amount * float(reach.nodes[one].input_mass or 0) for one, amount in counted.items())
    lost = sum(
        amount * float(link.mass or 0)
        for one, amount in counted.items()
        if indicator not in reach.nodes[one].fixed
        for link in reach.links_into.get(one, ())
        if not _has_figure(reach, link.supplier, indicator)
    )
    for gap in reach.gaps_at(counted, indicator):
        if gap.mass is not None:
            lost += counted[gap.node] * float(gap.mass)
            stated += counted[gap.node] * float(gap.mass) if gap.reason == "recipe_missing" else 0.0
    return Decimal(f"{max(0.0, 1 - lost / stated):.6f}") if stated > 0 else None


def _has_figure(reach: Reach, position: int, indicator: str) -> bool:
    node = reach.nodes[position]
    return indicator in node.own or indicator in node.fixed


def _productivity(reach: Reach, column: int, is_at_least: bool) -> tuple[Productivity, str]:
    """Over products with value added and own effect; a declared footprint is effect without value added."""
    indicator, parts, covered = COLUMNS[column], [], []
    for one, amount in sorted(reach.counted[column].items()):
        node = reach.nodes[one]
        effect = _exact(reach.effect(one, column)) if reach.has_effect(one, indicator) else None
        has_value = VALUE_ADDED in node.own and (reach.is_group or indicator not in node.fixed)
        value = _exact(float(node.own[VALUE_ADDED].amount)) if has_value else None
        basis = PriceBasis(node.price_basis) if has_value and node.price_basis else None
        parts.append(Activity(_exact(amount), effect, value, basis))
        if effect is not None and value is not None:
            covered.append(lasting(node))
    return productivity(parts, is_at_least=is_at_least), digest(set(covered))


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))


def _missing(reach: Reach, column: int) -> tuple[Missing, ...]:
    """What makes the total "at least", and in a group what makes its upstream so (`part` says which)."""
    indicator, gaps = COLUMNS[column], reach.gaps_at(reach.counted[column], COLUMNS[column])
    if not reach.is_group:
        return tuple(sorted((*missing_of(reach, gaps), *reach.lacking), key=_by_reason))
    own = [gap for gap in gaps if gap.reason not in UPSTREAM_GAPS]
    behind = [gap for gap in gaps if gap.reason in UPSTREAM_GAPS]
    behind += reach.gaps_at(reach.beside[column], indicator)
    unstated = [one for one in reach.core if not reach.has_effect(one, indicator)]
    named = {gap.node for gap in own}
    found = (*missing_of(reach, own), *_unstated(reach, set(unstated) - named), *reach.lacking)
    return (*sorted(found, key=_by_reason), *missing_of(reach, behind, BESIDE))


def _unstated(reach: Reach, positions: Iterable[int]) -> list[Missing]:
    """Members' products that declare a footprint and do not say what of it is their own."""
    nodes = [reach.nodes[one] for one in sorted(positions)]
    return [
        {
            "reason": "own_missing", "name": node.name, "party": node.organisation, "holder": node.organisation,
            "holder_product": node.product, "part": "",
        }
        for node in nodes
    ]  # fmt: skip


def _by_reason(missing: Mapping[str, str | None]) -> tuple[str, ...]:
    return tuple(value or "" for value in missing.values())
