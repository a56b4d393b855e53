"""The schemas of a bundle: only files whose digests the log's state names, compiled once, never fetched."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import jsonschema_rs

from exchange.trust import strict_json
from exchange.trust.bundle.packing import MAX_SCHEMA_BYTES
from exchange.trust.bundle.references import Weighing, resolved
from exchange.trust.errors import BundleError
from exchange.trust.strict_json import JsonObject, JsonValue

MAX_PROBLEMS = 20
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CACHED = 32


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """One way in which the content breaks its schema: `path` is a JSON pointer into the subject."""

    path: str
    detail: str
    code: str = "schema.invalid"


@dataclass(frozen=True, slots=True)
class SchemaFiles:
    """Schema files by id, known by their digests (SRI) alone, so that a compiled one is found again."""

    digests: tuple[tuple[str, str], ...]
    texts: Mapping[str, str] = field(compare=False)

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> SchemaFiles:
        """The files with the digests of their bytes."""
        return cls(tuple((name, digest_sri(text)) for name, text in sorted(texts.items())), texts)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A validator and the ids of the files it was made from."""

    validator: jsonschema_rs.Draft202012Validator
    reached: frozenset[str]

    def problems(self, subject: JsonObject) -> list[SchemaProblem]:
        """What of `subject` breaks the schema, at most MAX_PROBLEMS."""
        if self.validator.is_valid(subject):
            return []
        found = zip(range(MAX_PROBLEMS), self.validator.iter_errors(subject), strict=False)
        return [SchemaProblem(_path(error.instance_path), error.message[:300]) for _, error in found]


@lru_cache(maxsize=_CACHED)
def digest_sri(text: str) -> str:
    """`sha256-<base64>` of the file's bytes (Subresource Integrity section 3.1)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


@lru_cache(maxsize=_CACHED)
def compiled(schema_id: str, files: SchemaFiles) -> Compiled:
    """The validator of `schema_id` over `files` alone.

    Patterns run on the engine that takes linear time. Raises BundleError `schema.missing_file` (the schema or one it
    refers to is not there), `schema.file` (no JSON Schema of draft 2020-12 under its own id, or too much
    for `Weighing`).
    """
    documents = _reach(schema_id, files.texts)
    try:
        validator = jsonschema_rs.Draft202012Validator(
            documents[schema_id],
            validate_formats=True,
            offline=True,
            registry=jsonschema_rs.Registry(list(documents.items())),
            pattern_options=jsonschema_rs.RegexOptions(),
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        raise BundleError("schema.file", f"The schema {schema_id} cannot be used: {error}"[:300]) from None
    return Compiled(validator, frozenset(documents))


def _reach(schema_id: str, texts: Mapping[str, str]) -> dict[str, JsonObject]:
    found: dict[str, JsonObject] = {}
    waiting = [schema_id]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        if name not in texts:
            raise BundleError("schema.missing_file", f"The bundle lacks the schema {name}.", path="/schemas")
        found[name] = _read(name, texts[name])
        waiting.extend(resolved(name, reference)[0] for reference in _references(found[name]))
    Weighing(found).weigh(schema_id)
    return found


def _read(name: str, text: str) -> JsonObject:
    document = strict_json.loads(text.encode(), max_bytes=MAX_SCHEMA_BYTES)
    named = (document.get("$id"), document.get("$schema")) if isinstance(document, dict) else None
    if not isinstance(document, dict) or named != (name, DIALECT):
        raise BundleError(
            "schema.file", f"This is no schema of draft 2020-12 called {name}.", path="/schemas"
        )
    return document


def _references(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference
        for member in value.values():
            yield from _references(member)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _path(parts: list[str | int]) -> str:
    path = ""
    for part in parts:
        path = strict_json.pointer(path, part)
    return path
