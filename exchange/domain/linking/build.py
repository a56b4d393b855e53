"""The build itself: nodes, links with netting, declared footprints, pools and gaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from exchange.domain.linking.align import align_products
from exchange.domain.linking.beside_co2e import bounded, with_bounds, with_credits
from exchange.domain.linking.by_products import with_by_products
from exchange.domain.linking.counts import refuse_too_many
from exchange.domain.linking.errors import LinkingError, Refusals
from exchange.domain.linking.gaps import gaps_of, unit_mass
from exchange.domain.linking.inputs import Input, links_of
from exchange.domain.linking.intake import Intake
from exchange.domain.linking.ladder import Part, Sources
from exchange.domain.linking.makings import (
    Making,
    parted_by_measurement,
    without_figures,
)
from exchange.domain.linking.netting import carried, not_netted, own_after_netting
from exchange.domain.linking.pool import pool_links, spread_unclaimed
from exchange.domain.linking.readings import declared_columns
from exchange.domain.linking.receipts import Receipt, receipts_of
from exchange.domain.linking.records import (
    SECONDARY,
    CategoryDefault,
    Effect,
    LinkingInput,
    Prefer,
    ProductDataset,
)
from exchange.domain.linking.result import Gap, Link, LinkedNetwork, Node, NodeKind
from exchange.domain.linking.sizes import refuse_unfit, tamed, within_length


def link(given: LinkingInput) -> LinkedNetwork:
    """Build the network of a period (method section 3). The order of what is given does not matter.

    A product whose data cannot be used (deliveries exceed what there was, nothing was produced, a unit leads
    nowhere, more is explained than there is, a remainder would be negative) is a gap, named in `refusals` with
    what to correct; the rest goes on without it.
    """
    refusals = Refusals(given.refused)
    given = bounded(tamed(given, refusals))
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
    refuse_too_many(makings, receipts, sources, refusals)
    inputs: dict[str, tuple[Input, ...]] = {}
    for making in makings:
        with refusals.kept():
            inputs[making.key] = _inputs(making, sources)
    everyone = sorted([*makings, *_defaults_used(inputs, given)], key=lambda making: making.key)
    pools = spread_unclaimed(makings, receipts, sources)
    intakes = [Intake(making, inputs.get(making.key, ()), pools.get(making.key, ())) for making in everyone]
    network = _Parts(intakes, given.prefer, refusals)
    nodes, links, gaps = network.join()
    outputs = _outputs(makings, network.index)
    return LinkedNetwork(tuple(nodes), tuple(links), tuple(gaps), outputs, refusals.by_product())


class _Parts:
    """The nodes of a network with what goes into each, on their way to become one."""

    def __init__(self, intakes: Sequence[Intake], prefer: Prefer, refusals: Refusals) -> None:
        self._intakes = intakes
        self._makings = [intake.making for intake in intakes]
        self.index = {making.key: position for position, making in enumerate(self._makings)}
        self._suppliers = {making.key: making for making in self._makings}
        self._prefer, self._refusals = prefer, refusals

    def join(self) -> tuple[list[Node], list[Link], list[Gap]]:
        """Nodes after netting, their links, and their gaps."""
        links = self._links()
        arriving = carried(self._makings, links)
        nodes, gaps = [], []
        for position, intake in enumerate(self._intakes):
            fixed = declared_columns(intake, self._suppliers, self._prefer)
            own = intake.making.dataset.own
            with self._refusals.kept():
                own = own_after_netting(intake, arriving)
            nodes.append(_node(intake, own, fixed))
            gaps += gaps_of(position, intake, fixed, not_netted(intake, arriving))
        refuse_unfit(nodes, links, self._refusals)
        return nodes, links, gaps

    def _links(self) -> list[Link]:
        links: list[Link] = []
        for intake in self._intakes:
            links += pool_links(intake.making, intake.pooled, self.index)
            with self._refusals.kept():
                links += links_of(intake.making, intake.inputs, self._suppliers, self.index)
        return links


def _inputs(making: Making, sources: Sources) -> tuple[Input, ...]:
    if making.refused or sources.is_refused(making):
        return ()
    found: dict[object, tuple[Part, ...]] = {}
    for line in making.dataset.recipe or ():
        if line.alike not in found:
            found[line.alike] = tuple(sources.of_line(making, line))
    return tuple(Input(line, found[line.alike]) for line in making.dataset.recipe or ())


def _makings(given: LinkingInput, refusals: Refusals) -> tuple[list[Making], tuple[Receipt, ...]]:
    stated = align_products(given.products, given.period, refusals)
    receipts = receipts_of(given.deliveries, stated, given.known, given.period, refusals)
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
    """Deliveries against output, on the days the product's datasets are about.

    More delivered than was made in the period is no contradiction where it is less than was made on all days of
    the datasets: an output cut by days says nothing of when it was made, a delivery does.
    """
    delivered = outside = Fraction(0)
    for receipt in receipts:
        delivered = within_length(delivered + receipt.within, dataset)
        outside = within_length(outside + receipt.outside, dataset)
    if dataset.produced is None or delivered <= dataset.produced + dataset.stock_drawn:
        return
    if dataset.uncut is None or delivered + outside > dataset.uncut.available:
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
    effects = {column: Effect(amount, SECONDARY) for column, amount in default.effects.items()}
    return ProductDataset(
        product="",
        name=f"{default.category} ({default.source})",
        organisation="",
        category=default.category,
        unit=default.unit,
        period=given.period,
        own=with_credits(with_bounds(effects)),
        recipe=(),
    )


def _node(intake: Intake, own: Mapping[str, Effect], fixed: frozenset[str]) -> Node:
    dataset = intake.making.dataset
    return Node(
        key=intake.making.key,
        kind=intake.making.kind,
        product=dataset.product or None,
        organisation=dataset.organisation or None,
        name=dataset.name,
        unit=dataset.unit,
        own=own,
        declared=dataset.declared,
        fixed=fixed,
        produced=dataset.produced,
        mass=dataset.mass,
        input_mass=_stated_mass(intake),
        price_basis=dataset.price_basis,
        datasets=dataset.datasets,
    )


def _stated_mass(intake: Intake) -> Fraction | None:
    """The input mass of a node; of one without a recipe what was pooled, the rest stands with its gap."""
    if intake.making.refused:
        return unit_mass(intake.making)
    if intake.making.dataset.recipe is None:
        return intake.pooled_mass or None
    return intake.mass


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
        whole = sum(produced, Fraction(0))
        result[product] = tuple(
            (index[making.key], amount / whole) for making, amount in zip(parts, produced, strict=True)
        )
    return result
