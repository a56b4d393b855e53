"""What a chain's page says of figures that are out of date: to whoever sees a figure, and without whose data it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.domain.periods import year
from exchange.services import chains, jobs
from exchange.services.chain_views import ChainView
from exchange.services.chains import NewChain, Target
from exchange.services.progress import JobWork
from exchange.services.rollup import running, solving
from exchange.services.rollup.stages import Stage
from exchange.services.rollup.standing import Renewal
from exchange.web import renewals
from exchange.web.reader import reader_of
from exchange.web.renewals import renewal_views
from tests.web.conftest import SignIn, World
from workers.run_job import run_job

PERIOD = year(2025).start, year(2025).end
SINCE = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def chain(world: World, worker: Exchange) -> ChainView:
    """Ten brackets of 2025, rolled up; the job that was asked for still waits."""
    target = Target(world.product.id, year(2025), Decimal(10))
    made = chains.create_chain(world.customer.ctx, NewChain("Beslag", (target,)))
    running.run_rollup(worker.context(), *PERIOD)
    return made


def renewal(state: str, stage: str = "", done: int = 0, total: int = 0, code: str = "") -> Renewal:
    return Renewal(SINCE, state, stage, done, total, code)  # type: ignore[arg-type]


def test_every_stage_has_words() -> None:
    assert set(renewals.STAGES) == {stage.value for stage in Stage}


def test_a_page_shows_stage_and_count_while_figures_are_renewed(
    visit: SignIn, world: World, worker: Exchange, chain: ChainView, clock: SteppingClock
) -> None:
    browser = visit(world.supplier)
    text = browser.get(f"/chains/{chain.id}").text
    assert "The figures of 2025 are being worked out again." in text
    clock.move(timedelta(seconds=2))
    ctx = worker.context()
    (waiting,) = [one for one in jobs.due(ctx) if (job := jobs.claim(ctx, one)) and job.kind == "rollup"]
    assert waiting
    JobWork(ctx, jobs.Job(waiting, "rollup", {}, 1, 1)).at(Stage.FIGURES, 3, 8)
    text = browser.get(f"/chains/{chain.id}").text
    assert "being worked out again: chains are being worked out. 37 %" in " ".join(text.split())


def test_a_refusal_is_told_with_its_reason_to_whoever_sees_a_figure_and_to_nobody_else(
    visit: SignIn, world: World, worker: Exchange, chain: ChainView, clock: SteppingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    clock.move(timedelta(seconds=2))
    with monkeypatch.context() as patch:
        patch.setattr(running, "is_solved", lambda *_: False)
        patch.setattr(solving, "LARGEST_ERROR", -1.0)
        states = [run_job(worker, one) for one in jobs.due(worker.context())]
    assert "dead" in states
    text = visit(world.supplier).get(f"/chains/{chain.id}").text
    assert (
        "The figures of 2025 were not worked out again: they could not be worked out precisely enough."
        in text
    )
    assert "The figures here are from before." in text
    assert "were not worked out" not in visit(world.customer).get(f"/chains/{chain.id}").text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (renewal("waiting"), "The figures of 2025 are being worked out again."),
        (
            renewal("running", "solving"),
            "The figures of 2025 are being worked out again: totals are being worked out.",
        ),
        (
            renewal("refused", code="something.new"),
            "The figures of 2025 were not worked out again: they could not be put together. The figures here are from "
            "before.",
        ),
        (
            renewal("refused", code="rollup.cancelled"),
            "The figures of 2025 were not worked out again: whoever runs the exchange stopped it. The figures here "
            "are from before.",
        ),
    ],
)
def test_words(given: Renewal, said: str) -> None:
    (view,) = renewal_views(reader_of("en"), {year(2025): given})
    assert view.text == said
    assert view.is_refused is (given.state == "refused")


def test_a_stage_without_a_count_has_none() -> None:
    (counted,) = renewal_views(reader_of("en"), {year(2025): renewal("running", "releasing", 2, 5)})
    assert (counted.count, counted.done, counted.total) == ("40 %", 2, 5)
    (other,) = renewal_views(reader_of("en"), {year(2025): renewal("running", "solving")})
    assert other.count == ""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (renewal("waiting"), "The figures of 2025 are being worked out."),
        (
            renewal("running", "linking"),
            "The figures of 2025 are being worked out: products are being linked.",
        ),
        (
            renewal("refused", code="rollup.cancelled"),
            "The figures of 2025 were not worked out: whoever runs the exchange stopped it.",
        ),
    ],
)
def test_a_period_without_figures_yet_is_not_told_to_be_out_of_date(given: Renewal, said: str) -> None:
    (view,) = renewal_views(reader_of("en"), {}, {year(2025): given})
    assert view.text == said
