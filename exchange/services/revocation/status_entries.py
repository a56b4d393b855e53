"""Positions in status lists: reserved before a credential is signed, named by one credential at most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, InvalidError, UnavailableError
from exchange.services.context import Context, audit
from exchange.services.jobs import Queue, enqueue
from exchange.services.rate_limits import limit
from exchange.store import parties
from exchange.store import revocation as query
from exchange.store.tables.revocation import StatusEntryRow, StatusListAddressRow
from exchange.trust.errors import TrustError
from exchange.trust.status_list import MIN_LENGTH, StatusEntry, read_status_entry
from exchange.trust.strict_json import JsonObject, JsonValue

JOB_KIND = "issue_status_list"
POSITIONS = MIN_LENGTH  # of every list; a power of two, so that random bits are a random position
MOST_PER_LIST = POSITIONS // 2  # half empty, a free position is found at the second try on average
MOST_UNUSED = 1000  # per organisation and list: nobody fills the lists with entries that no credential names
_TRIES = 64


def reserve(ctx: Context) -> JsonObject:
    """A `credentialStatus` object for the next credential the actor's organisation signs.

    To an organisation that holds a thousand it never used, the one reserved longest ago is handed out again:
    whichever credential comes first has it. Raises RateLimitedError.
    """
    ctx.who.require(Role.SIGNER)
    own = ctx.who.organisation_id
    limit(ctx, "import", own)
    with ctx.store.write() as session:
        status = _left_unused(ctx, session, own) or reserve_for(ctx, session, own)
        audit(ctx, session, "status.reserve", "status_entry", str(status["id"]))
        return status


def reserve_for(ctx: Context, session: Session, organisation_id: str) -> JsonObject:
    """The same for any organisation, in the caller's transaction: what the worker and the registrar sign.

    The position is random among the free ones, so that it tells nothing of when or for whom it was handed out
    (Bitstring Status List, section 6.1). The first of a list asks for the list's first issue.
    """
    found = _current_list(ctx, session)
    for _ in range(_TRIES):
        position = int.from_bytes(ctx.entropy.take(4), "big") % POSITIONS
        if query.is_taken(session, found.list_number, position):
            continue
        row = StatusEntryRow(
            list_number=found.list_number,
            position=position,
            organisation_id=organisation_id,
            reserved_at=ctx.now(),
        )
        if _is_added(session, row):
            return StatusEntry(found.url, position).document()
    raise UnavailableError("No free status entry was found.", code="status.crowded", advice="Try again.")


def take_entry(session: Session, organisation_id: str, status: JsonValue, digest: str) -> None:
    """Let the credential with this JWT digest have the entry its `credentialStatus` names, for good.

    Raises InvalidError with the code of what is malformed (`status.form`, `.purpose`, `.index`) or
    `status.foreign` where the organisation reserved no such entry, and ConflictError `status.used` where
    another credential names it. Of two that come at once the second finds it used.
    """
    take_among(lock_entries(session, organisation_id, [status]), status, digest)
    session.flush()


def lock_entries(
    session: Session, organisation_id: str, statuses: Iterable[JsonValue]
) -> Mapping[StatusEntry, StatusEntryRow]:
    """The entries among those named by `credentialStatus` members that the organisation reserved, to take from.

    Nobody else takes one before the transaction ends. What is malformed names none.
    """
    named = {entry for status in statuses if (entry := _read_or_none(status)) and entry.index < POSITIONS}
    numbers = query.lists_at(session, {entry.list_url for entry in named}) if named else {}
    places = {(numbers[entry.list_url], entry.index): entry for entry in named if entry.list_url in numbers}
    rows = query.lock_entries(session, organisation_id, list(places)) if places else {}
    return {places[place]: row for place, row in rows.items()}


def take_among(entries: Mapping[StatusEntry, StatusEntryRow], status: JsonValue, digest: str) -> None:
    """As `take_entry`, of entries that are locked; written when the session is flushed."""
    row = entries.get(_read(status))
    if row is None:
        raise InvalidError(
            "The credential names a status entry that your organisation has not reserved here.",
            code="status.foreign",
            path="/credentialStatus",
            advice="Reserve one (vcx status reserve) and sign with it.",
        )
    if row.credential_digest is not None and row.credential_digest != digest:
        raise ConflictError(
            "Another credential names this status entry.",
            code="status.used",
            path="/credentialStatus",
            advice="Every credential has an entry of its own: reserve a new one and sign again.",
        )
    row.credential_digest = digest


def revoke_entry(ctx: Context, session: Session, digest: str, at: datetime) -> bool:
    """Revoke the credential with this JWT digest in the caller's transaction, and ask for a new issue of its list.

    False for a credential that names no entry. Revoking again changes nothing.
    """
    row = query.lock_entry_of(session, digest)
    if row is None:
        return False
    if row.revoked_at is None:
        row.revoked_at = at
        session.add(row)
        ask_for_issue(ctx, session, row.list_number)
    return True


def ask_for_issue(ctx: Context, session: Session, number: int) -> str:
    """The id of the one waiting job that will sign a list anew; it sees what this transaction commits."""
    payload = {"list_number": str(number)}
    return enqueue(ctx, session, JOB_KIND, Queue.LOG, payload, dedupe_key=dedupe_key(number))


def dedupe_key(number: int) -> str:
    """Under which the one waiting job of a list stands."""
    return f"status-list:{number}"


def _left_unused(ctx: Context, session: Session, organisation_id: str) -> JsonObject | None:
    """The oldest entry of the current list that the organisation left unused, once these are too many."""
    found = query.newest_list(session)
    if found is None or found.url != _url(ctx, found.list_number):
        return None
    if query.count_unused(session, organisation_id, found.list_number) < MOST_UNUSED:
        return None
    parties.lock_organisation(session, organisation_id)  # two who ask at once get two different ones
    row = query.oldest_unused(session, organisation_id, found.list_number)
    if row is None:
        return None
    row.reserved_at = ctx.now()
    session.add(row)
    return StatusEntry(found.url, row.position).document()


def _current_list(ctx: Context, session: Session) -> StatusListAddressRow:
    """The list that positions are handed out from; a new one when it is half full or the exchange has moved."""
    newest = query.newest_list(session)
    if (
        newest is not None
        and newest.url == _url(ctx, newest.list_number)
        and query.count_entries(session, newest.list_number) < MOST_PER_LIST
    ):
        return newest
    number = newest.list_number + 1 if newest else 1
    opened = StatusListAddressRow(list_number=number, url=_url(ctx, number), opened_at=ctx.now())
    if not _is_added(session, opened):  # somebody else opened it at the same instant
        return _current_list(ctx, session)
    ask_for_issue(ctx, session, number)
    return opened


def _url(ctx: Context, number: int) -> str:
    return f"{ctx.settings.public_url.rstrip('/')}/status/{number}"


def _is_added(session: Session, row: StatusEntryRow | StatusListAddressRow) -> bool:
    """Whether the row is ours: False when another transaction added the same at the same instant."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def _read_or_none(status: JsonValue) -> StatusEntry | None:
    try:
        return _read(status)
    except InvalidError:
        return None


def _read(status: JsonValue) -> StatusEntry:
    try:
        entry = read_status_entry(status)
    except TrustError as error:
        raise _malformed(error.detail, error.code, error.path) from error
    if isinstance(status, dict) and status.get("id", entry.document()["id"]) != entry.document()["id"]:
        raise _malformed("The id of a status entry is its list and position.", "status.form", "/id")
    return entry


def _malformed(detail: str, code: str, path: str) -> InvalidError:
    advice = "Put the reserved object into the credential as it is."
    return InvalidError(detail, code=code, path=f"/credentialStatus{path}", advice=advice)
