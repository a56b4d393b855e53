"""Revocation: entries in status lists for one's own credentials, and taking a published dataset back."""

from __future__ import annotations

from exchange.api.operation import Resource
from exchange.api.v1.datasets import DatasetOut
from exchange.api.wire import Id, In, Out
from exchange.domain.actors import Role
from exchange.domain.revocation import RevocationReason
from exchange.services.context import Context
from exchange.services.revocation import revoking, status_entries

resource = Resource(
    "revocation", "Status entries for what one signs oneself, and datasets taken back; the lists are public."
)


class StatusEntryOut(Out):
    """The object to put into the credential as its `credentialStatus`, as it is; it serves for one credential."""

    credential_status: dict[str, str]


class RevocationIn(In):
    """Why the dataset is taken back, as its readers will be told."""

    reason: RevocationReason


@resource.operation("POST", "/status-entries", role=Role.SIGNER, status=201)
def reserve(ctx: Context) -> StatusEntryOut:
    """Reserve an entry for the next credential the organisation signs with its own key."""
    return StatusEntryOut.of({"credential_status": status_entries.reserve(ctx)})


@resource.operation("POST", "/datasets/{dataset_id}/revocation", role=Role.SIGNER, status=201)
def revoke(ctx: Context, dataset_id: Id, body: RevocationIn) -> DatasetOut:
    """Revoke one's own dataset for good: readers see it so, and roll-ups leave it out."""
    return DatasetOut.of(revoking.revoke_dataset(ctx, dataset_id, body.reason))
