"""Heads that this exchange signed, as the guard shows, and of which a database knows nothing: it was taken back.

Whose a head is, its key tells: several exchanges of one user share the folder, and each has its own key store.
Whoever deletes database and keys together begins a new exchange, which meets nobody's heads.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlmodel import Session

from exchange.adapters.custody import is_kept, kept_for
from exchange.adapters.head_guard import GuardedHead
from exchange.services.context import Context
from exchange.services.transparency.exchange_keys import OWNER
from exchange.store import log as query
from exchange.store import logged

Heads: TypeAlias = Mapping[str, GuardedHead | None]  # by epoch id; None for a damaged file


@dataclass(frozen=True, slots=True)
class Detour:
    """A guarded head that names another successor than the database, or was signed on where the database has none;
    the database holds `signed` of its entries.
    """

    head: GuardedHead
    signed: int


def strays(
    ctx: Context, heads: Heads, known: Collection[str], kids: Collection[str] = ()
) -> dict[str, GuardedHead | None]:
    """Of `heads`, those of this exchange that no epoch in `known` follows or is; the last of each chain first.

    A damaged file tells nobody's key: it counts where no epoch is known and the key store has a key of the exchange
    that is not among its known `kids`, for then it may be all that is left.
    """
    found = {
        epoch_id: head
        for epoch_id, head in heads.items()
        if epoch_id not in known
        and _is_ours(ctx, head, known, kids)
        and not _leads_to(heads, epoch_id, known)
    }
    return {epoch_id: found[epoch_id] for epoch_id in sorted(found, key=lambda one: _order(found, one))}


def ends_chain(strays: Heads, epoch_id: str) -> bool:
    """Whether none of `strays` is known to have followed this one, by a head that can be read."""
    head = strays[epoch_id]
    return head is None or strays.get(head.successor) is None


def strays_of(
    ctx: Context, session: Session, heads: Heads, known: Collection[str]
) -> dict[str, GuardedHead | None]:
    """`strays` of a database."""
    return strays(ctx, heads, known, () if known else logged.exchange_kids(session))


def detours(session: Session, heads: Heads, known: Sequence[str]) -> dict[str, Detour]:
    """Of the epochs in `known` but the last, those whose guarded head does not belong to this history."""
    found = {}
    for epoch_id in known[:-1]:
        head = heads.get(epoch_id)
        if head is None:
            continue
        newest = query.newest_checkpoint(session, epoch_id)
        signed = newest.size if newest else 0
        if head.successor not in known if head.successor else head.size > signed:
            found[epoch_id] = Detour(head, signed)
    return found


def known_epochs(session: Session) -> list[str]:
    """The ids of every epoch of the database, the first one first."""
    return [epoch.id for epoch in query.epochs(session)]


def _is_ours(ctx: Context, head: GuardedHead | None, known: Collection[str], kids: Collection[str]) -> bool:
    folder = ctx.settings.custody_path
    if head is None:
        return not known and not kept_for(folder, OWNER) <= set(kids)
    return is_kept(folder, head.log_kid)


def _leads_to(heads: Heads, epoch_id: str, known: Collection[str]) -> bool:
    """Whether a known epoch follows this one, perhaps by way of others: its opening has then named what is lost."""
    seen = set[str]()
    while epoch_id not in seen:
        seen.add(epoch_id)
        head = heads.get(epoch_id)
        if head is None or not head.successor:
            return False
        if head.successor in known:
            return True
        epoch_id = head.successor
    return False


def _order(strays: Heads, epoch_id: str) -> tuple[bool, bool, int]:
    head = strays[epoch_id]
    return (head is None, not ends_chain(strays, epoch_id), -head.size if head else 0)
