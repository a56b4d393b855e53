"""Exchanges of one user share the guard's folder: whose a head is, its key in the key store tells."""

from __future__ import annotations

import shutil
from itertools import product
from pathlib import Path

import pytest

from exchange.domain.errors import ConflictError
from exchange.services.backup import back_up, restore
from exchange.services.transparency.epochs import open_new_epoch
from exchange.services.transparency.fsck import fsck
from exchange.services.transparency.starting import start_log
from tests.conftest import SERVER_URL
from tests.service.transparency.faults import Faults, raise_broken
from tests.service.transparency.recovering import fresh
from tests.service.transparency.world import copied, opened

pytestmark = pytest.mark.skipif(bool(SERVER_URL), reason="copies the database's file")


def test_exchanges_that_share_a_guard_do_not_meet(tmp_path: Path, template: str, no_schemas: None) -> None:
    shared = tmp_path / "heads"
    one, two = (
        fresh(template, tmp_path / name).model_copy(update={"head_guard": shared}) for name in ("one", "two")
    )
    for settings in (one, two, one):
        with opened(settings) as world:
            start_log(world.ctx)
            world.note(1)
            world.sequence()
            world.must_be_sound()
    assert len(list(shared.glob("*.json"))) == 2


def test_a_damaged_head_of_another_exchange_stops_nobody(
    tmp_path: Path, template: str, no_schemas: None
) -> None:
    settings = fresh(template, tmp_path / "data")
    settings.head_guard_path.mkdir()
    (settings.head_guard_path / "0123456789abcdef.json").write_bytes(b"x")
    with opened(settings) as world:
        start_log(world.ctx)
        world.note(1)
        assert world.sequence().size > 0
        assert world.epoch().opening == ""


def test_deleting_everything_and_starting_again_starts(
    tmp_path: Path, template: str, no_schemas: None
) -> None:
    shared = tmp_path / "heads"
    for _ in range(2):
        settings = fresh(template, tmp_path / "data").model_copy(update={"head_guard": shared})
        with opened(settings) as world:
            start_log(world.ctx)
            world.note(1)
            world.sequence()
            assert world.epoch().opening == ""
        shutil.rmtree(tmp_path / "data")
    assert len(list(shared.glob("*.json"))) == 2


def test_deleting_the_database_alone_is_noticed(tmp_path: Path, template: str, no_schemas: None) -> None:
    settings = fresh(template, tmp_path / "data")
    with opened(settings) as world:
        world.note(1)
        world.sequence()
    for file in (tmp_path / "data").glob("exchange.db*"):
        file.unlink()
    (tmp_path / "data" / "exchange.db").write_bytes(Path(template).read_bytes())
    with opened(settings) as world:
        with pytest.raises(ConflictError) as caught:
            start_log(world.ctx)
        assert caught.value.error_code == "log.rolled_back"


def test_each_step_of_a_log_after_a_forgotten_one_may_fail(
    tmp_path: Path, template: str, no_schemas: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("copies")
    settings = fresh(template, tmp_path / "data")
    with opened(settings) as world:
        back_up(world.ctx, tmp_path / "none.backup")
        world.note(1, 2)
        world.sequence()
        open_new_epoch(world.ctx, replace_sound=True)
        world.sequence()
        restore(world.ctx, tmp_path / "none.backup", replace=True, rolls_back=True)
    whole = Faults(-1, "before", raise_broken)
    with opened(copied(settings, elsewhere / "whole")) as world, whole.installed(world.store):
        open_new_epoch(world.ctx)
    for number, when in product(range(len(whole.steps)), ("before", "after")):
        own = copied(settings, elsewhere / f"{number}-{when}")
        with opened(own) as world:
            faults = Faults(number, when, raise_broken)  # type: ignore[arg-type]
            with faults.installed(world.store), pytest.raises(Exception):  # noqa: B017
                open_new_epoch(world.ctx)
        with opened(own) as world:
            if not fsck(world.ctx).epochs:
                made = open_new_epoch(world.ctx)
                assert (made.lost, [one.lost for one in made.others]) == ((0, 0), [(0, 1)])
            world.note(3)
            assert world.sequence().size == 2
            assert '"lost":[0,0]' in world.epoch().opening
            assert fsck(world.ctx).problems == ()
