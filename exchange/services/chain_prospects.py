"""Who may know that a chain has no data in a period: who could see them if there were any (method section 7).

To everybody else no data and confidential are one word, or a chain would tell when somebody publishes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlmodel import Session

from exchange.domain.groups import DatasetKind, FieldGroup, Purpose
from exchange.domain.periods import Period
from exchange.domain.policy import Grant, Read, decide_read
from exchange.services.context import Context
from exchange.store import chains as query
from exchange.store import grants

ChainPeriod = tuple[str, date, date]  # chain and its period [start, end)
About = tuple[str, str | None]  # an organisation, and which of its products; None: any


def periods_in_prospect(ctx: Context, session: Session, chain_ids: Collection[str]) -> frozenset[ChainPeriod]:
    """The periods of the chains in which every target and member is the actor's own or granted to it exactly.

    A member is granted by a grant to the indicators of one of its products.
    """
    asked = _asked(session, list(chain_ids))
    owners = {organisation for several in asked.values() for organisation, _ in several}
    viewer = ctx.who.organisation_id
    granted = grants.grants_from(session, viewer, Purpose.CHAIN_ROLLUP.value, owners - {viewer})

    def is_open(about: About, period: Period) -> bool:
        return about[0] == viewer or any(
            FieldGroup.INDICATORS in decide_read(_read(one, period), [one], ctx.now()).groups
            for one in granted
            if one.owner_id == about[0] and about[1] in {None, one.subject_id}
        )

    return frozenset(
        key for key, several in asked.items() if all(is_open(one, Period(*key[1:])) for one in several)
    )


def _asked(session: Session, chain_ids: Sequence[str]) -> dict[ChainPeriod, set[About]]:
    """What each period of the chains is about."""
    found: dict[ChainPeriod, set[About]] = {}
    targets = query.targets_of(session, chain_ids)
    products = query.products_by_id(session, sorted({one.product_id for one in targets}))
    for target in targets:
        key = (target.chain_id, target.period_start, target.period_end)
        maker = products[target.product_id].organisation_id
        found.setdefault(key, set()).add((maker, target.product_id))
    for member in query.members_of(session, chain_ids):
        key = (member.chain_id, member.period_start, member.period_end)
        found.setdefault(key, set()).add((member.organisation_id, None))
    return found


def _read(grant: Grant, period: Period) -> Read:
    """The read of a product's figures of the period that a grant may open."""
    kind = DatasetKind.PRODUCT.value
    return Read(grant.grantee_id, grant.owner_id, kind, grant.subject_id, period, Purpose.CHAIN_ROLLUP)
