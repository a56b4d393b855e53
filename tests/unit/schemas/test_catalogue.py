"""Which schemas there are, what they are called, and that nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from referencing.exceptions import Unresolvable

import schemas
from exchange.domain.errors import InvalidError

FOLDER = Path(schemas.__file__).parent


@pytest.mark.parametrize("kind", schemas.KINDS)
def test_latest_schema_of_each_kind_names_itself(kind: str) -> None:
    schema = schemas.latest(kind)
    assert schemas.load(schema)["$id"] == f"https://vcx.example/schemas/{kind}/{schema.version}.json"
    assert schemas.find(schema.url) == schema


def test_digest_sri_is_the_base64_of_the_files_sha256() -> None:
    schema = schemas.latest("product")
    raw = (FOLDER / "product" / f"{schema.version}.json").read_bytes()
    assert schemas.schema_bytes(schema) == raw
    assert schemas.sha256(schema) == hashlib.sha256(raw).hexdigest()
    algorithm, _, digest = schemas.digest_sri(schema).partition("-")
    assert (algorithm, base64.b64decode(digest)) == ("sha256", hashlib.sha256(raw).digest())


@pytest.mark.parametrize(
    "url",
    [
        "https://vcx.example/schemas/product/9.9.9.json",
        "https://vcx.example/schemas/common/0.1.0.json",
        "https://vcx.example/schemas/../product/0.1.0.json",
        "https://elsewhere.example/schemas/product/0.1.0.json",
        "https://vcx.example/schemas/product/0.1.0.json\n",
        "",
    ],
)
def test_a_schema_that_is_not_ours_is_refused(url: str) -> None:
    with pytest.raises(InvalidError) as refused:
        schemas.find(url)
    assert refused.value.error_code == "schema.unknown"
    assert "schemas/product/" in refused.value.advice


@pytest.mark.parametrize("kind", ["common", "person", ""])
def test_only_kinds_have_a_latest_schema(kind: str) -> None:
    with pytest.raises(InvalidError):
        schemas.latest(kind)


def test_registry_retrieves_nothing() -> None:
    with pytest.raises(Unresolvable):
        schemas.registry().resolver().lookup("https://elsewhere.example/schema.json")
