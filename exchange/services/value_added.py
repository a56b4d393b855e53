"""Value added (værditilvækst) of products: the company's, spread by turnover, in constant prices where it can be.

Method section 6. It is marked allocated, or a proxy where bruttofortjeneste stands for it, and is used only in
roll-ups, by the owner's consent.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from exchange.domain.deflators import Deflator
from exchange.domain.development import PriceBasis
from exchange.domain.own_development import value_added
from exchange.domain.periods import Period
from exchange.domain.periods import year as year_period
from exchange.domain.quantities import decimal_to_wire
from exchange.services.calculation_views import CalculationView, ProductView
from exchange.services.company_years import CompanyYear, list_company_years
from exchange.services.context import Context
from exchange.services.deflators import deflator_book
from exchange.services.organisations import get_organisation

Document: TypeAlias = dict[str, Any]
PLACES = 4


def value_added_of(ctx: Context, calculation: CalculationView, product: ProductView) -> Document | None:
    """Value added per declared unit as the schema writes it; None where year, turnover or revenue is not known.

    None too where the calculation's products were sold for more than the company's turnover: their parts would come to
    more than the whole.
    """
    year = company_year(ctx, calculation.header.period)
    revenue = product.content.get("revenue")
    if (
        year is None
        or year.value_added is None
        or not year.turnover
        or revenue is None
        or not product.produced
        or _sold(calculation) > year.turnover
    ):
        return None
    found = deflator_of(ctx, year.year)
    whole = value_added(year.value_added, found)
    share = Fraction(Decimal(revenue)) / Fraction(year.turnover) / Fraction(product.produced)
    amount = Decimal(round(Fraction(whole.amount) * share * 10**PLACES)).scaleb(-PLACES)
    is_constant = whole.basis is PriceBasis.CONSTANT
    return {
        "amount": decimal_to_wire(amount),
        "currency": "DKK",
        "price_basis": "constant" if is_constant else "current",
        "basis": "proxy" if year.is_proxy else "allocated",
        **({"deflator": found.reference} if found else {}),
    }


def _sold(calculation: CalculationView) -> Decimal:
    """What all products of the calculation were sold for, as far as it is known, DKK."""
    known = (one.content.get("revenue") for one in calculation.products)
    return sum((Decimal(one) for one in known if one is not None), Decimal(0))


def company_year(ctx: Context, period: Period) -> CompanyYear | None:
    """The company's year that is exactly the period; other stretches of time have no value added of their own."""
    return next((one for one in list_company_years(ctx) if year_period(one.year) == period), None)


def deflator_of(ctx: Context, year: int) -> Deflator | None:
    """The price index of the organisation's branch in a year, on the newest base year there is."""
    branch, book = get_organisation(ctx, ctx.who.organisation_id).branch, deflator_book(ctx)
    base_year = book.base_year(branch) if branch else None
    return book.find(branch, year, base_year) if branch and base_year else None
