"""Taking a published dataset back: it stays readable with its mark, counts nowhere, and the public list says so."""

from __future__ import annotations

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, NotFoundError
from exchange.domain.groups import DatasetKind
from exchange.domain.revocation import RevocationReason
from exchange.services.context import Context, audit
from exchange.services.rate_limits import limit
from exchange.services.reading import DatasetView, present_datasets
from exchange.services.revocation.status_entries import revoke_entry
from exchange.services.rollup.staleness import mark_stale
from exchange.services.transparency.deeds import stamp
from exchange.services.transparency.outbox import note
from exchange.store import parties
from exchange.store import revocation as query
from exchange.store.tables.revocation import RevocationRow

WITHDRAWN = "withdrawn"
IN_ROLLUPS = frozenset({DatasetKind.PRODUCT.value, DatasetKind.DELIVERY.value})


def revoke_dataset(ctx: Context, dataset_id: str, reason: RevocationReason) -> DatasetView:
    """Revoke a dataset of the actor's organisation, in force or superseded; nothing brings it back.

    Its status entry, where it names one, is set in the list's next issue; the log notes the revocation either
    way; roll-ups over its period are solved anew without it. A new version may follow. Raises NotFoundError,
    ConflictError (`dataset.revoked`).
    """
    ctx.who.require(Role.SIGNER)
    own = ctx.who.organisation_id
    limit(ctx, "import", own)
    with ctx.store.write() as session:
        parties.lock_organisation(session, own)  # a publisher of the next version waits, or has committed
        row = query.lock_dataset(session, own, dataset_id)
        if row is None:
            raise NotFoundError
        if row.status == WITHDRAWN:
            raise ConflictError(
                "This dataset has been revoked before.",
                code="dataset.revoked",
                advice="Publish a new version.",
            )
        now, was_in_force = stamp(ctx, session), row.status == "active"
        row.status = WITHDRAWN
        session.add(row)
        session.add(RevocationRow(dataset_id=row.id, reason=reason.value, revoked_at=now))
        session.flush()
        revoke_entry(ctx, session, row.digest, now)
        note(ctx, session, "revoke", row.digest, now)
        if was_in_force and row.kind in IN_ROLLUPS and row.period_start and row.period_end:
            mark_stale(ctx, session, row.period_start, row.period_end)
        audit(ctx, session, "dataset.revoke", "dataset", row.id, digest=row.digest, reason=reason.value)
        return present_datasets(session, [row])[0]
