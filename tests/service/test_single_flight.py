"""One worker at a network at a time; another network is nobody's concern but on SQLite; who dies lets go."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from exchange.services.context import Context
from exchange.store.engine import Store
from exchange.store.single_flight import single_flight


class GaveUp(Exception):
    pass


def give_up() -> None:
    raise GaveUp


@pytest.fixture
def other(ctx: Context) -> Iterator[Store]:
    """Another process on the same database."""
    store = Store(ctx.settings.database)
    yield store
    store.close()


def test_the_second_waits_until_the_first_has_ended(ctx: Context, other: Store) -> None:
    with single_flight(ctx.store, 1, give_up):
        for store in (ctx.store, other):
            with pytest.raises(GaveUp), single_flight(store, 1, give_up):
                pytest.fail("two at once")
    with single_flight(other, 1, give_up):
        pass


def test_an_error_lets_go(ctx: Context, other: Store) -> None:
    with pytest.raises(ValueError, match="broken"), single_flight(ctx.store, 1, give_up):
        raise ValueError("broken")
    with single_flight(other, 1, give_up):
        pass


def test_networks_of_a_server_do_not_wait_for_each_other(ctx: Context, other: Store) -> None:
    with single_flight(ctx.store, 1, give_up):
        if ctx.store.is_sqlite:  # one worker there anyway
            with pytest.raises(GaveUp), single_flight(other, 2, give_up):
                pytest.fail("two at once")
        else:
            with single_flight(other, 2, give_up):
                pass


def test_a_killed_worker_lets_go(ctx: Context, other: Store) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # no test goes on in here
        store = Store(ctx.settings.database)
        with single_flight(store, 1, give_up):
            os.write(writing, b".")
            signal.pause()
        os._exit(0)
    os.read(reading, 1)
    with pytest.raises(GaveUp), single_flight(other, 1, give_up):
        pytest.fail("two at once")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    tries: list[int] = []

    def wait_a_little() -> None:
        tries.append(1)
        assert len(tries) < 100

    with single_flight(other, 1, wait_a_little):  # the server notices within moments
        pass
    for descriptor in (reading, writing):
        os.close(descriptor)
