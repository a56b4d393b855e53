"""Publications: content on its way to the custody key's signature, and calculations' drafts their owner signed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator

from exchange.api.operation import Resource
from exchange.api.wire import Id, Out, ProblemOut
from exchange.domain.groups import DatasetKind
from exchange.services import publish
from exchange.services.context import Context

resource = Resource("publications", "Content waiting for the exchange to sign it.")


class PublicationOut(Out):
    """How far a publication has come; `problems` when the worker had to refuse it.

    `job_id` is null where the owner signed a calculation's draft itself, so that no worker had to.
    """

    id: Id
    kind: DatasetKind
    state: Literal["waiting", "published", "refused"]
    job_id: Annotated[Id | None, BeforeValidator(lambda job_id: job_id or None)]
    dataset_id: Id | None
    problems: list[ProblemOut]
    created_at: datetime


def present_publication(publication: publish.Publication) -> PublicationOut:
    """The outward form of a publication."""
    return PublicationOut.of(publication)


@resource.operation("GET", "/publications/{publication_id}")
def get(ctx: Context, publication_id: Id) -> PublicationOut:
    """Read how far one of the caller's publications has come."""
    return present_publication(publish.get_publication(ctx, publication_id))
