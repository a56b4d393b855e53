"""Faults at every write step of the sequencer: it fails before or after it took effect, or the process dies there."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

from exchange.adapters import durable_file
from exchange.config import Settings
from exchange.store.engine import Store
from tests.service.transparency.world import LogWorld, opened

When = Literal["before", "after"]


class Broken(OSError):
    """What the step under test raises."""


class Faults:
    """Counts write steps: commits of the database, and writing, renaming and syncing of the guard's file."""

    def __init__(self, stop_at: int, when: When, strike: Callable[[], None]) -> None:
        self.steps: list[str] = []
        self._stop_at, self._when, self._strike = stop_at, when, strike

    def step(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        """`act`, which counts as a step of this name."""

        def acted(*arguments: Any, **named: Any) -> Any:
            self.steps.append(name)
            is_hit = len(self.steps) - 1 == self._stop_at
            if is_hit and self._when == "before":
                self._strike()
            result = act(*arguments, **named)
            if is_hit and self._when == "after":
                self._strike()
            return result

        return acted

    @contextmanager
    def installed(self, store: Store) -> Iterator[None]:
        """In force for a while."""
        with pytest.MonkeyPatch.context() as patch:
            dialect = store.writer.dialect
            patch.setattr(dialect, "do_commit", self.step("commit", dialect.do_commit))
            for name in ("write_exclusively", "sync_directory"):
                patch.setattr(durable_file, name, self.step(name, getattr(durable_file, name)))
            patch.setattr(Path, "replace", self.step("rename", Path.replace))
            yield


def raise_broken() -> None:
    """The step fails."""
    raise Broken(5, "input/output error")


def die() -> None:
    """The process is killed."""
    os.kill(os.getpid(), signal.SIGKILL)


def steps_of(world: LogWorld) -> list[str]:
    """The write steps of one sequencing."""
    faults = Faults(-1, "before", raise_broken)
    with faults.installed(world.store):
        world.sequence()
    return faults.steps


def fail_at(settings: Settings, stop_at: int, when: When) -> None:
    """Sequence in a fresh process state whose step `stop_at` fails."""
    with opened(settings) as world:
        with Faults(stop_at, when, raise_broken).installed(world.store), pytest.raises(Exception) as caught:
            world.sequence()
        assert "input/output error" in f"{caught.value} {caught.value.__cause__}"


def die_at(settings: Settings, stop_at: int, when: When) -> None:
    """Sequence in a process of its own that is killed at step `stop_at`."""
    child = os.fork()
    if child == 0:
        try:
            with opened(settings) as world, Faults(stop_at, when, die).installed(world.store):
                world.sequence()
        finally:
            os._exit(0)  # it should have been dead by now
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL
