"""A witness's memory: on disk before it is believed, one writer at a time, damaged never means new."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from exchange.adapters import witness_state
from exchange.adapters.witness_state import TreeHead, WitnessState, WitnessStateError

ORIGIN = "exchange.example/log/0a1b2c3d"
HEAD = TreeHead(5, bytes(range(32)))


def test_a_log_is_unknown_until_its_first_head_is_kept(tmp_path: Path) -> None:
    with WitnessState(tmp_path / "state").holding(ORIGIN) as held:
        assert held.head is None
        held.replace(HEAD)
    with WitnessState(tmp_path / "state").holding(ORIGIN) as held:
        assert held.head == HEAD
    with WitnessState(tmp_path / "state").holding("another.example/log") as held:
        assert held.head is None


def test_folder_and_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    keep(tmp_path / "state", HEAD)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()}
    assert modes == {0o600} and stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_a_head_is_synced_before_and_after_it_takes_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (done.append(kind_of(fd)), fsync(fd))[1])
    monkeypatch.setattr(Path, "replace", lambda one, to: (done.append("rename"), replace(one, to))[1])
    keep(tmp_path, HEAD)
    assert done == ["file", "rename", "folder"]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_head_that_cannot_be_kept_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    keep(tmp_path, HEAD)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(*((os, "fsync") if failing == "fsync" else (Path, "replace")), full)
        with pytest.raises(WitnessStateError) as refused:
            keep(tmp_path, TreeHead(6, bytes(32)))
    assert refused.value.error_code == "witness.state_unusable"
    assert read(tmp_path) == HEAD
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"v":"vcx-witness-record/2","origin":"%s","size":5,"root":"%s"}',
        b'{"v":"vcx-witness-record/1","origin":"other","size":5,"root":"%s"}',
        b'{"v":"vcx-witness-record/1","origin":"exchange.example/log/0a1b2c3d","size":-1,"root":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}',
        b'{"v":"vcx-witness-record/1","origin":"exchange.example/log/0a1b2c3d","size":true,"root":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}',
        b'{"v":"vcx-witness-record/1","origin":"exchange.example/log/0a1b2c3d","size":5,"root":"AAAA"}',
        b'{"v":"vcx-witness-record/1","origin":"exchange.example/log/0a1b2c3d","size":5,"root":"not base64"}',
    ],
)
def test_a_damaged_record_is_no_fresh_start(tmp_path: Path, data: bytes) -> None:
    keep(tmp_path, HEAD)
    (record,) = tmp_path.glob("*.json")
    record.write_bytes(data)
    with pytest.raises(WitnessStateError) as refused:
        read(tmp_path)
    assert refused.value.error_code == "witness.state_damaged" and refused.value.advice


def test_two_that_come_at_once_see_each_others_heads(tmp_path: Path) -> None:
    """Each adds one to what it finds: without the lock some of the forty additions would be lost."""

    def add_ten() -> None:
        for _ in range(10):
            with WitnessState(tmp_path).holding(ORIGIN) as held:
                held.replace(TreeHead(held.head.size + 1 if held.head else 1, bytes(32)))

    threads = [threading.Thread(target=add_ten) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read(tmp_path) == TreeHead(40, bytes(32))


def kind_of(descriptor: int) -> str:
    return "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"


def keep(folder: Path, head: TreeHead) -> None:
    with WitnessState(folder).holding(ORIGIN) as held:
        held.replace(head)


def read(folder: Path) -> TreeHead | None:
    with witness_state.WitnessState(folder).holding(ORIGIN) as held:
        return held.head
