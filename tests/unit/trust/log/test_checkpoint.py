"""Checkpoints and cosignatures: the example of the log documents, strict reading, and every changed character."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust.errors import LogError, TrustError
from exchange.trust.log.checkpoint import Checkpoint, read_checkpoint
from exchange.trust.log.cosignature import check_cosignature, cosign
from exchange.trust.log.merkle import EMPTY_ROOT
from exchange.trust.log.note import NoteSignature, read_note, signed_note, signers
from tests.unit.trust.log.naive import mutations
from tests.unit.trust.log.signers import AT, LOG, ORIGIN, WITNESS, note_key, private_key, signed

ROOT = bytes(range(32))
CHECKPOINT = Checkpoint(ORIGIN, 5, ROOT)
TEXT = f"{ORIGIN}\n5\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"


def code_of(call: object, *arguments: object) -> str:
    with pytest.raises(TrustError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


def test_the_text_of_a_checkpoint() -> None:
    assert CHECKPOINT.text() == TEXT
    assert read_checkpoint(TEXT) == CHECKPOINT
    assert read_checkpoint(f"{TEXT}more\n").extensions == ("more",)


LINES = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=60)


@given(LINES, st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(LINES, max_size=16))
def test_a_checkpoint_is_read_back_as_itself(origin: str, size: int, root: bytes, more: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, root, tuple(more))
    assert read_checkpoint(checkpoint.text()) == checkpoint


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (TEXT.rstrip("\n"), "checkpoint.form"),
        (f"{ORIGIN}\n5\n", "checkpoint.form"),
        (f"{TEXT}more", "checkpoint.form"),
        ("", "checkpoint.form"),
        (TEXT.replace(ORIGIN, ""), "checkpoint.origin"),
        (TEXT.replace(ORIGIN, "a\x00b"), "checkpoint.origin"),
        (TEXT.replace(ORIGIN, "x" * 256), "checkpoint.origin"),
        (TEXT.replace("\n5\n", "\n05\n"), "checkpoint.size"),
        (TEXT.replace("\n5\n", "\n-5\n"), "checkpoint.size"),
        (TEXT.replace("\n5\n", "\n+5\n"), "checkpoint.size"),
        (TEXT.replace("\n5\n", "\n 5\n"), "checkpoint.size"),
        (TEXT.replace("\n5\n", "\n٥\n"), "checkpoint.size"),
        (TEXT.replace("\n5\n", "\n5.0\n"), "checkpoint.size"),
        (TEXT.replace("\n5\n", "\n9223372036854775808\n"), "checkpoint.size"),
        (TEXT.replace("\n5\n", f"\n{'9' * 5000}\n"), "checkpoint.size"),
        (TEXT.replace("\n5\n", "\n0\n"), "checkpoint.root"),
        (TEXT.replace("h8=", "h9="), "checkpoint.root"),
        (TEXT.replace("h8=", "h8"), "checkpoint.root"),
        (TEXT.replace("AAEC", ""), "checkpoint.root"),
        (f"{TEXT}\n", "checkpoint.extension"),
        (f"{TEXT}{'x' * 1021}\n", "checkpoint.extension"),
        (TEXT + 17 * "x\n", "checkpoint.extension"),
    ],
)
def test_what_is_wrong_with_a_checkpoint_has_its_code(text: str, code: str) -> None:
    assert code_of(read_checkpoint, text) == code


def test_no_checkpoint_is_made_that_could_not_be_read() -> None:
    assert Checkpoint(ORIGIN, 0, EMPTY_ROOT).text().splitlines()[1] == "0"
    assert code_of(Checkpoint, "", 5, ROOT) == "checkpoint.origin"
    assert code_of(Checkpoint, "a\nb", 5, ROOT) == "checkpoint.origin"
    assert code_of(Checkpoint, ORIGIN, -1, ROOT) == "checkpoint.size"
    assert code_of(Checkpoint, ORIGIN, 2**63, ROOT) == "checkpoint.size"
    assert code_of(Checkpoint, ORIGIN, 0, ROOT) == "checkpoint.root"
    assert code_of(Checkpoint, ORIGIN, 5, ROOT[:31]) == "checkpoint.root"
    assert code_of(Checkpoint, ORIGIN, 5, ROOT, ("",)) == "checkpoint.extension"


def test_a_witness_says_when_it_saw_the_checkpoint() -> None:
    note = read_note(signed(CHECKPOINT))
    assert signers(note, [LOG]) == (LOG,)
    assert check_cosignature(note, WITNESS) == AT
    later = cosign(TEXT, WITNESS.name, private_key("witness"), AT + timedelta(hours=1, milliseconds=700))
    again = read_note(note.serialise() + later)
    assert check_cosignature(again, WITNESS) == AT + timedelta(hours=1)


def test_the_message_a_witness_signs_is_that_of_the_specification() -> None:
    line = read_note(signed(CHECKPOINT)).by(WITNESS)[0]
    # 2026-11-21T20:00:00Z is 1,795,291,200 seconds after 1970 (20,778 days and 20 hours).
    assert line[:8] == (20_778 * 86_400 + 20 * 3_600).to_bytes(8, "big")
    WITNESS.public_key().verify(line[8:], f"cosignature/v1\ntime 1795291200\n{TEXT}".encode())


def test_every_changed_character_of_a_cosigned_checkpoint_is_refused_or_has_fewer_signatures() -> None:
    good = signed(CHECKPOINT)
    for changed in mutations(good):
        try:
            note = read_note(changed)
            by_log = signers(note, [LOG])
            checkpoint = read_checkpoint(note.text)
        except LogError:
            continue
        assert note.serialise() == changed
        if not by_log:
            continue
        assert checkpoint == CHECKPOINT
        assert code_of(check_cosignature, note, WITNESS).startswith("cosignature.")


def test_what_is_wrong_with_a_cosignature_has_its_code() -> None:
    line = read_note(signed(CHECKPOINT)).by(WITNESS)[0]

    def with_signature(data: bytes) -> object:
        signature = NoteSignature(WITNESS.name, WITNESS.key_id, data)
        return read_note(signed_note(TEXT, [signature.line()]))

    assert (
        code_of(check_cosignature, read_note(signed(CHECKPOINT, cosigned=False)), WITNESS)
        == "cosignature.missing"
    )
    assert code_of(check_cosignature, with_signature(line[:-1]), WITNESS) == "cosignature.length"
    assert code_of(check_cosignature, with_signature(line[8:]), WITNESS) == "cosignature.length"
    assert code_of(check_cosignature, with_signature(b"\x01" + line[1:]), WITNESS) == "cosignature.time"
    earlier = (int.from_bytes(line[:8], "big") - 1).to_bytes(8, "big")
    assert code_of(check_cosignature, with_signature(earlier + line[8:]), WITNESS) == "cosignature.signature"
    other = Checkpoint(ORIGIN, 6, ROOT).text()
    moved = read_note(signed_note(other, [NoteSignature(WITNESS.name, WITNESS.key_id, line).line()]))
    assert code_of(check_cosignature, moved, WITNESS) == "cosignature.signature"
    both = [NoteSignature(WITNESS.name, WITNESS.key_id, data).line() for data in (line, earlier + line[8:])]
    assert code_of(check_cosignature, read_note(signed_note(TEXT, both)), WITNESS) == "cosignature.signature"


def test_the_logs_own_signature_is_no_cosignature() -> None:
    as_log = note_key(WITNESS.name, "witness")
    assert code_of(check_cosignature, read_note(signed(CHECKPOINT)), as_log) == "note.algorithm"
    assert signers(read_note(signed(CHECKPOINT)), [as_log]) == ()


def test_a_cosignature_has_an_aware_time_after_1970() -> None:
    key = private_key("witness")
    assert code_of(cosign, TEXT, "w", key, AT.replace(tzinfo=None)) == "instant.naive"
    assert code_of(cosign, TEXT, "w", key, datetime(1969, 12, 31, tzinfo=UTC)) == "cosignature.time"
    assert code_of(cosign, TEXT, "a b", key, AT) == "note.name"
    for edge in (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)):
        note = read_note(signed_note(TEXT, [cosign(TEXT, WITNESS.name, key, edge)]))
        assert check_cosignature(note, WITNESS) == edge
