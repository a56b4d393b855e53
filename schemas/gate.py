"""The fast gate: whether a document satisfies a schema, and no more than that."""

from __future__ import annotations

from functools import cache

import jsonschema_rs

from schemas.catalogue import SchemaId, load, released


@cache
def _compiled(schema: SchemaId) -> jsonschema_rs.Draft202012Validator:
    ours = jsonschema_rs.Registry([(one.url, load(one)) for one in released()])
    return jsonschema_rs.Draft202012Validator(
        load(schema), validate_formats=True, registry=ours, offline=True
    )


def is_valid(document: object, schema: SchemaId) -> bool:
    """Whether strictly parsed JSON satisfies the schema. Compiled once per schema and process."""
    return _compiled(schema).is_valid(document)
