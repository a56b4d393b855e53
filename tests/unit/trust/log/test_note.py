"""Signed notes: the specification's example, strict reading, and which key signed what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust.errors import LogError, TrustError
from exchange.trust.log.note import (
    Note,
    NoteKey,
    NoteSignature,
    read_note,
    read_signature_lines,
    read_vkey,
    sign_note,
    signed_note,
    signers,
    vkey_of,
)
from tests.unit.trust.log.naive import mutations
from tests.unit.trust.log.signers import WITNESS, note_key, private_key

# The example of C2SP signed-note.
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
LINE = EXAMPLE.split("\n\n")[1]


def code_of(call: object, *arguments: object) -> str:
    with pytest.raises(TrustError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


def test_the_specifications_example_is_signed_by_its_key() -> None:
    key = read_vkey(VKEY)
    note = read_note(EXAMPLE)
    assert (key.name, key.algorithm, key.key_id.hex(), key.vkey) == ("example.com/foo", 1, "530d903a", VKEY)
    assert note.text == "This is an example message.\n"
    assert signers(note, [key]) == (key,)
    assert note.serialise() == EXAMPLE
    assert vkey_of("example.com/foo", key.public_key()) == VKEY


def test_every_changed_character_of_a_note_is_refused_or_no_longer_signed() -> None:
    key, good = read_vkey(VKEY), read_note(EXAMPLE)
    for changed in mutations(EXAMPLE):
        try:
            note = read_note(changed)
            found = signers(note, [key])
        except LogError:
            continue
        assert note.serialise() == changed
        assert note != good
        assert found == ()


def test_every_changed_character_of_a_verifier_key_is_refused() -> None:
    for changed in mutations(VKEY):
        with pytest.raises(LogError):
            read_vkey(changed)


NAMES = st.text(st.characters(categories=["L", "N", "P"], exclude_characters="+"), min_size=1, max_size=40)
TEXTS = st.text(st.characters(exclude_categories=["C"]) | st.just("\n"), min_size=1, max_size=80).map(
    lambda text: f"x{text}\n"
)


@given(text=TEXTS, names=st.lists(NAMES, min_size=1, max_size=16, unique=True))
def test_what_is_signed_is_read_back_and_verifies(text: str, names: list[str]) -> None:
    lines = [sign_note(text, name, private_key(name)) for name in names]
    note = read_note(signed_note(text, lines))
    assert note.text == text
    assert note.serialise() == signed_note(text, lines)
    keys = [note_key(name, name) for name in names]
    assert signers(note, keys) == tuple(keys)
    assert all(read_vkey(key.vkey) == key for key in keys)


def test_unknown_keys_are_ignored_even_with_a_known_name_or_a_known_id() -> None:
    key = note_key("a.example", "one")
    other = sign_note("text\n", "a.example", private_key("two"))
    same_id = NoteSignature("b.example", key.key_id, b"\x00" * 64).line()
    longer = NoteSignature("c.example", b"\x01\x02\x03\x04", b"\x00" * 2420).line()
    note = read_note(signed_note("text\n", [other, same_id, longer]))
    assert signers(note, [key]) == ()
    mine = sign_note("text\n", "a.example", private_key("one"))
    note = read_note(signed_note("text\n", [other, same_id, longer, mine]))
    assert signers(note, [key]) == (key,)


def test_a_known_key_that_did_not_sign_this_text_refuses_the_note() -> None:
    key = note_key("a.example", "one")
    good = sign_note("text\n", "a.example", private_key("one"))
    wrong = sign_note("other\n", "a.example", private_key("one"))
    short = NoteSignature("a.example", key.key_id, b"\x00" * 63).line()
    for lines in ([wrong], [good, wrong], [wrong, good], [short]):
        assert code_of(signers, read_note(signed_note("text\n", lines)), [key]) == "note.signature"
    twice = read_note(signed_note("text\n", [good, good]))
    assert signers(twice, [key]) == (key,)


def test_a_witness_key_does_not_sign_a_text_as_it_is() -> None:
    assert code_of(signers, read_note(EXAMPLE), [WITNESS]) == "note.algorithm"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "note.form"),
        ("no empty line\n" + LINE, "note.form"),
        ("\n\n" + LINE, "note.form"),
        ("text\n\n", "note.signatures"),
        ("text\n\n" + 17 * LINE, "note.signatures"),
        (EXAMPLE + "more", "note.form"),
        (EXAMPLE.rstrip("\n"), "note.form"),
        ("te\txt\n\n" + LINE, "note.character"),
        ("text\r\n\n" + LINE, "note.character"),
        ("te\x7fxt\n\n" + LINE, "note.character"),
        ("te\ud800xt\n\n" + LINE, "note.character"),
        ("x" * 65_536 + "\n\n" + LINE, "note.size"),
        ("æ" * 32_768 + "\n\n" + LINE, "note.size"),
        ("text\n\n" + LINE.replace("—", "-"), "note.signature_line"),
        ("text\n\n" + LINE.replace("— ", "—  "), "note.signature_line"),
        ("text\n\n" + LINE.replace("foo", "f o"), "note.signature_line"),
        ("text\n\n— a AAAAAA==\n", "note.signature_line"),
        ("text\n\n" + LINE.replace("foo", "f+o"), "note.name"),
        ("text\n\n" + LINE.replace("foo", "f\u00a0o"), "note.name"),
        ("text\n\n" + LINE.replace("foo", "f\u200bo"), "note.name"),
        ("text\n\n" + LINE.replace("foo", "f" * 250), "note.name"),
        ("text\n\n" + LINE.replace("example.com/foo", ""), "note.name"),
        ("text\n\n" + LINE.replace("yaQM=", "yaQN="), "base64.invalid"),
        ("text\n\n" + LINE.replace("yaQM=", "yaQM"), "base64.invalid"),
        ("text\n\n" + LINE.replace("Uw2Q", "Uw2_"), "base64.invalid"),
        ("text\n\n" + LINE.replace("Uw2Q", "Uw2é"), "base64.invalid"),
    ],
)
def test_what_is_wrong_with_a_note_has_its_code(text: str, code: str) -> None:
    assert code_of(read_note, text) == code


def test_sixteen_signatures_are_read_and_empty_lines_belong_to_the_text() -> None:
    assert len(read_note("text\n\n" + 16 * LINE).signatures) == 16
    assert read_note("a\n\nb\n\n" + LINE).text == "a\n\nb\n"
    assert read_note("a\n\n\n" + LINE).text == "a\n\n"
    assert len(read_signature_lines(LINE)) == 1
    assert len(read_note("x" * (65_536 - 2 - len(LINE.encode())) + "\n\n" + LINE).signatures) == 1
    assert code_of(read_signature_lines, LINE.strip()) == "note.form"
    assert code_of(read_signature_lines, f"{LINE}\x00") == "note.character"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("example.com/foo", "vkey.form"),
        ("example.com/foo+530d903a", "vkey.form"),
        ("example.com/foo+530d903a+", "vkey.form"),
        (VKEY.replace("+530d903a", "+530D903A"), "vkey.id"),
        (VKEY.replace("+530d903a", "+530d903b"), "vkey.id"),
        (VKEY.replace("example.com/foo", "example.com/fou"), "vkey.id"),
        (VKEY.replace("example.com/foo", ""), "note.name"),
        (VKEY.replace("+Aeky", "+Auky"), "vkey.algorithm"),
        (VKEY[:-4], "vkey.key"),
        ("a+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "vkey.key"),
        (VKEY[:-1], "base64.invalid"),
    ],
)
def test_what_is_wrong_with_a_verifier_key_has_its_code(text: str, code: str) -> None:
    assert code_of(read_vkey, text) == code


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("no newline", "a", "note.text"),
        ("", "a", "note.text"),
        ("\n", "a", "note.text"),
        ("a\x00\n", "a", "note.character"),
        ("a\n", "a b", "note.name"),
        ("a\n", "", "note.name"),
        ("a\n", "a+b", "note.name"),
    ],
)
def test_what_could_not_be_read_is_not_signed(text: str, name: str, code: str) -> None:
    assert code_of(sign_note, text, name, private_key("a")) == code


def test_a_note_is_a_value() -> None:
    assert read_note(EXAMPLE) == Note("This is an example message.\n", read_signature_lines(LINE))
    assert NoteKey("a", 4, WITNESS.public).key_id != NoteKey("a", 1, WITNESS.public).key_id
