"""A worker's exchange in a folder of its own, with datasets that wait to be logged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from exchange.bootstrap import open_exchange
from exchange.config import Settings
from exchange.services.context import Context
from exchange.store import migrate
from exchange.store.tables.accounts import OrganisationRow
from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.log import LogPendingRow

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@contextmanager
def opened(folder: Path) -> Iterator[Context]:
    """The context of a worker on an empty, migrated SQLite database."""
    settings = Settings(data_dir=folder, head_guard=folder / "heads", database_url="", witnesses="")
    migrate.upgrade(settings.database)
    exchange = open_exchange(settings, "worker")
    try:
        yield exchange.context()
    finally:
        exchange.store.close()


def waiting_datasets(ctx: Context, tokens: Sequence[str]) -> list[str]:
    """Store a dataset for each token and note it for the log; returns their digests."""
    digests = [f"sha256:{hashlib.sha256(token.encode()).hexdigest()}" for token in tokens]
    organisation = OrganisationRow(id="org", name="Firm", country="DK", created_at=NOW)
    with ctx.store.write() as session:
        session.add(organisation)
        session.flush()
        connection = session.connection()
        connection.execute(
            sa.insert(DatasetRow),
            [
                _dataset(n, digest, token)
                for n, (digest, token) in enumerate(zip(digests, tokens, strict=True))
            ],
        )
        connection.execute(
            sa.insert(LogPendingRow),
            [
                {"event": "publish", "digest": digest, "received_at": NOW + n * timedelta(milliseconds=1)}
                for n, digest in enumerate(digests)
            ],
        )
    return digests


def _dataset(number: int, digest: str, token: str) -> dict[str, object]:
    return {
        "id": f"dataset-{number}",
        "kind": "product",
        "schema_id": "s",
        "schema_digest": "d",
        "organisation_id": "org",
        "subject_type": "product",
        "subject_id": f"subject-{number}",
        "recipient_id": None,
        "period_start": date(2025, 1, 1),
        "period_end": date(2026, 1, 1),
        "version": 1,
        "status": "active",
        "supersedes_id": None,
        "credential_id": f"urn:uuid:{number}",
        "digest": digest,
        "jwt": token,
        "issuer_did": "did:key:z",
        "kid": "did:key:z#z",
        "custody": False,
        "valid_from": NOW,
        "valid_until": None,
        "received_at": NOW,
    }
