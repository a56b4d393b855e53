"""Proof bundles: a dataset as its reader was granted it, with everything a verifier needs without this exchange."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

import schemas
from exchange.config import Settings
from exchange.domain.groups import Purpose
from exchange.services import reading
from exchange.services.context import Context
from exchange.services.reading import GrantedDataset
from exchange.services.revocation.unsaid import is_said
from exchange.services.transparency import proofs
from exchange.services.transparency.key_states import KeyPlace, key_place
from exchange.services.transparency.pending import NotLoggedYetError
from exchange.services.transparency.serving import with_cosignatures
from exchange.services.transparency.vantage import best_checkpoint
from exchange.store import bundles as query
from exchange.store import log, log_serving
from exchange.store.tables.identities import OrganisationCredentialRow
from exchange.store.tables.log import LogCheckpointRow, LogEntryRow, LogEpochRow
from exchange.trust.bundle.document import Bundle, BundledKey, BundledLog
from exchange.trust.jws import payload_of
from exchange.trust.log.note import read_note
from exchange.trust.log.seconds import floor_second
from exchange.trust.log.state import MAX_STATE_BYTES, State, read_state
from exchange.trust.proof.form import BundledEntry
from exchange.trust.status_list import read_status_entry

DATASET_EVENTS = ("publish", "supersede")
Logged = Mapping[tuple[str, str], LogEntryRow]
"""The first entry of each (event, digest) that the checkpoint at hand covers."""


def make_bundle(ctx: Context, dataset_id: str, purpose: Purpose | None = None) -> bytes:
    """The bundle (`vcx-bundle/1`, RFC 8785 JSON) of a dataset with the field groups the actor was granted.

    A read like any other: the access record is committed before anything is put together. Raises
    NotFoundError and RateLimitedError as `read_dataset`, NotLoggedYetError (`bundle.pending`) until the log
    covers the dataset, its key and its organisation's credential, and says whichever of them is revoked.
    """
    return bundle_of(ctx, reading.read_dataset(ctx, dataset_id, purpose))


def bundle_of(ctx: Context, granted: GrantedDataset) -> bytes:
    """The same of a dataset that was read. Raises NotLoggedYetError (`bundle.pending`)."""
    with ctx.store.read() as session:
        return _assemble(ctx.settings, session, granted).serialise()


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What vouches for a dataset as of one checkpoint of the log that is added to."""

    checkpoint: LogCheckpointRow
    key: KeyPlace
    organisation: OrganisationCredentialRow
    status_lists: Mapping[str, str]  # tokens by address
    entries: tuple[LogEntryRow, ...]

    def says_the_same(self, other: _Evidence) -> bool:
        """Whether both vouch for the same key record, identity and revocation lists."""
        return (self.key.record, self.organisation.digest, self.status_lists) == (
            other.key.record,
            other.organisation.digest,
            other.status_lists,
        )


def _assemble(settings: Settings, session: Session, granted: GrantedDataset) -> Bundle:
    epochs = log.epochs(session)
    newest = log.newest_checkpoint(session, epochs[-1].id) if epochs else None
    if newest is None:
        raise _pending("The log has not been opened yet.")
    found = _as_cosigned(settings, session, granted, epochs[-1], newest)
    return Bundle(
        token=granted.token,
        organisation=found.organisation.jwt,
        key=BundledKey(found.key.record.value(), found.key.index, found.key.path),
        state=found.checkpoint.state,
        status_lists=found.status_lists,
        schemas=_schema_files(granted.dataset.schema_id),
        logs=tuple(_logs(settings, session, epochs, found)),
    )


def _as_cosigned(
    settings: Settings,
    session: Session,
    granted: GrantedDataset,
    epoch: LogEpochRow,
    newest: LogCheckpointRow,
) -> _Evidence:
    """The evidence as of the newest checkpoint, or of the newest with a quorum where that says just the same.

    A checkpoint without its cosignatures would be refused by whoever demands them; an older one must never
    hide a revocation or the end of a key.
    """
    found = _evidence(session, granted, epoch, newest)
    cosigned = best_checkpoint(settings, session, newest)
    if cosigned.size == newest.size:
        return found
    try:
        earlier = _evidence(session, granted, epoch, cosigned)
    except NotLoggedYetError:
        return found
    return earlier if earlier.says_the_same(found) else found


def _evidence(
    session: Session, granted: GrantedDataset, epoch: LogEpochRow, checkpoint: LogCheckpointRow
) -> _Evidence:
    state = read_state(read_note(checkpoint.state, max_bytes=MAX_STATE_BYTES).text)
    key = key_place(session, epoch, checkpoint.size, granted.dataset.kid)
    if key is None:
        raise _pending("The log does not know the signing key yet.")
    organisation = query.newest_credential(session, granted.dataset.issuer_did)
    if organisation is None:
        raise _pending("The registrar has yet to say which organisation this is.")
    lists = _lists_of(state, (granted.token.partition("~")[0], organisation.jwt))
    digests = [granted.dataset.digest, key.record.binding, organisation.digest, *lists.values()]
    logged = _logged(session, checkpoint, digests)
    places = [
        *((event, granted.dataset.digest) for event in DATASET_EVENTS),
        ("key-binding", key.record.binding),
        ("organisation-credential", organisation.digest),
        *(("status-list", digest) for digest in lists.values()),
    ]
    entries = tuple(logged[place] for place in places if place in logged)
    if len(entries) != 3 + len(lists):
        raise _pending("No signed checkpoint covers all of the evidence yet.")
    # A state ends before what waited when it was signed, and verifiers refuse what was received after its end.
    if any(floor_second(one.received_at) > state.as_of for one in entries):
        raise _pending("The newest state of the log ends before the evidence.")
    issues = _tokens_of(session, lists)
    if not all(is_said(session, one, issues) for one in (granted.dataset.digest, organisation.digest)):
        raise _pending("It is revoked, and no logged status list says so yet.")
    return _Evidence(checkpoint, key, organisation, issues, entries)


def _logged(session: Session, checkpoint: LogCheckpointRow, digests: Sequence[str]) -> Logged:
    found: dict[tuple[str, str], LogEntryRow] = {}
    for entry in log_serving.signed_entries(session, digests):
        if entry.epoch_id != checkpoint.epoch_id or entry.seq < checkpoint.size:
            found.setdefault((entry.event, entry.digest), entry)
    return found


def _lists_of(state: State, tokens: Iterable[str]) -> dict[str, str]:
    """Address and digest of the newest issue of every status list that the tokens (JWT) name."""
    named = [payload_of(jwt).get("credentialStatus") for jwt in tokens]
    addresses = {read_status_entry(one).list_url for one in named if one is not None}
    if not addresses <= state.status_lists.keys():
        raise _pending("The log holds no status list yet that the evidence names.")
    return {address: state.status_lists[address] for address in sorted(addresses)}


def _tokens_of(session: Session, lists: Mapping[str, str]) -> dict[str, str]:
    rows = {address: query.status_list_of(session, digest) for address, digest in lists.items()}
    return {address: row.jwt for address, row in rows.items() if row is not None}


def _logs(
    settings: Settings, session: Session, epochs: Sequence[LogEpochRow], found: _Evidence
) -> Iterable[BundledLog]:
    """The logs the entries stand in, oldest first; the last is the one the state speaks of."""
    for epoch in epochs:
        own = [entry for entry in found.entries if entry.epoch_id == epoch.id]
        if epoch.id == found.checkpoint.epoch_id:
            yield _log(session, epoch, found.checkpoint, own)
        elif own:
            newest = log.newest_checkpoint(session, epoch.id)
            if newest is not None:
                covering = best_checkpoint(settings, session, newest, least=max(one.seq for one in own) + 1)
                yield _log(session, epoch, covering, own)


def _log(
    session: Session, epoch: LogEpochRow, checkpoint: LogCheckpointRow, entries: Sequence[LogEntryRow]
) -> BundledLog:
    bundled = (
        BundledEntry(entry.body, entry.seq, proofs.inclusion(session, epoch.id, entry.seq, checkpoint.size))
        for entry in sorted(entries, key=lambda one: one.seq)
    )
    return BundledLog(
        with_cosignatures(session, checkpoint), epoch.log_vkey, epoch.state_vkey, tuple(bundled)
    )


def _schema_files(schema_id: str) -> dict[str, str]:
    """The schema a dataset names and all that one refers to, by id, as they were released."""
    files = schemas.with_referenced(schemas.find(schema_id)) if schema_id else ()
    return {one.url: schemas.schema_bytes(one).decode() for one in files}


def _pending(detail: str) -> NotLoggedYetError:
    return NotLoggedYetError(detail, code="bundle.pending")
