"""What suppliers' datasets say of a site's inputs, each read under its grant and with its access record."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from exchange.domain.calculation.account import SiteAccount
from exchange.domain.calculation.upstream import Supplied
from exchange.domain.errors import InvalidError, NotFoundError
from exchange.domain.groups import FieldGroup, Purpose
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import convert, parse_quantity
from exchange.services.context import Context
from exchange.services.reading import find_dataset_for, read_dataset


def find_supplied(ctx: Context, account: SiteAccount) -> dict[str, str]:
    """By product id: the dataset the organisation may read of each product its flows name.

    Only what it owns or holds a grant for value-chain totals to (method section 10). Nothing is read, so no access
    record is left; what cannot be read is not in the answer, and is a gap then.
    """
    wanted = sorted({flow.product for flow in account.flows if flow.product})
    found = {
        product: find_dataset_for(ctx, product, account.period, Purpose.CHAIN_ROLLUP) for product in wanted
    }
    return {product: dataset_id for product, dataset_id in found.items() if dataset_id is not None}


def read_supplied(ctx: Context, found: Mapping[str, str]) -> dict[str, Supplied]:
    """The cradle-to-gate totals of those datasets; each read is recorded and seen by the supplier."""
    result: dict[str, Supplied] = {}
    for product, dataset_id in found.items():
        try:
            granted = read_dataset(ctx, dataset_id, Purpose.CHAIN_ROLLUP)
        except NotFoundError:  # the grant ended between the two
            continue
        supplied = _supplied(granted.dataset.digest, granted.dataset.subject_name, granted.subject)
        if supplied is not None:
            result[product] = supplied
    return result


def _supplied(digest: str, name: str, subject: Mapping[str, Any]) -> Supplied | None:
    indicators = subject.get(FieldGroup.INDICATORS.value, {})
    identity = subject.get(FieldGroup.IDENTITY.value, {})
    if "declared_unit" not in identity:
        return None
    totals = {
        indicator: total
        for indicator in Indicator
        if (total := _total(indicators.get(indicator.value, {}), indicator)) is not None
    }
    if not totals:
        return None
    declared = parse_quantity(identity["declared_unit"])
    return Supplied(digest, name, declared, totals, identity.get("gwp_set"))


def _total(slices: Mapping[str, Any], indicator: Indicator) -> Decimal | None:
    if "total" not in slices:
        return None  # an own figure alone says nothing of what came before that supplier's gate
    try:
        return convert(parse_quantity(slices["total"], signed=True), indicator.unit).amount
    except InvalidError:
        return None
