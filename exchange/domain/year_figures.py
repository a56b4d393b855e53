"""From the calculations of calendar years to the figures whose development is told (method section 6).

A site's own effect is what its bills say; a product's is its effect per unit times what was made, at all sites; the
organisation's is the sum over its sites. A site that has a calculation of any calendar year counts in all of them: a
year it lacks, or in which it books nothing of an indicator another site has, is "at least". A site that did not run
says so by booking zero.

What makes two years comparable: the same products; for a product's figure also the same way it came about (by a meter
or by which key); and own factors of the same keys and bases, for the exchange's rows always stand on one basis. New
flows part no years: a heat pump in place of a boiler is development. An own effect has no links.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from exchange.domain.development import Panel
from exchange.domain.indicators import Indicator
from exchange.domain.own_development import Exact, Level, Subject, ValueAdded, YearFigure

LENGTH = "calendar year"
PROXY = "proxy"  # part of a series' name where gross profit stands for value added
_EMISSIONS = frozenset({"co2", "biogenic_non_co2", "co2e"})
_HEATING_VALUES = frozenset({"ncv", "ncv_volume", "ncv_per_gcv", "density"})
# Kinds of factor keys an indicator's own effect stands on; the other three count what is booked and nothing else.
KEY_FAMILIES: Mapping[Indicator, frozenset[str]] = {
    Indicator.CO2E: _EMISSIONS | _HEATING_VALUES,
    Indicator.ENERGY: _HEATING_VALUES,
}


@dataclass(frozen=True)
class OwnEffect:
    """An own effect in a year, in the indicator's unit; `method` is how a product's came about, in codes."""

    amount: Exact
    is_at_least: bool = False
    method: str = ""


@dataclass(frozen=True)
class ProductYear:
    """What a site made of a product in a year came to; `revenue` is DKK, None where not all of it is known."""

    effects: Mapping[Indicator, OwnEffect]
    revenue: Decimal | None = None


@dataclass(frozen=True)
class SiteYear:
    """A site's calculation of a calendar year; `own_factors` are key and basis of the organisation's own rows used."""

    site: str
    year: int
    effects: Mapping[Indicator, OwnEffect]
    products: Mapping[str, ProductYear] = field(default_factory=dict)
    own_factors: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class CompanyValue:
    """The company's value added in a year and its turnover in DKK, None where it is not known."""

    value: ValueAdded
    turnover: Decimal | None = None


def year_figures(
    organisation: str, calculated: Collection[SiteYear], values: Mapping[int, CompanyValue]
) -> tuple[YearFigure, ...]:
    """Every figure of the organisation, its sites and products, by year.

    Value added is the organisation's; a product's is its part by turnover; a site's is known where there is but one.
    """
    sites = sorted({one.site for one in calculated})
    products = sorted({product for one in calculated for product in one.products})
    found: list[YearFigure] = []
    for year in sorted({one.year for one in calculated}):
        of_year = [one for one in calculated if one.year == year]
        company = values.get(year)
        value = company.value if company else None
        whole = Subject(Level.ORGANISATION, organisation)
        found += _of_sites(whole, of_year, len(of_year) < len(sites), value)
        for one in of_year:
            of_site = value if len(sites) == 1 else None
            found += _of_sites(Subject(Level.SITE, one.site), [one], False, of_site)
        for product in products:
            found += _of_product(product, of_year, _makers(product, calculated), company)
    return tuple(found)


def without_calculation(calculated: Collection[SiteYear]) -> dict[int, tuple[str, ...]]:
    """By year: the sites that have a calculation of another calendar year and none of this one."""
    sites = {one.site for one in calculated}
    return {
        year: lacking
        for year in sorted({one.year for one in calculated})
        if (lacking := tuple(sorted(sites - {one.site for one in calculated if one.year == year})))
    }


def turnover_part(company: CompanyValue, revenue: Decimal | None, sold: Decimal) -> ValueAdded | None:
    """A product's part of the company's value added: value added x revenue / turnover.

    `sold` is the known revenue of all products of the year, DKK. None where it is above the turnover: the parts would
    come to more than the whole.
    """
    if revenue is None or not company.turnover or sold > company.turnover:
        return None
    part = Fraction(revenue) / Fraction(company.turnover)
    return replace(company.value, amount=Fraction(company.value.amount) * part)


def _makers(product: str, calculated: Iterable[SiteYear]) -> frozenset[str]:
    return frozenset(one.site for one in calculated if product in one.products)


def _of_sites(
    subject: Subject, of_year: Collection[SiteYear], is_lacking: bool, value: ValueAdded | None
) -> Iterator[YearFigure]:
    """One subject's figures: the sum over some sites' own effects."""
    products = " ".join(sorted({product for one in of_year for product in one.products}))
    for indicator in Indicator:
        effects = [one.effects[indicator] for one in of_year if indicator in one.effects]
        if not effects:
            continue
        yield YearFigure(
            subject,
            indicator,
            next(iter(of_year)).year,
            sum((Fraction(one.amount) for one in effects), Fraction(0)),
            Panel(products, "", "", _factors(of_year, indicator), LENGTH),
            value,
            is_lacking or len(effects) < len(of_year) or any(one.is_at_least for one in effects),
        )


def _of_product(
    product: str, of_year: Collection[SiteYear], makers: frozenset[str], company: CompanyValue | None
) -> Iterator[YearFigure]:
    made = [one for one in of_year if product in one.products]
    is_lacking = not makers <= {one.site for one in of_year}
    revenues = [one.products[product].revenue for one in made]
    known = [one for one in revenues if one is not None]
    revenue = sum(known, Decimal(0)) if len(known) == len(revenues) else None
    for indicator in Indicator:
        effects = [
            one.products[product].effects[indicator]
            for one in made
            if indicator in one.products[product].effects
        ]
        if not effects:
            continue
        method = "; ".join(sorted({one.method for one in effects}))
        yield YearFigure(
            Subject(Level.PRODUCT, product),
            indicator,
            made[0].year,
            sum((Fraction(one.amount) for one in effects), Fraction(0)),
            Panel(product, "", method, _factors(made, indicator), LENGTH),
            turnover_part(company, revenue, _sold(of_year)) if company else None,
            is_lacking or len(effects) < len(made) or any(one.is_at_least for one in effects),
        )


def _sold(of_year: Iterable[SiteYear]) -> Decimal:
    """What all products of a year were sold for at all sites, as far as it is known."""
    revenues = (product.revenue for one in of_year for product in one.products.values())
    return sum((revenue for revenue in revenues if revenue is not None), Decimal(0))


def _factors(of_year: Iterable[SiteYear], indicator: Indicator) -> str:
    """The organisation's own factors under an indicator: which keys, on which bases, whatever their values."""
    families = KEY_FAMILIES.get(indicator, frozenset())
    used = {pair for one in of_year for pair in one.own_factors}
    return " ".join(sorted(f"{key}/{basis}" for key, basis in used if key.rpartition(".")[0] in families))
