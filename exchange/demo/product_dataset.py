"""The story's products as credentialSubjects of the kind `product`: figures computed from the sites' bills."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from exchange.demo import figures
from exchange.demo.figures import Use
from exchange.demo.quality import declared_evidence, declared_shares, evidence, own_shares
from exchange.demo.registry import Document, Registry, quantity, wire_share
from exchange.demo.story.model import Bill, Declared, Energy, Input, Product, Site, Water
from exchange.demo.story.products import DECLARED, DEFLATOR, DEFLATOR_NAME
from exchange.domain.indicators import Indicator
from exchange.domain.periods import year as year_period
from exchange.domain.quantities import decimal_to_wire, exact_decimal
from exchange.domain.waste import is_hazardous

CO2E_COLUMNS = ("scope1", "scope2_location", "biogenic_co2")


def product_subject(registry: Registry, site: Site, product: Product, year: int) -> Document:
    """The `product` dataset of one product and year: own figures computed from the site's bills."""
    uses = figures.uses(site, product.key, year)
    declared = {one.indicator: one for one in DECLARED if one.product == product.key}
    subject = {
        "id": f"urn:uuid:{registry.products[product.key]}",
        "identity": _product_identity(registry, product, year, frozenset(declared)),
        "indicators": _indicators(uses, declared, year),
        "breakdown": _breakdown(uses, year) if uses else None,
        "quality": _quality(site, product, uses, declared, year),
        "composition": _composition(product),
        "process": _process(registry, site, product, uses, year) if uses else None,
        "byproducts": _by_products(site, product, year),
        "evidence": evidence(uses, year) if uses else declared_evidence(declared.values(), year),
        "commercial": _commercial(site, product, year),
    }
    return {group: content for group, content in subject.items() if content is not None}


def _product_identity(registry: Registry, product: Product, year: int, declared: frozenset[str]) -> Document:
    identity: Document = {
        "kind": "product",
        "organisation": registry.organisation(product.maker),
        "product": {
            "name": product.name,
            "supplier_product_id": product.number,
            "granularity": "model",
            "category": product.category,
        },
        "declared_unit": quantity(Decimal(1), product.unit),
        "period": year_period(year).to_wire(),
        "boundary": "cradle_to_gate" if declared else "gate_to_gate",
        "geography": product.geography,
        "gwp_set": "AR5",
    }
    if product.mass is not None:
        identity["mass"] = quantity(Decimal(product.mass), "KGM")
    if declared == {Indicator.CO2E.value}:  # an environmental product declaration enters with CO2e alone
        identity["standards"] = ["EN 15804+A2"]
    return identity


def _indicators(uses: tuple[Use, ...], declared: Mapping[str, Declared], year: int) -> Document:
    result: Document = {}
    for indicator in Indicator:
        slices: Document = (
            {"own": quantity(figures.own(uses, indicator, year), indicator.unit.value)} if uses else {}
        )
        stated = declared.get(indicator.value)
        if stated is not None:
            total = stated.total[year]
            if uses:
                upstream = total - figures.own(uses, indicator, year)
                slices["upstream"] = quantity(upstream, indicator.unit.value)
            slices["total"] = quantity(total, indicator.unit.value)
        if slices:
            result[indicator.value] = slices
    return result


def _quality(
    site: Site, product: Product, uses: tuple[Use, ...], declared: Mapping[str, Declared], year: int
) -> Document:
    result: Document = {}
    for indicator in Indicator:
        stated = declared.get(indicator.value)
        if stated is not None:
            result[indicator.value] = declared_shares(stated)
        elif uses:
            result[indicator.value] = own_shares(uses, indicator, year, _is_divided(site, product))
    return result


def _is_divided(site: Site, product: Product) -> bool:
    return any(product.key in {one.product, one.process} for one in site.by_products)


def _breakdown(uses: tuple[Use, ...], year: int) -> Document:
    energy: dict[tuple[str, str], Decimal] = {}
    kinds: dict[str, Decimal] = {}
    water: list[Document] = []
    for use in uses:
        what = use.bill.what
        if isinstance(what, Energy):
            place = (what.carrier, what.origin)
            energy[place] = energy.get(place, Decimal(0)) + figures.effect(use, Indicator.ENERGY, year)
        elif isinstance(what, Input):
            kinds[what.kind] = kinds.get(what.kind, Decimal(0)) + figures.mass_of(use)
        elif isinstance(what, Water):
            water.append({"source": what.source, "amount": quantity(use.exact, "MTQ")})
    co2e = {
        column: quantity(sum((figures.emission(use, column, year) for use in uses), Decimal(0)), "KGM")
        for column in CO2E_COLUMNS
    }
    return {
        "resources": {kind: quantity(mass, "KGM") for kind, mass in kinds.items()},
        "water": {"withdrawal": water},
        "co2e": co2e,
        "energy": [
            {"carrier": carrier, "origin": origin, "amount": quantity(amount, "3B")}
            for (carrier, origin), amount in energy.items()
        ],
        "waste": [
            {
                "code": waste.code,
                "hazardous": is_hazardous(waste.code),
                "treatment": waste.treatment,
                "amount": quantity(use.exact, "KGM"),
            }
            for waste, use in figures.waste_uses(uses)
        ],
    }


def _process(registry: Registry, site: Site, product: Product, uses: tuple[Use, ...], year: int) -> Document:
    inputs = [use for use in uses if use.bill.category or use.bill.product]
    process: Document = {
        "inputs": [_line(registry, number, use, year) for number, use in enumerate(inputs, start=1)]
    }
    given = [one for one in site.by_products if one.process == product.key]
    if given:
        process["co_products"] = [
            {
                "product": f"urn:uuid:{registry.products[one.product]}",
                "share": decimal_to_wire(figures.economic_share(site, one, year)),
                "rule": "economic",
            }
            for one in given
        ]
    return process


def _line(registry: Registry, number: int, use: Use, year: int) -> Document:
    what, bill = use.bill.what, use.bill
    line: Document = {
        "line": str(number),
        "name": _input_name(bill),
        "measured_share": wire_share(use.measured),
    }
    if bill.product:
        line["product"] = f"urn:uuid:{registry.products[bill.product]}"
    if bill.category:
        line["category"] = bill.category
    line["amount"] = quantity(use.exact, what.unit if isinstance(what, Input) else "KWH")
    explained = {one: figures.effect(use, one, year) for one in Indicator}
    line["explains"] = {
        one.value: quantity(amount, one.unit.value) for one, amount in explained.items() if amount
    }
    if isinstance(what, Input):
        line["mass"] = quantity(figures.mass_of(use), "KGM")
    return line


def _input_name(bill: Bill) -> str:
    if isinstance(bill.what, Input):
        return bill.what.name
    return "Overskudsvarme" if bill.category == "surplus-heat" else "Fjernvarme"


def _by_products(site: Site, product: Product, year: int) -> Document | None:
    given = [one for one in site.by_products if one.process == product.key]
    if not given:
        return None
    tests = ("certain_use", "no_further_processing", "integral_part", "lawful_use")
    return {
        "outputs": [
            {
                "material": "Drejespåner af stål",
                "status": "by_product",
                "waste_code": one.waste_code,
                "article5": dict.fromkeys(tests, True),
                "amount": quantity(
                    figures.rounded(Fraction(one.amount[year]) / Fraction(site.produced[one.process][year])),
                    "KGM",
                ),
                "terms": "sells",
                "processed_before_sale": False,
            }
            for one in given
        ]
    }


def _composition(product: Product) -> Document | None:
    if not product.composition:
        return None
    return {
        "materials": [
            {
                "material": one.name,
                "mass_fraction": one.mass_fraction,
                "recycled_fraction": one.recycled_fraction,
                "bio_based_fraction": one.bio_based_fraction,
            }
            for one in product.composition
        ]
    }


def _commercial(site: Site, product: Product, year: int) -> Document:
    by_product = next((one for one in site.by_products if one.product == product.key), None)
    produced = by_product.amount if by_product else site.produced[product.key]
    commercial: Document = {"produced": quantity(produced[year], product.unit)}
    if product.value_added is not None:
        constant = Fraction(product.value_added[year]) * 100 / Fraction(DEFLATOR[year])
        commercial["value_added"] = {
            "amount": decimal_to_wire(exact_decimal(Fraction(round(constant * 10**4), 10**4))),
            "currency": "DKK",
            "price_basis": "constant",
            "basis": product.value_added_basis,
            "deflator": DEFLATOR_NAME,
        }
    return commercial
