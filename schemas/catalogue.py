"""Which schemas are released, and their exact bytes and digests."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urldefrag, urljoin

from referencing import Registry, Resource

from exchange.domain.errors import InvalidError

BASE_URL = "https://vcx.example/schemas"
KINDS = ("product", "delivery", "organisation", "request", "stream", "effort")
COMMON = "common"
_URL = re.compile(rf"{re.escape(BASE_URL)}/([a-z]+)/([0-9]+\.[0-9]+\.[0-9]+)\.json")


@dataclass(frozen=True, order=True)
class SchemaId:
    """One released schema: kind and semantic version."""

    kind: str
    version: str

    @property
    def url(self) -> str:
        """The `$id`, as `credentialSchema.id` names it."""
        return f"{BASE_URL}/{self.kind}/{self.version}.json"


@cache
def released() -> tuple[SchemaId, ...]:
    """Every released schema, by kind and version, as `released.sha256` lists them."""
    return tuple(sorted(_digests(), key=lambda one: (one.kind, _order(one))))


@cache
def _digests() -> dict[SchemaId, str]:
    lines = resources.files("schemas").joinpath("released.sha256").read_text("ascii").splitlines()
    pairs = (line.split("  ", 1) for line in lines)
    return {SchemaId(*name.removesuffix(".json").split("/")): digest for digest, name in pairs}


def _order(schema: SchemaId) -> tuple[int, ...]:
    return tuple(int(part) for part in schema.version.split("."))


def released_sha256(schema: SchemaId) -> str:
    """The SHA-256 the schema was released with, in hexadecimal."""
    return _digests()[schema]


def latest(kind: str) -> SchemaId:
    """The newest released schema of a kind; `InvalidError` `schema.unknown` for a kind there is none of."""
    versions = [one for one in released() if one.kind == kind and kind in KINDS]
    if not versions:
        raise _unknown()
    return versions[-1]


@cache  # of those that are released: what is raised is not kept
def find(url: str) -> SchemaId:
    """The released schema of a `credentialSchema.id`; `InvalidError` `schema.unknown` if it is not ours."""
    match = _URL.fullmatch(url)
    schema = SchemaId(*match.groups()) if match else None
    if schema is None or schema not in _digests() or schema.kind not in KINDS:
        raise _unknown()
    return schema


def _unknown() -> InvalidError:
    return InvalidError(
        "The schema named is not one of this exchange.",
        code="schema.unknown",
        path="/credentialSchema/id",
        advice="Use one of: " + ", ".join(one.url for one in released() if one.kind in KINDS) + ".",
    )


@cache
def schema_bytes(schema: SchemaId) -> bytes:
    """The exact bytes of the released file."""
    return resources.files("schemas").joinpath(schema.kind, f"{schema.version}.json").read_bytes()


def sha256(schema: SchemaId) -> str:
    """The SHA-256 of the file in hexadecimal."""
    return hashlib.sha256(schema_bytes(schema)).hexdigest()


@cache
def digest_sri(schema: SchemaId) -> str:
    """The digest as `credentialSchema.digestSRI` writes it (Subresource Integrity): sha256-<base64>."""
    return "sha256-" + base64.b64encode(hashlib.sha256(schema_bytes(schema)).digest()).decode("ascii")


@cache
def load(schema: SchemaId) -> dict[str, Any]:
    """The schema as parsed JSON; shared, so it is read and never changed."""
    document: dict[str, Any] = json.loads(schema_bytes(schema))
    return document


@cache
def registry() -> Registry[Any]:
    """All released schemas by `$id`; it retrieves nothing from anywhere."""
    pairs = ((one.url, Resource.from_contents(load(one))) for one in released())
    return Registry[Any]().with_resources(pairs).crawl()


@cache
def with_referenced(schema: SchemaId) -> tuple[SchemaId, ...]:
    """The schema and every released one it refers to, directly or through others."""
    known = {one.url: one for one in released()}
    found: dict[str, SchemaId] = {}
    waiting = [schema.url]
    while waiting:
        url = waiting.pop()
        if url not in found:
            found[url] = known[url]
            waiting += [urldefrag(urljoin(url, reference)).url for reference in _references(load(known[url]))]
    return tuple(found.values())


def _references(value: object) -> Iterator[str]:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        yield value["$ref"]
    for member in members:
        yield from _references(member)
