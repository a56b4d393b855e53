"""Composes settings, store, clock and key store into Contexts; knows nothing of Flask or Celery."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from exchange.adapters.clock import Clock, SystemClock
from exchange.adapters.custody import CustodyKeys, create_master_key, read_master_key
from exchange.adapters.entropy import Entropy, SystemEntropy, uuid7
from exchange.adapters.fetcher import Fetcher, HttpsFetcher
from exchange.config import Settings
from exchange.domain.actors import Actor
from exchange.services.context import Context
from exchange.store.engine import Store

ProcessRole = Literal["web", "worker"]


@dataclass(frozen=True)
class Exchange:
    """One process of the exchange.

    Only a worker holds `custody`, the organisations' custody keys, and `fetcher`, the way out to the internet.
    """

    settings: Settings
    store: Store
    clock: Clock
    entropy: Entropy
    custody: CustodyKeys | None
    fetcher: Fetcher | None = None

    def context(self, actor: Actor | None = None, request_id: str | None = None) -> Context:
        """A Context for one request or task; without `request_id` a fresh one is made."""
        return Context(
            settings=self.settings,
            store=self.store,
            clock=self.clock,
            entropy=self.entropy,
            request_id=request_id or uuid7(self.clock.now(), self.entropy),
            actor=actor,
            custody=self.custody,
            fetcher=self.fetcher,
        )


def open_exchange(
    settings: Settings,
    role: ProcessRole,
    *,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
) -> Exchange:
    """Open store and, for a worker, the custody key store. The web process never reads the master key."""
    return Exchange(
        settings=settings,
        store=Store(settings.database),
        clock=clock or SystemClock(),
        entropy=entropy or SystemEntropy(),
        custody=_open_custody(settings.master_key_path, settings.custody_path) if role == "worker" else None,
        fetcher=HttpsFetcher() if role == "worker" else None,
    )


def _open_custody(master_key_file: Path, folder: Path) -> CustodyKeys:
    if not master_key_file.exists():
        master_key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        create_master_key(master_key_file)
    return CustodyKeys(folder, read_master_key(master_key_file))
