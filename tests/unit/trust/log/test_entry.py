"""Log entries: the fixed template is canonical JSON, and nothing but it is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from exchange.trust.errors import TrustError
from exchange.trust.log.entry import EVENTS, LogEntry, read_entry
from exchange.trust.log.merkle import leaf_hash
from tests.unit.trust.log.naive import mutations

DIGEST = "sha256:aad7102abc5d2a6e592dffcbe182b6cfaa1a869d566aece088f7eb900f202e4c"
AT = datetime(2026, 11, 21, 20, 0, 1, tzinfo=UTC)
BODY = (
    '{"digest":"sha256:aad7102abc5d2a6e592dffcbe182b6cfaa1a869d566aece088f7eb900f202e4c","event":"publish",'
    '"received":"2026-11-21T20:00:01Z","v":"vcx-log-entry/1"}'
)
ENTRIES = st.builds(
    LogEntry,
    st.sampled_from(EVENTS),
    st.binary(min_size=32, max_size=32).map(lambda data: f"sha256:{data.hex()}"),
    st.datetimes(timezones=st.just(UTC)),
)


def test_the_bytes_of_an_entry_and_their_leaf_hash() -> None:
    assert LogEntry("publish", DIGEST, AT).body() == BODY.encode()
    expected = "42e0747390b045c6eca1f7de01d971c3010832d60d88a13faf232cdff1b26225"
    assert leaf_hash(BODY.encode()).hex() == expected


@given(ENTRIES)
def test_an_entry_is_canonical_json_and_read_back_as_itself(entry: LogEntry) -> None:
    received = entry.received.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    members = {"v": "vcx-log-entry/1", "event": entry.event, "digest": entry.digest, "received": received}
    assert entry.body() == rfc8785.dumps(members)
    assert read_entry(entry.body()) == entry


def test_the_instant_is_kept_to_the_second_below_in_utc() -> None:
    late = AT + timedelta(microseconds=999_999)
    assert LogEntry("publish", DIGEST, late).received == AT
    elsewhere = late.astimezone(timezone(timedelta(hours=2)))
    assert LogEntry("publish", DIGEST, elsewhere).body() == BODY.encode()


def test_every_changed_character_is_refused_or_another_entry() -> None:
    good = read_entry(BODY.encode())
    refused = 0
    for changed in mutations(BODY):
        try:
            entry = read_entry(changed.encode())
        except TrustError as error:
            assert error.code.startswith("entry.")
            refused += 1
        else:
            assert entry.body() == changed.encode()
            assert entry != good
    assert refused > 1000


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("publish", "publish" + "h" * 200, "entry.size"),
        ('"v":', '"v": ', "entry.form"),
        ('{"digest"', '{"event"', "entry.form"),
        ("}", "}\n", "entry.form"),
        ("publish", "p\\u0075blish", "entry.form"),
        ("publish", "públish", "entry.event"),
        ("entry/1", "entry/2", "entry.version"),
        ("publish", "delete", "entry.event"),
        ("sha256:a", "sha256:A", "entry.digest"),
        ("sha256:a", "sha512:a", "entry.digest"),
        ("4c\"", "4\"", "entry.digest"),
        ("20:00:01Z", "20:00:60Z", "entry.received"),
        ("20:00:01Z", "20:00:01.5Z", "entry.received"),
        ("20:00:01Z", "20:00:01+00:00", "entry.received"),
        ("2026-11-21", "2026-02-30", "entry.received"),
        ("2026-11-21T20", "2026-11-21T24", "entry.received"),
        ("2026-11-21T", "2026-11-21 ", "entry.received"),
        ("2026", "2٠26", "entry.received"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_entry_has_its_code(old: str, new: str, code: str) -> None:
    with pytest.raises(TrustError) as caught:
        read_entry(BODY.replace(old, new, 1).encode())
    assert caught.value.code == code


def test_an_entry_without_a_time_zone_or_with_bytes_that_are_no_text_is_refused() -> None:
    with pytest.raises(TrustError) as caught:
        LogEntry("publish", DIGEST, AT.replace(tzinfo=None))
    assert caught.value.code == "instant.naive"
    for size, code in ((256, "entry.form"), (257, "entry.size")):
        with pytest.raises(TrustError) as caught:
            read_entry(b"x" * size)
        assert caught.value.code == code
    for data in (b"", b"\xff" * 100, BODY.encode().replace(b"publish", b"pub\xffish")):
        with pytest.raises(TrustError):
            read_entry(data)
