"""Neither the order in which data come in nor the number of workers changes what a roll-up is, to the last digit."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, permutations
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.services import jobs, publish
from exchange.services.dataset_entry import Published
from exchange.services.rollup import rounds
from exchange.services.suppliers import confirm_supplier
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.rollup import ReleaseRow, RunRow
from exchange.trust import keys as trust_keys
from tests import conftest, datasets, factories
from tests.service import rollup_story
from tests.service.rollup_story import Story
from workers.run_job import run_job

KINDS = {"rollup", "release_chains"}


@dataclass(frozen=True)
class World:
    """An exchange of its own in which the same people do the same things, so that all ids are the same."""

    story: Story
    worker: Exchange
    clock: SteppingClock


@pytest.fixture
def worlds(template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes worlds; keys and shards are alike in all of them."""
    monkeypatch.setattr(rounds, "CHAINS_PER_SHARD", 1)
    private = [trust_keys.new_private_key() for _ in range(2)]
    with ExitStack() as stack:

        def make(number: int) -> World:
            folder = tmp_path / str(number)
            folder.mkdir()
            keys = iter(private)
            monkeypatch.setattr(datasets, "new_private_key", lambda: next(keys))
            for module in (datasets, factories):
                monkeypatch.setattr(module, "_numbers", count(1))
            return stack.enter_context(world(template, folder))

        yield make


@contextmanager
def world(template: str, folder: Path) -> Iterator[World]:
    clock = SteppingClock(conftest.START)
    with conftest.database_copy(template, folder) as url:
        settings = conftest.settings_over(folder, url)
        with conftest.web_process(settings, clock) as web, conftest.worker_process(settings, clock) as worker:
            yield World(Story.new(web.context(request_id="test-request")), worker, clock)


def tokens_of(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the story's makers publish, signed and kept: the steel, the delivery, the chair."""
    kept: list[str] = []

    def keep(_: object, token: str) -> Published:
        kept.append(token)
        return None  # type: ignore[return-value]

    with monkeypatch.context() as patch:
        patch.setattr(rollup_story.publish, "publish_token", keep)
        world.story.publish_steel()
        world.story.publish_delivery(confirmed=False)
        world.story.publish_chair()
    return kept


def roll_up(world: World, tokens: Sequence[str], order: Sequence[int], workers: int) -> dict[str, Any]:
    """Publish in an order, let so many workers do what is asked for, and tell what came of it."""
    story, makers = world.story, (world.story.steel_maker, world.story.steel_maker, world.story.chair_maker)
    for chairs in ("1", "2", "3"):
        story.create_chain(chair=chairs)
    world.clock.move(timedelta(hours=1))
    for number in order:
        publish.publish_token(makers[number].party.ctx, tokens[number])
    confirm_supplier(story.chair_maker.party.ctx, story.steel_maker.party.id)
    world.clock.move(timedelta(seconds=2))
    threads = [threading.Thread(target=work_off, args=(world.worker,)) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work_off(world.worker)  # what one worker asked for when the others had left already
    with story.ctx.store.read() as session:
        (run,) = session.exec(select(RunRow)).all()
        cells = session.exec(select(ReleaseRow)).all()
    figures = {
        (one.indicator, str(one.value), one.per_unit, str(one.detail), str(one.panel)) for one in cells
    }
    assert len(cells) == 3 * 5
    return {"identity": run.identity, "inputs": run.inputs, "checks": run.checks, "figures": figures}


def work_off(worker: Exchange) -> None:
    while due := [one for one in jobs.due(worker.context()) if _kind(worker, one) in KINDS]:
        for job in due:
            run_job(worker, job)


def _kind(worker: Exchange, job_id: str) -> str:
    with worker.store.read() as session:
        return session.get_one(JobRow, job_id).kind


def test_order_of_ingestion_and_number_of_workers_change_nothing(
    worlds: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = worlds(0)
    tokens = tokens_of(first, monkeypatch)
    outcomes = []
    for number, order in enumerate(permutations(range(3))):
        made = first if number == 0 else worlds(number)
        outcomes.append(roll_up(made, tokens, order, workers=1 + number % 3))
    assert len(tokens) == 3
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert len(outcomes) == 6
