"""The roll-up: from the datasets in force to a stored run and a round of releases, once per set of inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from exchange.domain.errors import ExchangeError
from exchange.services.context import Context
from exchange.services.rollup.network_build import Inputs, read_inputs
from exchange.services.rollup.releasing import release_round
from exchange.services.rollup.rounds import open_round, refuse_network
from exchange.services.rollup.runs import Worked, failed_run, is_solved, store_run, work_out
from exchange.services.rollup.stages import Stage
from exchange.store import chains as chain_query
from exchange.store import rollups as query
from exchange.store import rounds
from exchange.store.single_flight import single_flight
from exchange.store.tables.rollup import NetworkRow


@dataclass(frozen=True)
class OpenedRound:
    """A network that was rolled up: its run, whether its inputs had not been solved before, and its round."""

    run_id: str
    identity: str
    is_new: bool
    network: int
    round: int


@dataclass(frozen=True)
class RollupResult:
    """What one roll-up did. `is_new`: its inputs had not been solved before. `released`: rows written."""

    run_id: str
    identity: str
    is_new: bool
    released: int


def solve_period(ctx: Context, start: date, end: date) -> tuple[OpenedRound, ...]:
    """Solve the networks of [start, end), one per policy that chains use, and have their chains released by jobs.

    Safe to repeat: inputs solved before keep their first committed run. Data of a product that cannot be used are
    a gap, and why is stored with the run's checks. A network that cannot be solved or verified is stored as a
    failed run with its reason, and the releases before it stay, marked out of date; every network is tried before
    the first refusal is raised.
    """
    opened: list[OpenedRound] = []
    _each_network(ctx, start, end, lambda number: opened.append(_solve_network(ctx, number)))
    return tuple(opened)


def run_rollup(ctx: Context, start: date, end: date) -> tuple[RollupResult, ...]:
    """The same, and release all their chains here and now: what an operator does by hand."""
    results: list[RollupResult] = []

    def roll_up(number: int) -> None:
        one = _solve_network(ctx, number)
        released = release_round(ctx, one.network, one.round)
        results.append(RollupResult(one.run_id, one.identity, one.is_new, released))

    _each_network(ctx, start, end, roll_up)
    return tuple(results)


def _each_network(ctx: Context, start: date, end: date, act: Callable[[int], None]) -> None:
    with ctx.store.read() as session:
        numbers = [row.number for row in rounds.networks_between(session, start, end)]
    refused: list[ExchangeError] = []
    for number in numbers:
        try:
            act(number)
        except ExchangeError as error:
            refused.append(error)
    if refused:
        raise refused[0]


def _solve_network(ctx: Context, number: int) -> OpenedRound:
    """Alone on this network, whoever else was asked for it: a second worker finds the run of the first."""
    with single_flight(ctx.store, number, lambda: ctx.work.at(Stage.WAITING)):
        ctx.work.at(Stage.READING)
        with ctx.store.read() as session:
            network = rounds.network_by_number(session, number)
            inputs = read_inputs(session, network.period_start, network.period_end, network.prefer)
            is_stored = is_solved(session, network, inputs)
        try:
            worked = None if is_stored else work_out(ctx, inputs)
        except ExchangeError as error:
            _store_refusal(ctx, network, inputs, error)
            raise
        ctx.work.at(Stage.STORING)
        return _commit(ctx, network, inputs, worked)


def _commit(ctx: Context, network: NetworkRow, inputs: Inputs, worked: Worked | None) -> OpenedRound:
    """Store network and run and open the round that releases it: all of it in one transaction, or none."""
    with ctx.store.write() as session:
        row = rounds.lock_network(session, network.number)
        ctx.work.guard(session)
        found = query.find_done_run(session, inputs.identity)
        run = store_run(ctx, session, row, inputs, worked)
        open_round(ctx, session, row, run.id, _chain_ids(session, row))
        return OpenedRound(run.id, inputs.identity, found is None, row.number, row.round)


def _chain_ids(session: Session, network: NetworkRow) -> Sequence[str]:
    chains = chain_query.chains_of_period(session, network.period_start, network.period_end, network.prefer)
    return sorted(chain.id for chain in chains)


def _store_refusal(ctx: Context, network: NetworkRow, inputs: Inputs, error: ExchangeError) -> None:
    with ctx.store.write() as session:
        row = rounds.lock_network(session, network.number)
        ctx.work.guard(session)
        session.add(failed_run(ctx, network, inputs, refuse_network(ctx, session, row, error)))
