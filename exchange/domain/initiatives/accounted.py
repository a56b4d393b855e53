"""A worked-out account as what initiatives are weighed by: effects of flows, and a period's model by indicator.

Everything is exact: what the model says in all is what the site's own figure says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction

from exchange.domain.calculation.account import Output, Product, SiteAccount
from exchange.domain.calculation.completeness import Gap
from exchange.domain.calculation.effects import HEADLINE, Effect
from exchange.domain.calculation.figures import Calculation, Entry, Share
from exchange.domain.indicators import Indicator
from exchange.domain.initiatives.expected import FlowEffect
from exchange.domain.initiatives.period_model import REST, PeriodModel, Use
from exchange.domain.quantities import Dimension, UnitCode, in_unit

ZERO = Fraction(0)


def flow_effects(calculation: Calculation) -> dict[str, FlowEffect]:
    """By flow with a bill: its amount in the period, its effect per unit, and how much each product takes."""
    return {
        flow: FlowEffect(
            sum((one.spreading.site_amount for one in entries), ZERO),
            {
                indicator: _per_unit(entries, indicator)
                for indicator in Indicator
                if any(_parts(one, indicator) for one in entries)
            },
            {
                share.product: sum((_taken(one, share) for one in entries), ZERO)
                for share in calculation.shares.values()
            },
        )
        for flow, entries in _by_flow(calculation).items()
    }


def period_model(
    calculation: Calculation, indicator: Indicator, gaps: Collection[Gap], volumes: Mapping[str, Fraction]
) -> PeriodModel:
    """The site's own effect in an indicator, in the parts whose change is told apart.

    Not covered are flows with a gap in the indicator. Flows of one input class and unit stand in for each other. Only
    flows without an estimate, and whose bills are not cut by days, are seen by the site's own meter or bills.
    """
    entries = {
        flow: rows
        for flow, rows in _by_flow(calculation).items()
        if any(_parts(one, indicator) for one in rows)
    }
    lacking = {gap.flow for gap in gaps if gap.indicator is indicator and gap.flow}
    known = {flow: rows for flow, rows in entries.items() if _per_unit(rows, indicator) is not None}
    return PeriodModel(
        volumes=volumes,
        uses=tuple(use for flow, rows in known.items() for use in _uses(flow, rows, calculation.shares)),
        factors={flow: _per_unit(rows, indicator) or ZERO for flow, rows in known.items()},
        inputs=_inputs(calculation.account),
        not_covered=frozenset((flow, "") for flow in lacking | (set(entries) - set(known))),
        site_metered=frozenset(
            flow
            for flow, rows in known.items()
            if not any(one.spreading.estimated or one.spreading.cut for one in rows)
        ),
    )


def common_volumes(accounts: Sequence[SiteAccount]) -> list[dict[str, Fraction]] | None:
    """By account: what was made of each product, in one unit for all products and accounts.

    Kilograms where every product has a mass, else the base unit of what all are counted in; None where neither is.
    """
    made = {output.product for account in accounts for output in account.outputs}
    products = [one for account in accounts for one in account.products if one.id in made]
    if all(one.unit.dimension is Dimension.MASS or one.mass is not None for one in products):
        size = _kilograms
    elif len({one.unit.dimension for one in products}) == 1:
        size = _base_units
    else:
        return None
    return [
        {one.id: _sum(account.outputs, one) * size(one) for one in account.products if one.id in made}
        for account in accounts
    ]


def _sum(outputs: Sequence[Output], product: Product) -> Fraction:
    """What was made of a product, in its declared unit."""
    return sum((in_unit(one.amount, product.unit) for one in outputs if one.product == product.id), ZERO)


def _kilograms(product: Product) -> Fraction:
    """The mass of one declared unit."""
    if product.unit.dimension is Dimension.MASS:
        return product.unit.factor / UnitCode.KILOGRAM.factor
    return Fraction(product.mass or 0)


def _base_units(product: Product) -> Fraction:
    """One declared unit in the base unit of what it measures."""
    return product.unit.factor


def _by_flow(calculation: Calculation) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in calculation.entries:
        found.setdefault(entry.spreading.flow.id, []).append(entry)
    return found


def _parts(entry: Entry, indicator: Indicator) -> list[Effect]:
    return [one for one in entry.effects if one.column in HEADLINE[indicator]]


def _per_unit(entries: Sequence[Entry], indicator: Indicator) -> Fraction | None:
    """The effect of one unit of a flow: over pieces with different factors the mean by amount; None unless known."""
    effects = [[effect.value for effect in _parts(one, indicator)] for one in entries]
    if any(value is None for values in effects for value in values):
        return None
    each = [sum((Fraction(value or 0) for value in values), ZERO) for values in effects]
    amounts = [one.spreading.site_amount for one in entries]
    whole = sum(amounts, ZERO)
    if not whole:
        return each[0]
    return sum((one * amount for one, amount in zip(each, amounts, strict=True)), ZERO) / whole


def _taken(entry: Entry, share: Share) -> Fraction:
    """What a product bears of a flow, whether or not anything was made of it."""
    return entry.spreading.amount_of(share.process) * share.bears


def _uses(flow: str, entries: Sequence[Entry], shares: Mapping[str, Share]) -> Iterator[Use]:
    """A flow's uses, what was metered for a product apart from what a key gave it, and what no product gets."""
    for share in shares.values():
        whole = sum((_taken(one, share) for one in entries), ZERO)
        measured = sum((one.spreading.measured_of(share.process) for one in entries), ZERO) * share.bears
        measured = measured if share.keeps_measured else ZERO
        if measured:
            yield Use(share.product, flow, measured, is_measured=True)
        if whole - measured:
            yield Use(share.product, flow, whole - measured)
    rest = sum((one.spreading.rest for one in entries), ZERO)
    if rest:
        yield Use(REST, flow, rest)


def _inputs(account: SiteAccount) -> dict[str, str]:
    """By flow that shares its input class with others: the class, told apart by unit."""
    return {flow.id: f"{flow.category} {flow.unit.value}" for flow in account.flows if flow.category}
