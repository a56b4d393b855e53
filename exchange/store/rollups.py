"""Queries on networks, runs and releases, and on the datasets they are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.store.tables.accounts import OrganisationRow
from exchange.store.tables.datasets import DatasetRow, DisclosureRow, ProductRow
from exchange.store.tables.networks import RunArrayRow
from exchange.store.tables.rollup import (
    ChainRow,
    NetworkRow,
    ReleaseContributionRow,
    ReleaseRow,
    RunRow,
)


@dataclass(frozen=True)
class StoredDataset:
    """A dataset in force with the disclosures that open it."""

    row: DatasetRow
    disclosures: dict[str, str]


@dataclass(frozen=True)
class Contribution:
    """One dataset whose figures are in a release, and the field group they were read from."""

    release_id: str
    field_group: str
    dataset: DatasetRow


def find_network(session: Session, start: date, end: date, prefer: str) -> NetworkRow | None:
    """The network of a period under a policy."""
    return session.get(NetworkRow, (start, end, prefer))


def next_network_number(session: Session) -> int:
    """A number no network has yet; two that ask at once meet at its uniqueness and one tries again."""
    return (session.exec(select(sa.func.max(NetworkRow.number))).one() or 0) + 1


def networks_of_period(session: Session, start: date, end: date) -> Sequence[NetworkRow]:
    """The networks of exactly this period, one per policy."""
    return session.exec(
        select(NetworkRow)
        .where(NetworkRow.period_start == start, NetworkRow.period_end == end)
        .order_by(col(NetworkRow.prefer))
    ).all()


def datasets_in_force(session: Session, start: date, end: date) -> list[StoredDataset]:
    """Active product and delivery datasets with a day in [start, end), ordered by digest."""
    in_force = sa.and_(
        col(DatasetRow.kind).in_(("product", "delivery")),
        col(DatasetRow.status) == "active",
        col(DatasetRow.period_start) < end,
        col(DatasetRow.period_end) > start,
    )
    rows = session.exec(select(DatasetRow).where(in_force).order_by(col(DatasetRow.digest))).all()
    opened: dict[str, dict[str, str]] = {row.id: {} for row in rows}
    for disclosure in session.exec(
        select(DisclosureRow)
        .join(DatasetRow, col(DatasetRow.id) == col(DisclosureRow.dataset_id))
        .where(in_force)
    ):
        opened[disclosure.dataset_id][disclosure.field_group] = disclosure.disclosure
    return [StoredDataset(row, opened[row.id]) for row in rows]


def all_products(session: Session) -> Sequence[ProductRow]:
    """Every registered product."""
    return session.exec(select(ProductRow).order_by(col(ProductRow.id))).all()


def without_consent(session: Session) -> frozenset[str]:
    """Organisations whose figures enter no roll-up."""
    rows = session.exec(
        select(OrganisationRow.id).where(col(OrganisationRow.rollup_consent).is_(sa.false()))
    ).all()
    return frozenset(rows)


def find_done_run(session: Session, identity: str) -> RunRow | None:
    """The committed run of an identity."""
    return session.exec(select(RunRow).where(RunRow.identity == identity, RunRow.state == "done")).first()


def network_of_run(session: Session, run_id: str) -> int | None:
    """The number of the network that a run solved; None where there is no such run."""
    return session.exec(
        select(NetworkRow.number)
        .join(
            RunRow,
            sa.and_(
                col(RunRow.period_start) == col(NetworkRow.period_start),
                col(RunRow.period_end) == col(NetworkRow.period_end),
                col(RunRow.prefer) == col(NetworkRow.prefer),
            ),
        )
        .where(RunRow.id == run_id)
    ).first()


def newest_runs(session: Session) -> Sequence[RunRow]:
    """The run of the newest round of every network, by period and policy."""
    return session.exec(
        select(RunRow)
        .join(NetworkRow, col(NetworkRow.round_run_id) == col(RunRow.id))
        .order_by(col(NetworkRow.period_start), col(NetworkRow.period_end), col(NetworkRow.prefer))
    ).all()


def has_arrays(session: Session, run_id: str) -> bool:
    """Whether what the run solved is kept with it; not of runs from before schema 0005."""
    return (
        session.exec(select(RunArrayRow.piece).where(RunArrayRow.run_id == run_id).limit(1)).first()
        is not None
    )


def drop_older_arrays(session: Session, network: NetworkRow, run_id: str) -> None:
    """Take away the arrays of the network's runs but this one and the one in force: nothing reads them any more."""
    earlier = select(RunRow.id).where(
        RunRow.period_start == network.period_start,
        RunRow.period_end == network.period_end,
        RunRow.prefer == network.prefer,
        col(RunRow.id).not_in([run_id, network.current_run_id or run_id]),
    )
    session.execute(sa.delete(RunArrayRow).where(col(RunArrayRow.run_id).in_(earlier)))


def releases_in_force(session: Session, chain_id: str) -> dict[tuple[date, date, str], ReleaseRow]:
    """The newest release of each cell of a chain, by period and indicator."""
    rows = session.exec(
        select(ReleaseRow)
        .where(ReleaseRow.chain_id == chain_id)
        .order_by(col(ReleaseRow.created_at), col(ReleaseRow.id))
    ).all()
    return {(row.period_start, row.period_end, row.indicator): row for row in rows}


def contributions_of(session: Session, release_ids: Sequence[str]) -> list[Contribution]:
    """Whose figures are inside the releases."""
    rows = session.exec(
        select(ReleaseContributionRow, DatasetRow)
        .join(DatasetRow, col(DatasetRow.id) == col(ReleaseContributionRow.dataset_id))
        .where(col(ReleaseContributionRow.release_id).in_(release_ids))
        .order_by(
            col(ReleaseContributionRow.release_id),
            col(DatasetRow.id),
            col(ReleaseContributionRow.field_group),
        )
    ).all()
    return [Contribution(link.release_id, link.field_group, dataset) for link, dataset in rows]


def stale_networks_of(session: Session, chain: ChainRow) -> Sequence[NetworkRow]:
    """Networks under the chain's policy whose figures are out of date."""
    return session.exec(
        select(NetworkRow)
        .where(NetworkRow.prefer == chain.prefer, col(NetworkRow.stale_since).is_not(None))
        .order_by(col(NetworkRow.period_start))
    ).all()
