"""Why a chain's total changed between two released periods: one line for each cause (method sections 6 and 8).

Both periods' networks are put on the same numbers, products aligned by what they are from one period to the next,
and every parameter that differs belongs to one cause; the change is shared out by Shapley.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from exchange.domain.change_causes import ChainCause
from exchange.domain.indicators import Indicator
from exchange.domain.linking import COLUMNS, HEADLINE, Node, NodeKind, Origin
from exchange.engine.decomposition import Decomposition, decompose
from exchange.engine.errors import EngineError
from exchange.engine.switches import State, Switch
from exchange.engine.two_periods import PeriodPart, two_states
from exchange.services.rollup.chain_reach import Reach

CO2E = COLUMNS.index(Indicator.CO2E.value)
STANDING_IN = {Origin.POOL: "pool", Origin.DEFAULT: "default", Origin.OTHER_SITE: "other_site"}

SPLIT = (ChainCause.INTENSITY_WHERE, ChainCause.INTENSITY_ELSEWHERE)
UNSPLIT = (ChainCause.INTENSITY,)
MEASURED, WHOLE = 0, 1 - 1e-9

Cell = tuple[int, int]  # place and column


@dataclass(frozen=True)
class Change:
    """A total's change by cause, with the totals of both periods as they were worked out; float, for one indicator.

    `is_measured`: whether all own effects where an initiative applies are, in both periods.
    """

    before: float
    after: float
    by_cause: Mapping[ChainCause, float]
    is_measured: bool


def chain_change(
    before: Reach, after: Reach, where: frozenset[str] = frozenset()
) -> tuple[Change, ...] | None:
    """The change of the five indicators; None where a mixture of the two periods cannot be solved.

    `where`: ids of products an initiative applies to, whose intensity is then a cause of its own.
    """
    pair = _Pair.of(before, after, where)
    switches = _switches(pair)
    try:
        found = decompose(*_states(pair), switches)
    except EngineError:  # a loop that gains in a mixture of both periods: no line can be drawn
        return None
    return tuple(_change(pair, found, column) for column in range(len(HEADLINE)))


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two periods of a chain and the places of their products on common numbers."""

    before: Reach
    after: Reach
    places: tuple[Sequence[int], Sequence[int]]
    where: frozenset[str]

    @classmethod
    def of(cls, before: Reach, after: Reach, where: frozenset[str]) -> _Pair:
        numbers: dict[str, int] = {}
        places = tuple(
            [numbers.setdefault(_lasting_key(node), len(numbers)) for node in one.nodes]
            for one in (before, after)
        )
        return cls(before, after, (places[0], places[1]), where)

    def in_both(self) -> list[tuple[int, int, int]]:
        """Of products of both periods their place, and their positions before and after."""
        later = {place: position for position, place in enumerate(self.places[1])}
        return [
            (place, position, later[place]) for position, place in enumerate(self.places[0]) if place in later
        ]


def _lasting_key(node: Node) -> str:
    """Measured deliveries are of their period alone; a default is its category, whatever its source that year."""
    return f"default {node.name.partition(' (')[0]}" if node.kind is NodeKind.DEFAULT else node.key


def _states(pair: _Pair) -> tuple[State, State]:
    before, after = (
        PeriodPart(one.part.solution.network, places, one.leaving, is_own_only=one.is_group)
        for one, places in zip((pair.before, pair.after), pair.places, strict=True)
    )
    return two_states(before, after, len(HEADLINE))


def _switches(pair: _Pair) -> list[Switch]:
    """One per cause, each with the parameters it turns."""
    claims = {cause: _Claims() for cause in ChainCause if cause not in (UNSPLIT if pair.where else SPLIT)}
    for one, places in zip((pair.before, pair.after), pair.places, strict=True):
        for position in one.leaving:
            claims[_demand_cause(pair, one.nodes[position])].demand.append(places[position])
    for place, earlier, later in pair.in_both():
        both = _Both(pair.before, earlier, pair.after, later)
        row = _row_cause(both)
        claims[row or ChainCause.MIX].recipes.append(place)
        for column in range(len(HEADLINE)):
            effect = row or _effect_cause(both, column)
            claims[_split(pair, both, effect)].direct.append((place, column))
            claims[_split(pair, both, _declared_cause(both, column))].fixed.append((place, column))
    return [
        Switch(cause, one.demand, one.recipes, direct=one.direct, fixed=one.fixed)
        for cause, one in claims.items()
    ]


@dataclass(frozen=True, eq=False)
class _Claims:
    """The parameters of one cause: places demanded, places whose recipe changes, cells of effects."""

    demand: list[int] = field(default_factory=list)
    recipes: list[int] = field(default_factory=list)
    direct: list[Cell] = field(default_factory=list)
    fixed: list[Cell] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Both:
    """A product in both periods, by its position in each."""

    before: Reach
    earlier: int
    after: Reach
    later: int

    @property
    def nodes(self) -> tuple[Node, Node]:
        """The product before and after."""
        return self.before.nodes[self.earlier], self.after.nodes[self.later]

    @property
    def reaches(self) -> tuple[tuple[Reach, int], tuple[Reach, int]]:
        """Each period's chain with the product's position in it."""
        return (self.before, self.earlier), (self.after, self.later)


def _demand_cause(pair: _Pair, node: Node) -> ChainCause:
    wanted = (pair.before.wanted, pair.after.wanted)
    if pair.before.is_group:
        stays = all(node.organisation in one.members for one in wanted)
    else:
        stays = all(node.product in one.amounts for one in wanted)
    return ChainCause.VOLUME if stays else ChainCause.MEMBERSHIP


def _row_cause(both: _Both) -> ChainCause | None:
    """Why recipe and own effect changed together, where neither says anything of its own."""
    if _each(both, _divided):
        return ChainCause.METHOD
    is_open = any(gap.line for one, at in both.reaches for gap in one.gaps_by_node.get(at, ()))
    return ChainCause.DATA_BASIS if is_open or _each(both, _linking) else None


def _effect_cause(both: _Both, column: int) -> ChainCause:
    indicator = COLUMNS[column]
    if _each(both, lambda one, at: indicator in one.nodes[at].fixed):
        return ChainCause.METHOD
    if _each(both, lambda one, at: (indicator in one.nodes[at].own, _reasons(one, at, indicator))):
        return ChainCause.DATA_BASIS
    if both.nodes[0].kind is NodeKind.DEFAULT or (column == CO2E and _each(both, _gwp_sets)):
        return ChainCause.FACTORS
    return ChainCause.INTENSITY


def _split(pair: _Pair, both: _Both, cause: ChainCause) -> ChainCause:
    """Intensity as where the initiative applies or elsewhere, where one is asked about."""
    if cause is not ChainCause.INTENSITY or not pair.where:
        return cause
    is_where = both.nodes[0].product in pair.where
    return ChainCause.INTENSITY_WHERE if is_where else ChainCause.INTENSITY_ELSEWHERE


def _declared_cause(both: _Both, column: int) -> ChainCause:
    """A footprint that is declared in one period only is another method; a declared one that changed, intensity."""
    if _each(both, lambda one, at: COLUMNS[column] in one.nodes[at].fixed):
        return ChainCause.METHOD
    return ChainCause.FACTORS if both.nodes[0].kind is NodeKind.DEFAULT else ChainCause.INTENSITY


def _each(both: _Both, read: Callable[[Reach, int], object]) -> bool:
    """Whether what is read differs between the periods."""
    (one, earlier), (other, later) = both.reaches
    return read(one, earlier) != read(other, later)


def _linking(one: Reach, position: int) -> frozenset[tuple[str, str]]:
    """Which lines of a recipe are linked, and by what: a supplier's figure, a pool, or something standing in."""
    return frozenset(
        (link.line, STANDING_IN.get(link.origin, "")) for link in one.links_into.get(position, ())
    )


def _reasons(one: Reach, position: int, indicator: str) -> frozenset[str]:
    gaps = one.gaps_by_node.get(position, ())
    return frozenset(gap.reason for gap in gaps if indicator in gap.columns)


def _divided(one: Reach, position: int) -> frozenset[str]:
    datasets = one.nodes[position].datasets
    return frozenset(part for dataset in datasets for part in one.contributors[dataset].divided)


def _gwp_sets(one: Reach, position: int) -> frozenset[str | None]:
    return frozenset(one.contributors[dataset].gwp_set for dataset in one.nodes[position].datasets)


def _change(pair: _Pair, found: Decomposition, column: int) -> Change:
    parts = zip(found.names, found.parts[:, column].tolist(), strict=True)
    return Change(
        float(found.before[column]),
        float(found.after[column]),
        {ChainCause(name): part for name, part in parts},
        all(_is_measured(one, pair.where, column) for one in (pair.before, pair.after)),
    )


def _is_measured(one: Reach, where: frozenset[str], column: int) -> bool:
    positions = [at for at, node in enumerate(one.nodes) if node.product in where]
    return all(float(one.part.arrays.own_shares[at, column, MEASURED]) > WHOLE for at in positions)
