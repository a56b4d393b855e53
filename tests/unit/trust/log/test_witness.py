"""A witness's answers to `add-checkpoint`: each status of the specification, and no second history ever accepted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.trust.log.checkpoint import Checkpoint
from exchange.trust.log.merkle import EMPTY_ROOT
from exchange.trust.log.note import sign_note, signed_note
from exchange.trust.log.spelling import encode_base64
from exchange.trust.log.witness import SIZE, TEXT, Decision, Record, Submission, decide, receive
from tests.unit.trust.log import naive
from tests.unit.trust.log.signers import LOG, ORIGIN, private_key, signed

LOGS = {ORIGIN: (LOG,)}
ENTRIES = naive.entries(9)


def checkpoint(size: int, entries: Sequence[bytes] = ENTRIES) -> str:
    return signed(Checkpoint(ORIGIN, size, naive.mth(entries[:size])), cosigned=False)


def request(old: int, size: int, *, path: Sequence[bytes] | None = None, note: str = "") -> bytes:
    proof = naive.proof(old, ENTRIES[:size]) if path is None and 0 < old <= size else path or []
    lines = [f"old {old}", *map(encode_base64, proof), ""]
    return ("".join(f"{line}\n" for line in lines) + (note or checkpoint(size))).encode()


def answer(body: bytes, stored: Record | None = None) -> Decision:
    submission = receive(body, LOGS)
    return decide(submission, stored) if isinstance(submission, Submission) else submission


def record(size: int, entries: Sequence[bytes] = ENTRIES) -> Record:
    return size, naive.mth(entries[:size])


def test_a_growing_log_is_cosigned_step_by_step() -> None:
    stored: Record | None = None
    for old, size in ((0, 0), (0, 3), (3, 3), (3, 4), (4, 9), (9, 9)):
        decision = answer(request(old, size), stored)
        assert (decision.status, decision.body, decision.media_type) == (200, "", TEXT)
        assert decision.record == record(size)
        stored = decision.record


def test_another_old_size_is_answered_with_the_size_on_record() -> None:
    for stored, said in ((None, "0\n"), (record(4), "4\n"), (record(9), "9\n")):
        decision = answer(request(3, 9), stored)
        assert decision == Decision(409, said, SIZE)
        assert SIZE == "text/x.tlog.size"
    assert answer(request(0, 9), record(3)) == Decision(409, "3\n", SIZE)


def test_two_histories_are_never_both_cosigned() -> None:
    forked = [*ENTRIES[:4], b"another fifth leaf", *ENTRIES[5:]]
    fork = checkpoint(9, forked)
    # From the record before the fork either branch may be taken, but only one.
    taken = answer(request(5, 9), record(5))
    assert taken.status == 200
    assert answer(request(5, 9, note=fork), taken.record).status == 409
    path = naive.proof(5, forked)
    assert answer(request(5, 9, path=path, note=fork), record(5)).status == 422
    # The same size again with another root.
    assert answer(request(9, 9, path=[], note=fork), record(9)).status == 422


def test_a_proof_that_does_not_hold_is_refused() -> None:
    good = naive.proof(5, ENTRIES)
    for path in ([], good[:-1], [*good, good[0]], [naive.flipped(good[0], 7), *good[1:]]):
        assert answer(request(5, 9, path=path), record(5)).status == 422
    assert answer(request(5, 9, path=[b"x" * 32] * 63), record(5)).status == 422
    assert answer(request(0, 9, path=good), None).status == 422
    assert answer(request(9, 9, path=good), record(9)).status == 422


def test_a_log_without_entries_can_be_cosigned_and_grow() -> None:
    assert answer(request(0, 3), (0, EMPTY_ROOT)).status == 200
    assert answer(request(0, 0), (0, EMPTY_ROOT)).record == (0, EMPTY_ROOT)


def test_an_unknown_log_and_an_unsigned_checkpoint_are_refused() -> None:
    elsewhere = Checkpoint("other.example/log", 3, naive.mth(ENTRIES[:3])).text()
    foreign = signed_note(elsewhere, [sign_note(elsewhere, "other.example/log", private_key("log"))])
    assert answer(request(0, 3, note=foreign)).status == 404
    text = Checkpoint(ORIGIN, 3, naive.mth(ENTRIES[:3])).text()
    for label in ("nobody", "witness"):
        unsigned = signed_note(text, [sign_note(text, ORIGIN, private_key(label))])
        assert answer(request(0, 3, note=unsigned)).status == 403
    broken = checkpoint(3).replace("\n3\n", "\n4\n")
    assert answer(request(0, 3, note=broken)).status == 403
    with_another = checkpoint(3) + sign_note(text, "somebody.example", private_key("nobody"))
    assert answer(request(0, 3, note=with_another)).status == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "witness.form"),
        (b"\xff", "witness.form"),
        (b"old 0\n", "witness.form"),
        (b"new 0\n\n" + checkpoint(3).encode(), "witness.form"),
        (b"old  0\n\n" + checkpoint(3).encode(), "witness.old_size"),
        (b"old 00\n\n" + checkpoint(3).encode(), "witness.old_size"),
        (b"old -1\n\n" + checkpoint(3).encode(), "witness.old_size"),
        (b"old\n\n" + checkpoint(3).encode(), "witness.old_size"),
        (b"old 0\nAAA\n\n" + checkpoint(3).encode(), "base64.invalid"),
        (b"old 0\nAAAA\n\n" + checkpoint(3).encode(), "proof.hash_length"),
        (b"old 0\n" + 64 * (b"A" * 43 + b"=\n") + b"\n" + checkpoint(3).encode(), "witness.path"),
        (b"old 0\n\nno note\n", "note.form"),
        (request(0, 3).replace(b"\n3\n", b"\n03\n"), "checkpoint.size"),
        (b"old 0\n" + b"A" * 70_000, "witness.size"),
    ],
)
def test_a_malformed_request_is_refused_with_its_reason(body: bytes, code: str) -> None:
    decision = answer(body)
    assert decision.status == 400
    assert decision.body.startswith(f"{code}: ")
    assert decision.record is None


def test_a_tree_that_shrinks_is_refused_before_the_record_is_asked() -> None:
    assert isinstance(receive(request(4, 3), LOGS), Decision)
    assert answer(request(4, 3), record(4)).status == 400
    assert answer(request(4, 3), record(9)).status == 400


@settings(max_examples=60)
@given(place=st.integers(0, 5000), bit=st.integers(0, 7))
def test_no_changed_bit_of_a_request_stores_anything_but_the_logs_own_checkpoint(
    place: int, bit: int
) -> None:
    good = request(5, 9)
    changed = bytearray(good)
    changed[place % len(good)] ^= 1 << bit
    assert answer(bytes(changed), record(5)).record is None
