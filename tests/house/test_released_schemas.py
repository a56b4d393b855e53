"""A released schema never changes: whoever signed against it pinned its digest."""

from __future__ import annotations

import hashlib
from pathlib import Path

import schemas

FOLDER = Path(schemas.__file__).parent


def test_released_schema_files_have_the_digests_they_were_released_with() -> None:
    for schema in schemas.released():
        raw = (FOLDER / schema.kind / f"{schema.version}.json").read_bytes()
        assert hashlib.sha256(raw).hexdigest() == schemas.released_sha256(schema), schema


def test_every_schema_file_is_listed_as_released() -> None:
    files = {f"{path.parent.name}/{path.name}" for path in FOLDER.glob("[a-z]*/[0-9]*.json")}
    assert files == {f"{schema.kind}/{schema.version}.json" for schema in schemas.released()}
