"""`vcx rollup`: looking on until it is done or refused, stopping it, and how every period stands."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.commands import roll_up
from exchange.services import jobs
from exchange.services.context import Context
from exchange.services.rollup import rounds, solving
from tests.cli.conftest import Vcx
from tests.service.rollup_rounds import work
from tests.service.rollup_story import Story
from workers.run_job import run_job

PERIOD = ("2025-01-01", "2026-01-01")
Steps = Callable[[], None]


@pytest.fixture
def story(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> Story:
    """Three chains in two shards, everything published."""
    monkeypatch.setattr(rounds, "CHAINS_PER_SHARD", 2)
    made = Story.new(ctx)
    made.publish_all()
    for chairs in ("1", "2", "3"):
        made.create_chain(chair=chairs)
    return made


@pytest.fixture
def by_a_worker(worker: Exchange, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """While `--watch` waits, a worker does one job of those that are due."""

    def steps() -> Iterator[None]:
        for _ in range(30):  # more is a circle
            clock.move(timedelta(seconds=2))
            for job_id in jobs.due(worker.context()):
                run_job(worker, job_id)
                yield
            yield

    going = steps()
    monkeypatch.setattr(roll_up, "pause", lambda: next(going))


def changes(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.usefixtures("by_a_worker")
def test_watch_shows_the_stages_until_the_figures_are_in_force(vcx: Vcx, story: Story) -> None:
    told = changes(vcx("rollup", *PERIOD, "--watch", "--json").stdout)
    seen = [(one["state"], one["stage"], one["steps_done"], one["steps_total"]) for one in told]
    assert seen[0] == ("waiting", "", 0, 0)
    assert ("running", "releasing", 0, 3) in seen
    assert ("running", "releasing", 2, 3) in seen
    assert seen[-1] == ("current", "", 0, 0)
    assert told[-1]["run"] and told[-1]["stale_since"] is None
    assert len({json.dumps(one) for one in told}) == len(told)  # only changes are told


@pytest.mark.usefixtures("by_a_worker")
def test_watch_ends_with_1_and_the_reason_when_it_is_refused(
    vcx: Vcx, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solving, "LARGEST_ERROR", -1.0)
    told = vcx("rollup", *PERIOD, "--watch", code=1).stdout.splitlines()
    assert told[0] == "2025-01-01 to 2026-01-01 (linked): waits for a worker."
    assert told[-1].startswith("2025-01-01 to 2026-01-01 (linked): refused (rollup.imprecise): ")
    assert "The figures before stay, out of date since 2026-03-02 08:00 UTC." in told[-1]


def test_by_hand_it_is_refused_with_1_and_stays_marked(
    vcx: Vcx, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(solving, "LARGEST_ERROR", -1.0)
        assert vcx.refused("rollup", *PERIOD) == "rollup.imprecise"
    (one,) = vcx.json("rollup")["networks"]
    assert (one["state"], one["refused"]["code"]) == ("waiting", "rollup.imprecise")  # publishing's job waits
    report = vcx.json("rollup", *PERIOD)
    assert [made["released"] for made in report["networks"]] == [15]
    (one,) = vcx.json("rollup")["networks"]
    assert one["refused"] is None
    assert one["run"] == report["networks"][0]["run"]


def test_cancel_stops_what_waits_and_is_refused_when_nothing_does(vcx: Vcx, story: Story) -> None:
    assert vcx.json("rollup", *PERIOD, "--cancel")["stopped"] == 1
    assert vcx.refused("rollup", *PERIOD, "--cancel") == "rollup.idle"
    told = vcx("rollup", code=1).stdout  # found by whoever runs it daily
    assert "refused (rollup.cancelled): The operator stopped this roll-up." in told


def test_watch_says_which_queue_no_worker_takes(
    vcx: Vcx, story: Story, worker: Exchange, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock jumps ten seconds a look; a worker of `rollup` comes after a minute, one of `release` after two."""
    monkeypatch.setattr("exchange.bootstrap.SystemClock", lambda: clock)
    looks = itertools.count(1)

    def pause() -> None:
        clock.move(timedelta(seconds=10))
        match next(looks):
            case 6:
                work(worker, clock, "rollup")
            case 12:
                work(worker, clock, "release_chains")

    monkeypatch.setattr(roll_up, "pause", pause)
    ended = vcx("rollup", *PERIOD, "--watch", "--json")
    assert ended.stderr.splitlines() == [
        "No worker takes the queue `rollup`. Is one running (`vcx worker`)?",
        "No worker takes the queue `release`. Is one running (`vcx worker`)?",
    ]
    assert [one["state"] for one in changes(ended.stdout)] == ["waiting", "running", "current"]


@pytest.mark.usefixtures("by_a_worker")
def test_watch_says_nothing_of_a_queue_that_is_worked_on(
    vcx: Vcx, story: Story, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exchange.bootstrap.SystemClock", lambda: clock)
    assert vcx("rollup", *PERIOD, "--watch").stderr == ""


def test_a_period_nobody_asks_about(vcx: Vcx, ctx: Context) -> None:
    assert vcx("rollup").stdout == "There is no chain yet.\n"
    assert "No chain asks about this period" in vcx("rollup", *PERIOD, "--watch").stdout
    assert vcx.refused("rollup", *PERIOD, "--cancel") == "not_found"


@pytest.mark.parametrize(
    "arguments", [("2025-01-01",), ("--watch",), ("--cancel",), (*PERIOD, "--watch", "--cancel")]
)
def test_wrong_usage(vcx: Vcx, arguments: tuple[str, ...]) -> None:
    vcx("rollup", *arguments, code=2)
