"""Other people's signed documents: hand in, list, read what their verification found, get the exact bytes back."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from exchange.api.operation import Resource
from exchange.api.wire import File, Id, Out, PageOut, PageQuery, Reply, page_of
from exchange.domain.actors import Role
from exchange.services import foreign_credentials
from exchange.services.context import Context

OCTETS = "application/octet-stream"

resource = Resource(
    "foreign-credentials",
    "Documents signed by others, kept as they came and verified step by step; evidence, never datasets.",
)


class ForeignStepOut(Out):
    """One step of a verification; `path` points into the document and tells several proofs apart."""

    name: str
    outcome: Literal["established", "failed", "not_checked"]
    code: str
    detail: str
    path: str


class ForeignCredentialOut(Out):
    """A document as handed in: `digest` is over its exact bytes, `issuer` what it claims.

    `state` is as of `verified_at`: `verified` when every demanded step is established, else `refused`.
    """

    id: Id
    form: Literal["eddsa-jcs-2022", "ecdsa-jcs-2019", "vc+jwt", "vc+sd-jwt"]
    issuer: str
    digest: str
    state: Literal["waiting", "verified", "refused"]
    job_id: Id
    steps: list[ForeignStepOut]
    created_at: datetime
    verified_at: datetime | None


@resource.operation("POST", "/foreign-credentials", role=Role.EDITOR, status=202)
def submit(ctx: Context, body: File) -> Reply[ForeignCredentialOut]:
    """Hand in a document with Data Integrity proofs, an enveloped credential or a token; the same bytes are one row."""
    taken = foreign_credentials.submit_foreign_credential(ctx, body.data)
    location = f"/api/v1/foreign-credentials/{taken.id}"
    return Reply(ForeignCredentialOut.of(taken), headers={"Location": location})


@resource.operation("GET", "/foreign-credentials")
def list_all(ctx: Context, query: PageQuery) -> PageOut[ForeignCredentialOut]:
    """List the documents the organisation handed in, newest first."""
    found = foreign_credentials.list_foreign_credentials(ctx, query.cursor, query.limit)
    return page_of(found, ForeignCredentialOut.of)


@resource.operation("GET", "/foreign-credentials/{credential_id}")
def get(ctx: Context, credential_id: Id) -> ForeignCredentialOut:
    """Read what was found about one of the organisation's documents."""
    return ForeignCredentialOut.of(foreign_credentials.get_foreign_credential(ctx, credential_id))


@resource.operation(
    "GET", "/foreign-credentials/{credential_id}/content", produces=(OCTETS,), answers={200: bytes}
)
def content(ctx: Context, credential_id: Id) -> Reply[bytes]:
    """Get the document back, byte by byte as it was handed in."""
    found = foreign_credentials.foreign_content(ctx, credential_id)
    named = {"Content-Disposition": f'attachment; filename="{found.filename}"'}
    return Reply(found.content, headers=named, media_type=OCTETS)
