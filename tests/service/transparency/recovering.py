"""Starting again after the sequencer was struck: what had been signed before must stand in what is signed after."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from exchange.config import Settings
from exchange.trust.log.checkpoint import Checkpoint
from tests.conftest import settings_over
from tests.service.transparency.world import LogWorld, must_grow, opened


def fresh(template: str, folder: Path) -> Settings:
    """An exchange on an empty database of its own."""
    folder.mkdir()
    (folder / "exchange.db").write_bytes(Path(template).read_bytes())
    return settings_over(folder, f"sqlite:///{folder / 'exchange.db'}")


def signed_so_far(world: LogWorld) -> list[Checkpoint]:
    """Every head that anybody may have seen: those stored, and the one in the guard."""
    return [*world.checkpoints(), world.guarded()]


def recover(settings: Settings, *more: int, told: Iterable[Checkpoint] = ()) -> None:
    """Start anew, perhaps with more to log, and look at everything; `told` are heads that somebody was shown."""
    with opened(settings) as world:
        seen = [*signed_so_far(world), *told]
        world.note(*more)
        world.sequence()
        world.must_be_sound()
        newest = world.checkpoints()[-1]
        assert world.guarded() == newest
        with world.store.read() as session:
            for one in seen:
                must_grow(session, world.epoch().id, one, newest)
        logged = world.digests()
        assert len(set(logged)) == len(logged) == newest.size
