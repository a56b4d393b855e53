"""Roll-ups as jobs on the system's clock: five chains in shards of two, and what must hold once all is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from sqlmodel import col, select

from exchange.services.context import Context
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.rollup import NetworkRow, ReleaseRow, RunRow
from tests.service.rollup_story import Story
from workers.tasks import HANDLERS, Handler

CHAINS = 5


def nothing(ctx: Context, payload: Mapping[str, str]) -> None:
    """The work of jobs that a roll-up's test is not about: signing, the log."""


HANDLERS_HERE: Mapping[str, Handler] = {
    **dict.fromkeys(HANDLERS, nothing),
    "rollup": HANDLERS["rollup"],
    "release_chains": HANDLERS["release_chains"],
}


def told(ctx: Context) -> Story:
    """Everything published, and five chains that ask for 1, 2, 3, 4 and 5 chairs."""
    story = Story.new(ctx)
    story.publish_all()
    for number in range(1, CHAINS + 1):
        story.create_chain(chair=str(number))
    return story


def is_settled(ctx: Context) -> bool:
    """Whether the newest figures are in force and no job of a roll-up waits or runs."""
    with ctx.store.read() as session:
        stale = session.exec(select(NetworkRow).where(col(NetworkRow.stale_since).is_not(None))).all()
        alive = session.exec(
            select(JobRow.id).where(
                col(JobRow.kind).in_(("rollup", "release_chains")),
                col(JobRow.state).in_(("queued", "running")),
            )
        ).all()
        return not stale and not alive


def check_once_each(ctx: Context, co2e: Decimal) -> None:
    """Every run committed once, every chain was released at most once per run, and the newest figures are right."""
    with ctx.store.read() as session:
        runs = session.exec(select(RunRow)).all()
        releases = session.exec(select(ReleaseRow).where(ReleaseRow.indicator == "co2e")).all()
        (network,) = session.exec(select(NetworkRow)).all()
        states = set(
            session.exec(select(JobRow.state).where(col(JobRow.kind).in_(("rollup", "release_chains")))).all()
        )
    assert len({run.identity for run in runs}) == len(runs)
    assert {run.state for run in runs} == {"done"}
    assert set(Counter((one.chain_id, one.run_id) for one in releases).values()) == {1}
    newest = [one.value for one in releases if one.run_id == network.current_run_id]
    assert sorted(newest) == [number * (1 + 4 * co2e) for number in range(1, CHAINS + 1)]
    assert (network.shards_left, network.last_error) == (0, "")
    assert states <= {"done", "cancelled"}
