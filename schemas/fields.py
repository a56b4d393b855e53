"""The fields of each dataset kind as paths, such as `indicators/co2e`: what a request may name.

The first part of a path is its field group, so every field has exactly one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import urldefrag, urljoin

from exchange.domain.errors import Problem
from exchange.domain.pointers import pointer
from schemas.catalogue import SchemaId, latest, load, registry

VALUE_TYPES = ("quantity", "positiveQuantity", "signedQuantity", "money", "period", "valueAdded")


@cache
def field_paths(schema: SchemaId) -> frozenset[str]:
    """Every field of a dataset kind: groups, objects and leaves; lists count as one with their entries.

    A quantity, an amount of money or a period is one field, not two. The open `id` is none.
    """
    groups = load(schema)["properties"]
    return frozenset(
        path for name, part in groups.items() if name != "id" for path in _paths(schema.url, name, part)
    )


def _paths(base: str, path: str, part: Mapping[str, Any]) -> Iterator[str]:
    """The path itself and those below it; `base` is the URL its references are relative to."""
    yield path
    reference = str(part.get("$ref", ""))
    if reference.rpartition("/")[2] in VALUE_TYPES:
        return
    if reference:
        part = registry().resolver(base).lookup(reference).contents
        base = urldefrag(urljoin(base, reference)).url
    if part.get("type") == "array":
        for inner in _paths(base, path, part["items"]):
            if inner != path:
                yield inner
    for name, member in part.get("properties", {}).items():
        yield from _paths(base, f"{path}/{name}", member)


def unknown_fields(request: Mapping[str, Any]) -> list[Problem]:
    """The fields a schema-valid request names that its subject's schema does not have."""
    return [
        Problem(
            "request.field_unknown",
            f'There is no field "{field["field"]}" in a dataset about a {line["subject"]["type"]}.',
            pointer(["lines", number, "fields", place, "field"]),
            "Use a field of the schema, such as indicators/co2e.",
        )
        for number, line in enumerate(request["lines"])
        for place, field in enumerate(line["fields"])
        if field["field"] not in field_paths(latest(line["subject"]["type"]))
    ]
