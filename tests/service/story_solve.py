"""The story worked out a second time: plain floats and numpy's dense solver, nothing of the calculator or the roll-up.

Keys, by-products, factors and netting are written down anew here, from the method page and the factors' sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from exchange.demo.story.deliveries import DELIVERIES, SITES
from exchange.demo.story.model import Bill, Input, Site
from exchange.demo.story.products import DECLARED, PRODUCTS
from exchange.domain.calculation.account import Energy, KeyMethod, Water
from exchange.domain.indicators import Indicator

PRODUCT = {product.key: product for product in PRODUCTS}
SITE: dict[str, Site] = {product: site for site in SITES for product in site.products}
MEASURED = next(delivery for delivery in DELIVERIES if delivery.measured)
INDICATORS = tuple(Indicator)
# kg CO2e per kWh: BR18 annex 2 table 8 by year; 56.1 kg/GJ of gas; methane and nitrous oxide of wood 1.9 kg/GJ.
FACTORS: Mapping[str, Mapping[int, float]] = {
    "electricity_grid": {2023: 0.187, 2024: 0.161, 2025: 0.135},
    "district_heat": {2023: 0.105, 2024: 0.0964, 2025: 0.0878},
    "natural_gas": dict.fromkeys((2023, 2024, 2025), 56.1 * 0.0036),
    "wood": dict.fromkeys((2023, 2024, 2025), 1.9 * 0.0036),
}


@dataclass(frozen=True)
class Use:
    """What one bill comes to for one declared unit of a product, to six digits."""

    bill: Bill
    amount: float

    def effect(self, indicator: Indicator, year: int) -> float:
        """What it adds to an own indicator."""
        what = self.bill.what
        if isinstance(what, Energy):
            if indicator is Indicator.ENERGY:
                return self.amount * 3.6
            is_surplus = self.bill.category == "surplus-heat"  # no fuel is burnt for it
            return (
                0.0
                if indicator is not Indicator.CO2E or is_surplus
                else self.amount * FACTORS[what.carrier][year]
            )
        if isinstance(what, Input):
            return self.amount * float(what.mass) if indicator is Indicator.RESOURCES else 0.0
        wanted = Indicator.WATER if isinstance(what, Water) else Indicator.WASTE
        return self.amount if indicator is wanted else 0.0


def uses(product: str, year: int) -> list[Use]:
    """What a product used of each of its site's bills."""
    site = SITE[product]
    process = next((one.process for one in site.by_products if one.product == product), product)
    part = _part_of_process(site, product, year) / float(site.made(product)[year])
    amounts = [(bill, _of_process(site, bill, process, year) * part) for bill in site.bills]
    return [Use(bill, float(f"{amount:.6g}")) for bill, amount in amounts if amount]


def dense_footprint(target: str, year: int, leave_out: str = "") -> np.ndarray:
    """Footprint of a product per unit, five indicators."""
    nodes = [product for product in SITE if product != leave_out]
    place = {product: position for position, product in enumerate(nodes)}
    amounts = np.zeros((len(nodes), len(nodes)))
    own = np.zeros((len(nodes), len(INDICATORS)))
    for product in nodes:
        used = uses(product, year)
        own[place[product]] = [sum(use.effect(one, year) for use in used) for one in INDICATORS]
        for use in used:
            for supplier, share in _sources(product, use, year).items():
                own[place[product]] -= [share * use.effect(one, year) for one in INDICATORS]
                if supplier != leave_out:
                    amounts[place[supplier], place[product]] += share * use.amount
    _measure_delivery(own, place, year)
    result = []
    for column, indicator in enumerate(INDICATORS):
        needed, direct = amounts.copy(), own[:, column].copy()
        for stated in DECLARED:
            has_recipe = bool(SITE[stated.product].bills)  # linked throughout, so the recipe counts
            if stated.indicator == indicator.value and stated.product in place and not has_recipe:
                needed[:, place[stated.product]] = 0.0
                direct[place[stated.product]] = float(stated.total[year])
        solved = np.linalg.solve(np.eye(len(nodes)) - needed.T, direct)
        result.append(solved[place[target]])
    return np.array(result)


def _of_process(site: Site, bill: Bill, process: str, year: int) -> float:
    """What a process got of a bill: its meter's part, and its part of the rest by the key."""
    metered = float(bill.metered[process][year]) if process in bill.metered else 0.0
    rest = float(bill.total[year]) - sum(float(one[year]) for one in bill.metered.values())
    if not rest:
        return metered
    weights = _weights(site, bill.key, year)
    return metered + rest * weights.get(process, 0.0) / sum(weights.values())


def _weights(site: Site, name: str, year: int) -> dict[str, float]:
    key = site.keys[name]
    if key.weights:
        return {product: float(amounts[year]) for product, amounts in key.weights.items()}
    products = key.products or tuple(site.produced)
    return {one: float(site.produced[one][year]) * _weight_of_one(site, one, key.method) for one in products}


def _weight_of_one(site: Site, product: str, method: KeyMethod) -> float:
    if method is KeyMethod.MASS:
        return float(PRODUCT[product].mass or 1)
    return float(site.prices[product]) if method is KeyMethod.ECONOMIC else 1.0


def _part_of_process(site: Site, product: str, year: int) -> float:
    """A by-product bears its part of the revenue, to four places; its process keeps the rest."""
    shares = {}
    for one in site.by_products:
        value, main = (
            float(site.prices[each]) * float(site.made(each)[year]) for each in (one.product, one.process)
        )
        shares[one.product] = round(value / (value + main), 4)
    if product in shares:
        return shares[product]
    return 1 - sum(shares[one.product] for one in site.by_products if one.process == product)


def _sources(product: str, use: Use, year: int) -> dict[str, float]:
    """Which products a recipe line comes from, by what the maker received: shares that sum to 1."""
    bill = use.bill
    received = {
        one.product: float(one.quantity[year])
        for one in DELIVERIES
        if one.recipient == PRODUCT[product].maker
        and (
            one.product == bill.product
            if bill.product
            else bill.category and PRODUCT[one.product].category == bill.category
        )
    }
    return {supplier: amount / sum(received.values()) for supplier, amount in received.items()}


def _measure_delivery(own: np.ndarray, place: dict[str, int], year: int) -> None:
    """All bars in the chain come from the delivery with meters of its own: its figures, not the average's."""
    delivered = float(MEASURED.quantity[year])
    used = [Use(bill, float(f"{float(bill.total[year]) / delivered:.6g}")) for bill in MEASURED.measured]
    for column, indicator in enumerate(INDICATORS):
        metered = sum(use.effect(indicator, year) for use in used)
        if metered:
            own[place[MEASURED.product], column] = metered
