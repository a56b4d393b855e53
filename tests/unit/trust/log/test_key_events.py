"""Key events and key records: exact bytes, what events add up to, and strict reading."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust.did import did_key_kid
from exchange.trust.errors import TrustError
from exchange.trust.keys import public_jwk
from exchange.trust.log.key_events import (
    KeyBinding,
    KeyCompromise,
    KeyRetirement,
    digest_of,
    fold_key_events,
    key_binding,
    key_compromise,
    key_retirement,
    read_key_event,
    read_key_record,
)
from exchange.trust.log.merkle import leaf_hash
from tests.unit.trust.log.naive import mutations
from tests.unit.trust.log.signers import AT, private_key

KEY = private_key("supplier").public_key()
KID = did_key_kid(KEY)
JWK = public_jwk(KEY)
WEB_KID = "did:web:supplier.example#key-1"
LATER = AT + timedelta(days=1)
BINDING = key_binding(kid=KID, public_jwk=JWK, custody=False, at=AT)
DAY = timedelta(days=1)


def code_of(call: object, *arguments: object) -> str:
    with pytest.raises(TrustError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


def bound(kid: str = KID, *, custody: bool = False, at: datetime = AT) -> KeyBinding:
    return KeyBinding(kid, JWK, custody, at)


def test_the_bytes_of_the_three_events() -> None:
    assert (
        f'{{"at":"2026-11-21T20:00:00Z","custody":false,"event":"key-binding","kid":"{KID}",'
        f'"public_jwk":{{"crv":"Ed25519","kty":"OKP","x":"{JWK["x"]}"}},"v":"vcx-key-event/1"}}'
    ) == BINDING
    assert key_retirement(kid=WEB_KID, at=AT) == (
        f'{{"at":"2026-11-21T20:00:00Z","event":"key-retirement","kid":"{WEB_KID}","v":"vcx-key-event/1"}}'
    )
    assert key_compromise(kid=WEB_KID, at=LATER, since=AT) == (
        f'{{"at":"2026-11-22T20:00:00Z","event":"key-compromise","kid":"{WEB_KID}",'
        '"since":"2026-11-21T20:00:00Z","v":"vcx-key-event/1"}'
    )
    assert digest_of("abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_binding_is_floored_and_an_end_is_ceiled_to_the_second() -> None:
    middle = AT + timedelta(microseconds=1)
    assert key_binding(kid=KID, public_jwk=JWK, custody=False, at=middle) == BINDING
    next_second = AT + timedelta(seconds=1)
    assert read_key_event(key_retirement(kid=KID, at=middle)) == KeyRetirement(KID, next_second)
    compromise = read_key_event(key_compromise(kid=KID, at=middle, since=middle))
    assert compromise == KeyCompromise(KID, next_second, next_second)
    assert read_key_event(key_retirement(kid=KID, at=AT)) == KeyRetirement(KID, AT)
    for kid, at, code in ((KID, AT.replace(tzinfo=None), "instant.naive"), ("supplier", AT, "kid.malformed")):
        with pytest.raises(TrustError) as caught:
            key_retirement(kid=kid, at=at)
        assert caught.value.code == code


INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(INSTANTS, INSTANTS, st.booleans())
def test_an_event_is_read_back_as_the_text_it_came_from(at: datetime, since: datetime, custody: bool) -> None:
    text = key_binding(kid=WEB_KID, public_jwk=JWK, custody=custody, at=at)
    event = read_key_event(text)
    assert isinstance(event, KeyBinding)
    again = key_binding(kid=event.kid, public_jwk=event.public_jwk, custody=event.custody, at=event.at)
    assert again == text
    text = key_compromise(kid=KID, at=at, since=since)
    compromise = read_key_event(text)
    assert isinstance(compromise, KeyCompromise)
    assert key_compromise(kid=KID, at=compromise.at, since=compromise.since) == text


def test_every_changed_character_of_a_binding_is_refused_or_another_event() -> None:
    good = read_key_event(BINDING)
    for changed in mutations(BINDING):
        try:
            event = read_key_event(changed)
        except TrustError:
            continue
        assert isinstance(event, KeyBinding)
        assert event != good
        again = key_binding(kid=event.kid, public_jwk=event.public_jwk, custody=event.custody, at=event.at)
        assert again == changed


def changed_event(text: str, **members: object) -> str:
    value = {**json.loads(text), **members}
    return rfc8785.dumps({name: item for name, item in value.items() if item != "absent"}).decode()


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"v": "vcx-key-event/2"}, "key_event.version"),
        ({"v": "absent"}, "key_event.version"),
        ({"event": "key-deletion"}, "key_event.event"),
        ({"event": 1}, "key_event.event"),
        ({"event": "key-retirement"}, "key_event.member"),
        ({"more": True}, "key_event.member"),
        ({"custody": "absent"}, "key_event.member"),
        ({"custody": "false"}, "key_event.custody"),
        ({"custody": 0}, "key_event.custody"),
        ({"at": "2026-11-21T20:00:00.000Z"}, "key_event.at"),
        ({"at": 1}, "key_event.at"),
        ({"kid": 1}, "key_event.kid"),
        ({"kid": "supplier"}, "kid.malformed"),
        ({"kid": did_key_kid(private_key("other").public_key())}, "key_event.kid"),
        ({"public_jwk": "x"}, "key_event.public_jwk"),
        ({"public_jwk": {**JWK, "kid": "a"}}, "key_event.public_jwk"),
        ({"public_jwk": {**JWK, "d": JWK["x"]}}, "key.private"),
        ({"public_jwk": {**JWK, "x": "AAAA"}}, "key.malformed"),
        ({"public_jwk": {"kty": "RSA"}}, "key.type"),
    ],
)
def test_what_is_wrong_with_an_event_has_its_code(members: dict[str, object], code: str) -> None:
    assert code_of(read_key_event, changed_event(BINDING, **members)) == code


def test_another_spelling_a_list_and_a_huge_text_are_no_events() -> None:
    assert code_of(read_key_event, BINDING.replace('"at":', '"at": ')) == "json.not_canonical"
    assert code_of(read_key_event, "[]") == "key_event.form"
    assert code_of(read_key_event, BINDING + " " * 3000) == "json.size"
    assert code_of(read_key_event, "\ud800") == "json.encoding"
    since = changed_event(key_compromise(kid=KID, at=AT, since=AT), since="yesterday")
    assert code_of(read_key_event, since) == "key_event.since"


def test_events_add_up_to_records_in_order_of_binding() -> None:
    records = fold_key_events(
        [
            bound(custody=True),
            bound(WEB_KID, at=LATER),
            KeyRetirement(KID, LATER),
            KeyRetirement(KID, LATER + DAY),
            KeyCompromise(WEB_KID, LATER + DAY, since=LATER),
            KeyCompromise(WEB_KID, LATER + 2 * DAY, since=AT),
            KeyCompromise(WEB_KID, LATER + 3 * DAY, since=LATER),
            bound(custody=True),
        ]
    )
    assert [record.kid for record in records] == [KID, WEB_KID]
    custody, own = records
    assert (custody.custody, custody.bound, custody.retired, custody.compromised_since) == (
        True,
        AT,
        LATER,
        None,
    )
    # A compromise retires the key, and its instant only moves back.
    assert (own.bound, own.retired, own.compromised_since) == (LATER, LATER + DAY, AT)
    assert fold_key_events([]) == ()
    retired = fold_key_events([bound(), KeyRetirement(KID, LATER), KeyCompromise(KID, LATER + DAY, since=AT)])
    assert retired[0].retired == LATER


def test_an_end_without_a_binding_and_a_second_binding_are_refused() -> None:
    assert code_of(fold_key_events, [KeyRetirement(KID, AT)]) == "key_event.unbound"
    assert code_of(fold_key_events, [bound(WEB_KID), KeyCompromise(KID, AT, AT)]) == "key_event.unbound"
    assert code_of(fold_key_events, [bound(), bound(at=LATER)]) == "key_event.rebound"
    assert code_of(fold_key_events, [bound(), bound(custody=True)]) == "key_event.rebound"


def test_a_record_gives_the_digest_of_its_binding_again() -> None:
    (record,) = fold_key_events([bound(), KeyRetirement(KID, LATER)])
    assert record.binding == digest_of(BINDING)
    assert record.document().decode() == (
        f'{{"binding":"{digest_of(BINDING)}","bound":"2026-11-21T20:00:00Z","compromised_since":null,'
        f'"custody":false,"kid":"{KID}","public_jwk":{{"crv":"Ed25519","kty":"OKP","x":"{JWK["x"]}"}},'
        '"retired":"2026-11-22T20:00:00Z"}'
    )
    assert record.leaf() == leaf_hash(record.document())
    assert read_key_record(record.value()) == record
    resolved = record.resolved()
    assert (resolved.valid_from, resolved.retired_at, resolved.compromised_since) == (AT, LATER, None)
    assert public_jwk(resolved.public_key) == JWK


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"more": None}, "key_record.member"),
        ({"kid": 1}, "key_record.kid"),
        ({"kid": "supplier"}, "kid.malformed"),
        ({"kid": did_key_kid(private_key("other").public_key())}, "key_record.kid"),
        ({"kid": WEB_KID}, "key_record.binding"),
        ({"custody": True}, "key_record.binding"),
        ({"custody": None}, "key_record.custody"),
        ({"bound": "2026-11-21T20:00:01Z"}, "key_record.binding"),
        ({"bound": None}, "key_record.bound"),
        ({"retired": "never"}, "key_record.retired"),
        ({"compromised_since": 0}, "key_record.compromised_since"),
        ({"binding": "sha256:" + "0" * 64}, "key_record.binding"),
        ({"binding": None}, "key_record.binding"),
        ({"public_jwk": {**JWK, "use": "sig"}}, "key_record.public_jwk"),
        ({"public_jwk": public_jwk(private_key("other").public_key())}, "key_record.kid"),
    ],
)
def test_what_is_wrong_with_a_record_has_its_code(members: dict[str, object], code: str) -> None:
    (record,) = fold_key_events([bound()])
    assert code_of(read_key_record, {**record.value(), **members}) == code
    assert code_of(read_key_record, []) == "key_record.form"
