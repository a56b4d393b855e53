"""Who may read what: deny by default, grants open field groups for a purpose until a date.

Pure: takes facts, returns a decision; the caller fetches the grants and records the outcome.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from exchange.domain.groups import FieldGroup, Purpose
from exchange.domain.periods import Period


@dataclass(frozen=True)
class Grant:
    """Leave for `grantee_id` to read `field_groups` of one subject's datasets for one purpose.

    `period` None means any period; else the dataset's period must lie inside it. Only the resolution
    `exact` shows a value; `aggregate_only` shows none (the owner's consent, not a grant, lets data into totals).
    """

    id: str
    owner_id: str
    grantee_id: str
    kind: str
    subject_id: str
    period: Period | None
    field_groups: frozenset[FieldGroup]
    purpose: Purpose
    resolution: str
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class Read:
    """One wish to read a dataset: by whom, of what, for which purpose (None only for one's own data)."""

    organisation_id: str
    owner_id: str
    kind: str
    subject_id: str
    period: Period | None
    purpose: Purpose | None


@dataclass(frozen=True)
class Decision:
    """The outcome: `groups` in the schema's order, empty when denied; `reason` is a stable code."""

    allowed: bool
    reason: str
    groups: tuple[FieldGroup, ...] = ()
    grant_id: str | None = None


def decide_read(read: Read, grants: Iterable[Grant], now: datetime) -> Decision:
    """The owner reads everything; anyone else the union of what valid grants for the purpose open."""
    if read.organisation_id == read.owner_id:
        return Decision(True, "owner", tuple(FieldGroup))
    if read.purpose is None:
        return Decision(False, "purpose_missing")
    applying = [grant for grant in grants if _covers(grant, read)]
    if not applying:
        return Decision(False, "no_grant")
    valid = sorted((grant for grant in applying if is_valid(grant, now)), key=lambda grant: grant.id)
    if not valid:
        return Decision(False, _why_not(applying, now))
    opened = frozenset[FieldGroup]().union(*(grant.field_groups for grant in valid)) | {FieldGroup.IDENTITY}
    return Decision(True, "grant", tuple(group for group in FieldGroup if group in opened), valid[0].id)


def is_valid(grant: Grant, now: datetime) -> bool:
    """True when the grant is in force at this instant."""
    return grant.revoked_at is None and grant.valid_from <= now < grant.valid_until


def was_open(read: Read, grants: Iterable[Grant], since: datetime, until: datetime) -> bool:
    """Whether a grant for the purpose opened what is read at an instant from `since` on and before `until`."""
    return any(
        max(grant.valid_from, since) < min(until, grant.valid_until, grant.revoked_at or grant.valid_until)
        for grant in grants
        if _covers(grant, read)
    )


def _covers(grant: Grant, read: Read) -> bool:
    same = (
        grant.grantee_id,
        grant.owner_id,
        grant.kind,
        grant.subject_id,
        grant.purpose,
        grant.resolution,
    ) == (
        read.organisation_id,
        read.owner_id,
        read.kind,
        read.subject_id,
        read.purpose,
        "exact",
    )
    return same and _covers_period(grant.period, read.period)


def _covers_period(granted: Period | None, asked: Period | None) -> bool:
    if granted is None:
        return True
    return asked is not None and granted.contains(asked)


def _why_not(grants: list[Grant], now: datetime) -> str:
    if any(grant.revoked_at is not None for grant in grants):
        return "grant_revoked"
    if all(now < grant.valid_from for grant in grants):
        return "grant_not_yet_valid"
    return "grant_expired"
