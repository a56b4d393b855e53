"""Queries on chains, their targets and members, and the datasets inside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.domain.groups import Purpose
from exchange.store.tables.accounts import OrganisationRow
from exchange.store.tables.datasets import DatasetRow, DisclosureRow, ProductRow
from exchange.store.tables.plans import InitiativeRow
from exchange.store.tables.requests import GrantRow
from exchange.store.tables.rollup import (
    ChainMemberRow,
    ChainRow,
    ChainTargetRow,
    ReleaseContributionRow,
    ReleasePartRow,
    ReleaseRow,
)
from exchange.store.tables.sites import SiteProductRow

IN_ONE_QUERY = 500
OPENED = ("identity", "process")


@dataclass(frozen=True)
class DatasetFacts:
    """A dataset inside a chain: the field groups it carries, and the disclosures of `OPENED` among them."""

    row: DatasetRow
    groups: frozenset[str]
    disclosures: dict[str, str]


def find_chain(session: Session, chain_id: str) -> ChainRow | None:
    """The chain, or None."""
    return session.get(ChainRow, chain_id)


def chains_by_id(session: Session, chain_ids: Sequence[str]) -> Sequence[ChainRow]:
    """The chains of these ids; ids that do not exist are left out."""
    return session.exec(select(ChainRow).where(col(ChainRow.id).in_(chain_ids))).all()


def find_related_chain(session: Session, organisation_id: str, chain_id: str) -> ChainRow | None:
    """The chain if the organisation has to do with it (see `related_chains`)."""
    return session.exec(select(ChainRow).where(ChainRow.id == chain_id, _is_related(organisation_id))).first()


def related_chains(session: Session, organisation_id: str) -> Sequence[ChainRow]:
    """Chains the organisation owns, is a member of, has a target or figures in, or was granted figures of, by name."""
    return session.exec(
        select(ChainRow).where(_is_related(organisation_id)).order_by(col(ChainRow.name), col(ChainRow.id))
    ).all()


def _is_related(organisation_id: str) -> sa.ColumnElement[bool]:
    targeted = (
        select(ChainTargetRow.chain_id)
        .join(ProductRow, col(ProductRow.id) == col(ChainTargetRow.product_id))
        .where(ProductRow.organisation_id == organisation_id)
    )
    contributions = select(ReleaseRow.chain_id).join(
        ReleaseContributionRow, col(ReleaseContributionRow.release_id) == col(ReleaseRow.id)
    )
    contributing = contributions.where(ReleaseContributionRow.owner_id == organisation_id)
    granted = (
        contributions.join(DatasetRow, col(DatasetRow.id) == col(ReleaseContributionRow.dataset_id))
        .join(
            GrantRow,
            sa.and_(
                col(GrantRow.subject_id) == col(DatasetRow.subject_id),
                col(GrantRow.owner_id) == col(DatasetRow.organisation_id),
            ),
        )
        .where(GrantRow.grantee_id == organisation_id, GrantRow.purpose == Purpose.CHAIN_ROLLUP.value)
    )
    return sa.or_(
        col(ChainRow.owner_id) == organisation_id,
        col(ChainRow.id).in_(targeted),
        col(ChainRow.id).in_(
            select(ChainMemberRow.chain_id).where(ChainMemberRow.organisation_id == organisation_id)
        ),
        col(ChainRow.id).in_(contributing),
        col(ChainRow.id).in_(granted),
    )


def chains_of_period(session: Session, start: date, end: date, prefer: str) -> Sequence[ChainRow]:
    """Chains with a target or member in exactly this period, under one policy."""
    targeted = select(ChainTargetRow.chain_id).where(
        ChainTargetRow.period_start == start, ChainTargetRow.period_end == end
    )
    joined = select(ChainMemberRow.chain_id).where(
        ChainMemberRow.period_start == start, ChainMemberRow.period_end == end
    )
    asked = sa.or_(col(ChainRow.id).in_(targeted), col(ChainRow.id).in_(joined))
    return session.exec(
        select(ChainRow).where(asked, ChainRow.prefer == prefer).order_by(col(ChainRow.id))
    ).all()


def targets_of(session: Session, chain_ids: Sequence[str]) -> Sequence[ChainTargetRow]:
    """All targets of the chains, by chain, period and product."""
    return session.exec(
        select(ChainTargetRow)
        .where(col(ChainTargetRow.chain_id).in_(chain_ids))
        .order_by(
            col(ChainTargetRow.chain_id), col(ChainTargetRow.period_start), col(ChainTargetRow.product_id)
        )
    ).all()


def members_of(session: Session, chain_ids: Sequence[str]) -> Sequence[ChainMemberRow]:
    """All members of the chains, by chain, period and organisation."""
    return session.exec(
        select(ChainMemberRow)
        .where(col(ChainMemberRow.chain_id).in_(chain_ids))
        .order_by(
            col(ChainMemberRow.chain_id),
            col(ChainMemberRow.period_start),
            col(ChainMemberRow.organisation_id),
        )
    ).all()


def member_names(
    session: Session, chain_ids: Sequence[str], start: date, end: date
) -> Sequence[tuple[str, str, str]]:
    """Chain, organisation and its name for every member in exactly this period, by organisation."""
    rows = session.execute(
        sa.select(
            col(ChainMemberRow.chain_id), col(ChainMemberRow.organisation_id), col(OrganisationRow.name)
        )
        .join(OrganisationRow, col(OrganisationRow.id) == col(ChainMemberRow.organisation_id))
        .where(
            col(ChainMemberRow.chain_id).in_(chain_ids),
            col(ChainMemberRow.period_start) == start,
            col(ChainMemberRow.period_end) == end,
        )
        .order_by(col(ChainMemberRow.organisation_id))
    )
    return [(chain_id, organisation_id, name) for chain_id, organisation_id, name in rows]


def periods_of(session: Session, chain_id: str) -> set[tuple[date, date]]:
    """The periods [start, end) a chain asks about."""
    targets = {(row.period_start, row.period_end) for row in targets_of(session, [chain_id])}
    return targets | {(row.period_start, row.period_end) for row in members_of(session, [chain_id])}


def networks_of_owner(session: Session, owner_id: str) -> set[tuple[str, date, date]]:
    """Policy and period [start, end) of every network that the chains of an organisation ask about."""
    found: set[tuple[str, date, date]] = set()
    for table in (ChainTargetRow, ChainMemberRow):
        start, end = col(table.period_start), col(table.period_end)
        asked = sa.select(col(ChainRow.prefer), start, end).join(
            table, col(table.chain_id) == col(ChainRow.id)
        )
        rows = session.execute(asked.where(col(ChainRow.owner_id) == owner_id).distinct())
        found |= {(prefer, first, last) for prefer, first, last in rows}
    return found


def clear_members(session: Session, chain_id: str, start: date, end: date) -> None:
    """Forget who the chain consisted of in exactly this period."""
    session.execute(
        sa.delete(ChainMemberRow).where(
            col(ChainMemberRow.chain_id) == chain_id,
            col(ChainMemberRow.period_start) == start,
            col(ChainMemberRow.period_end) == end,
        )
    )


def dataset_facts(session: Session, dataset_ids: Iterable[str]) -> Iterator[DatasetFacts]:
    """The datasets of these ids with what their disclosures are of; ids that do not exist are left out."""
    wanted = sorted(set(dataset_ids))
    for first in range(0, len(wanted), IN_ONE_QUERY):
        ids = wanted[first : first + IN_ONE_QUERY]
        groups: dict[str, set[str]] = {one: set() for one in ids}
        opened: dict[str, dict[str, str]] = {one: {} for one in ids}
        text = sa.case((col(DisclosureRow.field_group).in_(OPENED), col(DisclosureRow.disclosure)), else_="")
        for dataset_id, group, disclosure in session.execute(
            sa.select(col(DisclosureRow.dataset_id), col(DisclosureRow.field_group), text).where(
                col(DisclosureRow.dataset_id).in_(ids)
            )
        ):
            groups[dataset_id].add(group)
            if group in OPENED:
                opened[dataset_id][group] = disclosure
        for row in session.exec(select(DatasetRow).where(col(DatasetRow.id).in_(ids))):
            yield DatasetFacts(row, frozenset(groups[row.id]), opened[row.id])


def parts_of(session: Session, release_ids: Sequence[str]) -> Sequence[ReleasePartRow]:
    """The parts of releases, in their order."""
    return session.exec(
        select(ReleasePartRow)
        .where(col(ReleasePartRow.release_id).in_(release_ids))
        .order_by(col(ReleasePartRow.release_id), col(ReleasePartRow.position))
    ).all()


def places_of_initiatives(
    session: Session, organisation_ids: Iterable[str], after: date, until: date
) -> dict[str, frozenset[str]]:
    """By organisation the products its initiatives apply to that came into force after a day and until another."""
    rows = session.execute(
        sa.select(
            col(InitiativeRow.organisation_id),
            sa.func.coalesce(col(InitiativeRow.product_id), col(SiteProductRow.product_id)),
        )
        .join(SiteProductRow, col(SiteProductRow.site_id) == col(InitiativeRow.site_id), isouter=True)
        .where(
            col(InitiativeRow.organisation_id).in_(sorted(set(organisation_ids))),
            col(InitiativeRow.withdrawn_at).is_(None),
            col(InitiativeRow.in_force_from) > after,
            col(InitiativeRow.in_force_from) <= until,
        )
    )
    found: dict[str, set[str]] = {}
    for organisation_id, product_id in rows:
        if product_id:
            found.setdefault(organisation_id, set()).add(product_id)
    return {one: frozenset(products) for one, products in sorted(found.items())}


def products_by_id(session: Session, product_ids: Sequence[str]) -> dict[str, ProductRow]:
    """Products by id; ids that do not exist are left out."""
    rows = session.exec(select(ProductRow).where(col(ProductRow.id).in_(product_ids))).all()
    return {row.id: row for row in rows}
