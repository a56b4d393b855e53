"""Each product's own figures per declared unit, and the site's, out of a site's account (method section 2).

What a product used of a flow is divided by what was made of it and rounded once, to six significant digits; everything
after that is exact, so that a pocket calculator gives the same digits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import cached_property

from exchange.domain.calculation.account import Energy, Flow, SharingRule, SiteAccount
from exchange.domain.calculation.booking import Bookings
from exchange.domain.calculation.co_products import bearing
from exchange.domain.calculation.effects import HEADLINE, Column, Effect, effects_of
from exchange.domain.calculation.spreading import Spreading, spread
from exchange.domain.factors import FactorBook
from exchange.domain.indicators import Indicator
from exchange.domain.own_factors import BOUGHT
from exchange.domain.periods import Period
from exchange.domain.quantities import FRACTION_DIGITS, in_unit

DIGITS = 6
_SIX_DIGITS = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN)
_EXACT = Context(prec=100)
_NOTHING = Decimal(0)
_LAST_PLACE = Decimal(1).scaleb(-FRACTION_DIGITS)


@dataclass(frozen=True)
class Share:
    """What a product is made of and divided by: its process, the part of it that it bears, and what was produced.

    `rule` is how process and by-products were told apart, None where nothing else comes out of the process.
    """

    product: str
    process: str
    bears: Fraction
    rule: SharingRule | None
    produced: Fraction

    @property
    def keeps_measured(self) -> bool:
        """Whether what was measured for the process is measured for the product: unless a key divides it."""
        return self.rule in {None, SharingRule.SUBDIVISION}

    @cached_property
    def per_use(self) -> tuple[int, int]:
        """Declared units made by one unit of the process's use, as numerator and denominator; 0 for no figure."""
        if not self.produced:
            return 0, 1
        ratio = self.bears / self.produced
        return ratio.numerator, ratio.denominator


@dataclass(frozen=True)
class Line:
    """What one flow comes to for one product in a stretch of time within which its factors do not change.

    `per_unit` is in the flow's unit for one declared unit of the product, rounded.
    """

    entry: Entry
    share: Share
    per_unit: Decimal

    @property
    def flow(self) -> Flow:
        """The flow."""
        return self.entry.spreading.flow

    @property
    def amount(self) -> Fraction:
        """What the product bears of the flow, in the flow's unit."""
        return self.entry.spreading.amount_of(self.share.process) * self.share.bears

    @property
    def measured(self) -> Fraction:
        """Which share of the amount was metered or counted for this product."""
        whole = self.entry.spreading.amount_of(self.share.process)
        if not whole or not self.share.keeps_measured:
            return Fraction(0)
        return self.entry.spreading.measured_of(self.share.process) / whole

    @property
    def secondary(self) -> Fraction:
        """Which share of the amount has no bill behind it."""
        return self.entry.spreading.estimated

    def effect(self, column: Column) -> Decimal | None:
        """What the line adds to a column per declared unit: 0 where nothing, None where no factor says how much."""
        for effect in self.entry.effects:
            if effect.column is column:
                return times(self.per_unit, effect)
        return Decimal(0)

    def explained(self, indicator: Indicator) -> Decimal:
        """Which part of the own effect arrives with the input instead, once it is linked (netting, method section 3).

        The mass of material, bought energy and its Scope 2. A fuel is burnt here whoever supplied it: its energy and
        Scope 1 stay own, for its supplier counts only what it took to make it, and linking is never progress.
        """
        if isinstance(self.flow.detail, Energy) and self.flow.detail.carrier not in BOUGHT:
            return _NOTHING
        return sum((self.effect(column) or _NOTHING for column in HEADLINE[indicator]), _NOTHING)

    def adds_to(self, columns: Iterable[Column]) -> bool:
        """Whether the flow has to do with any of the columns."""
        wanted = frozenset(columns)
        return any(effect.column in wanted for effect in self.entry.effects)


@dataclass(frozen=True)
class Entry:
    """A flow in one piece of the period: what a unit of it adds to which column, and how it is spread.

    `per_unit` is what each product used of it for one declared unit, in the flow's unit.
    """

    period: Period
    effects: tuple[Effect, ...]
    spreading: Spreading
    per_unit: Mapping[str, Decimal]


@dataclass(frozen=True)
class Calculation:
    """A site's account worked out, with all that leads to each figure.

    A product of which nothing was made has no figures per unit; `figures` hold each product's columns per declared
    unit, None where a factor is missing.
    """

    account: SiteAccount
    entries: tuple[Entry, ...]
    shares: Mapping[str, Share]
    figures: Mapping[str, Mapping[Column, Decimal | None]]

    def lines(self, product: str) -> tuple[Line, ...]:
        """One product's steps, in the order of the account's flows; nothing of other products is looked at."""
        share = self.shares[product]
        return tuple(
            Line(entry, share, entry.per_unit[product]) for entry in self.entries if product in entry.per_unit
        )

    def own(self, product: str, columns: Iterable[Column]) -> Decimal | None:
        """A product's own effect per declared unit, summed over columns; None where a factor is missing."""
        figures, total = self.figures[product], Decimal(0)
        for column in columns:
            amount = figures.get(column, Decimal(0))
            if amount is None:
                return None
            total = _EXACT.add(total, amount)
        return total

    def site(self, columns: Iterable[Column]) -> Fraction | None:
        """What the whole site comes to in the period, exactly; None where a factor is missing."""
        wanted, total = frozenset(columns), Fraction(0)
        for entry in self.entries:
            for effect in entry.effects:
                if effect.column in wanted:
                    if effect.value is None:
                        return None
                    total += entry.spreading.site_amount * Fraction(effect.value)
        return total

    @cached_property
    def without_output(self) -> tuple[str, ...]:
        """Products that used something and of which nothing was made: they have no figure per unit."""
        return tuple(
            share.product
            for share in self.shares.values()
            if not share.produced and any(one.spreading.units_of(share.process) for one in self.entries)
        )


def calculate(account: SiteAccount, book: FactorBook) -> Calculation:
    """Work a site's account out.

    Raises InvalidError with the row that is in the way: a code of `conversion`, `weights`, `spreading` or
    `co_products`, and `output.outside` for a production record that runs over the edge of the period.
    """
    bookings, produced = Bookings(account, book), _produced(account)
    shares = {
        product: Share(product, process, bears, relation.rule if relation else None, produced[product])
        for product, (process, bears, relation) in bearing(account).items()
    }
    entries = tuple(
        _entry(piece, effects_of(flow, book, piece), spread(flow, *rows), shares.values())
        for flow in account.flows
        for piece, rows in bookings.of_flow(flow)
    )
    return Calculation(account, entries, shares, _figures(shares, entries))


def _entry(
    period: Period, effects: tuple[Effect, ...], spreading: Spreading, shares: Iterable[Share]
) -> Entry:
    per_unit, denominator = {}, spreading.denominator
    for share in shares:
        numerator, made = share.per_use
        units = spreading.units_of(share.process) * numerator
        if units:
            per_unit[share.product] = rounded(units, denominator * made)
    return Entry(period, effects, spreading, per_unit)


def _figures(
    shares: Iterable[str], entries: Iterable[Entry]
) -> Mapping[str, Mapping[Column, Decimal | None]]:
    figures: dict[str, dict[Column, Decimal | None]] = {product: {} for product in shares}
    for entry in entries:
        for effect in entry.effects:
            column = effect.column
            for product, per_unit in entry.per_unit.items():
                of_product = figures[product]
                before, added = of_product.get(column, _NOTHING), times(per_unit, effect)
                if before is None or added is None:
                    of_product[column] = None
                else:
                    of_product[column] = _EXACT.add(before, added)
    return figures


def times(per_unit: Decimal, effect: Effect) -> Decimal | None:
    """What an amount per declared unit adds to a column, exact to the twelve places an amount on the wire has."""
    if effect.value is None:
        return None
    product = _EXACT.multiply(per_unit, effect.value)
    if per_unit.adjusted() - DIGITS - effect.places >= -FRACTION_DIGITS - 1:
        return product
    exponent = product.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -FRACTION_DIGITS:
        return product.quantize(_LAST_PLACE, ROUND_HALF_EVEN, context=_EXACT)
    return product


def rounded(numerator: int, denominator: int) -> Decimal:
    """The quotient to six significant digits, half to even, with at most twelve places."""
    quotient = _SIX_DIGITS.divide(Decimal(numerator), Decimal(denominator))
    if quotient.adjusted() < DIGITS - 1 - FRACTION_DIGITS:  # some digit lies beyond the last place there is
        exact = Fraction(numerator, denominator)
        return Decimal(round(exact * 10**FRACTION_DIGITS)).scaleb(-FRACTION_DIGITS)
    return quotient


def _produced(account: SiteAccount) -> dict[str, Fraction]:
    """What was made of each product in all, in its declared unit."""
    units = {product.id: product.unit for product in account.products}
    made = dict.fromkeys(units, Decimal(0))
    converted = dict.fromkeys(units, Fraction(0))
    for output in account.outputs:
        if output.amount.unit is units[output.product]:
            made[output.product] = _EXACT.add(made[output.product], output.amount.amount)
        else:
            converted[output.product] += in_unit(output.amount, units[output.product])
    return {product: Fraction(made[product]) + converted[product] for product in units}
