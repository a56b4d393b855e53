"""What a by-product bears of the process it comes out of, by its giver's stated rule (method section 3)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from exchange.domain.calculation.account import CoProduct, SharingRule, SiteAccount
from exchange.domain.errors import InvalidError
from exchange.domain.quantities import Dimension, UnitCode, in_unit

SHARE_PLACES = 4


def bearing(account: SiteAccount) -> dict[str, tuple[str, Fraction, CoProduct | None]]:
    """By product: whose process made it, which part of that process it bears, and the relation that says so.

    Raises InvalidError `coproduct.share` for shares above the whole, `coproduct.data` where revenue or mass is
    missing, `coproduct.process` for a by-product of a by-product, `coproduct.use` where something is metered for a
    by-product or spread to it by name: it bears a part of its process, and what it got beside would be nobody's.
    """
    by_product = {one.product: one for one in account.co_products}
    if by_product:
        _refuse_use(account, by_product)
    result: dict[str, tuple[str, Fraction, CoProduct | None]] = {}
    for product in account.products:
        relation = by_product.get(product.id)
        if relation is not None:
            if relation.process in by_product:
                raise _refusal(account, relation, "coproduct.process", "comes out of another by-product")
            result[product.id] = (relation.process, co_product_share(account, relation), relation)
            continue
        given = [one for one in account.co_products if one.process == product.id]
        kept = 1 - sum((co_product_share(account, one) for one in given), Fraction(0))
        if kept < 0:
            raise _refusal(account, given[0], "coproduct.share", "leaves the main product less than nothing")
        result[product.id] = (product.id, kept, given[0] if given else None)
    return result


def co_product_share(account: SiteAccount, relation: CoProduct) -> Fraction:
    """The by-product's part of what its process used, to four places as datasets state it.

    Cut, not rounded: several by-products of one rule never bear more together than there is.
    """
    if relation.rule is SharingRule.SUBDIVISION:
        if relation.share is None or not 0 <= relation.share <= 1:
            raise _refusal(account, relation, "coproduct.share", "needs a share between 0 and 1")
        return Fraction(relation.share)
    measure = _revenue if relation.rule is SharingRule.ECONOMIC else _mass
    siblings = [one for one in account.co_products if one.process == relation.process]
    own = measure(account, relation, relation.product)
    whole = measure(account, relation, relation.process) + sum(
        (measure(account, one, one.product) for one in siblings), Fraction(0)
    )
    if not whole:
        raise _refusal(
            account, relation, "coproduct.data", "and its process have neither revenue nor mass to go by"
        )
    return Fraction(math.floor(own / whole * 10**SHARE_PLACES), 10**SHARE_PLACES)


def _refuse_use(account: SiteAccount, by_product: Mapping[str, CoProduct]) -> None:
    used = {flow.key for flow in account.flows}
    keys = [key for key in account.keys if key.id in used]
    named = [product for key in keys for product in (*key.products, *key.shares)]
    for product in (*named, *(reading.product for reading in account.readings)):
        if product in by_product:
            raise InvalidError(
                f"Something is metered for the by-product {_name(account, product)}, or spread to it by name.",
                code="coproduct.use",
                path=f"/co_products/{product}",
                advice="Give it to the process the by-product comes out of, or make a product of the by-product.",
            )


def _name(account: SiteAccount, product: str) -> str:
    return next(one.name for one in account.products if one.id == product)


def _revenue(account: SiteAccount, relation: CoProduct, product: str) -> Fraction:
    outputs = [one for one in account.outputs if one.product == product]
    if any(one.revenue is None for one in outputs):
        raise _refusal(account, relation, "coproduct.data", "is shared by revenue, and a revenue is missing")
    return sum((Fraction(one.revenue or 0) for one in outputs), Fraction(0))


def _mass(account: SiteAccount, relation: CoProduct, product: str) -> Fraction:
    made = next(one for one in account.products if one.id == product)
    outputs = [one for one in account.outputs if one.product == product]
    if made.unit.dimension is Dimension.MASS:
        return sum((in_unit(one.amount, UnitCode.KILOGRAM) for one in outputs), Fraction(0))
    if made.mass is None:
        raise _refusal(
            account, relation, "coproduct.data", "is shared by mass, and a mass per unit is missing"
        )
    return sum((in_unit(one.amount, made.unit) * Fraction(made.mass) for one in outputs), Fraction(0))


def _refusal(account: SiteAccount, relation: CoProduct, code: str, what: str) -> InvalidError:
    return InvalidError(
        f"The by-product {_name(account, relation.product)} {what}.",
        code=code,
        path=f"/co_products/{relation.product}",
        advice="State the by-product's rule and what it needs: a share, revenues, or masses.",
    )
