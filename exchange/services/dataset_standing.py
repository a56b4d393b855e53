"""What the store says that datasets to be entered are judged against, read for all of them at once.

Each that is entered moves it on, so that the next is judged as if it were stored already.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from sqlmodel import Session

from exchange.domain.errors import InvalidError
from exchange.domain.identifiers import parse_subject_id
from exchange.services.keys import resolved
from exchange.services.ownership import Registered, bare_id, read_registered
from exchange.services.revocation.status_entries import lock_entries
from exchange.store import datasets as query
from exchange.store import parties
from exchange.store.datasets import About, StoredVersion
from exchange.store.tables.revocation import StatusEntryRow
from exchange.trust.did import ResolvedKey
from exchange.trust.status_list import StatusEntry
from exchange.trust.strict_json import JsonValue


class OwnKey(NamedTuple):
    """A key of the organisation that nobody retires before the transaction ends."""

    resolved: ResolvedKey
    custody: bool


@dataclass
class Standing:
    """What stands for an organisation while its lock is held.

    `stored` are its datasets by digest, `credentials` the pairs of issuer and credential id in use, `newest` the
    newest version of each subject and period, `entries` the status entries it may take. `superseded` are the ids of
    stored versions that are to go out of force.
    """

    organisation_id: str
    registered: Registered
    keys: Mapping[str, OwnKey]
    stored: dict[str, StoredVersion]
    credentials: set[tuple[str, str]]
    newest: dict[About, StoredVersion]
    entries: Mapping[StatusEntry, StatusEntryRow]
    superseded: list[str] = field(default_factory=list)
    _rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def next_version(self, dataset_id: str, about: About, *, custody: bool) -> StoredVersion:
        """The header of the version after the newest."""
        old = self.newest.get(about)
        version, before = (old.version + 1, old.id) if old else (1, None)
        return StoredVersion(dataset_id, self.organisation_id, version, "active", before, custody)

    def add(self, row: dict[str, Any]) -> None:
        """A dataset is to be stored: the version before goes out of force, but one that was revoked stays revoked."""
        about = About(*(row[name] for name in About._fields))
        old = self.newest.get(about)
        if old is not None and old.id in self._rows:
            self._rows[old.id]["status"] = "superseded"
        elif old is not None and old.status == "active":
            self.superseded.append(old.id)
        header = StoredVersion(*(row[name] for name in StoredVersion._fields))
        self._rows[header.id] = row
        self.newest[about] = self.stored[row["digest"]] = header
        self.credentials.add((row["issuer_did"], row["credential_id"]))


class Named(Protocol):
    """What a dataset to be entered names."""

    @property
    def digest(self) -> str:
        """`sha256:<hex>` of its JWT."""

    @property
    def issuer(self) -> str:
        """The DID that signed it."""

    @property
    def kid(self) -> str:
        """The key that signed it."""

    @property
    def credential_id(self) -> str:
        """The id its issuer gave it."""

    @property
    def status(self) -> JsonValue:
        """Its `credentialStatus`, None without one."""

    @property
    def outline(self) -> Mapping[str, Any]:
        """Its subject, as far as `outline_of` keeps it."""


def read_standing(session: Session, organisation_id: str, datasets: Collection[Named]) -> Standing:
    """What stands for datasets of an organisation that the caller has locked."""
    outlines = [one.outline for one in datasets]
    locked = parties.lock_keys(session, {one.kid for one in datasets})
    stored = query.stored_by_digest(session, {one.digest for one in datasets})
    return Standing(
        organisation_id,
        read_registered(session, organisation_id, outlines),
        {
            kid: OwnKey(resolved(row), row.custody)
            for kid, row in locked.items()
            if row.organisation_id == organisation_id
        },
        {digest: one for digest, one in stored.items() if one.organisation_id == organisation_id},
        query.used_credentials(session, {one.issuer for one in datasets}, _credential_ids(datasets)),
        query.newest_versions(session, organisation_id, {bare_id(outline["id"]) for outline in outlines}),
        lock_entries(session, organisation_id, [one.status for one in datasets if one.status is not None]),
    )


def _credential_ids(datasets: Collection[Named]) -> set[str]:
    found: set[str] = set()
    for one in datasets:
        try:
            found.add(parse_subject_id(one.credential_id, "/id"))
        except InvalidError:  # refused when its turn comes
            continue
    return found
