"""The released JSON Schemas: a list, and each file's exact bytes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

import schemas
from exchange.api.operation import Resource
from exchange.api.wire import Out, Reply
from exchange.domain.errors import NotFoundError
from exchange.services.context import Context
from schemas import SchemaId

resource = Resource(
    "schemas", "The JSON Schemas datasets and requests follow; a released file never changes."
)

SCHEMA_JSON = "application/schema+json"
Kind = Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]
Version = Annotated[str, Field(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$")]


class SchemaOut(Out):
    """One released schema; `digest_sri` is what `credentialSchema.digestSRI` must say."""

    kind: str
    version: str
    id: str
    digest_sri: str


class SchemasOut(Out):
    """Every released schema, by kind and version."""

    items: list[SchemaOut]


@resource.operation("GET", "/schemas", role=None)
def list_all(ctx: Context) -> SchemasOut:
    """List the released schemas."""
    return SchemasOut(items=[_present(one) for one in schemas.released()])


@resource.operation("GET", "/schemas/{kind}/{version}.json", role=None, produces=(SCHEMA_JSON,))
def get(ctx: Context, kind: Kind, version: Version) -> Reply[str]:
    """Read a schema file, byte for byte."""
    asked = SchemaId(kind, version)
    if asked not in schemas.released():
        raise NotFoundError
    return Reply(schemas.schema_bytes(asked).decode(), media_type=SCHEMA_JSON)


def _present(one: SchemaId) -> SchemaOut:
    return SchemaOut(kind=one.kind, version=one.version, id=one.url, digest_sri=schemas.digest_sri(one))
