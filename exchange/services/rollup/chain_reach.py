"""What of a network a chain reaches, column by column: read once, for its products and all behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isnan

from exchange.domain.linking import COLUMNS, HEADLINE, Gap, Link, Node
from exchange.domain.linking.records import VALUE_ADDED
from exchange.engine.attribution import Tiers, by_tier
from exchange.engine.chain_part import ChainPart, chain_part
from exchange.engine.demand import final_demand
from exchange.engine.network import Floats
from exchange.engine.reconciliation import reconcile
from exchange.services.rollup.contributors import Contributor, Contributors
from exchange.services.rollup.network_view import NetworkView
from exchange.services.rollup.rolled import Rolled
from exchange.services.rollup.solving import Solved
from exchange.services.rollup.wanted import ChainKind, Wanted

RECIPES = COLUMNS.index(VALUE_ADDED)  # never declared, so its activity follows every recipe
UPSTREAM_GAPS = frozenset(
    {
        "recipe_missing", "inputs_unstated", "no_delivery", "no_dataset", "no_consent", "pool_without_key",
        "default_without",
    }
)  # fmt: skip

TIERS = 4

Reading = tuple[int, float, float, bool]  # position, declared, rolled up, whether declared counts
Units = Mapping[int, float]  # by position in the part
Missing = Mapping[str, str | None]
MISSING_MEMBERS = ("reason", "name", "party", "holder", "holder_product", "part")


@dataclass(frozen=True, eq=False)
class Reach:
    """A chain in a period: its `part` of the network, with nodes, gaps and links by position in it.

    `core`: units of the targets asked for, or of all that members produced. `demand`: what leaves the targets
    (product chains). `counted` by headline column: units of every product whose effect is in the total.
    `beside`: those whose effect stands beside it, upstream of a group. `lacking`: what no node stands for.
    """

    wanted: Wanted
    part: ChainPart
    nodes: Sequence[Node]
    gaps: Sequence[Gap]
    links: Sequence[Link]
    core: Units
    demand: Floats | None
    counted: Sequence[Units]
    beside: Sequence[Units]
    lacking: tuple[Missing, ...]
    contributors: Mapping[str, Contributor]

    @property
    def is_group(self) -> bool:
        """Whether it consists of organisations."""
        return self.wanted.kind is not ChainKind.PRODUCT

    @cached_property
    def links_into(self) -> Mapping[int, Sequence[Link]]:
        """Links by customer."""
        found: dict[int, list[Link]] = {}
        for link in self.links:
            found.setdefault(link.customer, []).append(link)
        return found

    @cached_property
    def gaps_by_node(self) -> Mapping[int, Sequence[Gap]]:
        """Gaps by position."""
        found: dict[int, list[Gap]] = {}
        for gap in self.gaps:
            found.setdefault(gap.node, []).append(gap)
        return found

    @cached_property
    def netting(self) -> frozenset[int]:
        """Products whose recipes lead to a target: they say what leaves the targets, also where they declare."""
        customers: dict[int, list[int]] = {}
        for link in self.links if self.demand is not None else ():
            customers.setdefault(link.supplier, []).append(link.customer)
        found: set[int] = set()
        front = list(self.core)
        while front:
            new = [one for one in customers.get(front.pop(), ()) if one not in found]
            found.update(new)
            front += new
        return frozenset(found)

    @property
    def leaving(self) -> Units:
        """What the total is of: the demand on the targets, or all that members produced."""
        if self.demand is None:
            return self.core
        return {one: float(self.demand[one]) for one in self.core}

    @cached_property
    def tiers(self) -> Tiers | None:
        """The totals by tier, and the rest behind them; a group has none."""
        return None if self.demand is None else by_tier(self.part.solution, self.demand, TIERS)

    @cached_property
    def readings(self) -> Sequence[Sequence[Reading]]:
        """By headline column the products that declare a footprint and have a recipe; a group has none."""
        found: list[list[Reading]] = [[] for _ in HEADLINE]
        if self.demand is not None:
            both = reconcile(self.part.solution, self.part.arrays.stated)
            columns = zip(
                both.products, both.columns, both.declared, both.rolled_up, both.counts, strict=True
            )
            for position, column, declared, rolled_up, counts in columns:
                if column < len(HEADLINE) and not isnan(rolled_up):
                    found[column].append((int(position), float(declared), float(rolled_up), bool(counts)))
        return found

    def is_recipe_whole(self, position: int, column: int) -> bool:
        """Whether a product's own effect and all that its recipe leads to is known.

        A column that is declared has no gap of its own: then those of the other columns tell of the recipe.
        """
        own = self.gaps_by_node.get(position, ())
        if COLUMNS[column] not in self.nodes[position].own or any(gap.reason in UPSTREAM_GAPS for gap in own):
            return False
        suppliers = (link.supplier for link in self.links_into.get(position, ()))
        return not any(self.part.at_least[one, column] for one in suppliers)

    def effect(self, position: int, column: int) -> float:
        """What one unit adds to the total: declared or own; in a group always own."""
        network = self.part.solution.network
        table = network.direct if self.is_group else network.effects
        return float(table[position, column])

    def has_effect(self, position: int, indicator: str) -> bool:
        """Whether what `effect` says is known."""
        node = self.nodes[position]
        return indicator in node.own or (indicator in node.fixed and not self.is_group)

    def gaps_at(self, positions: Iterable[int], indicator: str) -> list[Gap]:
        """The gaps of an indicator at some positions."""
        gaps = (gap for one in sorted(positions) for gap in self.gaps_by_node.get(one, ()))
        return [gap for gap in gaps if indicator in gap.columns]


def reach(rolled: Rolled, wanted: Wanted, contributors: Contributors) -> Reach | None:
    """Read what a chain reaches; None where none of its targets or members has any data."""
    if rolled.solved is None:
        return None
    if wanted.kind is ChainKind.PRODUCT:
        core = {
            number: float(amount) * float(share)
            for product, parts in rolled.view.outputs(wanted.amounts).items()
            for number, share in parts
            if (amount := wanted.amounts[product]) > 0
        }
        lacking = _targets_missing(rolled.view, wanted)
    else:
        core, lacking = _produced(rolled.view, wanted)
    return _read(rolled, rolled.solved, wanted, core, lacking, contributors) if core else None


def _read(
    rolled: Rolled,
    solved: Solved,
    wanted: Wanted,
    core: Mapping[int, float],
    lacking: tuple[Missing, ...],
    contributors: Contributors,
) -> Reach:
    part = chain_part(solved.arrays, solved.solution, solved.quality, core)
    places, view = part.places, rolled.view
    nodes = view.nodes(part.numbers)
    placed = {places[number]: amount for number, amount in core.items()}
    demand = final_demand(part.solution, placed, RECIPES) if wanted.kind is ChainKind.PRODUCT else None
    members = [places[number] for number in part.numbers if nodes[number].organisation in wanted.members]
    counted, beside = _activities(part, placed, members, demand)
    return Reach(
        wanted,
        part,
        [nodes[number] for number in part.numbers],
        [replace(gap, node=places[gap.node]) for gap in view.gaps(part.numbers)],
        [
            replace(link, supplier=places[link.supplier], customer=places[link.customer])
            for link in view.links_into(part.numbers)
            if link.supplier in places  # else declared in every column
        ],
        placed,
        demand,
        counted,
        beside,
        lacking,
        contributors.of(dataset for node in nodes.values() for dataset in node.datasets),
    )


def _activities(
    part: ChainPart, core: Units, members: Sequence[int], demand: Floats | None
) -> tuple[list[Units], list[Units]]:
    """What counts and what stands beside it, for each headline column."""
    counted: list[Units] = [core] * len(HEADLINE)
    beside: list[Units] = [{}] * len(HEADLINE)
    for pattern in part.solution.network.patterns():
        several = [column for column in pattern if column < len(HEADLINE)]
        if not several:
            continue
        if demand is None:
            outside = part.outside(core, members, several[0])
            for column in several:
                beside[column] = outside
        else:
            active = part.active(demand, several[0])
            for column in several:
                counted[column] = active
    return counted, beside


def _produced(view: NetworkView, wanted: Wanted) -> tuple[dict[int, float], tuple[Missing, ...]]:
    """What each product of the members was produced of; a product without it, and a member without any, is a gap."""
    nodes = view.nodes(view.of_organisations(wanted.members))
    core = {number: float(node.produced) for number, node in nodes.items() if node.produced}
    lacking = [
        _missing("output_missing", node.name, node.organisation, node.organisation, node.product)
        for node in nodes.values()
        if node.produced is None
    ]
    present = {node.organisation for node in nodes.values()}
    lacking += [
        _missing("member_missing", name, one, one, None)
        for one, name in wanted.members.items()
        if one not in present
    ]
    return core, tuple(sorted(lacking, key=_order))


def _targets_missing(view: NetworkView, wanted: Wanted) -> tuple[Missing, ...]:
    known = view.outputs(wanted.amounts)
    return tuple(
        _missing("target_missing", "", "", "", product)
        for product in sorted(wanted.amounts)
        if product not in known
    )


def missing_of(reach: Reach, gaps: Iterable[Gap], part: str = "") -> tuple[Missing, ...]:
    """Each gap once: why, what, who could close it, and whose recipe or dataset it is in."""
    found = {}
    for gap in gaps:
        node = reach.nodes[gap.node]
        one = _missing(gap.reason, gap.name, gap.party, node.organisation, node.product, part)
        found[_order(one)] = one
    return tuple(found[key] for key in sorted(found))


def _missing(
    reason: str, name: str, party: str | None, holder: str | None, product: str | None, part: str = ""
) -> Missing:
    values = (reason, name, party or "", holder or "", product or "", part)
    return dict(zip(MISSING_MEMBERS, values, strict=True))


def _order(missing: Missing) -> tuple[str, ...]:
    return tuple(missing[name] or "" for name in MISSING_MEMBERS)
