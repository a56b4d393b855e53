"""Settings: secrets from files, told plainly when that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from exchange.config import Settings


def test_a_secret_comes_from_the_file_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "database_url"
    secret.write_text("postgresql+psycopg://vcx:s3cret@db/vcx\n", encoding="utf-8")
    monkeypatch.setenv("VCX_DATABASE_URL_FILE", str(secret))
    assert Settings().database == "postgresql+psycopg://vcx:s3cret@db/vcx"


def test_a_secret_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "broker_url"
    secret.write_text("redis://one", encoding="utf-8")
    monkeypatch.setenv("VCX_BROKER_URL_FILE", str(secret))
    monkeypatch.setenv("VCX_BROKER_URL", "redis://two")
    with pytest.raises(ValidationError, match="both set: keep one"):
        Settings()


def test_a_secret_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VCX_BROKER_URL_FILE", str(tmp_path / "nothing"))
    with pytest.raises(ValidationError, match=r"VCX_BROKER_URL_FILE names .*nothing, which cannot be read"):
        Settings()


def test_a_quorum_needs_as_many_witnesses() -> None:
    one = "w1+00000000+AAAA@http://w1.example"
    assert Settings(witnesses=one, witness_quorum=1).witness_quorum == 1
    with pytest.raises(ValidationError, match="VCX_WITNESS_QUORUM"):
        Settings(witnesses=one, witness_quorum=2)
