"""Networks as they are stored: written where they changed, read back as arrays.

The rows of `network_node`, and of `network_numbers` in the engine's numbers, are the network; the arrays kept beside
them are only there to load quickly. Where these are not whole they are made anew from the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlmodel import Session

from exchange.domain.linking import LinkedNetwork
from exchange.engine.errors import DamagedError
from exchange.engine.network_arrays import NetworkArrays
from exchange.engine.node_rows import NodeBytes
from exchange.engine.packing import pack, unpack
from exchange.engine.splicing import ChangedNodes, splice
from exchange.services.rollup.node_facts import LAYOUT, NodeFacts, all_facts, engine_bytes
from exchange.services.rollup.node_text import write_gaps, write_links, write_node
from exchange.store import networks as query
from exchange.store.networks import KnownNode, StoredNode, StoredNumbers

CHANGES_AT_MOST = 16  # versions kept as changes before the arrays are written anew
LARGE_CHANGE = 8  # changes of more than one byte in so many of the arrays are not worth keeping apart

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class StoredVersion:
    """What is stored of a network now. `changed`: how many nodes were written; `numbers`: node number by position
    in the linked network; `size`: how many numbers are given."""

    version: int
    changed: int
    numbers: tuple[int, ...]
    size: int


@dataclass(frozen=True)
class WholeNode:
    """A node in the words of linking and in numbers, to be stored."""

    said: StoredNode
    numbers: NodeBytes


def store_network(session: Session, network: int, linked: LinkedNetwork) -> StoredVersion:
    """Store a linked network under its number, in the caller's transaction; only what changed is written.

    Nodes keep the numbers of their keys; new keys get the next ones, in the order of the nodes. What is gone is
    marked absent. The version is raised by one unless nothing changed. Whoever stores it too waits.
    """
    query.lock_version(session, network)
    known = {one.key: one for one in query.known_nodes(session, network)}
    numbers = _numbered(linked, known)
    size = max([len(known), *(number + 1 for number in numbers)])
    nodes = [
        _stored(network, numbers[place], facts, numbers) for place, facts in enumerate(all_facts(linked))
    ]
    changed = sorted(
        [*(node for node in nodes if _differs(node, known)), *_gone(network, nodes, known.values())],
        key=lambda node: node.said.node_number,
    )
    old = [known[node.said.key].number for node in changed if node.said.key in known]
    version = store_changes(session, network, changed, old, size, nodes)
    return StoredVersion(version, len(changed), tuple(numbers), size)


def store_changes(
    session: Session,
    network: int,
    changed: Sequence[WholeNode],
    old: Iterable[int],
    size: int,
    nodes: Iterable[WholeNode],
) -> int:
    """Write nodes, ascending by number, and what changed in the arrays; returns the network's version then.

    The `old` among their numbers have something stored that goes; `size` numbers are given now; `nodes` are all that
    are there, for arrays that are worth writing anew.
    """
    version = query.lock_version(session, network)
    if not changed:
        return version
    numbers = [StoredNumbers(network, node.said.node_number, *map(bytes, node.numbers)) for node in changed]
    query.replace_nodes(session, network, [node.said for node in changed], numbers, old)
    change = ChangedNodes(NodeBytes.together(node.numbers for node in changed), size)
    _keep(session, network, version + 1, change, nodes)
    query.set_version(session, network, version + 1)
    return version + 1


def load_arrays(session: Session, network: int) -> NetworkArrays:
    """The arrays of a network at its present version; raises `DamagedError` where not even its rows are whole."""
    try:
        return _kept_arrays(session, network)
    except DamagedError as error:
        _log.warning("network_arrays_damaged", network=network, reason=error.detail)
        return rebuild_arrays(session, network)


def rebuild_arrays(session: Session, network: int) -> NetworkArrays:
    """The arrays of a network made anew from the rows of all its nodes; raises `DamagedError`."""
    chunks = (NodeBytes(*chunk) for chunk in query.node_bytes(session, network))
    return NetworkArrays.from_rows(LAYOUT, chunks, query.numbers_given(session, network))


def _kept_arrays(session: Session, network: int) -> NetworkArrays:
    contents = query.array_contents(session, network)
    versions = [version for version, _ in contents]
    present = query.version_of(session, network)
    if not versions or versions != list(range(versions[0], present + 1)):
        raise DamagedError("Arrays of some version are missing.")
    arrays = unpack(contents[0][1])
    if (arrays.network.columns, arrays.headline) != (LAYOUT.columns, LAYOUT.headline):
        raise DamagedError("The arrays are of other columns.")
    for _, content in contents[1:]:
        arrays = splice(arrays, ChangedNodes.unpack(content), LAYOUT)
    return arrays


def _keep(
    session: Session, network: int, version: int, changed: ChangedNodes, nodes: Iterable[WholeNode]
) -> None:
    """Keep what changed for the engine; where much did, or often, the arrays are written anew."""
    sizes, content = query.array_sizes(session, network), changed.pack()
    if sizes and len(sizes) <= CHANGES_AT_MOST and LARGE_CHANGE * (sum(sizes[1:]) + len(content)) < sizes[0]:
        query.add_array(session, network, version, content)
    else:
        query.replace_arrays(session, network, version, pack(_all_arrays(nodes, changed.size)))


def _all_arrays(nodes: Iterable[WholeNode], size: int) -> NetworkArrays:
    """The arrays of all nodes that are there; the numbers of others are absent."""
    present = {node.said.node_number: node.numbers for node in nodes}
    several = (present.get(number) or LAYOUT.absent(number) for number in range(size))
    return NetworkArrays.from_rows(LAYOUT, [NodeBytes.together(several)], size)


def _numbered(linked: LinkedNetwork, known: Mapping[str, KnownNode]) -> list[int]:
    """The number of every node, by position."""
    following = iter(range(len(known), len(known) + len(linked.nodes)))
    return [known[node.key].number if node.key in known else next(following) for node in linked.nodes]


def _stored(network: int, number: int, facts: NodeFacts, numbers: Sequence[int]) -> WholeNode:
    node = facts.node
    texts = (
        write_node(node, facts.output_share),
        write_links(facts.links, numbers),
        write_gaps(facts.gaps),
    )
    owners = (node.key, node.product, node.organisation)
    return _whole(network, number, owners, texts, engine_bytes(facts, number, numbers), is_present=True)


def _gone(network: int, nodes: Iterable[WholeNode], known: Iterable[KnownNode]) -> list[WholeNode]:
    there, nothing = {node.said.node_number for node in nodes}, ("{}", "[]", "[]")
    return [
        _whole(
            network, one.number, (one.key, None, None), nothing, LAYOUT.absent(one.number), is_present=False
        )
        for one in known
        if one.is_present and one.number not in there
    ]


def _whole(
    network: int,
    number: int,
    owners: tuple[str, str | None, str | None],
    texts: tuple[str, str, str],
    numbers: NodeBytes,
    *,
    is_present: bool,
) -> WholeNode:
    digest = hashlib.sha256()
    for part in (*(str(owner).encode() for owner in owners), *(text.encode() for text in texts), *numbers):
        digest.update(len(part).to_bytes(8, "little") + part)
    return WholeNode(StoredNode(network, number, *owners, is_present, *texts, digest.digest()), numbers)


def _differs(node: WholeNode, known: Mapping[str, KnownNode]) -> bool:
    before = known.get(node.said.key)
    return before is None or not before.is_present or before.digest != node.said.digest
