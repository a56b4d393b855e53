"""`vcx publish FILE...`: many tokens in batches, over real HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.commands import datasets
from tests.cli.test_datasets import Supplier
from tests.cli.test_datasets import address as address
from tests.cli.test_datasets import clock as clock
from tests.cli.test_datasets import settings as settings
from tests.cli.test_datasets import supplier as supplier


def test_many_files_are_published_in_batches_and_a_refused_one_keeps_none_back(
    vcx, supplier: Supplier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "MOST_LINES", 2)
    key, given = tmp_path / "key.jwk", ("--credentials", supplier.credentials)
    vcx("keys", "new", key)
    vcx("keys", "register", key, *given)
    names = [tmp_path / f"{number}.sd-jwt" for number in range(4)]
    for name in names[:3]:
        vcx("sign", supplier.content, "--key", key, "--out", name)
    names[3].write_text("no token", encoding="ascii")
    done = vcx("publish", *names, *given, code=1)
    told = done.stdout.splitlines()
    assert [line.split(": ")[1].split(" ")[0] for line in told] == [
        "published",
        "published",
        "published",
        "refused",
    ]
    assert told[2].endswith("version 3")
    assert "token.parts" in told[3]
    assert "3 of 4 datasets name no status list" in done.stderr
    again = vcx.json("publish", *names[:3], *given)
    assert [item["state"] for item in again["items"]] == ["exists"] * 3
