"""Queries on networks as work: which are out of date, and the rounds that release a network's chains in shards.

Whoever locks a network and a job locks the network first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from exchange.store.tables.jobs import JobRow
from exchange.store.tables.networks import ReleaseShardRow
from exchange.store.tables.rollup import ChainRow, NetworkRow, RunRow


def network_by_number(session: Session, number: int) -> NetworkRow:
    """The network of a number that is known to be given."""
    return session.exec(select(NetworkRow).where(NetworkRow.number == number)).one()


def lock_network(session: Session, number: int) -> NetworkRow:
    """The network as it is now, nobody else's to change until the transaction ends."""
    return session.exec(
        select(NetworkRow)
        .where(NetworkRow.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def lock_chains(session: Session, first: str, last: str) -> None:
    """Let nobody else release these chains until the transaction ends, in whatever period."""
    session.exec(
        select(ChainRow.id)
        .where(col(ChainRow.id).between(first, last))
        .order_by(col(ChainRow.id))
        .with_for_update(key_share=True)
    ).all()


def networks_between(session: Session, start: date | None, end: date | None) -> Sequence[NetworkRow]:
    """The networks of exactly the period [start, end), or all of them, by period and policy."""
    statement = select(NetworkRow).order_by(
        col(NetworkRow.period_start), col(NetworkRow.period_end), col(NetworkRow.prefer)
    )
    if start is not None and end is not None:
        statement = statement.where(NetworkRow.period_start == start, NetworkRow.period_end == end)
    return session.exec(statement).all()


def mark_outdated(session: Session, method: str, now: datetime) -> None:
    """Mark the networks out of date whose run in force was made by another method; those marked stay as they are.

    What that run left to be told goes with it: a network with a reason waits for a new deed, and this is one.
    """
    by_another = sa.exists().where(
        col(RunRow.id) == col(NetworkRow.current_run_id), col(RunRow.method_version) != method
    )
    session.execute(
        sa.update(NetworkRow)
        .where(col(NetworkRow.stale_since).is_(None), by_another)
        .values(stale_since=now, last_error="")
        .execution_options(synchronize_session=False)
    )


def is_untaken(session: Session, queue: str, due_before: datetime) -> bool:
    """Whether a job of the queue could have begun before then and nobody is at any job of the queue."""
    of_queue = select(JobRow.id).where(JobRow.queue == queue)
    waits = of_queue.where(JobRow.state == "queued", col(JobRow.due_at) <= due_before)
    runs = of_queue.where(JobRow.state == "running")
    return session.exec(waits.limit(1)).first() is not None and session.exec(runs.limit(1)).first() is None


def forgotten_networks(session: Session) -> Sequence[NetworkRow]:
    """Networks out of date whose renewal was neither refused nor is being released."""
    return session.exec(
        select(NetworkRow)
        .where(
            col(NetworkRow.stale_since).is_not(None), NetworkRow.last_error == "", NetworkRow.shards_left == 0
        )
        .order_by(col(NetworkRow.period_start), col(NetworkRow.prefer))
    ).all()


def networks_in_release(session: Session) -> Sequence[NetworkRow]:
    """Networks whose newest round has shards left."""
    return session.exec(
        select(NetworkRow).where(NetworkRow.shards_left > 0).order_by(col(NetworkRow.number))
    ).all()


def replace_shards(session: Session, number: int, shards: Sequence[ReleaseShardRow]) -> None:
    """Put a new round's shards in the place of all earlier ones of the network."""
    session.execute(sa.delete(ReleaseShardRow).where(col(ReleaseShardRow.network_number) == number))
    session.add_all(shards)
    session.flush()


def shards_of(session: Session, network: NetworkRow) -> Sequence[ReleaseShardRow]:
    """The shards of the network's present round, by number."""
    return session.exec(
        select(ReleaseShardRow)
        .where(ReleaseShardRow.network_number == network.number, ReleaseShardRow.round == network.round)
        .order_by(col(ReleaseShardRow.shard))
    ).all()


def find_open_shard(session: Session, number: int, round: int, shard: int) -> ReleaseShardRow | None:
    """The shard while it is still to be released: its round is the network's present one, and it is not done."""
    return session.exec(
        select(ReleaseShardRow)
        .join(
            NetworkRow,
            sa.and_(
                col(NetworkRow.number) == col(ReleaseShardRow.network_number),
                col(NetworkRow.round) == col(ReleaseShardRow.round),
            ),
        )
        .where(
            ReleaseShardRow.network_number == number,
            ReleaseShardRow.round == round,
            ReleaseShardRow.shard == shard,
            col(ReleaseShardRow.done_at).is_(None),
        )
        .execution_options(populate_existing=True)
    ).first()


def chains_done(session: Session, network: NetworkRow) -> tuple[int, int]:
    """How many chains the shards done have, of how many in the network's present round."""
    rows = shards_of(session, network)
    return sum(row.chains for row in rows if row.done_at is not None), sum(row.chains for row in rows)


def mark_done(session: Session, shard: ReleaseShardRow, now: datetime) -> None:
    """Note that the shard's chains are released."""
    shard.done_at = now
    session.add(shard)
