"""What goes into a product, as the groups `process`, `composition`, `packaging` and `byproducts` of its dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from exchange.domain.calculation.account import CoProduct, Material, SiteAccount
from exchange.domain.calculation.co_products import co_product_share
from exchange.domain.calculation.effects import Column
from exchange.domain.calculation.figures import Line
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import Quantity, UnitCode, decimal_to_wire, exact_decimal, in_unit

Document: TypeAlias = dict[str, Any]
SHARE_PLACES = 6
ARTICLE_5_TESTS = ("certain_use", "no_further_processing", "integral_part", "lawful_use")


def recipe_lines(lines: Iterable[Line]) -> list[Document]:
    """The recipe: what each named input takes per declared unit, and what of the own figures it explains."""
    named = [line for line in lines if line.flow.category or line.flow.product]
    return [_line(number, line) for number, line in enumerate(named, start=1)]


def process_group(account: SiteAccount, product: str, lines: Sequence[Line]) -> Document:
    """The recipe, and which by-products bear which share by whose rule. Empty where neither is known."""
    group: Document = {}
    if recipe := recipe_lines(lines):
        group["inputs"] = recipe
    given = [one for one in account.co_products if one.process == product]
    if given:
        group["co_products"] = [
            {
                "product": f"urn:uuid:{one.product}",
                "share": decimal_to_wire(exact_decimal(co_product_share(account, one))),
                "rule": one.rule.value,
                "divided": True,
            }
            for one in given
        ]
    return group


def composition_group(lines: Iterable[Line]) -> Document:
    """The materials by their part of the mass that goes in, of which what becomes packaging is none."""
    inside = [
        (line, mass)
        for line in lines
        if isinstance(line.flow.detail, Material) and not line.flow.detail.level
        and (mass := line.effect(Column.RESOURCES))
    ]  # fmt: skip
    whole = sum((Fraction(mass) for _, mass in inside), Fraction(0))
    fractions = _shares([Fraction(mass) / whole for _, mass in inside]) if inside else []
    materials = [_material(line, fraction) for (line, _), fraction in zip(inside, fractions, strict=True)]
    return {"materials": materials} if materials else {}


def packaging_group(lines: Iterable[Line]) -> Document:
    """The packaging by level, material and mass per declared unit."""
    items = [
        {
            "level": line.flow.detail.level,
            "material": line.flow.name,
            "mass": Quantity(mass, UnitCode.KILOGRAM).to_wire(),
            "recycled_fraction": decimal_to_wire(line.flow.detail.pre_consumer + line.flow.detail.post_consumer),
        }
        for line in lines
        if isinstance(line.flow.detail, Material) and line.flow.detail.level
        and (mass := line.effect(Column.RESOURCES))
    ]  # fmt: skip
    return {"items": items} if items else {}


def byproducts_group(account: SiteAccount, product: str, names: Mapping[str, str]) -> Document:
    """The by-products that come out of making one declared unit. `names` are those of the account's products."""
    produced = _made(account, product)
    outputs = [
        _by_product(account, one, names, produced)
        for one in account.co_products
        if one.process == product and produced
    ]
    return {"outputs": outputs} if outputs else {}


def _by_product(
    account: SiteAccount, relation: CoProduct, names: Mapping[str, str], produced: Fraction
) -> Document:
    unit = next(one.unit for one in account.products if one.id == relation.product)
    amount = round(_made(account, relation.product) / produced * 10**12)
    return {
        "material": names[relation.product],
        "status": "by_product",
        **({"waste_code": relation.waste_code} if relation.waste_code else {}),
        "article5": dict.fromkeys(ARTICLE_5_TESTS, True),
        "amount": Quantity(Decimal(amount).scaleb(-12), unit).to_wire(),
        "terms": relation.terms,
        "processed_before_sale": relation.processed_before_sale,
    }


def _made(account: SiteAccount, product: str) -> Fraction:
    unit = next(one.unit for one in account.products if one.id == product)
    outputs = (one for one in account.outputs if one.product == product)
    return sum((in_unit(one.amount, unit) for one in outputs), Fraction(0))


def _line(number: int, line: Line) -> Document:
    flow = line.flow
    entry: Document = {"line": str(number), "name": flow.name}
    if flow.product:
        entry["product"] = f"urn:uuid:{flow.product}"
    if flow.category:
        entry["category"] = flow.category
    entry["amount"] = Quantity(line.per_unit, flow.unit).to_wire()
    if isinstance(flow.detail, Material):
        mass = line.effect(Column.RESOURCES)
        if mass is not None:
            entry["mass"] = Quantity(mass, UnitCode.KILOGRAM).to_wire()
        if flow.detail.country:
            entry["origin"] = flow.detail.country
    entry["measured_share"] = decimal_to_wire(_shares([line.measured])[0])
    explains = {
        indicator.value: Quantity(amount, indicator.unit).to_wire()
        for indicator in Indicator
        if (amount := line.explained(indicator))
    }
    if explains:
        entry["explains"] = explains
    if market := line.effect(Column.SCOPE2_MARKET):
        entry["explains_scope2_market"] = Quantity(market, UnitCode.KILOGRAM).to_wire()
    return entry


def _material(line: Line, fraction: Decimal) -> Document:
    detail = line.flow.detail
    if not isinstance(detail, Material):
        raise TypeError("a material's line")
    return {
        "material": line.flow.name,
        "mass_fraction": decimal_to_wire(fraction),
        "recycled_fraction": decimal_to_wire(detail.pre_consumer + detail.post_consumer),
        "bio_based_fraction": decimal_to_wire(detail.bio_based),
        **({"origin": detail.country} if detail.country else {}),
    }


def _shares(exact: Iterable[Fraction]) -> list[Decimal]:
    return [Decimal(round(one * 10**SHARE_PLACES)).scaleb(-SHARE_PLACES) for one in exact]
