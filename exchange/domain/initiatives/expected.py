"""What an initiative is expected to change in the five indicators of its site, a year (method section 8).

Only the own effect of the owner of the changed flows, at once; others learn of it by a planned release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from exchange.domain.errors import InvalidError
from exchange.domain.indicators import Indicator
from exchange.domain.initiatives.initiative import ChangeKind, ExpectedChange, Initiative


@dataclass(frozen=True)
class FlowEffect:
    """A site's flow: its amount a year in its unit, and its effect per unit by indicator.

    An indicator left out is one the flow has no part in; None is an effect nobody knows, such as a missing
    factor. `by_product` is how much of the amount each product takes.
    """

    amount: Fraction
    per_unit: Mapping[Indicator, Fraction | None]
    by_product: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True)
class ExpectedEffect:
    """The change of one indicator a year, in its unit, and as a share of the site's.

    `change` is None where a changed flow's effect is unknown; `share` also where the site's indicator is
    unknown or not above zero.
    """

    change: Fraction | None
    share: Fraction | None


def expected_effect(
    initiative: Initiative, flows: Mapping[str, FlowEffect]
) -> dict[Indicator, ExpectedEffect]:
    """Per indicator: sum over changed flows of changed amount x effect per unit. `flows`: all of the site's.

    The changed amount is the stated one, or share x the amount where the initiative applies: the product's,
    if it applies to one. `InvalidError` `initiative.flow_unknown` where the site, or the product, has no such
    flow, `initiative.change_over` where more would fall away than there is.
    """
    changed = {
        change.flow: _changed(initiative, index, flows) for index, change in enumerate(initiative.changes)
    }
    found = {}
    for indicator in Indicator:
        change = _summed(indicator, changed, flows)
        whole = _summed(indicator, {flow: one.amount for flow, one in flows.items()}, flows)
        share = None if change is None or whole is None or whole <= 0 else change / whole
        found[indicator] = ExpectedEffect(change, share)
    return found


def _changed(initiative: Initiative, index: int, flows: Mapping[str, FlowEffect]) -> Fraction:
    """The changed amount of one flow in its unit, a year."""
    change, product = initiative.changes[index], initiative.place.product
    flow = flows.get(change.flow)
    present = None if flow is None else flow.amount if product is None else flow.by_product.get(product)
    if present is None:
        raise InvalidError(
            "A change is expected of a flow that is not used where the initiative applies.",
            code="initiative.flow_unknown",
            path=f"/changes/{index}/flow",
            advice="Choose a flow of the site, and of the product where one is named.",
        )
    amount = _amount(change, present)
    if present + amount < 0:
        raise InvalidError(
            "More of the flow is expected to fall away than is used where the initiative applies.",
            code="initiative.change_over",
            path=f"/changes/{index}/value",
            advice="Give at most what is used there in a year.",
        )
    return amount


def _amount(change: ExpectedChange, present: Fraction) -> Fraction:
    value = Fraction(change.value)
    return value * present if change.kind is ChangeKind.RELATIVE else value


def _summed(
    indicator: Indicator, amounts: Mapping[str, Fraction], flows: Mapping[str, FlowEffect]
) -> Fraction | None:
    """Sum of amount x effect per unit; None where a part of it is unknown."""
    total = Fraction(0)
    for flow, amount in amounts.items():
        per_unit = flows[flow].per_unit.get(indicator, Fraction(0))
        if per_unit is None and amount:
            return None
        total += amount * (per_unit or 0)
    return total
