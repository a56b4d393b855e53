"""Imports: hand in a table, then look how it fared."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import Id, Out, Query, Reply, Table
from exchange.domain.actors import Role
from exchange.services import imports
from exchange.services.context import Context

resource = Resource(
    "imports", "Tables handed in whole; the worker reads them and takes them whole or refuses them whole."
)


class ImportProblemOut(Out):
    """What is wrong with a row (null: with the whole file, or with what stands at `place`, "Energy, row 7")."""

    row: int | None
    place: str
    column: str
    code: str
    detail: str


class ImportOut(Out):
    """How far an import has come: deliveries end as `published`, an account as `entered`.

    `known_count` are rows of an account that were there already, and left out.
    """

    id: Id
    source: str
    site_id: Id | None
    filename: str
    state: Literal["waiting", "published", "entered", "refused"]
    job_id: Id
    row_count: int
    known_count: int
    problems: list[ImportProblemOut]
    ignored_columns: list[str]
    publication_ids: list[Id]
    created_at: datetime
    finished_at: datetime | None


class ImportQuery(Query):
    """What kind of table it is, its file's name, and the site of an account."""

    source: Annotated[str, Field(max_length=20, json_schema_extra={"enum": list(imports.SOURCES)})]
    filename: Annotated[str, Field(max_length=200)] = "table"
    site_id: Id | None = None


@resource.operation("POST", "/imports", role=Role.EDITOR, status=202)
def submit(ctx: Context, query: ImportQuery, body: Table) -> Reply[ImportOut]:
    """Hand in a table (CSV or XLSX). Deliveries are signed, so that they take a signer."""
    taken = imports.submit_import(ctx, query.source, query.filename, body.data, query.site_id)
    return Reply(ImportOut.of(taken), headers={"Location": f"/api/v1/imports/{taken.id}"})


@resource.operation("GET", "/imports/{import_id}")
def get(ctx: Context, import_id: Id) -> ImportOut:
    """Read how one of the organisation's imports fared."""
    return ImportOut.of(imports.get_import(ctx, import_id))
