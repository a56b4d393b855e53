"""Runs: one solve of one network, stored with what it was made from; the first committed one of its inputs stands."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from sqlmodel import Session

from exchange.domain.errors import ConflictError, UnavailableError
from exchange.domain.linking import COLUMNS, LinkedNetwork
from exchange.domain.periods import Period
from exchange.engine.errors import DamagedError
from exchange.engine.identities import Identity
from exchange.services.context import Context
from exchange.services.rollup.network_build import METHOD_VERSION, Inputs
from exchange.services.rollup.network_view import StoredView
from exchange.services.rollup.rolled import Rolled
from exchange.services.rollup.run_figures import load_solved, store_run_arrays
from exchange.services.rollup.solving import SOLVER, Solved, solve_given, solve_linked
from exchange.services.rollup.stages import Stage
from exchange.services.rollup.stored_network import store_network
from exchange.store import rollups as query
from exchange.store.tables.rollup import NetworkRow, RunRow


@dataclass(frozen=True, eq=False)
class Worked:
    """A linked network and its solution; both None where no product takes part."""

    linked: LinkedNetwork | None
    solved: Solved | None


def is_solved(session: Session, network: NetworkRow, inputs: Inputs) -> bool:
    """Whether these inputs were solved before and the stored network is still the one they make."""
    run = query.find_done_run(session, inputs.identity)
    return run is not None and run.id == network.round_run_id and not _lacks_arrays(session, run)


def work_out(ctx: Context, inputs: Inputs) -> Worked:
    """Link and solve; writes nothing. Raises SolvingError."""
    ctx.work.at(Stage.LINKING)
    if not inputs.given.products:
        return Worked(None, None)

    def solve(linked: LinkedNetwork) -> Solved:
        ctx.work.at(Stage.SOLVING)
        return solve_linked(linked)

    return Worked(*solve_given(inputs.given, solve))


def store_run(
    ctx: Context, session: Session, network: NetworkRow, inputs: Inputs, worked: Worked | None
) -> RunRow:
    """Store the network of a round's run, and the run unless one of the same inputs stands; `network` is locked.

    `worked` is None where the stored network is theirs already (`is_solved`); raises UnavailableError
    (`rollup.overtaken`) where it is so no more.
    """
    run = query.find_done_run(session, inputs.identity)
    if worked is None:
        if run is None or run.id != network.round_run_id:
            raise UnavailableError("Another roll-up of the period was stored.", code="rollup.overtaken")
        return run
    stored = store_network(session, network.number, worked.linked) if worked.linked else None
    if run is None:
        run = _run(ctx, network, inputs, "done", "")
        run.network_version = stored.version if stored else network.version
        run.checks = _checks(worked)
        session.add(run)
        session.flush()
    if stored and worked.solved and not query.has_arrays(session, run.id):
        store_run_arrays(session, run.id, stored, worked.solved)
        query.drop_older_arrays(session, network, run.id)
    return run


def rolled_of(session: Session, network: NetworkRow) -> Rolled:
    """The network as the run of its newest round solved it, read in one snapshot with its row.

    Raises ConflictError (`run.damaged`) where what is stored is not what was written.
    """
    run = session.get_one(RunRow, network.round_run_id)
    try:
        if _lacks_arrays(session, run):
            raise DamagedError("They are gone.")
        solved = load_solved(session, network.number, run.id)
    except DamagedError as error:
        raise ConflictError(
            f"The arrays of run {run.id} are damaged: {error.detail}",
            code="run.damaged",
            advice="Restore the newest backup.",
        ) from error
    return Rolled(
        Period(network.period_start, network.period_end),
        network.prefer,
        run.id,
        run.factor_set,
        StoredView(session, network.number),
        solved,
    )


def _lacks_arrays(session: Session, run: RunRow) -> bool:
    """Whether the run solved something and what it solved is not kept."""
    return bool(run.checks) and not query.has_arrays(session, run.id)


def failed_run(ctx: Context, network: NetworkRow, inputs: Inputs, reason: str) -> RunRow:
    """A run that was refused, with its reason."""
    return _run(ctx, network, inputs, "failed", reason)


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
        reason=reason,
        inputs=list(inputs.digests),
        created_at=ctx.now(),
    )


def _checks(worked: Worked) -> list[dict[str, str]]:
    """The identities that held, and whose data the run is without."""
    if worked.linked is None or worked.solved is None:
        return []
    return [_check(identity) for identity in worked.solved.identities] + _refusals(worked.linked)


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
            "line": error.line,
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
