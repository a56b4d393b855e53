"""Work that no job stands for any more is asked for again: at a worker's start, and every minute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from exchange.adapters.clock import SteppingClock
from exchange.adapters.witness_client import WitnessAnswer
from exchange.bootstrap import Exchange
from exchange.config import Settings
from exchange.domain.errors import ConflictError, InvalidError
from exchange.services import jobs
from exchange.services.revocation.status_entries import reserve_for
from exchange.services.transparency import cosigning, sequencing
from exchange.services.transparency.epochs import open_new_epoch
from exchange.services.transparency.starting import look_again, start_log
from exchange.store import log
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.log import LogCosignatureRow
from exchange.trust.log.witness import SIZE
from tests.datasets import own_key, rows
from tests.factories import party
from tests.service.proven import opened_worker
from tests.service.transparency.test_cosigning import Witnesses, grow
from tests.service.transparency.world import LogWorld
from workers.relay import Relay

MINUTE = timedelta(minutes=1)


def queued(exchange: Exchange) -> set[str]:
    """The kinds of the jobs that wait."""
    return {row.kind for row in rows(exchange.store, JobRow) if row.state == "queued"}


def lose_jobs(exchange: Exchange) -> None:
    """Every job is gone as if it had never been asked for."""
    with exchange.store.write() as session:
        session.execute(sa.delete(JobRow))


def bury(exchange: Exchange, kind: str) -> None:
    """The waiting job of a kind is refused for good."""
    ctx = exchange.context()
    (job_id,) = (row.id for row in rows(ctx.store, JobRow) if (row.kind, row.state) == (kind, "queued"))
    job = jobs.claim(ctx, job_id)
    assert job is not None
    assert jobs.fail(ctx, job, InvalidError("No.", code="no")) == "dead"


def test_what_waits_for_the_log_is_sequenced_and_where_nothing_does_nothing_is_asked(world: LogWorld) -> None:
    world.sequence()
    lose_jobs(world.exchange)
    look_again(world.ctx)
    assert queued(world.exchange) == set()
    world.note(1)
    lose_jobs(world.exchange)
    look_again(world.ctx)
    assert queued(world.exchange) == {"sequence_log"}


def test_what_is_stored_unsigned_is_sequenced(world: LogWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.note(1)
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(sequencing, "sign_head", lambda *_: 1 / 0)
        world.sequence()
    lose_jobs(world.exchange)
    look_again(world.ctx)
    assert queued(world.exchange) == {"sequence_log"}


def test_credentials_and_status_lists_that_no_job_stands_for_are_asked_for(
    world: LogWorld, worker: Exchange
) -> None:
    firm = party(world.ctx)
    own_key(firm)
    with worker.store.write() as session:
        reserve_for(world.ctx, session, firm.id)
    world.sequence()
    lose_jobs(world.exchange)
    look_again(world.ctx)
    assert queued(world.exchange) == {"issue_organisation_credential", "issue_status_list"}


def test_what_was_refused_rests_longer_each_time(world: LogWorld, clock: SteppingClock) -> None:
    """A minute, then two, then four: a log that refuses for days does not fill the job table."""
    world.sequence()
    lose_jobs(world.exchange)
    world.note(1)
    for minutes in (1, 2, 4):
        bury(world.exchange, "sequence_log")
        clock.move(minutes * MINUTE - timedelta(seconds=1))
        look_again(world.ctx)
        assert queued(world.exchange) == set()
        clock.move(timedelta(seconds=1))
        look_again(world.ctx)
        assert queued(world.exchange) == {"sequence_log"}
    bury(world.exchange, "sequence_log")
    start_log(world.ctx)  # whoever starts a worker has perhaps mended what it was
    assert "sequence_log" in queued(world.exchange)


def test_a_scheduler_looks_once_a_minute_by_the_clock(world: LogWorld, clock: SteppingClock) -> None:
    """Another process notes meanwhile, and its job is lost; whoever sweeps needs no key for this."""
    world.sequence()
    sent: list[str] = []
    relay = Relay(world.exchange, lambda job_id, queue: sent.append(queue))
    world.note(1)
    lose_jobs(world.exchange)
    assert not relay.step()
    clock.move(MINUTE)
    assert relay.step()
    assert sent == ["log"]
    lose_jobs(world.exchange)
    assert not relay.step()
    clock.move(-timedelta(days=1))  # a clock that was set right again
    assert relay.step()


# Witnesses


@pytest.fixture
def witnesses(monkeypatch: pytest.MonkeyPatch) -> Witnesses:
    """Instead of the network."""
    made = Witnesses()
    monkeypatch.setattr(cosigning, "add_checkpoint", made)
    return made


@pytest.fixture
def alone(settings: Settings, clock: SteppingClock) -> Iterator[Exchange]:
    """A worker that knows no witness, with a signed log and all its work done."""
    with opened_worker(settings, clock, "alone") as worker:
        grow(worker)
        lose_jobs(worker)
        yield worker


def named(witnesses: Witnesses, worker: Exchange) -> Exchange:
    """The same worker after `VCX_WITNESSES` was set."""
    changed = worker.settings.model_copy(update={"witnesses": witnesses.setting, "witness_quorum": 1})
    return replace(worker, settings=changed)


def cosigned(worker: Exchange) -> set[tuple[str, int, str]]:
    return {(row.epoch_id, row.size, row.witness) for row in rows(worker.store, LogCosignatureRow)}


@pytest.mark.parametrize("occasion", [start_log, look_again], ids=["start", "sweep"])
def test_a_witness_named_since_is_shown_the_newest_checkpoint(
    alone: Exchange, witnesses: Witnesses, occasion
) -> None:
    told = named(witnesses, alone)
    occasion(told.context())
    assert "cosign_checkpoint" in queued(told)
    cosigning.cosign(told.context())
    assert {witness for _, _, witness in cosigned(told)} == {"one", "two"}
    lose_jobs(told)
    look_again(told.context())
    assert "cosign_checkpoint" not in queued(told)


def test_the_end_of_a_closed_epoch_is_shown_until_it_has_the_quorum(
    alone: Exchange, witnesses: Witnesses
) -> None:
    """Bundles with entries of both carry both, and a verifier demands its witnesses under each."""
    open_new_epoch(alone.context(), replace_sound=True)
    grow(alone)
    told = named(witnesses, alone)
    result = cosigning.cosign(told.context())
    assert result is not None and result.witnesses == ("one", "two")
    assert len(cosigned(told)) == 4 and len({epoch for epoch, _, _ in cosigned(told)}) == 2
    asked = len(witnesses.asked)
    cosigning.cosign(told.context())
    assert len(witnesses.asked) == asked


def test_a_witness_that_knows_lost_entries_of_a_closed_epoch_raises_no_alarm(
    alone: Exchange, witnesses: Witnesses
) -> None:
    open_new_epoch(alone.context(), replace_sound=True)
    grow(alone)
    told = named(witnesses, alone)
    with told.store.read() as session:
        closed = log.epochs(session)[0].origin

    def ahead_there(name: str, body: bytes) -> WitnessAnswer:
        if f"\n\n{closed}\n" in body.decode():
            return WitnessAnswer(409, SIZE, b"1000000\n")
        return witnesses.sign(name, body)

    witnesses.answers = {"one": ahead_there, "two": ahead_there}
    result = cosigning.cosign(told.context())
    assert result is not None and result.witnesses == ("one", "two")
    witnesses.answers = {"one": lambda name, body: WitnessAnswer(409, SIZE, b"1000000\n")}
    grow(told)
    with pytest.raises(ConflictError):  # of the log that is added to it is one
        cosigning.cosign(told.context())
