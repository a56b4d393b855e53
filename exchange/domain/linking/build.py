"""The build itself: nodes, links with netting, declared footprints, pools and gaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from exchange.domain.linking.align import Receipt, align_deliveries, align_products
from exchange.domain.linking.errors import LinkingError, Refusals
from exchange.domain.linking.gaps import at_least, gaps_of, unit_mass
from exchange.domain.linking.inputs import Input, links_of
from exchange.domain.linking.ladder import Sources
from exchange.domain.linking.makings import (
    Making,
    parted_by_measurement,
    with_by_products,
    without_figures,
)
from exchange.domain.linking.netting import carried, input_mass, not_netted, own_after_netting
from exchange.domain.linking.pool import Pooled, pool_links, pooled_mass, spread_unclaimed
from exchange.domain.linking.readings import declared_columns
from exchange.domain.linking.records import (
    SECONDARY,
    CategoryDefault,
    Effect,
    LinkingInput,
    Prefer,
    ProductDataset,
)
from exchange.domain.linking.result import Gap, Link, LinkedNetwork, Node, NodeKind


def link(given: LinkingInput) -> LinkedNetwork:
    """Build the network of a period (method section 3). The order of what is given does not matter.

    A product whose data cannot be used (deliveries exceed what there was, nothing was produced, a unit leads
    nowhere, more is explained than there is, a remainder would be negative) is a gap, named in `refusals` with
    what to correct; the rest goes on without it.
    """
    refusals = Refusals(given.refused)
    while True:
        before = len(refusals)
        network = _attempt(given, refusals)
        if len(refusals) == before:
            return network


def _attempt(given: LinkingInput, refusals: Refusals) -> LinkedNetwork:
    """The network without the products refused before; what is refused on the way asks for another attempt."""
    makings, receipts = _makings(given, refusals)
    valid = [default for default in given.defaults if default.valid.overlap_days(given.period)]
    sources = Sources(makings, receipts, given.known, valid, refusals)
    inputs: dict[str, tuple[Input, ...]] = {}
    for making in makings:
        with refusals.kept():
            inputs[making.key] = _inputs(making, sources)
    everyone = sorted([*makings, *_defaults_used(inputs, given)], key=lambda making: making.key)
    pools = spread_unclaimed(makings, receipts, sources)
    network = _Parts(everyone, inputs, pools, given.prefer, refusals)
    nodes, links, gaps = network.join()
    reach = at_least(nodes, links, gaps)
    outputs = _outputs(makings, network.index)
    return LinkedNetwork(tuple(nodes), tuple(links), tuple(gaps), outputs, reach, refusals.by_product())


class _Parts:
    """The nodes of a network with what goes into each, on their way to become one."""

    def __init__(
        self,
        makings: Sequence[Making],
        inputs: Mapping[str, tuple[Input, ...]],
        pools: Mapping[str, tuple[Pooled, ...]],
        prefer: Prefer,
        refusals: Refusals,
    ) -> None:
        self.index = {making.key: position for position, making in enumerate(makings)}
        self._makings, self._inputs, self._pools = makings, inputs, pools
        self._suppliers = {making.key: making for making in makings}
        self._prefer, self._refusals = prefer, refusals

    def join(self) -> tuple[list[Node], list[Link], list[Gap]]:
        """Nodes after netting, their links, and their gaps."""
        links = self._links()
        arriving = carried(self._makings, links)
        nodes, gaps = [], []
        for position, making in enumerate(self._makings):
            inputs, pooled = self._inputs.get(making.key, ()), self._pools.get(making.key, ())
            fixed = declared_columns(making, inputs, pooled, self._suppliers, self._prefer)
            own = making.dataset.own
            with self._refusals.kept():
                own = own_after_netting(making, inputs, pooled, arriving)
            nodes.append(_node(making, own, fixed, _stated_mass(making, inputs, pooled)))
            gaps += gaps_of(position, making, inputs, pooled, fixed, not_netted(making, pooled, arriving))
        return nodes, links, gaps

    def _links(self) -> list[Link]:
        links: list[Link] = []
        for making in self._makings:
            links += pool_links(making, self._pools.get(making.key, ()), self.index)
            with self._refusals.kept():
                links += links_of(making, self._inputs.get(making.key, ()), self._suppliers, self.index)
        return links


def _inputs(making: Making, sources: Sources) -> tuple[Input, ...]:
    if making.refused:
        return ()
    return tuple(Input(line, tuple(sources.of_line(making, line))) for line in making.dataset.recipe or ())


def _makings(given: LinkingInput, refusals: Refusals) -> tuple[list[Making], tuple[Receipt, ...]]:
    stated = align_products(given.products, given.period, refusals)
    receipts = align_deliveries(given.deliveries, stated, given.known, given.period, refusals)
    made, by_products = with_by_products(stated, receipts, given.known, refusals)
    outgoing: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        outgoing[receipt.product].append(receipt)
    makings: list[Making] = []
    for product, dataset in sorted(made.items()):
        kind = NodeKind.BY_PRODUCT if product in by_products else NodeKind.PRODUCT
        with refusals.kept():
            _check_balance(dataset, outgoing[product])
            parts = parted_by_measurement(dataset, outgoing[product], kind)
        makings += (without_figures(dataset, kind),) if product in refusals else parts
    return makings, receipts


def _check_balance(dataset: ProductDataset, receipts: Iterable[Receipt]) -> None:
    """Deliveries against output, on the days the product's datasets are about."""
    delivered = sum((receipt.within for receipt in receipts), Fraction(0))
    if dataset.produced is not None and delivered > dataset.produced + dataset.stock_drawn:
        raise LinkingError(
            "balance",
            dataset.product,
            f"More of {dataset.name} was delivered ({float(delivered):g} {dataset.unit.value}) than was produced "
            f"and drawn from stock ({float(dataset.produced + dataset.stock_drawn):g}).",
            "State what was drawn from stock, or correct the deliveries or the amount produced.",
        )


def _defaults_used(inputs: Mapping[str, Sequence[Input]], given: LinkingInput) -> list[Making]:
    used = {
        source.key: source.default
        for entries in inputs.values()
        for entry in entries
        for source in entry.sources
        if source.default is not None
    }
    return [
        Making(key, NodeKind.DEFAULT, _as_dataset(default, given)) for key, default in sorted(used.items())
    ]


def _as_dataset(default: CategoryDefault, given: LinkingInput) -> ProductDataset:
    return ProductDataset(
        product="",
        name=f"{default.category} ({default.source})",
        organisation="",
        category=default.category,
        unit=default.unit,
        period=given.period,
        own={column: Effect(amount, SECONDARY) for column, amount in default.effects.items()},
        recipe=(),
    )


def _node(making: Making, own: Mapping[str, Effect], fixed: frozenset[str], mass: Fraction | None) -> Node:
    dataset = making.dataset
    return Node(
        key=making.key,
        kind=making.kind,
        product=dataset.product or None,
        organisation=dataset.organisation or None,
        name=dataset.name,
        unit=dataset.unit,
        own=own,
        declared=dataset.declared,
        fixed=fixed,
        produced=dataset.produced,
        mass=dataset.mass,
        input_mass=mass,
        price_basis=dataset.price_basis,
        datasets=dataset.datasets,
    )


def _stated_mass(making: Making, inputs: Sequence[Input], pooled: Sequence[Pooled]) -> Fraction | None:
    """The input mass of a node; of one without a recipe what was pooled, the rest stands with its gap."""
    if making.refused:
        return unit_mass(making)
    if making.dataset.recipe is None:
        return pooled_mass(pooled) or None
    return input_mass(making, inputs, pooled)


def _outputs(
    makings: Sequence[Making], index: Mapping[str, int]
) -> dict[str, tuple[tuple[int, Fraction], ...]]:
    """For each product its nodes and the share of its output each makes up."""
    several: dict[str, list[Making]] = defaultdict(list)
    for making in makings:
        several[making.dataset.product].append(making)
    result: dict[str, tuple[tuple[int, Fraction], ...]] = {}
    for product, parts in several.items():
        if len(parts) == 1:
            result[product] = ((index[parts[0].key], Fraction(1)),)
            continue
        produced = [making.dataset.produced or Fraction(0) for making in parts]
        if not any(produced):
            produced = [Fraction(1)] * len(parts)
        result[product] = tuple(
            (index[making.key], amount / sum(produced))
            for making, amount in zip(parts, produced, strict=True)
        )
    return result
