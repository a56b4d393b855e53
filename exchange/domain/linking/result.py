"""What comes out of linking: nodes, links and gaps, still exact and still named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from exchange.domain.linking.errors import LinkingError
from exchange.domain.linking.records import Effect
from exchange.domain.quantities import UnitCode


class NodeKind(StrEnum):
    """Why a node stands in the network."""

    PRODUCT = "product"
    DELIVERY = "delivery"
    BY_PRODUCT = "by_product"
    DEFAULT = "default"


class Origin(StrEnum):
    """Where a link comes from, best first; the last two spread or stand in."""

    DELIVERY = "delivery"
    SUPPLIER_DATASET = "supplier_dataset"
    OTHER_SITE = "other_site"
    DEFAULT = "default"
    POOL = "pool"


@dataclass(frozen=True)
class Node:
    """A product (its period average), a measured delivery, a by-product or a category default.

    `own`: effects per unit after netting. `declared`: stated footprints; those in `fixed` count in place of
    the recipe. `input_mass`: kg of inputs per unit, the greater of what lines and pooled deliveries weigh and
    of the maker's own resources before netting; None where nothing states a mass. Where the recipe is missing
    it is what was pooled, and the rest is with that gap.
    `price_basis`: what its value added is counted in. `datasets`: whose figures are in it, by dataset id.
    """

    key: str
    kind: NodeKind
    product: str | None
    organisation: str | None
    name: str
    unit: UnitCode
    own: Mapping[str, Effect]
    declared: Mapping[str, Effect]
    fixed: frozenset[str]
    produced: Fraction | None
    mass: Fraction | None
    input_mass: Fraction | None
    price_basis: str | None
    datasets: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """`per_unit` units of node `supplier` in one unit of node `customer`; `measured` share of that amount.

    `mass`: kg of the customer's stated input mass that comes this way. `key`: what a pool was spread by.
    """

    supplier: int
    customer: int
    per_unit: Fraction
    measured: Fraction
    origin: Origin
    line: str = ""
    mass: Fraction | None = None
    key: str = ""


def merged(links: Iterable[Link]) -> list[Link]:
    """Links of one node, those of the same supplier and origin made one: amounts and masses add, measured by amount.

    What has a mass stays apart from what has none. It bears the number of the first line; an amount of zero is no link.
    """
    sums: dict[tuple[object, ...], list[Link]] = {}
    for link in links:
        if link.per_unit:
            sums.setdefault((link.supplier, link.origin, link.mass is None, link.key), []).append(link)
    return [several[0] if len(several) == 1 else _one(several) for several in sums.values()]


def _one(links: Sequence[Link]) -> Link:
    amount = sum((link.per_unit for link in links), Fraction(0))
    measured = sum((link.per_unit * link.measured for link in links), Fraction(0)) / amount
    masses = [link.mass for link in links if link.mass is not None]
    return replace(
        links[0], per_unit=amount, measured=measured, mass=sum(masses, Fraction(0)) if masses else None
    )


@dataclass(frozen=True)
class Gap:
    """What is not known at a node, for the columns named; totals downstream are "at least".

    `reason`: own_missing, own_incomplete, recipe_missing, inputs_unstated, no_delivery, no_dataset, no_consent,
    data_refused, pool_without_key, pool_not_netted. `party`: the organisation that could close it, where that is known.
    `mass`: kg of input per unit that is not covered.
    """

    node: int
    columns: frozenset[str]
    reason: str
    name: str
    party: str | None = None
    line: str = ""
    mass: Fraction | None = None


@dataclass(frozen=True)
class LinkedNetwork:
    """The network of a period. `outputs`: for each product its nodes and the share of output each makes up.

    `refusals`: why the figures of a product count for nothing in this network, by product.
    """

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    gaps: tuple[Gap, ...]
    outputs: Mapping[str, tuple[tuple[int, Fraction], ...]]
    refusals: Mapping[str, LinkingError]
