"""Nothing is signed as of an instant before which a deed was stamped that is still to be committed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.config import Settings
from exchange.services.transparency.appending import append_waiting
from exchange.services.transparency.deeds import settled_now, stamp
from exchange.services.transparency.outbox import note
from exchange.trust.log.note import read_note
from exchange.trust.log.state import MAX_STATE_BYTES, read_state
from tests.service.transparency.world import digest, opened, stored_checkpoints


def as_of(state: str) -> datetime:
    """Up to when a signed state says all."""
    return read_state(read_note(state, max_bytes=MAX_STATE_BYTES).text).as_of


def waits(act: Callable[[], object], seconds: float = 0.5) -> tuple[threading.Event, Future[object]]:
    """Start `act` in a thread; it must not have ended after a moment."""
    ended = threading.Event()
    pool = ThreadPoolExecutor(1)
    future = pool.submit(act)
    future.add_done_callback(lambda _: ended.set())
    assert not ended.wait(seconds)
    return ended, future


def test_an_instant_is_settled_only_once_earlier_deeds_are_committed(
    settings: Settings, clock: SteppingClock
) -> None:
    with opened(settings, clock) as deed, opened(settings, clock) as signer:
        with deed.store.write() as session:
            at = stamp(deed.ctx, session)
            ended, future = waits(lambda: settled_now(signer.ctx))
        assert ended.wait(10)
        settled = future.result()
        assert isinstance(settled, datetime) and settled > at


def test_a_state_is_signed_after_the_revocation_that_was_stamped_before_it(
    settings: Settings, no_schemas: None, clock: SteppingClock
) -> None:
    with opened(settings, clock) as deed, opened(settings, clock) as signer:
        deed.note(1)
        signer.sequence()
        with deed.store.write() as session:  # what is to be signed is stored already
            note(deed.ctx, session, "revoke", digest(2), deed.ctx.now())
        append_waiting(signer.ctx, signer.epoch(), 1)
        with deed.store.write() as session:
            at = stamp(deed.ctx, session)
            clock.move(timedelta(seconds=10))
            ended, _ = waits(signer.sequence)
            note(deed.ctx, session, "revoke", digest(3), at)
        assert ended.wait(20)
        signed = {row.size: as_of(row.state) for row in stored_checkpoints(signer.store)}
        assert signed[2] <= at and 3 in signed  # what it lacks it does not vouch for


def test_a_stamp_waits_for_nobody_else_that_stamps(settings: Settings, clock: SteppingClock) -> None:
    """On PostgreSQL deeds go on side by side; SQLite writes one at a time anyway."""
    with opened(settings, clock) as one, opened(settings, clock) as two:
        if one.store.is_sqlite:
            pytest.skip("about PostgreSQL")
        with one.store.write() as first, two.store.write() as second:
            assert stamp(one.ctx, first) < stamp(two.ctx, second)
