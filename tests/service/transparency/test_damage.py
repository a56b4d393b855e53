"""One flipped bit in anything that is to be signed is found before it is; fsck finds it wherever it stands."""

from __future__ import annotations

import pytest

from exchange.domain.errors import ConflictError
from exchange.services.context import Context
from exchange.services.transparency import sequencing
from exchange.services.transparency.fsck import fsck
from exchange.services.transparency.outbox import note_document
from exchange.services.transparency.signing import sign_head
from exchange.store.tables.log import LogNodeRow
from tests.conftest import START
from tests.datasets import own_key, product, product_subject, published, rows
from tests.factories import party
from tests.service.transparency.world import LogWorld, digest, tamper


@pytest.fixture
def unsigned(bare: LogWorld, monkeypatch: pytest.MonkeyPatch) -> LogWorld:
    """Three signed entries, and five more that are stored and not yet signed."""
    bare.note(1, 2, 3)
    bare.sequence()
    bare.note(4, 5, 6, 7, 8)
    with monkeypatch.context() as patch:
        patch.setattr(sequencing, "sign_head", stopped)
        with pytest.raises(RuntimeError):
            bare.sequence()
    return bare


def stopped(*_: object) -> None:
    """The sequencer stops between storing and signing."""
    raise RuntimeError


def flip(data: bytes, bit: int = 0) -> bytes:
    """The same bytes with one bit the other way."""
    return bytes([data[0] ^ (1 << bit), *data[1:]])


def refused_before_signing(world: LogWorld) -> str:
    """The reason why nothing was signed."""
    signed = world.checkpoints()
    with pytest.raises(ConflictError) as caught:
        world.sequence()
    assert caught.value.error_code == "log.damaged"
    assert "vcx log fsck" in caught.value.advice
    assert world.checkpoints() == signed
    assert world.guarded() == signed[-1]
    assert fsck(world.ctx).problems != ()
    return caught.value.detail


def test_undamaged_it_is_signed(unsigned: LogWorld) -> None:
    assert unsigned.sequence().size == 8
    unsigned.must_be_sound()


@pytest.mark.parametrize("seq", [3, 5, 7])
def test_a_flipped_leaf_hash(unsigned: LogWorld, seq: int) -> None:
    leaf = flip(unsigned.leaves()[seq])
    tamper(unsigned.store, "log_entry", "UPDATE log_entry SET leaf_hash = :h WHERE seq = :s", h=leaf, s=seq)
    assert f"entry {seq}" in refused_before_signing(unsigned)


@pytest.mark.parametrize(
    "change",
    [
        "body = replace(body, '08:00:00Z', '08:00:01Z')",
        "digest = 'sha256:" + "0" * 63 + "f'",
        "event = 'rollup'",
        "event = 'nonsense'",
        "received_at = '2026-03-02 08:00:09'",
    ],
)
def test_a_flipped_body_or_column(unsigned: LogWorld, change: str) -> None:
    tamper(unsigned.store, "log_entry", f"UPDATE log_entry SET {change} WHERE seq = 5")
    refused_before_signing(unsigned)


@pytest.mark.parametrize("place", [(1, 1), (1, 2), (1, 3), (2, 0), (2, 1), (3, 0)])
def test_a_flipped_node(unsigned: LogWorld, place: tuple[int, int]) -> None:
    (node,) = [row for row in rows(unsigned.store, LogNodeRow) if (row.level, row.idx) == place]
    tamper(
        unsigned.store,
        "log_node",
        "UPDATE log_node SET hash = :h WHERE level = :l AND idx = :i",
        h=flip(node.hash, 7),
        l=place[0],
        i=place[1],
    )
    refused_before_signing(unsigned)


def test_a_missing_entry(unsigned: LogWorld) -> None:
    tamper(unsigned.store, "log_entry", "DELETE FROM log_entry WHERE seq = 6")
    refused_before_signing(unsigned)


def test_a_signed_node_of_the_right_edge(unsigned: LogWorld) -> None:
    tamper(
        unsigned.store, "log_node", "UPDATE log_node SET hash = :h WHERE level = 1 AND idx = 0", h=bytes(32)
    )
    assert "other root than was signed" in refused_before_signing(unsigned).replace(
        "another root", "other root"
    )


def test_another_head(unsigned: LogWorld) -> None:
    with unsigned.store.write() as session:
        session.connection().exec_driver_sql("UPDATE log_head SET size = 7")
    refused_before_signing(unsigned)


def test_a_dataset_with_other_bytes_is_not_logged(world: LogWorld, ctx: Context) -> None:
    world.sequence()
    firm = party(ctx)
    outcome = published(firm, product_subject(firm, product(firm)), own_key(firm))
    signed = world.checkpoints()
    tamper(world.store, "dataset", "UPDATE dataset SET jwt = jwt || 'A'")
    with pytest.raises(ConflictError) as caught:
        world.sequence()
    assert caught.value.error_code == "log.damaged"
    assert outcome.digest in caught.value.detail
    assert world.checkpoints() == signed


def test_a_document_with_other_bytes_is_not_logged(bare: LogWorld) -> None:
    bare.note(1)
    bare.sequence()
    with bare.store.write() as session:
        note_document(bare.ctx, session, "script", "{}", START)
    tamper(bare.store, "logged_document", "UPDATE logged_document SET text = '{ }'")
    with pytest.raises(ConflictError) as caught:
        bare.sequence()
    assert caught.value.error_code == "log.damaged"
    assert bare.checkpoints()[-1].size == 1


def test_signing_checks_for_itself(unsigned: LogWorld) -> None:
    """The check is in the step that signs, whoever calls it."""
    tamper(unsigned.store, "log_entry", "UPDATE log_entry SET leaf_hash = :h WHERE seq = 4", h=bytes(32))
    with pytest.raises(ConflictError):
        sign_head(unsigned.ctx, unsigned.epoch(), None)


# What is signed already: fsck


@pytest.mark.parametrize(
    ("table", "statement", "code"),
    [
        ("log_entry", "UPDATE log_entry SET event = 'rollup' WHERE seq = 0", "log.damaged"),
        ("log_entry", "DELETE FROM log_entry WHERE seq = 1", "log.damaged"),
        ("log_node", "DELETE FROM log_node WHERE level = 1 AND idx = 0", "log.damaged"),
        ("log_checkpoint", "UPDATE log_checkpoint SET text = replace(text, '— ', '— x') ", "log.checkpoint"),
        ("log_checkpoint", "UPDATE log_checkpoint SET state = text", "log.checkpoint"),
        ("log_checkpoint", "DELETE FROM log_checkpoint WHERE size = 5", "log.damaged"),
        ("logged_document", "UPDATE logged_document SET text = '{}' WHERE event = 'script'", "log.source"),
    ],
)
def test_fsck_finds(bare: LogWorld, table: str, statement: str, code: str) -> None:
    bare.note(1, 2, 3, 4)
    bare.sequence()
    with bare.store.write() as session:
        note_document(bare.ctx, session, "script", '{"a":1}', START)
    bare.sequence()
    assert fsck(bare.ctx).problems == ()
    tamper(bare.store, table, statement)
    codes = {problem.code for problem in fsck(bare.ctx).problems}
    if statement.startswith("DELETE FROM log_checkpoint"):
        assert codes == set()  # the guard still has it: the next sequencing stores it again
        bare.sequence()
        assert bare.checkpoints()[-1].size == 5
    else:
        assert code in codes


def test_fsck_finds_a_state_that_the_entries_do_not_tell(
    bare: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from exchange.services.transparency import signing

    true_state = signing.state_at
    with monkeypatch.context() as patch:
        patch.setattr(
            signing,
            "state_at",
            lambda *a: replace(true_state(*a), status_lists={"https://a.example": digest(1)}),
        )
        bare.note(1)
        bare.sequence()
    assert [problem.code for problem in fsck(bare.ctx).problems] == ["log.state"]


def test_fsck_finds_what_no_tree_has(bare: LogWorld) -> None:
    bare.note(1, 2)
    bare.sequence()
    with bare.store.write() as session:
        session.add(LogNodeRow(epoch_id=bare.epoch().id, level=5, idx=9, hash=bytes(32)))
    assert [problem.code for problem in fsck(bare.ctx).problems] == ["log.surplus"]


def test_fsck_of_nothing_finds_nothing(world: LogWorld) -> None:
    report = fsck(world.ctx)
    assert (report.epochs, report.entries, report.problems) == (0, 0, ())
