"""The build itself: nodes, links with netting, declared footprints, pools and gaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from exchange.domain.linking.align import Receipt, align_deliveries, align_products
from exchange.domain.linking.errors import LinkingError
from exchange.domain.linking.gaps import at_least, gaps_of
from exchange.domain.linking.inputs import Input, declared_columns, input_mass, links_of, own_after_netting
from exchange.domain.linking.ladder import Sources
from exchange.domain.linking.makings import Making, parted_by_measurement, with_by_products
from exchange.domain.linking.pool import spread_unclaimed
from exchange.domain.linking.records import (
    SECONDARY,
    CategoryDefault,
    Effect,
    LinkingInput,
    Prefer,
    ProductDataset,
)
from exchange.domain.linking.result import LinkedNetwork, Node, NodeKind


def link(given: LinkingInput) -> LinkedNetwork:
    """Build the network of a period (method section 3). The order of what is given does not matter.

    Raises `LinkingError` naming the product when deliveries exceed what there was, nothing was produced, a
    unit leads nowhere, more is explained than there is, or a remainder would be negative.
    """
    makings, receipts = _makings(given)
    valid = [default for default in given.defaults if default.valid.overlap_days(given.period)]
    sources = Sources(makings, receipts, given.known, valid)
    inputs = {making.key: _inputs(making, sources) for making in makings}
    everyone = sorted([*makings, *_defaults_used(inputs, given)], key=lambda making: making.key)
    suppliers = {making.key: making for making in everyone}
    index = {making.key: position for position, making in enumerate(everyone)}
    pooled = spread_unclaimed(makings, receipts, sources, index)
    nodes, links, gaps = [], list(pooled.links), []
    for position, making in enumerate(everyone):
        own_inputs = inputs.get(making.key, ())
        node = _node(making, own_inputs, suppliers, given.prefer)
        nodes.append(node)
        links += links_of(making, own_inputs, suppliers, index)
        gaps += gaps_of(position, making, own_inputs, node.fixed, pooled.missing.get(making.key, ()))
    reach = at_least(nodes, links, gaps)
    return LinkedNetwork(tuple(nodes), tuple(links), tuple(gaps), _outputs(makings, index), reach)


def _inputs(making: Making, sources: Sources) -> tuple[Input, ...]:
    return tuple(Input(line, tuple(sources.of_line(making, line))) for line in making.dataset.recipe or ())


def _makings(given: LinkingInput) -> tuple[list[Making], tuple[Receipt, ...]]:
    stated = align_products(given.products, given.period)
    receipts = align_deliveries(given.deliveries, stated, given.known, given.period)
    made, by_products = with_by_products(stated, receipts, given.known)
    outgoing: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        outgoing[receipt.product].append(receipt)
    makings: list[Making] = []
    for product, dataset in sorted(made.items()):
        _check_balance(dataset, outgoing[product])
        kind = NodeKind.BY_PRODUCT if product in by_products else NodeKind.PRODUCT
        makings += parted_by_measurement(dataset, outgoing[product], kind)
    return makings, receipts


def _check_balance(dataset: ProductDataset, receipts: Iterable[Receipt]) -> None:
    delivered = sum((receipt.amount for receipt in receipts), Fraction(0))
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


def _node(making: Making, inputs: Sequence[Input], suppliers: Mapping[str, Making], prefer: Prefer) -> Node:
    dataset = making.dataset
    return Node(
        key=making.key,
        kind=making.kind,
        product=dataset.product or None,
        organisation=dataset.organisation or None,
        name=dataset.name,
        unit=dataset.unit,
        own=own_after_netting(making, inputs, suppliers),
        declared=dataset.declared,
        fixed=declared_columns(making, inputs, suppliers, prefer),
        produced=dataset.produced,
        mass=dataset.mass,
        input_mass=input_mass(inputs),
        price_basis=dataset.price_basis,
        datasets=dataset.datasets,
    )


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
        result[product] = tuple(
            (index[making.key], amount / sum(produced))
            for making, amount in zip(parts, produced, strict=True)
        )
    return result
