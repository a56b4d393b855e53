"""Each reason for which the log, key and signature of a bundle are refused: truly signed, one thing wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exchange.trust import Token, base64url, did_key_kid, strict_json
from exchange.trust.bundle import Bundle
from exchange.trust.log.key_events import KeyCompromise, KeyRetirement
from exchange.trust.log.merkle import EMPTY_ROOT
from exchange.trust.log.note import sign_note, signed_note, vkey_of
from tests.unit.trust.bundles import (
    AS_OF,
    BOUND,
    NOW,
    OLD_ORIGIN,
    ORIGIN,
    RECEIVED,
    SUPPLIER_DID,
    SUPPLIER_KID,
    WITNESSES,
    Case,
    Log,
    edit_json,
    with_log,
)
from tests.unit.trust.credentials import credential, good_header
from tests.unit.trust.wrong_bundles import (
    OTHER,
    SECOND,
    STRANGER,
    STRANGER_DID,
    Wrong,
    must_be_refused,
    other_state,
)


def _drop_last(path: str) -> Callable[[Bundle], Bundle]:
    """The bundle without the last item of a list in it."""

    def drop(document: Any) -> None:
        for part in path.split("/"):
            document = document[int(part) if part.isdigit() else part]
        document.pop()

    return edit_json(drop)


def _text_of(note: str) -> str:
    return note.rpartition("\n\n")[0] + "\n"


def _checkpoint(
    change: Callable[[str], str], name: str, key: Ed25519PrivateKey
) -> Callable[[Bundle], Bundle]:
    """The bundle with another checkpoint, signed under `name` by `key` alone."""

    def sign(bundle: Bundle) -> Bundle:
        text = change(_text_of(bundle.logs[-1].checkpoint))
        return with_log(bundle, checkpoint=signed_note(text, [sign_note(text, name, key)]))

    return sign


def _state_by_the_checkpoint_key(bundle: Bundle) -> Bundle:
    text = _text_of(bundle.state)
    return replace(bundle, state=signed_note(text, [sign_note(text, ORIGIN, Log(ORIGIN).key)]))


def _second_witness_signed_another_checkpoint(bundle: Bundle) -> Bundle:
    *lines, _ = bundle.logs[-1].checkpoint.splitlines()
    other = Log(ORIGIN).note(list(WITNESSES)[:2]).splitlines()[-1]
    return with_log(bundle, checkpoint="".join(f"{line}\n" for line in [*lines, other]))


def signed_by_stranger(kid: str = did_key_kid(STRANGER.public_key()), issuer: str = STRANGER_DID) -> Token:
    """A token of the plain form that a stranger signed, under whatever name."""
    payload = strict_json.dumps(credential(issuer=issuer))
    header = strict_json.dumps(good_header(typ="vc+jwt", kid=kid))
    body = f"{base64url.encode(header)}.{base64url.encode(payload)}"
    return Token(f"{body}.{base64url.encode(STRANGER.sign(body.encode()))}", {}, selective=False)


WRONG: dict[str, Wrong] = {
    "log the trust root does not know": (
        Case(bundle=lambda b: with_log(b, log_key=OTHER.vkey, state_key=OTHER.state_vkey)),
        ("trust", "trust.origin"),
    ),
    "known log under another key for checkpoints": (
        Case(bundle=lambda b: with_log(b, log_key=vkey_of(ORIGIN, STRANGER.public_key()))),
        ("trust", "trust.keys"),
    ),
    "known log under another key for states": (
        Case(bundle=lambda b: with_log(b, state_key=vkey_of(f"{ORIGIN}/state", STRANGER.public_key()))),
        ("trust", "trust.keys"),
    ),
    "checkpoint nobody of note signed": (
        Case(bundle=_checkpoint(lambda text: text, "someone.example", STRANGER)),
        ("checkpoint", "checkpoint.unsigned"),
    ),
    "checkpoint under the log's name by a stranger": (
        Case(bundle=_checkpoint(lambda text: text, ORIGIN, STRANGER)),
        ("checkpoint", "checkpoint.unsigned"),
    ),
    "checkpoint of another log by this log's key": (
        Case(bundle=_checkpoint(lambda text: text.replace(ORIGIN, OTHER.origin), ORIGIN, Log(ORIGIN).key)),
        ("checkpoint", "checkpoint.other_log"),
    ),
    "checkpoint signed over another text": (
        Case(bundle=lambda b: with_log(b, checkpoint=b.logs[-1].checkpoint.replace("\n9\n", "\n8\n"))),
        ("checkpoint", "note.signature"),
    ),
    "witness of the future": (
        Case(cosigned=NOW + timedelta(hours=1)),
        ("witnesses", "witnesses.future"),
    ),
    "state signed by the key for checkpoints": (
        Case(bundle=_state_by_the_checkpoint_key),
        ("key_state", "key_state.unsigned"),
    ),
    "key of somebody else": (
        Case(token=signed_by_stranger()),
        ("key", "kid.unknown"),
    ),
    "key of somebody else under the issuer's name": (
        Case(token=signed_by_stranger(kid=SUPPLIER_KID, issuer=SUPPLIER_DID)),
        ("signature", "signature.invalid"),
    ),
    "one witness of two": (Case(witnesses=tuple(WITNESSES)[:1]), ("witnesses", "witnesses.quorum")),
    "witness of another checkpoint": (
        Case(bundle=_second_witness_signed_another_checkpoint),
        ("witnesses", "cosignature.signature"),
    ),
    "state of another size": (
        Case(state=other_state(size=3)),
        ("key_state", "key_state.other_checkpoint"),
    ),
    "state of another log": (
        Case(state=other_state(origin=OLD_ORIGIN)),
        ("key_state", "key_state.other_checkpoint"),
    ),
    "state of the future": (
        Case(as_of=NOW + timedelta(hours=1)),
        ("key_state", "key_state.future"),
    ),
    "keys the state does not commit to": (
        Case(state=other_state(keys_root=bytes(32))),
        ("key_state", "proof.root"),
    ),
    "no keys at all": (
        Case(state=other_state(keys_size=0, keys_root=EMPTY_ROOT)),
        ("key_state", "proof.index"),
    ),
    "truncated key path": (Case(bundle=_drop_last("key/path")), ("key_state", "proof.length")),
    "record whose binding is not its own": (
        Case(bundle=edit_json(lambda d: d["key"]["record"].update(custody=True))),
        ("key_state", "key_record.binding"),
    ),
    "record with a later end taken away": (
        Case(
            ends=[KeyRetirement(SUPPLIER_KID, NOW)],
            bundle=edit_json(lambda d: d["key"]["record"].update(retired=None)),
        ),
        ("key_state", "proof.root"),
    ),
    "binding that was never logged": (
        Case(unlogged=frozenset({"key-binding"})),
        ("key_state", "key_state.not_logged"),
    ),
    "key compromised before": (
        Case(ends=[KeyCompromise(SUPPLIER_KID, NOW, RECEIVED)]),
        ("key_validity", "key_validity.compromised"),
    ),
    "key retired before": (
        Case(ends=[KeyRetirement(SUPPLIER_KID, RECEIVED)]),
        ("key_validity", "key_validity.retired"),
    ),
    "received before the key was bound": (
        Case(received=BOUND - SECOND),
        ("key_validity", "key_validity.not_yet"),
    ),
    "dataset the log does not have": (Case(unlogged=frozenset({"publish"})), ("log", "log.not_logged")),
    "logged as something else": (Case(event="revoke"), ("log", "log.not_logged")),
    "truncated inclusion path": (Case(bundle=_drop_last("logs/0/entries/1/path")), ("log", "proof.length")),
    "path to another root": (
        Case(bundle=edit_json(lambda d: d["logs"][0]["entries"][1]["path"].__setitem__(0, "A" * 43 + "="))),
        ("log", "proof.root"),
    ),
    "entry beyond the tree": (
        Case(bundle=edit_json(lambda d: d["logs"][0]["entries"][1].update(index=99))),
        ("log", "proof.index"),
    ),
    "received after the state": (
        Case(received=AS_OF + SECOND),
        ("log", "key_state.older"),
    ),
    "identity logged after the state": (
        Case(registered=AS_OF + SECOND),
        ("issuer_identity", "key_state.older"),
    ),
    "the older log as the last": (
        Case(epochs=2, bundle=lambda b: replace(b, logs=b.logs[::-1])),
        ("trust", "trust.order"),
    ),
    "received in the future": (Case(received=NOW + timedelta(hours=1)), ("log", "log.future")),
}


@pytest.mark.parametrize("name", WRONG)
def test_bundle_with_one_thing_wrong_is_refused_with_its_own_code(name: str) -> None:
    must_be_refused(WRONG[name])
