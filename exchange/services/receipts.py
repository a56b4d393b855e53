"""Receipts: the number under which a dataset stands in the log, and the proof of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from exchange.config import Settings
from exchange.domain.groups import Purpose
from exchange.services import reading
from exchange.services.context import Context
from exchange.services.reading import DatasetView
from exchange.services.transparency import proofs
from exchange.services.transparency.pending import NotLoggedYetError
from exchange.services.transparency.serving import with_cosignatures
from exchange.services.transparency.vantage import best_checkpoint
from exchange.store import log, log_serving
from exchange.trust.log.tlog_proof import TlogProof

DATASET_EVENTS = frozenset({"publish", "supersede"})


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where a dataset stands: entry `index` (from 0) of the log `origin`, received at `received_at`."""

    origin: str
    index: int
    received_at: datetime


def places_of(ctx: Context, digests: Collection[str]) -> dict[str, LogPlace]:
    """The places of the datasets with these digests (`sha256:<hex>` of the JWT), as far as a checkpoint covers them.

    No rights are asked: entries are public, and whoever has a digest has read the dataset's header.
    """
    with ctx.store.read() as session:
        origins = {epoch.id: epoch.origin for epoch in log.epochs(session)}
        found: dict[str, LogPlace] = {}
        for entry in log_serving.signed_entries(session, digests):
            if entry.event in DATASET_EVENTS:
                place = LogPlace(origins[entry.epoch_id], entry.seq, entry.received_at)
                found.setdefault(entry.digest, place)
    return found


def make_receipt(ctx: Context, dataset_id: str, purpose: Purpose | None = None) -> str:
    """The receipt (`c2sp.org/tlog-proof@v1`) of a dataset the actor may read, its checkpoint with cosignatures.

    It shows no figure; the access record says so. Raises NotFoundError and RateLimitedError as `read_dataset`,
    NotLoggedYetError (`receipt.pending`) until a signed checkpoint covers the dataset.
    """
    return dataset_receipt(ctx, reading.read_header(ctx, dataset_id, purpose))


def dataset_receipt(ctx: Context, dataset: DatasetView) -> str:
    """The same of a dataset whose header was read. Raises NotLoggedYetError (`receipt.pending`)."""
    with ctx.store.read() as session:
        return receipt_of(ctx.settings, session, dataset.digest, DATASET_EVENTS).serialise()


def receipt_of(settings: Settings, session: Session, digest: str, events: Collection[str]) -> TlogProof:
    """The receipt of the first entry of these events for a digest; NotLoggedYetError (`receipt.pending`)."""
    for entry in log_serving.signed_entries(session, (digest,)):
        newest = log.newest_checkpoint(session, entry.epoch_id)
        if entry.event in events and newest is not None:
            shown = best_checkpoint(settings, session, newest, least=entry.seq + 1)
            return proofs.receipt(session, entry, shown.size, with_cosignatures(session, shown))
    raise NotLoggedYetError("No signed checkpoint covers this yet.", code="receipt.pending")
