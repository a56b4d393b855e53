"""The roll-up: from the datasets in force to a stored run and released chain cells, once per set of inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from exchange.domain.errors import ExchangeError
from exchange.domain.linking import COLUMNS, LinkedNetwork
from exchange.engine.identities import Identity
from exchange.services.context import Context
from exchange.services.release_signing import ask_for_statements
from exchange.services.rollup.chain_figures import Figures, chain_figures
from exchange.services.rollup.network_build import METHOD_VERSION, Inputs, read_inputs
from exchange.services.rollup.releases import ChainPeriod, release_chain
from exchange.services.rollup.run_figures import run_figures
from exchange.services.rollup.solving import SOLVER, Solved, solve_given
from exchange.services.rollup.staleness import rollup_key
from exchange.store import chains as chain_query
from exchange.store import jobs
from exchange.store import rollups as query
from exchange.store.tables.rollup import NetworkRow, RunRow


@dataclass(frozen=True)
class RollupResult:
    """What one roll-up did. `is_new`: its inputs had not been solved before. `released`: rows written."""

    run_id: str
    identity: str
    is_new: bool
    released: int


def run_rollup(ctx: Context, start: date, end: date) -> tuple[RollupResult, ...]:
    """Roll up the networks of [start, end), one per policy that chains use; safe to repeat.

    Inputs solved before keep their first committed run. Data of a product that cannot be used are a gap, and
    why is stored with the run's checks. A network that cannot be solved or verified is stored as a failed run
    with its reason and the releases before it stay; every network is tried before the first refusal is raised.
    """
    with ctx.store.read() as session:
        networks = list(query.networks_of_period(session, start, end))
    results, refused = [], []
    for network in networks:
        try:
            results.append(_roll_up(ctx, network))
        except ExchangeError as error:
            refused.append(error)
    if refused:
        raise refused[0]
    return tuple(results)


@dataclass(frozen=True, eq=False)
class _Outcome:
    """`solved` is None where no product takes part: then the chains' cells say that there is no data."""

    network: NetworkRow
    inputs: Inputs
    solved: Solved | None
    figures: Mapping[str, tuple[Figures, ...]]

    @property
    def period(self) -> tuple[date, date]:
        return self.network.period_start, self.network.period_end


def _roll_up(ctx: Context, network: NetworkRow) -> RollupResult:
    with ctx.store.read() as session:
        inputs = read_inputs(session, network.period_start, network.period_end, network.prefer)
        amounts = _target_amounts(session, network)
    try:
        solved = solve_given(inputs.given) if inputs.given.products else None
    except ExchangeError as error:
        _store_failure(ctx, network, inputs, error)
        raise
    figures = {
        chain_id: chain_figures(solved, wanted, inputs) if solved else ()
        for chain_id, wanted in amounts.items()
    }
    outcome = _Outcome(network, inputs, solved, figures)
    try:
        return _commit(ctx, outcome)
    except IntegrityError:  # another worker committed the same inputs first: its run stands
        return _commit(ctx, outcome)


def _target_amounts(session: Session, network: NetworkRow) -> dict[str, dict[str, Decimal]]:
    start, end = network.period_start, network.period_end
    chains = chain_query.chains_of_period(session, start, end, network.prefer)
    amounts: dict[str, dict[str, Decimal]] = {chain.id: {} for chain in chains}
    for target in chain_query.targets_of(session, list(amounts)):
        if (target.period_start, target.period_end) == (start, end):
            amounts[target.chain_id][target.product_id] = target.amount
    return amounts


def _commit(ctx: Context, outcome: _Outcome) -> RollupResult:
    """Store the run, release what changed and point the network at the run: one transaction."""
    inputs = outcome.inputs
    with ctx.store.write() as session:
        run = query.find_done_run(session, inputs.identity)
        is_new = run is None
        if run is None:
            run = _run(ctx, outcome.network, inputs, "done", "")
            if outcome.solved is not None:
                run.checks = [_check(identity) for identity in outcome.solved.identities]
                run.checks += _refusals(outcome.solved.linked)
            session.add(run)
            session.flush()
            if outcome.solved is not None:
                session.add_all(run_figures(run.id, outcome.solved))
        released = sum(
            release_chain(
                ctx, session, ChainPeriod(chain_id, *outcome.period), run.id, figures, inputs.references
            )
            for chain_id, figures in sorted(outcome.figures.items())
        )
        if released:
            ask_for_statements(ctx, session)
        _settle(session, outcome.network, run.id)
        return RollupResult(run.id, inputs.identity, is_new, released)


def _settle(session: Session, network: NetworkRow, run_id: str) -> None:
    """The network is up to date, unless more came in meanwhile: then a job waits and it stays stale."""
    start, end = network.period_start, network.period_end
    row = query.find_network(session, start, end, network.prefer)
    if row is None:
        return
    row.current_run_id, row.last_error = run_id, ""
    if jobs.find_waiting(session, rollup_key(start, end)) is None:
        row.stale_since = None
    session.add(row)


def _store_failure(ctx: Context, network: NetworkRow, inputs: Inputs, error: ExchangeError) -> None:
    with ctx.store.write() as session:
        session.add(_run(ctx, network, inputs, "failed", f"{error.error_code}: {error.detail}"))
        row = query.find_network(session, network.period_start, network.period_end, network.prefer)
        if row is not None:
            row.last_error = f"{error.error_code}: {error.detail}"[:2000]
            session.add(row)


def _run(ctx: Context, network: NetworkRow, inputs: Inputs, state: str, reason: str) -> RunRow:
    return RunRow(
        id=ctx.new_id(),
        identity=inputs.identity,
        period_start=network.period_start,
        period_end=network.period_end,
        prefer=network.prefer,
        method_version=METHOD_VERSION,
        factor_set=inputs.factors,
        solver=SOLVER,
        code_version=_code_version(),
        state=state,
        reason=reason[:2000],
        inputs=list(inputs.digests),
        created_at=ctx.now(),
    )


def _check(identity: Identity) -> dict[str, str]:
    return {
        "name": identity.name,
        "column": COLUMNS[identity.column],
        "left": repr(identity.left),
        "right": repr(identity.right),
        "difference": f"{identity.difference:.3e}",
    }


def _refusals(linked: LinkedNetwork) -> list[dict[str, str]]:
    """Whose data the run is without, and what its maker has to correct."""
    return [
        {
            "name": "refused",
            "product": product,
            "code": error.error_code,
            "detail": error.detail,
            "advice": error.advice,
        }
        for product, error in linked.refusals.items()
    ]


def _code_version() -> str:
    try:
        return version("value-chain-exchange")
    except PackageNotFoundError:
        return "source"
