"""The `.tlog-proof` file: read strictly, written back byte for byte, and sufficient for an offline check."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.trust.errors import LogError
from exchange.trust.log.checkpoint import Checkpoint, read_checkpoint
from exchange.trust.log.merkle import leaf_hash, path_of, verify_inclusion
from exchange.trust.log.note import read_note, signers
from exchange.trust.log.tlog_proof import MAX_PROOF_LENGTH, TlogProof, read_tlog_proof
from tests.unit.trust.log import naive
from tests.unit.trust.log.signers import LOG, ORIGIN, signed

LEAVES = [leaf_hash(entry) for entry in naive.entries(5)]
NOTE = signed(Checkpoint(ORIGIN, 5, naive.mth(naive.entries(5))))
PROOF = TlogProof(1, path_of(1, LEAVES), NOTE)
TEXT = PROOF.serialise()


def check(text: str) -> None:
    """What a verifier does with the file of leaf 1."""
    proof = read_tlog_proof(text)
    note = read_note(proof.checkpoint_note)
    if not signers(note, [LOG]):
        raise LogError("test.unsigned", "not signed by the log")
    tree = read_checkpoint(note.text)
    verify_inclusion(index=proof.index, size=tree.size, leaf=LEAVES[1], path=proof.path, root=tree.root)


def test_the_file_has_the_lines_of_the_specification() -> None:
    lines = TEXT.split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 1"]
    assert len(lines[2]) == 44
    assert lines[5:8] == ["", ORIGIN, "5"]
    assert read_tlog_proof(TEXT) == PROOF
    check(TEXT)
    longest = TlogProof(1, (b"x" * 32,) * 63, NOTE)
    assert read_tlog_proof(longest.serialise()) == longest


def test_extra_data_stand_between_version_and_index() -> None:
    with_extra = replace(PROOF, extra=b"what the record is made from")
    lines = with_extra.serialise().split("\n")
    assert lines[:3] == [
        "c2sp.org/tlog-proof@v1",
        "extra d2hhdCB0aGUgcmVjb3JkIGlzIG1hZGUgZnJvbQ==",
        "index 1",
    ]
    assert read_tlog_proof(with_extra.serialise()) == with_extra
    assert "extra" not in TEXT


@settings(max_examples=50)
@given(st.integers(1, 60), st.integers(0, 1000))
def test_a_proof_is_read_back_as_itself(size: int, place: int) -> None:
    leaves = [leaf_hash(entry) for entry in naive.entries(size)]
    proof = TlogProof(place % size, path_of(place % size, leaves), NOTE)
    assert read_tlog_proof(proof.serialise()) == proof


def test_every_changed_character_is_refused_or_leaves_all_but_the_witness() -> None:
    good = Checkpoint(ORIGIN, 5, naive.mth(naive.entries(5)))
    accepted = 0
    for changed in naive.mutations(TEXT):
        try:
            check(changed)
        except LogError:
            continue
        proof = read_tlog_proof(changed)
        assert proof.serialise() == changed
        assert (proof.index, proof.path) == (PROOF.index, PROOF.path)
        assert read_checkpoint(read_note(proof.checkpoint_note).text) == good
        accepted += 1
    assert accepted < 1500  # within the cosignature line only


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("@v1", "@v2", "tlog_proof.version"),
        ("c2sp", "\ufeffc2sp", "tlog_proof.version"),
        ("index 1\n", "extra \nindex 1\n", "tlog_proof.extra"),
        ("index 1\n", "extra AAA\nindex 1\n", "base64.invalid"),
        ("index 1\n", "Extra AAAA\nindex 1\n", "tlog_proof.index"),
        ("index 1\n", "extra AAAA\nextra AAAA\nindex 1\n", "tlog_proof.index"),
        ("index 1\n", "index 1\nextra AAAA\n", "base64.invalid"),
        ("index 1\n", "", "tlog_proof.index"),
        ("index 1", "index  1", "tlog_proof.index"),
        ("index 1", "index 01", "tlog_proof.index"),
        ("index 1", "index -1", "tlog_proof.index"),
        ("index 1", "index", "tlog_proof.index"),
        ("index 1", "Index 1", "tlog_proof.index"),
        ("index 1\n", "index 1\n" + 61 * ("A" * 43 + "=\n"), "tlog_proof.path"),
        ("index 1\n", "index 1\nAAAA\n", "proof.hash_length"),
        ("index 1\n", "index 1\nAAA\n", "base64.invalid"),
        ("index 1\n", "index 1\n" + "A" * 70_000, "tlog_proof.size"),
    ],
)
def test_what_is_wrong_with_a_proof_has_its_code(old: str, new: str, code: str) -> None:
    with pytest.raises(LogError) as caught:
        read_tlog_proof(TEXT.replace(old, new, 1))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "tlog_proof.version"),
        ("x" * MAX_PROOF_LENGTH, "tlog_proof.version"),
        ("x" * (MAX_PROOF_LENGTH + 1), "tlog_proof.size"),
        ("c2sp.org/tlog-proof@v1\n\n" + NOTE, "tlog_proof.form"),
        ("c2sp.org/tlog-proof@v1\nindex 1\n", "tlog_proof.form"),
        ("c2sp.org/tlog-proof@v1\nindex 1\n\nno note\n", "note.form"),
    ],
)
def test_a_file_without_its_parts_is_refused(text: str, code: str) -> None:
    with pytest.raises(LogError) as caught:
        read_tlog_proof(text)
    assert caught.value.code == code
