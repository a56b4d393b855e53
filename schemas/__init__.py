"""The JSON Schemas of the exchange (draft 2020-12) by kind and version, and the two validators over them.

A released file never changes: `released.sha256` holds its digest. `is_valid` is the fast gate
(jsonschema-rs), `explain` says in words what a refused document breaks (jsonschema); both decide alike.
The schema of a dataset kind describes its `credentialSubject` as a *reader* may hold it: id, identity and
whichever other field groups were disclosed. What publishing demands beyond that is the check
`publish.minimum` and its neighbours in `exchange.domain.checks`, because a reader could never satisfy it
and a sentence helps more there than a keyword.
"""

from __future__ import annotations

from exchange.domain.errors import Problem
from schemas.catalogue import (
    KINDS,
    SchemaId,
    digest_sri,
    find,
    latest,
    load,
    registry,
    released,
    released_sha256,
    schema_bytes,
    sha256,
    with_referenced,
)
from schemas.fields import field_paths, unknown_fields
from schemas.gate import is_valid

__all__ = [
    "KINDS",
    "SchemaId",
    "digest_sri",
    "explain",
    "field_paths",
    "find",
    "is_valid",
    "latest",
    "load",
    "problems",
    "registry",
    "released",
    "released_sha256",
    "schema_bytes",
    "sha256",
    "unknown_fields",
    "with_referenced",
]


def explain(document: object, schema: SchemaId) -> list[Problem]:
    """What a document that is not valid breaks, in words; the slower validator is loaded only then."""
    from schemas import wording

    return wording.explain(document, schema)


def problems(document: object, schema: SchemaId) -> list[Problem]:
    """What is wrong with strictly parsed JSON, in words; empty where it satisfies the schema."""
    return [] if is_valid(document, schema) else explain(document, schema)
