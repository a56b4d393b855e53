"""What a chain asks of a period: target products with amounts, or organisations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Session

from exchange.domain.periods import Period
from exchange.store import chains as query


class ChainKind(StrEnum):
    """A product chain (products and all upstream), or a group or place: organisations (method section 7)."""

    PRODUCT = "product"
    GROUP = "group"
    PLACE = "place"


@dataclass(frozen=True)
class Wanted:
    """A chain in a period: `amounts` by target product, in its declared unit; names of a group's `members` by id."""

    chain_id: str
    kind: ChainKind = ChainKind.PRODUCT
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)


def wanted_of(session: Session, chain_ids: Sequence[str], period: Period) -> tuple[Wanted, ...]:
    """What these chains ask of a period, in the order given; ids that do not exist are left out."""
    amounts: dict[str, dict[str, Decimal]] = {one: {} for one in chain_ids}
    for target in query.targets_of(session, chain_ids):
        if (target.period_start, target.period_end) == (period.start, period.end):
            amounts[target.chain_id][target.product_id] = target.amount
    members: dict[str, dict[str, str]] = {one: {} for one in chain_ids}
    for chain_id, organisation_id, name in query.member_names(session, chain_ids, period.start, period.end):
        members[chain_id][organisation_id] = name
    kinds = {row.id: ChainKind(row.kind) for row in query.chains_by_id(session, chain_ids)}
    return tuple(Wanted(one, kinds[one], amounts[one], members[one]) for one in chain_ids if one in kinds)
