"""Organisations: sign-up, the directory, identity checks, consent to roll-up."""

from __future__ import annotations

from typing import Annotated

from flask import request
from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import Id, In, Out, PageOut, PageQuery, Reply, page_of
from exchange.domain.actors import Assurance, Role
from exchange.services import accounts, organisations
from exchange.services.context import Context
from exchange.services.organisations import CvrStatus, RejectReason
from exchange.services.rate_limits import limit

resource = Resource("organisations", "Who is here, and how sure the exchange is of it.")


class OrganisationOut(Out):
    """An organisation. To others, `cvr` and `domain` appear once checked; some members are null."""

    id: Id
    name: str
    country: str
    cvr: str | None
    cvr_status: CvrStatus
    assurance: Assurance
    branch: str | None
    employees: int | None
    domain: str | None
    rollup_consent: bool | None


class NewOrganisationIn(In):
    """The organisation to be registered; a CVR number is a claim until an operator has checked it."""

    name: Annotated[str, Field(max_length=400)]
    country: Annotated[str, Field(max_length=2)] = "DK"
    branch: Annotated[str | None, Field(max_length=2, description="Production branch CA to CM.")] = None
    employees: int | None = None
    cvr: Annotated[str | None, Field(max_length=20)] = None
    domain: Annotated[str | None, Field(max_length=400)] = None


class NewUserIn(In):
    """A person who signs in with an e-mail address and a password."""

    email: Annotated[str, Field(max_length=400)]
    name: Annotated[str, Field(max_length=400)]
    password: Annotated[str, Field(max_length=1000)]
    locale: Annotated[str, Field(max_length=10)] = "da"


class SignUpIn(In):
    """An organisation and its first administrator."""

    organisation: NewOrganisationIn
    user: NewUserIn


class ClaimIn(In):
    """The CVR number claimed."""

    cvr: Annotated[str, Field(max_length=20)]


CheckedCvr = Annotated[
    str | None,
    Field(max_length=20, description="The CVR number that was checked; null where none is claimed."),
]


CheckedDomain = Annotated[
    str | None,
    Field(max_length=400, description="The domain that was seen; null where none is declared."),
]


class ApprovalIn(In):
    """What the operator's check ended in, and of which number and domain."""

    assurance: Assurance
    cvr: CheckedCvr
    domain: CheckedDomain


class RejectionIn(In):
    """Why the operator's check failed, and of which number."""

    reason: RejectReason
    cvr: CheckedCvr


class DomainIn(In):
    """The domain that is the organisation's own, without protocol and path."""

    domain: Annotated[str, Field(max_length=400)]


class ConsentIn(In):
    """Whether the organisation's figures may enter chain totals."""

    rollup_consent: bool


class DirectoryQuery(PageQuery):
    """Part of a name, or a CVR number."""

    text: Annotated[str, Field(max_length=200)] = ""


@resource.operation("POST", "/organisations", role=None, status=201)
def sign_up(ctx: Context, body: SignUpIn) -> Reply[OrganisationOut]:
    """Register an organisation and its first administrator."""
    limit(ctx, "sign_in", f"address {request.remote_addr}")
    founded = accounts.found_organisation(
        ctx,
        organisations.NewOrganisation(**body.organisation.model_dump()),
        accounts.NewUser(**body.user.model_dump()),
    )
    made = founded.organisation
    return Reply(OrganisationOut.of(made), headers={"Location": f"/api/v1/organisations/{made.id}"})


@resource.operation("GET", "/organisations")
def search(ctx: Context, query: DirectoryQuery) -> PageOut[OrganisationOut]:
    """Search the directory."""
    page = organisations.find_organisations(ctx, query.text, query.cursor, query.limit)
    return page_of(page, OrganisationOut.of)


@resource.operation("GET", "/organisations/{organisation_id}")
def get(ctx: Context, organisation_id: Id) -> OrganisationOut:
    """Read one organisation of the directory."""
    return OrganisationOut.of(organisations.get_organisation(ctx, organisation_id))


@resource.operation("POST", "/organisations/{organisation_id}/approval", role=Role.VIEWER)
def approve(ctx: Context, organisation_id: Id, body: ApprovalIn) -> OrganisationOut:
    """Approve who an organisation is (operators only)."""
    decided = organisations.approve_identity(ctx, organisation_id, body.assurance, body.cvr, body.domain)
    return OrganisationOut.of(decided)


@resource.operation("POST", "/organisations/{organisation_id}/rejection", role=Role.VIEWER)
def reject(ctx: Context, organisation_id: Id, body: RejectionIn) -> OrganisationOut:
    """Turn down who an organisation says it is (operators only)."""
    decided = organisations.reject_identity(ctx, organisation_id, body.reason, body.cvr)
    return OrganisationOut.of(decided)


@resource.operation("GET", "/organisation")
def get_own(ctx: Context) -> OrganisationOut:
    """Read the caller's own organisation."""
    return OrganisationOut.of(organisations.get_organisation(ctx, ctx.who.organisation_id))


@resource.operation("POST", "/organisation/cvr-claim", role=Role.ADMIN)
def claim(ctx: Context, body: ClaimIn) -> OrganisationOut:
    """Claim a CVR number for the caller's organisation."""
    return OrganisationOut.of(organisations.claim_cvr(ctx, body.cvr))


@resource.operation("PUT", "/organisation/domain", role=Role.ADMIN)
def declare_domain(ctx: Context, body: DomainIn) -> OrganisationOut:
    """Declare the own domain of the caller's organisation; what an operator checked of another one ends."""
    return OrganisationOut.of(organisations.declare_domain(ctx, body.domain))


@resource.operation("PUT", "/organisation/rollup-consent", role=Role.ADMIN)
def consent(ctx: Context, body: ConsentIn) -> OrganisationOut:
    """Give or withdraw consent to roll-up for the caller's organisation."""
    return OrganisationOut.of(organisations.set_rollup_consent(ctx, body.rollup_consent))
