"""A calculation as the rows that are kept of it: header, figures, steps line by line, groups of each dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias

from exchange.domain.calculation.account import SiteAccount
from exchange.domain.calculation.completeness import Gap
from exchange.domain.calculation.content import (
    Figure,
    breakdown_parts,
    figures_of,
    indicators_group,
    quality_group,
)
from exchange.domain.calculation.effects import HEADLINE
from exchange.domain.calculation.explain import explain_entry, explain_line, kind_of, shown
from exchange.domain.calculation.figures import Calculation, Line
from exchange.domain.calculation.quality import Shares, shares_of
from exchange.domain.calculation.recipe import (
    byproducts_group,
    composition_group,
    packaging_group,
    process_group,
)
from exchange.domain.calculation.site_totals import SiteFigure, site_figures
from exchange.domain.calculation.upstream import Supplied, Upstream, UpstreamLine, upstream_of
from exchange.domain.factors import Factor, FactorBook, UsedFactor
from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from exchange.domain.quantities import decimal_to_wire

SITE = "site"  # what figures and lines of no single product are kept under
Document: TypeAlias = dict[str, Any]
BeforeGate: TypeAlias = Mapping[str, Mapping[Indicator, Upstream]]  # by product id


def plain(value: object) -> Any:
    """A frozen value as JSON: decimals, dates and codes as text."""
    if is_dataclass(value) and not isinstance(value, type):
        named = {name: plain(one) for name, one in vars(value).items()}
        return named | {"type": type(value).__name__}
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value, "f")
    return value if value is None or isinstance(value, bool | int) else str(value)


def before_gate(calculation: Calculation, supplied: Mapping[str, Supplied], book: FactorBook) -> BeforeGate:
    """The part before the gate of each product something was made of."""
    return {
        product: upstream_of(calculation.lines(product), supplied, book)
        for product, share in calculation.shares.items()
        if share.produced
    }


def summary_of(calculation: Calculation, before: BeforeGate) -> Document:
    """What no product gets, products of which nothing was made, and the sets of warming potentials factors name.

    The sets are those of the factors inside the gate and of the CO2e before it. A supplier's own set stands beside its
    figure: a total that holds a supplier's figure is never published (method section 10), so no set of a supplier
    may stop its customer's own.
    """
    inside = (effect.factor for entry in calculation.entries for effect in entry.effects)
    outside = (one.factor for upstreams in before.values() for one in upstreams[Indicator.CO2E].lines)
    return {
        "rests": [
            {
                "flow": entry.spreading.flow.name,
                "amount": shown(entry.spreading.rest),
                "of": shown(entry.spreading.site_amount),
                "unit": entry.spreading.flow.unit.value,
            }
            for entry in calculation.entries
            if entry.spreading.rest
        ],
        "without_output": list(calculation.without_output),
        "gwp_sets": sorted({one.gwp_set for one in (*inside, *outside) if one is not None and one.gwp_set}),
    }


def used_factors(calculation: Calculation, before: BeforeGate) -> list[UsedFactor]:
    """Every factor a figure of the calculation stands on, own or total, once for each stretch of days."""
    used: dict[tuple[str, date], UsedFactor] = {}
    for period, factor in (*_inside(calculation), *_outside(before)):
        if factor is not None:
            used.setdefault((factor.reference, period.start), UsedFactor.of(period, factor))
    return list(used.values())


def _inside(calculation: Calculation) -> Iterator[tuple[Period, Factor | None]]:
    for entry in calculation.entries:
        for effect in entry.effects:
            yield entry.period, effect.factor
        for booked in entry.spreading.booked:
            for step in booked.conversions:
                yield booked.bill.period, step.factor


def _outside(before: BeforeGate) -> Iterator[tuple[Period, Factor | None]]:
    for upstreams in before.values():
        for upstream in upstreams.values():
            for line in upstream.lines:
                yield line.period, line.factor


def site_rows(calculation: Calculation, gaps: Sequence[Gap]) -> tuple[list[Document], list[Document]]:
    """The site's own figures, and its steps flow by flow."""
    figures = [_site_figure(one) for one in site_figures(calculation, gaps)]
    lines = [
        _line(SITE, number, kind_of(entry.spreading.flow), explain_entry(entry))
        for number, entry in enumerate(calculation.entries)
    ]
    return figures, lines


def product_rows(
    calculation: Calculation, gaps: Sequence[Gap], before: BeforeGate
) -> Iterator[tuple[list[Document], list[Document], Document]]:
    """For each product something was made of: its figures, its steps, and the groups of its dataset."""
    names = {product.id: product.name for product in calculation.account.products}
    for product, upstream in before.items():
        lines = calculation.lines(product)
        figures = figures_of(calculation, product, gaps, upstream)
        yield (
            [_figure(product, one, shares_of(lines, HEADLINE[one.indicator])) for one in figures],
            [
                _line(product, number, kind_of(one.flow), explain_line(one))
                for number, one in enumerate(lines)
            ],
            {
                "product_id": product,
                "produced": Decimal(shown(calculation.shares[product].produced)),
                "content": _content(calculation, product, lines, figures, names),
            },
        )


def _content(
    calculation: Calculation,
    product: str,
    lines: Sequence[Line],
    figures: Sequence[Figure],
    names: Mapping[str, str],
) -> Document:
    account = calculation.account
    return {
        "indicators": indicators_group(figures),
        "quality": quality_group(lines, figures),
        "breakdown": breakdown_parts(lines, figures),
        "composition": composition_group(lines),
        "packaging": packaging_group(lines),
        "process": process_group(account, product, lines),
        "byproducts": byproducts_group(account, product, names),
        "revenue": _revenue(account, product),
    }


def _revenue(account: SiteAccount, product: str) -> str | None:
    """What the product was sold for in the period, DKK; None where some of it is not said."""
    sold = [one.revenue for one in account.outputs if one.product == product]
    known = [one for one in sold if one is not None]
    return format(sum(known, Decimal(0)), "f") if known and len(known) == len(sold) else None


def _line(product_id: str, number: int, kind: str, steps: Document) -> Document:
    return {"product_id": product_id, "number": number, "kind": kind, "steps": steps}


def _figure(product_id: str, figure: Figure, shares: Shares) -> Document:
    return {
        "product_id": product_id,
        "indicator": figure.indicator.value,
        "own": figure.own,
        "unit": figure.indicator.unit.value,
        "shares": {name: decimal_to_wire(share) for name, share in asdict(shares).items()},
        "gaps": [_gap(gap) for gap in figure.gaps],
        "upstream": {
            "is_whole": not figure.is_total_at_least,
            "lines": [_upstream_line(one) for one in figure.upstream.lines],
        },
    }


def _site_figure(figure: SiteFigure) -> Document:
    return {
        "product_id": SITE,
        "indicator": figure.indicator.value,
        "own": figure.amount,
        "unit": figure.indicator.unit.value,
        "shares": {},
        "gaps": [_gap(gap) for gap in figure.gaps],
        "upstream": {"is_whole": not figure.gaps, "lines": []},
    }


def _gap(gap: Gap) -> Document:
    period = {"period": gap.period.to_wire()} if gap.period else {}
    return {"kind": gap.kind.value, "name": gap.name, **period}


def _upstream_line(line: UpstreamLine) -> Document:
    source: Document = {}
    if line.supplied is not None:
        source = {"dataset": line.supplied.digest, "supplier_product": line.supplied.name}
        if line.indicator is Indicator.CO2E and line.supplied.gwp_set:
            source["gwp_set"] = line.supplied.gwp_set
    elif line.factor is not None:
        source = {"reference": line.factor.reference, "source": line.factor.source}
    return {
        "flow": line.flow.name,
        "per_unit": {"amount": decimal_to_wire(line.per_unit), "unit": line.flow.unit.value},
        "brought": decimal_to_wire(line.brought),
        "netted": decimal_to_wire(line.netted),
        **source,
    }
