"""Access records: who read, or tried to read, what."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from exchange.api.operation import Resource
from exchange.api.wire import Id, Out, PageOut, PageQuery, page_of
from exchange.services import access
from exchange.services.context import Context

resource = Resource("access-records", "Every read, allowed or denied, written before data leave.")


class AccessRecordOut(Out):
    """One read, as the owner of the data or the reader sees it."""

    id: Id
    at: datetime
    actor_organisation_id: Id
    actor_name: str
    action: str
    target_type: str
    target_id: str
    target_name: str
    dataset_digest: str | None
    purpose: str | None
    grant_id: Id | None
    mandate_id: Id | None
    field_groups: list[str]
    decision: Literal["allowed", "denied"]
    reason: str
    request_id: str


class SideQuery(PageQuery):
    """Reads of one's own data (`owner`) or one's own reads (`actor`)."""

    side: Literal["owner", "actor"] = "owner"


@resource.operation("GET", "/access-records")
def list_side(ctx: Context, query: SideQuery) -> PageOut[AccessRecordOut]:
    """List access records, newest first."""
    page = access.page_access_records(ctx, query.cursor, query.limit, query.side)
    return page_of(page, AccessRecordOut.of)
