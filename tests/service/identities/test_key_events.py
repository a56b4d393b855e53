"""What happens to a key is logged as a document whose digest anybody who has it can make again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.domain.errors import InvalidError
from exchange.services import keys, publish
from exchange.services.context import Context
from exchange.services.key_proofs import make_proof
from exchange.services.key_rotation import end_key
from exchange.store.tables.accounts import SigningKeyRow
from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.log import LogEntryRow, LoggedDocumentRow, LogPendingRow
from exchange.trust import Policy, Verdict, verify
from exchange.trust.keys import public_jwk
from exchange.trust.log.entry import EVENTS
from exchange.trust.log.key_events import fold_key_events, read_key_event
from tests.datasets import OwnKey, own_key, product, product_subject, published, rows, signed
from tests.factories import PASSWORD, Party

MINUTE = timedelta(minutes=1)


@pytest.fixture
def key(firm: Party) -> OwnKey:
    """A key of the firm's own."""
    return own_key(firm)


def events(ctx: Context) -> list[str]:
    """The events noted for the log, each with its document's digest recomputed on the way."""
    documents = {row.digest: row for row in rows(ctx.store, LoggedDocumentRow)}
    for digest, row in documents.items():
        assert digest == f"sha256:{sha256(row.text.encode()).hexdigest()}"
    noted = [row for row in rows(ctx.store, LogPendingRow) if row.event.startswith("key-")]
    assert [documents[row.digest].event for row in noted] == [row.event for row in noted]
    return [row.event for row in noted]


def texts(ctx: Context) -> list[str]:
    """The documents in the order they were noted."""
    documents = {row.digest: row.text for row in rows(ctx.store, LoggedDocumentRow)}
    return [documents[row.digest] for row in rows(ctx.store, LogPendingRow) if row.event.startswith("key-")]


def test_binding_and_retiring_are_logged_as_the_documents_say(
    firm: Party, key: OwnKey, clock: SteppingClock
) -> None:
    assert events(firm.ctx) == ["key-binding"]
    x = public_jwk(key.private.public_key())["x"]
    assert texts(firm.ctx) == [
        f'{{"at":"2026-03-02T08:00:00Z","custody":false,"event":"key-binding","kid":"{key.kid}",'
        f'"public_jwk":{{"crv":"Ed25519","kty":"OKP","x":"{x}"}},"v":"vcx-key-event/1"}}'
    ]
    clock.move(MINUTE)
    end_key(firm.ctx, key.kid, PASSWORD)
    end_key(firm.ctx, key.kid, PASSWORD)
    assert events(firm.ctx) == ["key-binding", "key-retirement"]
    assert texts(firm.ctx)[1] == (
        f'{{"at":"2026-03-02T08:01:01Z","event":"key-retirement","kid":"{key.kid}","v":"vcx-key-event/1"}}'
    )


def test_a_compromise_is_logged_each_time_it_moves_back_and_only_then(
    firm: Party, key: OwnKey, clock: SteppingClock
) -> None:
    clock.move(10 * MINUTE)
    now = firm.ctx.now()
    for since in (now, now, now - MINUTE, now):
        end_key(firm.ctx, key.kid, PASSWORD, exposed_since=since)
    assert events(firm.ctx) == ["key-binding", "key-compromise", "key-compromise"]
    assert '"since":"2026-03-02T08:10:00Z"' in texts(firm.ctx)[1]
    assert '"since":"2026-03-02T08:09:00Z"' in texts(firm.ctx)[2]


def test_the_log_alone_gives_each_key_as_the_database_has_it(
    firm: Party, key: OwnKey, clock: SteppingClock
) -> None:
    other = own_key(firm)
    clock.move(MINUTE)
    end_key(firm.ctx, other.kid, PASSWORD)
    clock.move(MINUTE)
    end_key(firm.ctx, key.kid, PASSWORD, exposed_since=firm.ctx.now() - 30 * timedelta(seconds=1))
    records = {record.kid: record for record in fold_key_events(map(read_key_event, texts(firm.ctx)))}
    for row in rows(firm.ctx.store, SigningKeyRow):
        record = records[row.kid]
        assert record.public_jwk == row.public_jwk and record.custody == row.custody
        assert timedelta(0) <= row.bound_at - record.bound < timedelta(seconds=1)
        assert record.retired is not None and row.retired_at is not None
        assert timedelta(0) <= record.retired - row.retired_at < timedelta(seconds=1)
        assert record.compromised_since == row.compromised_since


# Which signatures count, as the log's own instants decide


def checked(firm: Party, token: str, received: datetime) -> Verdict:
    """The token verified with the key as it is bound here, taken in at an instant."""
    with firm.ctx.store.read() as session:
        return verify(
            token,
            resolve=lambda kid: keys.resolve(session, kid),
            now=firm.ctx.now(),
            policy=Policy(required=frozenset({"key_validity"})),
            received=received,
        )


def code(verdict: Verdict) -> str:
    """How the step on the key's validity ended."""
    return verdict.step("key_validity").code


def test_a_key_counts_from_its_binding_until_just_before_its_retirement(
    firm: Party, key: OwnKey, clock: SteppingClock
) -> None:
    token = signed(key, product_subject(firm, product(firm)), at=firm.ctx.now()).serialise()
    clock.move(MINUTE)
    retired = end_key(firm.ctx, key.kid, PASSWORD)
    assert retired.retired_at is not None
    tick = timedelta(microseconds=1)
    assert code(checked(firm, token, retired.bound_at - tick)) == "key_validity.not_yet"
    assert code(checked(firm, token, retired.bound_at)) == "ok"
    assert code(checked(firm, token, retired.retired_at - tick)) == "ok"
    assert code(checked(firm, token, retired.retired_at)) == "key_validity.retired"


@pytest.mark.parametrize("end", ["retire", "compromise"])
def test_what_was_signed_before_a_rotation_holds_and_a_forgery_after_it_does_not(
    firm: Party, key: OwnKey, clock: SteppingClock, end: str
) -> None:
    about = product(firm)
    published(firm, product_subject(firm, about), key)
    (old,) = rows(firm.ctx.store, DatasetRow)
    forged = signed(key, product_subject(firm, about, year=2024), at=firm.ctx.now()).serialise()
    clock.move(MINUTE)
    ends: dict[str, Callable[[], keys.SigningKey]] = {
        "retire": lambda: end_key(firm.ctx, key.kid, PASSWORD),
        "compromise": lambda: end_key(firm.ctx, key.kid, PASSWORD, exposed_since=firm.ctx.now()),
    }
    ends[end]()
    fresh = own_key(firm)
    clock.move(MINUTE)
    published(firm, product_subject(firm, about, year=2023), fresh)
    assert checked(firm, old.jwt + "~", old.received_at).ok
    assert code(checked(firm, forged, firm.ctx.now())) == "key_validity.retired"
    with pytest.raises(InvalidError) as refused:
        publish.publish_token(firm.ctx, forged)
    assert refused.value.error_code == "key_validity.retired"


def test_a_compromise_reaches_back_over_what_came_in_since(
    firm: Party, key: OwnKey, clock: SteppingClock
) -> None:
    about = product(firm)
    published(firm, product_subject(firm, about), key)
    clock.move(10 * MINUTE)
    published(firm, product_subject(firm, about, year=2024), key)
    before, stolen = sorted(rows(firm.ctx.store, DatasetRow), key=lambda row: row.received_at)
    end_key(firm.ctx, key.kid, PASSWORD, exposed_since=stolen.received_at - MINUTE)
    assert checked(firm, before.jwt + "~", before.received_at).ok
    assert code(checked(firm, stolen.jwt + "~", stolen.received_at)) == "key_validity.compromised"


def test_the_second_in_which_a_compromise_began_is_doubtful_as_a_whole(
    firm: Party, key: OwnKey, clock: SteppingClock
) -> None:
    clock.move(MINUTE + timedelta(milliseconds=500))
    published(firm, product_subject(firm, product(firm)), key)
    (row,) = rows(firm.ctx.store, DatasetRow)
    clock.move(MINUTE)
    end_key(firm.ctx, key.kid, PASSWORD, exposed_since=row.received_at + timedelta(milliseconds=10))
    # The log's entry says the whole second: both ways of asking must agree.
    assert code(checked(firm, row.jwt + "~", row.received_at)) == "key_validity.compromised"
    assert (
        code(checked(firm, row.jwt + "~", row.received_at.replace(microsecond=0)))
        == "key_validity.compromised"
    )


def test_a_proof_names_the_key_it_is_for(firm: Party, key: OwnKey) -> None:
    other = make_proof(
        key.private,
        audience=firm.ctx.settings.public_url,
        organisation_id=firm.id,
        now=firm.ctx.now(),
        kid="did:web:firm.example#key-1",
    )
    with pytest.raises(InvalidError) as refused:
        keys.register_key(firm.ctx, public_jwk(key.private.public_key()), other)
    assert refused.value.error_code == "key.proof"


def test_every_event_of_the_log_fits_its_columns() -> None:
    for table in (LogPendingRow, LogEntryRow, LoggedDocumentRow):
        column = table.metadata.tables[str(table.__tablename__)].c.event
        assert column.type.length >= max(map(len, EVENTS))
