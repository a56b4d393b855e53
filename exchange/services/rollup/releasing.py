"""Releasing a shard of chains from the run of its round: every chain once, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlmodel import Session

from exchange.domain.errors import ConflictError, ExchangeError
from exchange.domain.periods import Period
from exchange.engine.errors import EngineError
from exchange.services.context import Context
from exchange.services.release_signing import ask_for_statements
from exchange.services.rollup.contributors import Contributors
from exchange.services.rollup.release_sources import Sources
from exchange.services.rollup.releases import DraftedChain, draft_chain, release_chain
from exchange.services.rollup.rolled import Rolled
from exchange.services.rollup.rounds import end_shard, refuse_network
from exchange.services.rollup.runs import rolled_of
from exchange.services.rollup.stages import Stage
from exchange.services.rollup.wanted import wanted_of
from exchange.store import chains as chain_query
from exchange.store import rollups
from exchange.store import rounds as query
from exchange.store.tables.networks import ReleaseShardRow
from exchange.store.tables.rollup import NetworkRow

# what one chain's own figures may run into; a database that fails is no such fault
FAULTS = (ExchangeError, EngineError, ArithmeticError, LookupError, ValueError)
KEPT = "rollup.chain_kept"

_log = structlog.get_logger(__name__)


class _SupersededError(Exception):
    """Another round has begun, or another worker was first: nothing of this one is kept."""


@dataclass(frozen=True)
class _Drafted:
    """A shard with its chains as the run of its round has them, ready to be released; `kept` is why one is not."""

    shard: ReleaseShardRow
    chains: Sequence[DraftedChain]
    kept: str


def release_round(ctx: Context, number: int, round: int) -> int:
    """Release what is left of a round, shard by shard; returns how many rows are new."""
    with ctx.store.read() as session:
        network = query.network_by_number(session, number)
        shards = [one.shard for one in query.shards_of(session, network) if one.done_at is None]
    return sum(release_shard(ctx, number, round, shard) for shard in shards)


def release_shard(ctx: Context, number: int, round: int, shard: int) -> int:
    """Release a shard's chains; returns how many rows are new.

    Figures are read from one snapshot and written in one transaction, which commits only while the round is still
    the network's present one and the shard is not done: a worker that comes too late, or second, writes nothing.
    A refusal is noted with the network, whose earlier figures stay. A chain that fails alone keeps its earlier
    releases, the others go on; the log names each, the network's `last_error` one of the shard that settles it.
    """
    with ctx.store.read() as session:
        place = query.find_open_shard(session, number, round, shard)
        if place is None:
            return 0
        try:
            drafted = _draft(ctx, session, query.network_by_number(session, number), place)
        except ExchangeError as error:
            _note_refusal(ctx, place, error)
            raise
    ctx.work.at(Stage.RELEASING, place.chains, place.chains)
    try:
        return _commit(ctx, drafted)
    except _SupersededError:
        return 0


def _draft(ctx: Context, session: Session, network: NetworkRow, shard: ReleaseShardRow) -> _Drafted:
    rolled = rolled_of(session, network)
    sources = Sources(rolled, Contributors(session), lambda period: _in_force(session, network, period))
    chains = wanted_of(session, _chain_ids(session, network, shard), rolled.period)
    drafted: list[DraftedChain] = []
    kept = ""
    for done, wanted in enumerate(chains):
        ctx.work.at(Stage.FIGURES, done, len(chains))
        try:
            drafted.append(draft_chain(session, wanted, sources))
        except FAULTS as error:
            kept = _keep(wanted.chain_id, error)
    return _Drafted(shard, drafted, kept)


def _keep(chain_id: str, error: Exception) -> str:
    """Log that a chain keeps its earlier releases; returns it as a network's `last_error`."""
    reason = getattr(error, "error_code", type(error).__name__)
    _log.error("chain_kept", chain=chain_id, reason=reason, exc_info=error)
    return f"{KEPT}: Chain {chain_id} keeps its earlier figures: {reason}."


def _in_force(session: Session, network: NetworkRow, period: Period) -> Rolled | None:
    """The network of another period under the same policy, while the newest that is stored of it is in force.

    None too where what is stored of it is damaged: that is for its own roll-up to refuse.
    """
    other = rollups.find_network(session, period.start, period.end, network.prefer)
    if other is None or other.current_run_id is None or other.current_run_id != other.round_run_id:
        return None
    try:
        return rolled_of(session, other)
    except ConflictError:
        return None


def _chain_ids(session: Session, network: NetworkRow, shard: ReleaseShardRow) -> Sequence[str]:
    chains = chain_query.chains_of_period(session, network.period_start, network.period_end, network.prefer)
    return [chain.id for chain in chains if shard.first_chain <= chain.id <= shard.last_chain]


def _commit(ctx: Context, drafted: _Drafted) -> int:
    """Chains are locked before the network, and both before jobs: whoever locks several does so in this order."""
    shard = drafted.shard
    with ctx.store.write() as session:
        query.lock_chains(session, shard.first_chain, shard.last_chain)
        released = sum(release_chain(ctx, session, one) for one in drafted.chains)
        network = query.lock_network(session, shard.network_number)
        present = query.find_open_shard(session, shard.network_number, shard.round, shard.shard)
        if present is None:
            raise _SupersededError
        ctx.work.guard(session)
        end_shard(ctx, session, present, network)
        if drafted.kept and network.shards_left == 0 and network.stale_since is None:
            network.last_error = drafted.kept
        if released:
            ask_for_statements(ctx, session)
        return released


def _note_refusal(ctx: Context, shard: ReleaseShardRow, error: ExchangeError) -> None:
    with ctx.store.write() as session:
        network = query.lock_network(session, shard.network_number)
        ctx.work.guard(session)
        if network.round == shard.round:
            refuse_network(ctx, session, network, error)
