"""`vcx log`, and what the commands that start an exchange say of a database that was taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.commands import supervise
from exchange.config import Settings
from exchange.domain.errors import ConflictError
from exchange.services.backup import back_up
from exchange.services.transparency import epochs, exchange_keys, proofs
from exchange.store import log as query
from exchange.trust.keys import new_private_key
from exchange.trust.log.note import read_vkey, sign_note, signed_note, vkey_of
from exchange.trust.log.tiles import entry_tiles_of, tiles_of
from exchange.trust.trust_root import TrustedLog, TrustRoot
from tests.conftest import SERVER_URL
from tests.service.transparency.world import LogWorld, opened
from tests.witnessing import SmallLog

on_sqlite = pytest.mark.skipif(bool(SERVER_URL), reason="restores a file")


@pytest.fixture(autouse=True)
def _guard(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epochs, "_missing_schemas", lambda session: [])
    monkeypatch.setenv("VCX_HEAD_GUARD", str(settings.head_guard_path))


@pytest.fixture
def world(settings: Settings) -> Iterator[LogWorld]:
    """Three signed entries."""
    with opened(settings) as found:
        found.note(1, 2, 3)
        found.sequence()
        yield found


@pytest.fixture
def taken_back(vcx, world: LogWorld, tmp_path: Path) -> str:
    """Restored from a backup two entries old; what `vcx restore` said."""
    back_up(world.ctx, tmp_path / "three.backup")
    world.note(4, 5)
    world.sequence()
    world.store.close()
    return str(vcx("restore", tmp_path / "three.backup", "--replace", "--rolls-back").stdout)


def test_status_tells_how_far_the_log_is(vcx, world: LogWorld) -> None:
    world.note(4)
    found = vcx.json("log", "status")
    epoch = world.epoch()
    assert (found["origin"], found["key"]) == (epoch.origin, epoch.log_vkey)
    assert (found["signed"], found["stored"], found["waiting"], found["refusal"]) == (3, 3, 1, None)
    told = vcx("log", "status").stdout
    assert told.startswith(f"Log {epoch.origin}: 3 entries signed, 3 stored.\n1 wait to be logged")


def test_status_before_there_is_a_log(vcx) -> None:
    assert vcx.json("log", "status")["origin"] == ""
    assert "not open yet" in vcx("log", "status").stdout
    assert vcx.json("log", "fsck")["epochs"] == 0


def test_fsck_counts_what_is_well(vcx, world: LogWorld) -> None:
    found = vcx.json("log", "fsck")
    assert found == {"epochs": 1, "entries": 3, "nodes": 1, "checkpoints": 1, "problems": []}
    assert vcx("log", "fsck").stdout == "All is well: 3 entries, 1 node, 1 checkpoint in 1 log.\n"


@on_sqlite
def test_restore_says_that_the_worker_will_not_start(vcx, taken_back: str) -> None:
    assert "The worker will not start on it (log.rolled_back)" in taken_back
    assert "it has signed 5 entries, the database holds 3" in taken_back
    assert "vcx log new-epoch" in taken_back


@on_sqlite
def test_worker_and_up_refuse_a_database_that_was_taken_back(
    vcx, taken_back: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = vcx("worker", code=1).stderr
    assert told.startswith("Refused (log.rolled_back): The database is not where the head guard says")
    assert "A backup was restored" in told
    with pytest.raises(ConflictError) as caught:
        supervise._prepare(settings, with_demo=False)
    assert caught.value.error_code == "log.rolled_back"
    assert "cannot go on (log.rolled_back)" in vcx("log", "status", code=1).stdout
    assert [one["code"] for one in vcx.json("log", "fsck", code=1)["problems"]] == ["log.rolled_back"]
    assert vcx.refused("log", "adopt-head") == "log.rolled_back"


@on_sqlite
def test_new_epoch_tells_what_is_lost(vcx, taken_back: str, settings: Settings) -> None:
    with opened(settings) as world:
        before = world.epoch().origin
    told = vcx("log", "new-epoch").stdout
    assert f"after {before}. Entries 3 to 4 of it are lost." in told
    with opened(settings) as world:
        world.note(6)
        assert world.sequence().size == 2
        world.must_be_sound()
    assert vcx.refused("log", "new-epoch") == "log.sound"
    assert vcx.json("log", "new-epoch", "--replace")["lost"] == []


@on_sqlite
def test_new_epoch_without_the_guard_does_not_say_that_nothing_is_lost(
    vcx, taken_back: str, settings: Settings
) -> None:
    for guard in settings.head_guard_path.glob("*.json"):
        guard.unlink()
    told = vcx("log", "new-epoch").stdout
    assert "Whether entries of it are lost is not known" in told and "Nothing of it" not in told
    for guard in settings.head_guard_path.glob("*.json"):
        guard.write_bytes(b"x")
    assert vcx.json("log", "new-epoch", "--replace")["lost"] in ([], None)


def test_adopt_head_after_the_guard_is_gone(vcx, world: LogWorld, settings: Settings) -> None:
    (settings.head_guard_path / f"{world.epoch().id}.json").unlink()
    assert "Refused (log.guard_missing)" in vcx("worker", code=1).stderr
    assert vcx.json("log", "adopt-head") == {"size": 3, "guard": str(settings.head_guard_path)}
    assert vcx.refused("log", "adopt-head") == "log.sound"
    assert vcx.json("log", "status")["refusal"] is None


# Monitoring


def written(world: LogWorld, folder: Path) -> Path:
    """The log as a folder of tiles, as any web server could serve it."""
    (newest,) = world.checkpoints()[-1:]
    epoch = world.epoch()
    with world.store.read() as session:
        files = {
            tile.path: proofs.tile(session, epoch.id, tile.level or 0, tile.index, tile.width)
            for tile in tiles_of(newest.size)
        }
        for tile in entry_tiles_of(newest.size):
            files[tile.path] = proofs.entries_tile(session, epoch.id, tile.index, tile.width)
        files["checkpoint"] = world.receipt(session, 1).checkpoint_note.encode()
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def test_monitor_makes_the_whole_log_again(vcx, world: LogWorld, tmp_path: Path) -> None:
    key = world.epoch().log_vkey
    seen = tmp_path / "seen"
    found = vcx.json("log", "monitor", written(world, tmp_path / "a"), "--key", key, "--seen", seen)
    assert found == {"origin": world.epoch().origin, "size": 3, "events": {"revoke": 3}}
    world.note(*range(4, 301))
    world.sequence()
    grown = vcx.json("log", "monitor", written(world, tmp_path / "b"), "--key", key, "--seen", seen)
    assert grown["size"] == 300
    assert vcx.refused("log", "monitor", tmp_path / "a", "--key", key, "--seen", seen) == "replay.shrunk"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("tile/0/000.p/3", "replay.tile"),
        ("tile/entries/000.p/3", "replay.tile"),
        ("checkpoint", "note.signature"),
    ],
)
def test_monitor_finds_one_changed_byte(vcx, world: LogWorld, tmp_path: Path, path: str, code: str) -> None:
    folder = written(world, tmp_path / "log")
    data = bytearray((folder / path).read_bytes())
    place = 30 if path != "checkpoint" else data.index(b"\n3\n") + 5
    data[place] ^= 1
    (folder / path).write_bytes(bytes(data))
    assert vcx.refused("log", "monitor", folder, "--key", world.epoch().log_vkey) == code


def test_monitor_wants_a_key_it_trusts(vcx, world: LogWorld, tmp_path: Path) -> None:
    folder = written(world, tmp_path / "log")
    vcx("log", "monitor", folder, code=2)
    assert vcx.refused("log", "monitor", folder, "--key", world.epoch().state_vkey) == "replay.unsigned"
    assert vcx.refused("log", "monitor", tmp_path / "none", "--key", world.epoch().log_vkey) == (
        "monitor.no_answer"
    )


def trust_file(folder: Path, vkey: str, state_vkey: str) -> Path:
    """A trust root of one log."""
    origin = read_vkey(vkey).name
    log = TrustedLog(origin, (read_vkey(vkey),), (read_vkey(state_vkey),))
    path = folder / f"{origin.rpartition('/')[2]}.json"
    path.write_bytes(TrustRoot((log,), (), 0, ("did:web:exchange.example",)).serialise())
    return path


def test_monitor_believes_the_logs_of_its_trust_root_and_no_others(
    vcx, world: LogWorld, tmp_path: Path
) -> None:
    epoch = world.epoch()
    root, folder = trust_file(tmp_path, epoch.log_vkey, epoch.state_vkey), written(world, tmp_path / "log")
    assert vcx.json("log", "monitor", folder, "--trust", root)["origin"] == epoch.origin
    vcx("log", "monitor", folder, "--trust", root, "--key", epoch.log_vkey, code=2)
    other = SmallLog([b"one"])
    stranger = vkey_of(f"{other.origin}/state", new_private_key().public_key())
    told = vcx("log", "monitor", folder, "--trust", trust_file(tmp_path, other.vkey, stranger), code=1).stderr
    assert "(replay.unsigned)" in told and "opened a new log" in told
    # the root's own key speaks for its own origin alone
    key = exchange_keys.load_by_kid(world.ctx, epoch.log_kid)
    text = f"another.example/log\n{(folder / 'checkpoint').read_text().partition(chr(10))[2]}"
    body = text.partition("\n\n")[0] + "\n"
    (folder / "checkpoint").write_text(signed_note(body, [sign_note(body, epoch.origin, key)]))
    assert vcx.refused("log", "monitor", folder, "--trust", root) == "replay.origin"


def test_monitor_tells_what_to_do_after_a_new_epoch(vcx, world: LogWorld, tmp_path: Path) -> None:
    old, seen = world.epoch(), tmp_path / "seen"
    vcx("log", "monitor", written(world, tmp_path / "a"), "--key", old.log_vkey, "--seen", seen)
    epochs.open_new_epoch(world.ctx, replace_sound=True)
    world.note(1)
    world.sequence()
    (tmp_path / "b").mkdir()
    with world.store.read() as session:
        row = query.newest_checkpoint(session, world.epoch().id)
    assert row is not None
    (tmp_path / "b" / "checkpoint").write_text(row.text)
    both = ("--key", old.log_vkey, "--key", world.epoch().log_vkey)
    told = vcx("log", "monitor", tmp_path / "b", *both, "--seen", seen, code=1).stderr
    assert "(replay.origin)" in told and "a new --seen file" in told
    assert seen.read_text().startswith(old.origin)


def test_monitor_finds_another_history(vcx, world: LogWorld, tmp_path: Path) -> None:
    """The same log signs a second history: whoever saw the first can tell."""

    key, seen = world.epoch().log_vkey, tmp_path / "seen"
    vcx("log", "monitor", written(world, tmp_path / "a"), "--key", key, "--seen", seen)
    forked = read_forked(seen.read_text(), world)
    seen.write_text(forked)
    folder = written(world, tmp_path / "b")
    assert vcx.refused("log", "monitor", folder, "--key", key, "--seen", seen) == "replay.rewritten"


def read_forked(text: str, world: LogWorld) -> str:
    """A checkpoint of the same size with another root, as if it had been seen."""
    lines = text.split("\n")
    lines[2] = "A" * 43 + "="
    return "\n".join(lines)
