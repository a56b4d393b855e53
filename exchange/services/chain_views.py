"""Chains as the actor may see them, without figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from exchange.domain.periods import Period
from exchange.services.context import Context
from exchange.store import chains as query
from exchange.store import parties
from exchange.store.tables.rollup import ChainRow


@dataclass(frozen=True)
class TargetView:
    """A target as its chain's owner sees it."""

    product_id: str
    product_name: str
    maker_id: str
    maker_name: str
    period: Period
    amount: Decimal
    unit: str


@dataclass(frozen=True)
class MemberView:
    """A member of a group or place as its owner sees it."""

    organisation_id: str
    name: str
    period: Period


@dataclass(frozen=True)
class ChainView:
    """A chain. `targets` and `members` are shown to its owner only: what is looked at is the owner's own business."""

    id: str
    name: str
    kind: str
    prefer: str
    owner_id: str
    owner_name: str
    is_own: bool
    targets: tuple[TargetView, ...]
    members: tuple[MemberView, ...]
    created_at: datetime


def present_chains(ctx: Context, session: Session, rows: Sequence[ChainRow]) -> list[ChainView]:
    """The outward form of chain rows for the actor."""
    owners = parties.organisations_by_id(session, {row.owner_id for row in rows})
    own = [row.id for row in rows if row.owner_id == ctx.who.organisation_id]
    targets, members = _targets_shown(session, own), _members_shown(session, own)
    return [
        ChainView(
            row.id,
            row.name,
            row.kind,
            row.prefer,
            row.owner_id,
            owners[row.owner_id].name,
            row.id in own,
            tuple(targets.get(row.id, ())),
            tuple(members.get(row.id, ())),
            row.created_at,
        )
        for row in rows
    ]


def _targets_shown(session: Session, chain_ids: Sequence[str]) -> Mapping[str, Sequence[TargetView]]:
    rows = query.targets_of(session, chain_ids)
    products = query.products_by_id(session, [row.product_id for row in rows])
    makers = parties.organisations_by_id(session, {one.organisation_id for one in products.values()})
    found: dict[str, list[TargetView]] = {}
    for row in rows:
        product, period = products[row.product_id], Period(row.period_start, row.period_end)
        maker = makers[product.organisation_id]
        shown = TargetView(
            row.product_id, product.name, maker.id, maker.name, period, row.amount, product.unit
        )
        found.setdefault(row.chain_id, []).append(shown)
    return found


def _members_shown(session: Session, chain_ids: Sequence[str]) -> Mapping[str, Sequence[MemberView]]:
    rows = query.members_of(session, chain_ids)
    organisations = parties.organisations_by_id(session, {row.organisation_id for row in rows})
    found: dict[str, list[MemberView]] = {}
    for row in rows:
        name, period = organisations[row.organisation_id].name, Period(row.period_start, row.period_end)
        found.setdefault(row.chain_id, []).append(MemberView(row.organisation_id, name, period))
    return found
