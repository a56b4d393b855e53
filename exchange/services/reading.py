"""Reading datasets: policy first, record second, bytes last. Denied, foreign and unknown look the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import NotFoundError
from exchange.domain.groups import FieldGroup, Purpose
from exchange.domain.periods import Period, period_of
from exchange.domain.policy import Decision, Grant, Read, decide_read
from exchange.services.access import Access, record_access
from exchange.services.context import Context
from exchange.services.paging import Keyset, Page, check_limit, make_page, read_cursor
from exchange.services.rate_limits import limit
from exchange.store import datasets as query
from exchange.store import grants, parties, products, revocation
from exchange.store.tables.datasets import DatasetRow
from exchange.trust import Token
from exchange.trust.disclosure import read_disclosure

NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class DatasetView:
    """What a dataset is about and how it was signed: its header, no figures."""

    id: str
    kind: str
    schema_id: str
    organisation_id: str
    organisation_name: str
    subject_type: str
    subject_id: str
    subject_name: str
    period: Period | None
    version: int
    status: str
    supersedes_id: str | None
    digest: str
    issuer_did: str
    kid: str
    custody: bool
    valid_from: datetime
    valid_until: datetime | None
    received_at: datetime
    revoked_at: datetime | None = None
    revocation_reason: str | None = None


@dataclass(frozen=True)
class NewerVersion:
    """The newest version of a dataset; one that is not in force was revoked."""

    id: str
    version: int
    is_in_force: bool


@dataclass(frozen=True)
class GrantedDataset:
    """A dataset as one reader may see it: the signed token with the granted disclosures, and their content."""

    dataset: DatasetView
    groups: tuple[FieldGroup, ...]
    withheld: int  # groups the dataset has and this reader may not see
    token: str
    subject: dict[str, Any]
    etag: str


def read_dataset(ctx: Context, dataset_id: str, purpose: Purpose | None = None) -> GrantedDataset:
    """Read what the actor may of a dataset, its signature intact; the owner reads all.

    The access record is committed before this returns. Raises NotFoundError where nothing is granted, nothing
    is there, or both; RateLimitedError after too many denied reads.
    """
    return _read(ctx, dataset_id, purpose, shows_groups=True)


def read_header(ctx: Context, dataset_id: str, purpose: Purpose | None = None) -> DatasetView:
    """The header of a dataset the actor may read; the record says that no field group was shown.

    Raises what `read_dataset` raises.
    """
    return _read(ctx, dataset_id, purpose, shows_groups=False).dataset


def _read(ctx: Context, dataset_id: str, purpose: Purpose | None, *, shows_groups: bool) -> GrantedDataset:
    ctx.who.require(Role.VIEWER)
    with ctx.store.write() as session:
        row = query.find_dataset(session, dataset_id)
        granted = grants.grants_for(
            session, ctx.who.organisation_id, row.subject_id if row else NOBODY, purpose
        )
        decision = _decide(ctx, row, purpose, granted)
        found = _open(session, row, decision) if row is not None and decision.allowed else None
        groups = found.groups if found and shows_groups else ()
        record_access(ctx, session, [_access(row, "dataset", dataset_id, purpose, decision, groups)])
    if found is None:
        limit(ctx, "denied", ctx.who.organisation_id)
        raise NotFoundError(is_recorded=True)
    return found


def find_dataset_for(ctx: Context, subject_id: str, period: Period, purpose: Purpose) -> str | None:
    """Id of the version in force that the actor may read, None where there is none.

    It only says what could be read, so it leaves no access record: the read that follows does.
    """
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        granted = grants.grants_for(session, ctx.who.organisation_id, subject_id, purpose)
        rows = query.active_for(session, subject_id, period)
        return next((row.id for row in rows if _decide(ctx, row, purpose, granted).allowed), None)


def find_revoked_for(ctx: Context, subject_id: str, period: Period, purpose: Purpose) -> str | None:
    """Id of the newest version where that one was revoked, nothing is in force and the actor may still read it."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        granted = grants.grants_for(session, ctx.who.organisation_id, subject_id, purpose)
        for row, _ in revocation.revoked_unreplaced(session, [subject_id]):
            about = period_of(row.period_start, row.period_end)
            if about == period and _decide(ctx, row, purpose, granted).allowed:
                return row.id
    return None


def find_newer(ctx: Context, dataset: DatasetView, purpose: Purpose | None) -> NewerVersion | None:
    """The newest version of what a dataset is about, where the actor may read that one; None for the newest itself.

    Like `find_dataset_for` it leaves no access record.
    """
    ctx.who.require(Role.VIEWER)
    period = dataset.period
    start, end = (period.start, period.end) if period else (None, None)
    with ctx.store.read() as session:
        owner, about = dataset.organisation_id, dataset.subject_id
        row = query.find_newest(session, owner, dataset.kind, about, start, end)
        granted = grants.grants_for(session, ctx.who.organisation_id, about, purpose)
        if row is None or row.version <= dataset.version or not _decide(ctx, row, purpose, granted).allowed:
            return None
        return NewerVersion(row.id, row.version, row.status == "active")


def list_datasets(
    ctx: Context, cursor: str | None = None, limit: int = 50, subject_id: str | None = None
) -> Page[DatasetView]:
    """The actor's organisation's own datasets, newest first."""
    ctx.who.require(Role.VIEWER)
    check_limit(limit)
    after = read_cursor(cursor)
    with ctx.store.read() as session:
        rows = query.page_datasets(session, ctx.who.organisation_id, after, limit, subject_id)
        return _page(session, list(rows), limit)


def list_granted(ctx: Context, cursor: str | None = None, limit: int = 50) -> Page[DatasetView]:
    """Headers of other organisations' datasets that some grant in force opens to the actor, newest first.

    Versions in force, and revoked ones with their mark: who relied on them must learn of it.
    """
    ctx.who.require(Role.VIEWER)
    check_limit(limit)
    after = read_cursor(cursor)
    with ctx.store.read() as session:
        rows = query.page_granted(session, ctx.who.organisation_id, ctx.now(), after, limit)
        return _page(session, list(rows), limit)


def present_datasets(session: Session, rows: list[DatasetRow]) -> list[DatasetView]:
    """The outward form of dataset rows, names and revocations looked up in three queries."""
    named = parties.organisations_by_id(session, {row.organisation_id for row in rows})
    subjects = products.names_of(session, [row.subject_id for row in rows])
    revoked = revocation.revocations_of(session, [row.id for row in rows if row.status == "withdrawn"])
    return [
        DatasetView(
            row.id,
            row.kind,
            row.schema_id,
            row.organisation_id,
            named[row.organisation_id].name,
            row.subject_type,
            row.subject_id,
            subjects.get(row.subject_id, ""),
            period_of(row.period_start, row.period_end),
            row.version,
            row.status,
            row.supersedes_id,
            row.digest,
            row.issuer_did,
            row.kid,
            row.custody,
            row.valid_from,
            row.valid_until,
            row.received_at,
            revoked[row.id].revoked_at if row.id in revoked else None,
            revoked[row.id].reason if row.id in revoked else None,
        )
        for row in rows
    ]


def _page(session: Session, rows: list[DatasetRow], limit: int) -> Page[DatasetView]:
    views = {view.id: view for view in present_datasets(session, rows)}
    return make_page(rows, limit, lambda row: Keyset(row.received_at, row.id), lambda row: views[row.id])


def _decide(
    ctx: Context, row: DatasetRow | None, purpose: Purpose | None, granted: Sequence[Grant]
) -> Decision:
    if row is None:
        return Decision(False, "unknown")
    reader = ctx.who.organisation_id
    read = Read(
        reader,
        row.organisation_id,
        row.kind,
        row.subject_id,
        period_of(row.period_start, row.period_end),
        purpose,
    )
    return decide_read(read, granted, ctx.now())


def _access(
    row: DatasetRow | None,
    target_type: str,
    asked: str,
    purpose: Purpose | None,
    decision: Decision,
    shown: tuple[FieldGroup, ...],
) -> Access:
    return Access(
        action="dataset.read",
        target_type=target_type,
        target_id=asked,
        decision="allowed" if decision.allowed else "denied",
        reason=decision.reason,
        owner_id=row.organisation_id if row else None,
        dataset_digest=row.digest if row else None,
        purpose=purpose.value if purpose else None,
        grant_id=decision.grant_id,
        field_groups=tuple(group.value for group in shown),
    )


def _open(session: Session, row: DatasetRow, decision: Decision) -> GrantedDataset:
    disclosures = query.disclosures_of(session, row.id)
    shown = {group: disclosures[group] for group in decision.groups if group in disclosures}
    content = {group.value: read_disclosure(text).value for group, text in shown.items()}
    names = ".".join(shown)
    return GrantedDataset(
        dataset=present_datasets(session, [row])[0],
        groups=tuple(shown),
        withheld=len(disclosures) - len(shown),
        token=Token(row.jwt, {group.value: text for group, text in shown.items()}).serialise(),
        subject={"id": f"urn:uuid:{row.subject_id}", **content},
        etag=f"{row.digest.removeprefix('sha256:')[:32]}-{names}-{row.status}",
    )
