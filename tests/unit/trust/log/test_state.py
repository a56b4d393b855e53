"""The state signed beside each checkpoint: exact text, strict reading, and only of its own checkpoint."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import rfc8785

from exchange.trust.errors import LogError, TrustError
from exchange.trust.log.checkpoint import Checkpoint
from exchange.trust.log.merkle import EMPTY_ROOT, leaf_hash
from exchange.trust.log.note import read_note, sign_note, signed_note, signers
from exchange.trust.log.state import MAX_STATE_BYTES, State, read_state, state_key_name
from tests.unit.trust.log.naive import mutations
from tests.unit.trust.log.signers import AT, ORIGIN, note_key, private_key

ROOT, KEYS_ROOT = leaf_hash(b"entry"), leaf_hash(b"record")
SCHEMA = "https://exchange.example/schemas/product/1.0.0.json"
LIST = "https://exchange.example/status/1"
SRI = "sha256-pON2ASjN96y/boJt5WxfO7vsW4Trp1P9wbqE8ZeDK1U="
DIGEST = "sha256:" + "0a" * 32
STATE = State(
    origin=ORIGIN,
    size=1,
    root=ROOT,
    as_of=AT,
    keys_size=1,
    keys_root=KEYS_ROOT,
    schemas={SCHEMA: SRI},
    status_lists={LIST: DIGEST},
)
KEY = note_key(state_key_name(ORIGIN), "state")


def code_of(call: object, *arguments: object, **members: object) -> str:
    with pytest.raises(TrustError) as caught:
        call(*arguments, **members)  # type: ignore[operator]
    return caught.value.code


def signed() -> str:
    return signed_note(STATE.text(), [sign_note(STATE.text(), KEY.name, private_key("state"))])


def changed_text(**members: object) -> str:
    value = {**json.loads(STATE.text().split("\n")[1]), **members}
    present = {name: item for name, item in value.items() if item != "absent"}
    return f"vcx-state/1\n{rfc8785.dumps(present).decode()}\n"


def test_the_text_of_a_state() -> None:
    assert STATE.text() == (
        'vcx-state/1\n{"as_of":"2026-11-21T20:00:00Z",'
        '"keys":{"root":"5hChEu3XXdtX6k0u0ZGghryRPOWQu48rbbldPMP+Lg4=","size":1},'
        f'"origin":"{ORIGIN}","root":"2cLWa1IsJSJyj1Of+fZ7hdQN7/8JX8ilKMmU9PNbs94=",'
        f'"schemas":{{"{SCHEMA}":"{SRI}"}},"size":1,"status_lists":{{"{LIST}":"{DIGEST}"}},"v":"vcx-state/1"}}\n'
    )
    assert read_state(STATE.text()) == STATE


def test_a_state_is_signed_by_its_own_key_and_speaks_of_one_checkpoint() -> None:
    note = read_note(signed(), max_bytes=MAX_STATE_BYTES)
    assert signers(note, [KEY]) == (KEY,)
    assert KEY.name == f"{ORIGIN}/state"
    state = read_state(note.text)
    assert state.is_of(Checkpoint(ORIGIN, 1, ROOT))
    assert not state.is_of(Checkpoint(ORIGIN, 2, ROOT))
    assert not state.is_of(Checkpoint(ORIGIN, 1, KEYS_ROOT))
    assert not state.is_of(Checkpoint("other.example/log", 1, ROOT))


def test_every_changed_character_of_a_signed_state_is_refused_or_unsigned() -> None:
    for changed in mutations(signed()):
        try:
            note = read_note(changed)
            found = signers(note, [KEY])
            state = read_state(note.text)
        except LogError:
            continue
        assert found == ()
        assert state == STATE  # a change in the signature line alone


def test_every_changed_character_of_a_text_is_refused_or_another_state() -> None:
    for changed in mutations(STATE.text()):
        try:
            state = read_state(changed)
        except TrustError:
            continue
        assert state != STATE
        assert state.text() == changed


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"v": "vcx-state/2"}, "state.version"),
        ({"v": "absent"}, "state.member"),
        ({"more": 1}, "state.member"),
        ({"origin": ""}, "state.origin"),
        ({"origin": 1}, "state.origin"),
        ({"size": -1}, "state.size"),
        ({"size": True}, "state.size"),
        ({"size": "1"}, "state.size"),
        ({"size": 0}, "state.root"),
        ({"root": "AAAA"}, "state.root"),
        ({"root": None}, "state.root"),
        ({"as_of": "today"}, "state.as_of"),
        ({"keys": []}, "state.keys"),
        ({"keys": {"size": 1}}, "state.member"),
        ({"keys": {"size": "1", "root": "AAAA"}}, "state.keys"),
        ({"keys": {"size": 1, "root": "AAAA"}}, "state.keys"),
        ({"keys": {"size": 0, "root": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}}, "state.keys"),
        ({"schemas": []}, "state.schemas"),
        ({"schemas": {SCHEMA: 1}}, "state.schemas"),
        ({"schemas": {SCHEMA: DIGEST}}, "state.schemas"),
        ({"schemas": {SCHEMA: SRI.replace("1U=", "1V=")}}, "state.schemas"),
        ({"schemas": {"": SRI}}, "state.schemas"),
        ({"status_lists": {LIST: SRI}}, "state.status_lists"),
        ({"status_lists": {LIST: DIGEST.upper()}}, "state.status_lists"),
        ({"status_lists": None}, "state.status_lists"),
    ],
)
def test_what_is_wrong_with_a_state_has_its_code(members: dict[str, object], code: str) -> None:
    assert code_of(read_state, changed_text(**members)) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "state.form"),
        ("vcx-state/1\n{}", "state.form"),
        ("vcx-state/1\n{}\n\n", "state.form"),
        ("vcx-state/1\n{}\nmore", "state.form"),
        ("vcx-state/2\n{}\n", "state.version"),
        ("vcx-state/1\n[]\n", "state.form"),
        ("vcx-state/1\n{}\n", "state.member"),
        ("vcx-state/1\n{ }\n", "json.not_canonical"),
        ("vcx-state/1\n\ud800\n", "json.encoding"),
        (f"vcx-state/1\n{'x' * 1_100_000}\n", "json.size"),
    ],
)
def test_what_is_no_state_is_refused(text: str, code: str) -> None:
    assert code_of(read_state, text) == code


def test_no_state_is_made_that_could_not_be_read() -> None:
    members = {
        "origin": ORIGIN,
        "size": 0,
        "root": EMPTY_ROOT,
        "as_of": AT + timedelta(milliseconds=900),
        "keys_size": 0,
        "keys_root": EMPTY_ROOT,
        "schemas": {},
        "status_lists": {},
    }
    state = State(**members)  # type: ignore[arg-type]
    assert state.as_of == AT
    assert read_state(state.text()) == state
    listed = {f"https://a.example/{n}": DIGEST for n in range(4096)}
    large = State(**members | {"size": 2**53 - 1, "root": ROOT, "status_lists": listed})  # type: ignore[arg-type]
    assert read_state(large.text()) == large
    for change, code in (
        ({"size": 2**53}, "state.size"),
        ({"keys_size": 1}, "state.keys"),
        ({"keys_size": -1, "keys_root": ROOT}, "state.keys"),
        ({"keys_root": b"short"}, "state.keys"),
        ({"keys_size": 1, "keys_root": b"short"}, "state.keys"),
        ({"as_of": AT.replace(tzinfo=None)}, "instant.naive"),
        ({"status_lists": {f"https://a.example/{n}": DIGEST for n in range(4097)}}, "state.status_lists"),
    ):
        assert code_of(State, **members | change) == code
