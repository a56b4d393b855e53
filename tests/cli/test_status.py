"""`vcx status reserve` and `vcx sign --status`: an entry of one's own, over real HTTP."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exchange.services.reading import list_datasets
from exchange.store.tables.revocation import StatusEntryRow
from tests.cli.test_datasets import Supplier
from tests.cli.test_datasets import address as address
from tests.cli.test_datasets import clock as clock
from tests.cli.test_datasets import settings as settings
from tests.cli.test_datasets import supplier as supplier
from tests.datasets import rows


@pytest.fixture
def key(vcx, supplier: Supplier, tmp_path: Path) -> Path:
    """A registered key."""
    path = tmp_path / "key.jwk"
    vcx("keys", "new", path)
    vcx("keys", "register", path, "--credentials", supplier.credentials)
    return path


def test_entry_is_reserved_signed_with_and_published(
    vcx, supplier: Supplier, key: Path, tmp_path: Path
) -> None:
    entry, token = tmp_path / "status.json", tmp_path / "sheet.sd-jwt"
    reserved = vcx.json("status", "reserve", "--out", entry, "--credentials", supplier.credentials)
    assert json.loads(entry.read_text()) == reserved["credential_status"]
    vcx("sign", supplier.content, "--key", key, "--status", entry)
    published = vcx.json("publish", token, "--credentials", supplier.credentials)
    (row,) = rows(supplier.party.ctx.store, StatusEntryRow)
    assert row.credential_digest == published["digest"]
    assert str(row.position) == reserved["credential_status"]["statusListIndex"]


def test_entry_serves_for_one_dataset(vcx, supplier: Supplier, key: Path, tmp_path: Path) -> None:
    entry, first, second = (tmp_path / name for name in ("status.json", "first", "second"))
    vcx("status", "reserve", "--out", entry, "--credentials", supplier.credentials)
    for token in (first, second):
        vcx("sign", supplier.content, "--key", key, "--status", entry, "--out", token)
    vcx("publish", first, "--credentials", supplier.credentials)
    assert vcx.refused("publish", second, "--credentials", supplier.credentials) == "status.used"
    assert len(list_datasets(supplier.party.ctx).items) == 1


def test_file_that_is_there_is_not_overwritten_and_no_entry_is_used_up(
    vcx, supplier: Supplier, tmp_path: Path
) -> None:
    entry = tmp_path / "status.json"
    entry.write_text("mine")
    refused = vcx.refused("status", "reserve", "--out", entry, "--credentials", supplier.credentials)
    assert (refused, entry.read_text()) == ("status.exists", "mine")
    assert rows(supplier.party.ctx.store, StatusEntryRow) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[]", "status.form"),
        ("{", "json.syntax"),
        ('{"type":"BitstringStatusListEntry","statusPurpose":"suspension"}', "status.form"),
        (
            '{"type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":"-1",'
            '"statusListCredential":"https://exchange.example/status/1"}',
            "status.index",
        ),
    ],
)
def test_malformed_entry_is_not_signed(
    vcx, supplier: Supplier, key: Path, tmp_path: Path, text: str, code: str
) -> None:
    entry = tmp_path / "status.json"
    entry.write_text(text)
    assert vcx.refused("sign", supplier.content, "--key", key, "--status", entry) == code
    assert not supplier.content.with_suffix(".sd-jwt").exists()
