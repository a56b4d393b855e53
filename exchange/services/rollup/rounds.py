"""Rounds of releases: a network's chains in shards of a stated size, each released once, the last one settling it.

A round's number is a fencing token: a shard of an older one finds another number in the network and writes
nothing. Apart from releasing itself, so that the sweeper does not load a solver.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from sqlmodel import Session

from exchange.domain.errors import ExchangeError
from exchange.services.context import Context
from exchange.services.jobs import Queue, enqueue
from exchange.services.rollup.staleness import rollup_key
from exchange.store import jobs
from exchange.store import rounds as query
from exchange.store.tables.networks import ReleaseShardRow
from exchange.store.tables.rollup import NetworkRow

JOB_KIND = "release_chains"
CHAINS_PER_SHARD = 100
MOST_OF_A_REASON = 2000  # characters that are kept


def open_round(
    ctx: Context, session: Session, network: NetworkRow, run_id: str, chain_ids: Sequence[str]
) -> None:
    """Have the chains (sorted ids) released from a run, in the transaction that stores it; `network` is locked.

    Shards of earlier rounds are forgotten and their jobs cancelled. Until the last shard's job has ended no roll-up
    of the period begins, or a stream of datasets would keep the chains from ever being released.
    """
    if network.round:
        jobs.cancel_alive(session, ctx.now(), jobs.under_prefix(_prefix(network)))
    network.round += 1
    network.round_run_id = run_id
    shards = [
        _shard(network, shard, chain_ids[first : first + CHAINS_PER_SHARD])
        for shard, first in enumerate(range(0, len(chain_ids), CHAINS_PER_SHARD))
    ]
    network.shards_left = len(shards)
    session.add(network)
    query.replace_shards(session, network.number, shards)
    for shard in shards:
        _ask_for(ctx, session, network, shard.shard)
    if not shards:
        _settle(session, network)


def end_shard(ctx: Context, session: Session, shard: ReleaseShardRow, network: NetworkRow) -> None:
    """Note that a shard's chains are released; the last of its round puts the run in force. `network` is locked.

    A job that still waits for the shard has nothing left to do.
    """
    query.mark_done(session, shard, ctx.now())
    jobs.end_waiting(session, ctx.now(), shard_key(network, shard.shard))
    network.shards_left -= 1
    session.add(network)
    if network.shards_left == 0:
        _settle(session, network)


def ask_for_missing_shards(ctx: Context, session: Session, resting: Container[str] = ()) -> None:
    """Have shards released that are still to be and that no job stands for: it was given up.

    `resting` are the dedupe keys that are not to be asked for yet.
    """
    alive = jobs.alive_keys(session, JOB_KIND)
    for network in query.networks_in_release(session):
        for shard in query.shards_of(session, network):
            key = shard_key(network, shard.shard)
            if shard.done_at is None and key not in alive and key not in resting:
                _ask_for(ctx, session, network, shard.shard)


def abandon_round(session: Session, network: NetworkRow) -> None:
    """End the network's round before its time: what is left of it is released no more. `network` is locked."""
    network.round += 1
    network.shards_left = 0
    session.add(network)
    query.replace_shards(session, network.number, [])


def refuse_network(ctx: Context, session: Session, network: NetworkRow, error: ExchangeError) -> str:
    """Mark a network's figures out of date with the reason, which is returned. `network` is locked."""
    network.last_error = f"{error.error_code}: {error.detail}"[:MOST_OF_A_REASON]
    network.stale_since = network.stale_since or ctx.now()
    session.add(network)
    return network.last_error


def shard_key(network: NetworkRow, shard: int) -> str:
    """Under which the job of a shard of the network's present round is found."""
    return f"{_prefix(network)}{shard}"


def chains_released(session: Session, network: NetworkRow) -> tuple[int, int]:
    """How many chains of the present round are released or worked on, of how many."""
    done, total = query.chains_done(session, network)
    return min(total, done + jobs.steps_done_under(session, _prefix(network))), total


def _prefix(network: NetworkRow) -> str:
    return f"{JOB_KIND}:{network.number}:{network.round}:"


def _shard(network: NetworkRow, shard: int, chain_ids: Sequence[str]) -> ReleaseShardRow:
    return ReleaseShardRow(
        network_number=network.number,
        round=network.round,
        shard=shard,
        first_chain=chain_ids[0],
        last_chain=chain_ids[-1],
        chains=len(chain_ids),
    )


def _ask_for(ctx: Context, session: Session, network: NetworkRow, shard: int) -> str:
    return enqueue(
        ctx,
        session,
        JOB_KIND,
        Queue.RELEASE,
        {"network": str(network.number), "round": str(network.round), "shard": str(shard)},
        dedupe_key=shard_key(network, shard),
        holds=rollup_key(network.period_start, network.period_end),
    )


def _settle(session: Session, network: NetworkRow) -> None:
    """The run is in force, and the network up to date unless more came in meanwhile: then a roll-up waits."""
    network.current_run_id, network.last_error = network.round_run_id, ""
    if jobs.find_waiting(session, rollup_key(network.period_start, network.period_end)) is None:
        network.stale_since = None
    session.add(network)
