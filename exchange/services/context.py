"""What a use case needs to run: who acts, the store, the time, and where secrets come from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session

from exchange.adapters.clock import Clock
from exchange.adapters.custody import CustodyKeys
from exchange.adapters.entropy import Entropy, uuid7
from exchange.adapters.fetcher import Fetcher
from exchange.config import Settings
from exchange.domain.actors import Actor
from exchange.domain.errors import NotAuthenticatedError
from exchange.store.engine import Store
from exchange.store.tables.requests import AuditRow


class Work(Protocol):
    """The job that a use case runs in, told how far it has come; it says when somebody took the job away."""

    def at(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Say what the use case is at, `done` of `total` steps; total 0: no count. Never in a writing transaction."""

    def guard(self, session: Session) -> None:
        """Keep the job its owner's until the transaction ends: asked in each one that writes what was found."""


class Unwatched:
    """Of a use case that runs outside any job: nobody looks on, nobody stops it."""

    def at(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Say nothing to anybody."""

    def guard(self, session: Session) -> None:
        """Let the transaction go on."""


@dataclass(frozen=True)
class Context:
    """Built once per request or task by `bootstrap`; frozen, cheap to copy.

    `custody` and `fetcher` are None in the web process, which can therefore never sign for an organisation nor
    be made to reach out.
    `actor` is None before sign-in and for the exchange's own housekeeping. `work` is the job it runs in.
    """

    settings: Settings
    store: Store
    clock: Clock
    entropy: Entropy
    request_id: str
    actor: Actor | None = None
    custody: CustodyKeys | None = None
    fetcher: Fetcher | None = None
    work: Work = field(default_factory=Unwatched)

    def now(self) -> datetime:
        """The present instant, UTC."""
        return self.clock.now()

    def new_id(self) -> str:
        """A fresh UUIDv7 as text."""
        return uuid7(self.clock.now(), self.entropy)

    @property
    def who(self) -> Actor:
        """The actor; raises NotAuthenticatedError when nobody is signed in."""
        if self.actor is None:
            raise NotAuthenticatedError("Nobody is signed in.", advice="Sign in, or send a bearer token.")
        return self.actor

    def acting_as(self, actor: Actor | None) -> Context:
        """The same context for another actor."""
        return replace(self, actor=actor)


class Running(Protocol):
    """One process of the exchange, as pages and API see it."""

    @property
    def settings(self) -> Settings:
        """Its settings."""

    def context(self, actor: Actor | None = None, request_id: str | None = None) -> Context:
        """A Context for one request."""


def audit(
    ctx: Context, session: Session, action: str, target_type: str, target_id: str, **detail: str
) -> None:
    """Write who did what in the transaction of the deed. `detail` holds codes and ids, never personal data."""
    session.add(AuditRow(**audited(ctx, action, target_type, target_id, **detail)))


def audited(ctx: Context, action: str, target_type: str, target_id: str, **detail: str) -> dict[str, Any]:
    """The members of the row that `audit` writes, for whoever writes many at once."""
    actor = ctx.actor
    return {
        "id": ctx.new_id(),
        "at": ctx.now(),
        "actor_user_id": actor.user_id if actor else None,
        "actor_client_id": actor.client_id if actor else None,
        "actor_organisation_id": actor.organisation_id if actor else None,
        "action": action,
        "target_type": target_type,
        "target_id": target_id,
        "detail": detail,
        "request_id": ctx.request_id,
    }
