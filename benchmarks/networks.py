"""Made-up supply networks for the roll-up's benchmarks, of the shapes in which networks of products come.

Products stand in ten tiers and take 5 to 10 inputs, mostly from tiers above them and more often from popular ones;
2 % of the links run back (a by-product returns to somebody upstream) and tie most products into one large loop.
Inputs are 48 to 88 % of a product's value. Every product has a unit of its own, and ids are shuffled.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]

CLUSTER, HUBS, INSIDE = 200, 100, 0.85
BACK, TIERS = 0.02, 10


class Links(NamedTuple):
    """What `Network.from_edges` takes."""

    supplier: Ids
    customer: Ids
    per_unit: Floats
    direct: Floats


def clustered(products: int, columns: int, seed: int = 1) -> Links:
    """85 % of the links inside clusters of 200 products, the others from 100 hubs."""
    random = np.random.default_rng(seed)
    customer = _customers(random, np.arange(products) % CLUSTER >= CLUSTER // TIERS)
    place = customer % CLUSTER
    inside = customer - place + _upstream(random, place, CLUSTER)
    hubs = random.choice(random.choice(products, HUBS, replace=False), customer.size)
    supplier = np.where(random.random(customer.size) < INSIDE, inside, hubs)
    return _valued(random, supplier, customer, products, columns)


def scattered(products: int, columns: int, seed: int = 1) -> Links:
    """Links from any product of a tier above, at random."""
    random = np.random.default_rng(seed)
    customer = _customers(random, np.arange(products) >= products // TIERS)
    return _valued(random, _upstream(random, customer, products), customer, products, columns)


def _customers(random: np.random.Generator, made: NDArray[np.bool_]) -> Ids:
    """Each product that is `made` 5 to 10 times; the first tier is raw material and takes nothing."""
    return np.repeat(np.arange(made.size), np.where(made, random.integers(5, 11, made.size), 0))


def _upstream(random: np.random.Generator, place: Ids, size: int) -> Ids:
    """Places in tiers above `place`, low ones more often."""
    reach = place * TIERS // size * size // TIERS
    return (reach * random.random(place.size) ** 1.5).astype(np.int64)


def _valued(random: np.random.Generator, supplier: Ids, customer: Ids, products: int, columns: int) -> Links:
    """Some links turned round; amounts by value, in each product's own unit; ids shuffled.

    What comes back is 1 to 20 % of a recipe.
    """
    back = random.random(supplier.size) < BACK
    supplier, customer = np.where(back, customer, supplier), np.where(back, supplier, customer)
    value = random.exponential(size=supplier.size)
    returned = random.uniform(0.01, 0.20, products)
    share = np.where(back, returned[customer], 1 - returned[customer])
    recipe = customer + products * back
    share *= random.uniform(0.48, 0.88, products)[customer] / np.bincount(recipe, value)[recipe]
    price = random.lognormal(0.0, 1.0, products)
    shuffled = random.permutation(products)
    direct = np.empty((products, columns))
    direct[shuffled] = random.lognormal(size=(products, columns)) * price[:, None]
    per_unit = value * share * price[customer] / price[supplier]
    return Links(shuffled[supplier], shuffled[customer], per_unit, direct)
