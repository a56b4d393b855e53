"""Status lists, signed by the registrar and numbered: each issue holds every revocation known when it was built."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from exchange.domain.errors import InvalidError, NotFoundError, UnavailableError
from exchange.services.context import Context
from exchange.services.transparency.deeds import settled_now
from exchange.services.transparency.exchange_keys import load
from exchange.services.transparency.outbox import note
from exchange.store import revocation as query
from exchange.store.tables.revocation import StatusListRow
from exchange.trust import Token, sign
from exchange.trust.jws import payload_of
from exchange.trust.status_list import decode_list, encode_list, is_revoked, status_list_credential
from exchange.trust.strict_json import JsonValue

SETTLED_AFTER = timedelta(minutes=5)  # an issue under way may still be stored as of a moment ago
_RIVALS = 16


@dataclass(frozen=True)
class ServedList:
    """One issue as it is served. `is_settled`: the answer to this question will never be another one."""

    jwt: str
    digest: str
    issued_at: datetime
    is_settled: bool


@dataclass(frozen=True)
class _Draft:
    """What the next issue of a list says, as of one snapshot; `follows` is the issue before it, 0 for none."""

    url: str
    follows: int
    encoded: str
    issued: datetime


def issue_status_list(ctx: Context, number: int) -> bool:
    """The worker's part: sign and log the list's next issue; False when the one in force says it all.

    Two workers at once take turns: an issue is stored only directly after the one its snapshot saw, so numbers
    have no gap and none takes a revocation back. Raises NotFoundError, UnavailableError (`custody.closed`).
    """
    key, private = load(ctx, "registrar")
    for _ in range(_RIVALS):
        draft = _draft(ctx, number, key.did)
        if draft is None:
            return False
        credential = status_list_credential(
            draft.url, issuer=key.did, issued=draft.issued, encoded=draft.encoded
        )
        if _store(ctx, number, draft.follows + 1, sign(credential, groups=(), key=private, kid=key.kid)):
            return True
    raise UnavailableError("Other workers keep issuing this list.", code="status.rivals")


def read_list(ctx: Context, number: int, at: datetime | None = None) -> ServedList:
    """The issue of a list in force at an instant, by default now. For anybody.

    Raises NotFoundError for no such list or an instant before its first issue, InvalidError (`status.future`).
    """
    now = ctx.now()
    if at is not None and at > now:
        raise InvalidError(
            "What will be revoked then is not known.",
            code="status.future",
            path="/at",
            advice="Ask for an instant in the past, or leave it out.",
        )
    with ctx.store.read() as session:
        # the newest by its number: a clock that was set back must not bring back the issue before a revocation
        row = query.newest_issue(session, number) if at is None else query.issue_at(session, number, at)
    if row is None:
        raise NotFoundError
    return ServedList(row.jwt, row.digest, row.issued_at, at is not None and at < now - SETTLED_AFTER)


def is_listed(session: Session, credential_digest: str) -> bool | None:
    """Whether the newest issue revokes the credential with this digest; None without an entry or an issue."""
    entry = query.find_entry_of(session, credential_digest)
    issue = query.newest_issue(session, entry.list_number) if entry else None
    if entry is None or issue is None:
        return None
    return is_revoked(bits_of(issue.jwt), entry.position)


def _draft(ctx: Context, number: int, issuer: str) -> _Draft | None:
    issued = settled_now(ctx).replace(microsecond=0)  # no revocation from before it is still to be committed
    with ctx.store.read() as session:  # one snapshot: the issue it sees holds no revocation that it does not
        address = query.find_list(session, number)
        if address is None:
            raise NotFoundError
        before = query.newest_issue(session, number)
        encoded = encode_list(query.revoked_positions(session, number))
    if before is not None and _said(before.jwt) == (issuer, encoded):
        return None
    return _Draft(address.url, before.issue if before else 0, encoded, issued)


def _store(ctx: Context, number: int, issue: int, token: Token) -> bool:
    """Store and log an issue, unless its number is taken."""
    try:
        with ctx.store.write() as session:
            now = ctx.now()
            session.add(
                StatusListRow(
                    list_number=number, issue=issue, jwt=token.jwt, digest=token.digest, issued_at=now
                )
            )
            session.flush()
            note(ctx, session, "status-list", token.digest, now)
    except IntegrityError:
        return False
    return True


def _said(jwt: str) -> tuple[JsonValue, JsonValue]:
    """Who signed an issue of ours, and its encoded list."""
    payload = payload_of(jwt)
    subject = payload["credentialSubject"]
    return payload["issuer"], subject["encodedList"] if isinstance(subject, dict) else None


@lru_cache(maxsize=16)
def bits_of(jwt: str) -> bytes:
    """The bits of an issue of ours; the newest are looked at with every dataset that is shown."""
    _, encoded = _said(jwt)
    return decode_list(str(encoded))
