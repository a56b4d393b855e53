"""Every proof and tile of every size around a tile's edge, from the stored tree, against RFC 6962 worked out beside."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from exchange.domain.errors import NotFoundError
from exchange.services.transparency import proofs
from exchange.store import log_serving
from exchange.trust.errors import LogError
from exchange.trust.log.merkle import verify_consistency, verify_inclusion
from exchange.trust.log.tiles import decode_entries, entry_tiles_of, tiles_of
from exchange.trust.log.tlog_proof import read_tlog_proof
from tests.service.transparency.world import LogWorld, digest, tree_root

SIZES = (1, 2, 3, 7, 255, 256, 257, 300)


@pytest.fixture
def three_hundred(bare: LogWorld) -> LogWorld:
    """A log that was signed at each of these sizes."""
    before = 0
    for size in SIZES:
        bare.note(*range(before, size))
        bare.sequence()
        before = size
    return bare


def test_every_inclusion_and_consistency_proof_holds(three_hundred: LogWorld) -> None:
    world = three_hundred
    leaves, epoch = world.leaves(), world.epoch().id
    roots = {size: tree_root(leaves[:size]) for size in SIZES}
    assert {one.size: one.root for one in world.checkpoints()} == roots
    with world.store.read() as session:
        for size in SIZES:
            for index in range(size):
                path = proofs.inclusion(session, epoch, index, size)
                verify_inclusion(index=index, size=size, leaf=leaves[index], path=path, root=roots[size])
            for old in (one for one in SIZES if one <= size):
                path = proofs.consistency(session, epoch, old, size)
                verify_consistency(
                    old_size=old, new_size=size, old_root=roots[old], new_root=roots[size], path=path
                )


def test_a_proof_takes_one_query(three_hundred: LogWorld) -> None:
    statements: list[str] = []
    epoch = three_hundred.epoch().id
    with three_hundred.store.read() as session:
        session.execute(sa.text("SELECT 1"))
        event.listen(session.get_bind(), "before_cursor_execute", lambda *a: statements.append(a[2]))
        proofs.inclusion(session, epoch, 100, 300)
        assert len(statements) == 1
        proofs.consistency(session, epoch, 100, 300)
        assert len(statements) == 2


def test_a_place_beyond_the_tree_has_no_proof(three_hundred: LogWorld) -> None:
    epoch = three_hundred.epoch().id
    with three_hundred.store.read() as session:
        with pytest.raises(LogError) as caught:
            proofs.inclusion(session, epoch, 300, 300)
        assert caught.value.code == "proof.index"
        with pytest.raises(LogError) as caught:
            proofs.consistency(session, epoch, 0, 300)
        assert caught.value.code == "proof.size"


def test_tiles_hold_the_hashes_and_entries_of_the_tree(three_hundred: LogWorld) -> None:
    leaves, epoch = three_hundred.leaves(), three_hundred.epoch().id
    with three_hundred.store.read() as session:
        tiles = {
            tile.path: proofs.tile(session, epoch, tile.level or 0, tile.index, tile.width)
            for tile in tiles_of(300)
        }
        entries = [
            decode_entries(proofs.entries_tile(session, epoch, tile.index, tile.width))
            for tile in entry_tiles_of(300)
        ]
    assert tiles == {
        "tile/0/000": b"".join(leaves[:256]),
        "tile/0/001.p/44": b"".join(leaves[256:]),
        "tile/1/000.p/1": tree_root(leaves[:256]),
    }
    assert [len(one) for one in entries] == [256, 44]
    assert digest(299).encode() in entries[1][43]


def test_a_receipt_is_a_tlog_proof_under_the_newest_checkpoint(three_hundred: LogWorld) -> None:
    with three_hundred.store.read() as session:
        text = three_hundred.receipt(session, 256).serialise()
    proof = read_tlog_proof(text)
    newest = three_hundred.checkpoints()[-1]
    assert (proof.index, newest.size) == (256, 300)
    leaves = three_hundred.leaves()
    verify_inclusion(index=256, size=300, leaf=leaves[256], path=proof.path, root=newest.root)


def test_there_is_no_receipt_before_a_checkpoint_covers_it(bare: LogWorld) -> None:
    bare.note(1)
    with bare.store.read() as session, pytest.raises(NotFoundError) as caught:
        bare.receipt(session, 1)
    assert caught.value.error_code == "receipt.pending"
    bare.sequence()
    with bare.store.read() as session:
        assert bare.receipt(session, 1).index == 0
        with pytest.raises(NotFoundError):
            bare.receipt(session, 1, event="publish")
        assert [row.seq for row in log_serving.signed_entries(session, (digest(1),))] == [0]
