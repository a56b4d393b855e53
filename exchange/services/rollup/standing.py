"""How the figures of a period stand: in force, waiting for a roll-up, being renewed, or refused and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlmodel import Session

from exchange.domain.errors import ConflictError, NotFoundError
from exchange.domain.periods import Period
from exchange.services.context import Context
from exchange.services.jobs import Queue
from exchange.services.rollup.rounds import abandon_round, chains_released
from exchange.services.rollup.stages import Stage
from exchange.services.rollup.staleness import ask_for_roll_up, rollup_key
from exchange.store import jobs
from exchange.store import rounds as query
from exchange.store.rollups import stale_networks_of
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.rollup import ChainRow, NetworkRow

State = Literal["current", "waiting", "running", "refused"]
CANCELLED = "rollup.cancelled"
PATIENCE = timedelta(seconds=30)  # how long work may wait before its queue counts as taken by nobody


@dataclass(frozen=True)
class Standing:
    """How the network of a period and policy stands.

    `stale_since` is None while the newest figures are in force. A running roll-up is at `stage`, with `steps_done` of
    `steps_total` (0: the stage has no count). `code` and `detail` say why the last one was refused, "" where it was
    not; the detail may name products and is for the operator alone.
    """

    period: Period
    prefer: str
    state: State
    stale_since: datetime | None
    stage: str
    steps_done: int
    steps_total: int
    code: str
    detail: str
    run_id: str | None


@dataclass(frozen=True)
class Renewal:
    """What of a period's standing a viewer of its figures may know: since when and why they are out of date.

    `code` says why the last roll-up was refused, "" where it was not; whose data it was about is not told.
    """

    since: datetime
    state: State
    stage: str
    steps_done: int
    steps_total: int
    code: str


def standings(ctx: Context, start: date | None = None, end: date | None = None) -> tuple[Standing, ...]:
    """Of the networks of exactly [start, end), or of all."""
    with ctx.store.read() as session:
        return tuple(standing_of(session, row) for row in query.networks_between(session, start, end))


def ask_now(ctx: Context, start: date, end: date) -> bool:
    """Have the networks of [start, end) rolled up by a worker; False where no chain asks about the period."""
    with ctx.store.write() as session:
        return ask_for_roll_up(ctx, session, start, end)


def untaken_queues(ctx: Context, found: Iterable[Standing]) -> tuple[str, ...]:
    """The queues at which these wait though no worker has taken anything of them for `PATIENCE`."""
    queues = {
        (Queue.RELEASE if one.stage == Stage.RELEASING.value else Queue.ROLLUP).value
        for one in found
        if one.state == "waiting" or one.stage == Stage.RELEASING.value
    }
    with ctx.store.read() as session:
        return tuple(
            queue for queue in sorted(queues) if query.is_untaken(session, queue, ctx.now() - PATIENCE)
        )


def cancel_roll_up(ctx: Context, start: date, end: date) -> int:
    """Stop the roll-up of [start, end): waiting, running or being released; returns how many jobs were stopped.

    Takes effect between two steps: a worker writes nothing more of it. What was released stays. A period whose
    newest figures are not in force stays marked out of date until something new comes in or somebody asks. Raises
    NotFoundError where no chain asks about the period, ConflictError (`rollup.idle`) where nothing is to be stopped.
    """
    key = rollup_key(start, end)
    with ctx.store.write() as session:
        rows = [
            query.lock_network(session, row.number) for row in query.networks_between(session, start, end)
        ]
        if not rows:
            raise NotFoundError("No chain asks about this period.")
        stopped = jobs.cancel_alive(session, ctx.now(), jobs.under_key(key))
        stopped += jobs.cancel_alive(session, ctx.now(), jobs.holding(key))
        left = [row for row in rows if row.shards_left]
        if not stopped and not left:
            raise ConflictError("No roll-up of this period waits or runs.", code="rollup.idle")
        for row in rows:
            if row.stale_since or row.current_run_id is None or row.current_run_id != row.round_run_id:
                row.stale_since = row.stale_since or ctx.now()
                row.last_error = f"{CANCELLED}: The operator stopped this roll-up."
            abandon_round(session, row)
        return stopped


def standing_of(session: Session, network: NetworkRow) -> Standing:
    """Of one network, as its row and its jobs say."""
    job = jobs.newest_under(session, rollup_key(network.period_start, network.period_end))
    state, stage, done, total = _at(session, network, job)
    code, _, detail = network.last_error.partition(": ")
    return Standing(
        Period(network.period_start, network.period_end),
        network.prefer,
        state,
        network.stale_since,
        stage,
        done,
        total,
        code,
        detail,
        network.current_run_id,
    )


def renewals_of(session: Session, chain: ChainRow) -> Mapping[Period, Renewal]:
    """The periods whose figures are out of date under the chain's policy.

    Since which day, and how far in hundredths: to the instant it would tell when somebody published, and in
    chains how many others look at the period.
    """
    found = [standing_of(session, row) for row in stale_networks_of(session, chain)]
    return {
        one.period: Renewal(_day(one.stale_since), one.state, one.stage, *_hundredths(one), one.code)
        for one in found
        if one.stale_since is not None
    }


def _day(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def _hundredths(standing: Standing) -> tuple[int, int]:
    total = standing.steps_total
    return (100 * standing.steps_done // total, 100) if total else (0, 0)


def _at(session: Session, network: NetworkRow, job: JobRow | None) -> tuple[State, str, int, int]:
    if network.shards_left:
        return "running", Stage.RELEASING.value, *chains_released(session, network)
    if job is not None and job.state == "running":
        return "running", job.stage, job.steps_done, job.steps_total
    if job is not None and job.state == "queued":
        return "waiting", "", 0, 0
    if network.last_error:
        return "refused", "", 0, 0
    return ("waiting" if network.stale_since else "current"), "", 0, 0
