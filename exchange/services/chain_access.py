"""The records a read of chain figures leaves: one per dataset inside them, before anything is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Literal

from exchange.domain.groups import FieldGroup, Purpose
from exchange.services.access import Access
from exchange.services.chain_viewing import Shown


def chain_access(target_id: str, decision: Literal["allowed", "denied"], reason: str) -> Access:
    """The record of a read in which no dataset stands."""
    return Access("chain.read", "chain", target_id, decision, reason, purpose=Purpose.CHAIN_ROLLUP.value)


def chain_accesses(chain_id: str, shown: Shown, inside: Mapping[str, Set[str]]) -> Iterable[Access]:
    """One record per dataset in `shown`; `inside`: by dataset the field groups of it that were shown."""
    for dataset_id, dataset in sorted(shown.datasets.items()):
        decision, groups = shown.decisions[dataset_id], inside.get(dataset_id, frozenset())
        yield Access(
            action="chain.read",
            target_type="chain",
            target_id=chain_id,
            decision="allowed" if groups else "denied",
            reason="contribution_missing" if decision.allowed and not groups else decision.reason,
            owner_id=dataset.organisation_id,
            dataset_digest=dataset.digest,
            purpose=Purpose.CHAIN_ROLLUP.value,
            grant_id=decision.grant_id,
            field_groups=tuple(group.value for group in FieldGroup if group.value in groups),
        )
    if not shown.datasets:
        yield chain_access(chain_id, "allowed", "no_data")
