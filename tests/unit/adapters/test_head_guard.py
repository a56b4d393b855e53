"""The head guard: one head per epoch, swapped whole, by one process at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.adapters import durable_file
from exchange.adapters.head_guard import GuardedHead, HeadGuard
from exchange.domain.errors import ConflictError, UnavailableError

EPOCH = "0123456789abcdef"
HEAD = GuardedHead("origin", 1, "cm9vdA==", "checkpoint\n", "state\n")


@pytest.fixture
def guard(tmp_path: Path) -> HeadGuard:
    """An empty guard."""
    return HeadGuard(tmp_path / "heads")


def test_swaps_from_nothing_to_a_head_and_on(guard: HeadGuard) -> None:
    assert guard.read(EPOCH) is None
    assert guard.swap(EPOCH, None, HEAD)
    assert guard.read(EPOCH) == HEAD
    assert guard.swap(EPOCH, HEAD, replace(HEAD, size=2))
    assert guard.read(EPOCH) == replace(HEAD, size=2)


def test_refuses_from_another_head_and_keeps_what_is_there(guard: HeadGuard) -> None:
    guard.swap(EPOCH, None, HEAD)
    for expected in (None, replace(HEAD, size=2), replace(HEAD, state="other\n")):
        assert not guard.swap(EPOCH, expected, replace(HEAD, size=3))
    assert guard.read(EPOCH) == HEAD


def test_epochs_do_not_know_each_other(guard: HeadGuard) -> None:
    guard.swap(EPOCH, None, HEAD)
    assert guard.read("f" * 16) is None


def test_lists_every_head_and_what_is_none(guard: HeadGuard) -> None:
    assert guard.heads() == {}
    guard.swap(EPOCH, None, HEAD)
    guard.swap("f" * 16, None, replace(HEAD, log_kid="did:key:z6Mk#z6Mk"))
    (guard.folder / "00.json").write_bytes(b"x")
    assert guard.heads() == {"00": None, EPOCH: HEAD, "f" * 16: replace(HEAD, log_kid="did:key:z6Mk#z6Mk")}
    assert guard.heads(but=EPOCH).keys() == {"00", "f" * 16}


def test_only_a_damaged_file_is_written_over_and_kept(guard: HeadGuard) -> None:
    assert not guard.put_over_damaged(EPOCH, HEAD)
    guard.swap(EPOCH, None, HEAD)
    assert not guard.put_over_damaged(EPOCH, replace(HEAD, size=2))
    (guard.folder / f"{EPOCH}.json").write_bytes(b"x")
    assert guard.put_over_damaged(EPOCH, replace(HEAD, size=2))
    assert guard.read(EPOCH) == replace(HEAD, size=2)
    assert (guard.folder / f"{EPOCH}.damaged").read_bytes() == b"x"


def test_folder_and_files_are_for_our_user_alone(guard: HeadGuard) -> None:
    guard.swap(EPOCH, None, HEAD)
    assert guard.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in guard.folder.iterdir()} == {0o600}


def test_of_many_swaps_at_once_one_wins(guard: HeadGuard) -> None:
    start = threading.Barrier(8, timeout=30)

    def swap(size: int) -> bool:
        start.wait()
        return guard.swap(EPOCH, None, replace(HEAD, size=size))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(swap, range(8))) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"v":"vcx-head/2"}',
        b'{"v":"vcx-head/1","origin":"o","size":"1","root":"r","checkpoint":"c","state":"s","successor":""}',
        b'{ "v":"vcx-head/1" }',
    ],
)
def test_what_it_did_not_write_is_damaged(guard: HeadGuard, content: bytes) -> None:
    guard.swap(EPOCH, None, HEAD)
    (guard.folder / f"{EPOCH}.json").write_bytes(content)
    with pytest.raises(ConflictError) as caught:
        guard.read(EPOCH)
    assert caught.value.error_code == "log.guard_damaged"


@pytest.mark.parametrize("name", ["../x", "", "a/b", "a.b"])
def test_an_epoch_id_that_is_no_file_name_is_refused(guard: HeadGuard, name: str) -> None:
    with pytest.raises(ValueError, match="file name"):
        guard.read(name)


def test_a_file_that_cannot_be_written_keeps_the_old_head(
    guard: HeadGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard.swap(EPOCH, None, HEAD)

    def full(path: Path, data: bytes) -> None:
        path.write_bytes(data[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable_file, "write_exclusively", full)
    with pytest.raises(UnavailableError) as caught:
        guard.swap(EPOCH, HEAD, replace(HEAD, size=2))
    assert caught.value.error_code == "log.guard_unusable"
    assert guard.read(EPOCH) == HEAD
    assert sorted(path.suffix for path in guard.folder.iterdir()) == [".json", ".lock"]
