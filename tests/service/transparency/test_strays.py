"""What this exchange signed is never passed over in silence, also by a database that knows nothing of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from exchange.adapters.head_guard import GuardedHead, HeadGuard
from exchange.config import Settings
from exchange.domain.errors import ConflictError
from exchange.services.backup import back_up, restore
from exchange.services.transparency import sequencing
from exchange.services.transparency.epochs import open_new_epoch
from exchange.services.transparency.fsck import fsck
from exchange.services.transparency.standing import adopt_head, standing
from exchange.services.transparency.starting import start_log
from tests.conftest import SERVER_URL
from tests.service.transparency.world import LogWorld, opened

pytestmark = pytest.mark.skipif(
    bool(SERVER_URL) and shutil.which("pg_dump") is None, reason="PostgreSQL's programs are not installed"
)


def refused(world: LogWorld, act: Callable[[], object]) -> ConflictError:
    """The refusal of `act`; nothing was opened by it."""
    with pytest.raises(ConflictError) as caught:
        act()
    assert caught.value.error_code == "log.rolled_back"
    return caught.value


def guarded(settings: Settings, epoch_id: str) -> GuardedHead:
    head = HeadGuard(settings.head_guard_path).read(epoch_id)
    assert head is not None
    return head


@pytest.fixture
def before_the_log(settings: Settings, no_schemas: None, tmp_path: Path) -> GuardedHead:
    """A backup from before the log opened is restored over three signed entries, whose head this is."""
    with opened(settings) as world:
        back_up(world.ctx, tmp_path / "none.backup")
        world.note(1, 2, 3)
        world.sequence()
        head = guarded(settings, world.epoch().id)
        restore(world.ctx, tmp_path / "none.backup", replace=True, rolls_back=True)
    return head


def test_a_database_from_before_the_log_opens_no_first_one(
    settings: Settings, before_the_log: GuardedHead
) -> None:
    with opened(settings) as world:
        world.note(9)
        refused(world, lambda: adopt_head(world.ctx))
        refused(world, lambda: start_log(world.ctx))
        found = refused(world, world.sequence)
        assert f"it has signed 3 entries of {before_the_log.origin}" in found.detail
        assert "vcx log new-epoch" in found.advice
        assert [one.code for one in fsck(world.ctx).problems] == ["log.rolled_back"]
        told = standing(world.ctx)
        assert told.origin == "" and told.refusal is not None
        assert told.refusal.error_code == "log.rolled_back"


def test_a_new_epoch_from_before_the_log_names_all_of_it_as_lost(
    settings: Settings, before_the_log: GuardedHead
) -> None:
    with opened(settings) as world:
        world.note(9)
        made = open_new_epoch(world.ctx)
        assert (made.previous_origin, made.lost, made.others) == (before_the_log.origin, (0, 2), ())
        epoch = world.epoch()
        assert epoch.number == 1
        assert json.loads(epoch.opening) == {
            "v": "vcx-epoch/1",
            "previous": before_the_log.checkpoint,
            "restored_size": 0,
            "lost": [0, 2],
        }
        start_log(world.ctx)
        assert world.sequence().size >= 2
        world.must_be_sound()
        assert standing(world.ctx).refusal is None
        assert refused_as(lambda: open_new_epoch(world.ctx)) == "log.sound"


def refused_as(act: Callable[[], object]) -> str:
    with pytest.raises(ConflictError) as caught:
        act()
    return caught.value.error_code


def test_every_log_of_a_chain_is_named(settings: Settings, no_schemas: None, tmp_path: Path) -> None:
    with opened(settings) as world:
        back_up(world.ctx, tmp_path / "none.backup")
        world.note(1, 2, 3)
        world.sequence()
        first = world.epoch()
        open_new_epoch(world.ctx, replace_sound=True)
        world.sequence()
        second = guarded(settings, world.epoch().id)
        restore(world.ctx, tmp_path / "none.backup", replace=True, rolls_back=True)
        made = open_new_epoch(world.ctx)
        opening = json.loads(world.epoch().opening)
        assert (opening["previous"], opening["lost"]) == (second.checkpoint, [0, 0])
        assert [(one.origin, one.lost) for one in made.others] == [(first.origin, (0, 2))]
        (other,) = opening["others"]
        assert other == {"previous": guarded(settings, first.id).checkpoint, "lost": [0, 2]}
        world.sequence()
        world.must_be_sound()


def test_after_a_crash_it_is_said_again_and_names_the_same(
    settings: Settings, before_the_log: GuardedHead, monkeypatch: pytest.MonkeyPatch
) -> None:
    from exchange.services.transparency import epochs

    real = epochs.close

    def dying(*given: object) -> None:
        real(*given)  # type: ignore[arg-type]
        raise RuntimeError

    with opened(settings) as world:
        with monkeypatch.context() as patch, pytest.raises(RuntimeError):
            patch.setattr(epochs, "close", dying)
            open_new_epoch(world.ctx)
        refused(world, world.sequence)
        assert open_new_epoch(world.ctx).lost == (0, 2)


def test_a_damaged_head_of_a_forgotten_log_makes_the_loss_unknown(
    settings: Settings, before_the_log: GuardedHead
) -> None:
    for file in settings.head_guard_path.glob("*.json"):
        file.write_bytes(b"x")
    with opened(settings) as world:
        assert "whose head is damaged" in refused(world, world.sequence).detail
        made = open_new_epoch(world.ctx)
        assert (made.lost, json.loads(world.epoch().opening)["lost"]) == (None, None)
        world.sequence()
        world.must_be_sound()


# Two logs that follow one


@pytest.fixture
def rivals(settings: Settings, no_schemas: None, tmp_path: Path) -> tuple[str, str]:
    """The ids of A and of E2, which followed it and was never signed; A is the database again."""
    with opened(settings) as world:
        world.note(1, 2, 3)
        world.sequence()
        first = world.epoch().id
        back_up(world.ctx, tmp_path / "A.backup")
        second = open_new_epoch(world.ctx, replace_sound=True).epoch_id
        back_up(world.ctx, tmp_path / "E2.backup")
        restore(world.ctx, tmp_path / "A.backup", replace=True)
    return first, second


def test_of_two_logs_that_follow_one_only_one_is_signed(
    settings: Settings, rivals: tuple[str, str], tmp_path: Path
) -> None:
    with opened(settings) as world:
        third = open_new_epoch(world.ctx)
        world.note(10, 11, 12)
        assert world.sequence().size == 4
        with pytest.raises(ConflictError) as caught:
            restore(world.ctx, tmp_path / "E2.backup", replace=True)
        assert caught.value.error_code == "restore.rolls_back"
        restore(world.ctx, tmp_path / "E2.backup", replace=True, rolls_back=True)
        assert world.epoch().id == rivals[1]
        refused(world, world.sequence)
        refused(world, lambda: start_log(world.ctx))
        checkpoint = guarded(settings, third.epoch_id).checkpoint
        made = open_new_epoch(world.ctx)
        assert [(one.origin, one.lost) for one in made.others] == [(third.origin, (0, 3))]
        assert json.loads(world.epoch().opening)["others"] == [{"previous": checkpoint, "lost": [0, 3]}]
        world.sequence()
        world.must_be_sound()
        assert guarded(settings, third.epoch_id).successor == made.epoch_id


def test_a_rival_that_was_never_signed_is_refused_by_what_the_guard_says_of_the_one_before(
    settings: Settings, rivals: tuple[str, str], tmp_path: Path
) -> None:
    first, _ = rivals
    with opened(settings) as world:
        third = open_new_epoch(world.ctx)
        back_up(world.ctx, tmp_path / "E3.backup")
        restore(world.ctx, tmp_path / "E2.backup", replace=True, rolls_back=True)
        found = refused(world, world.sequence)
        assert "names another log as the one that follows" in found.detail
        made = open_new_epoch(world.ctx)
        assert (made.lost, made.others) == ((), ())
        world.sequence()
        world.must_be_sound()
        assert guarded(settings, first).successor == made.epoch_id
        restore(world.ctx, tmp_path / "E3.backup", replace=True, rolls_back=True)
        assert world.epoch().id == third.epoch_id
        refused(world, world.sequence)


def test_a_log_that_was_signed_on_after_another_followed_it_is_named(
    settings: Settings, no_schemas: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of A nothing was signed when E2 opened, so the guard held nothing to close; a backup of A was signed then."""
    with opened(settings) as world:
        world.note(1)
        with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
            patch.setattr(sequencing, "sign_head", lambda *_: 1 / 0)
            world.sequence()
        first = world.epoch()
        back_up(world.ctx, tmp_path / "A.backup")
        open_new_epoch(world.ctx, replace_sound=True)
        back_up(world.ctx, tmp_path / "E2.backup")
        restore(world.ctx, tmp_path / "A.backup", replace=True)
        assert world.sequence().size == 1
        restore(world.ctx, tmp_path / "E2.backup", replace=True, rolls_back=True)
        assert f"1 entries of {first.origin}, the database 0" in refused(world, world.sequence).detail
        made = open_new_epoch(world.ctx)
        assert [(one.origin, one.lost) for one in made.others] == [(first.origin, (0, 0))]
        world.sequence()
        world.must_be_sound()


def test_a_damaged_guard_is_closed_like_a_whole_one(
    settings: Settings, no_schemas: None, tmp_path: Path
) -> None:
    """So that the next new epoch from the same backup is told from this one."""
    with opened(settings) as world:
        world.note(1)
        world.sequence()
        old = world.epoch().id
        (settings.head_guard_path / f"{old}.json").write_bytes(b"x")
        made = open_new_epoch(world.ctx)
        head = guarded(settings, old)
        assert (head.successor, head.is_last) == (made.epoch_id, False)
        assert (settings.head_guard_path / f"{old}.damaged").read_bytes() == b"x"
