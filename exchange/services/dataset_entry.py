"""Entering a verified dataset: its bytes, typed columns, log outbox and follow-up work, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

import schemas
from exchange.domain.checks import run_checks
from exchange.domain.errors import ConflictError, InvalidError
from exchange.domain.groups import DatasetKind, FieldGroup
from exchange.domain.identifiers import parse_subject_id
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import convert, parse_quantity
from exchange.services.context import Context, audit
from exchange.services.dataset_gate import refuse_problems
from exchange.services.keys import resolve
from exchange.services.ownership import Subject, check_ownership, read_subject
from exchange.services.revocation.status_entries import take_entry
from exchange.services.rollup.staleness import mark_stale
from exchange.services.transparency.outbox import note
from exchange.store import datasets as query
from exchange.store import parties
from exchange.store.tables.accounts import SigningKeyRow
from exchange.store.tables.datasets import DatasetRow, DisclosureRow, FigureRow
from exchange.trust import TrustError, VerifiedDataset
from exchange.trust.checks import check_key_validity

SLICES = ("own", "upstream", "total")


@dataclass(frozen=True)
class Published:
    """A dataset the exchange took in; `digest` is over the issuer-signed JWT."""

    dataset_id: str
    digest: str
    version: int
    supersedes_id: str | None
    custody: bool


def enter_dataset(ctx: Context, session: Session, verified: VerifiedDataset) -> Published:
    """Store a verified dataset of the actor's organisation in the caller's transaction.

    Publishing the same bytes again returns what was stored; another token under a used credential id is a
    ConflictError (`dataset.exists`). The version in force for the subject and period is superseded. That the
    key still counts is asked here again: it may have been retired since the token was verified.
    """
    own = ctx.who.organisation_id
    parties.lock_organisation(session, own)  # two publishers of one subject come here one after the other
    before = query.find_by_digest(session, verified.digest)
    if before is not None and before.organisation_id == own:
        return _published(before)
    received_at = ctx.now()
    key = _check_key(session, own, verified.kid, received_at)
    document: dict[str, Any] = verified.credential["credentialSubject"]  # type: ignore[assignment]
    kind = _kind(verified)
    refuse_problems(run_checks(kind, document, publishing=True))
    subject = read_subject(kind, document)
    check_ownership(session, own, subject, document)
    row = _add_dataset(ctx, session, verified, subject, received_at, custody=key.custody)
    _add_figures(session, row.id, document)
    status = verified.member("credentialStatus")
    if status is not None:  # tokens without one stay accepted: only their row says when they are revoked
        take_entry(session, own, status, row.digest)
    note(ctx, session, "supersede" if row.supersedes_id else "publish", row.digest, row.received_at)
    if subject.period is not None and kind in {DatasetKind.PRODUCT, DatasetKind.DELIVERY}:
        mark_stale(ctx, session, subject.period.start, subject.period.end)
    audit(ctx, session, "dataset.publish", "dataset", row.id, digest=row.digest)
    return _published(row)


def _check_key(session: Session, organisation_id: str, kid: str, received_at: datetime) -> SigningKeyRow:
    row, key = parties.lock_key(session, kid), resolve(session, kid)
    if row is None or key is None or row.organisation_id != organisation_id:
        raise InvalidError(
            "The key belongs to another organisation.",
            code="key.foreign",
            advice="Sign with a key your own organisation has registered.",
        )
    try:
        check_key_validity(key, received_at)
    except TrustError as error:
        raise InvalidError(error.detail, code=error.code, advice="Sign with a key in force.") from error
    return row


def _kind(verified: VerifiedDataset) -> DatasetKind:
    reference = verified.claims.schema
    kind = DatasetKind(schemas.find(reference.id if reference else "").kind)
    if kind.credential_type not in verified.claims.types:
        raise InvalidError(
            f"The type does not name {kind.credential_type}.",
            code="credential.type",
            path="/type",
            advice="A credential's type and its schema are of one kind.",
        )
    return kind


def _add_dataset(
    ctx: Context,
    session: Session,
    verified: VerifiedDataset,
    subject: Subject,
    received_at: datetime,
    *,
    custody: bool,
) -> DatasetRow:
    credential_id = parse_subject_id(verified.claims.id, "/id")
    if query.find_by_credential(session, verified.issuer, credential_id) is not None:
        raise ConflictError(
            "A dataset with this credential id was published before.",
            code="dataset.exists",
            path="/id",
            advice="A change is a new version: give it an id of its own.",
        )
    old = _supersede(session, ctx.who.organisation_id, subject)
    reference, claims = verified.claims.schema, verified.claims
    row = DatasetRow(
        id=ctx.new_id(),
        kind=subject.kind.value,
        schema_id=reference.id if reference else "",
        schema_digest=reference.digest_sri if reference else "",
        organisation_id=ctx.who.organisation_id,
        subject_type=subject.kind.subject_type.value,
        subject_id=subject.id,
        recipient_id=subject.recipient_id,
        period_start=subject.period.start if subject.period else None,
        period_end=subject.period.end if subject.period else None,
        version=old.version + 1 if old else 1,
        supersedes_id=old.id if old else None,
        credential_id=credential_id,
        digest=verified.digest,
        jwt=verified.token.jwt,
        issuer_did=verified.issuer,
        kid=verified.kid,
        custody=custody,
        valid_from=claims.valid_from,
        valid_until=claims.valid_until,
        received_at=received_at,
    )
    session.add(row)
    session.flush()
    for group, disclosure in verified.token.disclosures.items():
        session.add(DisclosureRow(dataset_id=row.id, field_group=group, disclosure=disclosure))
    return row


def _supersede(session: Session, organisation_id: str, subject: Subject) -> DatasetRow | None:
    """The version before this one, no longer in force; one that was revoked stays revoked."""
    start, end = (subject.period.start, subject.period.end) if subject.period else (None, None)
    old = query.find_newest(session, organisation_id, subject.kind.value, subject.id, start, end)
    if old is not None and old.status == "active":
        old.status = "superseded"
        session.add(old)
        session.flush()
    return old


def _add_figures(session: Session, dataset_id: str, document: Mapping[str, Any]) -> None:
    quality = document.get(FieldGroup.QUALITY.value, {})
    for indicator in Indicator:
        slices = document.get(FieldGroup.INDICATORS.value, {}).get(indicator.value, {})
        shares = quality.get(indicator.value, {})
        for name in SLICES:
            if name in slices:
                amount = convert(parse_quantity(slices[name], signed=True), indicator.unit).amount
                session.add(
                    FigureRow(
                        dataset_id=dataset_id,
                        indicator=indicator.value,
                        slice=name,
                        amount=amount,
                        amount_order=float(amount),
                        unit=indicator.unit.value,
                        **{
                            share: Decimal(shares[share]) if share in shares else None
                            for share in ("measured", "allocated", "secondary", "unknown")
                        },
                    )
                )


def _published(row: DatasetRow) -> Published:
    return Published(row.id, row.digest, row.version, row.supersedes_id, row.custody)
