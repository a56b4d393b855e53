"""What turns with which switch between two states of a network: the parameters upstream of the demands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from exchange.engine.cone import part, reached
from exchange.engine.errors import ShapeError
from exchange.engine.network import Flags, Floats, Ids, Network
from exchange.engine.switches import State, Switch, factors

NOBODY = -1
NAMED_AT_MOST = 5
KINDS = ("demand", "links", "direct", "factors", "fixed")
CELLS = {"direct": "the own effect", "factors": "the factor", "fixed": "the declared footprint"}


@dataclass(frozen=True, eq=False)
class _Layer:
    """One kind of parameter, flat: `before`, `after` and the number of the switch that turns each (or NOBODY)."""

    before: Floats
    after: Floats
    owner: Ids

    def changed(self) -> Flags:
        """Where the two states differ; two declared footprints that are both absent do not."""
        return np.asarray(~((self.before == self.after) | (np.isnan(self.before) & np.isnan(self.after))))

    def turned(self, on: Flags) -> Floats:
        """The values with these switches turned; `on` has one entry per switch and a last one, False."""
        return np.where(on[self.owner], self.after, self.before)

    def largest(self) -> Floats:
        """The larger of the two by size, whichever is turned; NaN where neither is there."""
        return np.asarray(np.fmax(np.abs(self.before), np.abs(self.after)))

    def owners(self) -> set[int]:
        """The switches that change anything here."""
        return set(np.unique(self.owner[self.changed()]).tolist()) - {NOBODY}


@dataclass(frozen=True, eq=False)
class Parameters:
    """The parameters upstream of two demands, by kind, for the `products` there (numbers of the caller).

    A subset of switches is a whole number: bit `b` stands for switch `turning[b]`. `turning` are the switches
    that change anything; `structural` has the bits of those that change who takes how much of whom or who
    declares, `demanding` the bits of those that change demand.
    """

    products: Ids
    columns: int
    turning: tuple[int, ...]
    structural: int
    demanding: int
    switches: int
    supplier: Ids
    customer: Ids
    layers: dict[str, _Layer]

    def demand(self, subset: int) -> Floats:
        """The demand with a subset of the switches turned."""
        return self.layers["demand"].turned(self._on(subset))

    def effects(self, subset: int) -> Floats:
        """`(m, k)`: the effect that counts, declared or own, with a subset of the switches turned."""
        direct, factor, fixed = (self._cells(kind, subset) for kind in ("direct", "factors", "fixed"))
        return np.where(np.isnan(fixed), direct * factor, fixed)

    def largest(self, subset: int) -> Network:
        """The network with these structural switches turned, and the largest effects that any subset gives it."""
        size = self.products.size
        amounts = sparse.csr_array(
            (self.layers["links"].turned(self._on(subset)), (self.customer, self.supplier)),
            shape=(size, size),
        )
        amounts.eliminate_zeros()
        direct, factor, fixed = (
            self.layers[kind].largest().reshape(size, self.columns) for kind in ("direct", "factors", "fixed")
        )
        declared = ~np.isnan(self._cells("fixed", subset))
        return Network(amounts, direct * factor, np.where(declared, fixed, np.nan))

    def _cells(self, kind: str, subset: int) -> Floats:
        return self.layers[kind].turned(self._on(subset)).reshape(self.products.size, self.columns)

    def _on(self, subset: int) -> Flags:
        on = np.zeros(self.switches + 1, dtype=bool)
        on[[switch for bit, switch in enumerate(self.turning) if subset >> bit & 1]] = True
        return on


def parameters(before: State, after: State, switches: Sequence[Switch]) -> Parameters:
    """Put two states side by side. Raises `ShapeError` where they do not fit, or no or two switches claim."""
    demands = _demands(before, after)
    products = _upstream_of_both(before.network, after.network, np.flatnonzero(demands.any(axis=0)))
    numbers = _Numbers.of(products, before.network.size, before.network.columns)
    parts = [part(state.network, products) for state in (before, after)]
    links = np.union1d(*(numbers.links_of(network) for network in parts))
    values = {
        "demand": demands[:, products],
        "links": np.stack([_at(links, numbers.links_of(network), network.amounts.data) for network in parts]),
        "direct": np.stack([network.direct.ravel() for network in parts]),
        "factors": np.stack([factors(state)[products].ravel() for state in (before, after)]),
        "fixed": np.stack([network.fixed.ravel() for network in parts]),
    }
    layers = {kind: _layer(kind, values[kind], switches, numbers, links) for kind in KINDS}
    owners = {kind: layer.owners() for kind, layer in layers.items()}
    turning = sorted(set().union(*owners.values()))
    customer, supplier = numbers.ends(links)
    return Parameters(
        products=products,
        columns=numbers.columns,
        turning=tuple(turning),
        structural=_bits(turning, owners["links"] | owners["fixed"]),
        demanding=_bits(turning, owners["demand"]),
        switches=len(switches),
        supplier=supplier,
        customer=customer,
        layers=layers,
    )


def _bits(turning: Sequence[int], some: set[int]) -> int:
    return sum(1 << bit for bit, switch in enumerate(turning) if switch in some)


@dataclass(frozen=True, eq=False)
class _Numbers:
    """How products, links and cells upstream of the demands are counted; `place[product]` or NOBODY."""

    products: Ids
    place: Ids
    columns: int

    @classmethod
    def of(cls, products: Ids, size: int, columns: int) -> _Numbers:
        place = np.full(size, NOBODY, dtype=np.int64)
        place[products] = np.arange(products.size)
        return cls(products, place, columns)

    def links_of(self, network: Network) -> Ids:
        """One number per link of a network of the `products`, ascending."""
        customer = np.repeat(np.arange(network.size), np.diff(network.amounts.indptr))
        return np.asarray(customer * np.int64(max(network.size, 1)) + network.amounts.indices)

    def ends(self, links: Ids) -> tuple[Ids, Ids]:
        """Customer and supplier of links."""
        customer, supplier = np.divmod(links, max(self.products.size, 1))
        return customer, supplier

    def places(self, products: ArrayLike) -> Ids:
        """Where products of the caller stand, NOBODY for those outside. Raises `ShapeError`."""
        asked = np.asarray(products, dtype=np.int64)
        if asked.size and (asked.min() < 0 or asked.max() >= self.place.size):
            raise ShapeError("A switch names a product outside the network.")
        return self.place[asked]

    def cells(self, pairs: Sequence[tuple[int, int]]) -> Ids:
        """Flat positions of cells (product, column) of the products here. Raises `ShapeError`."""
        table = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
        if table.size and (table[:, 1].min() < 0 or table[:, 1].max() >= self.columns):
            raise ShapeError("A switch names a column outside the network.")
        place = self.places(table[:, 0])
        return (place * self.columns + table[:, 1])[place >= 0]

    def claimed(self, kind: str, switch: Switch, links: Ids) -> Ids:
        """Flat positions of the parameters of a kind that a switch names."""
        if kind == "demand":
            place = self.places(switch.demand)
            return place[place >= 0]
        if kind != "links":
            return self.cells(getattr(switch, kind))
        pairs = self.places(np.asarray(switch.links, dtype=np.int64).reshape(-1, 2))
        single = (pairs[:, 0] * self.products.size + pairs[:, 1])[(pairs >= 0).all(axis=1)]
        whole = np.isin(self.ends(links)[0], self.places(switch.recipes))
        return np.flatnonzero(whole | np.isin(links, single))

    def named(self, kind: str, position: int, links: Ids) -> tuple[str, int]:
        """What a parameter is called, and the product it belongs to."""
        if kind == "demand":
            product = int(self.products[position])
            return f"the demand of product {product}", product
        if kind == "links":
            customer, supplier = (int(self.products[end]) for end in self.ends(links[position]))
            return f"the amount of product {supplier} in product {customer}", customer
        row, column = divmod(position, self.columns)
        product = int(self.products[row])
        return f"{CELLS[kind]} of product {product} in column {column}", product


def _layer(kind: str, values: Floats, switches: Sequence[Switch], numbers: _Numbers, links: Ids) -> _Layer:
    layer = _Layer(values[0], values[1], np.full(values.shape[1], NOBODY, dtype=np.int64))
    for number, switch in enumerate(switches):
        claimed = numbers.claimed(kind, switch, links)
        twice = claimed[layer.owner[claimed] != NOBODY]
        twice = twice[layer.owner[twice] != number]
        if twice.size:
            names = [numbers.named(kind, int(position), links) for position in np.unique(twice)]
            raise _refusal(
                f"Two switches, the later {switch.name!r}, claim", names, "Let one switch have each."
            )
        layer.owner[claimed] = number
    missed = np.flatnonzero(layer.changed() & (layer.owner == NOBODY))
    if missed.size:
        names = [numbers.named(kind, int(position), links) for position in missed]
        raise _refusal("No switch claims, though it changes,", names, "Let a switch have what is left.")
    return layer


def _refusal(said: str, names: Sequence[tuple[str, int]], advice: str) -> ShapeError:
    listed = "; ".join(name for name, _ in names[:NAMED_AT_MOST])
    more = ", ..." if len(names) > NAMED_AT_MOST else ""
    nodes = tuple(sorted({product for _, product in names}))
    return ShapeError(f"{said} {listed}{more}.", nodes=nodes, advice=advice)


def _at(links: Ids, own: Ids, amounts: Floats) -> Floats:
    """Amounts of one network over the links of both."""
    result = np.zeros(links.size)
    result[np.searchsorted(links, own)] = amounts
    return result


def _demands(before: State, after: State) -> Floats:
    """Both demands `(2, n)`. Raises `ShapeError`."""
    one, other = before.network, after.network
    if one.direct.shape != other.direct.shape:
        raise ShapeError("Both states must have the same products and columns.")
    demands = [np.asarray(state.demand, dtype=np.float64) for state in (before, after)]
    if any(demand.shape != (one.size,) or not np.isfinite(demand).all() for demand in demands):
        raise ShapeError(f"demand must hold {one.size} finite amounts, one per product.")
    return np.stack(demands)


def _upstream_of_both(one: Network, other: Network, demanded: Ids) -> Ids:
    """What any mixture of the two reaches: a product stops it only where both declare it in every column."""
    stops = (one.declared & other.declared).all(axis=1)
    return reached([one.amounts, other.amounts], np.asarray(stops), demanded)
