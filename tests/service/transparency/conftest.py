"""A worker on an empty log; `bare` is one without schemas, so that sizes are round."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.config import Settings
from tests.service.transparency.recovering import fresh
from tests.service.transparency.world import LogWorld, opened


@pytest.fixture
def world(settings: Settings, clock: SteppingClock) -> Iterator[LogWorld]:
    """A log as every exchange begins with it."""
    with opened(settings, clock) as found:
        yield found


@pytest.fixture
def bare(no_schemas: None, world: LogWorld) -> LogWorld:
    """A log whose first entry is the first that a test notes."""
    return world


@pytest.fixture
def at_size(tmp_path: Path, template: str, no_schemas: None) -> Callable[[int], Settings]:
    """An exchange whose log has so many signed entries."""

    def make(size: int) -> Settings:
        settings = fresh(template, tmp_path / f"at-{size}")
        with opened(settings) as world:
            world.note(*range(size))
            assert world.sequence().size == size
        return settings

    return make
