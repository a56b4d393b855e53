"""Which checkpoint to show a verifier: the newest, unless only an older one has the quorum of witnesses."""

from __future__ import annotations

from sqlmodel import Session

from exchange.config import Settings
from exchange.services.transparency.witnesses import configured
from exchange.store import log_serving
from exchange.store.tables.log import LogCheckpointRow


def best_checkpoint(
    settings: Settings, session: Session, newest: LogCheckpointRow, least: int = 0
) -> LogCheckpointRow:
    """The newest checkpoint of an epoch that the quorum cosigned and that covers `least` entries; else `newest`."""
    if not settings.witness_quorum:
        return newest
    names = [one.key.name for one in configured(settings)]
    found = log_serving.newest_with_quorum(session, newest.epoch_id, names, settings.witness_quorum)
    return found if found is not None and found.size >= least else newest
