"""Entering verified datasets: bytes, typed columns, log outbox and follow-up work, all or nothing.

One or many go the same way: what they are judged against is looked up for all of them at once, each is judged in
order as if those before it were stored already, and what passed is written by one statement per table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlmodel import Session

import schemas
from exchange.domain.checks import run_checks
from exchange.domain.errors import ConflictError, ExchangeError, InvalidError
from exchange.domain.groups import DatasetKind
from exchange.domain.identifiers import parse_subject_id
from exchange.services.context import Context, audited
from exchange.services.dataset_gate import refuse_problems
from exchange.services.dataset_rows import Row, about, dataset_row, disclosure_rows, figure_rows
from exchange.services.dataset_standing import Standing, read_standing
from exchange.services.ownership import Subject, check_registered, outline_of, read_subject
from exchange.services.revocation.status_entries import take_among
from exchange.services.rollup.staleness import mark_periods_stale
from exchange.services.transparency.outbox import note_each
from exchange.store import datasets as query
from exchange.store import parties
from exchange.store.bulk import insert_rows
from exchange.store.datasets import StoredVersion
from exchange.store.tables.requests import AuditRow
from exchange.trust import TrustError, VerifiedDataset
from exchange.trust.checks import check_key_validity
from exchange.trust.strict_json import JsonValue

_ROLLED_UP = frozenset({DatasetKind.PRODUCT, DatasetKind.DELIVERY})


@dataclass(frozen=True)
class Published:
    """A dataset the exchange took in; `digest` is over the issuer-signed JWT. `is_new`: not stored before."""

    dataset_id: str
    digest: str
    version: int
    supersedes_id: str | None
    custody: bool
    is_new: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What of a verified dataset is entered, under the id it will have; only `candidate` makes one.

    `outline` is as much of the document as ownership is judged by: many candidates shall not keep as many documents.
    `subject` is None, and there are no rows, where `refusal` says what is wrong with the content itself.
    """

    id: str
    digest: str
    issuer: str
    kid: str
    credential_id: str
    status: JsonValue
    outline: Mapping[str, Any]
    subject: Subject | None = None
    row: Row = field(default_factory=dict)
    disclosures: Sequence[Row] = ()
    figures: Sequence[Row] = ()
    refusal: InvalidError | None = None


@dataclass
class _Entry:
    """What is to be written once all are judged."""

    datasets: list[Row] = field(default_factory=list)
    disclosures: list[Row] = field(default_factory=list)
    figures: list[Row] = field(default_factory=list)
    deeds: list[tuple[str, str, datetime]] = field(default_factory=list)
    audits: list[Row] = field(default_factory=list)
    subjects: list[Subject] = field(default_factory=list)


def candidate(ctx: Context, verified: VerifiedDataset) -> Candidate:
    """What to enter of a verified dataset, after the named checks. No database is asked."""
    document: Mapping[str, Any] = verified.subject()
    dataset_id = ctx.new_id()
    named = partial(
        Candidate,
        dataset_id,
        verified.digest,
        verified.issuer,
        verified.kid,
        verified.claims.id,
        verified.member("credentialStatus"),
        outline_of(document),
    )
    try:
        kind = _kind(verified)
        refuse_problems(run_checks(kind, document, publishing=True))
        subject = read_subject(kind, document)
        return named(
            subject,
            dataset_row(dataset_id, verified, subject),
            disclosure_rows(dataset_id, verified),
            figure_rows(dataset_id, document),
        )
    except InvalidError as error:
        return named(refusal=error)


def enter_dataset(ctx: Context, session: Session, verified: VerifiedDataset) -> Published:
    """Store a verified dataset of the actor's organisation in the caller's transaction.

    Publishing the same bytes again returns what was stored; another token under a used credential id is a
    ConflictError (`dataset.exists`). The version in force for the subject and period is superseded. That the
    key still counts is asked here again: it may have been retired since the token was verified.
    """
    (outcome,) = enter_datasets(ctx, session, [candidate(ctx, verified)])
    if isinstance(outcome, ExchangeError):
        raise outcome
    return outcome


def enter_datasets(
    ctx: Context, session: Session, candidates: Sequence[Candidate]
) -> list[Published | ExchangeError]:
    """The same for several in their order, with what would be raised in its place; those that pass are stored.

    The number of statements does not depend on how many they are.
    """
    own = ctx.who.organisation_id
    parties.lock_organisation(session, own)  # two publishers of one subject come here one after the other
    standing = read_standing(session, own, candidates)
    entry = _Entry()
    outcomes = [_outcome(ctx, standing, entry, one) for one in candidates]
    if entry.datasets:
        _write(ctx, session, standing, entry)
    return outcomes


def _outcome(ctx: Context, standing: Standing, entry: _Entry, one: Candidate) -> Published | ExchangeError:
    try:
        return _enter(ctx, standing, entry, one)
    except (InvalidError, ConflictError) as error:
        return error


def _enter(ctx: Context, standing: Standing, entry: _Entry, one: Candidate) -> Published:
    before = standing.stored.get(one.digest)
    if before is not None:
        return _published(before, one.digest, is_new=False)
    received_at = ctx.now()
    _check_key(standing, one.kid, received_at)
    if one.subject is None:
        raise one.refusal or AssertionError("what was not refused has a subject")
    check_registered(standing.registered, one.subject, one.outline)
    credential_id = parse_subject_id(one.credential_id, "/id")
    if (one.issuer, credential_id) in standing.credentials:
        raise _used()
    if one.status is not None:  # tokens without one stay accepted: only their row says when they are revoked
        take_among(standing.entries, one.status, one.digest)
    # Nothing is refused from here on.
    header = standing.next_version(one.id, about(one.subject), custody=standing.keys[one.kid].custody)
    row = {
        **one.row,
        **header._asdict(),
        "digest": one.digest,
        "credential_id": credential_id,
        "received_at": received_at,
    }
    standing.add(row)
    entry.datasets.append(row)
    entry.disclosures += one.disclosures
    entry.figures += one.figures
    entry.deeds.append(("supersede" if header.supersedes_id else "publish", one.digest, received_at))
    entry.subjects.append(one.subject)
    entry.audits.append(audited(ctx, "dataset.publish", "dataset", one.id, digest=one.digest))
    return _published(header, one.digest)


def _write(ctx: Context, session: Session, standing: Standing, entry: _Entry) -> None:
    if standing.superseded:
        query.supersede(session, standing.superseded)
    query.insert_datasets(session, entry.datasets, entry.disclosures, entry.figures)
    session.flush()  # the status entries that were taken
    note_each(ctx, session, entry.deeds)
    periods = {
        (one.period.start, one.period.end)
        for one in entry.subjects
        if one.period is not None and one.kind in _ROLLED_UP
    }
    mark_periods_stale(ctx, session, periods)
    insert_rows(session, AuditRow, entry.audits)


def _check_key(standing: Standing, kid: str, received_at: datetime) -> None:
    key = standing.keys.get(kid)
    if key is None:
        raise InvalidError(
            "The key belongs to another organisation.",
            code="key.foreign",
            advice="Sign with a key your own organisation has registered.",
        )
    try:
        check_key_validity(key.resolved, received_at)
    except TrustError as error:
        raise InvalidError(error.detail, code=error.code, advice="Sign with a key in force.") from error


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


def _used() -> ConflictError:
    return ConflictError(
        "A dataset with this credential id was published before.",
        code="dataset.exists",
        path="/id",
        advice="A change is a new version: give it an id of its own.",
    )


def _published(header: StoredVersion, digest: str, *, is_new: bool = True) -> Published:
    return Published(header.id, digest, header.version, header.supersedes_id, header.custody, is_new)
