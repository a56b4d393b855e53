"""Rounds of releases: shards are done once each, a round that is over writes nothing, what is forgotten is found."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlmodel import select

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.domain.errors import ExchangeError
from exchange.domain.periods import year
from exchange.services.context import Context
from exchange.services.jobs import Queue
from exchange.services.organisations import set_rollup_consent
from exchange.services.rollup import releasing, running, solving
from exchange.services.rollup.stages import Stage
from exchange.services.rollup.staleness import rollup_key
from exchange.services.transparency.starting import look_again
from exchange.store.engine import Store
from exchange.store.tables.networks import (
    ReleaseShardRow,
    RunArrayRow,
)
from exchange.store.tables.rollup import ChainTargetRow, NetworkRow, ReleaseRow, RunRow
from exchange.store.types import metadata
from tests.service.rollup_rounds import (
    MINUTES,
    PERIOD,
    At,
    bury,
    jobs_of,
    network,
    released,
    rows,
    story,
    work,
)
from tests.service.rollup_story import Story
from workers.run_job import run_job

__all__ = ["story"]  # the fixture


def test_chains_are_released_in_shards_and_the_last_one_puts_the_run_in_force(
    story: Story, worker: Exchange, clock: SteppingClock
) -> None:
    assert work(worker, clock, "rollup") == ["done"]
    opened = network(story.ctx)
    assert (opened.round, opened.shards_left, opened.current_run_id) == (1, 3, None)
    assert opened.stale_since is not None
    assert released(story.ctx) == []
    shards = rows(story.ctx, ReleaseShardRow)
    assert [shard.chains for shard in shards] == [2, 2, 1]
    first, second, third = jobs_of(story.ctx, "release_chains")
    assert {job.queue for job in (first, second, third)} == {"release"}

    assert run_job(worker, second.id) == "done"
    assert run_job(worker, first.id) == "done"
    assert network(story.ctx).current_run_id is None
    assert run_job(worker, third.id) == "done"
    settled = network(story.ctx)
    assert (settled.current_run_id, settled.shards_left) == (opened.round_run_id, 0)
    assert settled.stale_since is None
    assert sorted(released(story.ctx)) == [9, 18, 27, 36, 45]
    assert len(rows(story.ctx, ReleaseRow)) == 5 * 5


def test_no_roll_up_begins_before_the_chains_of_the_last_one_are_released(
    story: Story, worker: Exchange, clock: SteppingClock
) -> None:
    """Else a stream of datasets would keep them from ever being released."""
    work(worker, clock, "rollup")
    story.publish_steel(co2e="1.5")
    assert work(worker, clock, "rollup") == []
    assert work(worker, clock, "release_chains") == ["done"] * 3
    assert network(story.ctx).stale_since is not None  # more came in meanwhile
    assert sorted(released(story.ctx)) == [9, 18, 27, 36, 45]
    assert work(worker, clock, "rollup") == ["done"]
    assert work(worker, clock, "release_chains") == ["done"] * 3
    assert sorted(released(story.ctx)[5:]) == [7, 14, 21, 28, 35]
    assert network(story.ctx).stale_since is None


def test_a_shard_done_twice_at_the_same_time_counts_once(story: Story, worker: Exchange) -> None:
    (opened,) = running.solve_period(story.ctx, *PERIOD)
    place = opened.network, opened.round, 0
    second = replace(story.ctx, work=At(Stage.RELEASING, lambda: releasing.release_shard(story.ctx, *place)))
    assert releasing.release_shard(second, *place) == 0  # the other one was first, after both had read
    assert network(story.ctx).shards_left == 2
    assert len(released(story.ctx)) == 2
    assert releasing.release_shard(story.ctx, *place) == 0


def test_a_shard_of_a_round_that_is_over_writes_nothing(story: Story) -> None:
    (old,) = running.solve_period(story.ctx, *PERIOD)

    def overtake() -> None:
        story.publish_steel(co2e="3")
        running.run_rollup(story.ctx, *PERIOD)

    late = replace(story.ctx, work=At(Stage.RELEASING, overtake))
    assert releasing.release_shard(late, old.network, old.round, 0) == 0
    after = network(story.ctx)
    assert (after.round, after.shards_left) == (2, 0)
    assert after.current_run_id != old.run_id
    assert sorted(released(story.ctx)) == [13, 26, 39, 52, 65]  # 1 + 4 x 3 per chair
    assert {row.run_id for row in rows(story.ctx, ReleaseRow)} == {after.current_run_id}
    assert releasing.release_shard(story.ctx, old.network, old.round, 1) == 0


def test_two_periods_of_a_chain_released_at_once_are_compared_as_they_are(ctx: Context) -> None:
    """Whoever releases second sees the other's figures, though both had read before either wrote."""
    story = Story.new(ctx)
    for number in (2024, 2025):
        story.publish_steel(in_year=number, co2e={2024: "2", 2025: "1"}[number])
        story.publish_delivery(in_year=number)
        story.publish_chair(in_year=number)
    story.grant_all()
    chain = story.create_chain(2024, 2025)
    (later,) = running.solve_period(ctx, *PERIOD)
    (earlier,) = running.solve_period(ctx, year(2024).start, year(2024).end)
    first = At(Stage.RELEASING, lambda: releasing.release_shard(ctx, earlier.network, earlier.round, 0))
    releasing.release_shard(replace(ctx, work=first), later.network, later.round, 0)
    assert story.cell(chain, at=2024).value == 90
    cell = story.cell(chain)
    assert cell.value == 50
    assert cell.base is not None
    assert cell.base.effect_index == pytest.approx(Decimal("55.5556"), abs=Decimal("0.0001"))  # 50 / 90


def test_jobs_of_a_round_that_is_over_are_cancelled(story: Story) -> None:
    running.solve_period(story.ctx, *PERIOD)
    running.solve_period(story.ctx, *PERIOD)
    assert [job.state for job in jobs_of(story.ctx, "release_chains")] == ["cancelled"] * 3 + ["queued"] * 3


def test_two_workers_on_one_snapshot_solve_once(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    solved = []
    solve = solving.solve_arrays
    monkeypatch.setattr(solving, "solve_arrays", lambda arrays: (solved.append(1), solve(arrays))[1])
    store = Store(story.ctx.settings.database)
    other = replace(story.ctx, store=store)
    start = threading.Barrier(2)

    def roll_up(ctx: Context) -> running.OpenedRound:
        start.wait()
        (opened,) = running.solve_period(ctx, *PERIOD)
        return opened

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(roll_up, (story.ctx, other)))
    store.close()
    assert len(solved) == 1
    assert len({one.run_id for one in results}) == 1
    assert sorted(one.is_new for one in results) == [False, True]
    assert len(rows(story.ctx, RunRow)) == 1


def test_a_worker_that_waits_for_another_says_so_and_can_be_stopped(story: Story) -> None:
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    def second() -> None:
        with pytest.raises(Stopped):
            running.solve_period(replace(story.ctx, work=At(Stage.WAITING, stop)), *PERIOD)

    first = At(Stage.READING, second)
    running.solve_period(replace(story.ctx, work=first), *PERIOD)
    assert first.is_done
    assert network(story.ctx).round == 1


def test_inputs_that_come_back_keep_their_first_run(story: Story) -> None:
    (first,) = running.run_rollup(story.ctx, *PERIOD)
    set_rollup_consent(story.steel_maker.party.ctx, False)
    (without,) = running.run_rollup(story.ctx, *PERIOD)
    set_rollup_consent(story.steel_maker.party.ctx, True)
    (again,) = running.run_rollup(story.ctx, *PERIOD)
    assert (again.run_id, again.identity, again.is_new) == (first.run_id, first.identity, False)
    assert without.run_id != first.run_id
    assert sorted(released(story.ctx)[10:]) == [9, 18, 27, 36, 45]
    assert network(story.ctx).current_run_id == first.run_id


def test_arrays_are_kept_of_the_newest_run_and_the_one_in_force_before_it(story: Story) -> None:
    runs = []
    for co2e in ("2", "3", "4", "5"):
        story.publish_steel(co2e=co2e)
        runs.append(running.run_rollup(story.ctx, *PERIOD)[0].run_id)
    assert len(set(runs)) == 4
    assert {one.run_id for one in rows(story.ctx, RunArrayRow)} == set(runs[2:])
    story.publish_steel(co2e="4")  # signed anew: other inputs, another run
    (again,) = running.run_rollup(story.ctx, *PERIOD)
    assert {one.run_id for one in rows(story.ctx, RunArrayRow)} == {runs[3], again.run_id}


def test_a_run_from_before_networks_were_stored_stays_and_its_chains_keep_their_figures(story: Story) -> None:
    """What an upgrade finds: runs and releases, and neither nodes nor arrays."""
    (first,) = running.run_rollup(story.ctx, *PERIOD)
    with story.ctx.store.write() as session:
        for table in reversed(metadata.sorted_tables):
            if table.name.startswith("network_") or table.name in {"run_array", "release_shard"}:
                session.execute(sa.delete(table))
        row = session.exec(select(NetworkRow)).one()
        row.version, row.round, row.round_run_id = 0, 0, None
        session.add(row)
    (again,) = running.run_rollup(story.ctx, *PERIOD)
    assert (again.run_id, again.is_new, again.released) == (first.run_id, False, 0)
    story.create_chain(chair="6")
    (later,) = running.run_rollup(story.ctx, *PERIOD)
    assert (later.run_id, later.released) == (first.run_id, 5)
    assert sorted(released(story.ctx)) == [9, 18, 27, 36, 45, 54]


def test_arrays_of_a_run_that_are_gone_are_no_figures_and_are_made_again(story: Story) -> None:
    (opened,) = running.solve_period(story.ctx, *PERIOD)
    with story.ctx.store.write() as session:
        session.execute(sa.delete(RunArrayRow))
    with pytest.raises(ExchangeError) as refusal:
        releasing.release_shard(story.ctx, opened.network, opened.round, 0)
    assert refusal.value.error_code == "run.damaged"
    assert network(story.ctx).last_error.startswith("run.damaged: ")
    assert released(story.ctx) == []
    (again,) = running.run_rollup(story.ctx, *PERIOD)
    assert again.run_id == opened.run_id
    assert sorted(released(story.ctx)) == [9, 18, 27, 36, 45]


def test_a_shard_whose_job_was_given_up_is_asked_for_again(
    story: Story, worker: Exchange, clock: SteppingClock
) -> None:
    work(worker, clock, "rollup")
    first, *_ = jobs_of(story.ctx, "release_chains")
    run_job(worker, first.id)
    bury(story.ctx, "release_chains")
    look_again(story.ctx)
    assert work(worker, clock, "release_chains") == []  # it rests first
    clock.move(MINUTES)
    look_again(story.ctx)
    look_again(story.ctx)
    assert work(worker, clock, "release_chains") == ["done", "done"]
    assert network(story.ctx).shards_left == 0
    assert len(released(story.ctx)) == 5


def test_a_stale_network_whose_job_was_given_up_is_asked_for_again(
    story: Story, worker: Exchange, clock: SteppingClock
) -> None:
    bury(story.ctx, "rollup")
    clock.move(MINUTES)
    look_again(story.ctx)
    assert work(worker, clock, "rollup", "release_chains") == ["done"] * 4
    look_again(story.ctx)
    assert work(worker, clock, "rollup") == []  # what is up to date is left alone


def test_a_network_without_chains_is_settled_by_its_run(ctx: Context) -> None:
    story = Story.new(ctx)
    story.publish_all()
    story.create_chain()
    with ctx.store.write() as session:
        session.execute(sa.delete(ChainTargetRow))
    (opened,) = running.solve_period(ctx, *PERIOD)
    assert (network(ctx).current_run_id, network(ctx).shards_left) == (opened.run_id, 0)


def test_keys_of_rounds_are_apart_and_hold_their_period(story: Story) -> None:
    running.solve_period(story.ctx, *PERIOD)
    held = {job.holds for job in jobs_of(story.ctx, "release_chains")}
    assert held == {rollup_key(*PERIOD)}
    assert {job.queue for job in jobs_of(story.ctx, "rollup")} == {Queue.ROLLUP.value}
