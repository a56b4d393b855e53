"""The stored tree, read: every hash comes from the tables and is missed when it is not there."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from exchange.domain.errors import ConflictError
from exchange.store import log as query
from exchange.trust.log.merkle import Frontier, Node, fold, root_plan


def damaged(detail: str) -> ConflictError:
    """The refusal (`log.damaged`) when stored bytes are not what they must be; nothing is signed over it."""
    return ConflictError(
        f"The stored log is damaged: {detail}",
        code="log.damaged",
        advice="Nothing was signed. Run vcx log fsck to see all of it, and restore the newest backup.",
    )


def frontier_at(session: Session, epoch_id: str, size: int) -> Frontier:
    """The right edge of the tree of the first `size` leaves, as stored."""
    return Frontier(size, _stored(session, epoch_id, root_plan(size)))


def root_at(session: Session, epoch_id: str, size: int) -> bytes:
    """The root of the first `size` leaves, from stored hashes; ConflictError (`log.damaged`) when one is missing."""
    return frontier_at(session, epoch_id, size).root()


def folded(session: Session, epoch_id: str, plan: Sequence[Sequence[Node]]) -> tuple[bytes, ...]:
    """A proof by its plan: each element folded from stored hashes, which one query fetches."""
    nodes = [node for element in plan for node in element]
    found = dict(zip(nodes, _stored(session, epoch_id, nodes), strict=True))
    return tuple(fold([found[node] for node in element]) for element in plan)


def _stored(session: Session, epoch_id: str, nodes: Sequence[Node]) -> list[bytes]:
    found = query.hashes(session, epoch_id, nodes)
    for node in nodes:
        if len(found.get(node, b"")) != 32:
            raise damaged(f"the hash at level {node[0]}, index {node[1]} is missing.")
    return [found[node] for node in nodes]
