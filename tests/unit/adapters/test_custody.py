"""Custody keys: encrypted at rest, bound to their id and organisation, refused plainly when anything is off."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange.adapters import custody
from exchange.adapters.custody import (
    CustodyError,
    CustodyKeys,
    create_master_key,
    is_kept,
    kept_for,
    read_master_key,
)
from exchange.domain.errors import UnavailableError
from exchange.trust import base64url, did_key, resolve_did_key
from exchange.trust.keys import private_jwk, public_key_from_jwk

MASTER = bytes(range(32))
ORGANISATION = "01970000-0000-7000-8000-000000000001"
OTHER = "01970000-0000-7000-8000-000000000002"


@pytest.fixture
def store(tmp_path: Path) -> CustodyKeys:
    return CustodyKeys(tmp_path / "keys", MASTER)


def key_file(tmp_path: Path) -> Path:
    (path,) = (tmp_path / "keys").iterdir()
    return path


def code_of(call: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(CustodyError) as caught:
        call(*arguments)
    return caught.value.error_code


def test_a_new_key_can_be_loaded_and_signs_under_its_id(store: CustodyKeys) -> None:
    made = store.create(ORGANISATION)
    private = store.load(made.kid, ORGANISATION)
    resolved = resolve_did_key(made.kid)
    assert resolved is not None
    resolved.public_key.verify(private.sign(b"dataset"), b"dataset")  # type: ignore[union-attr,call-arg]
    assert made.did == did_key(private.public_key()) == made.kid.split("#")[0]
    assert did_key(public_key_from_jwk(made.public_jwk)) == made.did


def test_every_key_is_another_one_in_a_file_of_its_own(store: CustodyKeys, tmp_path: Path) -> None:
    kids = {store.create(ORGANISATION).kid for _ in range(3)}
    assert len(kids) == 3
    assert {path.name for path in (tmp_path / "keys").iterdir()} == {
        kid.split("#")[1] + ".json" for kid in kids
    }


def test_a_key_survives_a_restart(store: CustodyKeys, tmp_path: Path) -> None:
    made = store.create(ORGANISATION)
    again = CustodyKeys(tmp_path / "keys", MASTER).load(made.kid, ORGANISATION)
    assert private_jwk(again) == private_jwk(store.load(made.kid, ORGANISATION))


def test_nobody_else_can_read_the_files(store: CustodyKeys, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        store.create(ORGANISATION)
        create_master_key(tmp_path / "master")
    finally:
        os.umask(old)
    for path, mode in ((key_file(tmp_path), 0o600), (tmp_path / "keys", 0o700), (tmp_path / "master", 0o600)):
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_the_private_key_is_not_in_the_file(store: CustodyKeys, tmp_path: Path) -> None:
    made = store.create(ORGANISATION)
    raw = store.load(made.kid, ORGANISATION).private_bytes_raw()
    content = key_file(tmp_path).read_bytes()
    for form in (raw, raw.hex().encode(), base64url.encode(raw).encode(), base64.b64encode(raw)):
        assert form not in content


def test_another_master_key_opens_nothing(store: CustodyKeys, tmp_path: Path) -> None:
    made = store.create(ORGANISATION)
    stranger = CustodyKeys(tmp_path / "keys", bytes(32))
    assert code_of(stranger.load, made.kid, ORGANISATION) == "custody.cannot_decrypt"


def test_a_key_is_not_given_to_another_organisation(store: CustodyKeys) -> None:
    made = store.create(ORGANISATION)
    assert code_of(store.load, made.kid, OTHER) == "custody.unknown_key"


def test_a_file_relabelled_to_another_organisation_does_not_open(store: CustodyKeys, tmp_path: Path) -> None:
    made = store.create(ORGANISATION)
    path = key_file(tmp_path)
    path.write_text(path.read_text().replace(ORGANISATION, OTHER))
    assert code_of(store.load, made.kid, OTHER) == "custody.cannot_decrypt"


def test_one_key_file_cannot_stand_in_for_another(store: CustodyKeys, tmp_path: Path) -> None:
    first, second = store.create(ORGANISATION), store.create(ORGANISATION)
    folder = tmp_path / "keys"
    source, target = (folder / f"{key.kid.split('#')[1]}.json" for key in (first, second))
    target.write_bytes(source.read_bytes())
    assert code_of(store.load, second.kid, ORGANISATION) == "custody.unknown_key"
    target.write_text(source.read_text().replace(first.kid, second.kid))
    assert code_of(store.load, second.kid, ORGANISATION) == "custody.cannot_decrypt"


def test_a_file_sealed_for_another_key_under_the_right_master_key_is_refused(
    store: CustodyKeys, tmp_path: Path
) -> None:
    made = store.create(ORGANISATION)
    path = key_file(tmp_path)
    record = json.loads(path.read_text())
    binding = custody._binding(made.kid, ORGANISATION)
    sealed = custody.AESGCM(MASTER).encrypt(bytes(12), bytes(32), binding)
    record |= {"nonce": base64url.encode(bytes(12)), "sealed": base64url.encode(sealed)}
    path.write_text(json.dumps(record))
    assert code_of(store.load, made.kid, ORGANISATION) == "custody.damaged_file"


def test_every_changed_byte_of_a_key_file_is_noticed(store: CustodyKeys, tmp_path: Path) -> None:
    made = store.create(ORGANISATION)
    path = key_file(tmp_path)
    good = path.read_bytes()
    for position in range(len(good)):
        path.write_bytes(good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :])
        assert code_of(store.load, made.kid, ORGANISATION).startswith("custody.")


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"null", b"\xff", b"{" * 5000, b'{"version":"vcx-custody-key/2"}']
)
def test_a_damaged_file_is_named_as_such(store: CustodyKeys, tmp_path: Path, content: bytes) -> None:
    made = store.create(ORGANISATION)
    key_file(tmp_path).write_bytes(content)
    assert code_of(store.load, made.kid, ORGANISATION) == "custody.damaged_file"


@pytest.mark.parametrize("missing", ["kid", "organisation", "nonce", "sealed"])
def test_a_file_without_one_of_its_members_is_damaged(
    store: CustodyKeys, tmp_path: Path, missing: str
) -> None:
    made = store.create(ORGANISATION)
    record = json.loads(key_file(tmp_path).read_text())
    del record[missing]
    key_file(tmp_path).write_text(json.dumps(record))
    assert code_of(store.load, made.kid, ORGANISATION) == "custody.damaged_file"


def test_a_key_file_the_disk_does_not_give_may_be_had_later(store: CustodyKeys, tmp_path: Path) -> None:
    made = store.create(ORGANISATION)
    path = key_file(tmp_path)
    kept = path.read_bytes()
    path.unlink()
    path.mkdir()
    with pytest.raises(UnavailableError) as caught:
        store.load(made.kid, ORGANISATION)
    assert caught.value.error_code == "custody.unavailable"
    path.rmdir()
    path.write_bytes(kept)
    store.load(made.kid, ORGANISATION)


@pytest.mark.parametrize(
    "kid",
    [
        "",
        "key-1",
        "../../etc/passwd",
        "did:web:a.example#key-1",
        "did:key:z6Mk#..",
        "did:key:z6Mk#a.b",
        "did:key:z6Mk#zUnknown",
    ],
)
def test_an_unknown_or_crafted_id_finds_nothing(store: CustodyKeys, kid: str) -> None:
    store.create(ORGANISATION)
    assert code_of(store.load, kid, ORGANISATION) == "custody.unknown_key"


@pytest.mark.parametrize(
    ("kid", "name"), [("", ""), ("did:web:a.example#key", "key"), ("did:key:z6Mk#a.b", "a.b")]
)
def test_a_file_is_not_even_opened_under_an_id_that_is_no_did_key(
    store: CustodyKeys, tmp_path: Path, kid: str, name: str
) -> None:
    store.create(ORGANISATION)
    (tmp_path / "keys" / f"{name}.json").write_text("{}")
    assert code_of(store.load, kid, ORGANISATION) == "custody.unknown_key"


def test_a_crash_while_writing_leaves_no_half_key(
    store: CustodyKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        store.create(ORGANISATION)
    assert list((tmp_path / "keys").iterdir()) == []


def test_a_master_key_of_another_length_is_refused(tmp_path: Path) -> None:
    assert code_of(CustodyKeys, tmp_path, bytes(16)) == "custody.master_key"


def test_a_master_key_is_read_back_as_made(tmp_path: Path) -> None:
    path = tmp_path / "master"
    made = create_master_key(path)
    assert len(made) == 32
    assert read_master_key(path) == made
    assert made != create_master_key(tmp_path / "second")


def test_a_master_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "master"
    made = create_master_key(path)
    assert code_of(create_master_key, path) == "custody.master_key"
    assert read_master_key(path) == made
    assert code_of(create_master_key, tmp_path / "no" / "folder") == "custody.master_key"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644])
def test_a_master_key_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master"
    create_master_key(path)
    path.chmod(mode)
    with pytest.raises(CustodyError) as caught:
        read_master_key(path)
    assert caught.value.error_code == "custody.master_key"
    assert "chmod 600" in caught.value.advice


@pytest.mark.parametrize(
    "content",
    [b"", b"not base64!", base64.b64encode(bytes(31)), base64.b64encode(bytes(33)), bytes(32), b"\xff" * 44],
)
def test_a_file_without_a_master_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master"
    path.touch(mode=0o600)
    path.write_bytes(content)
    assert code_of(read_master_key, path) == "custody.master_key"


def test_which_keys_are_kept_is_told_without_the_master_key(store: CustodyKeys, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    assert kept_for(folder, ORGANISATION) == set()
    made = store.create(ORGANISATION)
    (folder / "damaged.json").write_bytes(b"x")
    assert is_kept(folder, made.kid)
    assert (kept_for(folder, ORGANISATION), kept_for(folder, OTHER)) == ({made.kid}, set())
    for kid in ("", "did:key:z6Mk#z6Mk", f"did:key:z6Mk#../keys/{made.kid.split('#')[1]}"):
        assert not is_kept(folder, kid)


def test_a_key_store_that_may_not_be_looked_at_is_no_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", denied)
    with pytest.raises(UnavailableError) as caught:
        is_kept(tmp_path, "did:key:z6Mk#z6Mk")
    assert caught.value.error_code == "custody.unavailable"


def test_a_missing_master_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CustodyError) as caught:
        read_master_key(tmp_path / "nothing")
    assert "nothing" in caught.value.detail
