"""Datasets: publish signed tokens or content, list, read what is granted with its signature intact."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from exchange.api.operation import Resource
from exchange.api.v1.publications import PublicationOut, present_publication
from exchange.api.wire import (
    JSON,
    SD_JWT,
    TLOG_PROOF,
    Id,
    In,
    Instant,
    OptionalPeriodField,
    Out,
    PageOut,
    PageQuery,
    ProblemOut,
    Query,
    Reply,
    SignedToken,
    page_of,
    problems_of,
)
from exchange.domain.actors import Role
from exchange.domain.groups import DatasetKind, FieldGroup, Purpose
from exchange.domain.revocation import RevocationReason
from exchange.services import bundles, publish, reading, receipts
from exchange.services.context import Context

resource = Resource("datasets", "Signed, immutable documents; a change is a new version that supersedes.")


class PublishedOut(Out):
    """What was taken in; `digest` is over the issuer-signed JWT."""

    dataset_id: Id
    digest: str
    version: int
    supersedes_id: Id | None
    custody: bool


class DatasetIn(In):
    """Content the exchange signs with the organisation's custody key; `subject` is the credentialSubject."""

    documents: ClassVar[tuple[str, ...]] = ("subject",)

    kind: DatasetKind
    subject: dict[str, Any]
    valid_until: Instant | None = None


class PreviewIn(In):
    """Content to be checked and not stored."""

    documents: ClassVar[tuple[str, ...]] = ("subject",)

    kind: DatasetKind
    subject: dict[str, Any]


class PreviewOut(Out):
    """What publishing would refuse; empty when it would not.

    `warnings` are what the version in force says and this content does not (`dataset.loses`) or, of what an owner
    states, says otherwise (`dataset.changes`). Publishing does not refuse it: readers of the newest version would no
    longer get it.
    """

    problems: list[ProblemOut]
    warnings: list[ProblemOut]


class DatasetOut(Out):
    """A dataset's header: what it is about and how it was signed, no figures."""

    id: Id
    kind: DatasetKind
    schema_id: str
    organisation_id: Id
    organisation_name: str
    subject_type: str
    subject_id: Id
    subject_name: str
    period: OptionalPeriodField
    version: int
    status: str
    supersedes_id: Id | None
    digest: str
    issuer_did: str
    kid: str
    custody: bool
    valid_from: datetime
    valid_until: datetime | None
    received_at: datetime
    revoked_at: datetime | None
    revocation_reason: RevocationReason | None


class GrantedDatasetOut(Out):
    """A dataset as this reader may see it; `token` carries the signature over exactly `subject`'s groups."""

    dataset: DatasetOut
    groups: list[FieldGroup]
    withheld: int
    subject: dict[str, Any]
    token: str


class DatasetsQuery(PageQuery):
    """Own datasets, of one subject if named."""

    subject_id: Id | None = None


class PurposeQuery(Query):
    """What the dataset is read for; needed for another organisation's."""

    purpose: Purpose | None = None


@resource.operation("GET", "/datasets")
def list_own(ctx: Context, query: DatasetsQuery) -> PageOut[DatasetOut]:
    """List the caller's own datasets, newest first."""
    return page_of(reading.list_datasets(ctx, query.cursor, query.limit, query.subject_id), DatasetOut.of)


@resource.operation("GET", "/granted-datasets")
def list_granted(ctx: Context, query: PageQuery) -> PageOut[DatasetOut]:
    """List others' datasets that a grant in force opens to the caller, newest first."""
    return page_of(reading.list_granted(ctx, query.cursor, query.limit), DatasetOut.of)


@resource.operation(
    "POST", "/datasets", role=Role.SIGNER, status=201, answers={201: PublishedOut, 202: PublicationOut}
)
def add(ctx: Context, body: SignedToken | DatasetIn) -> Reply[PublishedOut | PublicationOut]:
    """Publish: a token signed with one's own key (201), or content for the custody key (202)."""
    if isinstance(body, SignedToken):
        published = publish.publish_token(ctx, body.data)
        location = f"/api/v1/datasets/{published.dataset_id}"
        return Reply(PublishedOut.of(published), headers={"Location": location})
    waiting = publish.submit_for_custody(ctx, body.kind, body.subject, valid_until=body.valid_until)
    location = f"/api/v1/publications/{waiting.id}"
    return Reply(present_publication(waiting), status=202, headers={"Location": location})


@resource.operation("POST", "/dataset-previews", role=Role.EDITOR)
def preview(ctx: Context, body: PreviewIn) -> PreviewOut:
    """Say what publishing would refuse, and what it would take out of force; stores nothing."""
    found = publish.preview(ctx, body.kind, body.subject)
    return PreviewOut(problems=problems_of(found.problems), warnings=problems_of(found.warnings))


@resource.operation(
    "GET",
    "/datasets/{dataset_id}",
    produces=(JSON, SD_JWT),
    answers={200: GrantedDatasetOut},
)
def get(ctx: Context, dataset_id: Id, query: PurposeQuery, media_type: str) -> Reply[GrantedDatasetOut | str]:
    """Read what is granted of a dataset: the token itself, or its content as JSON. Every read is recorded."""
    granted = reading.read_dataset(ctx, dataset_id, query.purpose)
    if media_type == SD_JWT:
        return Reply(granted.token, media_type=SD_JWT)
    return Reply(GrantedDatasetOut.of(granted))


@resource.operation("GET", "/datasets/{dataset_id}/bundle")
def bundle(ctx: Context, dataset_id: Id, query: PurposeQuery) -> Reply[str]:
    """Read what is granted of a dataset with everything that proves it offline. Recorded like any read.

    One `vcx-bundle/1` file for `vcx verify`; 404 `bundle.pending` for the second or so until the log covers it.
    """
    document = bundles.make_bundle(ctx, dataset_id, query.purpose).decode()
    return Reply(document, headers=_as_file(f"{dataset_id}.vcx.json"))


@resource.operation("GET", "/datasets/{dataset_id}/receipt", produces=(TLOG_PROOF,))
def receipt(ctx: Context, dataset_id: Id, query: PurposeQuery) -> Reply[str]:
    """Read the proof that a dataset is logged (c2sp.org/tlog-proof@v1), no figure of it.

    404 `receipt.pending` for the second or so until a signed checkpoint covers it.
    """
    document = receipts.make_receipt(ctx, dataset_id, query.purpose)
    return Reply(document, media_type=TLOG_PROOF, headers=_as_file(f"{dataset_id}.tlog-proof"))


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
