"""From bills to a product's own figures, exactly (method section 2).

A bill's metered part goes where the meter stands, the rest is spread by the bill's key, a by-product takes the
share its giver states. Amounts per declared unit are rounded once, to six digits; everything after is exact.
Electricity and bought heat (Scope 2) take life-cycle factors, fuels (Scope 1) combustion factors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from exchange.demo.story.model import Bill, ByProduct, Energy, Input, Key, Site, Waste, Water
from exchange.domain.factors import FactorBasis, find_factor
from exchange.domain.indicators import Indicator
from exchange.domain.periods import year as year_period
from exchange.domain.quantities import Quantity, UnitCode, exact_decimal

DIGITS = 6
MEGAJOULE_PER_KWH = Decimal("3.6")
SHARE_PLACES = 4

FACTORS: Mapping[tuple[str, str], tuple[str, FactorBasis]] = {
    ("scope1", "natural_gas"): ("co2.natural_gas", FactorBasis.COMBUSTION),
    ("scope1", "wood"): ("biogenic_non_co2.wood", FactorBasis.COMBUSTION),
    ("biogenic_co2", "wood"): ("biogenic_co2.wood", FactorBasis.COMBUSTION),
    ("scope2_location", "electricity_grid"): ("co2e.electricity_grid", FactorBasis.LIFE_CYCLE),
    ("scope2_location", "district_heat"): ("co2e.district_heat", FactorBasis.LIFE_CYCLE),
}


@dataclass(frozen=True)
class Use:
    """What one bill comes to for one product: in the year, then per declared unit.

    `measured` and `secondary` are shares of the amount; the rest was spread by `key`.
    """

    bill: Bill
    amount: Fraction
    measured: Fraction
    secondary: Fraction
    key: Key | None

    def scaled(self, share: Fraction) -> Use:
        """The part a by-product's rule leaves or takes: divided by a key, nothing of it counts as measured."""
        return replace(self, amount=self.amount * share, measured=Fraction(0))

    def per_unit(self, produced: Decimal) -> Use:
        """Per declared unit, rounded to six digits."""
        return replace(self, amount=Fraction(rounded(self.amount / Fraction(produced))))

    @property
    def exact(self) -> Decimal:
        """The amount as the decimal it is once rounded."""
        return exact_decimal(self.amount)


def rounded(amount: Fraction, digits: int = DIGITS) -> Decimal:
    """The amount to so many significant digits, half to even."""
    if amount == 0:
        return Decimal(0)
    places = digits - 1 - Decimal(float(amount)).adjusted()
    return exact_decimal(Fraction(round(amount * Fraction(10) ** places)) / Fraction(10) ** places)


def uses(site: Site, product: str, year: int) -> tuple[Use, ...]:
    """What a product of a site used in a year, per declared unit, in the order of the bills."""
    by_product = next((one for one in site.by_products if one.product == product), None)
    process = by_product.process if by_product else product
    total = [use for bill in site.bills if (use := _use(site, bill, process, year)) is not None]
    given = [one for one in site.by_products if one.process == process]
    if by_product:
        total = [use.scaled(Fraction(economic_share(site, by_product, year))) for use in total]
    elif given:
        kept = 1 - sum((Fraction(economic_share(site, one, year)) for one in given), Fraction(0))
        total = [use.scaled(kept) for use in total]
    produced = (by_product.amount if by_product else site.produced[product])[year]
    return tuple(use.per_unit(produced) for use in total)


def economic_share(site: Site, by_product: ByProduct, year: int) -> Decimal:
    """The by-product's part of its process by what both sell for, rounded to four places."""
    value = Fraction(by_product.price) * Fraction(by_product.amount[year])
    main = Fraction(by_product.main_price) * Fraction(site.produced[by_product.process][year])
    return exact_decimal(Fraction(round(value / (value + main) * 10**SHARE_PLACES), 10**SHARE_PLACES))


def _use(site: Site, bill: Bill, product: str, year: int) -> Use | None:
    metered = Fraction(bill.metered.get(product, {}).get(year, Decimal(0)))
    rest = Fraction(bill.total[year]) - sum(Fraction(one[year]) for one in bill.metered.values())
    key = site.keys[bill.key] if rest else None
    weights = key.weights if key else {}
    if product in weights:
        shared = (
            rest * Fraction(weights[product][year]) / sum(Fraction(one[year]) for one in weights.values())
        )
    else:
        shared = Fraction(0)
    amount = metered + shared
    if amount == 0:
        return None
    alone = set(weights) == {product}  # a site's bill is the meter of the only product it is spread to
    measured = Fraction(1) if alone else metered / amount
    if bill.estimated:
        return Use(bill, amount, Fraction(0), Fraction(1), None)
    return Use(bill, amount, measured, Fraction(0), key)


def effect(use: Use, indicator: Indicator, year: int) -> Decimal:
    """What a use per unit adds to an own indicator, in the indicator's unit."""
    what = use.bill.what
    if isinstance(what, Energy):
        return _energy_effect(use, indicator, year)
    if isinstance(what, Input):
        return mass_of(use) if indicator is Indicator.RESOURCES else Decimal(0)
    wanted = Indicator.WATER if isinstance(what, Water) else Indicator.WASTE
    return use.exact if indicator is wanted else Decimal(0)


def _energy_effect(use: Use, indicator: Indicator, year: int) -> Decimal:
    if indicator is Indicator.ENERGY:
        return use.exact * MEGAJOULE_PER_KWH
    if indicator is Indicator.CO2E:
        return emission(use, "scope1", year) + emission(use, "scope2_location", year)
    return Decimal(0)


def emission(use: Use, part: str, year: int) -> Decimal:
    """Kilograms of CO2e (or biogenic CO2) of an energy use, for one column of the breakdown."""
    what = use.bill.what
    found = FACTORS.get((part, what.carrier)) if isinstance(what, Energy) else None
    if found is None:
        return Decimal(0)
    factor = find_factor(*found, year_period(year))
    return factor.apply(Quantity(use.exact, UnitCode.KILOWATT_HOUR)).amount


def mass_of(use: Use) -> Decimal:
    """Kilograms of a purchased material per unit of the product."""
    return use.exact * Decimal(use.bill.what.mass) if isinstance(use.bill.what, Input) else Decimal(0)


def own(product_uses: Iterable[Use], indicator: Indicator, year: int) -> Decimal:
    """The product's own figure before netting, per declared unit."""
    return sum((effect(use, indicator, year) for use in product_uses), Decimal(0))


def shares(product_uses: Iterable[Use], indicator: Indicator, year: int) -> dict[str, Decimal]:
    """Measured, allocated, secondary and unknown shares of an own figure; they sum to 1 exactly."""
    parts = [(Fraction(effect(use, indicator, year)), use) for use in product_uses]
    total = sum((amount for amount, _ in parts), Fraction(0))
    if not total:
        return {
            "measured": Decimal(0),
            "allocated": Decimal(0),
            "secondary": Decimal(0),
            "unknown": Decimal(1),
        }

    def part(kind: str) -> Decimal:
        share = sum((amount * getattr(use, kind) for amount, use in parts), Fraction(0)) / total
        return exact_decimal(Fraction(round(share * 10**SHARE_PLACES), 10**SHARE_PLACES))

    secondary = part("secondary")
    measured = min(part("measured"), 1 - secondary)  # rounded apart, the two may pass 1 by a last digit
    return {
        "measured": measured,
        "allocated": 1 - measured - secondary,
        "secondary": secondary,
        "unknown": Decimal(0),
    }


def allocating_key(product_uses: Iterable[Use], indicator: Indicator, year: int) -> Key | None:
    """The key that spread the largest part of an own figure."""
    spread: dict[str, tuple[Fraction, Key]] = {}
    for use in product_uses:
        if use.key is not None and use.measured < 1:
            amount = Fraction(effect(use, indicator, year)) * (1 - use.measured)
            spread[use.key.name] = (spread.get(use.key.name, (Fraction(0), use.key))[0] + amount, use.key)
    return max(spread.values(), key=lambda one: one[0])[1] if spread else None


def waste_uses(product_uses: Iterable[Use]) -> list[tuple[Waste, Use]]:
    """The waste among the uses, by code."""
    return [(use.bill.what, use) for use in product_uses if isinstance(use.bill.what, Waste)]
