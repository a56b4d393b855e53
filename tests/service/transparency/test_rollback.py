"""A database that was taken back is refused before anything is signed, and the way out tells what was lost."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
import rfc8785

from exchange.adapters.head_guard import HeadGuard
from exchange.config import Settings
from exchange.domain.errors import ConflictError
from exchange.services.backup import back_up, restore
from exchange.services.context import Context
from exchange.services.key_rotation import end_key
from exchange.services.transparency import proofs
from exchange.services.transparency.epochs import open_new_epoch
from exchange.services.transparency.key_states import key_tree
from exchange.services.transparency.standing import adopt_head, standing
from exchange.services.transparency.starting import start_log
from exchange.trust.log.merkle import verify_inclusion
from tests.conftest import SERVER_URL
from tests.datasets import own_key
from tests.factories import PASSWORD, party
from tests.service.transparency.world import LogWorld, digest, opened, signed_checkpoint, tamper

pytestmark = pytest.mark.skipif(
    bool(SERVER_URL) and shutil.which("pg_dump") is None, reason="PostgreSQL's programs are not installed"
)


@pytest.fixture
def taken_back(settings: Settings, no_schemas: None, tmp_path: Path) -> Settings:
    """Three entries signed, a backup, two more signed, the backup restored."""
    with opened(settings) as world:
        world.note(1, 2, 3)
        world.sequence()
        back_up(world.ctx, tmp_path / "three.backup")
        world.note(4, 5)
        assert world.sequence().size == 5
    with opened(settings) as world:
        restore(world.ctx, tmp_path / "three.backup", replace=True, rolls_back=True)
    return settings


def refusal(world: LogWorld) -> ConflictError:
    """Why the log is not added to; the worker refuses to start for the same reason."""
    with pytest.raises(ConflictError) as caught:
        world.sequence()
    with pytest.raises(ConflictError) as at_start:
        start_log(world.ctx)
    assert at_start.value.error_code == caught.value.error_code
    return caught.value


def test_a_restored_backup_is_refused_in_plain_words(taken_back: Settings) -> None:
    with opened(taken_back) as world:
        before = world.leaves()
        world.note(6)
        found = refusal(world)
        assert found.error_code == "log.rolled_back"
        assert "it has signed 5 entries, the database holds 3" in found.detail
        assert "A backup was restored" in found.detail
        assert "vcx log new-epoch" in found.advice
        assert world.leaves() == before
        assert [one.size for one in world.checkpoints()] == [3]
        assert world.guarded().size == 5


def test_appending_the_same_number_again_does_not_fool_the_guard(taken_back: Settings) -> None:
    """Somebody with the database's rights appends two other entries without the guard."""
    with opened(taken_back) as world:
        guard = taken_back.head_guard_path / f"{world.epoch().id}.json"
        kept = guard.read_bytes()
        guard.unlink()
        adopt_head(world.ctx)
        world.note(6, 7)
        world.sequence()
        guard.write_bytes(kept)
        found = refusal(world)
        assert found.error_code == "log.rolled_back"
        assert "another tree of 5 entries" in found.detail


def test_adopting_is_no_way_out(taken_back: Settings) -> None:
    with opened(taken_back) as world, pytest.raises(ConflictError) as caught:
        adopt_head(world.ctx)
    assert caught.value.error_code == "log.rolled_back"


def test_a_new_epoch_says_what_was_lost_and_goes_on(taken_back: Settings) -> None:
    with opened(taken_back) as world:
        old, signed = world.epoch(), world.checkpoints()[-1]
        guarded = HeadGuard(taken_back.head_guard_path).read(old.id)
        assert guarded is not None
        world.note(6)
        made = open_new_epoch(world.ctx)
        assert made.lost == (3, 4)
        world.sequence()
        epoch = world.epoch()
        assert (epoch.number, epoch.id, epoch.origin) == (2, made.epoch_id, made.origin)
        opening = {
            "v": "vcx-epoch/1",
            "previous": guarded.checkpoint,
            "restored_size": 3,
            "lost": [3, 4],
        }
        assert epoch.opening.encode() == rfc8785.dumps(opening)
        assert world.digests() == [f"sha256:{sha256(epoch.opening.encode()).hexdigest()}", digest(6)]
        assert {epoch.log_kid, epoch.state_kid}.isdisjoint({old.log_kid, old.state_kid})
        world.must_be_sound()
        # what was signed before and is still there verifies against the old origin
        with world.store.read() as session:
            path = proofs.inclusion(session, old.id, 0, 3)
        assert signed == signed_checkpoint(proof_note(world, old.id), old)
        leaf = sha256(b"\x00" + entry_body(world, old.id, 0)).digest()
        verify_inclusion(index=0, size=3, leaf=leaf, path=path, root=signed.root)


def proof_note(world: LogWorld, epoch_id: str) -> str:
    with world.store.read() as session:
        return world.receipt(session, 1).checkpoint_note


def entry_body(world: LogWorld, epoch_id: str, seq: int) -> bytes:
    from exchange.store import log as query

    with world.store.read() as session:
        ((body, _),) = query.leaves(session, epoch_id, seq, seq + 1)
        return body.encode()


def test_the_same_backup_restored_again_is_refused_again(taken_back: Settings, tmp_path: Path) -> None:
    with opened(taken_back) as world:
        open_new_epoch(world.ctx)
        world.sequence()
    with opened(taken_back) as world:
        restore(world.ctx, tmp_path / "three.backup", replace=True, rolls_back=True)
    with opened(taken_back) as world:
        found = refusal(world)
        assert found.error_code == "log.rolled_back"
        assert "a newer log than the database knows" in found.detail


def test_a_backup_from_when_all_was_signed_goes_on(
    settings: Settings, no_schemas: None, tmp_path: Path
) -> None:
    with opened(settings) as world:
        world.note(1, 2, 3)
        world.sequence()
        back_up(world.ctx, tmp_path / "now.backup")
        restore(world.ctx, tmp_path / "now.backup", replace=True)
    with opened(settings) as world:
        world.note(4)
        assert world.sequence().size == 4
        world.must_be_sound()


def test_entries_that_were_stored_unsigned_are_logged_in_the_new_epoch(
    settings: Settings, no_schemas: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from exchange.services.transparency import sequencing

    with opened(settings) as world:
        world.note(1)
        world.sequence()
        world.note(2, 3)
        with monkeypatch.context() as patch:
            patch.setattr(sequencing, "sign_head", lambda *_: (_ for _ in ()).throw(RuntimeError))
            with pytest.raises(RuntimeError):
                world.sequence()
        made = open_new_epoch(world.ctx, replace_sound=True)
        assert made.lost == ()
        world.sequence()
        assert world.digests()[1:] == [digest(2), digest(3)]
        assert json.loads(world.epoch().opening)["lost"] == []
        world.must_be_sound()


def test_a_sound_log_is_not_replaced_by_accident(bare: LogWorld) -> None:
    with pytest.raises(ConflictError) as caught:
        open_new_epoch(bare.ctx)
    assert caught.value.error_code == "log.no_epoch"
    bare.note(1)
    bare.sequence()
    with pytest.raises(ConflictError) as caught:
        open_new_epoch(bare.ctx)
    assert caught.value.error_code == "log.sound"


def test_keys_and_their_ends_are_known_across_epochs(world: LogWorld, ctx: Context) -> None:

    firm = party(ctx)
    first, second, third = own_key(firm), own_key(firm), own_key(firm)
    world.sequence()
    end_key(firm.ctx, first.kid, PASSWORD)
    world.sequence()
    open_new_epoch(world.ctx, replace_sound=True)
    end_key(firm.ctx, second.kid, PASSWORD, exposed_since=firm.ctx.now())
    world.sequence()
    with world.store.read() as session:
        tree = key_tree(session, world.epoch(), world.checkpoints()[-1].size)
        records = {one.kid: one for one in tree.records}
    assert list(records) == [first.kid, second.kid, third.kid]
    assert records[first.kid].retired is not None
    assert records[first.kid].compromised_since is None
    assert records[second.kid].compromised_since is not None
    assert (records[third.kid].retired, records[third.kid].compromised_since) == (None, None)
    world.must_be_sound()


# The guard itself


def test_a_missing_guard_is_refused_until_the_operator_adopts_the_database(bare: LogWorld) -> None:
    bare.note(1)
    bare.sequence()
    guard = bare.exchange.settings.head_guard_path / f"{bare.epoch().id}.json"
    guard.unlink()
    found = refusal(bare)
    assert found.error_code == "log.guard_missing"
    assert "VCX_HEAD_GUARD" in found.advice
    assert adopt_head(bare.ctx) == 1
    adopted = HeadGuard(bare.exchange.settings.head_guard_path).read(bare.epoch().id)
    assert adopted is not None and adopted.log_kid == bare.epoch().log_kid
    bare.note(2)
    assert bare.sequence().size == 2
    bare.must_be_sound()


def test_a_guard_that_was_taken_back_is_refused_until_adopted(bare: LogWorld) -> None:
    bare.note(1)
    bare.sequence()
    guard = bare.exchange.settings.head_guard_path / f"{bare.epoch().id}.json"
    old = guard.read_bytes()
    bare.note(2)
    bare.sequence()
    guard.write_bytes(old)
    assert refusal(bare).error_code == "log.guard_behind"
    assert adopt_head(bare.ctx) == 2
    bare.note(3)
    assert bare.sequence().size == 3


@pytest.mark.parametrize("content", [b"", b"{}", b'{"v":"vcx-head/1"}', b"\x00" * 100])
def test_a_damaged_guard_is_refused(bare: LogWorld, content: bytes) -> None:
    bare.note(1)
    bare.sequence()
    (bare.exchange.settings.head_guard_path / f"{bare.epoch().id}.json").write_bytes(content)
    assert refusal(bare).error_code == "log.guard_damaged"
    open_new_epoch(bare.ctx)
    assert bare.sequence().size == 1
    bare.must_be_sound()


def test_adopting_needs_a_sound_database(bare: LogWorld) -> None:
    bare.note(1, 2, 3)
    bare.sequence()
    tamper(bare.store, "log_entry", "UPDATE log_entry SET digest = :d WHERE seq = 1", d=digest(9))
    (bare.exchange.settings.head_guard_path / f"{bare.epoch().id}.json").unlink()
    with pytest.raises(ConflictError) as caught:
        adopt_head(bare.ctx)
    assert caught.value.error_code == "log.damaged"


def test_nothing_is_adopted_where_nothing_is_wrong(bare: LogWorld) -> None:
    bare.note(1)
    bare.sequence()
    with pytest.raises(ConflictError) as caught:
        adopt_head(bare.ctx)
    assert caught.value.error_code == "log.sound"


def test_another_databases_guard_is_never_met(settings: Settings, bare: LogWorld) -> None:
    bare.note(1)
    bare.sequence()
    assert len(bare.epoch().id) == 16
    assert HeadGuard(settings.head_guard_path).read("0" * 16) is None


def test_standing_tells_sizes_lag_and_refusal(bare: LogWorld) -> None:
    assert standing(bare.ctx).origin == ""
    bare.note(1, 2)
    bare.sequence()
    bare.note(3)
    found = standing(bare.ctx)
    assert (found.signed, found.stored, found.waiting, found.refusal) == (2, 2, 1, None)
    assert 0 < found.lag < 1
    (bare.exchange.settings.head_guard_path / f"{bare.epoch().id}.json").unlink()
    refused = standing(bare.ctx).refusal
    assert refused is not None
    assert refused.error_code == "log.guard_missing"
