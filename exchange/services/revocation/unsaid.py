"""Revocations that no issue of their list says yet: the issue is asked for again, and nothing signed denies them."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime

from sqlmodel import Session

from exchange.services.context import Context
from exchange.services.revocation.status_entries import ask_for_issue, dedupe_key
from exchange.services.revocation.status_lists import bits_of
from exchange.store import bundles
from exchange.store import revocation as query
from exchange.trust.status_list import is_revoked


def lists_to_issue(session: Session) -> tuple[int, ...]:
    """The numbers of the lists whose newest issue lacks a revocation, or that have no issue at all."""
    return tuple(one.list_number for one in query.lists(session) if _lacks(session, one.list_number))


def ask_for_missing_issues(ctx: Context, session: Session, resting: Container[str] = ()) -> None:
    """Have these lists issued: where the job that a revocation asked for was given up, nothing else would.

    `resting` are the dedupe keys that are not to be asked for yet.
    """
    for number in lists_to_issue(session):
        if dedupe_key(number) not in resting:
            ask_for_issue(ctx, session, number)


def oldest_unsaid(session: Session, logged: Mapping[str, str]) -> datetime | None:
    """When the oldest revocation was made that is in none of these issues; None when they say them all.

    `logged` is the digest of the newest logged issue by the address of its list. A list without one says nothing.
    """
    instants = []
    for one in query.lists(session):
        issue = bundles.status_list_of(session, logged[one.url]) if one.url in logged else None
        instants.append(_unsaid_since(session, one.list_number, issue.jwt if issue else None))
    return min((at for at in instants if at is not None), default=None)


def is_said(session: Session, credential_digest: str, issues: Mapping[str, str]) -> bool:
    """False for a credential that is revoked here while the issue (JWT, by address) of its list does not say so."""
    entry = query.find_entry_of(session, credential_digest)
    if entry is None or entry.revoked_at is None:
        return True
    address = query.find_list(session, entry.list_number)
    jwt = issues.get(address.url) if address else None
    return jwt is not None and is_revoked(bits_of(jwt), entry.position)


def _lacks(session: Session, number: int) -> bool:
    issue = query.newest_issue(session, number)
    return issue is None or _unsaid_since(session, number, issue.jwt) is not None


def _unsaid_since(session: Session, number: int, jwt: str | None) -> datetime | None:
    entries = query.revoked_entries(session, number)
    if not entries:
        return None
    bits = bits_of(jwt) if jwt is not None else None
    unsaid = (at for position, at in entries if bits is None or not is_revoked(bits, position))
    return min(unsaid, default=None)
