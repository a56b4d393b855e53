"""The organisation's own dataset: the voluntary standard's datapoints out of its sites' calculations of a year."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.v1.publications import PublicationOut, present_publication
from exchange.api.wire import In, Out, Query, Reply
from exchange.domain.actors import Role
from exchange.domain.groups import DatasetKind
from exchange.domain.voluntary_standard import LackKind
from exchange.services import organisation_drafts
from exchange.services.company_years import YEARS
from exchange.services.context import Context

resource = Resource(
    "organisation-drafts", "From calculations to the organisation's dataset, nothing typed twice."
)

Year = Annotated[int, Field(ge=YEARS[0], le=YEARS[-1])]


class LackOut(Out):
    """What a datapoint lacks, by group and concept, and of which sites, flows or years."""

    kind: LackKind
    datapoint: str
    names: list[str]
    is_left_out: bool


class OrganisationDraftOut(Out):
    """What `POST /datasets` takes, and what is lacking in it; `without` are sites without a calculation of the year."""

    kind: Literal[DatasetKind.ORGANISATION]
    subject: dict[str, Any]
    lacks: list[LackOut]
    without: list[str]


class YearQuery(Query):
    """A calendar year."""

    year: Year


class OrganisationPublicationIn(In):
    """A year to publish; `is_confirmed`: also where sites have no calculation of it."""

    year: Year
    is_confirmed: bool = False


@resource.operation("GET", "/organisation-draft", role=Role.EDITOR)
def draft(ctx: Context, query: YearQuery) -> OrganisationDraftOut:
    """Read the content of a year's dataset as it would be published; stores nothing."""
    found = organisation_drafts.draft_organisation(ctx, query.year)
    return OrganisationDraftOut(
        kind=DatasetKind.ORGANISATION,
        subject=found.content,
        lacks=[LackOut.of(one) for one in found.lacks],
        without=list(found.without),
    )


@resource.operation("POST", "/organisation-publications", role=Role.SIGNER, status=202)
def publish(ctx: Context, body: OrganisationPublicationIn) -> Reply[PublicationOut]:
    """Publish a year's dataset of the organisation: the worker signs it under the custody key."""
    waiting = organisation_drafts.publish_organisation(ctx, body.year, is_confirmed=body.is_confirmed)
    return Reply(present_publication(waiting), headers={"Location": f"/api/v1/publications/{waiting.id}"})
